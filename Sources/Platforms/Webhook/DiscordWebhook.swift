import Crew
import Foundation

/// Discord's webhook of a channel.
struct DiscordWebhook: WebhookDialect {
  /// 2000 characters; 30 posts a minute for a channel's webhooks, five at once.
  var abilities: Abilities {
    .webhook(lengthMax: 2000, .utf16, perSecond: 0.4, burst: 4, merges: true)
  }

  /// Shows its own name by GET with its token.
  var isShownByGET: Bool { true }

  func call(_ letter: WebhookLetter) -> WebhookCall {
    WebhookCall(
      // `wait`: answered when the message is stored, with its id.
      url: letter.url + (letter.url.contains("?") ? "&" : "?") + "wait=true",
      body: [
        "content": .string(abilities.fitting(letter.text, MarkdownText.text)),
        "allowed_mentions": ["parse": []],
        // SUPPRESS_EMBEDS: an address in a text is not unfolded.
        "flags": 4,
      ])
  }

  func accepted(_ response: HTTPResponse) -> Delivery {
    JSON(response.body)?["id"].string.map { .sent(id: $0) } ?? .unknown
  }
}

/// Markdown as Discord reads it.
enum MarkdownText {
  static func text(_ markup: Markup) -> String {
    MarkupStyle(
      escape: escape, strong: MarkupStyle.eachLine("**", behind: "\u{200B}"), command: code,
      table: block
    ).text(markup)
  }

  /// Every sign of Markdown behind a backslash, a zero-width space behind what begins a mention,
  /// a channel, a tag or an emoji, which no backslash stops.
  static func escape(_ words: String) -> String {
    Printable.replacing(words, "\\`*_{}[]()<>#+-.!|~=@:&/") { sign in
      switch sign {
      case "@", ":", "/": "\(sign)\u{200B}"
      case "#", "~", "<": "\\\(sign)\u{200B}"
      default: "\\\(sign)"
      }
    }
  }

  /// Between backticks nothing else means anything, so those alone become their likeness.
  static func code(_ words: String) -> String {
    let inner = Printable.replacing(words, "`") { _ in "ˋ" }
    return inner.isEmpty ? "" : "`\(inner)`"
  }

  static func block(_ words: String) -> String {
    "\n```\n" + Printable.replacing(words, "`") { _ in "ˋ" } + "\n```\n"
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
