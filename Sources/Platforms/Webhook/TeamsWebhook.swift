import Crew
import Foundation

/// A Workflow of Microsoft Teams that is started by a webhook request: an Adaptive Card whose text
/// runs carry words as values, so nothing that somebody wrote can become markup.
struct TeamsWebhook: WebhookDialect {
  /// A message of about 28 KB; no more than four calls a second.
  var abilities: Abilities {
    .webhook(lengthMax: 12_000, .bytes, perSecond: 1, burst: 3, merges: true)
  }

  static let bodyBytesMax = 26_000

  func call(_ letter: WebhookLetter) -> WebhookCall {
    let whole = letter.text.cut(to: Self.bodyBytesMax) { Self.bodyBytes($0) }
    return WebhookCall(url: letter.url, body: Self.body(whole))
  }

  /// The length of the body, without making it: a cut looks at many, each of hundreds of lines.
  static func bodyBytes(_ markup: Markup) -> Int {
    var length = Length()
    length.add(markup, isStrong: false)
    return length.bytes
  }

  static func body(_ markup: Markup) -> JSON {
    let card: JSON = [
      "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard",
      "version": "1.4", "msteams": ["width": "Full"], "body": .array(blocks(markup)),
    ]
    return [
      "type": "message",
      "attachments": [
        [
          "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": .null,
          "content": card,
        ]
      ],
    ]
  }

  /// A block for each line.
  static func blocks(_ markup: Markup) -> [JSON] {
    var lines: [[JSON]] = [[]]
    func run(_ text: String, isStrong: Bool, isMonospace: Bool) {
      for (number, line) in Printable.lines(Printable.text(text)).enumerated() {
        if number > 0 { lines.append([]) }
        guard !line.isEmpty else { continue }
        lines[lines.count - 1]
          .append(Self.run(line, isStrong: isStrong, isMonospace: isMonospace))
      }
    }
    func add(_ node: Markup.Node, isStrong: Bool) {
      switch node {
      case .text(let text), .person(let text, _, _), .moment(let text, _, _):
        run(text, isStrong: isStrong, isMonospace: false)
      case .command(let text), .table(let text): run(text, isStrong: isStrong, isMonospace: true)
      case .lineBreak: lines.append([])
      case .strong(let inner): for node in inner.nodes { add(node, isStrong: true) }
      }
    }
    for node in markup.nodes { add(node, isStrong: false) }
    return lines.filter { !$0.isEmpty }.map(Self.block)
  }

  private static func block(_ runs: [JSON]) -> JSON {
    ["type": "RichTextBlock", "spacing": "None", "inlines": .array(runs)]
  }

  private static func run(_ text: String, isStrong: Bool, isMonospace: Bool) -> JSON {
    var run: [String: JSON] = ["type": "TextRun", "text": .string(text)]
    if isStrong { run["weight"] = "Bolder" }
    if isMonospace { run["fontType"] = "Monospace" }
    return .object(run)
  }

  /// 202 with nothing in it: the workflow has been started.
  func accepted(_ response: HTTPResponse) -> Delivery { .sent(id: "") }

  /// Counts what `body` would write.
  private struct Length {
    private(set) var bytes = Length.card
    private var hasLine = false
    private var hasRun = false

    /// What stands round the words: nothing in it, one line without a run, a run without a word.
    private static let card = body(Markup("")).data.count
    private static let line = block([]).data.count
    private static let runs = [false, true].map { isStrong in
      [false, true].map { run("", isStrong: isStrong, isMonospace: $0).data.count }
    }

    mutating func add(_ markup: Markup, isStrong: Bool) {
      for node in markup.nodes {
        switch node {
        case .text(let text), .person(let text, _, _), .moment(let text, _, _):
          add(text, isStrong: isStrong, isMonospace: false)
        case .command(let text), .table(let text):
          add(text, isStrong: isStrong, isMonospace: true)
        case .lineBreak: hasRun = false
        case .strong(let inner): add(inner, isStrong: true)
        }
      }
    }

    private mutating func add(_ text: String, isStrong: Bool, isMonospace: Bool) {
      let run = Self.runs[isStrong ? 1 : 0][isMonospace ? 1 : 0]
      var isInRun = false
      for byte in Printable.text(text).utf8 {
        guard byte != UInt8(ascii: "\n") else {
          (isInRun, hasRun) = (false, false)
          continue
        }
        if !isInRun { begin(run) }
        isInRun = true
        bytes += JSON.bytes(of: byte)
      }
    }

    /// With a comma behind what stands before it.
    private mutating func begin(_ run: Int) {
      if !hasRun { bytes += Self.line + (hasLine ? 1 : 0) }
      bytes += run + (hasRun ? 1 : 0)
      (hasLine, hasRun) = (true, true)
    }
  }
}

extension PlatformKind {
  public static let teamsWebhook = webhook(
    "teams_webhook", title: "Microsoft Teams (Workflows)",
    steps: [
      "In Teams: Workflows, “Post to a channel when a webhook request is received”; choose team "
        + "and the channel, and copy the URL."
    ],
    remarks: [
      "Teams says only that the workflow was started: what goes wrong after that stands in the "
        + "workflow's run history.",
      "The workflow belongs to whoever made it and stops when they leave: add another owner.",
      "Several posts that wait for their turn are put into one.",
    ]
  ) { _ in TeamsWebhook() }
}
