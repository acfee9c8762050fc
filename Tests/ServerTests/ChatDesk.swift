import Crew
import Curl
import Fakes
import Foundation
import Ledger
import Logging
import Platforms
import Synchronization
import Testing

@testable import Daemon

/// The strict fake of a pulled platform behind a socket and a fault proxy, and the daemon on it: as
/// a process that can be killed, and in this process on a clock that can be turned, where minutes
/// of waiting are to pass.
final class ChatDesk {
  /// The real time, and whatever it was turned on by.
  final class TurnedClock: Daemon.Clock {
    private let turned = Mutex<Int64>(0)
    func now() -> Instant { SystemClock().now().adding(seconds: turned.withLock { $0 }) }
    func turn(seconds: Int64) { turned.withLock { $0 += seconds } }
    func sleep(seconds: Double) async throws {
      try await Task.sleep(for: .milliseconds(min(seconds * 1000, 20)))
    }
  }

  /// The daemon in this process, on the same state.
  private struct Here {
    let ledger: SQLiteLedger
    let network: Curl
    let session: Session
    let task: Task<Void, any Error>
  }

  let platform: FakePlatform
  let clock = TurnedClock()
  let host: FakeHost
  let proxy: FaultProxy
  let daemon: DaemonProcess
  private let account: Daemon.Account
  private(set) var written: [String] = []

  init(_ platform: FakePlatform) async throws {
    self.platform = platform
    let clock = clock
    host = FakeHost(platform.chat(), now: { clock.now() })
    guard let port = URL(string: try await host.start())?.port else {
      throw NetworkFailure(.connect, nothingSent: true, "no port")
    }
    proxy = try FaultProxy(to: port)
    let settings = platform.settings(proxy.url)
    account = Daemon.Account(
      name: settings.account, platform: platform.kind.make(settings),
      credential: settings.secrets["token_file"] ?? Credential(token: ""))
    daemon = try DaemonProcess(
      accounts: Self.yaml(platform.kind, settings),
      secrets: settings.secrets.mapValues(\.token))
  }

  private static func yaml(_ kind: PlatformKind, _ settings: AccountSettings) -> String {
    let lines =
      ["  \(settings.account):", "    platform: \(kind.name)"]
      + settings.texts.sorted { $0.key < $1.key }.map { "    \($0.key): \($0.value)" }
      + settings.secrets.keys.map { "    \($0): \($0)" } + ["    invite: [\"*\"]"]
    return lines.joined(separator: "\n")
  }

  // MARK: In this process

  private func here<Value>(_ body: (Here) async throws -> Value) async throws -> Value {
    let state = daemon.folder.appending(path: "state")
    try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
    let ledger = try await SQLiteLedger.open(
      at: state.appending(path: "crewbell.db").path, now: clock.now(), allowCreate: true,
      newInstance: Program.instance(SystemChance()))
    let network = try Curl()
    var setup = Session.Setup(
      accounts: [account], words: try LanguageFiles.load(beside: nil),
      admission: Admission(inviters: [account.name: ["*"]], zone: "UTC", language: "en"))
    setup.liftLimits()
    let session = Session(
      setup,
      Session.Ports(
        ledger: ledger, network: network, clock: clock, zones: FoundationZones(),
        log: Logger(label: "desk") { _ in SwiftLogNoOpLogHandler() }))
    let task = Task { try await session.run() }
    let here = Here(ledger: ledger, network: network, session: session, task: task)
    let result: Result<Value, any Error>
    do { result = .success(try await body(here)) } catch { result = .failure(error) }
    session.stop()
    try await task.value
    await network.shutdown()
    await ledger.close()
    return try result.get()
  }

  /// Turns the clock on while no post is on its way: a call takes no minutes.
  private func wait(
    _ here: Here, for what: String, until isSo: () async throws -> Bool
  ) async throws {
    try await ServerTests.wait(seconds: 120, for: "\(what) on \(platform)") {
      if try await isSo() { return true }
      if try await here.ledger.counts().sending == 0 {
        clock.turn(seconds: 8)
        here.session.wake()
      }
      return false
    }
  }

  /// The bot greets, and what it was asked first is answered.
  func begin() async throws {
    try await here { here in
      try await wait(here, for: "the greeting") {
        await host.with { chat, now in chat.welcome(now: now) }
        return await !host.delivered.isEmpty
      }
      await write("first")
      try await settle(here)
    }
  }

  private func settle(_ here: Here) async throws {
    let log = Logger(label: "look") { _ in SwiftLogNoOpLogHandler() }
    try await wait(here, for: "every command") {
      let teams = try await History.load(from: here.ledger, words: Words(), log: log).0
      return Set(written).isSubset(of: teams.sorted.flatMap { $0.tasks.all.map(\.text) })
    }
    try await wait(here, for: "quiet") {
      let counts = try await here.ledger.counts()
      return counts.waiting + counts.queued + counts.sending + counts.unknown == 0
    }
  }

  // MARK: Deaths

  /// One life that ends at a point of the program's way, while people write. The desk's own clock
  /// goes on.
  func die(at point: CrashPoint) async throws {
    // The program does not see the desk's clock turn: what it had left in doubt it would take for
    // seconds old, and send again under a key that the platform has forgotten by then.
    if case .readBack = account.platform.abilities.resend,
      try await daemon.counts()?.unknown ?? 0 > 0
    {
      try await here { try await settle($0) }
    }
    try daemon.permitCrashes()
    // Some platforms read the last seconds before the newest message twice, which would make good
    // what was lost; these lie further apart.
    for number in 1...3 {
      await write("\(point.rawValue)\(number)")
      clock.turn(seconds: 15)
    }
    try daemon.start(crashingAt: "\(point.rawValue):1")
    try await ServerTests.wait(seconds: 120, for: "a death at \(point.rawValue) on \(platform)") {
      !daemon.isRunning
    }
    try #require(daemon.deathSignal == SIGKILL, "\(platform): \(daemon.log)")
  }

  // MARK: What people do

  func write(_ title: String) async {
    written.append(title)
    let (text, person) = ("\(platform.prefix)task add \(title)", written.count % 2)
    await host.with { chat, now in
      _ = chat.write(text, by: chat.people[person], in: chat.room, now: now)
    }
  }

  /// A command each, whose answer or whose call for news meets that.
  func suffer(posts: [FaultProxy.Fault], polls: [FaultProxy.Fault]) async throws {
    try await here { here in
      for fault in posts {
        proxy.befall(fault, platform.postLine)
        await write("p\(written.count)")
      }
      try await wait(here, for: "the faults of posts") { proxy.befallen >= posts.count }
      for fault in polls {
        let before = proxy.befallen
        proxy.befall(fault, platform.pollLine)
        await write("r\(written.count)")
        try await ServerTests.wait(seconds: 60, for: "\(fault) on \(platform)") {
          proxy.befallen > before
        }
      }
    }
  }

  /// Lets everything come to its end here, and compares what was written with what is stored and
  /// with what the platform itself says was delivered.
  func reckon() async throws -> CrashScene.Reckoning {
    proxy.calm()
    let (titles, untold) = try await here { here in
      try await settle(here)
      // What is owed a word is told with the next answer.
      await write("last")
      try await settle(here)
      let log = Logger(label: "look") { _ in SwiftLogNoOpLogHandler() }
      let teams = try await History.load(from: here.ledger, words: Words(), log: log).0
      return (
        teams.sorted.flatMap { $0.tasks.all.map(\.text) }, try await here.ledger.untoldPosts()
      )
    }
    let posts = await host.delivered.filter { $0.kind == .message }.map(\.text)
    return CrashScene.Reckoning(of: written, titles: titles, posts: posts, untold: untold)
  }

  /// Whether a post in doubt is ever given up there.
  var discloses: Bool {
    if case .never = account.platform.abilities.resend { true } else { false }
  }

  func end() async {
    daemon.kill()
    proxy.leave()
    await host.stop()
    daemon.remove()
  }
}
