import Crew
import Fakes
import Foundation
import Outside
import Platforms
import Testing

@testable import Daemon

@Suite(.serialized) struct SlackTests {
  static let settings = AccountSettings(
    account: "slack", texts: ["base_url": "https://slack.com"],
    secrets: ["token_file": Credential(token: SlackFake.token)], invite: ["*"])

  @Test func `keeps what every platform promises`() async throws {
    try await ChatContract(
      kind: .slack, settings: Self.settings, chat: { SlackFake() },
      isPost: { $0.path.last == "chat.postMessage" },
      isPoll: { $0.path.last == "conversations.history" },
      tooMany: HTTPResponse(
        status: 429, headers: ["retry-after": "2"],
        body: Data(#"{"ok":false,"error":"ratelimited"}"#.utf8)),
      unauthorized: .json(200, ["ok": false, "error": "invalid_auth"])
    ).run()
  }

  private func begin(isAdded: Bool = true) async throws -> ChatRun {
    let run = try await ChatRun(.slack, Self.settings, SlackFake(isAdded: isAdded))
    run.begin()
    guard isAdded else { return run }
    try await run.wait("the greeting", turning: 1) { await !run.host.delivered.isEmpty }
    return run
  }

  @Test func `a client from PyPI talks with the bot in the same workspace`() async throws {
    let run = try await begin()
    let seen = try await run.talk(by: "slack_sdk_person.py", SlackFake.anaToken)
    #expect(seen["answer"].string?.contains("from the SDK") == true)
    #expect(seen["key"].string?.hasPrefix("ci1.") == true && seen["event"].string == "crewbell")
    #expect(seen["thread"].bool == true)
    #expect(seen["alone"].string?.isEmpty == false)
    try await run.end()
  }

  @Test func `where nobody invited it the bot begins with a mention`() async throws {
    let run = try await begin(isAdded: false)
    _ = await run.write("!task add too early")
    try await run.wait("the first look", turning: 1) {
      await run.host.requests.count { $0.path.last == "conversations.history" } > 2
    }
    _ = await run.write("good morning <@U0BELL>", by: 1)
    try await run.wait("the greeting", turning: 1) { await !run.host.delivered.isEmpty }
    _ = await run.write("!task add now")
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("now") && $0.kind == .message }
    }
    #expect(await !run.host.delivered.contains { $0.text.contains("too early") })
    try await run.end()
  }

  /// What each method needs (docs.slack.dev/reference/methods), of those that we call.
  private static let rights: [String: Set<String>] = [
    "auth.test": [], "users.info": ["users:read"], "conversations.open": ["im:write"],
    "users.conversations": ["channels:read", "groups:read", "im:read", "mpim:read"],
    "conversations.history": [
      "channels:history", "groups:history", "im:history", "mpim:history",
      "metadata.message:read",
    ],
    "conversations.replies": [
      "channels:history", "groups:history", "im:history", "mpim:history",
      "metadata.message:read",
    ],
    "chat.postMessage": ["chat:write"], "chat.update": ["chat:write"],
    "reactions.add": ["reactions:write"],
  ]

  @Test func `the manifest asks for what the code calls, and for nothing more`() async throws {
    let run = try await begin()
    let head = await run.write("!task add one")
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("one") && $0.kind == .message }
    }
    await run.host.with { chat, now in
      guard var slack = chat as? SlackFake else { return }
      slack.write("!task add two", by: "U0BEN", under: head, now: now)
      chat = slack
    }
    try await run.wait("the answer in the thread", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("two") && $0.under != nil }
    }
    var called = Set(await run.host.requests.compactMap { $0.path.last })
    try await run.end()
    let platform = Slack(.init(account: "slack"))
    let room = Target.room(Room(account: "slack", id: "C0TEAM0001"))
    let ana = Target.direct(Identity(account: "slack", user: "U0ANA"))
    let id = "C0TEAM0001:1.000000"
    for (post, target) in [
      (Post(kind: .edit(of: id), text: "x"), room),
      (Post(kind: .reaction("✅", on: id), text: "x"), room), (Post(text: "x"), ana),
    ] {
      let request = platform.request(
        for: post, to: target, key: "k", progress: nil, with: Credential(token: "t"))
      called.insert(FakeRequest(request).path.last ?? "")
    }
    #expect(called.isSubset(of: Set(Self.rights.keys)), "\(called)")
    let needed = called.reduce(into: Set<String>()) { $0.formUnion(Self.rights[$1] ?? []) }
    let manifest = try String(
      contentsOf: projectRoot.appending(path: "config/slack-manifest.yaml"), encoding: .utf8)
    let asked = manifest.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { $0.hasPrefix("- ") }.map { String($0.dropFirst(2)) }
    #expect(asked.count == Set(asked).count)
    #expect(Set(asked) == needed)
  }
}
