import Crew

/// A tree of ours as Mattermost's Markdown. What people wrote cannot format, link or ping: the
/// marks of Markdown get a backslash, and what the clients look for by themselves (`@name`,
/// `~channel`, `#tag`, entities, tags) is broken by a space of no width, U+200B.
struct MattermostText: Equatable {
  private(set) var text = ""
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

  /// In code points, as the server counts.
  var length: Int { text.codePoints }

  private var isAtLineStart: Bool {
    text.utf8.last.map { $0 == UInt8(ascii: "\n") } ?? true
  }

  private mutating func append(_ node: Markup.Node) {
    switch node {
    case .text(let words), .moment(let words, _, _): append(words: words)
    case .strong(let inner):
      for run in inner.boldRuns {
        if let table = run.table { append(table: table) } else { append(boldRun: run) }
      }
    case .command(let command): append(command: command)
    case .person(let name, let identities, let pings):
      let id = pings ? identities.sorted().first { $0.account == account }?.user : nil
      if let username = id.flatMap({ names[$0] }) {
        // Beside a letter it would be another name, or none.
        if let last = text.unicodeScalars.last, !last.properties.isWhitespace {
          text += Self.nothing
        }
        text += "@" + username + Self.nothing
      } else {
        append(words: name)
      }
    case .table(let table): append(table: table)
    // A table ends its own line.
    case .lineBreak: if !text.hasSuffix("\n" + Self.fence + "\n") { text += "\n" }
    }
  }

  private static let fence = "```"
  private static let nothing = "\u{200B}"

  private mutating func append(boldRun run: Markup) {
    var inner = MattermostText(Markup([]), account: account, names: names, prefix: prefix)
    for node in run.nodes { inner.append(node) }
    text += Printable.starred(inner.text, behind: text)
  }

  /// Code in one line, between more backticks than stand in it.
  private mutating func append(command: String) {
    let words = String(
      (prefix + command).unicodeScalars.map { scalar -> Character in
        scalar.properties.isWhitespace || scalar == "\0" ? " " : Character(scalar)
      })
    // The two marks of nothing would be one that is never closed.
    if words.isEmpty { return }
    let longest = words.unicodeScalars.split { $0 != "`" }.map(\.count).max() ?? 0
    let marks = String(repeating: "`", count: longest + 1)
    let space = longest > 0 ? " " : ""
    if text.hasSuffix("`") || (isAtLineStart && marks.count > 2) { text += Self.nothing }
    text += marks + space + words + space + marks
  }

  private mutating func append(table: String) {
    if !isAtLineStart { text += "\n" }
    let inside = Printable.replacing(table, "`@\0") { $0 == "\0" ? "" : "\($0)\u{200B}" }
    text += Self.fence + "\n" + inside + "\n" + Self.fence + "\n"
  }

  /// Byte by byte: whatever means something is ASCII.
  private mutating func append(words: String) {
    let bytes = Array(words.utf8)
    var written: [UInt8] = []
    written.reserveCapacity(bytes.count + bytes.count / 4)
    var isLineStart = isAtLineStart
    var place = 0
    while place < bytes.count {
      let byte = bytes[place]
      if !isLineStart, !Self.meant.contains(byte) {
        written.append(byte)
        place += 1
        continue
      }
      if byte == UInt8(ascii: "h"), let address = BareAddress.prefix(of: bytes[place...]) {
        written += BareAddress.written(address)
        place += address.count
        isLineStart = false
        continue
      }
      place += 1
      switch byte {
      case 0: continue
      // A line's end, alone or with the line feed behind it.
      case UInt8(ascii: "\r") where place < bytes.count && bytes[place] == UInt8(ascii: "\n"):
        continue
      default: break
      }
      let isEnd = byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
      Self.append(isEnd ? UInt8(ascii: "\n") : byte, isLineStart, to: &written)
      isLineStart = isEnd
    }
    text += String(decoding: written, as: UTF8.self)
  }

  /// A line that begins with one of these is a heading, a list, a quotation, a rule or indented
  /// code.
  private static let beginnings: Signs = "#>-+=*_~ \t0123456789|"
  private static let escaped: Signs = "\\`*_[]|"
  private static let broken: Signs = "@~#<&$"
  /// All of those, and what else is not written as it stands within a line.
  private static let meant: Signs = "\\`*_[]|@~#<&$h\0\r\n"

  private static func append(_ byte: UInt8, _ isLineStart: Bool, to written: inout [UInt8]) {
    if isLineStart, beginnings.contains(byte) { written += nothing.utf8 }
    if escaped.contains(byte) { written.append(UInt8(ascii: "\\")) }
    written.append(byte)
    if broken.contains(byte) { written += nothing.utf8 }
  }
}
