import Crew
import Foundation
import Platforms
import Testing

/// A bot called @bell:hs.example and what its homeserver would say, written by hand. The desk keeps
/// the cursor, as the daemon does.
final class MatrixDesk {
  static let canary = "canary-TOKEN"
  static let credential = Credential(token: canary)
  static let room = "!team:hs.example"

  var matrix: Matrix
  var cursor: Cursor?

  init(
    inviters: [String] = ["@ana:hs.example", "*:friends.example"], trusted: [String] = [],
    user: String? = nil, password: String? = nil
  ) {
    matrix = Matrix(
      .init(
        account: "matrix", homeserver: "https://hs.example/", user: user,
        login: password.map { .password(Credential(token: $0)) } ?? .token,
        invitersAllowed: inviters, trustedBridges: trusted))
  }

  /// One that has seen its baseline, with the team's room joined.
  static func started(trusted: [String] = []) throws -> MatrixDesk {
    let desk = MatrixDesk(trusted: trusted)
    try desk.start()
    return desk
  }

  func start() throws {
    try take(#"{"user_id":"@bell:hs.example","device_id":"CREWBELL"}"#)
    try take(#"{"displayname":"Bell"}"#)
    try take(Self.sync("s1", join: [Self.room: Self.before]))
  }

  var asked: HTTPRequest { matrix.poll(after: cursor, with: Self.credential) }
  /// The path and query of what would be asked next, without the prefix.
  var path: String {
    asked.url.replacingOccurrences(of: "https://hs.example/_matrix/client/v3", with: "")
  }

  @discardableResult
  func take(_ json: String, status: Int = 200, headers: [String: String] = [:]) throws -> Intake {
    let response = HTTPResponse(status: status, headers: headers, body: Data(json.utf8))
    let intake = try matrix.read(response, after: cursor)
    cursor = intake.cursor
    return intake
  }

  /// The messages of one sync that brings these events in the team's room.
  func hear(_ events: String..., limited: Bool = false) throws -> [Message] {
    try take(Self.sync("s2", join: [Self.room: Self.timeline(events, limited: limited)])).messages
  }

  static let named = event(
    "$name", "m.room.name", content: #"{"name":"Service desk"}"#, #","state_key":"""#)

  /// The team's room as the bot finds it at its baseline.
  static let before = """
    {"timeline":{"events":[\(text("$old", "!kudos @ben old"))],"limited":true,"prev_batch":"p0"},\
    "state":{"events":[\(named)]},"summary":{"m.joined_member_count":3}}
    """

  static func sync(
    _ next: String, join: [String: String] = [:], invite: [String: String] = [:],
    leave: [String: String] = [:], account: String = ""
  ) -> String {
    func members(_ rooms: [String: String]) -> String {
      rooms.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    }
    return """
      {"next_batch":"\(next)","account_data":{"events":[\(account)]},"rooms":{\
      "join":{\(members(join))},"invite":{\(members(invite))},"leave":{\(members(leave))}}}
      """
  }

  static func timeline(_ events: [String], limited: Bool = false, prev: String = "p1") -> String {
    """
    {"timeline":{"events":[\(events.joined(separator: ","))],"limited":\(limited),\
    "prev_batch":"\(prev)"}}
    """
  }

  static func event(
    _ id: String, _ type: String, from: String = "@ana:hs.example", content: String,
    at milliseconds: Int64 = 1_766_000_000_000, _ more: String = ""
  ) -> String {
    """
    {"event_id":"\(id)","type":"\(type)","sender":"\(from)","origin_server_ts":\(milliseconds),\
    "content":\(content)\(more)}
    """
  }

  static func text(
    _ id: String, _ body: String, from: String = "@ana:hs.example",
    at milliseconds: Int64 = 1_766_000_000_000, _ more: String = ""
  ) -> String {
    event(
      id, "m.room.message", from: from,
      content: #"{"msgtype":"m.text","body":\#(JSON.string(body).text)\#(more)}"#,
      at: milliseconds)
  }

  static func member(
    _ id: String, _ user: String, _ membership: String, was: String? = nil,
    by sender: String? = nil, name: String = "Ben"
  ) -> String {
    let before = was.map { #","unsigned":{"prev_content":{"membership":"\#($0)"}}"# } ?? ""
    return event(
      id, "m.room.member", from: sender ?? user,
      content: #"{"membership":"\#(membership)","displayname":"\#(name)"}"#,
      #","state_key":"\#(user)"\#(before)"#)
  }

  static func invitation(by inviter: String, direct: Bool = false) -> String {
    """
    {"invite_state":{"events":[\
    {"type":"m.room.name","state_key":"","sender":"\(inviter)","content":{"name":"New room"}},\
    {"type":"m.room.member","state_key":"@bell:hs.example","sender":"\(inviter)",\
    "content":{"membership":"invite","is_direct":\(direct)}}]}}
    """
  }
}

extension HTTPRequest {
  /// The body as JSON; `null` where there is none.
  var json: JSON { body.flatMap(JSON.init) ?? .null }
}

extension Message {
  /// `ana: words`, with a mention as its id in brackets.
  var line: String {
    let words = body.map { piece in
      switch piece {
      case .text(let text): text
      case .mention(let who, _): "[\(who.user)]"
      }
    }
    return "\(senderName): \(words.joined())"
  }
}
