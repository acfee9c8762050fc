import Crew
import Foundation

/// Google Chat's incoming webhook of a space.
struct GoogleChatWebhook: WebhookDialect {
  /// 4096 characters; one post a second for a space, shared by all of its webhooks.
  var abilities: Abilities {
    .webhook(lengthMax: 4096, .codePoints, perSecond: 0.5, burst: 1, merges: true)
  }

  func call(_ letter: WebhookLetter) -> WebhookCall {
    WebhookCall(
      url: letter.url,
      body: ["text": .string(abilities.fitting(letter.text, GoogleChatText.style().text))])
  }

  func accepted(_ response: HTTPResponse) -> Delivery {
    JSON(response.body)?["name"].string.map { .sent(id: $0) } ?? .unknown
  }
}

extension PlatformKind {
  public static let googleChatWebhook = webhook(
    "googlechat_webhook", title: "Google Chat (incoming webhook)",
    hosts: ["https://chat.googleapis.com/v1/spaces/"],
    steps: ["In the space: Apps & integrations, Webhooks, Add webhook, copy its link."],
    remarks: ["Several posts that wait for their turn (one a second) are put into one."]
  ) { _ in GoogleChatWebhook() }
}
