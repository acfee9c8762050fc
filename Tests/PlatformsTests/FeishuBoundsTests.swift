import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = FeishuDesk

/// What a server may say that it says seldom, and how much of it is kept.
@Suite struct `Feishu, at its bounds` {
  private static let bell = Desk.mentions("ou_bell")
  private static let app: [String: JSON] = [
    "sender": ["id": "cli_other001", "id_type": "app_id", "sender_type": "app"]
  ]

  /// A group in which nobody has asked the bot in.
  private func foreign() throws -> FeishuDesk {
    let desk = FeishuDesk()
    try desk.take(["code": 0, "bot": ["open_id": "ou_bell"]])
    try desk.take(Desk.list([Desk.chat()]))
    return desk
  }

  private func startTime(_ desk: FeishuDesk) -> Substring? {
    desk.path.split(separator: "&").first { $0.hasPrefix("start_time=") }
  }

  @Test func `one that stands twice on a page is told once`() throws {
    let desk = try Desk.begun()
    let post = Desk.post("a", "one", at: 20_000)
    #expect(try desk.hear([post, post, post]).map(\.heard) == ["ana1: one"])
  }

  @Test func `an app, an edit and a picture ask the bot into no group`() throws {
    let desk = try foreign()
    let told = try desk.hear([
      Desk.post("a", "@_user_1 hi", at: 2000, more: Self.bell.merging(Self.app) { $1 }),
      Desk.post("b", "@_user_1 hi", at: 2001, more: Self.bell.merging(["updated": true]) { $1 }),
      Desk.post("c", "@_user_1 hi", at: 2002, type: "image", more: Self.bell),
    ])
    #expect(told.isEmpty)
    #expect(
      try desk.hear([Desk.post("d", "@_user_1 hi", at: 3000, more: Self.bell)]).map(\.heard)
        == ["ana1 invited", "ana1: hi"])
  }

  @Test func `where a question begins stays until its last page`() throws {
    let desk = try Desk.begun()
    try desk.turn()
    let start = startTime(desk)
    _ = try desk.hear([Desk.post("a", "one", at: 90_000)], more: "p2")
    try desk.turn()
    #expect(startTime(desk) == start && desk.path.hasSuffix("page_token=p2"))
    // The newest stood on the page before.
    _ = try desk.hear([Desk.post("b", "two", at: 50_000)])
    try desk.turn()
    #expect(startTime(desk) == "start_time=\(Desk.start + 90 - 5)")
  }

  @Test func `a time that is none is told of, and hides nothing`() throws {
    let desk = try Desk.begun()
    let times = ["-1", "253402300800000", "9223372036854775807", "99999999999999999999", "", "x"]
    let odd = times.enumerated().map { number, time in
      Desk.post("odd\(number)", "x", at: 0, more: ["create_time": .string(time)])
    }
    let told = try desk.hear(odd + [Desk.post("a", "one", at: 20_000)])
    #expect(told.map(\.heard) == ["ana1: one"] && desk.complaints.count == odd.count)
    try desk.turn()
    #expect(startTime(desk) == "start_time=\(Desk.start + 20 - 5)")
  }

  @Test func `a group that was dissolved is not read`() throws {
    let desk = FeishuDesk()
    try desk.take(["code": 0, "bot": ["open_id": "ou_bell"]])
    let gone: JSON = ["chat_id": "oc_gone1", "name": "x", "chat_status": "dissolved"]
    try desk.take(Desk.list([gone, Desk.chat()]))
    #expect(desk.cursor?.contains("oc_gone1") == false && desk.cursor?.contains(Desk.room) == true)
  }

  @Test func `a list without end is left, and a page that is too long to ask for`() throws {
    let desk = FeishuDesk()
    try desk.take(["code": 0, "bot": ["open_id": "ou_bell"]])
    let chats = (0..<2500).map { Desk.chat("oc_chat\($0)") }
    try desk.take(Desk.list(chats, more: "p1"))
    #expect(desk.path.hasSuffix("page_token=p1"))
    try desk.take(Desk.list(chats, more: "p2"))
    #expect(!desk.path.contains("page_token"))
    let other = try Desk.begun()
    for (letters, isAsked) in [(2000, true), (2001, false)] {
      let token = String(repeating: "a", count: letters)
      _ = try other.hear([], more: token)
      try other.turn()
      #expect(other.path.hasSuffix("page_token=" + token) == isAsked)
    }
  }

  @Test func `a group that is closed is left alone for a quarter of an hour`() throws {
    let desk = try Desk.begun()
    try desk.turn()
    try desk.take(Desk.refusal(230_027), status: 400)
    let closed = desk.now
    var asked: [Int64] = []
    for _ in 0..<300 {
      if desk.path.contains("container_id=\(Desk.room)&") { asked.append(desk.now - closed) }
      try desk.take(
        desk.path.hasPrefix("im/v1/chats")
          ? Desk.list([Desk.chat()]) : Desk.data(["chat_id": "oc_direct1", "items": []]))
      desk.now += 4
    }
    #expect(try #require(asked.first) >= 900 && asked.count > 1, "\(asked)")
  }

  @Test(arguments: [200, 400])
  func `a list whose page is no longer known begins anew`(status: Int) throws {
    let desk = Desk()
    try desk.take(["code": 0, "bot": ["open_id": "ou_bell", "app_name": "Crewbell"]])
    try desk.take(Desk.list([Desk.chat("oc_chat1")], more: "p1"))
    #expect(desk.path.hasSuffix("page_token=p1"))
    try desk.take(Desk.refusal(232_001), status: status)
    #expect(desk.path.hasPrefix("im/v1/chats") && !desk.path.contains("page_token"))
    #expect(desk.complaints.count == 1 && desk.waitSeconds >= 5)
    try desk.take(Desk.list([Desk.chat("oc_chat1"), Desk.chat("oc_chat2")]))
    #expect(desk.path.hasPrefix("im/v1/messages"))
    // Its first page has nothing to leave.
    let fresh = Desk()
    try fresh.take(["code": 0, "bot": ["open_id": "ou_bell", "app_name": "Crewbell"]])
    #expect(throws: PollFailure.self) { try fresh.take(Desk.refusal(232_001)) }
  }

  // MARK: - Direct chats

  @Test func `of a direct chat what stood there before the first list is history`() throws {
    let desk = try foreign()
    try desk.turn(of: "oc_dm_ana1")
    let told = try desk.take(
      Desk.list([
        Desk.post("old", "!task add old", at: -4000), Desk.post("new", "!task add new", at: 3000),
      ]))
    #expect(told.map(\.heard) == ["ana1: !task add new"])
  }

  @Test func `who only talks to others has no direct chat opened`() throws {
    let desk = try Desk.begun()
    _ = try desk.hear([
      Desk.post(
        "a", "good morning @_user_1", by: "cleo", at: 20_000, more: Desk.mentions("ou_ben1"))
    ])
    #expect(desk.cursor?.contains("ou_cleo1") == false && desk.cursor?.contains("ou_ben1") == false)
  }

  @Test func `who cannot be written to is not asked for again`() throws {
    let desk = try Desk.begun()
    var asked = 0
    for round in 0..<80 {
      if desk.path.hasSuffix("open_id=ou_ben1") {
        asked += 1
        try desk.take(Desk.refusal(230_013), status: 400)
      } else if desk.path.hasPrefix("chat/v4/p2p/id") {
        try desk.take(Desk.data(["chat_id": "oc_dm_ana1"]))
      } else if desk.path.hasPrefix("im/v1/chats") {
        try desk.take(Desk.list([Desk.chat()]))
      } else {
        let isRoom = desk.path.contains("=\(Desk.room)&")
        let post = Desk.post("b\(round)", "!mine", by: "ben", at: Int64(20_000 + round))
        try desk.take(Desk.list(isRoom ? [post] : []))
      }
    }
    #expect(asked == 1)
  }

  @Test func `of those who cannot be written to the last fifty are kept`() throws {
    let desk = try Desk.begun()
    let mentions = (0..<100).map { number -> JSON in
      ["key": "@_user_1", "id": .string("ou_p\(number)x"), "name": "x"]
    }
    _ = try desk.hear([Desk.post("c", "!kudos", at: 20_000, more: ["mentions": .array(mentions)])])
    for _ in 0..<600 {
      if desk.path.hasPrefix("chat/v4/p2p/id") {
        try desk.take(Desk.refusal(230_013), status: 400)
      } else {
        try desk.take(Desk.list(desk.path.hasPrefix("im/v1/chats") ? [Desk.chat()] : []))
      }
    }
    #expect(desk.cursor?.components(separatedBy: "ou_p").count == 51)
  }

  @Test func `no crowd makes the cursor large`() throws {
    let desk = try Desk.begun()
    func crowd(_ round: Int) -> JSON {
      let ids = (0..<100).map { "ou_p\(round)x\($0)" }
      return Desk.post(
        "c\(round)", "!kudos", at: Int64(20_000 + round),
        more: [
          "mentions": .array(
            ids.map { ["key": "@_user_1", "id": .string($0), "name": "x"] })
        ])
    }
    _ = try desk.hear((0..<5).map(crowd))
    #expect(desk.cursor?.components(separatedBy: "ou_p").count ?? 0 <= 201)
    for _ in 0..<850 {
      if desk.path.hasPrefix("chat/v4/p2p/id") {
        let person = desk.path.split(separator: "=").last ?? ""
        try desk.take(Desk.data(["chat_id": .string("oc_dm" + person.dropFirst(2))]))
      } else {
        try desk.take(Desk.list(desk.path.hasPrefix("im/v1/chats") ? [Desk.chat()] : []))
      }
    }
    #expect(desk.cursor?.components(separatedBy: "\"person\":").count == 101)
  }

  // MARK: - Tokens and posts

  @Test(arguments: [0, -1, 1, 7200, Int64.max])
  func `a token lives a day at most, and one without a life is none`(seconds: Int64) throws {
    let now = Instant(seconds: Desk.start)
    let json: JSON = ["code": 0, "tenant_access_token": "t-1", "expire": .integer(seconds)]
    let response = HTTPResponse(status: 200, body: json.data)
    guard seconds > 0 else {
      #expect(throws: PollFailure.self) {
        try Desk.feishu.credential(from: response, now: now)
      }
      return
    }
    let token = try Desk.feishu.credential(from: response, now: now)
    #expect(token.expiresAt == now.adding(seconds: min(seconds, 86_400)))
  }

  private func request(_ post: Post, key: String = "ci1.7") -> HTTPRequest {
    Desk.feishu.request(
      for: post, to: .room(Room(account: "fs", id: Desk.room)), key: key, progress: nil,
      with: Desk.credential)
  }

  @Test func `what is answered by an odd id is said plainly, and a long key ends as it ends`() {
    for id in ["../../auth", "", "om", "om_m1/x", String(repeating: "o", count: 101)] {
      let sent = request(Post(text: "x", inReplyTo: id))
      #expect(sent.url.hasSuffix("/im/v1/messages?receive_id_type=chat_id"), "\(id)")
    }
    let key = String(repeating: "k", count: 60) + ".12"
    let uuid = JSON(request(Post(text: "x"), key: key).body ?? Data())?["uuid"].string
    #expect(uuid == String(repeating: "k", count: 47) + ".12")
  }

  @Test func `an answer that fits nothing leaves a doubt`() {
    func delivery(_ json: JSON, _ status: Int) -> Delivery {
      Desk.feishu.delivery(of: HTTPResponse(status: status, body: json.data), progress: nil)
    }
    let sent = Desk.data(["message_id": "om_x1"])
    for status in [201, 408, 500, 502] { #expect(delivery(sent, status) == .unknown, "\(status)") }
    #expect(delivery(Desk.data([:]), 200) == .unknown)
    #expect(delivery(Desk.data(["message_id": "../x"]), 200) == .unknown)
    // Somebody before Feishu gave up waiting for it.
    #expect(delivery(Desk.refusal(230_001), 408) == .unknown)
    for wish in ["inf", "nan", "x", "-1", ""] {
      let slow = HTTPResponse(
        status: 429, headers: ["x-ogw-ratelimit-reset": wish],
        body: Desk.refusal(99_991_400).data)
      guard case .retry(let seconds?) = Desk.feishu.delivery(of: slow, progress: nil) else {
        Issue.record("\(wish)")
        continue
      }
      #expect((0...3600).contains(seconds), "\(wish): \(seconds)")
    }
  }
}
