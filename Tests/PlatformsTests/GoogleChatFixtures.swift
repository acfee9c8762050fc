import Crew
import Fakes
import Foundation
import Platforms

/// A conversation with Google Chat, its answers written by hand.
final class GoogleDesk {
  static let key = Credential(token: GoogleKey.file())
  static let google = GoogleChat(
    .init(
      account: "googlechat", subscription: "projects/acme/subscriptions/bell",
      invitersAllowed: [ana]), key: key)
  static let credential = Credential(token: "ya29.canary")
  static let ana = "101"
  static let ben = "102"

  var cursor: Cursor?
  var complaints: [String] = []
  var remarks: [String] = []
  var waitSeconds = 0.0

  static func response(_ json: JSON, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["date": "Wed, 17 Dec 2025 19:33:20 GMT"], body: json.data)
  }

  static func error(_ word: String, _ status: Int) -> HTTPResponse {
    response(["error": ["code": .integer(Int64(status)), "status": .string(word)]], status: status)
  }

  static func user(_ id: String, _ type: String = "HUMAN") -> JSON {
    ["name": .string("users/" + id), "displayName": .string("user \(id)"), "type": .string(type)]
  }

  static let space: JSON = [
    "name": "spaces/AAAA", "type": "ROOM", "spaceType": "SPACE", "displayName": "Team",
  ]
  static let direct: JSON = [
    "name": "spaces/DM1", "spaceType": "DIRECT_MESSAGE", "singleUserBotDm": true,
  ]

  /// - Parameter minute: of the quarter of an hour after the first contact.
  static func event(
    _ type: String, minute: Int, by user: String = ana, in space: JSON = space,
    _ message: JSON? = nil
  ) -> JSON {
    var event: [String: JSON] = [
      "type": .string(type), "eventTime": .string(time(minute)), "user": self.user(user),
      "space": space,
    ]
    event["message"] = message
    return .object(event)
  }

  static func time(_ minute: Int) -> String {
    "2025-12-17T19:\(35 + minute):00.250000Z"
  }

  static func message(
    _ id: String, _ text: String, by user: String = ana, minute: Int, space: String = "AAAA",
    _ more: [String: JSON] = [:]
  ) -> JSON {
    let own: [String: JSON] = [
      "name": .string("spaces/\(space)/messages/\(id)"), "sender": self.user(user),
      "createTime": .string(time(minute)), "text": .string(text),
      "thread": ["name": .string("spaces/\(space)/threads/\(id.prefix { $0 != "." })")],
    ]
    return .object(own.merging(more) { $1 })
  }

  static func pulled(_ events: [JSON], publishedAt time: String = time(14)) -> JSON {
    [
      "receivedMessages": .array(
        events.enumerated().map { number, event in
          [
            "ackId": .string("ack \(number)"),
            "message": [
              "data": .string(event.data.base64EncodedString()), "publishTime": .string(time),
            ],
          ]
        })
    ]
  }

  var request: HTTPRequest { Self.google.poll(after: cursor, with: Self.credential) }
  var body: JSON { JSON(request.body ?? Data()) ?? .null }

  @discardableResult
  func take(_ response: HTTPResponse) throws -> [Message] {
    let intake = try Self.google.read(response, after: cursor)
    cursor = intake.cursor
    complaints += intake.complaints
    remarks += intake.remarks
    waitSeconds = intake.waitSeconds
    return intake.messages
  }

  static func begun() throws -> GoogleDesk {
    let desk = GoogleDesk()
    try desk.take(response(["topic": "projects/acme/topics/chat"]))
    return desk
  }

  /// What these events bring; acknowledged.
  func hear(_ events: JSON..., publishedAt: String = GoogleDesk.time(14)) throws -> [Message] {
    let told = try take(Self.response(Self.pulled(events, publishedAt: publishedAt)))
    try take(Self.response([:]))
    return told
  }
}

extension Message {
  var googleTold: String {
    let words = body.map { piece in
      switch piece {
      case .text(let text): text
      case .mention(let identity, let shown): "{\(identity.user) \(shown)}"
      }
    }.joined()
    return kind == .text ? "\(sender.user): \(words)" : "\(sender.user) \(kind)"
  }
}
