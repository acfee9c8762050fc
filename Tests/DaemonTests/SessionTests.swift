import Crew
import Foundation
import Ledger
import Logging
import Platforms
import Synchronization
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

  /// Else a good end would leave a post behind of which the next start must say it is in doubt.
  @Test(.timeLimit(.minutes(1)))
  func `what is claimed while it is told to end still leaves`() async throws {
    let inner = MemoryLedger()
    let invitation = Message(
      id: "1", room: Room(account: "plain", id: "lobby"),
      sender: Identity(account: "plain", user: "ana"), kind: .invited,
      sentAt: Instant(seconds: 1_795_420_800))
    _ = try await inner.ingest(
      [Arrival(invitation)], account: "plain", from: nil, to: "1", now: invitation.sentAt)
    let running = Mutex<Session?>(nil)
    let ledger = FailingLedger(
      inner,
      afterRecord: {
        guard let session = running.withLock({ $0 }) else { return }
        session.stop()
        while !session.inFlight.isClosed { await Task.yield() }
      })
    let world = Patient()
    let session = session(ledger, world)
    running.withLock { $0 = session }
    try await session.run()
    #expect(world.sends.load(ordering: .relaxed) == 1)
    let counts = try await inner.counts()
    #expect(counts.sending == 0 && counts.waiting == 0)
  }
}

/// A world in which nothing ever comes, and every post is taken.
private final class Patient: Network, Clock, Chance {
  let sends = Atomic(0)

  func now() -> Instant { Instant(seconds: 1_795_420_800) }
  func next() -> UInt64 { 1 }
  func sleep(seconds: Double) async throws {
    await Latch().wait()
    try Task.checkCancellation()
  }

  func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
    if request.url.hasSuffix("/send") {
      sends.add(1, ordering: .relaxed)
      return HTTPResponse(status: 200, body: Data("1".utf8))
    }
    await Latch().wait()
    throw NetworkFailure(.cancelled, nothingSent: false, "cancelled")
  }
}
