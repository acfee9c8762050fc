import Crew
import Fakes
import Foundation
import Ledger
import Platforms
import Testing

@testable import Daemon

@Suite struct `Telegram as the daemon meets it` {
  private static let settings = AccountSettings(
    account: "telegram", texts: ["base_url": "https://api.telegram.org"],
    secrets: ["token_file": Credential(token: TelegramFake.token)], invite: ["*"])

  private func contract(_ chat: TelegramFake = TelegramFake()) -> ChatContract {
    ChatContract(
      kind: .telegram, settings: Self.settings, chat: { chat },
      isPost: { $0.path.last == "sendMessage" }, isPoll: { $0.path.last == "getUpdates" },
      tooMany: .json(
        429,
        [
          "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 2",
          "parameters": ["retry_after": 2],
        ]),
      unauthorized: .json(
        401, ["ok": false, "error_code": 401, "description": "Unauthorized"]))
  }

  @Test func `it keeps what every chat promises`() async throws {
    try await contract().run()
  }

  @Test func `an answer stays in its topic, and General has none`() async throws {
    let run = try await contract().begin()
    for (topic, title) in [(Int64(77), "in the topic"), (nil, "in General")] {
      await run.host.with { chat, _ in
        guard var fake = chat as? TelegramFake else { return }
        fake.topic = topic
        chat = fake
      }
      _ = await run.write("/task add \(title)")
      try await run.wait("the answer", turning: 1) {
        await run.host.delivered.contains { $0.text.contains(title) }
      }
      let answer = await run.host.delivered.first { $0.text.contains(title) }
      #expect(answer?.under == topic.map(String.init))
    }
    try await run.end()
  }

  @Test func `a group that becomes a supergroup keeps its team and its posts`() async throws {
    let run = try await contract().begin()
    _ = await run.write("/task add before")
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("before") }
    }
    let old = await run.host.with { chat, now in
      let old = chat.room
      guard var fake = chat as? TelegramFake else { return old }
      // The answer to this one finds the group gone, and follows it.
      _ = fake.write("/task add on the way", by: "102", in: old, now: now)
      fake.upgrade(now: now)
      _ = fake.write("/task list", by: "101", in: fake.room, now: now)
      chat = fake
      return old
    }
    try await run.wait("the list", turning: 1) {
      await run.host.delivered.contains {
        $0.room != old && $0.text.contains("before") && $0.text.contains("on the way")
      }
    }
    try await run.settle()
    let events = try await run.ledger.events(after: 0, limit: 1000)
    #expect(Set(events.map(\.entry.team)).count == 1)
    #expect(
      await run.host.delivered.count { $0.text.contains("#2") && $0.text.contains("Take it") }
        == 1)
    try await run.end()
  }

  @Test func `away for more than a day: what may be missing is told, once`() async throws {
    let run = try await contract().begin()
    try await run.end()
    await run.host.with { chat, now in
      _ = chat.write("/task add dropped by the server", by: "101", in: chat.room, now: now)
    }
    run.turn(seconds: 25 * 3600)
    run.begin()
    // It ends the long poll, whose answer carries the server's clock.
    _ = await run.write("/task add afterwards")
    try await run.wait("a word about it", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("away too long") }
    }
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("afterwards") }
    }
    #expect(await run.host.delivered.count { $0.text.contains("away too long") } == 1)
    #expect(await !run.host.delivered.contains { $0.text.contains("dropped by the server") })
    try await run.end()
  }

  @Test func `another program with the same token is told once, and passes`() async throws {
    let run = try await contract().begin()
    let conflict = HTTPResponse.json(
      409,
      [
        "ok": false, "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request",
      ])
    await run.host.plan(.answer(conflict), times: 3) { $0.path.last == "getUpdates" }
    _ = await run.write("/task add after the conflict")
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("after the conflict") }
    }
    #expect(run.complaints.count == 1)
    #expect(run.complaints.first?.contains("another program polls") == true)
    try await run.end()
  }

  @Test func `a receipt is a reaction, also where plain words do not arrive`() async throws {
    let run = try await contract().begin()
    _ = await run.write("good morning")
    _ = await run.write("/checkin schedule daily 09:30")
    try await run.settle()
    let done = await run.write("/checkin shipped the fix")
    try await run.wait("a receipt", turning: 1) {
      await run.host.delivered.contains { $0.kind == .reaction }
    }
    let receipt = await run.host.delivered.first { $0.kind == .reaction }
    #expect(receipt?.under == done && receipt?.text == "👍")
    try await run.end()
  }
}
