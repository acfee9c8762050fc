import Crew

/// The content of a `post` message, by which both the bot and the robot of a group write: words are
/// values in it, so nothing that somebody wrote can become markup or a mention.
struct FeishuPost {
  private(set) var lines: [[JSON]] = [[]]

  /// Words and nothing else.
  init(words: String) {
    lines = words.split(separator: "\n", omittingEmptySubsequences: false).map {
      [Self.words(String($0))]
    }
  }

  /// With what a bot can do: bold words, code blocks, mentions.
  /// - Parameter prefix: what stands before a command.
  init(_ markup: Markup, account: String, prefix: String) {
    for node in markup.nodes { append(node, isBold: false, account, prefix) }
    while lines.count > 1, lines.last == [] { lines.removeLast() }
  }

  /// In the one language that every client shows.
  var json: JSON {
    // An empty line is shown as one; the API takes no line without a part.
    let whole = lines.map { JSON.array($0.isEmpty ? [Self.words("")] : $0) }
    return ["zh_cn": ["title": "", "content": .array(whole)]]
  }

  private mutating func append(
    _ node: Markup.Node, isBold: Bool, _ account: String, _ prefix: String
  ) {
    switch node {
    case .text(let words): append(words, isBold: isBold)
    case .strong(let inner):
      for node in inner.nodes { append(node, isBold: true, account, prefix) }
    case .command(let command): append(prefix + Printable.line(command), isBold: isBold)
    case .person(let name, let identities, let pings):
      let id = pings ? identities.sorted().first { $0.account == account }?.user : nil
      if let id, Feishu.isID(id) {
        lines[lines.count - 1].append(["tag": "at", "user_id": .string(id)])
      } else {
        append(name, isBold: isBold)
      }
    case .table(let table):
      // A block stands alone.
      if lines.last == [] { lines.removeLast() }
      lines += [
        [["tag": "code_block", "language": "TEXT", "text": .string(Printable.text(table))]], [],
      ]
    case .lineBreak: if !isBehindBlock { lines.append([]) }
    }
  }

  /// A block ends its own line.
  private var isBehindBlock: Bool {
    lines.last == [] && lines.dropLast().last?.first?["tag"] == "code_block"
  }

  private mutating func append(_ words: String, isBold: Bool) {
    let parts = Printable.text(words.replacing("\r\n", with: "\n").replacing("\r", with: "\n"))
      .split(separator: "\n", omittingEmptySubsequences: false)
    for (number, part) in parts.enumerated() {
      if number > 0 { lines.append([]) }
      guard !part.isEmpty else { continue }
      var words = Self.words(String(part)).object ?? [:]
      if isBold { words["style"] = ["bold"] }
      lines[lines.count - 1].append(.object(words))
    }
  }

  /// `un_escape` false: no entity is read.
  private static func words(_ text: String) -> JSON {
    ["tag": "text", "text": .string(text), "un_escape": false]
  }
}
