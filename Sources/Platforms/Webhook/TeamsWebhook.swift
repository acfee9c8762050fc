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
  /// Bytes that may be left over: each look at the length writes the whole body.
  private static let slack = 400

  func call(_ letter: WebhookLetter) -> WebhookCall {
    // What is far too long is cut by the least that it can cost, before its lines are written.
    let short = letter.text.cut(to: Self.bodyBytesMax, slack: Self.slack) {
      $0.leastBytes(perLine: 78)
    }
    let whole = short.cut(to: Self.bodyBytesMax, slack: Self.slack) { Self.body($0).data.count }
    return WebhookCall(url: letter.url, body: Self.body(whole))
  }

  private static func body(_ markup: Markup) -> JSON {
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
    func run(_ text: String, _ more: [String: JSON] = [:]) {
      for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        if number > 0 { lines.append([]) }
        guard !line.isEmpty else { continue }
        lines[lines.count - 1].append(
          .object(["type": "TextRun", "text": .string(String(line))].merging(more) { $1 }))
      }
    }
    func add(_ node: Markup.Node, isStrong: Bool) {
      let weight: [String: JSON] = isStrong ? ["weight": "Bolder"] : [:]
      let monospace = weight.merging(["fontType": "Monospace"]) { $1 }
      switch node {
      case .text(let text): run(Printable.text(text), weight)
      case .person(let name, _, _): run(Printable.text(name), weight)
      case .command(let text), .table(let text): run(Printable.text(text), monospace)
      case .lineBreak: lines.append([])
      case .strong(let inner): for node in inner.nodes { add(node, isStrong: true) }
      }
    }
    for node in markup.nodes { add(node, isStrong: false) }
    return lines.filter { !$0.isEmpty }.map { runs in
      ["type": "RichTextBlock", "spacing": "None", "inlines": .array(runs)]
    }
  }

  /// 202 with nothing in it: the workflow has been started.
  func accepted(_ response: HTTPResponse) -> Delivery { .sent(id: "") }
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
