import Crew

/// How a stretch of a post looks to whoever reads it.
public struct Style: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let strong = Style(rawValue: 1)
  /// Set as code, or otherwise made to be typed or tapped (a command in Telegram).
  public static let code = Style(rawValue: 2)
  public static let block = Style(rawValue: 4)
}

/// A stretch of one look. `person` is the platform's id of somebody whom it names as a mention.
public struct Run: Hashable, Sendable {
  public var text: String
  public var style: Style
  public var person: String?
  /// The moment that its words tell.
  public var moment: Instant?

  public init(
    _ text: String, _ style: Style = [], person: String? = nil, moment: Instant? = nil
  ) {
    self.text = text
    self.style = style
    self.person = person
    self.moment = moment
  }
}

/// What a client makes of a request of ours: a reader of its own, that knows the platform's rules
/// and nothing of our encoder.
public struct Seen: Equatable, Sendable {
  public var runs: [Run]
  /// Whose phones ring.
  public var pings: Set<String>
  /// It ends in an ellipsis, so something may have been left out.
  public var mayBeCut: Bool { runs.last?.text.unicodeScalars.last == "…" }

  public init(runs: [Run], pings: Set<String>) {
    self.runs = runs
    self.pings = pings
  }

  /// What ought to be seen of a tree: its text as text, its marks as marks, its pings as pings.
  /// - Parameter prefix: what stands before a command there.
  public init(of markup: Markup, account: String, prefix: String) {
    var runs: [Run] = []
    var pings: Set<String> = []
    Self.collect(markup, [], account, prefix, &runs, &pings)
    self.init(runs: runs, pings: pings)
  }

  private static func collect(
    _ markup: Markup, _ style: Style, _ account: String, _ prefix: String, _ runs: inout [Run],
    _ pings: inout Set<String>
  ) {
    for node in markup.nodes {
      switch node {
      case .text(let text): runs.append(Run(text, style))
      case .moment(let text, let moment, _): runs.append(Run(text, style, moment: moment))
      case .lineBreak: runs.append(Run("\n", style))
      case .table(let text): runs.append(Run(text, style.union(.block)))
      case .command(let command): runs.append(Run(prefix + command, style.union(.code)))
      case .strong(let inner):
        collect(inner, style.union(.strong), account, prefix, &runs, &pings)
      case .person(let name, let identities, let doesPing):
        let here = doesPing ? identities.sorted().first { $0.account == account } : nil
        runs.append(Run(name, style, person: here?.user))
        if let here { pings.insert(here.user) }
      }
    }
  }

  /// Neighbours of one look together, without white space (HTML folds it) and without what no eye
  /// sees: an encoder may put a zero-width space where it stops a ping. An address is the same with
  /// some of its signs in percent form (RFC 3986, 2.3).
  public var normal: [Run] {
    var normal: [Run] = []
    for run in runs {
      var text = String.UnicodeScalarView()
      for scalar in run.text.unicodeScalars where !Self.isUnseen(scalar) { text.append(scalar) }
      guard !text.isEmpty else { continue }
      if let last = normal.last, last.style == run.style, last.person == run.person {
        normal[normal.count - 1].text.unicodeScalars.append(contentsOf: text)
      } else {
        normal.append(Run(String(text), run.style, person: run.person))
      }
    }
    for place in normal.indices where normal[place].text.utf8.contains(UInt8(ascii: "%")) {
      let text = normal[place].text
      normal[place].text = text.replacing("%5F", with: "_").replacing("%7E", with: "~")
    }
    return normal
  }

  private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case ...0x20, 0x7F...0xA0, 0x2000...0x200B, 0x2028...0x202F, 0x2066...0x2069, 0xFEFF: true
    case 0x1680, 0x205F, 0x3000: true
    // Lines over and under a letter, which Telegram's server drops.
    case 0x30A, 0x333, 0x33F: true
    default: false
    }
  }

  /// What is wrong with `self` where `wanted` was to be seen; nil if nothing is.
  /// - Parameter mayCut: `wanted` is long enough to be cut.
  func harm(wanted: Seen, mayCut: Bool) -> String? {
    let (mine, whole) = (normal, wanted.normal)
    guard pings.isSubset(of: wanted.pings) else {
      return "rings for \(pings.sorted()) instead of \(wanted.pings.sorted())"
    }
    // Some platform takes no empty message.
    if whole.isEmpty, mine.map(\.text) == ["…"] { return nil }
    if mine == whole {
      let visible = Set(whole.compactMap(\.person))
      return visible.isSubset(of: pings) ? nil : "does not ring for \(visible.sorted())"
    }
    guard mayCut, mayBeCut else { return Self.difference(mine, whole) }
    return Self.isHead(uncut, of: whole) ? nil : Self.difference(mine, whole)
  }

  /// Without the ellipsis at the end.
  var uncut: [Run] {
    var runs = normal
    guard mayBeCut, let last = runs.popLast() else { return runs }
    let text = String(last.text.unicodeScalars.dropLast())
    return text.isEmpty ? runs : runs + [Run(text, last.style, person: last.person)]
  }

  private static func isHead(_ mine: [Run], of whole: [Run]) -> Bool {
    guard let last = mine.last else { return true }
    guard mine.count <= whole.count, mine.dropLast() == whole[..<(mine.count - 1)] else {
      return false
    }
    let same = whole[mine.count - 1]
    return same.style == last.style && same.person == last.person
      && same.text.unicodeScalars.starts(with: last.text.unicodeScalars)
  }

  private static func difference(_ mine: [Run], _ whole: [Run]) -> String {
    for (seen, wanted) in zip(mine, whole) where seen != wanted {
      return "shows \(seen) instead of \(wanted)"
    }
    return "shows \(mine.count) runs instead of \(whole.count)"
  }
}

/// What a reader found that must not be there.
public struct Harm: Error, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
