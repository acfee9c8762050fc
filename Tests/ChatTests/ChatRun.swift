import Crew
import Fakes
import Foundation
import Ledger
import Platforms
import Synchronization
import Testing

@testable import Daemon

/// The daemon's whole session in this process, on a fake chat without a socket and on a clock that
/// the test turns.
final class ChatRun: Sendable {
  final class TurnedClock: Daemon.Clock {
    private let instant: Mutex<Instant>
    init(_ instant: Instant) { self.instant = Mutex(instant) }
    func now() -> Instant { instant.withLock { $0 } }
    func turn(to instant: Instant) { self.instant.withLock { $0 = instant } }
    func sleep(seconds: Double) async throws {
      try await Task.sleep(for: .milliseconds(min(seconds * 1000, 20)))
    }
  }

  /// Another chat that the same daemon serves.
  struct Neighbour {
    var kind: PlatformKind
    var settings: AccountSettings
    var chat: any FakeChat
  }

  let clock: TurnedClock
  let host: FakeHost
  /// Of the neighbours, in their order.
  let otherHosts: [FakeHost]
  private let lives = Lives(MemoryLedger(instance: "i1"))
  var ledger: MemoryLedger { lives.ledger }
  let account: Account
  /// Whether platforms can call, on a free port of this machine.
  let listens: Bool
  private let port = Mutex(0)
  private let otherAccounts: [Account]
  private let network: Switchboard
  private let log = Complaints()
  private let words: Words

  /// Monday 2026-11-23 09:00 in UTC.
  static let start = Instant(seconds: 1_795_424_400)

  /// - Parameter settings: as the config would give them; `invite` is everybody.
  init(
    _ kind: PlatformKind, _ settings: AccountSettings, _ chat: any FakeChat,
    isStrict: Bool = false, listens: Bool = false, beside neighbours: [Neighbour] = []
  ) async throws {
    self.listens = listens
    let clock = TurnedClock(Self.start)
    self.clock = clock
    host = FakeHost(chat, now: { clock.now() })
    otherHosts = neighbours.map { FakeHost($0.chat, now: { clock.now() }) }
    account = Self.account(kind, settings, isStrict)
    otherAccounts = neighbours.map { Self.account($0.kind, $0.settings, isStrict) }
    network = Switchboard(
      main: host, others: zip(neighbours, otherHosts).map { ($0.settings.texts.values, $1) })
    words = try LanguageFiles.load(beside: nil)
  }

  private static func account(
    _ kind: PlatformKind, _ settings: AccountSettings, _ isStrict: Bool
  ) -> Account {
    var settings = settings
    settings.invite = ["*"]
    var account = Account(
      name: settings.account, platform: kind.make(settings),
      credential: settings.secrets["token_file"] ?? Credential(token: ""), isStrict: isStrict)
    account.slash = kind.slash?.make(settings)
    return account
  }

  /// What was logged at warning or above, a line each.
  var complaints: [String] { log.all }

  func begin() {
    let accounts = [account] + otherAccounts
    var setup = Session.Setup(
      accounts: accounts, words: words,
      admission: Admission(
        inviters: Dictionary(accounts.map { ($0.name, ["*"]) }) { $1 }, zone: "UTC",
        language: "en"))
    setup.limits.platformShare = 1000
    setup.seal = Self.seal
    if listens {
      setup.listener = ListenerSettings(port: 0)
      port.withLock { $0 = 0 }
      setup.opened = { [weak self] port in self?.port.withLock { $0 = port } }
    }
    lives.begin(
      Session(
        setup,
        Session.Ports(
          ledger: ledger, network: network, clock: clock, zones: FoundationZones(),
          log: log.logger("chat"))))
  }

  func end() async throws { try await lives.end() }

  /// The process dies at this very moment, and another one begins with what it has left.
  func die() async {
    await lives.die()
    begin()
  }

  func turn(seconds: Int64) {
    clock.turn(to: clock.now().adding(seconds: seconds))
    lives.wake()
  }

  func write(_ text: String, by person: Int = 0, direct: Bool = false) async -> String {
    await host.with { chat, now in
      chat.write(text, by: chat.people[person], in: direct ? nil : chat.room, now: now)
    }
  }

  /// The key that the daemon would keep in a file of its own.
  static let seal = Seal(key: Data(repeating: 7, count: Seal.keyBytes))

  /// Where platforms call the daemon.
  func address() async throws -> String {
    try await wait("the listener") { port.withLock { $0 } != 0 }
    return "http://127.0.0.1:\(port.withLock { $0 })/\(account.name)"
  }

  /// What the daemon hears with, without the daemon: whatever it takes in is on the disk, and
  /// nobody answers.
  func ear() throws -> Ear {
    let log = log.logger("ear")
    return Ear(
      accounts: [account], ledger: ledger, clock: clock, seal: try #require(Self.seal),
      speaker: .alone(words, language: "en"), log: log, disk: DiskHealth(log: log, notify: nil))
  }

  /// What a program says in its last line that talks with the bot on the same server, while the
  /// clock goes on.
  func talk(by script: String, _ arguments: String...) async throws -> JSON {
    let address = try await host.start()
    let turning = Task {
      while !Task.isCancelled {
        turn(seconds: 1)
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    defer { turning.cancel() }
    let said = try await Script.run(script, [address] + arguments)
    await host.stop()
    return try #require(JSON(text: String(said.split(separator: "\n").last ?? "")), "\(said)")
  }

  /// Nothing waits for an answer and nothing waits to be sent.
  func isQuiet() async throws -> Bool {
    let counts = try await ledger.counts()
    return counts.waiting == 0 && counts.queued == 0 && counts.sending == 0 && counts.unknown == 0
  }

  func settle() async throws {
    try await wait("nothing to wait for any more") { try await isQuiet() }
  }

  /// Turns the clock on a little with each look, so that what waits for its hour comes about.
  func wait(
    _ what: String, turning seconds: Int64 = 0,
    until isSo: () async throws -> Bool
  ) async throws {
    var patience = Patience()
    while !patience.isOver() {
      if try await isSo() { return }
      if seconds > 0 { turn(seconds: seconds) }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw Waited(what: what, complaints: complaints, delivered: await host.delivered)
  }

  struct Waited: Error {
    let what: String
    let complaints: [String]
    let delivered: [Delivered]
  }
}

/// Leads each call to the chat whose address it bears; every other one to the first.
private struct Switchboard: Network {
  let main: FakeHost
  let others: [(sites: Dictionary<String, String>.Values, host: FakeHost)]

  func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
    let other = others.first { $0.sites.contains { request.url.hasPrefix($0) } }
    return try await (other?.host ?? main).perform(request)
  }
}
