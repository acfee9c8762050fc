import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = FeishuDesk

@Suite struct `Feishu, reading` {
  @Test func `keeps what every platform promises`() throws {
    let desk = FeishuDesk()
    var (cursors, answers): ([Cursor?], [HTTPResponse]) = ([nil], [])
    for answer: JSON in [
      ["code": 0, "bot": ["open_id": "ou_bell"]], Desk.list([Desk.chat()]),
      Desk.list([Desk.post("a", "@_user_1 hi", at: 2000, more: Desk.mentions("ou_bell"))]),
    ] {
      answers.append(desk.response(answer))
      try desk.take(answer)
      cursors.append(desk.cursor)
    }
    PlatformChecks(
      platform: Desk.feishu, canary: "canary", cursors: cursors, answers: answers,
      credential: Desk.credential
    ).run()
  }

  @Test func `a token is earned by the app's secret and dies in time`() throws {
    let now = Instant(seconds: Desk.start)
    let request = try #require(Desk.feishu.credentialRequest(now: now))
    #expect(request.url.hasSuffix("/open-apis/auth/v3/tenant_access_token/internal"))
    #expect(!"\(request)".contains("canary"))
    let body = JSON(request.body ?? Data())
    #expect(body == ["app_id": "cli_app00001", "app_secret": .string(Desk.secret)])
    func earned(_ json: JSON, _ status: Int = 200) throws -> Credential {
      try Desk.feishu.credential(from: HTTPResponse(status: status, body: json.data), now: now)
    }
    let token = try earned(["code": 0, "tenant_access_token": "t-1", "expire": 7200])
    #expect(token.token == "t-1" && token.expiresAt == now.adding(seconds: 7200))
    #expect {
      try earned(["code": 10014, "msg": "app secret invalid"])
    } throws: { error in
      if case .refused(let why)? = error as? PollFailure {
        why.contains("secret_file")
      } else {
        false
      }
    }
    #expect(throws: PollFailure.retry(afterSeconds: nil, "fs: status 500, code 1500")) {
      try earned(["code": 1500], 500)
    }
  }

  @Test func `a token that has run out asks for another`() throws {
    let desk = try Desk.begun()
    for code: Int64 in [99_991_661, 99_991_663] {
      #expect {
        try desk.take(Desk.refusal(code), status: 400)
      } throws: { error in
        if case .tokenExpired? = error as? PollFailure { true } else { false }
      }
    }
    #expect {
      try desk.take(Desk.refusal(99_991_400), status: 400)
    } throws: { error in
      if case .retry(5, _)? = error as? PollFailure { true } else { false }
    }
  }

  @Test func `what was written before the first list is history`() throws {
    let desk = FeishuDesk()
    try desk.take(["code": 0, "bot": ["open_id": "ou_bell"]])
    try desk.take(Desk.list([Desk.chat()]))
    try desk.turn()
    #expect(desk.path.contains("start_time=\(Desk.start + 1 - 5)&sort_type=ByCreateTimeAsc"))
    let bell = Desk.mentions("ou_bell")
    let told = try desk.hear([
      Desk.post("old", "@_user_1 !task add old", at: -4000, more: bell),
      Desk.post("same", "@_user_1 !task add in the same second", at: 900, more: bell),
      Desk.post("new", "@_user_1 你好", at: 1100, more: bell),
    ])
    #expect(told.map(\.heard) == ["ana1 invited", "ana1: 你好"])
    #expect(told[1].roomName == "发布小组" && told[1].senderName == "Ana")
  }

  @Test func `a group that is new is read from the list before on`() throws {
    let desk = try Desk.begun()
    desk.now += 10
    let den = Desk.chat("oc_den01", name: "den")
    try desk.turn(of: "oc_den01", chats: [Desk.chat(), den])
    let told = try desk.take(
      Desk.list([
        Desk.post("x", "@_user_1 早上好", at: 8000, more: Desk.mentions("ou_bell"))
      ]))
    #expect(told.map(\.heard) == ["ana1 invited", "ana1: 早上好"])
  }

  @Test func `nothing is told twice, and pages are read to their end`() throws {
    let desk = try Desk.begun()
    let first = Desk.post("a", "one", at: 20_000)
    #expect(try desk.hear([first], more: "p2").map(\.heard) == ["ana1: one"])
    try desk.turn()
    #expect(desk.path.hasSuffix("page_token=p2") && desk.waitSeconds == 0.1)
    let second = Desk.post("b", "two", at: 20_500)
    #expect(try desk.hear([second]).map(\.heard) == ["ana1: two"])
    try desk.turn()
    #expect(desk.path.contains("start_time=\(Desk.start + 20 - 5)&"))
    let third = Desk.post("c", "three", at: 20_400)
    #expect(try desk.hear([first, third, second]).map(\.heard) == ["ana1: three"])
  }

  @Test func `a page that is no more known is asked for anew`() throws {
    let desk = try Desk.begun()
    _ = try desk.hear([Desk.post("a", "one", at: 20_000)], more: "p2")
    try desk.turn()
    try desk.take(Desk.refusal(230_001), status: 400)
    try desk.turn()
    #expect(!desk.path.contains("page_token") && desk.complaints.isEmpty)
  }

  @Test func `edits, apps, what was taken back and system messages are no commands`() throws {
    let desk = try Desk.begun()
    let app: JSON = ["id": "cli_other001", "id_type": "app_id", "sender_type": "app"]
    let own: JSON = ["id": "cli_app00001", "id_type": "app_id", "sender_type": "app"]
    let told = try desk.hear([
      Desk.post("a", "!task add a", at: 20_001, more: ["updated": true]),
      Desk.post("b", "!task add b", at: 20_002, more: ["sender": app]),
      Desk.post("c", "!task add c", at: 20_003, more: ["sender": own]),
      Desk.post("d", "!task add d", at: 20_004, more: ["deleted": true]),
      Desk.post("e", "", at: 20_005, type: "system", more: ["sender": ["id": ""]]),
      Desk.post("f", "!task add f", at: 20_006, type: "image"),
      Desk.post("g", "!task add g", at: 20_007),
    ])
    #expect(told.filter { $0.kind == .text && $0.senderKind == .person }.map(\.id) == ["om_g"])
    #expect(told.map(\.kind).prefix(1) == [.edit(of: "om_a")] && told.count == 4)
  }

  @Test func `mentions go by id, in words and in rich text`() throws {
    let desk = try Desk.begun()
    let ids = (1...12).map { "ou_p\($0)00" }
    let many: [String: JSON] = [
      "mentions": .array(
        ids.enumerated().map { number, id in
          ["key": .string("@_user_\(number + 1)"), "id": .string(id), "name": .string(id)]
        })
    ]
    let rich: JSON = [
      "title": "",
      "content": [[["tag": "at", "user_id": "@_user_1"], ["tag": "text", "text": " !x"]]],
    ]
    let told = try desk.hear([
      Desk.post("a", "@_user_1 to @_user_12 and @_all @nobody", at: 20_000, more: many),
      Desk.post(
        "b", "", at: 20_001, type: "post",
        more: Desk.mentions("ou_bell").merging(["body": ["content": .string(rich.text)]]) { $1 }),
    ])
    #expect(told[0].heard == "ana1: {p100} to {p1200} and @all @nobody")
    #expect(told[1].heard == "ana1: !x" && told[1].mentionsBot)
  }

  @Test func `of other groups nothing is told but who speaks to the bot`() throws {
    let desk = FeishuDesk()
    try desk.take(["code": 0, "bot": ["open_id": "ou_bell"]])
    try desk.take(Desk.list([Desk.chat()]))
    let bell = Desk.mentions("ou_bell")
    let told = try desk.hear([
      Desk.post("a", "!task add a", at: 2000),
      Desk.post("b", "@_user_1 hi", by: "ben", at: 3000, more: bell),
      Desk.post("c", "!task add c", at: 4000),
    ])
    #expect(told.map(\.heard) == ["ben1 invited", "ben1: hi"])
  }

  @Test func `the direct chats of whoever speaks with the bot are opened and read`() throws {
    let desk = try Desk.begun()
    _ = try desk.hear([
      Desk.post("a", "!task add x @_user_1", by: "cleo", at: 20_000, more: Desk.mentions("ou_ben1"))
    ])
    var opened: Set<String> = []
    for _ in 0..<60 {
      if desk.path.hasPrefix("chat/v4/p2p/id?open_id=") {
        opened.insert(String(desk.path.dropFirst(23)))
        try desk.take(Desk.data(["chat_id": .string("oc_d_" + desk.path.dropFirst(26))]))
      } else {
        try desk.take(Desk.list(desk.path.hasPrefix("im/v1/chats") ? [Desk.chat()] : []))
      }
    }
    // Ana stands in `invite`.
    #expect(opened == ["ou_ana1", "ou_ben1", "ou_cleo1"])
    try desk.turn(of: "oc_d_ben1")
    let told = try desk.take(Desk.list([Desk.post("m", "mine", by: "ben", at: 30_000)]))
    #expect(told.map(\.heard) == ["ben1: mine"] && told[0].isDirect)
  }

  @Test func `a group that is gone from two lists is lost, one that is closed is told of`() throws {
    let desk = try Desk.begun()
    try desk.turn()
    try desk.take(Desk.refusal(230_027), status: 400)
    #expect(desk.complaints.count == 1 && desk.complaints[0].contains("im:message.group_msg"))
    desk.now += 11
    var told: [Message] = []
    for round in 0..<2 {
      while !desk.path.hasPrefix("im/v1/chats") {
        told += try desk.take(Desk.data(["chat_id": "oc_direct1", "items": []]))
      }
      told += try desk.take(Desk.list([]))
      if round == 0 { #expect(told.isEmpty) }
      desk.now += 11
    }
    #expect(told.map(\.kind) == [.removed])
  }

  @Test func `their own trouble closes no group`() throws {
    let desk = try Desk.begun()
    try desk.turn()
    let before = desk.cursor
    #expect(throws: PollFailure.retry(afterSeconds: nil, "fs: status 200, code 1500")) {
      try desk.take(Desk.refusal(1500))
    }
    #expect(desk.cursor == before && desk.complaints.isEmpty)
    #expect(
      Desk.feishu.delivery(
        of: HTTPResponse(status: 400, body: Desk.refusal(230_049).data), progress: nil) == .unknown)
  }

  @Test func `an app without its rights is refused with what to do`() throws {
    let desk = FeishuDesk()
    #expect {
      try desk.take(Desk.refusal(99_991_672), status: 400)
    } throws: { error in
      if case .refused(let why)? = error as? PollFailure { why.contains("权限管理") } else { false }
    }
  }

  @Test func `many groups are read fairly, and a flood in one hides no other`() throws {
    let desk = FeishuDesk()
    try desk.take(["code": 0, "bot": ["open_id": "ou_bell"]])
    let chats = (10..<40).map { Desk.chat("oc_chat\($0)") }
    try desk.take(Desk.list(chats))
    var (reads, seconds, calls): ([String: Int], Double, Int) = ([:], 0, 0)
    for turn in 0..<200 {
      desk.now = Desk.start + Int64(seconds)
      calls += 1
      if let chat = chats.first(where: { desk.path.contains("=\($0["chat_id"].string ?? "")&") }) {
        let id = chat["chat_id"].string ?? ""
        reads[id, default: 0] += 1
        let flood = id == "oc_chat10" ? [Desk.post("f\(turn)", "x", at: Int64(2000 + turn))] : []
        try desk.take(Desk.list(flood, more: flood.isEmpty ? nil : "p\(turn)"))
      } else {
        try desk.take(
          desk.path.hasPrefix("im/v1/chats")
            ? Desk.list(chats) : Desk.data(["chat_id": "oc_direct1", "items": []]))
      }
      seconds += desk.waitSeconds
    }
    #expect(reads.count == 30 && reads.values.allSatisfy { $0 >= 2 })
    #expect(Double(calls) / seconds <= 10)
  }
}
