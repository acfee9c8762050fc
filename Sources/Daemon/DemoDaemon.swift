import Crew
import Curl
import Foundation
import Ledger
import Logging
import Platforms
import ServiceLifecycle
import UnixSignals

/// The real daemon on a clock that somebody else turns, with a ledger in a folder of its own that
/// goes when it ends.
public final class DemoDaemon: Sendable {
  /// Milliseconds since 1970, and a way to wake whoever sleeps until a time that was jumped over.
  struct TurnableClock: Clock {
    let milliseconds: @Sendable () -> Int64
    func now() -> Instant { Instant(milliseconds: milliseconds()) }
    func sleep(seconds: Double) async throws { try await Task.sleep(for: .seconds(seconds)) }
  }

  private let session: Session
  private let ledger: SQLiteLedger
  private let curl: Curl
  private let folder: URL
  private let log: Logger

  /// - Parameters:
  ///   - baseURL: of a server that speaks the Telegram Bot API.
  ///   - zone: the team's.
  public init(
    baseURL: String, token: String, zone: String, logLevel: Logger.Level = .warning,
    now: @escaping @Sendable () -> Int64
  ) async throws {
    let clock = TurnableClock(milliseconds: now)
    folder = FileManager.default.temporaryDirectory
      .appending(path: "crewbell-demo-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    ledger = try await SQLiteLedger.open(
      at: folder.appending(path: "crewbell.db").path, now: clock.now(), allowCreate: true,
      newInstance: Program.instance(SystemChance()))
    curl = try Curl()
    let words = try LanguageFiles.load(beside: nil)
    let telegram = Telegram(
      Telegram.Settings(account: "demo", baseURL: baseURL, token: token))
    let redactor = Redactor()
    redactor.add(Secret(token))
    let output = LogOutput(
      style: .plain, level: logLevel, redactor: redactor, now: { clock.now() })
    log = Logger(label: "crewbell") { output.handler($0) }
    var setup = Session.Setup(
      accounts: [
        Account(name: "demo", platform: telegram, credential: Credential(token: token))
      ], words: words,
      admission: Admission(inviters: ["demo": ["*"]], zone: zone, language: "en"))
    setup.playsThrough = true
    // Nobody's server is behind it, so nobody has to wait for it.
    setup.limits.platformShare = 100
    session = Session(
      setup,
      Session.Ports(
        ledger: ledger, network: curl, clock: clock, zones: FoundationZones(), log: log))
  }

  /// The clock was turned: what has fallen due is looked for now.
  public func clockTurned() { session.wake() }

  /// Runs until the process is told to end; then the ledger goes.
  public func run() async throws {
    let group = ServiceGroup(
      services: [Stoppable(session: session)], gracefulShutdownSignals: [.sigterm, .sigint],
      logger: Logger(label: "signals") { _ in SwiftLogNoOpLogHandler() })
    try await group.run()
    await curl.shutdown()
    await ledger.close()
    try? FileManager.default.removeItem(at: folder)
  }
}

/// A session that ends in good order when the process is told to end.
struct Stoppable: Service {
  let session: Session

  func run() async throws {
    try await withGracefulShutdownHandler {
      try await session.run()
    } onGracefulShutdown: {
      session.stop()
    }
  }
}
