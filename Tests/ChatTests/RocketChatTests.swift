import Crew
import Fakes
import Foundation
import Platforms
import Testing

@testable import Daemon

@Suite(.serialized) struct RocketChatTests {
  static let settings = AccountSettings(
    account: "rocketchat",
    texts: ["server": "https://chat.example.org", "user": RocketChatFake.bell],
    secrets: ["token_file": Credential(token: RocketChatFake.botToken)], invite: ["*"])

  private func begin(_ chat: RocketChatFake = RocketChatFake()) async throws -> ChatRun {
    let run = try await ChatRun(.rocketchat, Self.settings, chat)
    run.begin()
    try await run.wait("the greeting", turning: 1) { await !run.host.delivered.isEmpty }
    return run
  }

  private func answered(_ run: ChatRun, _ text: String) async throws {
    try await run.wait("the answer to \(text)", turning: 1) {
      await run.host.delivered.contains { $0.text.contains(text) && $0.kind == .message }
    }
  }

  @Test func `keeps what every platform promises`() async throws {
    try await ChatContract(
      kind: .rocketchat, settings: Self.settings, chat: { RocketChatFake() },
      isPost: { $0.path.last == "chat.sendMessage" },
      isPoll: { ["rooms.get", "chat.syncMessages"].contains($0.path.last) },
      tooMany: HTTPResponse(
        status: 429, headers: ["retry-after": "2"],
        body: Data(#"{"success":false,"errorType":"error-too-many-requests"}"#.utf8)),
      unauthorized: .json(
        401, ["status": "error", "message": "You must be logged in to do this."])
    ).run()
  }

  @Test func `a client from PyPI talks with the bot on the same server`() async throws {
    let run = try await begin()
    let seen = try await run.talk(
      by: "rocketchat_sdk.py", RocketChatFake.anaToken, RocketChatFake.ana)
    #expect(seen["answer"].string?.contains("from the SDK") == true)
    #expect(seen["thread"].bool == true)
    #expect(seen["alone"].string?.isEmpty == false)
    try await run.end()
  }

  /// The server keeps one message of an id for ever, and says nothing where it has it already.
  @Test func `a post in doubt is sent again under its own id and stands there once`() async throws {
    let run = try await begin()
    let isDoubted: @Sendable (FakeRequest) -> Bool = {
      $0.json?["message"]["msg"].string?.contains("in doubt") == true
    }
    await run.host.plan(.cut, times: 3, where: isDoubted)
    _ = await run.write("!task add in doubt")
    try await answered(run, "in doubt")
    run.turn(seconds: 3600)
    try await run.wait("its fate", turning: 30) { try await run.isQuiet() }
    let sent = await run.host.requests.filter(isDoubted)
    #expect(sent.count >= 4)
    #expect(Set(sent.map { $0.json?["message"]["_id"].string }).count == 1)
    #expect(await run.host.delivered.count { $0.text.contains("in doubt") } == 1)
    try await run.end()
  }

  @Test func `where nobody tells who added it the bot begins with a mention`() async throws {
    let run = try await ChatRun(.rocketchat, Self.settings, RocketChatFake(isAdded: false))
    run.begin()
    try await run.wait("the first looks", turning: 1) {
      await run.host.requests.count { $0.path.last == "rooms.get" } > 2
    }
    _ = await run.write("!task add too early")
    _ = await run.write("good morning @crewbell", by: 1)
    try await run.wait("the greeting", turning: 1) { await !run.host.delivered.isEmpty }
    _ = await run.write("!task add now")
    try await answered(run, "now")
    #expect(await !run.host.delivered.contains { $0.text.contains("too early") })
    try await run.end()
  }

  @Test func `in a room made with the bot in it, its maker has invited it`() async throws {
    let run = try await begin()
    let made = await run.host.with { chat, now -> String in
      guard var fake = chat as? RocketChatFake else { return "" }
      let made = fake.makeRoom(by: fake.people[1], now: now)
      chat = fake
      return made
    }
    try await run.wait("the greeting there", turning: 1) {
      await run.host.delivered.contains { $0.room == made }
    }
    await run.host.with { chat, now in
      _ = chat.write("!task add in the new room", by: chat.people[1], in: made, now: now)
    }
    try await answered(run, "in the new room")
    try await run.end()
  }

  /// What the bot missed was changed since, by somebody's reaction: it is newer than what was
  /// written after it, and still not told.
  @Test func `what was written while it was away counts, also with a reaction`() async throws {
    let run = try await begin()
    _ = await run.write("!task add known")
    try await answered(run, "known")
    try await run.end()
    let first = await run.write("!task add before the reaction")
    run.turn(seconds: 7200)
    await run.host.with { chat, now in
      for number in 1...120 {
        _ = chat.write("line \(number)", by: chat.people[1], in: chat.room, now: now)
      }
      guard var fake = chat as? RocketChatFake else { return }
      fake.react(to: first, by: "ben", now: now)
      chat = fake
    }
    run.begin()
    // Its answer is too late to be said; the state is what counts.
    _ = await run.write("!tasks")
    try await answered(run, "before the reaction")
    try await run.end()
  }

  /// Ten calls a minute of each kind is what a server begins with.
  @Test func `it never calls more often than the server's limiter allows`() async throws {
    let run = try await begin(RocketChatFake(callsPerMinute: 10))
    for number in 1...4 {
      _ = await run.write("!task add slowly \(number)", by: number % 2)
      try await answered(run, "slowly \(number)")
    }
    let polls = await run.host.requests.count {
      ["rooms.get", "chat.syncMessages", "users.info"].contains($0.path.last)
    }
    #expect(polls > 8)
    #expect(run.complaints.isEmpty, "\(run.complaints)")
    try await run.end()
  }

  @Test func `what people write rings for nobody, and the bot is spoken to by name`() async throws {
    let run = try await begin()
    _ = await run.write("!task add of ben", by: 1)
    try await answered(run, "of ben")
    _ = await run.write("@crewbell task add *bold* @all #general :smile: <https://evil.example|x>")
    try await answered(run, "*bold*")
    let said = await run.host.delivered.filter { $0.text.contains("*bold*") }
    #expect(said.count == 1 && said[0].text.contains("@all #general :smile:"))
    #expect(said[0].pings.isEmpty)
    _ = await run.write("!task add call the customer @ben")
    try await answered(run, "call the customer")
    try await run.end()
  }
}
