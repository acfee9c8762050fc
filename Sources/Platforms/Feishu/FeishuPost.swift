import Crew

/// The content of a `post` message, by which both the bot and the robot of a group write: words are
/// values in it, so nothing that somebody wrote can become markup or a mention.
struct FeishuPost {
  fileprivate enum Part: Equatable {
    case words(String, isBold: Bool)
    case mention(String)
    case block(String)
  }

  private var lines: [[Part]] = [[]]

  /// Words and nothing else.
  init(words: String) {
    lines = Printable.lines(words).map { [.words($0, isBold: false)] }
  }

  /// With what a bot can do: bold words, code blocks, mentions.
  /// - Parameter prefix: what stands before a command.
  init(_ markup: Markup, account: String, prefix: String) {
    for node in markup.nodes { append(node, isBold: false, account, prefix) }
    while lines.count > 1, lines.last == [] { lines.removeLast() }
  }

  private mutating func append(
    _ node: Markup.Node, isBold: Bool, _ account: String, _ prefix: String
  ) {
    switch node {
    case .text(let words), .moment(let words, _, _): append(words, isBold: isBold)
    case .strong(let inner):
      for node in inner.nodes { append(node, isBold: true, account, prefix) }
    case .command(let command): append(prefix + Printable.line(command), isBold: isBold)
    case .person(let name, let identities, let pings):
      let id = pings ? identities.sorted().first { $0.account == account }?.user : nil
      if let id, Feishu.isID(id) {
        lines[lines.count - 1].append(.mention(id))
      } else {
        append(name, isBold: isBold)
      }
    case .table(let table):
      // A block stands alone.
      if lines.last == [] { lines.removeLast() }
      lines += [[.block(Printable.text(table))], []]
    case .lineBreak: if !isBehindBlock { lines.append([]) }
    }
  }

  /// A block ends its own line.
  private var isBehindBlock: Bool {
    guard lines.last == [], case .block? = lines.dropLast().last?.first else { return false }
    return true
  }

  private mutating func append(_ words: String, isBold: Bool) {
    let parts = Printable.lines(Printable.text(Printable.lineFeeds(words))).map { part in
      part.isEmpty ? [] : [Part.words(part, isBold: isBold)]
    }
    lines[lines.count - 1] += parts[0]
    lines += parts.dropFirst()
  }
}

// MARK: - As JSON

extension FeishuPost {
  /// In the one language that every client shows.
  var json: JSON { Self.json(shown.map { .array($0.map(\.json)) }) }

  private static func json(_ lines: [JSON]) -> JSON {
    ["zh_cn": ["title": "", "content": .array(lines)]]
  }

  /// An empty line is shown as one; the API takes no line without a part.
  private var shown: [[Part]] { lines.map { $0.isEmpty ? [.words("", isBold: false)] : $0 } }

  /// How many bytes `json` is written as, without making it: a cut looks at many.
  /// - Parameter isQuoted: where it is itself a string in other JSON; without its own quotes.
  func bytes(isQuoted: Bool) -> Int {
    let shown = shown
    let commas = shown.reduce(shown.count - 1) { $0 + $1.count - 1 }
    return shown.reduce(Self.frame.count(isQuoted) + commas) { sum, line in
      line.reduce(sum + 2) { $0 + $1.bytes(isQuoted: isQuoted) }
    }
  }

  private static let frame = Frame(json([]))

  /// What stands round the words of something, written plainly and in quotes.
  fileprivate struct Frame {
    let plain: Int
    let quoted: Int

    init(_ json: JSON) {
      plain = json.data.count
      quoted = JSON.string(json.text).data.count - 2
    }

    func count(_ isQuoted: Bool) -> Int { isQuoted ? quoted : plain }
  }
}

extension FeishuPost.Part {
  fileprivate var json: JSON {
    switch self {
    // `un_escape` false: no entity is read.
    case .words(let text, false): ["tag": "text", "text": .string(text), "un_escape": false]
    case .words(let text, true):
      ["tag": "text", "text": .string(text), "un_escape": false, "style": ["bold"]]
    case .mention(let id): ["tag": "at", "user_id": .string(id)]
    case .block(let text): ["tag": "code_block", "language": "TEXT", "text": .string(text)]
    }
  }

  private static let frames = (
    words: FeishuPost.Frame(Self.words("", isBold: false).json),
    bold: FeishuPost.Frame(Self.words("", isBold: true).json),
    mention: FeishuPost.Frame(Self.mention("").json), block: FeishuPost.Frame(Self.block("").json)
  )

  fileprivate func bytes(isQuoted: Bool) -> Int {
    let (frame, text) =
      switch self {
      case .words(let text, false): (Self.frames.words, text)
      case .words(let text, true): (Self.frames.bold, text)
      case .mention(let id): (Self.frames.mention, id)
      case .block(let text): (Self.frames.block, text)
      }
    return text.utf8.reduce(frame.count(isQuoted)) { $0 + JSON.bytes(of: $1, isQuoted: isQuoted) }
  }
}
