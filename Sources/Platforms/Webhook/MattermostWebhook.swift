import Crew
import Foundation

/// Mattermost's incoming webhook: its Markdown, as the bot's own account writes it.
struct MattermostWebhook: WebhookDialect {
  /// Half of the 16383 characters of a post leaves room for what escaping adds; the server's own
  /// limit is usually ten calls a second.
  var abilities: Abilities {
    .webhook(lengthMax: 8000, .codePoints, perSecond: 2, burst: 5, merges: true)
  }

  func call(_ letter: WebhookLetter) -> WebhookCall {
    let text = abilities.fitting(letter.text, to: 16_000) {
      MattermostText($0, account: "", prefix: "").text
    }
    return WebhookCall(
      url: letter.url, body: ["text": .string(text), "props": ["disable_mentions": true]])
  }

  func accepted(_ response: HTTPResponse) -> Delivery {
    String(decoding: response.body, as: UTF8.self) == "ok" ? .sent(id: "") : .unknown
  }
}

extension PlatformKind {
  public static let mattermostWebhook = webhook(
    "mattermost_webhook", title: "Mattermost (incoming webhook)", keys: [.allowPrivate],
    steps: [
      "In Mattermost: Integrations, Incoming Webhooks, Add; choose the channel and lock it to it."
    ],
    remarks: [
      "A server of your own network needs `allow_private: true`.",
      "Several posts that wait for their turn are put into one.",
    ]
  ) { _ in MattermostWebhook() }
}
