import Crew
import Foundation
import Platforms

/// A bot of an app of Feishu and the JSON that Feishu would send, written by hand; the state of a
/// conversation with it.
final class FeishuDesk {
  static let secret = "canarycanarycanarycanarycanary00"
  static let token = "t-canary"
  static let feishu = Feishu(
    .init(
      account: "fs", app: "cli_app00001", secret: Credential(token: secret),
      invitersAllowed: ["ou_ana1"]))
  static let credential = Credential(token: token)
  static let room = "oc_room1"
  /// Seconds since 1970 of 2025-12-17 19:26:40.
  static let start: Int64 = 1_765_999_600

  var cursor: Cursor?
  /// What the server's clock says, in seconds.
  var now = start
  var complaints: [String] = []
  var waitSeconds = 0.0

  // MARK: - The server's words

  func response(_ json: JSON, status: Int = 200) -> HTTPResponse {
    let seconds = now - 1_765_929_600
    func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + String(number) }
    let date =
      "Wed, 17 Dec 2025 \(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)) GMT"
    return HTTPResponse(status: status, headers: ["date": date], body: json.data)
  }

  static func data(_ data: JSON) -> JSON { ["code": 0, "msg": "success", "data": data] }

  static func list(_ items: [JSON], more: String? = nil) -> JSON {
    data([
      "items": .array(items), "has_more": .bool(more != nil), "page_token": .string(more ?? ""),
    ])
  }

  static func chat(_ id: String = room, name: String = "发布小组") -> JSON {
    ["chat_id": .string(id), "name": .string(name), "chat_status": "normal"]
  }

  /// - Parameter at: in milliseconds after the start.
  static func post(
    _ id: String, _ text: String, by user: String = "ana", at: Int64, type: String = "text",
    more: [String: JSON] = [:]
  ) -> JSON {
    let content: JSON = ["text": .string(text)]
    let post: [String: JSON] = [
      "message_id": .string("om_" + id), "msg_type": .string(type),
      "create_time": .string(String(start * 1000 + at)), "chat_id": .string(room),
      "deleted": false, "updated": false,
      "sender": [
        "id": .string("ou_\(user)1"), "id_type": "open_id", "sender_type": "user",
        "sender_name": .string(user.capitalized),
      ],
      "body": ["content": .string(content.text)],
    ]
    return .object(post.merging(more) { $1 })
  }

  /// Who is meant by `@_user_1`, `@_user_2` …
  static func mentions(_ ids: String...) -> [String: JSON] {
    [
      "mentions": .array(
        ids.enumerated().map { number, id in
          [
            "key": .string("@_user_\(number + 1)"), "id": .string(id), "id_type": "open_id",
            "name": .string(String(id.dropFirst(3))),
          ]
        })
    ]
  }

  static func refusal(_ code: Int64) -> JSON { ["code": .integer(code), "msg": "refused"] }

  // MARK: - The conversation

  var request: HTTPRequest { Self.feishu.poll(after: cursor, with: Self.credential) }
  /// What stands after `/open-apis/`.
  var path: String { request.url.components(separatedBy: "/open-apis/").last ?? "" }

  @discardableResult
  func take(_ json: JSON, status: Int = 200) throws -> [Message] {
    let intake = try Self.feishu.read(response(json, status: status), after: cursor)
    cursor = intake.cursor
    complaints += intake.complaints
    waitSeconds = intake.waitSeconds
    return intake.messages
  }

  /// Lists, direct chats and pages of others are answered with nothing new until that chat's turn.
  func turn(of chat: String = room, chats: [JSON] = [chat()]) throws {
    for _ in 0..<40 {
      if path.hasPrefix("im/v1/messages?"), path.contains("container_id=\(chat)&") { return }
      if path.hasPrefix("im/v1/chats") {
        try take(Self.list(chats))
      } else if path.hasPrefix("chat/v4/p2p/id") {
        try take(
          Self.data(["chat_id": .string("oc_dm_" + (path.split(separator: "_").last ?? ""))]))
      } else {
        try take(Self.list([]))
      }
    }
    throw PollFailure.refused("its turn never comes: \(path)")
  }

  /// In its turn.
  func hear(_ posts: [JSON], in chat: String = room, more: String? = nil) throws -> [Message] {
    try turn(of: chat)
    return try take(Self.list(posts, more: more))
  }

  /// In one group where Ana has spoken to the bot.
  static func begun() throws -> FeishuDesk {
    let desk = FeishuDesk()
    try desk.take(["code": 0, "bot": ["open_id": "ou_bell", "app_name": "Crewbell"]])
    try desk.take(list([chat()]))
    _ = try desk.hear([
      post("hello", "@_user_1 你好", at: 2000, more: mentions("ou_bell"))
    ])
    return desk
  }
}

extension Message {
  /// Without the `ou_` of an id.
  var heard: String { said { String($0.dropFirst(3)) } }
}
