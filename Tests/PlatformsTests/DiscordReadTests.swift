import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = DiscordDesk

@Suite struct `Discord, reading` {
  @Test func `who we are, where we are, and then nothing of what was written before`() throws {
    let desk = Desk()
    #expect(desk.path == "users/@me")
    let call = Desk.discord.poll(after: nil, with: Desk.credential)
    #expect(call.headers["Authorization"] == "Bot " + Desk.token)
    #expect(call.headers["User-Agent"]?.hasPrefix("DiscordBot (https://") == true)
    try desk.take(Desk.user(Desk.bell))
    #expect(desk.path == "users/@me/guilds?after=0&limit=200")
    try desk.take([["id": "41"]])
    #expect(desk.path == "guilds/41/channels")
    try desk.take([Desk.channel("51", last: 0), Desk.channel("52", type: 15)])
    #expect(desk.path == "guilds/41/threads/active")
    try desk.take(Desk.threads(Desk.thread("61", last: -5)))
    for _ in 0..<200 {
      #expect(!desk.path.hasPrefix("channels/"), "read though nobody asked the bot in")
      try desk.pass(channels: [Desk.channel("51", last: 0)])
    }
  }

  @Test func `it begins where somebody who may mentions it`() throws {
    let desk = try Desk.listed(Desk.channel("51", last: 0))
    try desk.turn(to: "guilds/41/channels")
    try desk.take([Desk.channel("51", last: 4000)])
    #expect(desk.path == "channels/51/messages?after=\(Desk.id(0))&limit=100")
    let told = try desk.take([
      Desk.message(4000, "!task add for us", by: Desk.ben),
      Desk.message(3000, "good morning <@1001>", mentioning: [Desk.bell]),
      Desk.message(2000, "<@1001> hi", by: Desk.ben, mentioning: [Desk.bell]),
      Desk.message(1000, "!task add too early"),
    ])
    #expect(
      told.map(\.said) == [
        "2002 invited", "2002: hi", "2001 invited", "2001: good morning ",
        "2002: !task add for us",
      ])
    #expect(told[2].room.id == "51" && told[2].roomName == "room 51" && told[3].mentionsBot)
    #expect(told[3].id == "51:" + Desk.id(3000) && !told[3].isDirect)
    #expect(told[3].sentAt == Instant(milliseconds: Desk.start + 3000))
  }

  @Test func `pages come newest first and are told oldest first, each message once`() throws {
    let (desk, _) = try Desk.begun()
    let first = (2...101).map { Desk.message(Int64($0) * 1000, "\($0)") }
    #expect(try desk.hear(first) == (2...101).map { "2001: \($0)" })
    // Full, so there is more, and nobody waits for it.
    #expect(desk.waitSeconds == 0.1)
    try desk.turn(to: "channels/51/", channels: [Desk.channel("51", last: 1000)])
    #expect(desk.path == "channels/51/messages?after=\(Desk.id(101_000))&limit=100")
    #expect(try desk.hear([Desk.message(102_000, "102")]) == ["2001: 102"])
    // A little is read twice, because a message can show up late.
    try desk.turn(to: "channels/51/", channels: [Desk.channel("51", last: 1000)])
    #expect(desk.path == "channels/51/messages?after=\(Desk.id(97_000))&limit=100")
    let again = [Desk.message(102_000, "102"), Desk.message(101_500, "late")]
    #expect(try desk.hear(again) == ["2001: late"])
  }

  @Test func `what is before the baseline is not read again by the overlap`() throws {
    let desk = try Desk.listed(Desk.channel("51", last: 0))
    try desk.turn(to: "guilds/41/channels")
    try desk.take([Desk.channel("51", last: 100)])
    #expect(desk.path == "channels/51/messages?after=\(Desk.id(0))&limit=100")
  }

  @Test func `edits, bots, webhooks, the bot itself and what happens are no commands`() throws {
    let (desk, _) = try Desk.begun()
    let told = try desk.hear([
      Desk.message(2000, "x", ["edited_timestamp": "2025-12-17T19:33:22.000000+00:00"]),
      Desk.message(2001, "x", by: Desk.bell),
      Desk.message(2002, "x", by: "2003", ["author": Desk.user("2003", isBot: true)]),
      Desk.message(2003, "x", ["webhook_id": "9"]),
      Desk.message(2004, "", ["type": 6]), Desk.message(2005, "", by: Desk.ben, ["type": 7]),
      Desk.message(2006, "x", ["author": ["id": "5", "username": "d", "system": true]]),
    ])
    #expect(
      told == [
        "2001 edit(of: \"51:\(Desk.id(2000))\")", "2003: x", "2001: x",
        "2001 ignored(\"type 6\")", "2002 joined", "5: x",
      ])
    let kinds = try kindsOfSender()
    #expect(kinds == [.bot, .bot, .bot])
  }

  private func kindsOfSender() throws -> [SenderKind] {
    let (desk, _) = try Desk.begun()
    try desk.turn(to: "channels/51/", channels: [Desk.channel("51", last: 1000)])
    return try desk.take([
      Desk.message(2003, "x", ["webhook_id": "9"]),
      Desk.message(2002, "x", by: "2003", ["author": Desk.user("2003", isBot: true)]),
      Desk.message(2006, "x", ["author": ["id": "5", "username": "d", "system": true]]),
    ]).map(\.senderKind)
  }

  @Test(arguments: [
    ("!kudos <@2002> **well** \\*", "!kudos {2002} **well** \\*"),
    ("<@1001>: help", "help"), ("<@!1001> help", "help"), ("ask <@1001>!", "ask !"),
    ("<@&77> <#51> <:tada:123> <a:x:1> <t:1:R>", "@role #51 :tada: :x: <t:1:R>"),
    ("<https://x.example/a> https://y.example", "https://x.example/a https://y.example"),
    ("a < b > c <@> <@x> <", "a < b > c <@> <@x> <"), ("a\u{0}b", "ab"),
  ])
  func `marks of the text are read`(_ text: String, _ expected: String) throws {
    let (desk, _) = try Desk.begun()
    let page = [Desk.message(2000, text, mentioning: [Desk.ben])]
    #expect(try desk.hear(page) == ["2001: " + expected])
  }

  @Test func `one odd message hides no other`() throws {
    let (desk, _) = try Desk.begun()
    let page: [JSON] = [
      Desk.message(2000, "a"), "x", ["id": "1"], .null, Desk.message(2001, "b"),
    ]
    #expect(try desk.hear(page) == ["2001: a", "2001: b"])
    #expect(desk.complaints.count == 3)
  }

  @Test func `words that Discord keeps from us are told of once`() throws {
    let (desk, _) = try Desk.begun()
    _ = try desk.hear([Desk.message(2000, "")])
    _ = try desk.hear([Desk.message(3000, "")])
    #expect(desk.complaints.count { $0.contains("Message Content Intent") } == 1)
    _ = try desk.hear([Desk.message(4000, "", ["attachments": [["id": "1"]]])])
    _ = try desk.hear([Desk.message(5000, "seen")])
    _ = try desk.hear([Desk.message(6000, "", ["message_snapshots": [[:]]])])
    #expect(desk.complaints.count == 1)
    _ = try desk.hear([Desk.message(7000, "")])
    #expect(desk.complaints.count == 2)
  }

  @Test func `the promises of every platform are kept`() throws {
    let listed = try Desk.listed(Desk.channel("51", last: 0))
    let (begun, _) = try Desk.begun()
    try begun.turn(to: "channels/51/", channels: [Desk.channel("51", last: 1000)])
    let opening = try Desk.begun().desk
    #expect(opening.path == "users/@me/channels")
    PlatformChecks(
      platform: Desk.discord, canary: Desk.token,
      cursors: [nil, listed.cursor, opening.cursor, begun.cursor],
      answers: [
        begun.response(Desk.user(Desk.bell)), begun.response([Desk.channel("51", last: 9)]),
        begun.response(["id": "71", "type": 1]),
        begun.response([Desk.message(2000, "a"), Desk.message(2001, "b")]),
      ], credential: Desk.credential
    ).run()
  }
}
