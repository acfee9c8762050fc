import Crew
import Foundation
import Platforms

// Custom slash commands (developers.mattermost.com/integrate/slash-commands/custom), and what the
// server does with the answers (`web/webhook.go`, `app/command.go`).
extension MattermostFake {
  public static let slashToken = "slashslashslashslashslash0"

  /// Somebody types `/crewbell text`, and the server calls.
  public mutating func slash(
    _ text: String, by person: String, in room: String? = nil, now: Instant,
    token: String = slashToken
  ) -> FakeCall {
    let channel = room ?? self.room
    let number = String(ways.count + 1)
    let name = "secret" + String(repeating: "0", count: 20 - number.count) + number
    ways[name] = SlashWay(channel: channel, person: person, until: now.adding(seconds: 1800))
    let mentioned = users.filter { text.contains("@" + $0.username) }
    var fields = [
      ("channel_id", channel), ("channel_name", "release-team"), ("command", "/crewbell"),
      ("response_url", "https://chat.example.org/hooks/commands/\(name)"),
      ("team_domain", "release"), ("team_id", Self.team), ("text", text), ("token", token),
      ("trigger_id", "dHJpZ2dlcg==:\(number)"), ("user_id", person),
      ("user_name", users.first { $0.id == person }?.username ?? ""),
    ]
    fields += mentioned.map { ("user_mentions", $0.username) }
    fields += mentioned.map { ("user_mentions_ids", $0.id) }
    return FakeCall(
      headers: [
        "content-type": "application/x-www-form-urlencoded", "authorization": "Token " + token,
      ], body: FakeCall.form(fields))
  }

  mutating func respond(_ request: FakeRequest, _ now: Instant) -> HTTPResponse {
    func refused(_ status: Int, _ id: String) -> HTTPResponse {
      .json(status, ["id": .string(id), "message": "refused", "status_code": 400])
    }
    let name = request.path.last ?? ""
    guard request.method == "POST", request.path.count == 3, let way = ways[name],
      now < way.until
    else { return refused(404, "app.command_webhook.get.missing") }
    guard way.answers < 5 else { return refused(400, "app.command_webhook.try_use.invalid") }
    guard let json = request.json, let text = json["text"].string,
      text.unicodeScalars.count <= 16_383
    else { return refused(400, "web.command_webhook.parse.app_error") }
    ways[name]?.answers += 1
    guard !text.isEmpty else { return HTTPResponse(status: 200, body: Data("ok".utf8)) }
    let shown = MattermostReader(text, names: users.map(\.username))
    let isOpen = json["response_type"].string == "in_channel"
    delivered.append(
      Delivered(
        .message, id: "\(name).\(way.answers)", room: way.channel,
        person: isOpen ? nil : way.person, text: shown.text, pings: shown.pings))
    return HTTPResponse(status: 200, body: Data("ok".utf8))
  }
}

extension FakeCall {
  /// As a form goes over the wire.
  public static func form(_ fields: [(String, String)]) -> Data {
    let plain = CharacterSet.alphanumerics.intersection(.init(charactersIn: "\u{0}"..."\u{7F}"))
    return Data(
      fields.map { name, value in
        name + "=" + (value.addingPercentEncoding(withAllowedCharacters: plain) ?? "")
      }.joined(separator: "&").utf8)
  }
}
