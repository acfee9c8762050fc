import Crew
import Fakes
import Foundation
import Ledger
import Platforms
import Testing

@testable import Daemon

@Suite struct `Zulip as the daemon meets it` {
  private static let settings = AccountSettings(
    account: "zulip", texts: ["site": "https://zulip.example", "email": ZulipFake.email],
    secrets: ["token_file": Credential(token: ZulipFake.key)], invite: ["*"])

  private var contract: ChatContract {
    ChatContract(
      kind: .zulip, settings: Self.settings, chat: { ZulipFake() },
      isPost: { $0.method == "POST" && $0.path.suffix(1) == ["messages"] },
      isPoll: { $0.path.suffix(1) == ["events"] },
      tooMany: .json(
        429,
        [
          "result": "error", "code": "RATE_LIMIT_HIT", "msg": "too many", "retry-after": .double(2),
        ]),
      unauthorized: .json(
        401, ["result": "error", "code": "UNAUTHORIZED", "msg": "Invalid API key"]))
  }

  @Test func `it keeps what every chat promises`() async throws {
    try await contract.run()
  }

  @Test func `an answer stays in its topic, and the rest has a topic of its own`() async throws {
    let run = try await contract.begin()
    _ = await run.write("/task add ring twice")
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("ring twice") }
    }
    let posts = await run.host.delivered
    #expect(posts.first { $0.text.contains("ring twice") }?.under == "deploys")
    #expect(posts.first?.under == "crewbell")
    try await run.end()
  }

  @Test func `a date with a time is shown to everybody on their own clock`() async throws {
    let run = try await contract.begin()
    for text in ["call Ana due 2026-11-27 17:00", "as <time:today>"] {
      _ = await run.write("/task add " + text)
    }
    try await run.wait("the answers", turning: 1) {
      let texts = await run.host.delivered.map(\.text)
      return texts.contains { $0.contains("call Ana") } && texts.contains { $0.contains("today>") }
    }
    let sent = await run.host.requests.compactMap { $0.form["content"] }
    #expect(sent.contains { $0.contains("due <time:2026-11-27T17:00:00+00:00>") }, "\(sent)")
    // What somebody wrote is their words.
    #expect(sent.contains { $0.contains("&#60;time:today>") }, "\(sent)")
    try await run.end()
  }

  @Test func `people are known by their number, though they are named`() async throws {
    let run = try await contract.begin()
    _ = await run.write("/task list", by: 1)
    try await run.settle()
    let before = await run.host.delivered.count
    _ = await run.write("/kudos @**Ben** for the fix")
    try await run.wait("thanks", turning: 1) { await run.host.delivered.count > before }
    try await run.settle()
    let given = try await run.ledger.events(after: 0, limit: 1000).compactMap { stored in
      if case .kudos(.given(_, _, let to, _, _, _)) = stored.entry.event { to } else { nil }
    }
    #expect(given == [[Person(2)]])
    try await run.end()
  }

  @Test func `what was written while nobody polled is read, however much it is`() async throws {
    let run = try await contract.begin()
    try await run.end()
    await run.host.with { chat, now in
      chat.restart()
      for number in 1...400 {
        _ = chat.write("chat \(number)", by: chat.people[0], in: chat.room, now: now)
      }
      _ = chat.write("/task add at the end", by: chat.people[1], in: chat.room, now: now)
    }
    run.begin()
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("at the end") }
    }
    try await run.end()
  }

  /// The fake reads Markdown by rules of its own, so the encoder cannot agree with itself.
  @Test func `nothing that people write is markup or a mention`() async throws {
    let zulip = PlatformKind.zulip.make(Self.settings)
    let room = Target.room(Room(account: "zulip", id: "5"))
    for words in Self.hostile + Self.made(2000) {
      var fake = ZulipFake()
      let call = zulip.request(
        for: Post(text: Markup([.text(words), .strong("x"), .text(words)])), to: room, key: "k",
        progress: nil, with: Credential(token: ZulipFake.key))
      _ = fake.answer(FakeRequest(call), now: ChatRun.start)
      let sent = try #require(fake.delivered.first, "\(words)")
      #expect(sent.pings.isEmpty, "\(words)")
      let expected = (words + "x" + words).trimmingCharacters(in: .whitespacesAndNewlines)
      #expect(sent.text.trimmingCharacters(in: .whitespacesAndNewlines) == expected)
    }
  }

  private static let hostile = [
    "@**all**", "@**Ben|12**", "@_**Ben|12**", "@*ops*", "**b**", "`c`", "```\nx", "> q", "# h",
    "a\n> q\n# h", "&lt;", "&#42;&#42;", "<time:2026-01-01T00:00:00Z>",
  ]

  /// Texts of the signs that mean something, in every mixture.
  private static func made(_ count: Int) -> [String] {
    let parts = [
      "@", "**", "*", "_", "Ben", "|12", "all", "`", "```", "\n", "> ", "# ", "&", "#42", ";", "lt",
      "a", " ", "<", "time:", "]", "(", ":", "x",
    ]
    var seed: UInt64 = 42
    func next(_ limit: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((seed >> 33) % UInt64(limit))
    }
    return (0..<count).map { _ in
      "x" + (0...next(9)).map { _ in parts[next(parts.count)] }.joined()
    }
  }

  // MARK: - The vendor's own

  @Test func `Zulip's own client works on the same server`() async throws {
    let run = try await contract.begin()
    let address = try await run.host.start()
    let output = try await Script.run("zulip_sdk.py", address, ZulipFake.key)
    #expect(output.hasSuffix("well\n"))
    try await run.end()
    await run.host.stop()
  }

  @Test(.enabled(if: VendorData.folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls and the fake's answers fit Zulip's description`() async throws {
    let run = try await contract.begin()
    _ = await run.write("/kudos @**Ben** for the fix")
    let odd = await run.write("/task add one", direct: true)
    try await run.wait("an answer alone", turning: 1) {
      await run.host.delivered.contains { $0.room == nil }
    }
    await run.host.with { chat, _ in chat.restart() }
    _ = await run.write("/task add two")
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("two") }
    }
    try await run.end()
    let lines = try await calls(run, odd)
    let said = try await VendorData.hold(
      lines, by: "zulip_description.py", "zulip/zulip-trimmed.yaml")
    #expect(said.last == "\(lines.count) calls, 0 do not fit", "\(said.all)")
    let called = Set(
      lines.map { "\($0["method"].string ?? "") \($0["path"].string ?? "")" })
    #expect(
      called.isSuperset(of: [
        "POST register", "GET events", "GET messages", "POST messages",
        "POST messages/\(odd)/reactions",
      ]), "\(called.sorted())")
  }

  /// Every call that the daemon made, and some that it makes rarely, each asked once more.
  private func calls(_ run: ChatRun, _ message: String) async throws -> [JSON] {
    let zulip = PlatformKind.zulip.make(Self.settings)
    let credential = Credential(token: ZulipFake.key)
    let room = Target.room(Room(account: "zulip", id: "5"))
    let post = Post(text: "x", thread: "deploys")
    let rare = [
      zulip.lookup(
        for: post, to: room, key: "k", sending: nil, since: ChatRun.start, step: nil,
        with: credential),
      zulip.lookup(
        for: post, to: .direct(Identity(account: "zulip", user: "12")), key: "k", sending: nil,
        since: ChatRun.start, step: nil, with: credential),
      zulip.request(
        for: Post(kind: .reaction("✅", on: message), text: ""), to: room, key: "k",
        progress: nil, with: credential),
    ].compactMap { $0 }.map(FakeRequest.init)
    return await run.host.with { [requests = await run.host.requests] chat, now in
      (requests + rare).compactMap { request -> JSON? in
        guard case .now(let response) = chat.answer(request, now: now) else { return nil }
        let fields = request.method == "GET" ? request.query : request.form
        return [
          "method": .string(request.method),
          "path": .string(request.path.dropFirst(2).joined(separator: "/")),
          "fields": .object(fields.mapValues(JSON.string)),
          "status": .integer(Int64(response.status)), "body": JSON(response.body) ?? .null,
        ]
      }
    }
  }

  /// History gives the words as they are now.
  @Test func `what was changed while nobody polled is carried out by nobody`() async throws {
    let run = try await contract.begin()
    try await run.end()
    let plain = await run.write("good morning")
    await run.host.with { chat, now in
      chat.edit(plain, to: "/task add by an edit", now: now)
      chat.restart()
    }
    run.begin()
    _ = await run.write("/task add real")
    try await run.wait("the answer", turning: 1) {
      await run.host.delivered.contains { $0.text.contains("real") }
    }
    try await run.settle()
    #expect(await !run.host.delivered.contains { $0.text.contains("by an edit") })
    try await run.end()
  }
}
