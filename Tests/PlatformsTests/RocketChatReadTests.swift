import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = RocketChatDesk

@Suite struct `Rocket.Chat, reading` {
  @Test func `keeps what every platform promises`() throws {
    var cursors: [Cursor?] = [nil]
    let desk = RocketChatDesk()
    let posts = [
      Desk.post("add", "crewbell", at: 0, type: "au")
    ]
    var answers = [desk.response(Desk.me)]
    for answer in [
      Desk.me, Desk.rooms(Desk.room()), Desk.page(posts), Desk.user("ana"), Desk.page(posts),
      Desk.rooms(Desk.room(moved: 9, count: 2)),
    ] {
      if cursors.count > 1 || desk.cursor != nil { answers.append(desk.response(answer)) }
      try desk.take(answer)
      cursors.append(desk.cursor)
    }
    answers.append(desk.response(Desk.page([Desk.post("a", "hi", at: 9)])))
    PlatformChecks(
      platform: Desk.rocketchat, canary: Desk.token, cursors: cursors, answers: answers,
      credential: Desk.credential
    ).run()
  }

  @Test func `every call names the token and whose it is`() {
    let request = RocketChatDesk().request
    #expect(request.url == "https://chat.example.org/api/v1/me")
    #expect(request.headers == ["X-Auth-Token": Desk.token, "X-User-Id": Desk.bell])
  }

  @Test func `what was written before the first list is history`() throws {
    let desk = RocketChatDesk()
    try desk.take(Desk.me)
    try desk.take(Desk.rooms(Desk.room(moved: 5000)))
    #expect(desk.path.hasPrefix("chat.syncMessages?roomId=room1&type=UPDATED&count=50&previous="))
    let told = try desk.hear([
      Desk.post("old", "!task add old", at: 4000),
      Desk.post("add", "crewbell", at: 1000, type: "au"),
    ])
    #expect(told.map(\.said) == ["ana1 invited"])
    try desk.move(6000, count: 2)
    let later = try desk.hear([
      Desk.post("old", "!task add old", at: 4000, changed: 5500),
      Desk.post("new", "!task add new", at: 6000),
    ])
    #expect(later.map(\.said) == ["ana1: !task add new"])
  }

  @Test func `what is new is asked for from the newest change on, and a little before it`() throws {
    let desk = try Desk.begun()
    try desk.move(60_000, count: 2)
    _ = try desk.hear([Desk.post("a", "one", at: 60_000)])
    #expect(desk.path.hasPrefix("rooms.get?updatedSince=2025-12-17T19%3A27%3A30.000Z"))
    try desk.move(70_000, count: 3)
    // 19:27:40 of that day, ten seconds before what was read.
    #expect(desk.path.hasSuffix("next=1765999650000"))
  }

  @Test func `a full page is followed, and not before its last millisecond`() throws {
    let desk = try Desk.begun()
    try desk.move(60_000, count: 61)
    let many = (0..<50).map { Desk.post("p\($0)", "x", at: 1000 + $0 * 10) }
    #expect(try desk.hear(many).count == 50)
    // The last one changed at 19:26:41.490.
    #expect(desk.path.hasSuffix("next=1765999601489"))
    #expect(try desk.hear([Desk.post("q", "last", at: 60_000)]).map(\.said) == ["ana1: last"])
    #expect(desk.path.hasPrefix("rooms.get"))
  }

  /// A new name changes all that a person ever wrote, in one moment.
  @Test func `a page full of one millisecond does not hold the room up`() throws {
    let desk = try Desk.begun()
    try desk.move(60_000, count: 200)
    let many = (0..<50).map { Desk.post("p\($0)", "x", at: 2000, changed: 60_000) }
    var asked: Set<String> = []
    for _ in 0..<4 {
      #expect(asked.insert(desk.path).inserted)
      _ = try desk.hear(many)
    }
  }

  /// Behind new ones in the order of changes, and never told.
  @Test func `an old message that somebody reacted to is new if it was missed`() throws {
    let desk = try Desk.begun()
    try desk.move(9_000_000, count: 99)
    let many = (0..<50).map { Desk.post("p\($0)", "x", at: 8_000_000 + $0) }
    _ = try desk.hear(many)
    let missed = Desk.post("m", "!task add missed", at: 1000, changed: 9_000_000)
    #expect(try desk.hear([missed]).map(\.said) == ["ana1: !task add missed"])
    // Now it is known.
    try desk.move(9_100_000, count: 100)
    let again = Desk.post("m", "!task add missed", at: 1000, changed: 9_100_000)
    #expect(try desk.hear([again]).isEmpty)
  }

  @Test func `edits, bots, integrations, the bot itself and strangers are no commands`() throws {
    let desk = try Desk.begun()
    try desk.move(9000, count: 7)
    let told = try desk.hear([
      Desk.post("a", "!task add a", at: 1000, more: ["editedAt": Desk.time(2000)]),
      Desk.post("b", "!task add b", by: "robot", at: 3000),
      Desk.post("c", "!task add c", at: 4000, more: ["bot": ["i": "x"]]),
      Desk.post("d", "!task add d", by: "bell", at: 5000),
      Desk.post("e", "!task add e", by: "gone", at: 6000),
      Desk.post("f", "Ana is now owner", at: 7000, type: "subscription-role-added"),
      Desk.post("g", "!task add g", at: 8000),
    ])
    #expect(told.filter { $0.kind == .text && $0.senderKind == .person }.map(\.id) == ["g"])
    #expect(told[0].kind == .edit(of: "a"))
    #expect(told.map(\.senderKind) == [.person, .bot, .bot, .ghost, .person])
  }

  @Test func `a mention is resolved by what the server says, not by the name`() throws {
    let desk = try Desk.begun()
    try desk.move(9000, count: 3)
    let people = Desk.mentions([(Desk.bell, "crewbell"), ("ben1", "ben"), ("all", "all")])
    let told = try desk.hear([
      Desk.post("a", "@crewbell: kudos @ben @all @ana", at: 1000, more: people),
      Desk.post("b", "@crewbell hi", at: 2000, more: ["tmid": "a"]),
    ])
    #expect(told[0].said == "ana1: kudos {ben1} @all @ana" && told[0].mentionsBot)
    #expect(!told[1].mentionsBot && told[1].thread == "a" && told[1].replyTo == "a")
    #expect(told[0].roomName == "Room1")
  }

  @Test func `one bad message or room hides no other`() throws {
    let desk = try Desk.begun()
    try desk.take(Desk.rooms(["_id": 7], Desk.room(moved: 9000, count: 3), "x"))
    let told = try desk.hear([
      ["_id": "x"], Desk.post("../x", "!task add", at: 100), Desk.post("a", "fine", at: 1000),
    ])
    #expect(told.map(\.said) == ["ana1: fine"])
    #expect(desk.complaints.count == 4)
  }

  @Test func `an encrypted room is told of once`() throws {
    let desk = try Desk.begun()
    try desk.move(9000, count: 3)
    let told = try desk.hear([
      Desk.post("a", "", at: 1000, type: "e2e"), Desk.post("b", "", at: 2000, type: "e2e"),
    ])
    #expect(told.map(\.kind) == [.unreadable])
  }

  @Test func `an account without the role of a bot is told of`() throws {
    let desk = RocketChatDesk()
    try desk.take(["success": true, "_id": .string(Desk.bell), "username": "x", "roles": ["user"]])
    #expect(desk.remarks.count == 1 && desk.remarks[0].contains("role bot"))
    try RocketChatDesk().take(Desk.me)
    let other = RocketChatDesk()
    #expect(throws: PollFailure.self) {
      try other.take(["success": true, "_id": "somebody", "username": "x"])
    }
  }

  // MARK: - The limiter

  @Test func `what is left of the minute is spread over it, and what is used up waits`() throws {
    let desk = try Desk.begun()
    let reset = String((1_765_929_600 + Desk.start + 40) * 1000)
    desk.headers = ["x-ratelimit-remaining": "8", "x-ratelimit-reset": reset]
    try desk.take(Desk.rooms())
    #expect(desk.waitSeconds == 5)
    try desk.take(Desk.rooms(Desk.room(moved: 1000, count: 2)))
    desk.headers["x-ratelimit-remaining"] = "0"
    _ = try desk.hear([Desk.post("a", "x", at: 1000)])
    desk.headers = [:]
    try desk.move(2000, count: 3)
    // A list may be read meanwhile, a room may not.
    #expect(desk.path.hasPrefix("rooms.get") && desk.waitSeconds == 2)
    desk.now += 41
    try desk.move(2000, count: 3)
    #expect(desk.path.hasPrefix("chat.syncMessages") && desk.waitSeconds == 0)
  }

  @Test func `too many calls wait for the end of the minute`() throws {
    let desk = try Desk.begun()
    let reset = String((1_765_929_600 + Desk.start + 40) * 1000)
    desk.headers = ["x-ratelimit-remaining": "0", "x-ratelimit-reset": reset]
    #expect {
      try desk.take(["success": false, "errorType": "error-too-many-requests"], status: 429)
    } throws: { error in
      if case .retry(40, _)? = error as? PollFailure { true } else { false }
    }
  }

  @Test func `a flood in one room hides no list`() throws {
    let desk = try Desk.begun()
    try desk.move(60_000, count: 999)
    var lists = 0
    for round in 0..<30 {
      if desk.path.hasPrefix("rooms.get") {
        lists += 1
        try desk.take(Desk.rooms())
      } else {
        _ = try desk.hear(
          (0..<50).map { Desk.post("p\(round)x\($0)", "x", at: 1000 + round * 100 + $0) })
      }
    }
    #expect((2...3).contains(lists))
  }
}
