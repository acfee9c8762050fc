import Crew
import Foundation
import Ledger
import Platforms
import Synchronization
import Testing

@testable import Daemon

@Suite struct DeliveryTests {
  @Test func `a command is answered once, however often it comes`() async throws {
    var bench = try await Bench.team()
    bench.world.write("ana", "/kudos @ben for the rollback")
    try await bench.run()
    // The platform says everything again from the start.
    _ = try? await bench.ledger.ingest(
      bench.world.state.withLock { $0.updates }.map(Arrival.init), account: "plain",
      from: try await bench.ledger.cursor(of: "plain"), to: "0", now: bench.world.now())
    try await bench.run()
    #expect(bench.world.texts.count == 1)
    #expect(bench.keeper.teams.sorted[0].kudos.given.count == 1)
  }

  /// The platform takes each key once, so a key that came from a time would swallow a post.
  @Test func `ids never come from time: a clock that stands still or is set back repeats none`()
    async throws
  {
    var bench = try await Bench.team(platform: Plain(resend: .sameKey(forSeconds: 3600)))
    bench.world.state.withLock { $0.dedupes = true }
    for jump in [0.0, 0, -7200, 0, 7200, 0] {
      bench.world.pass(jump)
      bench.world.write("ana", "/task add this")
      bench.world.write("ben", "/task add that")
      try await bench.run()
      if jump > 0 { bench = try await bench.restarted() }
    }
    let keys = bench.world.delivered.map(\.key)
    #expect(keys.count == 12 && Set(keys).count == 12)
    #expect(bench.keeper.teams.sorted[0].tasks.open.count == 12)
  }

  @Test func `what the disk did not take did not happen`() async throws {
    var bench = try await Bench.team()
    let before = bench.keeper.teams
    bench.world.write("ana", "/kudos @ben for the rollback")
    try await bench.poll()
    let broken = FailingLedger(bench.ledger, failing: "record")
    var keeper = try await Bench(bench.world, broken).keeper
    await #expect(throws: LedgerFault.self) { try await keeper.answer() }
    #expect(keeper.teams == before)
    try await bench.answer()
    try await bench.send()
    #expect(bench.world.texts.count == 1)
  }

  @Test func `a post that certainly did not leave is sent again`() async throws {
    var bench = try await Bench.team()
    bench.world.write("ana", "/kudos @ben for the rollback")
    bench.world.trouble { $0.method == .post ? .nothingSent : nil }
    try await bench.run()
    #expect(bench.world.texts.isEmpty)
    bench.world.trouble { _ in nil }
    bench.world.pass(10)
    try await bench.send()
    #expect(bench.world.texts.count == 1)
  }

  @Test func `a post in doubt is never sent twice, and the next one tells of it`() async throws {
    var bench = try await Bench.team()
    bench.world.write("ana", "/kudos @ben for the rollback")
    bench.world.trouble { $0.method == .post ? .answerLost : nil }
    try await bench.run()
    #expect(bench.world.texts.count == 1)
    bench.world.trouble { _ in nil }
    bench.world.pass(1000)
    try await bench.send()
    #expect(bench.world.texts.count == 1)
    bench.world.write("ana", "/kudos @ben for more")
    try await bench.run()
    #expect(
      bench.world.texts.last?.hasSuffix(
        "(1 earlier message of mine could not be confirmed: it may be missing.)") == true)
    bench.world.write("ana", "/kudos @ben for even more")
    try await bench.run()
    #expect(bench.world.texts.last?.contains("earlier message") == false)
  }

  @Test func `what was lost to a person is told by the answer to them in their chat`() async throws
  {
    var bench = try await Bench.team()
    let ana = Identity(account: "plain", user: "ana")
    let draft = Draft(key: "k", target: .direct(ana), kind: .reply, post: Post(text: "for you"))
    _ = try await bench.ledger.record(
      [Ruling(cause: .own("test"), drafts: [draft])], now: bench.world.now())
    bench.world.trouble { $0.method == .post ? .answerLost : nil }
    try await bench.send()
    bench.world.trouble { _ in nil }
    bench.world.state.withLock { state in
      state.updates.append(
        Message(
          id: "m0", room: Room(account: "plain", id: "ana"), isDirect: true, sender: ana,
          senderName: "ana", body: [.text("/kudos mine")], sentAt: state.now))
    }
    try await bench.run()
    #expect(bench.world.texts.last?.contains("1 earlier message") == true)
  }

  @Test func `where the platform takes a key once, the same key is sent again`() async throws {
    var bench = try await Bench.team(platform: Plain(resend: .sameKey(forSeconds: 3600)))
    bench.world.state.withLock { $0.dedupes = true }
    bench.world.write("ana", "/kudos @ben for the rollback")
    bench.world.trouble { $0.method == .post ? .answerLost : nil }
    try await bench.run()
    bench.world.trouble { _ in nil }
    bench.world.pass(10)
    #expect(try await bench.send() == 1)
    #expect(bench.world.texts.count == 1)
  }

  /// What the first answer would have said nobody knows.
  @Test func `a post that is refused the second time may have arrived the first time`()
    async throws
  {
    var bench = try await Bench.team(platform: Plain(resend: .sameKey(forSeconds: 3600)))
    bench.world.write("ana", "/kudos @ben for the rollback")
    bench.world.trouble { $0.method == .post ? .answerLost : nil }
    try await bench.run()
    bench.world.trouble { $0.method == .post ? .status(403) : nil }
    bench.world.pass(10)
    #expect(try await bench.send() == 1)
    bench.world.trouble { _ in nil }
    bench.world.write("ana", "/kudos mine")
    try await bench.run()
    #expect(bench.world.texts.last?.contains("could not be confirmed: it may be missing") == true)
  }

  @Test func `killed between sending and noting it, the post is in doubt`() async throws {
    var bench = try await Bench.team()
    bench.world.write("ana", "/kudos @ben for the rollback")
    try await bench.poll()
    try await bench.answer()
    let claimed = try await bench.ledger.claim(
      accounts: ["plain"], limit: 1, now: bench.world.now())
    _ = await bench.sender.carry(claimed[0])
    #expect(bench.world.texts.count == 1)
    bench = try await bench.restarted()
    bench.world.pass(1000)
    try await bench.send()
    #expect(bench.world.texts.count == 1)
    #expect(try await bench.ledger.counts().queued == 0)
  }

  @Test func `what crashes the process twice is set aside and the rest goes on`() async throws {
    var bench = try await Bench.team()
    bench.world.write("ana", "/kudos @ben for the rollback")
    bench.world.write("ben", "/kudos @ana for the rollback")
    try await bench.poll()
    // Each start notes the first update, and dies in it.
    for _ in 1...2 {
      bench = try await bench.restarted()
      let first = try await bench.ledger.waiting(limit: 1)[0]
      try await bench.ledger.suspect(first.number)
    }
    bench = try await bench.restarted()
    try await bench.answer()
    try await bench.send()
    #expect(bench.world.texts.count == 1)
    #expect(try await bench.ledger.counts().quarantined == 1)
  }

  @Test func `what was under way when the plug was pulled is not set aside`() async throws {
    var bench = try await Bench.team()
    bench.world.write("ana", "/kudos @ben for the rollback")
    try await bench.poll()
    for _ in 1...5 {
      bench = try await bench.restarted(blame: CrashMark.blameUnmarked)
      try await bench.ledger.suspect(bench.ledger.waiting(limit: 1)[0].number)
    }
    bench = try await bench.restarted(blame: CrashMark.blameUnmarked)
    try await bench.answer()
    #expect(bench.keeper.teams.sorted[0].kudos.given.count == 1)
  }

  @Test func `somebody who cannot be written to is asked in the room, once a day`() async throws {
    var bench = try await Bench.team()
    try await bench.keeper.cannotReach(Identity(account: "plain", user: "ben"))
    try await bench.keeper.cannotReach(Identity(account: "plain", user: "ben"))
    try await bench.send()
    #expect(
      bench.world.texts == ["ben: I have something for you alone. Open a chat with me first."])
  }

  @Test func `where a link opens the chat, it is told`() async throws {
    var bench = try await Bench.team()
    bench.keeper.contactLink = { account, _ in "https://chat.example/\(account)" }
    try await bench.keeper.cannotReach(Identity(account: "plain", user: "ben"))
    try await bench.send()
    #expect(
      bench.world.texts == [
        "ben: I have something for you alone. Open a chat with me first: https://chat.example/plain"
      ])
  }

  @Test func `a flood is answered by one warning, and another person by an answer`() async throws {
    var bench = try await Bench.team()
    for number in 1...60 { bench.world.write("ben", "/task add job \(number)") }
    bench.world.write("ana", "/kudos mine")
    try await bench.run()
    let texts = bench.world.texts
    #expect(texts.count == 30 + 1 + 1)
    #expect(texts.filter { $0.hasPrefix("That is more than I can take") }.count == 1)
    #expect(texts.last == "None yet. Give some?")
  }
}

@Suite struct PollingTests {
  @Test func `a server that is down for a day sees few requests`() async throws {
    var bench = try await Bench.team()
    let before = bench.world.state.withLock { $0.requests }
    let end = bench.world.now().adding(hours: 24)
    bench.world.trouble { _ in .status(502) }
    while bench.world.now() < end { bench.world.pass(try await bench.poller.turn().waitSeconds) }
    #expect(bench.world.state.withLock { $0.requests } - before <= 500)
  }

  @Test func `an answer that cannot be read leaves the cursor where it was`() async throws {
    var bench = try await Bench.team()
    let cursor = try await bench.ledger.cursor(of: "plain")
    for trouble in [Trouble.status(500), .status(204), .answerLost, .nothingSent] {
      bench.world.trouble { _ in trouble }
      try await bench.poll()
      #expect(try await bench.ledger.cursor(of: "plain") == cursor)
    }
  }
}
