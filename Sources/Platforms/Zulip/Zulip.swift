import Crew
import Foundation

/// Zulip by its event queue. Facts and limits are from zulip.com/api and from the source of the
/// server itself, zulip/zulip.
///
/// A queue lives in the server's memory and dies after ten idle minutes; message ids live for ever
/// and grow. So the queue only tells quickly what the ids tell without loss: a lost queue is
/// replaced first, and then everything after the last known id is read.
public struct Zulip: Platform {
  public struct Settings: Sendable, CustomStringConvertible {
    /// The name of this bot account in the config file.
    public var account: String
    /// `https://example.zulipchat.com`, without a slash at its end.
    public var site: String
    /// The bot's own address, which is its name in Basic authentication.
    public var email: String
    /// Where posts stand that belong to no topic yet.
    public var topic: String
    /// Who may bring the bot into a channel: user ids, or `*`.
    public var inviters: [String]
    /// Kept only so that no text of the server that repeats it is shown.
    var key: Credential

    public init(
      account: String, site: String, email: String, topic: String = "crewbell",
      inviters: [String] = [], key: Credential
    ) {
      self.account = account
      self.site = site
      self.email = email
      self.topic = topic
      self.inviters = inviters
      self.key = key
    }

    public var description: String { "Zulip account \(account)" }
  }

  public let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  /// 200 calls a minute for each user is the server's default (RATE_LIMITING_RULES, `api_by_user`);
  /// nothing is published for a channel. No key of ours is deduplicated, so a post in doubt is
  /// looked for among our own messages before anything is sent again.
  public var abilities: Abilities {
    Abilities(
      threads: true, reactions: true, edits: true, directNeedsContact: false,
      resend: .readBack(afterSeconds: 120, sameKeySeconds: 0), lengthMax: Self.lengthMax,
      lengthUnit: .codePoints, roomRate: .init(perSecond: 200.0 / 60, burst: 20),
      accountRate: .init(perSecond: 200.0 / 60, burst: 40), prefix: "/")
  }

  /// `max_message_length` (MAX_MESSAGE_LENGTH): what is longer is cut by the server.
  static let lengthMax = 10_000

  // MARK: - Calls

  func get(
    _ path: String, _ query: [(String, String)] = [], with credential: Credential,
    timeoutSeconds: Double = 30, responseBytesMax: Int = 8 << 20
  ) -> HTTPRequest {
    let query = query.isEmpty ? "" : "?" + Self.form(query)
    return HTTPRequest(
      .get, "\(settings.site)/api/v1/\(path)\(query)", headers: headers(credential),
      timeoutSeconds: timeoutSeconds, responseBytesMax: responseBytesMax)
  }

  func send(
    _ method: HTTPRequest.Method = .post, _ path: String, _ fields: [(String, String)],
    with credential: Credential, isRepeatable: Bool = true
  ) -> HTTPRequest {
    var headers = headers(credential)
    headers["content-type"] = "application/x-www-form-urlencoded"
    return HTTPRequest(
      method, "\(settings.site)/api/v1/\(path)", headers: headers,
      body: Data(Self.form(fields).utf8), isRepeatable: isRepeatable)
  }

  private func headers(_ credential: Credential) -> [String: String] {
    let pair = Data("\(settings.email):\(credential.token)".utf8).base64EncodedString()
    return ["authorization": "Basic \(pair)"]
  }

  private static func form(_ fields: [(String, String)]) -> String {
    fields.map { "\($0.0)=\(Percent.encoded($0.1))" }.joined(separator: "&")
  }

  // MARK: - Names

  func identity(_ user: Int64) -> Identity {
    Identity(account: settings.account, user: String(user))
  }

  /// A channel by its number.
  func room(channel: Int64) -> Room { Room(account: settings.account, id: String(channel)) }

  /// A direct conversation by the others who are in it, in the order of their numbers.
  func room(with others: [Int64]) -> Room {
    let list = others.sorted().map(String.init).joined(separator: ",")
    return Room(account: settings.account, id: "dm:\(list)")
  }

  func isInviter(_ user: Int64) -> Bool {
    settings.inviters.contains("*") || settings.inviters.contains(String(user))
  }
}
