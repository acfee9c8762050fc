import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = ZulipDesk

@Suite struct `Zulip's stream` {
  @Test func `it begins with ourselves, a baseline, and only then a queue`() throws {
    let desk = Desk()
    #expect(desk.path == "users/me")
    #expect(
      desk.asked.headers["authorization"]
        == "Basic YmVsbC1ib3RAenVsaXAuZXhhbXBsZTpjYW5hcnlUT0tFTg==")
    try desk.take(Desk.me)
    #expect(
      desk.path.hasPrefix("messages?anchor=newest&num_before=1&num_after=0&apply_markdown=false"))
    let baseline = try desk.take(Desk.page([Desk.message(100, "!task add old")]))
    #expect(baseline.messages.isEmpty)
    #expect(desk.path == "register" && desk.asked.method == .post)
    try desk.take(Desk.queue("q1"))
    #expect(desk.path.hasPrefix("messages?anchor=100&num_before=0&num_after=150"))
    try desk.take(Desk.page([]))
    #expect(desk.path == "events?queue_id=q1&last_event_id=-1")
    #expect(desk.asked.timeoutSeconds == 100)
  }

  @Test func `what is written between the baseline and the queue is read`() throws {
    let desk = Desk()
    try desk.take(Desk.me)
    try desk.take(Desk.page([Desk.message(100, "!old")]))
    try desk.take(Desk.queue("q1"))
    let page = Desk.page([Desk.message(100, "!old"), Desk.message(103, "!new")])
    #expect(try desk.take(page).messages.isEmpty)
    #expect(desk.path == "users/11")
    try desk.answerQuestion()
    #expect(try desk.take(page).messages.map(\.spoken) == ["!new"])
    #expect(desk.path == "events?queue_id=q1&last_event_id=-1")
  }

  @Test func `a message waits until it is known who wrote it, and none overtakes it`() throws {
    let desk = try Desk.started()
    let events = Desk.success(
      #""events":[\#(Desk.event(1, Desk.message(101, "one", by: 12))),"#
        + #"\#(Desk.event(2, Desk.message(102, "two", by: 21)))]"#)
    #expect(try desk.take(events).messages.isEmpty)
    #expect(desk.path == "users/12")
    try desk.answerQuestion()
    #expect(desk.path == "users/21")
    try desk.answerQuestion()
    #expect(desk.path == "events?queue_id=q1&last_event_id=-1")
    let messages = try desk.take(events).messages
    #expect(messages.map(\.id) == ["101", "102"])
    #expect(messages.map(\.senderKind) == [.person, .bot])
    #expect(desk.path == "events?queue_id=q1&last_event_id=2")
  }

  @Test func `whoever cannot be looked up is no person`() throws {
    let desk = try Desk.started()
    try desk.take(Desk.success(#""events":[\#(Desk.event(1, Desk.message(101, "!x", by: 15)))]"#))
    try desk.take(Desk.error("BAD_REQUEST"), status: 400)
    let messages = try desk.hear(Desk.event(1, Desk.message(101, "!x", by: 15)))
    #expect(messages.map(\.senderKind) == [.bot])
  }

  @Test func `a lost queue is replaced first, and then the gap is read`() throws {
    let desk = try Desk.started()
    try desk.hear(Desk.event(4, Desk.message(103, "before")))
    let lost = try desk.take(Desk.error("BAD_EVENT_QUEUE_ID"), status: 400)
    #expect(lost.complaints.isEmpty && lost.waitSeconds == 1)
    #expect(desk.path == "register")
    try desk.take(Desk.queue("q2"))
    #expect(desk.path.hasPrefix("messages?anchor=100&"))
    let first = try desk.take(
      Desk.page([Desk.message(103, "before"), Desk.message(104, "gap 1")], isNewest: false))
    #expect(first.messages.map(\.spoken) == ["gap 1"])
    #expect(desk.path.hasPrefix("messages?anchor=104&"))
    #expect(try desk.take(Desk.page([Desk.message(105, "gap 2")])).messages.count == 1)
    // The number of the last event is never carried over to another queue.
    #expect(desk.path == "events?queue_id=q2&last_event_id=-1")
    #expect(try desk.hear(Desk.event(0, Desk.message(105, "gap 2"))).isEmpty)
  }

  /// Ids are handed out before messages are stored: 104 may be seen before 102.
  @Test func `a lower id that comes after a higher one is not missed`() throws {
    let desk = try Desk.started()
    try desk.hear(Desk.event(1, Desk.message(104, "late")))
    try desk.take(Desk.error("BAD_EVENT_QUEUE_ID"), status: 400)
    try desk.take(Desk.queue("q2"))
    let page = Desk.page([Desk.message(102, "early"), Desk.message(104, "late")])
    #expect(try desk.take(page).messages.map(\.spoken) == ["early"])
  }

  @Test func `a long life keeps the cursor short and forgets nothing`() throws {
    let desk = try Desk.started()
    for number in 1...300 {
      try desk.hear(Desk.event(Int64(number), Desk.message(Int64(100 + number), "x")))
    }
    #expect((desk.cursor ?? "").utf8.count < 2000)
    try desk.take(Desk.error("BAD_EVENT_QUEUE_ID"), status: 400)
    try desk.take(Desk.queue("q2"))
    #expect(desk.path.hasPrefix("messages?anchor=300&"))
    let page = Desk.page((290...401).map { Desk.message($0, "x") })
    #expect(try desk.take(page).messages.map(\.id) == ["401"])
  }

  @Test func `one bad event never hides the others`() throws {
    let desk = try Desk.started()
    try desk.hear(Desk.event(0, Desk.message(101, "known")))
    let intake = try desk.take(
      Desk.success(
        #""events":[7,{"id":1,"type":"message"},{"id":2},{"id":3,"type":"message","message":{"id":"x"}},"#
          + Desk.event(4, Desk.message(102, "after")) + "]"))
    #expect(intake.messages.map(\.spoken) == ["after"])
    #expect(intake.complaints.count == 3)
    #expect(desk.path.hasSuffix("last_event_id=4"))
  }

  @Test func `where the plan keeps only the latest messages, the rooms are told`() throws {
    let desk = try Desk.started()
    try desk.hear(Desk.event(0, Desk.message(101, "@**crewbell**")))
    try desk.take(Desk.error("BAD_EVENT_QUEUE_ID"), status: 400)
    try desk.take(Desk.queue("q2"))
    let intake = try desk.take(Desk.page([], more: #","history_limited":true"#))
    #expect(intake.messages.map(\.kind) == [.gap])
    #expect(intake.messages.map(\.room.id) == ["5"])
  }

  @Test func `a queue that refuses what we ask is given up`() throws {
    let desk = try Desk.started()
    let intake = try desk.take(Desk.error("BAD_REQUEST"), status: 400)
    #expect(desk.path == "register" && intake.complaints.count == 1)
  }

  @Test func `too many calls wait for as long as the server says, in fractions too`() throws {
    let desk = try Desk.started()
    #expect(throws: PollFailure.retry(afterSeconds: 28.7, "zulip: RATE_LIMIT_HIT: words")) {
      try desk.take(Desk.error("RATE_LIMIT_HIT", #","retry-after":28.7"#), status: 429)
    }
    #expect {
      try desk.take("<html>", status: 429, headers: ["retry-after": "7"])
    } throws: { $0 as? PollFailure == .retry(afterSeconds: 7, "zulip: status 429") }
  }

  @Test(arguments: [(401, "INVALID_API_KEY"), (403, "USER_DEACTIVATED"), (400, "INVALID_API_KEY")])
  func `a key that is not accepted is told with what to do`(status: Int, code: String) throws {
    for desk in [Desk(), try Desk.started()] {
      #expect {
        try desk.take(Desk.error(code), status: status)
      } throws: { error in
        guard case .refused(let why)? = error as? PollFailure else { return false }
        return why.contains("token_file")
      }
    }
  }

  @Test func `it keeps what every platform promises`() throws {
    let desk = Desk()
    var cursors: [Cursor?] = [nil]
    let answers = [
      Desk.me, Desk.page([Desk.message(100, "old")]), Desk.queue("q"),
      Desk.page([Desk.message(101, "new")]), Desk.success(#""user":{"user_id":11,"is_bot":false}"#),
      Desk.page([Desk.message(101, "new"), Desk.message(102, "@**Ben** x")]),
      Desk.success(#""message":{"content":"<p></p>"}"#), Desk.page([]),
      Desk.success(#""events":[\#(Desk.event(1, Desk.message(103, "x")))]"#),
    ]
    for answer in answers.dropLast() {
      try desk.take(answer)
      cursors.append(desk.cursor)
    }
    PlatformChecks(
      platform: desk.zulip, canary: Desk.canary, cursors: cursors,
      answers: answers.map { HTTPResponse(status: 200, body: Data($0.utf8)) },
      credential: Desk.credential
    ).run()
  }
}
