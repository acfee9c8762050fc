import Crew
import Fakes
import Foundation
import Platforms
import Testing

@testable import Daemon

@Suite(.serialized) struct MattermostTests {
  static let settings = AccountSettings(
    account: "mattermost", texts: ["server": "https://chat.example.org"],
    secrets: ["token_file": Credential(token: MattermostFake.botToken)], invite: ["*"])

  /// Begun and, where somebody added the bot, greeted.
  private func begin(isAdded: Bool = true) async throws -> ChatRun {
    let run = try await ChatRun(.mattermost, Self.settings, MattermostFake(isAdded: isAdded))
    run.begin()
    guard isAdded else { return run }
    try await run.wait("the greeting", turning: 1) { await !run.host.delivered.isEmpty }
    return run
  }

  @Test func `keeps what every platform promises`() async throws {
    try await ChatContract(
      kind: .mattermost, settings: Self.settings, chat: { MattermostFake() },
      isPost: { $0.method == "POST" && $0.path == ["api", "v4", "posts"] },
      isPoll: { $0.method == "GET" && ($0.path.last == "channels" || $0.path.last == "posts") },
      tooMany: HTTPResponse(
        status: 429, headers: ["retry-after": "2", "x-ratelimit-reset": "2"],
        body: Data("limit exceeded".utf8)),
      unauthorized: .json(
        401, ["id": "api.context.session_expired.app_error", "status_code": 401])
    ).run()
  }

  @Test func `a client from PyPI talks with the bot on the same server`() async throws {
    let run = try await begin()
    let seen = try await run.talk(by: "mattermost_sdk.py", MattermostFake.anaToken)
    #expect(seen["answer"].string?.contains("from the SDK") == true)
    #expect(seen["from_bot"].string == "true")
    #expect(seen["key"].string?.hasPrefix("ci1.") == true)
    #expect(seen["thread"].bool == true && seen["threadHolds"].bool == true)
    #expect(seen["alone"].string?.isEmpty == false)
    try await run.end()
  }

  @Test func `in a channel that nobody added it to the bot begins with a mention`() async throws {
    let run = try await begin(isAdded: false)
    _ = await run.write("!task add too early")
    try await run.wait("the first looks", turning: 1) {
      await run.host.requests.count { $0.path.last == "channels" } > 2
    }
    _ = await run.write("good morning @crewbell", by: 1)
    try await run.wait("the greeting", turning: 1) { await !run.host.delivered.isEmpty }
    _ = await run.write("!task add now")
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("now") && $0.kind == .message }
    }
    #expect(await !run.host.delivered.contains { $0.text.contains("too early") })
    try await run.end()
  }

  /// Opening the direct channel may be repeated, the post in it may not.
  @Test func `a private answer in doubt is looked for, not sent again`() async throws {
    let run = try await begin()
    _ = await run.write("!task add known")
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("known") }
    }
    await run.host.plan(.cut) { $0.method == "POST" && $0.path == ["api", "v4", "posts"] }
    _ = await run.write("mine", direct: true)
    // The server forgets the keys of half a minute ago, and the clock goes on by much more.
    try await run.wait("a private answer", turning: 1) {
      await run.host.delivered.contains { $0.room == nil && $0.kind == .message }
    }
    run.turn(seconds: 60)
    try await run.wait("its fate", turning: 30) { try await run.isQuiet() }
    #expect(await run.host.delivered.count { $0.room == nil && $0.kind == .message } == 1)
    try await run.end()
  }
}
