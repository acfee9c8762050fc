import Crew
import Foundation

/// Feishu 飞书 and Lark, Open API (https://open.feishu.cn/document), an app of one's own with a bot,
/// by polling: the list of its groups, and what was written in each of them, in turn. Direct chats
/// stand in no list; those of people who speak with the bot are opened and read as well.
public struct Feishu: Platform {
  public struct Settings: Sendable, Equatable {
    /// The account's name in the config file.
    public var account: String
    public var baseURL: String
    /// `cli_…`, as the developer console shows it.
    public var app: String
    /// The app's secret, which earns a token for two hours.
    public var secret: Credential
    /// Open ids of those who may bring the bot into a group; `*` is everybody.
    public var invitersAllowed: [String]

    public init(
      account: String, baseURL: String = "https://open.feishu.cn", app: String,
      secret: Credential, invitersAllowed: [String] = []
    ) {
      self.account = account
      self.baseURL = baseURL
      self.app = app
      self.secret = secret
      self.invitersAllowed = invitersAllowed
    }
  }

  public let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  static let pageSize = 50
  static let chatsPageSize = 100
  static let pollBytesMax = 8 * 1024 * 1024
  /// Times are asked for in seconds and told in milliseconds: a little is read twice.
  static let overlapSeconds: Int64 = 5

  public var abilities: Abilities {
    Abilities(
      // A thread is begun or gone on with by answering a message in it.
      threads: false, reactions: true, edits: true, directNeedsContact: false,
      // The same `uuid` is carried out once within an hour (im-v1/message/create).
      resend: .sameKey(forSeconds: 3000), lengthMax: 10_000, lengthUnit: .bytes,
      // Five messages a second to one group, by all its bots; fifty a second and a thousand a
      // minute by one app.
      roomRate: .init(perSecond: 3, burst: 5), accountRate: .init(perSecond: 15, burst: 40),
      prefix: "!")
  }

  // MARK: - The token

  public func credentialRequest(now: Instant) -> HTTPRequest? {
    HTTPRequest(
      .post, address("auth/v3/tenant_access_token/internal", []), headers: Self.json,
      body: JSON.object([
        "app_id": .string(settings.app), "app_secret": .string(settings.secret.token),
      ]).data)
  }

  public func credential(from response: HTTPResponse, now: Instant) throws(PollFailure)
    -> Credential
  {
    let answer = JSON(response.body) ?? .null
    guard response.status < 500, let code = answer["code"].integer else {
      throw failure(of: response)
    }
    guard code == 0, let token = answer["tenant_access_token"].string, !token.isEmpty,
      let seconds = answer["expire"].integer, seconds > 0
    else {
      guard Self.isRefusalOfApp(code) else { throw failure(of: response) }
      throw .refused(
        "\(settings.account): code \(code): the app is not accepted; write its App ID to `app_id` "
          + "and its App Secret (凭证与基础信息) to `secret_file`.")
    }
    return Credential(token: token, expiresAt: now.adding(seconds: min(seconds, 86_400)))
  }

  /// A wrong id, a wrong secret, an app that is not there or not of one's own.
  private static func isRefusalOfApp(_ code: Int64) -> Bool {
    [10003, 10012, 10014, 10015].contains(code)
  }

  // MARK: - Polls

  public func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    let memory = Memory(cursor)
    switch memory.errand {
    case .whoami: return call(.get, "bot/v3/info", with: credential)
    case .chats(let page):
      return call(
        .get, "im/v1/chats",
        query: [("page_size", String(Self.chatsPageSize))] + Self.page(page), with: credential)
    case .open(let person):
      return call(.get, "chat/v4/p2p/id", query: [("open_id", person)], with: credential)
    case .messages(let chat):
      let place = memory.places[chat]
      let from = max(0, (place?.high ?? 0) / 1000 - Self.overlapSeconds)
      return call(
        .get, "im/v1/messages",
        query: [
          ("container_id_type", "chat"), ("container_id", chat), ("start_time", String(from)),
          ("sort_type", "ByCreateTimeAsc"), ("page_size", String(Self.pageSize)),
          ("with_sender_name", "true"),
        ] + Self.page(place?.page), with: credential)
    }
  }

  private static func page(_ token: String?) -> [(String, String)] {
    token.map { [("page_token", $0)] } ?? []
  }

  static let json = ["Content-Type": "application/json; charset=utf-8"]

  private func address(_ path: String, _ query: [(String, String)]) -> String {
    let base =
      settings.baseURL.hasSuffix("/") ? String(settings.baseURL.dropLast()) : settings.baseURL
    let url = base + "/open-apis/" + path
    guard !query.isEmpty else { return url }
    return url + "?" + query.map { $0 + "=" + Percent.encoded($1) }.joined(separator: "&")
  }

  /// One call of the API.
  /// - Parameter path: made of letters of ours and of ids that `isID` has seen.
  func call(
    _ method: HTTPRequest.Method, _ path: String, query: [(String, String)] = [],
    body: JSON? = nil, with credential: Credential
  ) -> HTTPRequest {
    var headers = ["Authorization": "Bearer " + credential.token]
    if body != nil { headers.merge(Self.json) { $1 } }
    return HTTPRequest(
      method, address(path, query), headers: headers, body: body?.data,
      responseBytesMax: Self.pollBytesMax)
  }

  /// Ids are a short prefix and letters and digits: `om_…` a message, `oc_…` a chat, `ou_…` a
  /// person.
  static func isID(_ text: String) -> Bool {
    (4...100).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x5F || $0 == 0x2D
      }
  }
}
