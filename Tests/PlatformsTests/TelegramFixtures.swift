import Crew
import Foundation
import Platforms

/// A bot called @bell_bot (id 999) and the JSON that its server would send, written by hand.
enum TelegramFixture {
  static let token = "999:canary-TOKEN_x"
  static let telegram = Telegram(.init(account: "telegram", token: token))
  static let credential = Credential(token: token)
  static let ana =
    #"{"id":1,"is_bot":false,"first_name":"Ana","last_name":"Ruiz","username":"Ana"}"#
  static let ben = #"{"id":2,"is_bot":false,"first_name":"Ben","username":"ben"}"#
  static let bell = #"{"id":999,"is_bot":true,"first_name":"Bell","username":"Bell_Bot"}"#
  static let team = #"{"id":-1001,"type":"supergroup","title":"Service Desk"}"#

  static func answer(_ json: String, status: Int = 200, headers: [String: String] = [:])
    -> HTTPResponse
  {
    HTTPResponse(status: status, headers: headers, body: Data(json.utf8))
  }

  static func updates(_ json: String...) -> HTTPResponse {
    answer(#"{"ok":true,"result":[\#(json.joined(separator: ","))]}"#)
  }

  /// - Parameter more: further fields of the message, each with a comma before it.
  static func message(
    _ update: Int, _ id: Int, from: String = ana, chat: String = team, text: String? = nil,
    _ more: String = "", kind: String = "message"
  ) -> String {
    let words = text.map { #","text":"\#($0)""# } ?? ""
    return """
      {"update_id":\(update),"\(kind)":{"message_id":\(id),"from":\(from),"chat":\(chat),\
      "date":1766000000\(words)\(more)}}
      """
  }

  static func direct(_ person: String, _ id: Int) -> String {
    #"{"id":\#(id),"type":"private","first_name":"x"}"#
  }

  static func standing(_ update: Int, _ before: String, _ after: String, chat: String = team)
    -> String
  {
    """
    {"update_id":\(update),"my_chat_member":{"chat":\(chat),"from":\(ana),"date":1766000004,\
    "old_chat_member":{"status":"\(before)","user":\(bell)},\
    "new_chat_member":{"status":"\(after)","user":\(bell)}}}
    """
  }

  /// After getMe, before anything was fetched.
  static func firstCursor() throws -> Cursor {
    try telegram.read(answer(#"{"ok":true,"result":\#(bell)}"#), after: nil).cursor
  }

  /// With the queue of before first contact drained.
  static func cursor() throws -> Cursor {
    try telegram.read(updates(), after: firstCursor()).cursor
  }

  static func read(_ json: String..., after cursor: Cursor? = nil) throws -> Intake {
    let body = answer(#"{"ok":true,"result":[\#(json.joined(separator: ","))]}"#)
    return try telegram.read(body, after: cursor ?? Self.cursor())
  }

  static func object(_ request: HTTPRequest) throws -> [String: Any] {
    let json = try JSONSerialization.jsonObject(with: request.body ?? Data())
    return json as? [String: Any] ?? [:]
  }
}

extension Piece {
  static func ana(_ shown: String) -> Piece {
    .mention(Identity(account: "telegram", user: "1"), shown: shown)
  }
  static func ben(_ shown: String) -> Piece {
    .mention(Identity(account: "telegram", user: "2"), shown: shown)
  }
}
