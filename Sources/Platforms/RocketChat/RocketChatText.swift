import Crew

/// A tree of ours as Rocket.Chat's Markdown (`packages/message-parser`). What people wrote cannot
/// format, link or ping: `*`, `_`, `~` and the backtick get a backslash, which is read only before
/// them, and whatever else means something is broken by a space of no width, U+200B.
struct RocketChatText: Equatable {
  var text: String { String(decoding: bytes, as: UTF8.self) }
  /// Byte by byte, because to look back in a string at each of thousands of signs is slow: whatever
  /// means something is ASCII.
  private var bytes: [UInt8] = []
  /// Where the last address ends that somebody wrote.
  private var addressEnd = 0
  private let account: String
  /// User id → name, for those who are pinged.
  private let names: [String: String]
  private let prefix: String

  /// - Parameter names: of those who are to be pinged, as the server told them.
  init(_ markup: Markup, account: String, names: [String: String] = [:], prefix: String = "!") {
    self.account = account
    self.names = names
    self.prefix = prefix
    for node in markup.nodes { append(node) }
    while bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
  }

  private static let fence = "```"
  private static let nothing = "\u{200B}"

  private mutating func add(_ written: String) { bytes += written.utf8 }

  private var isAtLineStart: Bool { bytes.last.map { $0 == UInt8(ascii: "\n") } ?? true }

  private var isAfterSpace: Bool { isAtLineStart || bytes.last == UInt8(ascii: " ") }

  private mutating func append(_ node: Markup.Node) {
    switch node {
    case .text(let words), .moment(let words, _, _): append(words: words)
    case .strong(let inner):
      for node in inner.boldRuns.flatMap(\.nodes) {
        // A backslash is none within bold, so words that hold a mark stand as they are.
        if let words = words(of: node), !words.unicodeScalars.contains(where: Self.isMark) {
          append(bold: words)
        } else {
          append(node)
        }
      }
    case .command(let command): append(command: command)
    case .person(let name, _, _):
      guard let username = username(of: node) else { return append(words: name) }
      // Only behind white space is it looked for.
      if !isAfterSpace { add(" ") }
      add("@" + username + Self.nothing)
    case .table(let table): append(table: table)
    // A table ends its own line.
    case .lineBreak: if !bytes.suffix(5).elementsEqual("\n\(Self.fence)\n".utf8) { add("\n") }
    }
  }

  /// What somebody wrote; nil for what is ours.
  private func words(of node: Markup.Node) -> String? {
    switch node {
    case .text(let words), .moment(let words, _, _): words
    case .person(let name, _, _): username(of: node) == nil ? name : nil
    case .strong, .command, .table, .lineBreak: nil
    }
  }

  /// By which a person is pinged; nil where nobody is.
  private func username(of node: Markup.Node) -> String? {
    guard case .person(_, let identities, true) = node,
      let id = identities.sorted().first(where: { $0.account == account })?.user,
      let username = names[id], Self.isName(username)
    else { return nil }
    return username
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    ["*", "_", "~", "`"].contains(scalar)
  }

  /// As the server's own pattern of names (`UTF8_User_Names_Validation`), unless it was changed.
  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasSuffix("__") && RocketChat.isID(name)
  }

  // MARK: - Marks of ours

  /// All up to the next white space would belong to an address.
  private mutating func leaveAddress() { if isAfterAddress { add(" ") } }

  private var isAfterAddress: Bool { addressEnd > 0 && bytes.count == addressEnd }

  /// The marks stand in one line, and between them and the words a space of no width: before white
  /// space a star would begin a list.
  private mutating func append(bold words: String) {
    let lines = Printable.lines(Printable.lineFeeds(words))
    for (number, line) in lines.enumerated() {
      if number > 0 { add("\n") }
      guard !line.unicodeScalars.allSatisfy(\.properties.isWhitespace) else {
        add(line)
        continue
      }
      if bytes.last == UInt8(ascii: "*") { add(Self.nothing) }
      leaveAddress()
      add("*" + Self.nothing)
      append(words: line)
      add(Self.nothing + "*")
    }
  }

  /// Code in one line; there is no way to write a backtick in it. A link's text may begin before it
  /// and reach into it, as into a table, so no `](` may stand there.
  private mutating func append(command: String) {
    if bytes.last == UInt8(ascii: "`") { add(Self.nothing) }
    leaveAddress()
    add("`")
    for scalar in (prefix + command).unicodeScalars where scalar != "\0" {
      switch scalar {
      case "`": add("ˋ")
      // The server looks for mentions in code too.
      case "@", "]": add(String(scalar) + Self.nothing)
      default: add(scalar.properties.isWhitespace ? " " : String(scalar))
      }
    }
    add("`")
  }

  private mutating func append(table: String) {
    if !isAtLineStart { add("\n") }
    let lines = Printable.lineFeeds(table)
    let inside = Printable.replacing(lines, "`@]\0") {
      $0 == "\0" ? "" : $0 == "`" ? "ˋ" : String($0) + Self.nothing
    }
    // An empty block is none.
    add(Self.fence + "\n" + Self.nothing + inside + "\n" + Self.fence + "\n")
  }

  // MARK: - Words of people

  private mutating func append(words: String) {
    let words = Printable.withoutNUL(Printable.lineFeeds(words))
    let signs = Array(words.utf8)
    var place = 0
    while place < signs.count {
      if isAfterAddress, !Self.isSpace(words, at: place) { leaveAddress() }
      if signs[place] == UInt8(ascii: "h"),
        let address = BareAddress.prefix(of: signs[place...], also: "&+#")
      {
        bytes += BareAddress.written(address)
        addressEnd = bytes.count
        place += address.count
      } else {
        let next = place + 1 < signs.count ? signs[place + 1] : nil
        append(signs[place], before: next)
        place += 1
      }
    }
  }

  private static func isSpace(_ words: String, at place: Int) -> Bool {
    let start = words.utf8.index(words.startIndex, offsetBy: place)
    return words.unicodeScalars[start].properties.isWhitespace
  }

  private static let beginnings: Signs = "#>-+*|0123456789"
  private static let escaped: Signs = "*_~`"
  /// Between two colons stands the name of a picture.
  private static let broken: Signs = "\\@#<>]|;=+:"
  private static let eyes: Signs = "8BX%-"
  private static let glasses: Signs = "8BX"

  private mutating func append(_ sign: UInt8, before next: UInt8?) {
    // A line that begins like a heading, a list, a quotation or a spoiler.
    if Self.beginnings.contains(sign), isAtLineStart { add(Self.nothing) }
    let last = bytes.last ?? 0
    switch sign {
    case _ where Self.escaped.contains(sign): add("\\")
    case UInt8(ascii: "@"): add(Self.nothing)
    // So that what stands before it is no address with a title behind.
    case UInt8(ascii: "|") where !isAfterSpace: add(" ")
    // What is left of the emoticons, once their other signs are broken: `8)`, `D:`.
    case UInt8(ascii: ")") where Self.eyes.contains(last): add(Self.nothing)
    case UInt8(ascii: ":") where last == UInt8(ascii: "D"): add(Self.nothing)
    default: break
    }
    bytes.append(sign)
    switch sign {
    case _ where Self.broken.contains(sign): add(Self.nothing)
    case UInt8(ascii: "(") where next == UInt8(ascii: "y"): add(Self.nothing)
    case UInt8(ascii: "-") where Self.glasses.contains(last): add(Self.nothing)
    default: break
    }
  }
}
