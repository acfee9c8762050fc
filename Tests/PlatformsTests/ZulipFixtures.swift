import Crew
import Foundation
import Platforms

/// The bot number 9, called crewbell, and what its server would say, written by hand. The desk
/// keeps the cursor, as the daemon does.
final class ZulipDesk {
  static let canary = "canaryTOKEN"
  static let credential = Credential(token: canary)

  let zulip: Zulip
  var cursor: Cursor?

  init(inviters: [String] = ["11"], site: String = "https://zulip.example") {
    zulip = Zulip(
      .init(
        account: "zulip", site: site, email: "bell-bot@zulip.example", inviters: inviters,
        key: Self.credential))
  }

  /// One that has its baseline at message 100 and an empty queue.
  static func started(inviters: [String] = ["11"]) throws -> ZulipDesk {
    let desk = ZulipDesk(inviters: inviters)
    try desk.start()
    return desk
  }

  func start() throws {
    try take(Self.me)
    try take(Self.page([Self.message(100, "!task add old")]))
    try take(Self.queue("q1"))
    try take(Self.page([]))
  }

  var asked: HTTPRequest { zulip.poll(after: cursor, with: Self.credential) }
  /// What would be asked next, without the prefix.
  var path: String {
    asked.url.replacingOccurrences(of: "https://zulip.example/api/v1/", with: "")
  }

  @discardableResult
  func take(_ json: String, status: Int = 200, headers: [String: String] = [:]) throws -> Intake {
    let response = HTTPResponse(status: status, headers: headers, body: Data(json.utf8))
    let intake = try zulip.read(response, after: cursor)
    cursor = intake.cursor
    return intake
  }

  /// The messages that these events bring once every question is answered: everybody below 20 is a
  /// person, and whoever is mentioned by name is `Ben`, number 12.
  @discardableResult
  func hear(_ events: String...) throws -> [Message] {
    let answer = Self.success(#""events":[\#(events.joined(separator: ","))]"#)
    var messages: [Message] = []
    for _ in 0..<40 {
      messages += try take(answer).messages
      guard path.hasPrefix("users/") || path.hasPrefix("messages/") else { break }
      while path.hasPrefix("users/") || path.hasPrefix("messages/") { try answerQuestion() }
    }
    return messages
  }

  func answerQuestion() throws {
    if path.hasPrefix("users/"), let id = Int64(path.dropFirst(6)) {
      try take(Self.success(#""user":{"user_id":\#(id),"is_bot":\#(id >= 20)}"#))
    } else {
      let html = #"<p><span class=\"user-mention\" data-user-id=\"12\">@Ben &amp; Co</span></p>"#
      try take(Self.success(#""message":{"content":"\#(html)"}"#))
    }
  }

  static func success(_ members: String) -> String {
    #"{"result":"success","msg":"",\#(members)}"#
  }

  static let me = success(#""user_id":9,"full_name":"crewbell","is_bot":true"#)

  static func queue(_ name: String) -> String {
    success(#""queue_id":"\#(name)","last_event_id":-1"#)
  }

  static func page(_ messages: [String], isNewest: Bool = true, more: String = "") -> String {
    success(
      #""messages":[\#(messages.joined(separator: ","))],"found_newest":\#(isNewest),"#
        + #""found_oldest":false\#(more)"#)
  }

  static func error(_ code: String, _ more: String = "") -> String {
    #"{"result":"error","code":"\#(code)","msg":"words"\#(more)}"#
  }

  static func event(_ id: Int64, _ message: String, flags: String = "") -> String {
    #"{"type":"message","id":\#(id),"flags":[\#(flags)],"message":\#(message)}"#
  }

  static func message(
    _ id: Int64, _ content: String, by sender: Int64 = 11, topic: String = "deploys",
    channel: Int64 = 5, more: String = ""
  ) -> String {
    """
    {"id":\(id),"sender_id":\(sender),"sender_full_name":"Ana","type":"stream",\
    "stream_id":\(channel),"display_recipient":"team","subject":\(JSON.string(topic).text),\
    "timestamp":1766000000,"content":\(JSON.string(content).text)\(more)}
    """
  }

  static func direct(_ id: Int64, _ content: String, by sender: Int64 = 11, with: [Int64])
    -> String
  {
    let people = with.map { #"{"id":\#($0),"full_name":"x","email":"x@x"}"# }
    return """
      {"id":\(id),"sender_id":\(sender),"sender_full_name":"Ana","type":"private",\
      "display_recipient":[\(people.joined(separator: ","))],"subject":"",\
      "timestamp":1766000000,"content":\(JSON.string(content).text)}
      """
  }
}

extension Message {
  /// The pieces as a test writes them: a mention as `@(id)`.
  var spoken: String {
    body.map { piece in
      switch piece {
      case .text(let text): text
      case .mention(let identity, _): "@(\(identity.user))"
      }
    }.joined()
  }
}
