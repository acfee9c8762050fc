import Crew
import Foundation

/// Google Chat's incoming webhook of a space.
struct GoogleChatWebhook: WebhookDialect {
  /// 4096 characters; one post a second for a space, shared by all of its webhooks.
  var abilities: Abilities {
    .webhook(lengthMax: 4096, .codePoints, perSecond: 0.5, burst: 1, merges: true)
  }

  func call(_ letter: WebhookLetter) -> WebhookCall {
    // There is no way to escape, so a zero-width space behind each sign takes its meaning.
    let style = MarkupStyle(
      escape: { Printable.inert($0, behind: "*_~`<@") }, strong: MarkupStyle.eachLine("*"),
      command: { Self.code(Printable.inert($0, behind: "<@")) },
      table: { Self.block(Printable.inert($0, behind: "<@")) })
    return WebhookCall(
      url: letter.url, body: ["text": .string(abilities.fitting(letter.text, style.text))])
  }

  /// Between backticks nothing else means anything, so those alone become their likeness.
  private static func code(_ words: String) -> String {
    words.isEmpty ? "" : "`" + Printable.replacing(words, "`") { _ in "ˋ" } + "`"
  }

  private static func block(_ words: String) -> String {
    "\n```\n" + Printable.replacing(words, "`") { _ in "ˋ" } + "\n```\n"
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
