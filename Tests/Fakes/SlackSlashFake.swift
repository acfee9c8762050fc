import Crew
import Crypto
import Foundation
import Platforms

/// A call that a platform makes to the bot.
public struct FakeCall: Sendable {
  public var headers: [String: String]
  public var body: Data

  public init(headers: [String: String] = [:], body: Data = Data()) {
    self.headers = headers
    self.body = body
  }
}

/// Where the answers to one slash command may go.
struct SlashWay {
  var channel: String
  var person: String
  var until: Instant
  var answers = 0
}

// Slash commands (docs.slack.dev/interactivity/implementing-slash-commands).
extension SlackFake {
  public static let signingSecret = "8f742231b10e8888abcd99eeefff85a5"

  /// Somebody types `/crewbell text`, and Slack calls.
  /// - Parameter base: where the answer can be sent; the workspace's own address.
  public mutating func slash(
    _ text: String, by person: String, in room: String? = nil, now: Instant,
    base: String = "https://slack.com"
  ) -> FakeCall {
    let channel = room ?? self.room
    let name = "way\(ways.count + 1)secret"
    ways[name] = SlashWay(channel: channel, person: person, until: now.adding(seconds: 1800))
    let fields = [
      ("token", "unused"), ("team_id", Self.team), ("team_domain", "release"),
      ("channel_id", channel), ("channel_name", "release-team"), ("user_id", person),
      ("user_name", person.lowercased()), ("command", "/crewbell"), ("text", text),
      ("api_app_id", "A1"), ("is_enterprise_install", "false"),
      ("response_url", "\(base)/commands/\(Self.team)/1/\(name)"),
      ("trigger_id", "1.2.\(ways.count)"),
    ]
    let body = FakeCall.form(fields)
    return FakeCall(headers: Self.signature(of: body, at: now), body: body)
  }

  public static func signature(of body: Data, at now: Instant) -> [String: String] {
    let code = HMAC<SHA256>.authenticationCode(
      for: Data("v0:\(now.seconds):".utf8) + body,
      using: SymmetricKey(data: Data(signingSecret.utf8)))
    let hex = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return [
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": String(now.seconds), "x-slack-signature": "v0=" + hex,
    ]
  }

  /// A `response_url`: five answers in half an hour.
  mutating func respond(_ request: FakeRequest, _ now: Instant) -> HTTPResponse {
    let arguments = Arguments(request)
    let name = request.path.last ?? ""
    guard request.method == "POST", let way = ways[name] else {
      return .json(404, ["ok": false, "error": "no_such_url"])
    }
    guard now < way.until else { return .json(404, ["ok": false, "error": "expired_url"]) }
    guard way.answers < 5 else { return .json(404, ["ok": false, "error": "used_url"]) }
    guard let (text, blocks) = try? checked(arguments) else {
      return .json(400, ["ok": false, "error": "invalid_payload"])
    }
    ways[name]?.answers += 1
    let isOpen = arguments["response_type"] == "in_channel"
    let channel =
      channels.first { $0.id == way.channel }
      ?? Channel(id: way.channel, name: "", members: [])
    note(
      Posted(
        channel: way.channel, ts: "0.\(ways.count)\(way.answers)", user: Self.bell, text: text,
        blocks: blocks), channel, .message, only: isOpen ? nil : way.person)
    return HTTPResponse(status: 200, body: Data("ok".utf8))
  }
}
