import Crew
import Crypto
import Foundation

/// Rocket.Chat, REST API v1 (https://developer.rocket.chat/apidocs), by polling: the list of rooms
/// in which something has changed, and what has changed in each of them. What the server does
/// beyond its documents is from its source (`apps/meteor/app/api/server`, `app/lib/server`).
public struct RocketChat: Platform {
  public struct Settings: Sendable, Equatable {
    /// The account's name in the config file.
    public var account: String
    /// The address of the server, e.g. `https://chat.example.org`.
    public var server: String
    /// The bot's own user id: every call names it beside the token.
    public var user: String
    /// User ids of those who may bring the bot into a room; `*` is everybody.
    public var invitersAllowed: [String]

    public init(account: String, server: String, user: String, invitersAllowed: [String] = []) {
      self.account = account
      self.server = server
      self.user = user
      self.invitersAllowed = invitersAllowed
    }
  }

  public let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  /// Between two lists of rooms, in seconds, where no limiter answers.
  static let pauseSeconds = 2.0
  /// Between two lists of all rooms, by which is seen where the bot is no more.
  static let wholeListSeconds: Int64 = 300
  /// `Message_MaxAllowedSize`, unless the server's administrator has set another one. It is
  /// compared with the length of a JavaScript string.
  static let lengthMax = 5000
  static let pageSize = 50
  static let overlapMilliseconds: Int64 = 10_000
  static let pollBytesMax = 8 * 1024 * 1024

  public var abilities: Abilities {
    Abilities(
      threads: true, reactions: true, edits: true, directNeedsContact: false,
      // We choose the message's `_id`, and a second one of that id is never stored
      // (`functions/sendMessage.ts`): for ever, so a day is much less than the server's memory.
      resend: .sameKey(forSeconds: 86_400), lengthMax: Self.lengthMax, lengthUnit: .utf16,
      // Ten calls a minute to each address, unless the bot's role lets it go on
      // (`API_Enable_Rate_Limiter_Limit_Calls_Default`, `api-bypass-rate-limit`).
      roomRate: .init(perSecond: 5, burst: 10, isOnlyBeginning: true),
      accountRate: .init(perSecond: 5, burst: 10, isOnlyBeginning: true),
      // The clients keep an unknown `/word` to themselves.
      prefix: "!", threadsUnderMessages: true)
  }

  public func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    let memory = Memory(cursor)
    switch memory.step {
    case .whoami: return call(.get, "me", with: credential)
    case .person(let wanted): return lookup(person: wanted, with: credential)
    case .list(let since):
      return call(
        .get, "rooms.get",
        query: since.map { [("updatedSince", ISOTime.text($0))] } ?? [], with: credential)
    case .read(let errand): return changes(for: errand, memory, with: credential)
    }
  }

  /// By user id, or with a `@` before it by name.
  func lookup(person: String, with credential: Credential) -> HTTPRequest {
    let query =
      person.hasPrefix("@") ? ("username", String(person.dropFirst())) : ("userId", person)
    return call(.get, "users.info", query: [query], with: credential)
  }

  /// A page of what was written or changed in one room: forward in time from what is known, or back
  /// from now. What was stored late has an earlier time than what is known: a little is read twice.
  private func changes(
    for errand: Errand, _ memory: Memory, with credential: Credential
  ) -> HTTPRequest {
    let high = memory.rooms[errand.room]?.high ?? 0
    let place: (String, String)
    switch errand.kind {
    case .enter: place = ("previous", String(errand.movedAt + 1))
    case .read(let from):
      // Zero would count as none.
      place = ("next", String(max(1, from ?? high - Self.overlapMilliseconds)))
    }
    return call(
      .get, "chat.syncMessages",
      query: [
        ("roomId", errand.room), ("type", "UPDATED"), ("count", String(Self.pageSize)), place,
      ], with: credential)
  }

  /// One call of the API. Everything that stands in the query is encoded here.
  func call(
    _ method: HTTPRequest.Method, _ path: String, query: [(String, String)] = [],
    body: JSON? = nil, with credential: Credential
  ) -> HTTPRequest {
    let base = settings.server.hasSuffix("/") ? String(settings.server.dropLast()) : settings.server
    var url = base + "/api/v1/" + path
    if !query.isEmpty {
      url += "?" + query.map { $0 + "=" + Percent.encoded($1) }.joined(separator: "&")
    }
    var headers = ["X-Auth-Token": credential.token, "X-User-Id": settings.user]
    if body != nil { headers["Content-Type"] = "application/json" }
    return HTTPRequest(
      method, url, headers: headers, body: body?.data, responseBytesMax: Self.pollBytesMax)
  }

  /// Ids are mostly 17 letters and digits (`Random.id()`), and whoever writes a message may choose
  /// another one; what is odd is none.
  static func isID(_ text: String) -> Bool {
    (1...100).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
      }
  }

  /// The `_id` of a post: the same for the same key, and foreseen by nobody who lacks the token,
  /// because whoever wrote a message of that id first would keep the bot from saying its own.
  static func messageID(for key: String, with credential: Credential) -> String {
    let code = HMAC<SHA256>.authenticationCode(
      for: Data(key.utf8), using: SymmetricKey(data: Data(credential.token.utf8)))
    return code.prefix(14).map { byte in
      let text = String(byte, radix: 16)
      return text.utf8.count == 1 ? "0" + text : text
    }.joined()
  }
}
