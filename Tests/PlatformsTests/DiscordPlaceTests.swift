import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = DiscordDesk

@Suite struct `Discord, where it reads` {
  @Test func `a thread belongs to its channel`() throws {
    let (desk, _) = try Desk.begun()
    try desk.turn(to: "users/@me/channels")
    try desk.take(["id": "71", "type": 1, "last_message_id": .null])
    try desk.turn(to: "guilds/41/threads", channels: [Desk.channel("51", last: 1000)])
    let id = Desk.id(9000)
    try desk.take(Desk.threads(Desk.thread(id, last: 9500)))
    try desk.turn(to: "channels/\(id)/", channels: [Desk.channel("51", last: 1000)])
    let told = try desk.take([
      Desk.message(
        9500, "!task add x", by: Desk.ben, in: id,
        [
          "type": 19,
          "message_reference": ["type": 0, "message_id": "5", "channel_id": .string(id)],
        ])
    ])
    #expect(told.map(\.said) == ["2002: !task add x"])
    #expect(told[0].room.id == "51" && told[0].thread == id && told[0].roomName == "room 51")
    #expect(told[0].id == "\(id):" + Desk.id(9500) && told[0].replyTo == "\(id):5")
  }

  @Test func `what was written in a channel that is new to us is read from then on`() throws {
    let (desk, _) = try Desk.begun()
    let old = "52"
    let fresh = Desk.id(20_000)
    try desk.turn(to: "guilds/41/channels", channels: [Desk.channel("51", last: 1000)])
    let listedAt = desk.now
    let all = [
      Desk.channel("51", last: 1000), Desk.channel(old, last: 30_000),
      Desk.channel(fresh, last: 30_000),
    ]
    try desk.take(.array(all))
    var asked: Set<String> = []
    for _ in 0..<40 where asked.count < 2 {
      if desk.path.contains("/\(old)/") || desk.path.contains("/\(fresh)/") {
        asked.insert(desk.path)
      }
      try desk.pass(channels: all)
    }
    #expect(asked.contains("channels/\(fresh)/messages?after=\(fresh)&limit=100"), "\(asked)")
    let since = asked.first { $0.contains("/\(old)/") }?.split(separator: "=")[1].prefix {
      $0 != "&"
    }
    let at = (Int64(since ?? "") ?? 0) >> 22 + 1_420_070_400_000 - Desk.start
    #expect(at >= -5000 && at <= listedAt, "not from the beginning, and not from now on")
  }

  @Test func `whoever speaks with the bot may do so alone, and whom they speak of`() throws {
    let (desk, _) = try Desk.begun()
    func open(_ id: String) throws -> JSON {
      try desk.turn(to: "users/@me/channels", channels: [Desk.channel("51", last: 1000)])
      let call = Desk.discord.poll(after: desk.cursor, with: Desk.credential)
      #expect(call.method == .post)
      try desk.take(["id": .string(id), "type": 1, "last_message_id": .null])
      return JSON(call.body ?? Data()) ?? .null
    }
    #expect(try open("71") == ["recipient_id": .string(Desk.ana)])
    _ = try desk.hear([
      Desk.message(2000, "!kudos <@2002>", mentioning: [Desk.ben]),
      Desk.message(2001, "and <@2009>", by: Desk.ben, mentioning: ["2009"]),
    ])
    #expect(try open("72") == ["recipient_id": .string(Desk.ben)])
    try desk.turn(to: "channels/71/", channels: [Desk.channel("51", last: 1000)])
    let told = try desk.take([Desk.message(60_000, "mine", in: "71")])
    #expect(told.map(\.said) == ["2001: mine"])
    #expect(told[0].isDirect && told[0].room.id == "71" && told[0].roomName == nil)
    for _ in 0..<50 {
      #expect(desk.path != "users/@me/channels", "opened for somebody who said nothing to us")
      try desk.pass(channels: [Desk.channel("51", last: 1000)])
    }
  }

  @Test func `of a direct chat that is opened late only the last minutes are for us`() throws {
    let (desk, _) = try Desk.begun()
    desk.now = 3_600_000
    try desk.turn(to: "users/@me/channels")
    let at = desk.now / 1000 * 1000
    try desk.take(["id": "71", "type": 1, "last_message_id": .string(Desk.id(at - 1000))])
    #expect(desk.path == "channels/71/messages?after=\(Desk.id(at - 600_000))&limit=100")
  }

  @Test func `a person who cannot be reached is asked once`() throws {
    let (desk, _) = try Desk.begun()
    try desk.turn(to: "users/@me/channels")
    try desk.take(["message": "no", "code": 50007], status: 403)
    for number in 0..<30 {
      let page = [Desk.message(2000 + Int64(number), "!task")]
      #expect(try desk.hear(page) == ["2001: !task"])
      #expect(desk.path != "users/@me/channels")
    }
  }

  @Test func `a channel that is closed to us is left alone, and stops no other`() throws {
    let (desk, _) = try Desk.begun()
    try desk.turn(to: "channels/51/", channels: [Desk.channel("51", last: 1000)])
    try desk.take(["message": "Missing Access", "code": 50001], status: 403)
    #expect(desk.complaints.count == 1 && desk.complaints[0].contains("Read Message History"))
    for _ in 0..<100 {
      #expect(!desk.path.hasPrefix("channels/51/"))
      try desk.pass(channels: [Desk.channel("51", last: 2000), Desk.channel("52", last: 2000)])
    }
  }

  @Test func `the end of a channel is told, a slip of the list is not`() throws {
    let (desk, _) = try Desk.begun()
    func list(_ channels: [JSON]) throws -> [Message] {
      try desk.turn(to: "guilds/41/channels", channels: [Desk.channel("51", last: 1000)])
      return try desk.take(.array(channels))
    }
    #expect(try list([]).isEmpty)
    #expect(try list([Desk.channel("51", last: 1000)]).isEmpty)
    #expect(try list([]).isEmpty)
    #expect(try list([]).map(\.kind) == [.removed])
  }

  @Test func `a used up limit makes it ask elsewhere, or wait`() throws {
    let (desk, _) = try Desk.begun()
    try desk.turn(to: "users/@me/channels")
    try desk.take(["id": "71", "type": 1, "last_message_id": .null])
    func limit(_ left: Int) -> [String: String] {
      let now = Double(Desk.start + desk.now) / 1000
      return [
        "x-ratelimit-bucket": "b", "x-ratelimit-remaining": "\(left)",
        "x-ratelimit-reset": "\(now + 7.5)", "x-ratelimit-reset-after": "7.5",
      ]
    }
    try desk.turn(to: "channels/51/", channels: [Desk.channel("51", last: 1000)])
    try desk.take([Desk.message(2000, "x")], limit(0))
    let end = desk.now - Int64(desk.waitSeconds * 1000) + 7500
    while desk.now < end {
      #expect(!desk.path.hasPrefix("channels/51/"), "\(end - desk.now) ms too early")
      try desk.pass(channels: [Desk.channel("51", last: 1000)])
    }
  }

  @Test func `pages without end in one channel leave the others their turn`() throws {
    let (desk, _) = try Desk.begun()
    var others = 0
    var newest: Int64 = 2000
    for _ in 0..<40 {
      guard desk.path.hasPrefix("channels/51/") else {
        others += 1
        try desk.pass(channels: [Desk.channel("51", last: newest)])
        continue
      }
      let page = (0..<100).map { Desk.message(newest + $0, "x") }
      newest += 100
      try desk.take(.array(page))
    }
    #expect(others >= 8 && others <= 20, "\(others)")
  }

  @Test(arguments: [
    (429, #"{"message":"x","retry_after":64.57,"global":true}"#, [:], 64.57),
    (429, #"{"message":"x","retry_after":0.3,"global":false}"#, ["retry-after": "9"], 1),
    (429, "<html>Cloudflare", ["retry-after": "1800"], 1800),
    (429, "<html>Cloudflare", [:], 600), (403, "<html>Cloudflare", [:], 300),
  ])
  func `too many calls are answered by patience`(
    _ status: Int, _ body: String, _ headers: [String: String], _ seconds: Double
  ) throws {
    let cursor = try Desk.begun().desk.cursor
    let response = HTTPResponse(status: status, headers: headers, body: Data(body.utf8))
    #expect {
      try Desk.discord.read(response, after: cursor)
    } throws: { failure in
      if case .retry(let wish?, _)? = failure as? PollFailure { wish == seconds } else { false }
    }
  }

  @Test func `a token that will not do is told with what to do`() throws {
    for cursor in [nil, try Desk.begun().desk.cursor] {
      #expect {
        try Desk.discord.read(
          HTTPResponse(status: 401, body: Data(#"{"message":"401: Unauthorized","code":0}"#.utf8)),
          after: cursor)
      } throws: { failure in
        if case .refused(let why)? = failure as? PollFailure {
          why.contains("token_file")
        } else {
          false
        }
      }
    }
    #expect(throws: PollFailure.self) {
      try Desk.discord.read(
        Desk().response(["id": "7", "username": "a person"]), after: nil)
    }
  }
}
