import Crew
import Foundation

/// Discord's webhook of a channel: its Markdown, as the bot's own account writes it.
struct DiscordWebhook: WebhookDialect {
  /// 2000 characters; 30 posts a minute for a channel's webhooks, five at once.
  var abilities: Abilities {
    .webhook(lengthMax: 2000, .utf16, perSecond: 0.4, burst: 4, merges: true)
  }

  /// Shows its own name by GET with its token.
  var isShownByGET: Bool { true }

  func call(_ letter: WebhookLetter) -> WebhookCall {
    let text = abilities.fitting(letter.text) { DiscordText($0, account: "", prefix: "").text }
    return WebhookCall(
      // `wait`: answered when the message is stored, with its id.
      url: letter.url + (letter.url.contains("?") ? "&" : "?") + "wait=true",
      body: [
        "content": .string(text),
        "allowed_mentions": ["parse": [], "users": [], "replied_user": false],
        // SUPPRESS_EMBEDS: an address in a text is not unfolded.
        "flags": 4,
      ])
  }

  func accepted(_ response: HTTPResponse) -> Delivery {
    JSON(response.body)?["id"].string.map { .sent(id: $0) } ?? .unknown
  }
}

extension PlatformKind {
  public static let discordWebhook = webhook(
    "discord_webhook", title: "Discord (webhook)",
    hosts: ["https://discord.com/api/webhooks/", "https://discord.com/api/v10/webhooks/"],
    steps: ["In the channel's settings: Integrations, Webhooks, New Webhook, Copy Webhook URL."],
    remarks: [
      "Nothing in a post pings anybody.",
      "A digest of more than 2000 characters comes in parts; several posts that wait for "
        + "their turn are put into one.",
    ]
  ) { _ in DiscordWebhook() }
}
