import Crew
import Fakes
import Foundation
import Ledger
import Platforms
import Testing

@testable import Daemon

@Suite(.serialized) struct `Google Chat as the daemon meets it` {
  static func settings(_ base: String? = nil) -> AccountSettings {
    AccountSettings(
      account: "googlechat",
      texts: [
        "subscription": GoogleChatFake.subscription,
        "chat_url": base ?? GoogleChat.Settings.chat,
        "pubsub_url": base ?? GoogleChat.Settings.pubsub,
      ],
      secrets: [
        "key_file": Credential(
          token: GoogleKey.file(tokenURL: base.map { $0 + "/token" } ?? GoogleKey.standardURL))
      ], invite: ["*"])
  }

  static func contract(
    _ change: @escaping @Sendable (inout GoogleChatFake) -> Void = { _ in }
  ) -> ChatContract {
    ChatContract(
      kind: .googleChat, settings: settings(),
      chat: {
        var chat = GoogleChatFake()
        change(&chat)
        return chat
      },
      isPost: { $0.method == "POST" && $0.path.last == "messages" },
      isPoll: { $0.path.last?.hasSuffix(":pull") == true },
      tooMany: .json(
        429, ["error": ["code": 429, "message": "Quota", "status": "RESOURCE_EXHAUSTED"]],
        headers: ["retry-after": "2"]),
      unauthorized: .json(
        400, ["error": "invalid_grant", "error_description": "Invalid JWT Signature."]))
  }

  @Test func `it keeps what every chat promises`() async throws {
    try await Self.contract().run()
  }

  /// A subscription gives things out in any order, and an add-on's events look otherwise.
  @Test func `the same in any order, and as a Workspace add-on`() async throws {
    let other = Self.contract { chat in
      chat.isUnordered = true
      chat.isAddOn = true
      chat.remove(from: chat.room, by: GoogleChatFake.ana, now: ChatRun.start)
      chat.add(to: chat.room, by: GoogleChatFake.ana, now: ChatRun.start)
    }
    try await other.answersOnce()
    try await other.speaksAlone()
    try await other.bearsDeath()
  }

  private func with(
    _ run: ChatRun, _ act: @escaping @Sendable (inout GoogleChatFake, Instant) -> Void
  ) async {
    await run.host.with { chat, now in
      guard var google = chat as? GoogleChatFake else { return }
      act(&google, now)
      chat = google
    }
  }

  private func fake(_ run: ChatRun) async throws -> GoogleChatFake {
    try #require(await run.host.with { chat, _ in chat as? GoogleChatFake })
  }

  private func wait(_ run: ChatRun, for text: String) async throws -> Delivered {
    try await run.wait("an answer with \(text)", turning: 1) {
      await run.host.delivered.contains { $0.kind == .message && $0.text.contains(text) }
    }
    let all = await run.host.delivered
    return try #require(all.first { $0.kind == .message && $0.text.contains(text) })
  }

  @Test func `what comes again is known, and in the end nothing is left to come`() async throws {
    let run = try await Self.contract().begin()
    // What is yet to be acknowledged would be asked for ever, before anything new.
    try await run.wait("the invitation to be acknowledged", turning: 1) {
      try await fake(run).isEmpty
    }
    // Acknowledging fails for so long that all of it is given out again.
    await run.host.plan(.answer(HTTPResponse(status: 503)), times: .max) {
      $0.path.last?.hasSuffix(":acknowledge") == true
    }
    // All at once, so that one pull brings them all.
    await run.host.with { chat, now in
      for number in 1...5 {
        _ = chat.write(
          "/task add again \(number).", by: chat.people[0], in: chat.room, now: now)
      }
    }
    _ = try await wait(run, for: "again 5.")
    run.turn(seconds: 700)
    await run.host.clearFaults()
    try await run.wait("that it came again", turning: 1) { try await fake(run).redelivered >= 5 }
    try await run.wait("an empty subscription", turning: 1) { try await fake(run).isEmpty }
    try await run.settle()
    for number in 1...5 {
      let answers = await run.host.delivered.filter { $0.text.contains("again \(number).") }
      #expect(answers.count == 1)
    }
    try await run.end()
  }

  @Test func `an answer stands in the thread of what it answers`() async throws {
    let run = try await Self.contract().begin()
    let asked = await run.write("/task add beneath")
    #expect(try await wait(run, for: "beneath").under == asked.components(separatedBy: "/").last)
    await with(run) { chat, now in
      chat.write(
        "@Crewbell task add deeper", by: GoogleChatFake.ben, in: chat.room, under: asked,
        now: now)
    }
    #expect(try await wait(run, for: "deeper").under == asked.components(separatedBy: "/").last)
    try await run.end()
  }

  /// Somebody who has no chat with the app is answered where they asked, and only they see it.
  @Test func `what is for one person alone is seen by nobody else in the space`() async throws {
    let run = try await Self.contract().begin()
    _ = await run.write("/kudos mine", by: 1)
    try await run.wait("a private answer", turning: 1) {
      await run.host.delivered.contains { $0.room != nil && $0.person == GoogleChatFake.ben }
    }
    _ = await run.write("hello", by: 1, direct: true)
    try await run.wait("an answer in the direct chat", turning: 1) {
      await run.host.delivered.contains { $0.room == nil }
    }
    try await run.settle()
    let before = await run.host.delivered.count
    _ = await run.write("/kudos mine", by: 1)
    try await run.wait("another answer", turning: 1) { await run.host.delivered.count > before }
    #expect(await run.host.delivered.last?.room == nil)
    try await run.end()
  }

  @Test func `people are known by their number, and only who is meant is rung for`() async throws {
    let run = try await Self.contract().begin()
    _ = await run.write("/help", by: 1)
    try await run.settle()
    _ = await run.write("/task add @Ben look at <users/all> *work*")
    _ = await run.write("/kudos @Ben for it")
    try await run.wait("thanks", turning: 1) {
      let events = try await run.ledger.events(after: 0, limit: 1000)
      return events.contains { if case .kudos = $0.entry.event { true } else { false } }
    }
    try await run.settle()
    let posts = await run.host.delivered
    #expect(posts.contains { $0.text.contains("<users/all> *work*") })
    #expect(posts.flatMap(\.pings).allSatisfy { $0 == GoogleChatFake.ben })
    try await run.end()
  }

  @Test func `where nobody told who added it the bot begins with somebody's word`() async throws {
    let run = try await ChatRun(.googleChat, Self.settings(), GoogleChatFake(isAdded: false))
    run.begin()
    try await run.wait("a first look", turning: 1) {
      await run.host.requests.contains { $0.path.last?.hasSuffix(":pull") == true }
    }
    _ = await run.write("/crewbell task add at once", by: 1)
    _ = try await wait(run, for: "at once")
    #expect(await run.host.delivered.contains { $0.text.contains("manages this team") })
    await with(run) { chat, now in chat.remove(from: chat.room, by: chat.people[0], now: now) }
    try await run.wait("that it is out", turning: 1) {
      let events = try await run.ledger.events(after: 0, limit: 1000)
      return events.contains { if case .team(.roomLost) = $0.entry.event { true } else { false } }
    }
    try await run.end()
  }

  @Test func `an hour's token is followed by another, and one that was revoked too`() async throws {
    let run = try await Self.contract().begin()
    await run.host.plan(
      .answer(.json(401, ["error": ["code": 401, "status": "UNAUTHENTICATED"]])), times: 1
    ) { $0.path.last == "messages" }
    _ = await run.write("/task add one")
    _ = try await wait(run, for: "one")
    run.turn(seconds: 4000)
    _ = await run.write("/task add two")
    _ = try await wait(run, for: "two")
    #expect(await run.host.requests.count { $0.path == ["token"] } == 3)
    try await run.end()
  }

  /// Its own name for a message is taken for ever, also when the request's is forgotten.
  @Test func `what arrived before its request was forgotten is not posted twice`() async throws {
    let run = try await Self.contract().begin()
    await run.host.plan(.cut) { $0.method == "POST" && $0.path.last == "messages" }
    _ = await run.write("/task add once only")
    try await run.wait("the post", turning: 0) {
      await run.host.delivered.contains { $0.text.contains("once only") }
    }
    await with(run) { chat, _ in chat.forgetRequests() }
    try await run.wait("its fate", turning: 10) { try await run.isQuiet() }
    #expect(await run.host.delivered.count { $0.text.contains("once only") } == 1)
    #expect(try await run.ledger.counts().unknown == 0)
    try await run.end()
  }

  /// Google's own library for Python earns a token with the same key, looks at our assertion, and
  /// calls the same server.
  @Test func `google-auth talks with the same server`() async throws {
    let host = FakeHost(GoogleChatFake(), now: { Daemon.SystemClock().now() })
    let address = try await host.start()
    let settings = Self.settings(address)
    let platform = PlatformKind.googleChat.make(settings)
    let request = try #require(platform.credentialRequest(now: Daemon.SystemClock().now()))
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "key.json")
    try Data((settings.secrets["key_file"]?.token ?? "").utf8).write(to: file)
    let said = try await Script.run(
      "google_sdk.py", address, file.path, String(decoding: request.body ?? Data(), as: UTF8.self),
      GoogleKey.publicKey)
    let seen = try #require(JSON(text: String(said.split(separator: "\n").last ?? "")))
    #expect(seen["issuer"].string == GoogleChatFake.email)
    #expect(seen["same"].bool == true && seen["named"].bool == true && seen["taken"] == 409)
    #expect(seen["event"].string == "ADDED_TO_SPACE" && seen["left"] == 0)
    #expect(await host.delivered.count == 1)
    await host.stop()
  }
}
