import Crew
import Ledger
import Logging
import Platforms
import Testing

@testable import Daemon

@Suite struct SessionTests {
  private func session(_ ledger: any Ledger, _ world: any Network & Clock & Chance) -> Session {
    Session(
      Session.Setup(
        accounts: [Account(name: "plain", platform: Plain(), credential: Credential(token: "t"))],
        words: Words(),
        admission: Admission(inviters: ["plain": ["ana"]], zone: "Europe/Berlin", language: "en")),
      Session.Ports(
        ledger: ledger, network: world, clock: world, chance: world, zones: FoundationZones(),
        log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
  }

  /// A daemon that polls and sends and has nobody to answer would be worse than none.
  @Test(.timeLimit(.minutes(1)))
  func `a keeper that cannot start ends the session`() async throws {
    let ledger = FailingLedger(MemoryLedger(), failing: "snapshot")
    await #expect(throws: LedgerFault.disk("no space left")) {
      try await session(ledger, Patient()).run()
    }
  }
}

/// A world in which nothing ever comes.
private struct Patient: Network, Clock, Chance {
  func now() -> Instant { Instant(seconds: 1_795_420_800) }
  func next() -> UInt64 { 1 }
  func sleep(seconds: Double) async throws {
    await Latch().wait()
    try Task.checkCancellation()
  }

  func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
    await Latch().wait()
    throw NetworkFailure(.cancelled, nothingSent: false, "cancelled")
  }
}
