import Crew
import Foundation
import Platforms

/// A bot on a Rocket.Chat server and the JSON that its server would send, written by hand; the
/// state of a conversation with it.
final class RocketChatDesk {
  static let token = "canarycanarycanarycanarycanarycanarycanary0"
  static let bell = "bellbellbellbell1"
  static let rocketchat = RocketChat(
    .init(
      account: "rc", server: "https://chat.example.org", user: bell, invitersAllowed: ["ana1"]))
  static let credential = Credential(token: token)
  /// Seconds since midnight of 2025-12-17.
  static let start = 70_000

  var cursor: Cursor?
  /// What the server's clock says, in seconds since midnight.
  var now = start
  var complaints: [String] = []
  var remarks: [String] = []
  var waitSeconds = 0.0
  var headers: [String: String] = [:]

  // MARK: - The server's words

  /// - Parameter at: in milliseconds after the start.
  static func time(_ at: Int) -> JSON {
    let seconds = start + at / 1000
    return .string("2025-12-17T\(clock(seconds)).\(String(String(1000 + at % 1000).dropFirst()))Z")
  }

  private static func clock(_ seconds: Int) -> String {
    [seconds / 3600, seconds / 60 % 60, seconds % 60].map { ($0 < 10 ? "0" : "") + String($0) }
      .joined(separator: ":")
  }

  func response(_ json: JSON, status: Int = 200) -> HTTPResponse {
    let date = "Wed, 17 Dec 2025 \(Self.clock(now)) GMT"
    return HTTPResponse(
      status: status, headers: headers.merging(["date": date]) { $1 }, body: json.data)
  }

  static let me: JSON = [
    "success": true, "_id": .string(bell), "username": "crewbell", "roles": ["bot"],
  ]

  static func user(_ name: String, type: String = "user") -> JSON {
    [
      "success": true,
      "user": [
        "_id": .string(name + "1"), "username": .string(name), "name": .string(name.capitalized),
        "type": .string(type),
      ],
    ]
  }

  static func room(
    _ id: String = "room1", moved: Int = 0, lm: Int? = nil, count: Int = 1, type: String = "c",
    created: Int = -3_600_000, creator: String = "ben1", people: Int = 3
  ) -> JSON {
    [
      "_id": .string(id), "t": .string(type), "fname": .string(id.capitalized),
      "ts": time(created), "_updatedAt": time(moved), "lm": time(lm ?? moved),
      "msgs": .integer(Int64(count)), "usersCount": .integer(Int64(people)),
      "u": ["_id": .string(creator)],
    ]
  }

  static func rooms(_ list: JSON...) -> JSON {
    ["success": true, "update": .array(list), "remove": []]
  }

  static func post(
    _ id: String, _ text: String, by user: String = "ana", at: Int, changed: Int? = nil,
    in room: String = "room1", type: String = "", more: [String: JSON] = [:]
  ) -> JSON {
    var post: [String: JSON] = [
      "_id": .string(id), "rid": .string(room), "msg": .string(text), "ts": time(at),
      "_updatedAt": time(changed ?? at),
      "u": [
        "_id": .string(user == "bell" ? bell : user + "1"), "username": .string(user),
        "name": .string(user.capitalized),
      ],
    ]
    if !type.isEmpty { post["t"] = .string(type) }
    return .object(post.merging(more) { $1 })
  }

  static func mentions(_ people: [(id: String, name: String)]) -> [String: JSON] {
    [
      "mentions": .array(
        people.map { ["_id": .string($0.id), "username": .string($0.name), "type": "user"] })
    ]
  }

  static func page(_ posts: [JSON]) -> JSON {
    ["success": true, "result": ["updated": .array(posts), "deleted": []]]
  }

  // MARK: - The conversation

  var request: HTTPRequest { Self.rocketchat.poll(after: cursor, with: Self.credential) }
  /// What stands after `/api/v1/`.
  var path: String { request.url.components(separatedBy: "/api/v1/").last ?? "" }

  @discardableResult
  func take(_ json: JSON, status: Int = 200) throws -> [Message] {
    let intake = try Self.rocketchat.read(response(json, status: status), after: cursor)
    cursor = intake.cursor
    complaints += intake.complaints
    remarks += intake.remarks
    waitSeconds = intake.waitSeconds
    return intake.messages
  }

  /// A page of messages, with the questions about people in between.
  func hear(_ posts: [JSON]) throws -> [Message] {
    var told = try take(Self.page(posts))
    guard path.hasPrefix("users.info") else { return told }
    while path.hasPrefix("users.info") {
      let asked = String(path.split(separator: "=").last ?? "")
      let name = asked.hasSuffix("1") ? String(asked.dropLast()) : asked
      let isKnown = ["ana", "ben", "robot"].contains(name)
      try take(
        isKnown
          ? Self.user(name, type: name == "robot" ? "bot" : "user")
          : ["success": false, "error": "User not found."], status: isKnown ? 200 : 400)
    }
    told = try take(Self.page(posts))
    return told
  }

  /// In one room where Ana has added the bot; everything up to the start is history.
  static func begun() throws -> RocketChatDesk {
    let desk = RocketChatDesk()
    try desk.take(me)
    try desk.take(rooms(room()))
    _ = try desk.hear([
      post("old", "!task add old", at: 0), post("add", "crewbell", at: 0, type: "au"),
    ])
    return desk
  }

  /// The list tells of a change at that time.
  func move(_ at: Int, count: Int) throws {
    try take(Self.rooms(Self.room(moved: at, count: count)))
  }
}
