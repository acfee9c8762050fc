import Crew
import Curl
import Foundation
import Platforms
import Testing

/// The platform against a real Synapse, over the network of the daemon.
@Suite(.serialized) struct `Matrix on Synapse` {
  /// A person and a bot in one room, with names of their own for each test.
  private func crew(_ name: String) async throws -> (
    ana: Account, bot: MatrixBot, room: String
  ) {
    let synapse = try await Synapse.shared.value
    let ana = try await synapse.account("ana_" + name, displayName: "Ana")
    let bot = try await MatrixBot.started("bell_" + name, on: synapse)
    let room = try await ana.createRoom("Desk", inviting: [bot.user])
    let invited = try await bot.hear("the invitation") { $0.kind == .invited }
    #expect(invited.room.id == room && invited.sender.user == ana.user)
    #expect(invited.roomName == "Desk")
    return (ana, bot, room)
  }

  @Test func `a login keeps its device, and the bot comes where it may`() async throws {
    let (ana, bot, room) = try await crew("login")
    let who = Account(
      user: bot.user, token: bot.credential.token, url: ana.url, network: ana.network)
    #expect(try await who.call(.get, "account/whoami")["device_id"] == "CREWBELL")
    try await ana.say("!help", in: room)
    let message = try await bot.hear(text: "!help")
    #expect(message.sender.user == ana.user && message.senderName == "Ana")
    #expect(message.roomName == "Desk" && !message.isDirect)
  }

  @Test func `a stranger's invitation is refused`() async throws {
    let synapse = try await Synapse.shared.value
    let bot = try await MatrixBot.started("bell_strange", on: synapse, inviters: ["@boss:hs.test"])
    let eve = try await synapse.account("eve")
    let room = try await eve.createRoom("Trap", inviting: [bot.user])
    try await wait(seconds: 60, for: "the refusal") {
      try await bot.poll()
      return try await eve.members(of: room)[bot.user] == "leave"
    }
    #expect(bot.heard.isEmpty)
  }

  @Test func `what was said before the bot came is not told`() async throws {
    let synapse = try await Synapse.shared.value
    let ana = try await synapse.account("ana_before")
    let bot = try await MatrixBot.started("bell_before", on: synapse)
    let room = try await ana.createRoom("Old")
    for number in 0..<20 { try await ana.say("!old \(number)", in: room) }
    try await ana.invite(bot.user, to: room)
    try await bot.hear("the invitation") { $0.kind == .invited }
    for number in 0..<20 { try await ana.say("!new \(number)", in: room) }
    try await bot.hear(text: "!new 19")
    let texts = bot.heard.filter { $0.kind == .text }.map(\.line)
    #expect(texts == (0..<20).map { "!new \($0)" })
    // The same account with its cursor lost: a new baseline.
    bot.cursor = nil
    bot.heard = []
    try await ana.untilTheClockTicks()
    try await bot.start()
    try await ana.say("!newer", in: room)
    try await bot.hear(text: "!newer")
    #expect(bot.heard.filter { $0.kind == .text }.map(\.line) == ["!newer"])
  }

  @Test func `three hundred messages of a sleep are told once and in order`() async throws {
    let (ana, bot, room) = try await crew("sleep")
    let other = try await ana.createRoom("Other", inviting: [bot.user])
    try await bot.hear("the other room") { $0.room.id == other }
    try await ana.say("awake", in: room)
    try await bot.hear(text: "awake")
    var sent: [String] = []
    for number in 0..<300 { sent.append(try await ana.say("!n \(number)", in: room)) }
    try await ana.say("meanwhile", in: other)
    bot.heard = []
    try await bot.hear(text: "meanwhile")
    try await bot.hear(text: "!n 299")
    #expect(bot.heard.filter { $0.room.id == room && $0.kind == .text }.map(\.id) == sent)
    #expect(!bot.heard.contains { $0.kind == .gap })
  }

  @Test func `a refused sync token loses nothing and repeats nothing`() async throws {
    let (ana, bot, room) = try await crew("token")
    try await ana.say("first", in: room)
    try await bot.hear(text: "first")
    bot.heard = []
    var cursor = try #require(JSON(text: bot.cursor ?? "")?.object)
    cursor["since"] = "this is no token"
    bot.cursor = JSON.object(cursor).text
    for number in 0..<60 { try await ana.say("!n \(number)", in: room) }
    try await bot.hear(text: "!n 59")
    #expect(bot.heard.filter { $0.kind == .text }.map(\.line) == (0..<60).map { "!n \($0)" })
    #expect(bot.complaints.count == 1)
  }

  @Test func `a direct room needs no prefix, and is used again`() async throws {
    let (ana, bot, _) = try await crew("direct")
    let direct = try await ana.createRoom(inviting: [bot.user], isDirect: true)
    try await bot.hear("the direct room") { $0.room.id == direct && $0.kind == .invited }
    try await ana.say("help", in: direct)
    #expect(try await bot.hear(text: "help").isDirect)
    try await bot.post(
      Post(text: "Only for you"), to: .direct(Identity(account: "matrix", user: ana.user)),
      key: "d1")
    let last = try #require(try await ana.timeline(of: direct).last)
    #expect(last["content"]["body"] == "Only for you")
  }

  @Test func `a direct room is opened to a person once`() async throws {
    let (ana, bot, room) = try await crew("open")
    let person = Target.direct(Identity(account: "matrix", user: ana.user))
    try await bot.post(Post(text: "One"), to: person, key: "o1")
    let invitations = try await ana.invitations()
    let direct = try #require(invitations.first)
    #expect(invitations.count == 1)
    try await bot.post(Post(text: "Two"), to: person, key: "o2")
    try await ana.join(direct)
    try await bot.post(Post(text: "Three"), to: person, key: "o3")
    let bodies = try await ana.timeline(of: direct).compactMap { $0["content"]["body"].string }
    #expect(bodies == ["One", "Two", "Three"])
    #expect(try await ana.invitations().isEmpty)
    try await ana.say("thanks", in: direct)
    #expect(try await bot.hear(text: "thanks").isDirect)
    // A third person comes in: what is private goes elsewhere.
    let ben = try await Synapse.shared.value.account("ben_open")
    try await ana.invite(ben.user, to: direct)
    try await ben.join(direct)
    try await bot.post(Post(text: "Four"), to: person, key: "o4")
    #expect(try await ana.timeline(of: direct).last?["content"]["body"] != "Four")
    try await ana.leave(room)
  }

  @Test func `the same key twice is one message`() async throws {
    let (ana, bot, room) = try await crew("key")
    let first = try await bot.post(Post(text: "Once"), to: bot.room(room), key: "k1")
    let second = try await bot.post(Post(text: "Once"), to: bot.room(room), key: "k1")
    #expect(first == second)
    let bodies = try await ana.timeline(of: room).filter { $0["content"]["body"] == "Once" }
    #expect(bodies.count == 1)
  }

  @Test func `posts look as they should, and ring only whom they name`() async throws {
    let (ana, bot, room) = try await crew("look")
    let asked = try await ana.say("!who", in: room)
    let person = Identity(account: "matrix", user: ana.user)
    let text = Markup([
      .person(name: "Ana", identities: [person], pings: true), .text(" <b>@room</b>"),
    ])
    let answer = try await bot.post(
      Post(text: text, inReplyTo: asked, thread: asked), to: bot.room(room), key: "l1")
    let reaction = Post(kind: .reaction("✅", on: asked), text: "ok")
    try await bot.post(reaction, to: bot.room(room), key: "l2")
    // Another key, the same reaction: the server refuses it as a duplicate, so it stands.
    try await bot.post(reaction, to: bot.room(room), key: "l3")
    try await bot.post(
      Post(kind: .edit(of: answer), text: "Changed"), to: bot.room(room), key: "l4")
    let events = try await ana.timeline(of: room)
    let said = try #require(events.first { $0["event_id"].string == answer })
    let content = said["content"]
    #expect(content["msgtype"] == "m.notice" && content["body"] == "Ana <b>@room</b>")
    #expect(content["m.mentions"] == ["user_ids": [.string(ana.user)]])
    #expect(content["formatted_body"].string?.hasSuffix("&lt;b&gt;@room&lt;/b&gt;") == true)
    #expect(content["m.relates_to"]["rel_type"] == "m.thread")
    #expect(content["m.relates_to"]["event_id"].string == asked)
    #expect(said["unsigned"]["m.relations"]["m.replace"] != .null)
    #expect(events.filter { $0["type"] == "m.reaction" }.count == 1)
  }

  @Test func `edits, notices, emotes and redactions are no commands`() async throws {
    let (ana, bot, room) = try await crew("odd")
    let event = try await ana.say("!done 1", in: room)
    try await ana.edit(event, to: "!done 2", in: room)
    try await ana.say("!done 3", in: room, more: ["msgtype": "m.notice"])
    try await ana.say("!done 4", in: room, more: ["msgtype": "m.emote"])
    let gone = try await ana.say("!done 5", in: room)
    try await ana.redact(gone, in: room)
    try await bot.post(Post(text: "!done 6"), to: bot.room(room), key: "own")
    try await ana.say("end", in: room)
    try await bot.hear(text: "end")
    let commands = bot.heard.filter { $0.kind == .text && $0.senderKind == .person }
    #expect(commands.map(\.line) == ["!done 1", "end"])
    #expect(bot.heard.contains { $0.kind == .edit(of: event) && $0.line == "!done 2" })
    #expect(bot.heard.contains { $0.kind == .ignored("own message") })
  }

  @Test func `a mention is an id`() async throws {
    let (ana, bot, room) = try await crew("pill")
    let ben = try await Synapse.shared.value.account("ben_pill", displayName: "Ben Ray")
    try await ana.say(
      "!kudos Ben Ray for help", in: room,
      more: [
        "format": "org.matrix.custom.html",
        "formatted_body": .string(
          "!kudos <a href=\"https://matrix.to/#/\(ben.user)\">Ben Ray</a> for help"),
        "m.mentions": ["user_ids": [.string(ben.user)]],
      ])
    try await bot.hear(text: "!kudos [\(ben.user)] for help")
    try await ana.say("Bell: done 3", in: room)
    let spoken = try await bot.hear(text: "done 3")
    #expect(spoken.mentionsBot && spoken.line == "done 3")
  }

  @Test func `a rate limit is waited out, and nothing is said twice`() async throws {
    let (ana, bot, room) = try await crew("limit")
    try await Synapse.shared.value.limit(bot.user, perSecond: 1, burst: 1)
    let posts = (0..<5).map { Post(text: Markup("First try \($0)")) }
    var limited = 0
    for (number, post) in posts.enumerated() {
      let request = bot.matrix.request(
        for: post, to: bot.room(room), key: "p\(number)", progress: nil, with: bot.credential)
      let response = try await bot.network.perform(request)
      if case .retry(let seconds?) = bot.matrix.delivery(of: response, progress: nil) {
        #expect(seconds >= 1)
        limited += 1
      }
    }
    #expect(limited > 0)
    for (number, post) in posts.enumerated() {
      try await bot.post(post, to: bot.room(room), key: "p\(number)")
    }
    let bodies = try await ana.timeline(of: room).compactMap { $0["content"]["body"].string }
    #expect(bodies.sorted() == (0..<5).map { "First try \($0)" })
  }

  @Test func `an upgraded room is followed`() async throws {
    let (ana, bot, room) = try await crew("upgrade")
    let new = try await ana.upgrade(room)
    try await ana.invite(bot.user, to: new)
    let moved = try await bot.hear("the move") { $0.kind == .moved(to: new) }
    #expect(moved.room.id == room)
    try await ana.say("!here", in: new)
    #expect(try await bot.hear(text: "!here").room.id == new)
  }

  @Test func `an encrypted room is named once`() async throws {
    let (ana, bot, room) = try await crew("secret")
    try await ana.state("m.room.encryption", ["algorithm": "m.megolm.v1.aes-sha2"], in: room)
    try await ana.say("end", in: room)
    try await bot.hear(text: "end")
    #expect(bot.heard.filter { $0.kind == .unreadable }.count == 1)
  }

  @Test func `being removed, and coming back`() async throws {
    let (ana, bot, room) = try await crew("kick")
    try await ana.say("before", in: room)
    try await ana.kick(bot.user, from: room)
    let removed = try await bot.hear("the removal") { $0.kind == .removed }
    #expect(removed.room.id == room)
    #expect(bot.heard.contains { $0.line == "before" })
    try await ana.say("!done 1", in: room)
    try await ana.invite(bot.user, to: room)
    bot.heard = []
    try await bot.hear("the invitation") { $0.kind == .invited }
    try await ana.say("after", in: room)
    try await bot.hear(text: "after")
    #expect(!bot.heard.contains { $0.line == "!done 1" })
  }

  @Test func `a token that was revoked is told as such`() async throws {
    let (ana, bot, _) = try await crew("revoked")
    let own = Account(
      user: bot.user, token: bot.credential.token, url: ana.url, network: ana.network)
    try await own.call(.post, "logout", [:])
    let response = try await bot.network.perform(
      bot.matrix.poll(after: bot.cursor, with: bot.credential))
    #expect(throws: PollFailure.tokenExpired("matrix: status 401 (M_UNKNOWN_TOKEN)")) {
      try bot.matrix.read(response, after: bot.cursor)
    }
    let wrong = Matrix(
      .init(
        account: "matrix", homeserver: ana.url, user: bot.user,
        login: .password(Credential(token: "wrong"))))
    let refused = try await bot.network.perform(
      try #require(wrong.credentialRequest(now: Instant(seconds: 0))))
    #expect(throws: PollFailure.self) {
      try wrong.credential(from: refused, now: Instant(seconds: 0))
    }
  }
}
