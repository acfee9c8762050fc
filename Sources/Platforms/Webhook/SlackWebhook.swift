import Crew
import Foundation

/// Slack's incoming webhook: the blocks that the bot's own account writes, and the title as what a
/// notification shows.
struct SlackWebhook: WebhookDialect {
  /// One message a second for each webhook (Slack, "Rate limits"). Texts beyond 3000 characters
  /// are cut by some clients.
  var abilities: Abilities {
    .webhook(lengthMax: 3000, .codePoints, perSecond: 1, burst: 2, merges: true)
  }

  func call(_ letter: WebhookLetter) -> WebhookCall {
    let whole = letter.text.cut(to: abilities.lengthMax) {
      abilities.length(of: $0.plain(prefix: ""))
    }
    let text = SlackText(whole, account: "", prefix: "")
    let title = Printable.title(MarkupStyle.plain.text(letter.text), charactersMax: 120)
    return WebhookCall(
      url: letter.url,
      body: ["text": .string(SlackText.escaped(title)), "blocks": text.blocks, "link_names": false])
  }

  func accepted(_ response: HTTPResponse) -> Delivery {
    String(decoding: response.body, as: UTF8.self) == "ok" ? .sent(id: "") : .unknown
  }
}

extension PlatformKind {
  public static let slackWebhook = webhook(
    "slack_webhook", title: "Slack (incoming webhook)",
    hosts: ["https://hooks.slack.com/", "https://hooks.slack-gov.com/"],
    steps: ["In your Slack app, switch on Incoming Webhooks and add one to a channel."],
    remarks: ["Several posts that wait for their turn (one a second) are put into one."]
  ) { _ in SlackWebhook() }
}
