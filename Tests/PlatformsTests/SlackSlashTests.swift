import Crew
import Foundation
import Platforms
import Testing

/// The call, the secret and the signature that Slack's own page shows
/// (docs.slack.dev/authentication/verifying-requests-from-slack), so that we cannot agree with
/// ourselves on a mistake.
enum SlackExample {
  static let secret = "8f742231b10e8888abcd99yyyzzz85a5"
  static let time = "1531420618"
  static let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
  static let body =
    "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    + "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    + "&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    + "%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
  static let now = Instant(seconds: 1_531_420_618)
  static let way =
    "https://hooks.slack.com/commands/T1DC2JH3J/397700885554/96rGlfmibIGlgcZRskXaIFfN"
}

@Suite struct `Slack, slash commands` {
  private typealias Example = SlackExample
  private let slash = SlackSlash(
    Slack(.init(account: "slack")), secret: Credential(token: SlackExample.secret))

  /// What is known once Slack has told who we are.
  private func cursor(team: String = "T1DC2JH3J") throws -> Cursor? {
    let desk = SlackDesk()
    try desk.take(SlackDesk.ok(["user_id": "UBELL", "bot_id": "BBELL", "team_id": .string(team)]))
    return desk.cursor
  }

  private func headers(
    time: String? = Example.time, signature: String? = Example.signature
  ) -> [(name: String, value: String)] {
    [("Content-Type", "application/x-www-form-urlencoded")]
      + (time.map { [("X-Slack-Request-Timestamp", $0)] } ?? [])
      + (signature.map { [("X-Slack-Signature", $0)] } ?? [])
  }

  private func hear(
    _ headers: [(name: String, value: String)]? = nil, body: String = Example.body,
    now: Instant = Example.now
  ) throws -> Heard {
    let call = InboundCall(
      method: "POST", headers: headers ?? self.headers(), body: Data(body.utf8))
    return slash.hear(call, after: try cursor(), now: now)
  }

  private func isRefused(_ heard: Heard, _ status: Int = 401) -> Bool {
    if case .refused(status, _) = heard { true } else { false }
  }

  @Test func `the call that Slack's own page shows is a command`() throws {
    guard case .command(let command) = try hear() else {
      Issue.record("it was refused")
      return
    }
    let message = command.message
    #expect(message.room == Room(account: "slack", id: "G8PSS9T3V"))
    #expect(message.sender == Identity(account: "slack", user: "U2CERLKJA"))
    #expect(message.senderName == "roadrunner" && message.senderKind == .person)
    #expect(message.body == [.text("/webhook-collect ")] && message.mentionsBot)
    #expect(message.id.hasPrefix("slash:") && message.id.utf8.count == 38)
    #expect(command.way == Credential(token: Example.way))
    #expect(command.until == Example.now.adding(seconds: 29 * 60))
    #expect(!"\(command)".contains("96rGlf"), "the way stands in a description")
  }

  @Test func `every byte of the body is signed`() throws {
    let bytes = Array(Example.body.utf8)
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 1
      let call = InboundCall(method: "POST", headers: headers(), body: Data(changed))
      #expect(isRefused(slash.hear(call, after: try cursor(), now: Example.now)), "byte \(place)")
    }
    #expect(isRefused(try hear(body: Example.body + "&")))
    // The same fields in another order or encoding are other bytes.
    #expect(isRefused(try hear(body: Example.body.replacing("%2Fweb", with: "/web"))))
  }

  @Test func `a header that is missing, doubled, changed or cut is refused`() throws {
    let sign = Example.signature
    #expect(isRefused(try hear(headers(time: nil))))
    #expect(isRefused(try hear(headers(signature: nil))))
    #expect(isRefused(try hear(headers() + [("x-slack-signature", sign)])))
    #expect(isRefused(try hear(headers() + [("X-SLACK-SIGNATURE", "v0=00")])))
    #expect(isRefused(try hear(headers() + [("X-Slack-Request-Timestamp", Example.time)])))
    let wrong = [
      "", "v0=", "v0", String(sign.dropLast()), String(sign.dropLast(2)), sign + "00",
      sign.replacing("v0=", with: "v1="), sign.replacing("v0=", with: ""), sign + " ",
      "v0=" + String(repeating: "0", count: 64), "v0=" + String(repeating: "g", count: 64),
      sign + ", " + sign,
    ]
    for signature in wrong { #expect(isRefused(try hear(headers(signature: signature)))) }
    for time in ["", "x", "-1", "1531420619", "1531420618.0", " 1531420618", "99999999999999"] {
      #expect(isRefused(try hear(headers(time: time))), "\(time)")
    }
  }

  @Test func `a call is good for five minutes before and after its time`() throws {
    for seconds: Int64 in [-300, -1, 0, 1, 300] {
      guard case .command = try hear(now: Example.now.adding(seconds: seconds)) else {
        Issue.record("\(seconds) s: refused")
        continue
      }
    }
    for seconds: Int64 in [-100_000, -301, 301, 100_000] {
      #expect(isRefused(try hear(now: Example.now.adding(seconds: seconds))), "\(seconds) s")
    }
  }

  @Test func `the same call is the same whenever it comes`() throws {
    let ids = try [-300, 0, 1, 300].map { (seconds: Int64) -> String? in
      guard case .command(let command) = try hear(now: Example.now.adding(seconds: seconds)) else {
        return nil
      }
      return command.message.id
    }
    #expect(Set(ids).count == 1 && ids[0] != nil)
  }

  @Test func `a secret that is empty or another's lets nobody in`() throws {
    for secret in ["", "8f742231b10e8888abcd99yyyzzz85a6"] {
      let other = SlackSlash(Slack(.init(account: "slack")), secret: Credential(token: secret))
      let call = InboundCall(method: "POST", headers: headers(), body: Data(Example.body.utf8))
      #expect(isRefused(other.hear(call, after: try cursor(), now: Example.now)))
      #expect(!"\(other)".contains("8f7422"))
    }
  }

  @Test func `who signs with nothing is let in by no secret that is empty`() throws {
    let body = Data(Example.body.utf8)
    let headers = SlashSigner.slack(body, secret: "", seconds: 1_531_420_618)
    let open = SlackSlash(Slack(.init(account: "slack")), secret: Credential(token: ""))
    let call = InboundCall(method: "POST", headers: headers, body: body)
    #expect(isRefused(open.hear(call, after: try cursor(), now: Example.now)))
  }

  @Test func `before the first poll nobody is known, and another workspace's people are ghosts`()
    throws
  {
    let call = InboundCall(method: "POST", headers: headers(), body: Data(Example.body.utf8))
    #expect(slash.hear(call, after: nil, now: Example.now) == .early)
    let elsewhere = try cursor(team: "T0OTHER")
    guard case .command(let command) = slash.hear(call, after: elsewhere, now: Example.now) else {
      Issue.record("it was refused")
      return
    }
    #expect(command.message.senderKind == .ghost)
  }

  private func signed(_ fields: [(String, String)]) throws -> Heard {
    let body = SlashSigner.form(fields)
    let headers = SlashSigner.slack(body, secret: Example.secret, seconds: 1_531_420_618)
    let call = InboundCall(method: "POST", headers: headers, body: body)
    return slash.hear(call, after: try cursor(), now: Example.now)
  }

  private func fields(_ change: [String: String]) -> [(String, String)] {
    [
      "team_id": "T1DC2JH3J", "channel_id": "C1", "user_id": "UANA", "user_name": "ana",
      "command": "/crewbell", "text": "mine", "trigger_id": "1.2.3", "response_url": Example.way,
    ].merging(change) { $1 }.sorted { $0.key < $1.key }
  }

  private func command(_ change: [String: String]) throws -> SlashCommand? {
    if case .command(let command) = try signed(fields(change)) { command } else { nil }
  }

  @Test func `what was typed is read as a message would be`() throws {
    let text = "kudos &lt;3 <@UBEN|ben> for a &amp; b in <#C2|desk>"
    #expect(
      try command(["text": text])?.message.body == [
        .text("kudos <3 "), .mention(Identity(account: "slack", user: "UBEN"), shown: "@ben"),
        .text(" for a & b in #desk"),
      ])
    #expect(try command(["text": ""])?.message.body == [.text("help")])
    #expect(try command(["command": "/task"])?.message.body == [.text("/task "), .text("mine")])
    #expect(try command(["channel_id": "D1"])?.message.isDirect == true)
    #expect(try command([:])?.message.isDirect == false)
    let one = try command([:])?.message.id
    #expect(try command(["text": "other"])?.message.id == one)
    #expect(try command(["trigger_id": "1.2.4"])?.message.id != one)
  }

  @Test func `what is signed and still no command is refused`() throws {
    for field in ["channel_id", "user_id", "trigger_id"] {
      #expect(isRefused(try signed(fields([field: ""])), 400), "\(field)")
    }
    #expect(isRefused(try signed(fields(["user_id": "../../x"])), 400))
    #expect(isRefused(try signed([]), 400))
    #expect(
      try signed([("ssl_check", "1")]) == .answer(HTTPResponse(status: 200)))
  }

  @Test func `an answer goes to an address of Slack's alone`() throws {
    for url in [
      "http://hooks.slack.com/x", "https://hooks.slack.com.evil.example/x",
      "https://evil.example/hooks.slack.com/", "https://hooks.slack.com@evil.example/",
      "https://hooks.slack.com\\@evil.example/", "https://hooks.slack.com/a\r\nb", "", "x",
      "https://hooks.slack.com/commands/../x",
      "https://hooks.slack.com/" + String(repeating: "a", count: 2000),
    ] {
      #expect(try command(["response_url": url])?.way == Credential(token: ""), "\(url)")
    }
    #expect(try command([:])?.way == Credential(token: Example.way))
  }

  @Test func `an answer is for one person, and what became of it is told apart`() throws {
    let request = slash.whisper(
      Post(text: "a <!channel>"), by: Credential(token: Example.way), number: 0)
    #expect(request.url == Example.way && !request.isRepeatable)
    #expect(request.headers["Authorization"] == nil && !"\(request)".contains("96rGlf"))
    let json = JSON(request.body ?? Data()) ?? .null
    #expect(json["response_type"].string == "ephemeral")
    #expect(json["text"].string == "a &lt;!channel&gt;" && json["parse"].string == "none")
    func fate(_ status: Int, _ body: String = "") -> Whispered {
      slash.whispered(HTTPResponse(status: status, body: Data(body.utf8)))
    }
    #expect(fate(200, "ok") == .sent(id: "") && fate(200, #"{"ok":true}"#) == .sent(id: ""))
    #expect(fate(200, #"{"ok":false,"error":"used_url"}"#) == .closed)
    #expect(fate(404, "expired_url") == .closed && fate(403) == .closed && fate(410) == .closed)
    #expect(fate(500) == .unknown && fate(502) == .unknown && fate(408) == .unknown)
    #expect(fate(429) == .retry(afterSeconds: 5))
  }
}
