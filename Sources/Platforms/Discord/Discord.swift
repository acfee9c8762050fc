import Crew
import Foundation

/// Discord's REST API, version 10 (https://discord.com/developers/docs/reference), by polling: the
/// lists of channels and threads tell where something was written, and what follows the newest
/// message read is asked for, the oldest first. So nothing is missed, however long nobody asked.
public struct Discord: Platform {
  public struct Settings: Sendable, Equatable {
    /// The account's name in the config file.
    public var account: String
    public var baseURL: String
    /// User ids of those who may bring the bot into a channel; `*` is everybody.
    public var invitersAllowed: [String]

    public init(
      account: String, baseURL: String = "https://discord.com", invitersAllowed: [String] = []
    ) {
      self.account = account
      self.baseURL = baseURL
      self.invitersAllowed = invitersAllowed
    }
  }

  public let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  /// Between two turns, in seconds; where something waits to be read, the shorter one. Fifty calls
  /// a second are allowed to a bot, posts included (topics/rate-limits, "Global Rate Limit").
  static let pauseSeconds = 1.0
  static let quickSeconds = 0.1
  /// `content` of a message has at most 2000 characters. What a character is, is not said, so the
  /// smallest unit is taken.
  static let lengthMax = 2000
  /// Messages of one page, the most there are.
  static let pageSize = 100
  static let guildsPageSize = 200
  static let pollBytesMax = 8 * 1024 * 1024

  public var abilities: Abilities {
    Abilities(
      threads: true, reactions: true, edits: true, directNeedsContact: false,
      // A nonce is known "in the past few minutes" and not kept with the message.
      resend: .readBack(afterSeconds: 120, sameKeySeconds: 60), lengthMax: Self.lengthMax,
      lengthUnit: .utf16,
      // The limit of a channel is told by each answer and published nowhere; five messages in five
      // seconds is what the server tells.
      roomRate: .init(perSecond: 1, burst: 4), accountRate: .init(perSecond: 20, burst: 20),
      // The clients open a list of their own on `/`.
      prefix: "!")
  }

  public func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    switch Memory(cursor).errand {
    case .whoami: call(.get, ["users", "@me"], with: credential)
    case .guilds(let after):
      call(
        .get, ["users", "@me", "guilds"],
        query: [("after", after.text), ("limit", String(Self.guildsPageSize))], with: credential)
    case .channels(let guild): call(.get, ["guilds", guild, "channels"], with: credential)
    case .threads(let guild): call(.get, ["guilds", guild, "threads", "active"], with: credential)
    case .open(let person): open(person, with: credential)
    case .messages(let channel, let after): messages(in: channel, after: after, with: credential)
    }
  }

  /// The oldest messages after an id.
  func messages(
    in channel: String, after: Snowflake, with credential: Credential
  ) -> HTTPRequest {
    call(
      .get, ["channels", channel, "messages"],
      query: [("after", after.text), ("limit", String(Self.pageSize))], with: credential)
  }

  /// Gives the same channel however often it is asked for.
  func open(_ person: String, with credential: Credential) -> HTTPRequest {
    call(
      .post, ["users", "@me", "channels"], body: ["recipient_id": .string(person)],
      with: credential)
  }

  /// One call of the API. Everything that stands in the path is encoded here.
  func call(
    _ method: HTTPRequest.Method, _ path: [String], query: [(String, String)] = [],
    body: JSON? = nil, with credential: Credential
  ) -> HTTPRequest {
    var url = settings.baseURL + "/api/v10/"
    url += path.map { ["@me", "@original"].contains($0) ? $0 : Percent.encoded($0) }
      .joined(separator: "/")
    if !query.isEmpty {
      url += "?" + query.map { $0 + "=" + Percent.encoded($1) }.joined(separator: "&")
    }
    var headers = [
      "Authorization": "Bot " + credential.token,
      // This form is asked for ("User Agent"); others may be turned away by Cloudflare.
      "User-Agent": "DiscordBot (https://discord.com/developers, 1) crewbell",
    ]
    if body != nil { headers["Content-Type"] = "application/json" }
    return HTTPRequest(
      method, url, headers: headers, body: body?.data, responseBytesMax: Self.pollBytesMax)
  }
}
