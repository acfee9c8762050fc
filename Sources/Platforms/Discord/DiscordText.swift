import Crew

/// A tree of ours as Discord's Markdown. What people wrote cannot format, link or ping: the marks
/// of Markdown get a backslash, and what is looked for by itself (`<…>`, `@everyone`) is broken by
/// a space of no width, U+200B, because the server reads those past a backslash.
struct DiscordText: Equatable {
  private(set) var text = ""
  /// Ids of those whom it pings, at most as many as `allowed_mentions` takes.
  private(set) var pinged: [String] = []
  private let account: String
  private let prefix: String

  init(_ markup: Markup, account: String, prefix: String = "!") {
    self.account = account
    self.prefix = prefix
    for node in markup.nodes { append(node) }
    while text.last == "\n" { text.removeLast() }
  }

  /// In UTF-16 units, of which no measure of Discord's has more.
  var length: Int { text.utf16.count }

  private static let fence = "```"
  private static let nothing = "\u{200B}"
  private static let pingsMax = 100

  private var isAtLineStart: Bool { text.isEmpty || text.unicodeScalars.last == "\n" }

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
      if let id, Discord.isID(id), pinged.contains(id) || pinged.count < Self.pingsMax {
        text += "<@" + id + ">"
        if !pinged.contains(id) { pinged.append(id) }
      } else {
        append(words: name)
      }
    case .table(let table): append(table: table)
    // A table ends its own line.
    case .lineBreak: if !text.hasSuffix("\n" + Self.fence + "\n") { text += "\n" }
    }
  }

  // MARK: - Marks of ours

  private mutating func append(boldRun run: Markup) {
    var inner = DiscordText(Markup([]), account: account, prefix: prefix)
    inner.pinged = pinged
    for node in run.nodes { inner.append(node) }
    pinged = inner.pinged
    text += Printable.starred(inner.text, behind: text)
  }

  /// Code in one line, between one backtick or two: three begin a block wherever they stand, so no
  /// two may follow each other inside.
  private mutating func append(command: String) {
    var words = String.UnicodeScalarView()
    for scalar in (prefix + command).unicodeScalars {
      if scalar == "`", words.last == "`" { words.append("\u{200B}") }
      words.append(scalar.properties.isWhitespace || scalar == "\0" ? " " : scalar)
      // The server looks for mentions in code too.
      if scalar == "<" || scalar == "@" { words.append("\u{200B}") }
    }
    // The two marks of nothing would be one that is never closed.
    if words.isEmpty { return }
    let hasMark = words.contains("`")
    let marks = hasMark ? "``" : "`"
    let space = hasMark ? " " : ""
    if text.hasSuffix("`") { text += Self.nothing }
    text += marks + space + String(words) + space + marks
  }

  private mutating func append(table: String) {
    if !isAtLineStart { text += "\n" }
    let inside = Printable.replacing(table, "`@<\0") { $0 == "\0" ? "" : "\($0)\u{200B}" }
    text += Self.fence + "\n" + inside + "\n" + Self.fence + "\n"
  }

  // MARK: - Words of people

  private mutating func append(words: String) {
    let lines = Printable.lineFeeds(words)
    var rest = lines.unicodeScalars[...]
    while let first = rest.first {
      if first == "h", let address = Self.address(in: rest) {
        // So nothing beside it can become a part of it, and no picture of the page is shown.
        text += "<"
        text.unicodeScalars.append(contentsOf: address)
        text += ">"
        rest = rest[address.endIndex...]
      } else {
        rest = rest.dropFirst()
        if first != "\0" { append(first, before: rest) }
      }
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar, before rest: Substring.UnicodeScalarView) {
    // A line that begins like a heading, a list, a quotation, a rule or indented code.
    if isAtLineStart, scalar != "\n", "#>-+=*_~ \t0123456789|".unicodeScalars.contains(scalar) {
      text += Self.nothing
    }
    switch scalar {
    case "\\", "`", "*", "_", "~", "[", "]", "|": text += "\\"
    // `:name:` is shown as a picture.
    case ":" where Self.isName(rest): text += "\\"
    default: break
    }
    text.unicodeScalars.append(scalar)
    switch scalar {
    case "<": text += Self.nothing
    // What is no address that we know would become one, with whatever stands beside it.
    case ":" where rest.starts(with: "//".unicodeScalars): text += Self.nothing
    case "@" where Self.ringsForAll(rest): text += Self.nothing
    default: break
    }
  }

  /// Another colon follows before any space, or could in the next piece.
  private static func isName(_ rest: Substring.UnicodeScalarView) -> Bool {
    let end = rest.prefix(64).firstIndex { $0 == ":" || $0.properties.isWhitespace }
    guard let end else { return true }
    return rest[end] == ":"
  }

  private static func ringsForAll(_ rest: Substring.UnicodeScalarView) -> Bool {
    ["everyone", "here"].contains { name in
      rest.starts(with: name.unicodeScalars) || name.unicodeScalars.starts(with: rest)
    }
  }

  /// A bare address, of letters that end neither it nor a mark of ours.
  private static func address(
    in rest: Substring.UnicodeScalarView
  ) -> Substring.UnicodeScalarView? {
    guard
      let scheme = ["https://", "http://"].first(where: { rest.starts(with: $0.unicodeScalars) })
    else { return nil }
    var address = rest.prefix { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
          || ":/?#=%&+,;.$!~_@-".unicodeScalars.contains(scalar))
    }
    // What the clients look for wherever it stands.
    let bell = address.indices.first { at in
      address[at] == "@" && ringsForAll(rest[rest.index(after: at)...])
    }
    if let bell { address = address[..<bell] }
    while let last = address.last, ".,:;!?".unicodeScalars.contains(last) {
      address = address.dropLast()
    }
    return address.count > scheme.unicodeScalars.count ? address : nil
  }
}
