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
  var length: Int { text.unicodeScalars.count }

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

  /// The marks stand in one line, and between them and the words a space of no width: beside white
  /// space or a sign they would mark nothing.
  private mutating func append(boldRun run: Markup) {
    var inner = MattermostText(Markup([]), account: account, names: names, prefix: prefix)
    for node in run.nodes { inner.append(node) }
    let lines = inner.text.split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      if number > 0 { text += "\n" }
      let isBlank = line.unicodeScalars.allSatisfy {
        $0.properties.isWhitespace || $0 == "\u{200B}"
      }
      if isBlank {
        text += line
      } else {
        if text.hasSuffix("*") { text += Self.nothing }
        text += "**" + Self.nothing + line + Self.nothing + "**"
      }
    }
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

  private mutating func append(words: String) {
    var rest = words.unicodeScalars[...]
    while let first = rest.first {
      let plain = isAtLineStart ? rest.prefix(0) : rest.prefix(while: Self.isPlain)
      if !plain.isEmpty {
        text.unicodeScalars.append(contentsOf: plain)
        rest = rest[plain.endIndex...]
      } else if first == "h", let address = BareAddress.prefix(of: rest) {
        text += BareAddress.text(address)
        rest = rest[address.endIndex...]
      } else {
        rest = rest.dropFirst()
        switch first {
        case "\0": break
        // A line's end, alone or with the line feed behind it.
        case "\r": if rest.first != "\n" { append("\n") }
        default: append(first)
        }
      }
    }
  }

  /// What marks nothing within a line and begins no address, so that it is taken by the run.
  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."g", "i"..."z", "A"..."Z", "0"..."9", " ", "\u{A0}"...: true
    default: false
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    if isAtLineStart {
      // A line that begins like a heading, a list, a quotation, a rule or indented code.
      switch scalar {
      case "#", ">", "-", "+", "=", "*", "_", "~", " ", "\t", "0"..."9", "|": text += Self.nothing
      default: break
      }
    }
    switch scalar {
    case "\\", "`", "*", "_", "[", "]", "|": text += "\\"
    default: break
    }
    text.unicodeScalars.append(scalar)
    switch scalar {
    case "@", "~", "#", "<", "&", "$": text += Self.nothing
    default: break
    }
  }
}
