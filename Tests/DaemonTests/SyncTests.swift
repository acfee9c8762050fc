import Crew
import Foundation
import Ledger
import Testing

@testable import Daemon

/// Several commits share a sync, and nobody outside hears of anything before it.
@Suite struct SyncTests {
  /// The next request would tell the platform that these have arrived.
  @Test func `a turn of the poller ends only with the sync of what it brought`() async throws {
    let world = World()
    let ledger = MemoryLedger()
    var bench = try await Bench(world, FailingLedger(ledger, failing: "sync"))
    world.write("ana", "", kind: .invited)
    await #expect(throws: LedgerFault.self) { try await bench.poll() }
    #expect(try await ledger.waiting(limit: 9).count == 1)
  }

  @Test func `what has come is answered while its sync is waited for`() async throws {
    let world = World()
    let ledger = MemoryLedger()
    var bench = try await Bench(world, FailingLedger(ledger, failing: "sync"))
    let told = Latch()
    bench.poller.arrived = { told.set() }
    world.write("ana", "", kind: .invited)
    _ = try? await bench.poller.turn()
    #expect(told.isSet)
  }

  /// What kills a run while it is answered must be on record at the latest in the run after it.
  @Test func `only a first run and a long one answer before they store`() {
    let start = Instant(seconds: 1_000_000)
    #expect(Calm(epoch: 1, startedAt: start).holds(start))
    let second = Calm(epoch: 2, startedAt: start)
    #expect(!second.holds(start.adding(seconds: 600)))
    #expect(second.holds(start.adding(seconds: 601)))
  }

  @Test func `what kills each life before it is answered is on record after the second`()
    async throws
  {
    let world = World()
    world.write("ana", "", kind: .invited)
    var ledger = MemoryLedger()
    for life in 1...3 {
      #expect(try await ledger.waiting(limit: 9).count == (life == 3 ? 1 : 0))
      var bench = try await Bench(world, FailingLedger(ledger, failing: "sync"))
      let calm = Calm(epoch: ledger.opening.epoch, startedAt: world.now())
      bench.poller.isCalm = { calm.holds(world.now()) }
      _ = try? await bench.poller.turn()
      ledger = await ledger.restarted()
    }
  }

  @Test func `a poller that is not calm stores at once`() async throws {
    for isCalm in [false, true] {
      let world = World()
      let ledger = MemoryLedger()
      // The sync would store it too.
      var bench = try await Bench(world, FailingLedger(ledger, failing: "sync"))
      bench.poller.isCalm = { isCalm }
      world.write("ana", "", kind: .invited)
      _ = try? await bench.poller.turn()
      #expect(ledger.isHolding == isCalm)
    }
  }

  @Test func `a post leaves only when its claim is on the platter`() async throws {
    let world = World()
    let ledger = MemoryLedger()
    var bench = try await Bench(world, FailingLedger(ledger, failing: "flush"))
    world.write("ana", "", kind: .invited)
    try await bench.poll()
    try await bench.answer()
    let before = world.requests
    let claimed = try #require(
      try await ledger.claim(accounts: ["plain"], limit: 1, now: world.now()).first)
    guard case .again = await bench.sender.carry(claimed) else {
      return #expect(Bool(false), "it is tried again where the disk is well")
    }
    #expect(world.requests == before)
    bench = try await Bench(world, ledger)
    guard case .sent = await bench.sender.carry(claimed) else {
      return #expect(Bool(false), "it is not sent")
    }
    #expect(world.requests == before + 1)
  }

  @Test func `a quiet poll asks for no sync`() async throws {
    var bench = try await Bench(World(), FailingLedger(MemoryLedger(), failing: "sync"))
    _ = try? await bench.poll()
    try await bench.poll()
  }
}

/// One alarm for all waits: it may come early, never late.
@Suite struct TimedSignalTests {
  private func with(_ body: @escaping @Sendable (TimedSignal) async -> Void) async {
    let signal = TimedSignal()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await signal.ringAlarms(SystemClock()) }
      await body(signal)
      group.cancelAll()
    }
  }

  @Test func `a wait ends by itself, one after the other`() async {
    await with { signal in
      for _ in 1...3 { await signal.wait(atMost: 0.01, clock: SystemClock()) }
    }
  }

  @Test func `a shorter wait does not end with the longer one before it`() async {
    await with { signal in
      signal.raise()
      await signal.wait(atMost: 3600, clock: SystemClock())
      await signal.wait(atMost: 0.01, clock: SystemClock())
    }
  }

  @Test func `a wait after a clock was turned back still ends`() async {
    struct Turned: Daemon.Clock {
      let real = SystemClock()
      func now() -> Instant { Instant(seconds: 1) }
      func sleep(seconds: Double) async throws { try await real.sleep(seconds: seconds) }
    }
    await with { signal in
      signal.raise()
      await signal.wait(atMost: 3600, clock: SystemClock())
      await signal.wait(atMost: 0.01, clock: Turned())
    }
  }
}
