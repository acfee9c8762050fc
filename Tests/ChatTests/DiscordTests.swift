import Crew
import Fakes
import Foundation
import Ledger
import Platforms
import Testing

@testable import Daemon

@Suite(.serialized) struct `Discord as the daemon meets it` {
  static let settings = AccountSettings(
    account: "discord", texts: ["base_url": "https://discord.com"],
    secrets: ["token_file": Credential(token: DiscordFake.token)], invite: ["*"])

  private var contract: ChatContract {
    ChatContract(
      kind: .discord, settings: Self.settings, chat: { DiscordFake() },
      isPost: { $0.method == "POST" && $0.path.last == "messages" },
      isPoll: { $0.method == "GET" && $0.path.last == "messages" },
      tooMany: .json(
        429, ["message": "You are being rate limited.", "retry_after": 2, "global": false]),
      unauthorized: .json(401, ["message": "401: Unauthorized", "code": 0]))
  }

  @Test func `it keeps what every chat promises`() async throws {
    try await contract.run()
  }

  /// The fake of this run.
  private func with(
    _ run: ChatRun, _ act: @escaping @Sendable (inout DiscordFake, Instant) -> Void
  ) async {
    await run.host.with { chat, now in
      guard var discord = chat as? DiscordFake else { return }
      act(&discord, now)
      chat = discord
    }
  }

  private func wait(_ run: ChatRun, for text: String) async throws -> Delivered {
    try await run.wait("an answer with \(text)", turning: 1) {
      await run.host.delivered.contains { $0.kind == .message && $0.text.contains(text) }
    }
    let all = await run.host.delivered
    return try #require(all.first { $0.kind == .message && $0.text.contains(text) })
  }

  @Test func `what is written in a thread is answered there, also where it was put away`()
    async throws
  {
    let run = try await contract.begin()
    let head = await run.write("let us talk")
    await with(run) { chat, now in
      let thread = chat.thread(under: head, now: now)
      chat.write("!task add in the thread", by: DiscordFake.ben, in: thread, now: now)
    }
    let answer = try await wait(run, for: "in the thread")
    let thread = String(head.split(separator: ":")[1])
    let room = await run.host.with { chat, _ in chat.room }
    #expect(answer.under == thread && answer.room == room)
    await with(run) { chat, _ in chat.archive(thread) }
    run.turn(seconds: 60)
    try await run.wait("the next list", turning: 1) {
      await run.host.requests.suffix(30).count { $0.path.last == "active" } > 1
    }
    await with(run) { chat, now in
      chat.write("!task add once more", by: DiscordFake.ben, in: thread, now: now)
    }
    #expect(try await wait(run, for: "once more").under == thread)
    try await run.end()
  }

  @Test func `a thread that was locked meanwhile is answered in its channel`() async throws {
    let run = try await contract.begin()
    let head = await run.write("let us talk")
    await with(run) { chat, now in
      let thread = chat.thread(under: head, now: now)
      chat.write("!task add before the lock", by: DiscordFake.ana, in: thread, now: now)
    }
    let thread = String(head.split(separator: ":")[1])
    await run.host.plan(
      .answer(.json(400, ["message": "Thread is archived", "code": 50083])),
      where: { $0.method == "POST" && $0.path.contains(thread) && $0.path.last == "messages" })
    let answer = try await wait(run, for: "before the lock")
    #expect(answer.under != thread && answer.room != nil)
    try await run.end()
  }

  @Test func `who is named is known by their number`() async throws {
    let run = try await contract.begin()
    _ = await run.write("!help", by: 1)
    try await run.settle()
    _ = await run.write("!kudos <@\(DiscordFake.ben)> for the fix")
    try await run.wait("thanks", turning: 1) {
      let events = try await run.ledger.events(after: 0, limit: 1000)
      return events.contains { if case .kudos = $0.entry.event { true } else { false } }
    }
    try await run.settle()
    // Nobody's phone rings in the room but for what is meant for them.
    #expect(await !run.host.delivered.contains { $0.pings.contains("*") })
    try await run.end()
  }

  @Test func `what is written elsewhere is neither stored nor answered`() async throws {
    let run = try await contract.begin()
    await with(run) { chat, now in
      let other = chat.otherRooms[0]
      chat.write("!task add somewhere else", by: DiscordFake.ana, in: other, now: now)
    }
    _ = await run.write("!task add here")
    _ = try await wait(run, for: "here")
    await with(run) { chat, now in
      let other = chat.otherRooms[0]
      chat.write("and now <@\(DiscordFake.bell)>", by: DiscordFake.ana, in: other, now: now)
    }
    try await run.wait("the greeting of the other room", turning: 1) {
      let other = await run.host.with { chat, _ in (chat as? DiscordFake)?.otherRooms[0] }
      return await run.host.delivered.contains { $0.room == other }
    }
    #expect(await !run.host.delivered.contains { $0.text.contains("somewhere else") })
    try await run.end()
  }

  @Test func `without the intent a mention is heard, and the log says what to turn on`()
    async throws
  {
    let run = try await contract.begin()
    await with(run) { chat, _ in chat.isBlind = true }
    _ = await run.write("!task add unseen")
    try await run.wait("a word about it", turning: 1) {
      run.complaints.contains { $0.contains("Message Content Intent") }
    }
    _ = await run.write("<@\(DiscordFake.bell)> task add seen")
    _ = try await wait(run, for: "seen")
    #expect(run.complaints.count == 1, "\(run.complaints)")
    try await run.end()
  }

  @Test func `hours away in many channels are read to the last message`() async throws {
    let run = try await contract.begin()
    try await run.end()
    await with(run) { chat, now in
      for number in 1...450 {
        chat.write("chat \(number)", by: DiscordFake.ana, in: chat.room, now: now)
      }
      chat.write("!task add at the end", by: DiscordFake.ben, in: chat.room, now: now)
    }
    run.turn(seconds: 7200)
    run.begin()
    _ = try await wait(run, for: "at the end")
    try await run.end()
  }

  @Test func `the vendor's limits are kept while the whole daemon works`() async throws {
    let run = try await ChatRun(.discord, Self.settings, DiscordFake(isLimited: true))
    run.begin()
    try await run.wait("the greeting", turning: 1) {
      await run.host.with { chat, now in chat.welcome(now: now) }
      return await !run.host.delivered.isEmpty
    }
    for number in 1...12 { _ = await run.write("!task add number \(number).") }
    try await run.wait("all answers", turning: 1) {
      let posts = await run.host.delivered.filter { $0.kind == .message }
      return (1...12).allSatisfy { n in posts.contains { $0.text.contains("number \(n).") } }
    }
    let posts = await run.host.delivered.filter { $0.kind == .message }
    for number in 1...12 {
      #expect(posts.count { $0.text.contains("number \(number).") } == 1)
    }
    try await run.end()
  }

  /// A client that others wrote, as a person in the same server.
  @Test func `discord.py talks with the bot in the same server`() async throws {
    let run = try await contract.begin()
    let room = await run.host.with { chat, _ in chat.room }
    let seen = try await run.talk(
      by: "discord_sdk.py", DiscordFake.anaToken, room, DiscordFake.bell)
    #expect(seen["answer"].string?.contains("from discord.py") == true)
    #expect(seen["answered"].bool == true && seen["thread"].bool == true)
    #expect(seen["pings"] == [] && seen["everyone"].bool == false)
    #expect(seen["alone"].string?.isEmpty == false && seen["direct"].bool == true)
    #expect(seen["edited"].bool == false)
    try await run.end()
  }
}
