import Crew
import Curl
import Foundation
import Ledger
import Logging
import Platforms
import Synchronization

@testable import Daemon

/// The daemon's whole session in this process, on a real homeserver, a real file and a clock that
/// the test turns.
final class Town: Sendable {
  final class TurnedClock: Daemon.Clock {
    private let instant: Mutex<Instant>
    init(_ instant: Instant) { self.instant = Mutex(instant) }
    func now() -> Instant { instant.withLock { $0 } }
    func turn(to instant: Instant) { self.instant.withLock { $0 = instant } }
    func sleep(seconds: Double) async throws {
      try await Task.sleep(for: .seconds(min(seconds, 0.2)))
    }
  }

  let clock: TurnedClock
  let ledger: SQLiteLedger
  let session: Session
  private let running: Task<Void, any Error>

  init(_ synapse: Synapse, bot: Account, invite: [String], zone: String, at now: Instant)
    async throws
  {
    clock = TurnedClock(now)
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "crewbell-town-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    ledger = try await SQLiteLedger.open(
      at: folder.appending(path: "crewbell.db").path, now: now, allowCreate: true,
      newInstance: Program.instance(SystemChance()))
    let matrix = Matrix(
      .init(account: "matrix", homeserver: synapse.url, user: bot.user, invitersAllowed: invite))
    var setup = Session.Setup(
      accounts: [
        Daemon.Account(
          name: "matrix", platform: matrix, credential: Credential(token: bot.token))
      ], words: try LanguageFiles.load(beside: nil),
      admission: Admission(inviters: ["matrix": invite], zone: zone, language: "en"))
    setup.playsThrough = true
    setup.limits.platformShare = 1000
    let session = Session(
      setup,
      Session.Ports(
        ledger: ledger, network: synapse.network, clock: clock, zones: FoundationZones(),
        log: Logger(label: "town") { _ in SwiftLogNoOpLogHandler() }))
    self.session = session
    running = Task { try await session.run() }
  }

  /// Nothing waits for an answer and nothing waits to be sent.
  func isQuiet() async throws -> Bool {
    let counts = try await ledger.counts()
    return counts.waiting == 0 && counts.queued == 0 && counts.sending == 0
      && counts.unknown == 0
  }

  /// Turns the clock and waits until all that fell due on the way has been said.
  func turn(to instant: Instant) async throws {
    clock.turn(to: instant)
    session.wake()
    try await wait(seconds: 60, for: "the bell to look at the clock") {
      (session.rangAt ?? Instant(milliseconds: 0)) >= instant
    }
    try await wait(seconds: 60, for: "what is due to be sent") { try await isQuiet() }
  }

  func end() async throws {
    session.stop()
    try await running.value
    await ledger.close()
  }
}
