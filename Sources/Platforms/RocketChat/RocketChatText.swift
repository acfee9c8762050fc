import Crew

/// A tree of ours as Rocket.Chat's Markdown (`packages/message-parser`). What people wrote cannot
/// format, link or ping: `*`, `_`, `~` and the backtick get a backslash, which is read only before
/// them, and whatever else means something is broken by a space of no width, U+200B.
struct RocketChatText: Equatable {
  private(set) var text = ""
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
    while text.last == "\n" { text.removeLast() }
  }

  private static let fence = "```"
  private static let nothing = "\u{200B}"

  private var isAtLineStart: Bool {
    text.utf8.last.map { $0 == UInt8(ascii: "\n") } ?? true
  }

  private var isAfterSpace: Bool {
    text.unicodeScalars.last.map { $0 == " " || $0 == "\n" } ?? true
  }

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
      if !isAfterSpace { text += " " }
      text += "@" + username + Self.nothing
    case .table(let table): append(table: table)
    // A table ends its own line.
    case .lineBreak: if !text.hasSuffix("\n" + Self.fence + "\n") { text += "\n" }
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
  private mutating func leaveAddress() {
    if addressEnd > 0, text.utf8.count == addressEnd { text += " " }
  }

  /// The marks stand in one line, and between them and the words a space of no width: before white
  /// space a star would begin a list.
  private mutating func append(bold words: String) {
    let lines = Printable.lines(Printable.lineFeeds(words))
    for (number, line) in lines.enumerated() {
      if number > 0 { text += "\n" }
      guard !line.unicodeScalars.allSatisfy(\.properties.isWhitespace) else {
        text += line
        continue
      }
      if text.hasSuffix("*") { text += Self.nothing }
      leaveAddress()
      text += "*" + Self.nothing
      append(words: String(line))
      text += Self.nothing + "*"
    }
  }

  /// Code in one line; there is no way to write a backtick in it. A link's text may begin before it
  /// and reach into it, as into a table, so no `](` may stand there.
  private mutating func append(command: String) {
    if text.hasSuffix("`") { text += Self.nothing }
    leaveAddress()
    text += "`"
    for scalar in (prefix + command).unicodeScalars where scalar != "\0" {
      switch scalar {
      case "`": text += "ˋ"
      // The server looks for mentions in code too.
      case "@", "]": text += String(scalar) + Self.nothing
      default: text.unicodeScalars.append(scalar.properties.isWhitespace ? " " : scalar)
      }
    }
    text += "`"
  }

  private mutating func append(table: String) {
    if !isAtLineStart { text += "\n" }
    let lines = Printable.lineFeeds(table)
    let inside = Printable.replacing(lines, "`@]\0") {
      $0 == "\0" ? "" : $0 == "`" ? "ˋ" : String($0) + Self.nothing
    }
    // An empty block is none.
    text += Self.fence + "\n" + Self.nothing + inside + "\n" + Self.fence + "\n"
  }

  // MARK: - Words of people

  private mutating func append(words: String) {
    let lines = Printable.withoutNUL(Printable.lineFeeds(words))
    var rest = lines.unicodeScalars[...]
    while let first = rest.first {
      if addressEnd > 0, !first.properties.isWhitespace { leaveAddress() }
      if first == "h", let address = BareAddress.prefix(of: rest, also: "&+#") {
        text += BareAddress.text(address)
        addressEnd = text.utf8.count
        rest = rest[address.endIndex...]
      } else {
        rest = rest.dropFirst()
        append(first, before: rest.first)
      }
    }
  }

  private static let beginnings: Signs = "#>-+*|0123456789"
  private static let lookingBack: Signs = ":-)"
  private static let eyes: Signs = "8BX%-"
  private static let glasses: Signs = "8BX"

  private mutating func append(_ scalar: Unicode.Scalar, before next: Unicode.Scalar?) {
    // A line that begins like a heading, a list, a quotation or a spoiler.
    if Self.beginnings.contains(scalar), isAtLineStart { text += Self.nothing }
    // To look back at each scalar is slow.
    let last = Self.lookingBack.contains(scalar) ? text.unicodeScalars.last : nil
    switch scalar {
    case "*", "_", "~", "`": text += "\\"
    case "@": text += Self.nothing
    // So that what stands before it is no address with a title behind.
    case "|" where !isAfterSpace: text += " "
    // What is left of the emoticons, once their other signs are broken: `8)`, `D:`.
    case ")" where last.map { Self.eyes.contains($0) } ?? false: text += Self.nothing
    case ":" where last == "D": text += Self.nothing
    default: break
    }
    text.unicodeScalars.append(scalar)
    switch scalar {
    // Between two colons stands the name of a picture.
    case "\\", "@", "#", "<", ">", "]", "|", ";", "=", "+", ":": text += Self.nothing
    case "(" where next == "y": text += Self.nothing
    case "-" where last.map { Self.glasses.contains($0) } ?? false: text += Self.nothing
    default: break
    }
  }
}
