import Crew

/// The content of a `post` message, by which both the bot and the robot of a group write: words are
/// values in it, so nothing that somebody wrote can become markup or a mention.
struct FeishuPost {
  fileprivate enum Part: Equatable {
    case words(String, isBold: Bool)
    case mention(String)
    case block(String)
  }

  /// All lines in one list, with nil between two of them: a cut looks at thousands, and a list for
  /// each is slow.
  private var parts: [Part?] = []

  /// Words and nothing else.
  init(words: String) { append(lines: words, isBold: false) }

  /// With what a bot can do: bold words, code blocks, mentions.
  /// - Parameter prefix: what stands before a command.
  init(_ markup: Markup, account: String, prefix: String) {
    for node in markup.nodes { append(node, isBold: false, account, prefix) }
    while !parts.isEmpty, isAtLineStart { parts.removeLast() }
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
        parts.append(.mention(id))
      } else {
        append(name, isBold: isBold)
      }
    case .table(let table):
      // A block stands alone.
      if !isAtLineStart { parts.append(nil) }
      parts += [.block(Printable.text(table)), nil]
    case .lineBreak: if !isBehindBlock { parts.append(nil) }
    }
  }

  private var isAtLineStart: Bool { parts.last.map { $0 == nil } ?? true }

  /// A block ends its own line.
  private var isBehindBlock: Bool {
    guard isAtLineStart, case .block?? = parts.dropLast().last else { return false }
    return true
  }

  private mutating func append(_ words: String, isBold: Bool) {
    append(lines: Printable.text(Printable.lineFeeds(words)), isBold: isBold)
  }

  private mutating func append(lines: String, isBold: Bool) {
    for (number, line) in Printable.lines(lines).enumerated() {
      if number > 0 { parts.append(nil) }
      if !line.isEmpty { parts.append(.words(line, isBold: isBold)) }
    }
  }
}

// MARK: - As JSON

extension FeishuPost {
  /// In the one language that every client shows.
  var json: JSON {
    let lines = parts.split(separator: nil, omittingEmptySubsequences: false)
    // An empty line is shown as one; the API takes no line without a part.
    return Self.json(lines.map { .array(($0.isEmpty ? [.nothing] : $0).compactMap { $0?.json }) })
  }

  private static func json(_ lines: [JSON]) -> JSON {
    ["zh_cn": ["title": "", "content": .array(lines)]]
  }

  /// How many bytes `json` is written as, without making it: a cut looks at many.
  /// - Parameter isQuoted: where it is itself a string in other JSON; without its own quotes.
  func bytes(isQuoted: Bool) -> Int {
    // The brackets of a line, and the comma between two.
    let nothing = Part.nothing.bytes(isQuoted: isQuoted)
    var (bytes, isInLine) = (Self.frame.count(isQuoted) + 2, false)
    for part in parts {
      if let part {
        bytes += part.bytes(isQuoted: isQuoted) + (isInLine ? 1 : 0)
      } else {
        bytes += 3 + (isInLine ? 0 : nothing)
      }
      isInLine = part != nil
    }
    return bytes + (isInLine ? 0 : nothing)
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
  fileprivate static let nothing = Self.words("", isBold: false)

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
    return frame.count(isQuoted) + JSON.bytes(of: text, isQuoted: isQuoted)
  }
}
