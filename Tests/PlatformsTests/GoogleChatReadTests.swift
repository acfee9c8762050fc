import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = GoogleDesk

@Suite struct `Google Chat, reading` {
  @Test func `it looks at the subscription, pulls, and acknowledges only what is stored`() throws {
    let desk = Desk()
    let base = "https://pubsub.googleapis.com/v1/projects/acme/subscriptions/bell"
    #expect(desk.request.method == .get && desk.request.url == base)
    #expect(desk.request.headers["Authorization"] == "Bearer ya29.canary")
    try desk.take(Desk.response(["topic": "projects/acme/topics/chat"]))
    #expect(desk.request.url == base + ":pull" && desk.body == ["maxMessages": 50])
    try desk.take(Desk.response([:]))
    #expect(desk.request.url == base + ":pull" && desk.waitSeconds == 1)
    let told = try desk.take(
      Desk.response(Desk.pulled([Desk.event("ADDED_TO_SPACE", minute: 1), "x"])))
    #expect(told.map(\.googleTold) == ["101 invited"])
    // The next call of all is the acknowledgement, also in another process.
    #expect(
      desk.request.url == base + ":acknowledge" && desk.body == ["ackIds": ["ack 0", "ack 1"]])
    #expect(desk.complaints.count == 1)
    #expect(throws: PollFailure.self) { try desk.take(HTTPResponse(status: 503)) }
    #expect(desk.request.url == base + ":acknowledge")
    try desk.take(Desk.response([:]))
    #expect(desk.request.url == base + ":pull")
  }

  @Test func `an acknowledgement that comes too late is no reason to stop`() throws {
    let desk = try Desk.begun()
    try desk.take(Desk.response(Desk.pulled([Desk.event("ADDED_TO_SPACE", minute: 1)])))
    try desk.take(Desk.error("INVALID_ARGUMENT", 400))
    #expect(desk.request.url.hasSuffix(":pull"))
  }

  @Test func `what was written before the first contact is history, who added it is not`() throws {
    let desk = try Desk.begun()
    let told = try desk.hear(
      Desk.event("ADDED_TO_SPACE", minute: -6),
      Desk.event("MESSAGE", minute: -5, Desk.message("M1.M1", "/task add x", minute: -5)),
      publishedAt: "2025-12-17T19:33:19.999Z")
    #expect(told.map(\.googleTold) == ["101 invited", "101 ignored(\"before first contact\")"])
    let later = try desk.hear(
      Desk.event("MESSAGE", minute: 1, Desk.message("M2.M2", "/task add y", minute: 1)))
    #expect(later.map(\.googleTold) == ["101: /task add y"])
  }

  @Test func `things come in any order and are told in theirs, each once`() throws {
    let desk = try Desk.begun()
    let second = Desk.event("MESSAGE", minute: 2, Desk.message("M2.M2", "two", minute: 2))
    let told = try desk.hear(
      second, Desk.event("MESSAGE", minute: 3, Desk.message("M3.M3", "three", minute: 3)),
      Desk.event("ADDED_TO_SPACE", minute: 1), second)
    #expect(told.map(\.googleTold) == ["101 invited", "101: two", "101: three"])
    #expect(try desk.hear(second).map(\.id) == [told[1].id])
  }

  @Test func `a message says where it stands and who wrote it`() throws {
    let desk = try Desk.begun()
    let told = try desk.hear(
      Desk.event(
        "MESSAGE", minute: 1, Desk.message("T1.M1", "hi", minute: 1, ["threadReply": true])),
      Desk.event(
        "MESSAGE", minute: 2, in: Desk.direct,
        Desk.message("T2.T2", "alone", minute: 2, space: "DM1")),
      Desk.event(
        "MESSAGE", minute: 3,
        Desk.message("T3.T3", "beep", minute: 3, ["sender": Desk.user("9", "BOT")])))
    #expect(told.map(\.kind) == [.invited, .text, .text, .text])
    #expect(told[1].id == "AAAA/T1.M1/T1" && told[1].thread == "T1" && told[1].roomName == "Team")
    #expect(told[1].senderName == "user 101" && told[1].room.id == "AAAA" && !told[1].isDirect)
    #expect(told[1].sentAt.milliseconds == 1_766_000_160_250)
    #expect(told[2].isDirect && told[2].id == "DM1/T2.T2" && told[2].thread == nil)
    #expect(told[3].senderKind == .bot)
  }

  @Test func `a space begins with whoever may, told or not`() throws {
    let desk = try Desk.begun()
    func said(_ minute: Int, _ user: String) -> JSON {
      Desk.event(
        "MESSAGE", minute: minute, by: user,
        Desk.message("M\(minute).M\(minute)", "hi", by: user, minute: minute))
    }
    #expect(try desk.hear(said(1, Desk.ben)).map(\.googleTold) == ["102: hi"])
    #expect(try desk.hear(said(2, Desk.ana)).map(\.googleTold) == ["101 invited", "101: hi"])
    #expect(try desk.hear(said(3, Desk.ana)).map(\.googleTold) == ["101: hi"])
    let gone = try desk.hear(Desk.event("REMOVED_FROM_SPACE", minute: 4, by: Desk.ben))
    #expect(gone.map(\.googleTold) == ["102 removed"])
    #expect(try desk.hear(said(5, Desk.ana)).map(\.googleTold) == ["101 invited", "101: hi"])
  }

  @Test func `somebody opens a chat with it`() throws {
    let desk = try Desk.begun()
    let told = try desk.hear(Desk.event("ADDED_TO_SPACE", minute: 1, in: Desk.direct))
    #expect(told.map(\.googleTold) == ["101: /start"] && told[0].isDirect)
    var installed = Desk.direct.object ?? [:]
    installed["adminInstalled"] = true
    let quiet = try desk.hear(Desk.event("ADDED_TO_SPACE", minute: 2, in: .object(installed)))
    #expect(quiet.map(\.googleTold) == ["101 ignored(\"opened by an administrator\")"])
  }

  @Test func `an event of a Workspace add-on says the same`() throws {
    let desk = try Desk.begun()
    func event(_ payload: String, _ minute: Int, _ message: JSON?) -> JSON {
      var body: [String: JSON] = ["space": Desk.space]
      body["message"] = message
      return [
        "commonEventObject": [:],
        "chat": .object([
          "user": Desk.user(Desk.ana), "eventTime": .string(Desk.time(minute)),
          payload: .object(body),
        ]),
      ]
    }
    let told = try desk.hear(
      event("addedToSpacePayload", 1, nil),
      event("messagePayload", 2, Desk.message("M2.M2", "two", minute: 2)),
      event("appCommandPayload", 3, Desk.message("M3.M3", "/task", minute: 3)),
      event("widgetUpdatedPayload", 4, nil), event("removedFromSpacePayload", 5, nil))
    #expect(
      told.map(\.googleTold) == ["101 invited", "101: two", "101: /task", "101 removed"])
    #expect(desk.complaints.count == 1)
  }

  @Test(arguments: [
    ("@Bell, task @Ben 👍🏽", 0, 5, 12, 4, "task {102 @Ben} 👍🏽"),
    ("👍🏽 @Ben hi @Bell", 13, 5, 5, 4, "👍🏽 {102 @Ben} hi "),
    // The same counted in scalars.
    ("👍🏽 @Ben hi @Bell", 11, 5, 3, 4, "👍🏽 {102 @Ben} hi "),
    ("@Bell", 0, 5, 900, 4, ""), ("no @Bell", -3, 5, 3, 9_000_000_000, "no @Bell"),
  ])
  func `mentions are read where they stand`(
    _ text: String, _ bell: Int, _ bellLength: Int, _ ben: Int64, _ benLength: Int64,
    _ expected: String
  ) throws {
    func mark(_ user: String, _ type: String, _ start: Int64, _ length: Int64) -> JSON {
      [
        "type": "USER_MENTION", "startIndex": .integer(start), "length": .integer(length),
        "userMention": ["user": Desk.user(user, type)],
      ]
    }
    let desk = try Desk.begun()
    let told = try desk.hear(
      Desk.event(
        "MESSAGE", minute: 1,
        Desk.message(
          "M1.M1", text, minute: 1,
          [
            "annotations": [
              mark("9", "BOT", Int64(bell), Int64(bellLength)),
              mark(Desk.ben, "HUMAN", ben, benLength), "x", ["type": "RICH_LINK"],
            ]
          ])))
    #expect(told.last?.googleTold == "101: " + expected)
  }

  @Test func `one command may stand before all others`() throws {
    let desk = try Desk.begun()
    let mark: JSON = [
      "type": "SLASH_COMMAND", "length": 9, "slashCommand": ["commandName": "/crewbell"],
    ]
    let told = try desk.hear(
      Desk.event(
        "MESSAGE", minute: 1,
        Desk.message("M1.M1", "/crewbell task add x", minute: 1, ["annotations": [mark]])))
    #expect(told.last?.googleTold == "101: task add x" && told.last?.mentionsBot == true)
  }

  @Test func `one odd event hides no other`() throws {
    let desk = try Desk.begun()
    let good = Desk.event("MESSAGE", minute: 2, Desk.message("M2.M2", "two", minute: 2))
    let told = try desk.hear(
      "x", ["type": "MESSAGE"], Desk.event("MESSAGE", minute: 1),
      Desk.event("MESSAGE", minute: 1, Desk.message("M/../1", "x", minute: 1)),
      Desk.event("MESSAGE", minute: 1, by: "all", Desk.message("M1.M1", "x", minute: 1)), good)
    #expect(told.map(\.googleTold).last == "101: two")
    #expect(desk.complaints.count == 5)
    let raw: JSON = ["receivedMessages": [["ackId": "a", "message": ["data": "%%"]], .null]]
    #expect(try desk.take(Desk.response(raw)) == [])
    #expect(desk.body == ["ackIds": ["a"]])
  }

  @Test func `what keeps it from being pulled is told`() throws {
    for (settings, word) in [
      (["pushConfig": ["pushEndpoint": "https://x.example"]], "Pull"),
      (["bigqueryConfig": ["table": "t"]], "Pull"), (["detached": true], "no topic"),
      (["topic": "_deleted-topic_"], "no topic"),
    ] as [([String: JSON], String)] {
      let desk = Desk()
      let usual: [String: JSON] = ["topic": "projects/acme/topics/chat"]
      try desk.take(Desk.response(.object(usual.merging(settings) { $1 })))
      #expect(desk.complaints.count == 1 && desk.complaints[0].contains(word))
    }
    let desk = Desk()
    try desk.take(Desk.error("PERMISSION_DENIED", 403))
    #expect(desk.complaints == [] && desk.remarks.count == 1)
    #expect(desk.request.url.hasSuffix(":pull"))
  }

  @Test func `a refusal says what to do`() throws {
    let desk = try Desk.begun()
    for (word, status, advice) in [
      ("PERMISSION_DENIED", 403, "Pub/Sub Subscriber"), ("NOT_FOUND", 404, "31 days"),
      ("FAILED_PRECONDITION", 400, "Pull"),
    ] {
      #expect {
        try desk.take(Desk.error(word, status))
      } throws: { error in
        if case .refused(let why)? = error as? PollFailure { why.contains(advice) } else { false }
      }
    }
    #expect {
      try desk.take(Desk.error("UNAUTHENTICATED", 401))
    } throws: { error in
      if case .tokenExpired? = error as? PollFailure { true } else { false }
    }
    // A long poll that brought nothing, as some servers say it.
    try desk.take(Desk.error("DEADLINE_EXCEEDED", 504))
    #expect(desk.waitSeconds == 1)
  }

  @Test func `the promises of every platform are kept`() throws {
    let begun = try Desk.begun()
    let acking = try Desk.begun()
    let pulled = Desk.response(Desk.pulled([Desk.event("ADDED_TO_SPACE", minute: 1)]))
    try acking.take(pulled)
    PlatformChecks(
      platform: Desk.google, canary: "canary", cursors: [nil, begun.cursor, acking.cursor],
      answers: [Desk.response(["topic": "t"]), pulled, Desk.response([:])],
      credential: Desk.credential
    ).run()
  }
}
