import Crew
import Foundation

/// For a program of the operator's own: JSON, signed over its very bytes, with a key that stays the
/// same over resends.
struct GenericWebhook: WebhookDialect {
  /// The operator says that the receiver takes an `Idempotency-Key` once.
  var isIdempotent: Bool

  var abilities: Abilities {
    .webhook(
      lengthMax: 32_000, .codePoints, perSecond: 5, burst: 10,
      resend: isIdempotent ? .sameKey(forSeconds: 24 * 3600) : .never)
  }

  func call(_ letter: WebhookLetter) -> WebhookCall {
    let title = Printable.title(MarkupStyle.plain.text(letter.text), charactersMax: 120)
    let body: JSON = [
      "id": .string(letter.key), "title": .string(title),
      "text": .string(abilities.fitting(letter.text, MarkupStyle.plain.text)),
    ]
    let data = body.data
    let signed = Data("v1:\(letter.seconds):".utf8) + data
    let mac = WebhookLetter.mac(signed, key: letter.secret)
    let digits = Array("0123456789abcdef")
    let hex = String(mac.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    return WebhookCall(
      url: letter.url,
      headers: [
        "Idempotency-Key": letter.key, "X-Crewbell-Timestamp": String(letter.seconds),
        "X-Crewbell-Signature": "v1=\(hex)",
      ], body: body, data: data)
  }

  func accepted(_ response: HTTPResponse) -> Delivery { .sent(id: "") }
}

extension PlatformKind {
  public static let webhook = webhook(
    "webhook", title: "Webhook", signed: true,
    keys: [.allowPrivate, Key("idempotent", .flag, isNeeded: false, example: "true")],
    steps: [
      "Write a receiver: it is sent `{\"id\", \"title\", \"text\"}` as JSON and answers 2xx.",
      "Choose a long random secret and put it, alone, into a file of mode 0600.",
      "Let the receiver check `X-Crewbell-Signature`: `v1=` and the hex HMAC-SHA256, under that "
        + "secret, of `v1:`, `X-Crewbell-Timestamp`, `:` and the bytes of the body; and refuse "
        + "timestamps (seconds) older than five minutes.",
    ],
    remarks: [
      "`Idempotency-Key` is the same when a post is sent again; `idempotent: true` says that the "
        + "receiver takes each key once, and then a post of unknown fate is sent again.",
      "The URL is https://; redirects are not followed. A name that leads to this machine or "
        + "a private network is refused unless `allow_private: true` stands there.",
    ]
  ) { GenericWebhook(isIdempotent: $0.flags.contains("idempotent")) }
}
