import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// The platform alone on its fake: what is read when much waits and people go on writing.
private struct SlackTalk {
  static let room = "C0TEAM0001"
  let slack = Slack(.init(account: "slack", invitersAllowed: ["*"]))
  var fake = SlackFake()
  var cursor: Cursor?
  var now = Instant(seconds: 1_795_424_400)
  var messages: [Message] = []
  var complaints: [String] = []
  private var written = 0

  /// In its channel, where everything so far is history.
  init() throws {
    while !(try turn().contains("history")) || messages.isEmpty {}
  }

  /// Numbers, ten seconds from each other: more than what is read twice.
  mutating func write(_ count: Int, under head: String? = nil) {
    for _ in 0..<count {
      now = now.adding(seconds: 10)
      written += 1
      if let head {
        fake.write("\(written)", by: "U0ANA", under: head, now: now)
      } else {
        fake.write("\(written)", by: "U0ANA", in: Self.room, now: now)
      }
    }
  }

  /// What is asked next.
  var asked: String { slack.poll(after: cursor, with: Credential(token: SlackFake.token)).url }

  /// One call and its answer.
  /// - Returns: what was asked.
  @discardableResult
  mutating func turn() throws -> String {
    let request = slack.poll(after: cursor, with: Credential(token: SlackFake.token))
    guard case .now(let response) = fake.answer(FakeRequest(request), now: now) else { return "" }
    let intake = try slack.read(response, after: cursor)
    cursor = intake.cursor
    messages += intake.messages
    complaints += intake.complaints
    return request.url
  }

  /// Until a page behind the first one is asked for.
  mutating func turnToAPage(of method: String) throws {
    for _ in 0..<50 {
      if asked.contains(method), asked.contains("cursor=") { return }
      try turn()
    }
    Issue.record("no such page is ever asked for")
  }

  /// What was heard, in order; what was read twice counts once.
  var heard: [Int] {
    var known: Set<String> = []
    return messages.filter { $0.kind == .text && known.insert($0.id).inserted }
      .compactMap { message in
        if case .text(let text)? = message.body.first { Int(text) } else { nil }
      }
  }
}

@Suite struct `Slack, a backlog` {
  @Test func `nothing is lost where people write while the pages are read`() throws {
    var talk = try SlackTalk()
    talk.write(60)
    for _ in 0..<40 {
      try talk.turn()
      talk.write(3)
    }
    for _ in 0..<60 { try talk.turn() }
    #expect(talk.heard == Array(1...180))
    #expect(!talk.messages.contains { $0.kind == .gap })
  }

  @Test func `a page that is no longer known is left, and all is read all the same`() throws {
    var talk = try SlackTalk()
    talk.write(100)
    try talk.turnToAPage(of: "history")
    talk.fake.restart()
    for _ in 0..<60 { try talk.turn() }
    #expect(talk.heard == Array(1...100))
    #expect(talk.complaints.count == 1)
  }

  @Test func `so it is in a thread`() throws {
    var talk = try SlackTalk()
    let head = talk.fake.write("head", by: "U0ANA", in: SlackTalk.room, now: talk.now)
    for _ in 0..<10 { try talk.turn() }
    talk.write(70, under: head)
    try talk.turnToAPage(of: "replies")
    talk.fake.restart()
    for _ in 0..<60 { try talk.turn() }
    #expect(talk.heard == Array(1...70))
    #expect(talk.complaints.count == 1)
  }

  @Test func `so it is in the list of channels`() throws {
    let desk = SlackDesk()
    try desk.take(SlackDesk.ok(["user_id": "UBELL", "bot_id": "BBELL", "team_id": "T1"]))
    try desk.take(
      SlackDesk.ok([
        "channels": [["id": "C1", "name": "room"]], "response_metadata": ["next_cursor": "n1"],
      ]))
    #expect(desk.path.hasSuffix("cursor=n1"))
    try desk.take(["ok": false, "error": "invalid_cursor"])
    #expect(desk.path.hasPrefix("users.conversations") && !desk.path.contains("cursor="))
    #expect(desk.complaints.count == 1 && desk.waitSeconds >= 5)
    try desk.take(SlackDesk.channels("C1", "C2"))
    #expect(desk.path.hasPrefix("conversations.history"))
  }

  /// Without a page to leave it is an error as any other.
  @Test func `a cursor that was never given is waited for`() throws {
    let desk = try SlackDesk.begun()
    #expect {
      try desk.take(["ok": false, "error": "invalid_cursor"])
    } throws: { error in
      if case .retry? = error as? PollFailure { true } else { false }
    }
  }

  /// More people than are remembered must never be needed for one page.
  @Test func `whom nobody knows is forgotten with the page`() throws {
    let desk = try SlackDesk.begun()
    let names = (10..<40).map { "U\($0)" }
    let page = SlackDesk.page(
      names.enumerated().map { SlackDesk.message($0 + 1, "x", by: $1) }, next: "n2")
    try desk.take(page)
    #expect(desk.path.hasSuffix("cursor=n2"))
    let older = SlackDesk.page(
      [SlackDesk.message(0, "bye")] + [SlackDesk.message(1, "y", by: "U9")])
    try desk.take(older)
    while desk.path.hasPrefix("users.info") {
      try desk.take(["ok": false, "error": "user_not_found"])
    }
    try desk.take(older)
    #expect(desk.path.hasPrefix("conversations.history") && !desk.path.contains("cursor="))
    #expect(desk.cursor?.contains(#""nobody":[]"#) == true)
  }
}
