import Crew
import Foundation
import Platforms

/// A chat server in memory, as strict as the vendor's: a call that the real one would refuse is
/// refused here, and what the bot brought about is on record. A value that opens no socket and
/// reads no clock, so that the same fake serves a vendor's SDK over HTTP (`FakeHost`), the daemon
/// in this process, and the simulation.
public protocol FakeChat: Sendable {
  /// One call, whoever makes it.
  mutating func answer(_ request: FakeRequest, now: Instant) -> FakeAnswer

  /// Where people and the bot are together.
  var room: String { get }
  /// Two people of that room; the first one made it and invited the bot.
  var people: [String] { get }
  /// - Parameter room: nil for the person's direct chat with the bot.
  /// - Returns: the message's id.
  mutating func write(_ text: String, by person: String, in room: String?, now: Instant) -> String
  /// As another program's bot would.
  mutating func writeAsBot(_ text: String, in room: String, now: Instant) -> String
  mutating func edit(_ message: String, to text: String, now: Instant)
  /// Everything that the bot has posted, edited or reacted with, in order; what was sent twice
  /// stands here twice.
  var delivered: [Delivered] { get }
  /// The server restarts and forgets what it keeps in memory only (queues, sessions, caches).
  mutating func restart()
  /// What people do so that the bot begins, where nobody tells it who invited it (mention it, say).
  /// Called again and again until the bot greets; does nothing before the bot listens.
  mutating func welcome(now: Instant)
}

extension FakeChat {
  public mutating func welcome(now: Instant) {}
}

public struct Delivered: Sendable, Equatable {
  public enum Kind: Sendable, Equatable { case message, edit, reaction }

  public var kind: Kind
  public var id: String
  /// Nil in a direct chat.
  public var room: String?
  /// In a direct chat, with whom; in a room, who alone sees it there.
  public var person: String?
  /// Shown in a room to one person alone.
  public var isEphemeral: Bool { room != nil && person != nil }
  /// As a reader sees it, without markup; a reaction's emoji.
  public var text: String
  /// The message it stands under, or reacts to.
  public var under: String?
  /// Whom it pings.
  public var pings: [String]

  public init(
    _ kind: Kind, id: String, room: String?, person: String? = nil, text: String,
    under: String? = nil, pings: [String] = []
  ) {
    self.kind = kind
    self.id = id
    self.room = room
    self.person = person
    self.text = text
    self.under = under
    self.pings = pings
  }
}

/// A call as it comes over the wire.
public struct FakeRequest: Sendable {
  public var method: String
  /// Percent-encoding taken off each part: `["api", "v1", "messages"]`.
  public var path: [String]
  public var query: [String: String]
  /// Names in lower case.
  public var headers: [String: String]
  public var body: Data

  public init(
    method: String, url: String, headers: [String: String] = [:], body: Data = Data()
  ) {
    self.method = method
    var parts = URLComponents(string: url)
    // Forms write a space as `+`, and some clients do so in a query too.
    if let query = parts?.percentEncodedQuery {
      parts?.percentEncodedQuery = query.replacingOccurrences(of: "+", with: "%20")
    }
    path = (parts?.percentEncodedPath ?? "").split(separator: "/")
      .map { String($0).removingPercentEncoding ?? String($0) }
    query = Dictionary(
      (parts?.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
    self.headers = Dictionary(
      headers.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { $1 })
    self.body = body
  }

  public init(_ request: HTTPRequest) {
    self.init(
      method: request.method.rawValue, url: request.url, headers: request.headers,
      body: request.body ?? Data())
  }

  /// The body as JSON; nil where it is none.
  public var json: JSON? { JSON(body) }

  /// The fields of an `application/x-www-form-urlencoded` body.
  public var form: [String: String] {
    var parts = URLComponents()
    parts.percentEncodedQuery = String(decoding: body, as: UTF8.self)
      .replacingOccurrences(of: "+", with: "%20")
    return Dictionary(
      (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
  }
}

public enum FakeAnswer: Sendable {
  case now(HTTPResponse)
  /// A long poll with nothing to tell: ask again when something has changed, and at the end of
  /// this time answer so.
  case hold(seconds: Double, else: HTTPResponse)

  public static func json(_ status: Int, _ body: JSON, headers: [String: String] = [:]) -> Self {
    .now(.json(status, body, headers: headers))
  }
}

extension HTTPResponse {
  public static func json(_ status: Int, _ body: JSON, headers: [String: String] = [:]) -> Self {
    HTTPResponse(
      status: status, headers: headers.merging(["content-type": "application/json"]) { $1 },
      body: body.data)
  }
}
