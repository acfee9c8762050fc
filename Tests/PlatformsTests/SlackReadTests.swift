import Crew
import Foundation
import Platforms
import Testing

/// A conversation with Slack's API; its words are written by hand.
final class SlackDesk {
  static let token = "xoxb-canary-1"
  static let slack = Slack(.init(account: "slack", invitersAllowed: ["UANA"]))
  static let credential = Credential(token: token)

  var cursor: Cursor?
  var complaints: [String] = []
  var waitSeconds = 0.0

  static func ok(_ members: [String: JSON]) -> JSON {
    .object(members.merging(["ok": true]) { $1 })
  }

  static func response(_ json: JSON, status: Int = 200) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["date": "Wed, 17 Dec 2025 19:33:20 GMT"], body: json.data)
  }

  /// - Parameter at: seconds behind the first list, 19:33:20.
  static func ts(_ at: Int) -> String { "\(1_766_000_000 + at).000100" }

  static func message(
    _ at: Int, _ text: String, by user: String = "UANA", _ more: [String: JSON] = [:]
  ) -> JSON {
    let own: [String: JSON] = [
      "type": "message", "user": .string(user), "text": .string(text), "ts": .string(ts(at)),
    ]
    return .object(own.merging(more) { $1 })
  }

  static func entry(_ at: Int, by inviter: String? = "UANA") -> JSON {
    message(
      at, "joined", by: "UBELL",
      ["subtype": "channel_join", "inviter": inviter.map(JSON.string) ?? .null])
  }

  /// Newest first.
  static func page(_ messages: [JSON], next: String = "") -> JSON {
    ok([
      "messages": .array(messages.reversed()), "has_more": .bool(!next.isEmpty),
      "response_metadata": ["next_cursor": .string(next)],
    ])
  }

  static func channels(_ ids: String...) -> JSON {
    ok([
      "channels": .array(
        ids.map { ["id": .string($0), "name": "room", "is_im": .bool($0.hasPrefix("D"))] })
    ])
  }

  /// What stands after `/api/`.
  var path: String {
    Self.slack.poll(after: cursor, with: Self.credential).url
      .components(separatedBy: "/api/").last ?? ""
  }

  @discardableResult
  func take(_ json: JSON) throws -> [Message] {
    let intake = try Self.slack.read(Self.response(json), after: cursor)
    cursor = intake.cursor
    complaints += intake.complaints
    waitSeconds = intake.waitSeconds
    return intake.messages
  }

  /// A page, with the questions about people in between.
  func hear(_ messages: [JSON], next: String = "") throws -> [String] {
    let page = Self.page(messages, next: next)
    var told = try take(page)
    guard path.hasPrefix("users.info") else { return told.map(\.said) }
    while path.hasPrefix("users.info") {
      let id = path.components(separatedBy: "user=").last ?? ""
      try take(Self.ok(["user": ["id": .string(id), "name": .string(id.lowercased())]]))
    }
    told += try take(page)
    return told.map(\.said)
  }

  static func listed(_ ids: String...) throws -> SlackDesk {
    let desk = SlackDesk()
    try desk.take(ok(["user_id": "UBELL", "bot_id": "BBELL", "team_id": "T1"]))
    try desk.take(
      ok([
        "channels": .array(
          ids.map { ["id": .string($0), "name": "room", "is_im": .bool($0.hasPrefix("D"))] })
      ]))
    return desk
  }

  /// In one channel, where everything up to second 0 is history.
  static func begun() throws -> SlackDesk {
    let desk = try listed("C1")
    _ = try desk.hear([entry(-60), message(-30, "!task add old"), message(0, "bye")])
    return desk
  }
}

private typealias Desk = SlackDesk

@Suite struct `Slack, reading` {
  @Test func `who we are, where we are, then who brought us in`() throws {
    let desk = Desk()
    #expect(desk.path == "auth.test")
    try desk.take(Desk.ok(["user_id": "UBELL", "bot_id": "BBELL", "team_id": "T1"]))
    #expect(desk.path.hasPrefix("users.conversations?types=public_channel%2Cprivate_channel"))
    try desk.take(Desk.channels("C1"))
    #expect(desk.path == "conversations.history?channel=C1&limit=30")
    #expect(
      try desk.hear([Desk.entry(-60), Desk.message(-30, "!task add old")]) == ["UANA invited"])
  }

  @Test func `history is not carried out, what follows is, in the order of time`() throws {
    let desk = try Desk.begun()
    let page = [
      Desk.entry(-60), Desk.message(-30, "!task add old"), Desk.message(0, "bye"),
      Desk.message(1, "!task add 1", by: "UBEN"), Desk.message(2, "!task add 2"),
    ]
    #expect(try desk.hear(page) == ["UBEN: !task add 1", "UANA: !task add 2"])
    #expect(desk.waitSeconds == 1.25)
  }

  @Test func `after a long absence the pages are read from the oldest on`() throws {
    let desk = try Desk.begun()
    let newest = (61...90).map { Desk.message($0, "\($0)") }
    let middle = (31...60).map { Desk.message($0, "\($0)") }
    let oldest = [Desk.message(0, "bye")] + (1...29).map { Desk.message($0, "\($0)") }
    #expect(try desk.take(Desk.page(newest, next: "p1")).isEmpty)
    #expect(desk.path.hasSuffix("cursor=p1"))
    #expect(try desk.take(Desk.page(middle, next: "p2")).isEmpty)
    #expect(desk.path.hasSuffix("cursor=p2"))
    var told = try desk.hear(oldest, next: "p3")
    #expect(desk.path.hasSuffix("cursor=p1"))
    told += try desk.hear(middle, next: "p2")
    // The newest page was no part of the walk: it is read as any other, from what is known now.
    #expect(!desk.path.contains("cursor="))
    told += try desk.hear(newest, next: "p1")
    #expect(told == (1...90).filter { $0 != 30 }.map { "UANA: \($0)" })
  }

  @Test func `replies are read where the head tells of newer ones`() throws {
    let desk = try Desk.begun()
    let head = Desk.message(
      0, "bye",
      by: "UANA",
      [
        "thread_ts": .string(Desk.ts(0)), "reply_count": 1, "latest_reply": .string(Desk.ts(5)),
      ])
    _ = try desk.hear([head])
    #expect(
      desk.path
        == "conversations.replies?channel=C1&ts=\(Desk.ts(0))&oldest=\(Desk.ts(0))"
        + "&inclusive=false&limit=30")
    let reply = Desk.message(5, "!task add reply", by: "UBEN", ["thread_ts": .string(Desk.ts(0))])
    try desk.take(Desk.page([head, reply]))
    try desk.take(Desk.ok(["user": ["id": "UBEN", "name": "ben"]]))
    let told = try desk.take(Desk.page([head, reply]))
    #expect(told.map(\.said) == ["UBEN: !task add reply"])
    #expect(told[0].thread == Desk.ts(0) && told[0].replyTo == "C1:" + Desk.ts(0))
    _ = try desk.hear([head])
    #expect(desk.path.hasPrefix("conversations.history"))
  }

  @Test func `edits, bots and the bot's own words are no commands`() throws {
    let desk = try Desk.begun()
    let told = try desk.hear([
      Desk.message(1, "x", by: "UANA", ["edited": ["user": "UANA"]]),
      Desk.message(2, "x", by: "UBELL", ["bot_id": "BBELL"]),
      Desk.message(3, "/x", by: "UANA", ["subtype": "me_message"]),
      Desk.message(4, "x", by: "UBEN", ["subtype": "channel_leave"]),
    ])
    #expect(
      told == ["UANA edit(of: \"C1:\(Desk.ts(1))\")", "UANA ignored(\"me_message\")", "UBEN left"])
    let bot = try desk.take(Desk.page([Desk.message(9, "x", by: "UBOT", ["bot_id": "BOTHER"])]))
    #expect(bot.map(\.senderKind) == [.bot])
  }

  @Test(arguments: [
    ("!kudos <@UBEN> &amp; &lt;b&gt; &amp;lt;", "!kudos {UBEN} & <b> &lt;"),
    ("<@UBELL>: help", "help"), ("ask <@UBELL|bell>", "ask "), ("<@UBEN|ben>!", "{UBEN}!"),
    ("<!here> <!subteam^S1|@ops> <!date^1^{date}|today>", "@here @ops today"),
    ("<#C9|den> <#C9>", "#den #C9"), ("<http://x.example|x.example>", "x.example"),
    ("<https://evil.example|https://github.com>", "https://evil.example"),
    ("<mailto:a@b.example|a@b.example>", "a@b.example"), ("a < b", "a < b"), ("<@>x", "x"),
  ])
  func `marks of the text are read`(_ text: String, _ expected: String) throws {
    let desk = try Desk.begun()
    #expect(try desk.hear([Desk.message(1, text)]) == ["UANA: " + expected])
  }

  @Test func `every second turn belongs to where something happened`() throws {
    let desk = try Desk.listed("C1", "C2", "C3", "C4")
    for _ in 0..<4 { try desk.take(Desk.page([Desk.message(0, "old", by: "UBELL")])) }
    func turns(_ count: Int) throws -> [String] {
      try (0..<count).map { _ in
        if desk.path.hasPrefix("users.conversations") {
          try desk.take(Desk.channels("C1", "C2", "C3", "C4"))
        }
        let channel = String(desk.path.components(separatedBy: "channel=").last?.prefix(2) ?? "")
        try desk.take(Desk.page([Desk.message(0, "old", by: "UBELL")]))
        return channel
      }
    }
    #expect(Set(try turns(4)).count == 4)
    while !desk.path.contains("channel=C3") { _ = try turns(1) }
    if desk.path.hasPrefix("users.conversations") {
      try desk.take(Desk.channels("C1", "C2", "C3", "C4"))
    }
    _ = try desk.hear([Desk.message(1, "news")])
    let next = try turns(6)
    #expect(next.count { $0 == "C3" } >= 3 && Set(next).count >= 3, "\(next)")
  }

  @Test func `a channel that cannot be read does not stop the others`() throws {
    let desk = try Desk.listed("C1", "C2")
    try desk.take(["ok": false, "error": "channel_not_found"])
    #expect(desk.complaints.count == 1)
    #expect(desk.path.hasPrefix("users.conversations"))
    #expect(try desk.take(Desk.channels("C2")).map(\.kind) == [.removed])
    #expect(desk.path.contains("channel=C2"))
  }

  @Test func `the promises of every platform are kept`() throws {
    let begun = try Desk.begun()
    let listed = try Desk.listed("C1")
    PlatformChecks(
      platform: Desk.slack, canary: Desk.token, cursors: [nil, listed.cursor, begun.cursor],
      answers: [
        Desk.response(Desk.ok(["user_id": "UBELL", "bot_id": "BBELL"])),
        Desk.response(Desk.page([Desk.entry(-1)])), Desk.response(Desk.page([Desk.entry(-1)])),
      ], credential: Desk.credential
    ).run()
  }

  @Test(arguments: ["invalid_auth", "token_revoked", "missing_scope", "account_inactive"])
  func `a token that will not do is told with what to do`(error: String) throws {
    let cursor = try Desk.begun().cursor
    #expect {
      try Desk.slack.read(
        Desk.response(["ok": false, "error": .string(error)]), after: cursor)
    } throws: { failure in
      if case .refused(let why)? = failure as? PollFailure { why.contains(error) } else { false }
    }
  }
}
