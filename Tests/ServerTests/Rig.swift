import Crew
import Curl
import Foundation
import Ledger
import Logging
import Platforms
import Synchronization

@testable import Daemon

/// A whole session in this process behind a fault proxy: real ledger, real network, and a clock
/// that runs faster, so that a pause of minutes is one of seconds.
final class Rig: Sendable {
  /// Time at `speed` times its pace.
  struct QuickClock: Daemon.Clock {
    static let speed = 20.0
    private let started = ContinuousClock.now
    private let from = SystemClock().now()

    func now() -> Instant {
      let passed = (ContinuousClock.now - started) / .milliseconds(1)
      return Instant(milliseconds: from.milliseconds + Int64(passed * Self.speed))
    }

    func sleep(seconds: Double) async throws {
      try await Task.sleep(for: .seconds(seconds / Self.speed))
    }
  }

  /// The daemon's network, which loses patience earlier.
  final class Impatient: Network {
    private let curl: Curl
    private let most = Mutex((poll: 65.0, other: 5.0))

    init(_ curl: Curl) { self.curl = curl }

    func wait(poll: Double, other: Double) { most.withLock { $0 = (poll, other) } }

    func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
      let most = most.withLock { $0 }
      let isPoll = request.url.contains("/getUpdates") || request.url.contains("/sync?")
      var request = request
      request.timeoutSeconds = min(request.timeoutSeconds, isPoll ? most.poll : most.other)
      return try await curl.perform(request)
    }

    func shutdown() async { await curl.shutdown() }
  }

  let account: Daemon.Account
  let ledger: SQLiteLedger
  let session: Session
  let network: Impatient
  let clock = QuickClock()
  private let running: Task<Void, any Error>

  init(
    _ platform: any Platform, name: String, credential: Credential, invite: [String],
    caFile: String? = nil
  ) async throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "crewbell-rig-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    ledger = try await SQLiteLedger.open(
      at: folder.appending(path: "crewbell.db").path, now: clock.now(), allowCreate: true,
      newInstance: Program.instance(SystemChance()))
    account = Daemon.Account(name: name, platform: platform, credential: credential)
    network = Impatient(try caFile.map { try Curl(.init(caFile: $0)) } ?? Curl())
    var setup = Session.Setup(
      accounts: [account], words: try LanguageFiles.load(beside: nil),
      admission: Admission(inviters: [name: invite], zone: "UTC", language: "en"))
    setup.liftLimits()
    let session = Session(
      setup,
      Session.Ports(
        ledger: ledger, network: network, clock: clock, zones: FoundationZones(),
        log: Logger(label: "rig") { _ in SwiftLogNoOpLogHandler() }))
    self.session = session
    running = Task { try await session.run() }
  }

  /// Puts posts into the outbox, as an answer would.
  func post(_ texts: [String], to target: Target) async throws {
    let drafts = texts.map { Draft(key: "rig.\($0)", target: target, kind: .digest, post: .of($0)) }
    _ = try await ledger.record([Ruling(cause: .own("rig"), drafts: drafts)], now: clock.now())
    session.wake()
  }

  func isQuiet() async throws -> Bool {
    let counts = try await ledger.counts()
    return counts.waiting + counts.queued + counts.sending + counts.unknown == 0
  }

  func settled() async throws {
    try await wait(seconds: 120, for: "everything to settle") { try await isQuiet() }
  }

  func titles() async throws -> [String] {
    let log = Logger(label: "look") { _ in SwiftLogNoOpLogHandler() }
    let teams = try await History.load(from: ledger, words: Words(), log: log).0
    return teams.sorted.flatMap { $0.tasks.all.map(\.text) }
  }

  func end() async throws {
    session.stop()
    try await running.value
    await network.shutdown()
    await ledger.close()
  }
}

extension Post {
  static func of(_ text: String) -> Post { Post(text: Markup(text)) }
}

extension Session.Setup {
  /// Nobody who writes is held back by our own limits.
  mutating func liftLimits() {
    limits.platformShare = 1000
    limits.user = .init(perSecond: 1000, burst: 1000)
    limits.room = .init(perSecond: 1000, burst: 1000)
  }
}
