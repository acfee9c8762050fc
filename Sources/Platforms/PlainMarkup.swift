import Crew
import Foundation

/// How one kind of markup writes the tree; what somebody wrote goes through `escape`, always.
struct MarkupStyle: Sendable {
  var escape: @Sendable (String) -> String
  /// Of what is written already, without a block in it.
  var strong: @Sendable (String) -> String = { $0 }
  var command: @Sendable (String) -> String
  var table: @Sendable (String) -> String
  var lineBreak = "\n"
  /// How somebody is pinged; nil for a place that nobody can answer in, where nobody is, and for
  /// whoever cannot be.
  var person: (@Sendable ([Identity]) -> String?)?

  func text(_ markup: Markup) -> String { markup.nodes.map(text).joined() }

  private func text(_ node: Markup.Node) -> String {
    switch node {
    case .text(let words), .moment(let words, _, _): lines(words)
    case .strong(let inner):
      inner.boldRuns.map { $0.table == nil ? strong(text($0)) : text($0) }.joined()
    case .command(let words): command(Printable.line(words))
    case .table(let words): table(Printable.text(words))
    case .person(let name, let identities, let pings):
      (pings ? person?(identities) : nil) ?? lines(name)
    case .lineBreak: lineBreak
    }
  }

  private func lines(_ words: String) -> String {
    Printable.lines(Printable.text(words)).map { $0.isEmpty ? "" : escape($0) }
      .joined(separator: lineBreak)
  }

  /// Marks around the words of each line, since none reaches over its end and none counts beside
  /// white space.
  static func eachLine(_ mark: String) -> @Sendable (String) -> String {
    { text in
      Printable.lines(text).map { line in
        let head = line.prefix { $0.isWhitespace }
        let tail = line.dropFirst(head.count)
        guard let end = tail.lastIndex(where: { !$0.isWhitespace }), !tail.allSatisfy(\.isBlank)
        else { return line }
        return head + mark + tail[...end] + mark + tail[tail.index(after: end)...]
      }.joined(separator: "\n")
    }
  }

  /// Nothing but words.
  static let plain = MarkupStyle(escape: { $0 }, command: { $0 }, table: { $0 })
}

extension Markup {
  /// Whom of an account this pings: their ids, each once.
  func pinged(in account: String) -> [String] {
    var ids: [String] = []
    for node in nodes {
      switch node {
      case .person(_, let identities, true):
        let id = identities.sorted().first { $0.account == account }?.user
        if let id, !ids.contains(id) { ids.append(id) }
      case .strong(let inner): ids += inner.pinged(in: account).filter { !ids.contains($0) }
      default: break
      }
    }
    return ids
  }
}

extension Character {
  /// Nothing that marks could go around.
  fileprivate var isBlank: Bool {
    unicodeScalars.allSatisfy { $0.properties.isWhitespace || $0 == "\u{200B}" }
  }
}

/// A set of ASCII signs as 128 bits, because a list of them would be made anew for each line of a
/// text.
struct Signs: ExpressibleByStringLiteral {
  private var bits: UInt128 = 0

  init(stringLiteral signs: String) {
    assert(signs.utf8.allSatisfy { $0 < 128 }, "only ASCII: \(signs)")
    for sign in signs.utf8 { bits |= 1 << sign }
  }

  func contains(_ byte: UInt8) -> Bool { byte < 128 && bits >> byte & 1 == 1 }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && contains(UInt8(truncatingIfNeeded: scalar.value))
  }
}

extension StringProtocol {
  /// Most texts hold none of what they are looked through for, so a look is to be quick.
  func holds(_ byte: UInt8) -> Bool {
    utf8.withContiguousStorageIfAvailable { bytes in
      guard let start = bytes.baseAddress else { return false }
      return memchr(start, CInt(byte), bytes.count) != nil
    } ?? utf8.contains(byte)
  }
}

/// Text without what has no place in one.
enum Printable {
  /// Without control characters other than the line feed (NUL, carriage return, escape …).
  static func text(_ words: String) -> String {
    // Hardly any text has one: those above ASCII begin with C2.
    guard words.utf8.contains(where: { $0 < 0x20 && $0 != 0x0A || $0 == 0x7F || $0 == 0xC2 })
    else { return words }
    // Bytes, because thousands of scalars are slow. In UTF-8 a sign of ASCII stands for nothing
    // else, and neither does C2 with what follows it.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.utf8.count)
    for byte in Array(words.utf8) {
      if bytes.last == 0xC2, (0x80...0x9F).contains(byte) {
        bytes.removeLast()
      } else if byte >= 0x20 && byte != 0x7F || byte == 0x0A {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// With a line feed for each end of a line, be it of Windows or of old.
  static func lineFeeds(_ words: String) -> String {
    guard words.holds(UInt8(ascii: "\r")) else { return words }
    // Scalars, not characters: what is left of `\r\r\n` would be one of them again.
    var text = String.UnicodeScalarView()
    var isAfterReturn = false
    for scalar in words.unicodeScalars {
      if scalar != "\n" || !isAfterReturn { text.append(scalar == "\r" ? "\n" : scalar) }
      isAfterReturn = scalar == "\r"
    }
    return String(text)
  }

  /// The lines of what has no other ends of lines.
  static func lines(_ words: String) -> [String] {
    // Bytes, because a string's own places are slow.
    Array(words.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// Without NUL, which PostgreSQL's text does not take.
  static func withoutNUL(_ words: some StringProtocol) -> String {
    // Hardly any text has one.
    guard words.holds(0) else { return String(words) }
    return String(String.UnicodeScalarView(words.unicodeScalars.filter { $0 != "\0" }))
  }

  /// In one line.
  static func line(_ words: String) -> String {
    // Of the ends of lines these are left; they are characters of their own wherever they stand.
    text(words).unicodeScalars.split { "\n\u{2028}\u{2029}".unicodeScalars.contains($0) }
      .map { String($0) }.joined(separator: " ")
  }

  /// What begins a mention or a link on more than one platform. Made once, because a text may have
  /// thousands of lines, and each is escaped for itself.
  static let atOrAngle: Signs = "<@"

  /// With a zero-width space behind every such character, so that it is shown and means nothing:
  /// for markup that has no way to escape.
  static func inert(_ words: String, behind signs: Signs) -> String {
    let words = withoutZeroWidthSpace(words)
    guard words.utf8.contains(where: { signs.contains($0) }) else { return words }
    // The bytes of a sign of ASCII stand for nothing else in UTF-8.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.utf8.count * 2)
    for byte in Array(words.utf8) {
      bytes.append(byte)
      if signs.contains(byte) { bytes += zeroWidthSpace }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let zeroWidthSpace = Array("\u{200B}".utf8)

  private static func withoutZeroWidthSpace(_ words: String) -> String {
    // Hardly any text has one.
    guard words.holds(zeroWidthSpace[0]) else { return words }
    return String(
      String.UnicodeScalarView(words.unicodeScalars.filter { $0 != "\u{200B}" }))
  }

  /// Bold in Markdown that knows no other way to say where bold begins and ends. The marks stand
  /// in one line, and between them and the words a space of no width: beside white space or a sign
  /// they would mark nothing, beside a star something else.
  /// - Parameters:
  ///   - words: escaped already.
  ///   - text: what they are put behind.
  static func starred(_ words: String, behind text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.utf8.count * 2)
    var last = text.utf8.last
    let lines = Array(words.utf8).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      if number > 0 { bytes.append(UInt8(ascii: "\n")) }
      if isBlank(line) {
        bytes += line
      } else {
        if last == UInt8(ascii: "*") { bytes += zeroWidthSpace }
        bytes += starsBefore
        bytes += line
        bytes += starsBehind
      }
      last = bytes.last ?? last
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let starsBefore = Array("**\u{200B}".utf8)
  private static let starsBehind = Array("\u{200B}**".utf8)

  private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
    // Hardly any line has none of these.
    if line.contains(where: { (0x21...0x7E).contains($0) }) { return false }
    return String(decoding: line, as: UTF8.self).unicodeScalars.allSatisfy {
      $0.properties.isWhitespace || $0 == "\u{200B}"
    }
  }

  /// With something else for each of these signs. Scalars, not characters: a sign with a combining
  /// accent behind it is another character, and still the sign to whoever parses it.
  static func replacing(
    _ words: String, _ signs: Signs, with other: (Unicode.Scalar) -> String
  ) -> String {
    replacing(words, { signs.contains($0) }, with: other)
  }

  private static func replacing(
    _ words: String, _ isMeant: (Unicode.Scalar) -> Bool, with other: (Unicode.Scalar) -> String
  ) -> String {
    // Most words hold none.
    guard words.unicodeScalars.contains(where: isMeant) else { return words }
    var text = String.UnicodeScalarView()
    for scalar in words.unicodeScalars {
      if isMeant(scalar) {
        text.append(contentsOf: other(scalar).unicodeScalars)
      } else {
        text.append(scalar)
      }
    }
    return String(text)
  }

  /// The first line of a text, at most so many characters: the subject of a mail, the title of a
  /// card.
  static func title(_ text: String, charactersMax: Int) -> String {
    // One more than fits tells that it does not; a look at every character of a long text is slow.
    let first = text.drop(while: \.isNewline).prefix(charactersMax + 1).prefix { !$0.isNewline }
    guard !first.isEmpty else { return "Crewbell" }
    return first.count <= charactersMax ? String(first) : first.prefix(charactersMax - 1) + "…"
  }
}

extension Abilities {
  /// What is sent of a tree: at most `limit` of it, or `lengthMax`, counted as it is written.
  func fitting(_ markup: Markup, to limit: Int? = nil, _ write: (Markup) -> String) -> String {
    markup.written(to: limit ?? lengthMax, as: write, by: length(of:))
  }
}
