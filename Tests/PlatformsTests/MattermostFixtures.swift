import Crew
import Foundation
import Platforms

/// A bot on a Mattermost server and the JSON that its server would send, written by hand; the state
/// of a conversation with it.
final class MattermostDesk {
  static let token = "canarycanarycanarycanary00"
  static let mattermost = Mattermost(
    .init(account: "mm", server: "https://chat.example.org", invitersAllowed: [ana]))
  static let credential = Credential(token: token)
  static let bell = id("bell")
  static let ana = id("ana")
  static let ben = id("ben")
  static let cleo = id("cleo")
  static let room = id("room")
  static let start: Int64 = 1_766_000_000_000

  var cursor: Cursor?
  /// What the server's clock says, in milliseconds.
  var now = start
  var complaints: [String] = []
  var waitSeconds = 0.0

  static func id(_ name: String) -> String {
    name + String(repeating: "0", count: 26 - name.count)
  }

  // MARK: - The server's words

  func response(_ json: JSON, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, headers: ["date": Self.date(now)], body: json.data)
  }

  /// `Date` of that moment; the desk lives on one day.
  static func date(_ milliseconds: Int64) -> String {
    let seconds = milliseconds / 1000 - 1_765_929_600
    func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + String(number) }
    return "Wed, 17 Dec 2025 \(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
      + " GMT"
  }

  static func user(_ name: String, isBot: Bool = false) -> JSON {
    [
      "id": .string(id(name)), "username": .string(name), "is_bot": .bool(isBot),
      "first_name": .string(name.capitalized), "last_name": "", "nickname": "",
    ]
  }

  static func channel(
    _ name: String = "room", last: Int64 = start, count: Int64 = 1, type: String = "O",
    created: Int64 = start - 86_400_000
  ) -> JSON {
    [
      "id": .string(id(name)), "type": .string(type), "display_name": .string(name.capitalized),
      "create_at": .integer(created), "delete_at": 0, "last_post_at": .integer(last),
      "total_msg_count": .integer(count),
    ]
  }

  static func post(
    _ name: String, _ text: String, by user: String = "ana", at: Int64, in channel: String = "room",
    type: String = "", root: String = "", props: JSON = [:], edited: Int64 = 0, deleted: Int64 = 0
  ) -> JSON {
    [
      "id": .string(id(name)), "create_at": .integer(at), "update_at": .integer(at),
      "edit_at": .integer(edited), "delete_at": .integer(deleted), "user_id": .string(id(user)),
      "channel_id": .string(id(channel)), "root_id": .string(root.isEmpty ? "" : id(root)),
      "message": .string(text), "type": .string(type), "props": props,
    ]
  }

  static func added(by user: String = "ana", at: Int64, name: String = "add") -> JSON {
    post(
      name, "added", by: user, at: at, type: "system_add_to_channel",
      props: ["userId": .string(id(user)), "addedUserId": .string(bell)])
  }

  /// Newest first, as the server lists them.
  static func page(_ posts: [JSON]) -> JSON {
    let sorted = posts.sorted { ($0["create_at"].integer ?? 0) > ($1["create_at"].integer ?? 0) }
    var told: [String: JSON] = [:]
    for post in sorted { told[post["id"].string ?? ""] = post }
    return ["order": .array(sorted.map { $0["id"] }), "posts": .object(told)]
  }

  // MARK: - The conversation

  var request: HTTPRequest { Self.mattermost.poll(after: cursor, with: Self.credential) }
  /// What stands after `/api/v4/`.
  var path: String { request.url.components(separatedBy: "/api/v4/").last ?? "" }

  @discardableResult
  func take(_ json: JSON, status: Int = 200) throws -> [Message] {
    let intake = try Self.mattermost.read(response(json, status: status), after: cursor)
    cursor = intake.cursor
    complaints += intake.complaints
    waitSeconds = intake.waitSeconds
    return intake.messages
  }

  /// Answers questions about people until something else is asked.
  func introduce(_ people: JSON...) throws {
    while path.hasPrefix("users/ids") || path.hasPrefix("users/usernames") {
      let asked = JSON(request.body ?? Data())?.array?.compactMap(\.string) ?? []
      try take(
        .array(
          people.filter {
            asked.contains($0["id"].string ?? "") || asked.contains($0["username"].string ?? "")
          }))
    }
  }

  /// A page of posts, with the questions about people in between.
  func hear(_ posts: [JSON]) throws -> [Message] {
    let asked = path
    let first = try take(Self.page(posts))
    guard path.hasPrefix("users/") else { return first }
    try introduce(
      Self.user("ana"), Self.user("ben"), Self.user("cleo"), Self.user("robot", isBot: true))
    return path == asked ? try take(Self.page(posts)) : first
  }

  /// In one channel where Ana has brought the bot; everything up to `start` is history.
  static func begun() throws -> MattermostDesk {
    let desk = MattermostDesk()
    try desk.take(user("crewbell", id: bell))
    try desk.take([channel()])
    _ = try desk.hear([
      added(at: start - 60_000), post("old", "!task add old", at: start - 30_000),
      post("last", "bye", at: start),
    ])
    return desk
  }

  private static func user(_ name: String, id: String) -> JSON {
    ["id": .string(id), "username": .string(name), "is_bot": true]
  }
}

extension Message {
  /// Without the zeros that fill an id.
  var told: String { said { String($0.prefix { $0 != "0" }) } }
}
