import Crew
import Foundation

/// Mattermost, REST API v4 (https://developers.mattermost.com/api-documentation/), by polling: one
/// list of the bot's channels a turn, and the posts of those in which something was written since.
/// What the server does beyond its documents is from its source (`server/channels/app/post.go`,
/// `store/sqlstore/post_store.go`).
public struct Mattermost: Platform {
  public struct Settings: Sendable, Equatable {
    /// The account's name in the config file.
    public var account: String
    /// The address of the server, e.g. `https://chat.example.org`.
    public var server: String
    /// User ids of those who may bring the bot into a channel; `*` is everybody.
    public var invitersAllowed: [String]

    public init(account: String, server: String, invitersAllowed: [String] = []) {
      self.account = account
      self.server = server
      self.invitersAllowed = invitersAllowed
    }
  }

  public let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  /// Between two looks at the list of channels, in seconds. The server publishes no limit; where an
  /// administrator turns its limiter on, it allows 10 calls a second (`RateLimitSettings`).
  static let pauseSeconds = 2.0
  /// `model.PostMessageMaxRunesV2`, in code points.
  static let lengthMax = 16_383

  public var abilities: Abilities {
    Abilities(
      threads: true, reactions: true, edits: true, directNeedsContact: false,
      // `pending_post_id` is known for 30 seconds (`PendingPostIDsCacheTTL`), in the memory of one
      // server; half of that is used. Afterwards the channel is read back.
      resend: .readBack(afterSeconds: 120, sameKeySeconds: 15),
      lengthMax: Self.lengthMax, lengthUnit: .codePoints,
      roomRate: .init(perSecond: 5, burst: 10), accountRate: .init(perSecond: 8, burst: 20),
      // The clients keep an unknown `/word` to themselves.
      prefix: "!", threadsUnderMessages: true)
  }

  public func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    let memory = Memory(cursor)
    switch memory.step {
    case .whoami: return call(.get, ["users", "me"], with: credential)
    case .people(let ids): return lookup(people: ids, with: credential)
    case .names(let names):
      return call(
        .post, ["users", "usernames"], body: .array(names.map(JSON.string)), with: credential)
    case .read(let errand): return request(for: errand, memory, with: credential)
    case .list:
      var request = call(.get, ["users", memory.me ?? "me", "channels"], with: credential)
      request.responseBytesMax = Self.pollBytesMax
      return request
    }
  }

  static let pollBytesMax = 8 * 1024 * 1024

  func lookup(people ids: [String], with credential: Credential) -> HTTPRequest {
    call(.post, ["users", "ids"], body: .array(ids.map(JSON.string)), with: credential)
  }

  /// Posts of one channel; never more a page than fit into the answer, even long ones.
  private func request(
    for errand: Errand, _ memory: Memory, with credential: Credential
  ) -> HTTPRequest {
    let channel = memory.channels[errand.channel] ?? Channel(type: "", high: 0)
    let page = [("page", String(errand.page)), ("per_page", String(Self.pageSize))]
    let query: [(String, String)]
    switch errand.kind {
    case .enter: query = page
    case .follow(let anchor): query = [("after", anchor)] + page
    // A post that was stored late has an earlier time than what is known: a little is read twice.
    case .changes:
      query = [("since", String(max(1, channel.high - Self.overlapMilliseconds)))]
    }
    var request = call(
      .get, ["channels", errand.channel, "posts"], query: query, with: credential)
    request.responseBytesMax = Self.pollBytesMax
    return request
  }

  static let pageSize = 60
  static let overlapMilliseconds: Int64 = 5000
  /// `since=` gives at most this many, and any of them where there are more.
  static let changesMax = 1000

  /// One call of the API. Everything that stands in the path is encoded here.
  func call(
    _ method: HTTPRequest.Method, _ path: [String], query: [(String, String)] = [],
    body: JSON? = nil, with credential: Credential
  ) -> HTTPRequest {
    let base = settings.server.hasSuffix("/") ? String(settings.server.dropLast()) : settings.server
    var url = base + "/api/v4/" + path.map(Percent.encoded).joined(separator: "/")
    if !query.isEmpty {
      url += "?" + query.map { $0 + "=" + Percent.encoded($1) }.joined(separator: "&")
    }
    var headers = ["Authorization": "Bearer " + credential.token]
    if body != nil { headers["Content-Type"] = "application/json" }
    return HTTPRequest(method, url, headers: headers, body: body?.data)
  }

  /// Ids are 26 characters `[a-z0-9]`; what is none never gets into an address.
  static func isID(_ text: String) -> Bool {
    text.utf8.count == 26
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
  }
}
