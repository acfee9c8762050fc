import Crew
import Fakes
import Foundation
import Ledger
import Platforms
import Testing

/// One team of which some sit on Telegram and some on Zulip, served by one daemon.
@Suite struct `One team on two platforms` {
  private static let telegram = AccountSettings(
    account: "telegram", texts: ["base_url": "https://api.telegram.org"],
    secrets: ["token_file": Credential(token: TelegramFake.token)], invite: ["*"])
  private static let zulip = AccountSettings(
    account: "zulip", texts: ["site": "https://zulip.example", "email": ZulipFake.email],
    secrets: ["token_file": Credential(token: ZulipFake.key)], invite: ["*"])

  /// Both rooms are one team's.
  private func joined() async throws -> (run: ChatRun, other: FakeHost) {
    let run = try await ChatRun(
      .telegram, Self.telegram, TelegramFake(),
      beside: [.init(kind: .zulip, settings: Self.zulip, chat: ZulipFake())])
    let other = run.otherHosts[0]
    run.begin()
    try await run.wait("two greetings", turning: 1) {
      for host in [run.host, other] {
        await host.with { chat, now in chat.welcome(now: now) }
        let isGreeted = await host.delivered.contains { $0.kind == .message && $0.room != nil }
        guard isGreeted else { return false }
      }
      return true
    }
    try await run.settle()
    _ = await run.write("/start", direct: true)
    _ = await run.write("team room", direct: true)
    try await write("/team join \(try await told("team join ", by: run.host, run))", to: other)
    try await run.wait("both are told", turning: 1) {
      let here = await run.host.delivered.contains { $0.text.contains("one of this team's rooms") }
      let there = await other.delivered.contains { $0.text.contains("This room is one of") }
      return here && there
    }
    return (run, other)
  }

  private func write(
    _ text: String, by person: Int = 0, to host: FakeHost, direct: Bool = false
  ) async throws {
    _ = await host.with { chat, now in
      chat.write(text, by: chat.people[person], in: direct ? nil : chat.room, now: now)
    }
  }

  /// The code that stands behind these words in what the bot said last to somebody alone.
  private func told(_ words: String, by host: FakeHost, _ run: ChatRun) async throws -> String {
    var code = ""
    try await run.wait("a code", turning: 1) {
      let said = await host.delivered.last { $0.room == nil && $0.text.contains(words) }
      code = said?.text.components(separatedBy: words).last.map { String($0.prefix(8)) } ?? ""
      return code.count == 8
    }
    return code
  }

  @Test func `a task of one room is closed in the other`() async throws {
    let (run, other) = try await joined()
    _ = await run.write("/task add water the plants")
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("#1 water the plants") }
    }
    try await write("/done 1", to: other)
    try await run.wait("it is done", turning: 1) {
      try await run.ledger.events(after: 0, limit: 1000).contains { stored in
        if case .tasks(.finished) = stored.entry.event { true } else { false }
      }
    }
    try await run.end()
  }

  @Test func `thanks given in one are told in the other, to the same person`() async throws {
    let (run, other) = try await joined()
    // Nobody who has only ever been silent is known: a word in the room comes first.
    try await write("/task list", by: 1, to: other)
    try await run.settle()
    try await write("link", by: 1, to: other, direct: true)
    _ = await run.write("/link \(try await told("/link ", by: other, run))", by: 1)
    try await run.wait("it is the same person", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("here too") }
    }
    try await write("/kudos @**Ben** for the rollback", to: other)
    try await run.wait("thanks on Telegram", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("the rollback") }
    }
    let thanks = await run.host.delivered.first { $0.text.contains("the rollback") }
    let ben = await run.host.with { chat, _ in chat.people[1] }
    #expect(thanks?.pings == [ben])
    #expect(thanks?.room == (await run.host.with { chat, _ in chat.room }))
    try await run.settle()
    #expect(await run.host.delivered.count { $0.text.contains("the rollback") } == 1)
    try await run.end()
  }
}
