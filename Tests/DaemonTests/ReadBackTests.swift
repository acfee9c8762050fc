import Crew
import Foundation
import Ledger
import Platforms
import Synchronization
import Testing

@testable import Daemon

/// Posts whose fate is unknown, on a platform where they can be looked for.
@Suite struct ReadBackTests {
  private static let platform = Plain(resend: .readBack(afterSeconds: 120, sameKeySeconds: 0))

  private func doubtful(isStrict: Bool = false, _ trouble: Trouble = .answerLost) async throws
    -> Bench
  {
    var bench = try await Bench.team(platform: Self.platform, isStrict: isStrict)
    bench.world.write("ana", "/kudos @ben for the rollback")
    bench.world.trouble { $0.method == .post ? trouble : nil }
    try await bench.run()
    bench.world.trouble { _ in nil }
    return bench
  }

  private func sends(_ bench: Bench) -> Int { bench.world.delivered.count }

  @Test func `what arrived is found and not sent again`() async throws {
    let bench = try await doubtful()
    bench.world.pass(121)
    try await bench.send()
    #expect(sends(bench) == 1)
    let counts = try await bench.ledger.counts()
    #expect(counts.queued == 0 && counts.unknown == 0)
  }

  @Test func `another post with the same words is not taken for it`() async throws {
    var bench = try await Bench.team(platform: Self.platform)
    bench.world.write("ana", "/kudos mine")
    try await bench.run()
    bench.world.write("ana", "/kudos mine")
    bench.world.trouble { $0.method == .post ? .status(502) : nil }
    try await bench.run()
    bench.world.trouble { _ in nil }
    bench.world.state.withLock { $0.findsNewest = true }
    bench.world.pass(121)
    try await bench.send()
    bench.world.write("ana", "/kudos @ben for more")
    try await bench.run()
    #expect(bench.world.texts.last?.contains("could not be confirmed") == true)
  }

  @Test func `what did not arrive is sent again, once`() async throws {
    let bench = try await doubtful(.status(502))
    bench.world.pass(121)
    try await bench.send()
    #expect(sends(bench) == 1)
  }

  /// A copy that is still on its way could land after the look.
  @Test func `nobody looks before the quiet time is over`() async throws {
    let bench = try await doubtful(.status(502))
    let before = bench.world.state.withLock { $0.requests }
    bench.world.pass(119)
    try await bench.send()
    #expect(bench.world.state.withLock { $0.requests } == before)
    #expect(sends(bench) == 0)
  }

  /// The second attempt has a quiet time of its own.
  @Test func `a second doubt waits as long as the first`() async throws {
    let bench = try await doubtful(.status(502))
    bench.world.trouble { $0.method == .post ? .answerLost : nil }
    bench.world.pass(121)
    try await bench.send()
    bench.world.trouble { _ in nil }
    let before = bench.world.state.withLock { $0.requests }
    bench.world.pass(60)
    try await bench.send()
    #expect(bench.world.state.withLock { $0.requests } == before)
    bench.world.pass(61)
    try await bench.send()
    #expect(sends(bench) == 1)
  }

  @Test func `after a crash it is looked for as well`() async throws {
    var bench = try await Bench.team(platform: Self.platform)
    bench.world.write("ana", "/kudos @ben for the rollback")
    try await bench.poll()
    try await bench.answer()
    let claimed = try await bench.ledger.claim(
      accounts: ["plain"], limit: 16, now: bench.world.now())
    for post in claimed { _ = await bench.sender.carry(post) }
    // It died between sending and settling.
    bench = try await bench.restarted(platform: Self.platform)
    try await bench.send()
    bench.world.pass(121)
    try await bench.send()
    #expect(sends(bench) == 1)
    #expect(try await bench.ledger.counts().unknown == 0)
  }

  /// Then the age of the post says nothing, and neither does the time from which to look.
  @Test func `after the clock was set back it is disclosed`() async throws {
    var bench = try await doubtful()
    bench.world.pass(-7200)
    try await bench.send()
    bench.world.pass(60)
    try await bench.send()
    #expect(sends(bench) == 1)
    bench.world.write("ana", "/kudos @ben for more")
    try await bench.run()
    #expect(bench.world.texts.last?.contains("could not be confirmed") == true)
  }

  @Test func `a strict account discloses and sends nothing twice`() async throws {
    var bench = try await doubtful(isStrict: true)
    bench.world.pass(1000)
    try await bench.send()
    #expect(sends(bench) == 1)
    bench.world.write("ana", "/kudos @ben for more")
    try await bench.run()
    #expect(bench.world.texts.last?.contains("could not be confirmed") == true)
  }

  @Test func `a look that is not answered is taken again, and given up in the end`() async throws {
    var bench = try await doubtful()
    bench.world.trouble { $0.url.contains("/find") ? .status(500) : nil }
    bench.world.pass(200)
    try await bench.send()
    #expect(try await bench.ledger.counts().queued == 1)
    bench.world.pass(3600)
    try await bench.send()
    #expect(try await bench.ledger.counts().queued == 0)
    bench.world.trouble { _ in nil }
    bench.world.write("ana", "/kudos @ben for more")
    try await bench.run()
    #expect(bench.world.texts.last?.contains("could not be confirmed") == true)
    #expect(sends(bench) == 2)
  }
}
