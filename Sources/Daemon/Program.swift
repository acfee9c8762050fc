import Crew
import Curl
import Foundation
import Ledger
import Logging
import Platforms
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The daemon as an operator starts it, from its config file.
public struct Program: Sendable {
  public let configPath: String
  public let environment: [String: String]
  let zones = FoundationZones()
  let redactor = Redactor()

  public init(configPath: String, environment: [String: String]) {
    self.configPath = configPath
    self.environment = environment
  }

  /// Everything that the config file leads to.
  public struct Loaded: Sendable {
    public var config: Config
    public var words: Words
    public var accounts: [Account]
  }

  /// - Throws: every fault of the config, of its secrets and of the operator's language files.
  public func load() throws(FileFaults) -> Loaded {
    let folder = URL(filePath: configPath).deletingLastPathComponent().appending(path: "languages")
    let words = try LanguageFiles.load(beside: folder.path)
    let config = try Config.load(
      configPath,
      Config.Surroundings(environment: environment, zones: zones, languages: words.codes))
    for secret in config.accounts.flatMap(\.settings.secrets.values) { redactor.add(secret) }
    return Loaded(config: config, words: words, accounts: config.accounts.map(Account.init))
  }

  public func logger(level: Logger.Level) -> (Logger, LogOutput) {
    let clock = SystemClock()
    let output = LogOutput(
      style: LogOutput.style(environment: environment), level: level, redactor: redactor,
      now: { clock.now() })
    return (Logger(label: "crewbell") { output.handler($0) }, output)
  }

  public static func ledgerPath(_ config: Config) -> String { config.state + "/crewbell.db" }

  func openLedger(
    _ config: Config, allowCreate: Bool, log: Logger, points: CrashPoints = CrashPoints()
  ) async throws -> SQLiteLedger {
    try FileManager.default.createDirectory(
      atPath: config.state, withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o750])
    let blame = CrashMark.arm(folder: config.state)
    var isTold = false
    while true {
      do {
        return try await SQLiteLedger.open(
          at: Self.ledgerPath(config), now: SystemClock().now(), allowCreate: allowCreate,
          newInstance: Self.instance(SystemChance()), blame: blame, points: points)
      } catch let fault as LedgerFault {
        // A full disk heals, and ten starts in vain would be the last: wait for room instead.
        guard case .disk(let why) = fault, !DiskHealth.hasRoom(config.state) else { throw fault }
        if !isTold { log.error("the disk is full; waiting for room", metadata: ["why": "\(why)"]) }
        isTold = true
        try await SystemClock().sleep(seconds: 5)
      }
    }
  }

  /// Ten letters and digits: the ledger's own name in every key that a platform sees.
  public static func instance(_ chance: any Chance) -> String {
    let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
    return String((0..<10).map { _ in letters[Int(chance.next() >> 40) % letters.count] })
  }

  public func network(_ config: Config) throws(NetworkFailure) -> Curl {
    var configuration = Curl.Configuration()
    if let caFile = config.network.caFile { configuration.caFile = caFile }
    configuration.proxy = config.network.proxy
    return try Curl(configuration)
  }

  /// Runs until SIGTERM or SIGINT.
  /// - Parameter allowCreate: makes a new ledger even where the old one is gone.
  public func run(allowCreate: Bool) async throws {
    try Descriptors.raise()
    let loaded = try load()
    try loaded.config.requireAccounts()
    let (log, output) = logger(level: loaded.config.logLevel)
    defer { _ = output.flush(atMostSeconds: 2) }
    if let fault = zones.dataFault {
      log.warning("time zones are missing", metadata: ["why": "\(fault)"])
    }
    let order = try CrashSwitch.order(environment: environment, state: loaded.config.state)
    if let order { log.warning("it will crash, as a test ordered", metadata: ["at": "\(order)"]) }
    let points = CrashSwitch.points(order)
    let ledger = try await openLedger(
      loaded.config, allowCreate: allowCreate, log: log, points: points)
    let curl = try network(loaded.config)
    let counts = try await ledger.counts()
    log.notice(
      "started",
      metadata: [
        "accounts": "\(loaded.accounts.map(\.name).joined(separator: ","))",
        "events": "\(counts.events)", "waiting": "\(counts.waiting)",
        "unknown": "\(ledger.opening.unknown)", "run": "\(ledger.opening.epoch)",
      ])
    var ports = Session.Ports(
      ledger: ledger, network: curl, clock: SystemClock(), zones: zones, log: log)
    ports.points = points
    ports.executor = curl.executor
    let runner = Runner(program: self, ports: ports, loaded: loaded)
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: runner, successTerminationBehavior: .gracefullyShutdownGroup)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
    try await group.run()
    await curl.shutdown()
    await ledger.close()
    points.pass(.afterClose)
    log.notice("stopped")
  }

  func setup(_ loaded: Loaded, log: Logger) -> Session.Setup {
    var setup = Session.Setup(
      accounts: loaded.accounts, words: loaded.words, admission: loaded.config.admission)
    setup.limits = loaded.config.limits
    setup.credentialFolder = URL(filePath: loaded.config.state)
    setup.redactor = redactor
    setup.listener = loaded.config.listener
    if CrashSwitch.isCalm(environment: environment, state: loaded.config.state) {
      // Every age is more than that.
      setup.calmAfterSeconds = -1
    }
    do {
      // Also where nothing listens any more: what was asked before is answered all the same.
      setup.seal = try seal(loaded.config)
    } catch {
      log.error("slash commands are not listened for", metadata: ["why": "\(error.text)"])
    }
    return setup
  }
}

extension Program {
  private func seal(_ config: Config) throws(SmallFile.Problem) -> Seal? {
    let isThere = access(SealKey.file(in: config.state), F_OK) == 0
    guard config.listener != nil || isThere else { return nil }
    return try SealKey.load(in: config.state, chance: SystemChance())
  }
}

/// One session after another: a reload ends the one in good order and begins the next.
private struct Runner: Service, CustomStringConvertible {
  let program: Program
  let ports: Session.Ports
  let loaded: Program.Loaded

  /// Asked for at the start; without it all that this holds would be spelled out.
  var description: String { "crewbell" }

  func run() async throws {
    let notify = Notify(environment: program.environment)
    let current = Current()
    let hangups = Signal()
    let listening = Task {
      for await _ in await UnixSignalsSequence(trapping: .sighup) { hangups.raise() }
    }
    let givingBack = Task { [clock = ports.clock] in await GiveBack.forEver(clock) }
    defer {
      listening.cancel()
      givingBack.cancel()
    }
    try await withGracefulShutdownHandler {
      var loaded = loaded
      while !current.isEnding {
        let session = Session(program.setup(loaded, log: ports.log), ports, notify: notify)
        guard current.begin(session) else { break }
        let next = try await withThrowingTaskGroup(of: Program.Loaded?.self) { group in
          group.addTask {
            try await session.run()
            return nil
          }
          group.addTask { await reloaded(hangups, session, notify) }
          var next: Program.Loaded?
          for try await result in group {
            if let result { next = result } else { group.cancelAll() }
          }
          return next
        }
        guard let next else { break }
        ports.points.pass(.atReload)
        loaded = next
      }
      notify?.stopping()
    } onGracefulShutdown: {
      ports.points.pass(.atStop)
      current.end()
    }
  }

  /// Waits for a SIGHUP whose config is good, then stops the session. A bad one is told, and the
  /// old config stays.
  private func reloaded(
    _ hangups: Signal, _ session: Session, _ notify: Notify?
  ) async -> Program.Loaded? {
    while !Task.isCancelled {
      await hangups.wait()
      guard !Task.isCancelled else { return nil }
      do {
        let next = try program.load()
        try next.config.requireAccounts()
        notify?.reloading()
        ports.log.notice("config read again")
        session.stop()
        return next
      } catch {
        ports.log.error("the new config is wrong; the old one stays", metadata: ["why": "\(error)"])
      }
    }
    return nil
  }
}

/// The session that runs now, so that a signal can end it.
private final class Current: Sendable {
  private let state = Mutex<(session: Session?, isEnding: Bool)>((nil, false))

  var isEnding: Bool { state.withLock { $0.isEnding } }

  func begin(_ session: Session) -> Bool {
    state.withLock { state in
      state.session = session
      return !state.isEnding
    }
  }

  func end() {
    let session = state.withLock { state in
      state.isEnding = true
      return state.session
    }
    session?.stop()
  }
}
