import Crew
import Crypto
import Foundation

/// What a webhook's receiver wants to be sent and how it answers: one for each vendor.
protocol WebhookDialect: Sendable {
  var abilities: Abilities { get }
  func call(_ letter: WebhookLetter) -> WebhookCall
  /// What a 2xx answer means.
  func accepted(_ response: HTTPResponse) -> Delivery
  /// True where a GET of the webhook's own URL shows what it is and posts nothing.
  var isShownByGET: Bool { get }
}

extension WebhookDialect {
  var isShownByGET: Bool { false }
}

/// One post on its way out.
struct WebhookLetter {
  var url: String
  /// For the signature; empty where the operator set none.
  var secret: String
  /// Ours, the same for every copy of one post.
  var key: String
  /// Since 1970.
  var milliseconds: Int64
  var text: Markup

  var seconds: Int64 { milliseconds / 1000 }

  /// HMAC-SHA256 of `message` under `key`, both as UTF-8.
  static func mac(_ message: Data, key: String) -> Data {
    Data(
      HMAC<SHA256>.authenticationCode(for: message, using: SymmetricKey(data: Data(key.utf8))))
  }
}

struct WebhookCall {
  var url: String
  var headers: [String: String] = [:]
  var body: JSON
  /// Put in the place of `body` where the bytes themselves are signed.
  var data: Data?
}

/// A URL that posts are sent to: nothing is read.
public struct Webhook: Platform {
  public struct Settings: Sendable, Equatable, CustomStringConvertible {
    public var account: String
    var url: Credential
    var secret: Credential
    /// False for a vendor's host and wherever the operator did not say otherwise.
    public var allowsPrivate: Bool

    public init(
      account: String, url: Credential, secret: Credential = Credential(token: ""),
      allowsPrivate: Bool = false
    ) {
      self.account = account
      self.url = url
      self.secret = secret
      self.allowsPrivate = allowsPrivate
    }

    /// The URL is a secret.
    public var description: String { "webhook \(account)" }
  }

  let settings: Settings
  let dialect: any WebhookDialect

  public var abilities: Abilities { dialect.abilities }

  /// Signed and dated.
  public func ownCredential(now: Instant) -> Credential? {
    Credential(token: String(now.milliseconds))
  }

  public func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    let call = dialect.call(
      WebhookLetter(
        url: settings.url.token, secret: settings.secret.token, key: key,
        milliseconds: Int64(credential.token) ?? 0, text: post.text))
    var request = HTTPRequest(
      .post, call.url,
      headers: call.headers.merging(["Content-Type": "application/json; charset=utf-8"]) {
        own, _ in own
      },
      body: call.data ?? call.body.data, timeoutSeconds: 10, responseBytesMax: 64 * 1024,
      isRepeatable: false)
    request.isPublicOnly = !settings.allowsPrivate
    return request
  }

  /// A redirect is never followed: the post and its signature are for one address.
  public func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery {
    switch response.status {
    case 200..<300: dialect.accepted(response)
    case 300..<400:
      .held("it answers with a redirect, which is not followed: put its new URL", afterSeconds: 900)
    case 401, 403, 404, 410:
      .held(
        "its URL is not accepted any more (HTTP \(response.status)): make a new one and put it",
        afterSeconds: 900)
    case 408, 409, 425: .unknown
    case 429: .retry(afterSeconds: wish(response) ?? 5)
    case 400..<500: .refused("HTTP \(response.status)")
    default: .unknown
    }
  }

  /// Discord says it in the body as well, in parts of a second.
  private func wish(_ response: HTTPResponse) -> Double? {
    response.retryAfterSeconds
      ?? JSON(response.body)?["retry_after"].number.flatMap(HTTPResponse.wish)
  }

  // MARK: Whether it can be reached

  public func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    let url = settings.url.token
    var request = HTTPRequest(
      .get, dialect.isShownByGET ? url : WebhookURL.origin(url) + "/", timeoutSeconds: 10,
      responseBytesMax: 4 << 20)
    request.isPublicOnly = !settings.allowsPrivate
    return request
  }

  public func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    if dialect.isShownByGET, [401, 403, 404, 410].contains(response.status) {
      throw .refused("its URL is not accepted (HTTP \(response.status)): make a new one and put it")
    }
    if response.status >= 500 {
      throw .retry(afterSeconds: nil, "it is in trouble (HTTP \(response.status))")
    }
    return Intake(cursor: "")
  }
}

extension Abilities {
  /// What an incoming webhook can do.
  static func webhook(
    lengthMax: Int, _ unit: LengthUnit, perSecond: Double, burst: Double, merges: Bool = false,
    resend: Resend = .never
  ) -> Abilities {
    let rate = Rate(perSecond: perSecond, burst: burst)
    var abilities = Abilities(
      threads: false, reactions: false, edits: false, directNeedsContact: false, resend: resend,
      lengthMax: lengthMax, lengthUnit: unit, roomRate: rate, accountRate: rate, prefix: "!")
    abilities.reads = false
    abilities.merges = merges
    return abilities
  }
}
