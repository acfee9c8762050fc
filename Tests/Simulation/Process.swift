import Crew
import Daemon
import Ledger
import Logging
import Platforms

/// One life of the daemon: its own session on the world's ports.
struct Process {
  let session: Session
  let task: Task<Void, Never>
  let end = End<Void>()

  static let zones = FoundationZones()

  init(_ world: World, _ memory: MemoryLedger, zone: String, batch: Int, on stage: Stage) {
    let accounts = world.with { realm in
      realm.servers.map {
        Account(
          name: $0.account, platform: $0.platform,
          credential: $0.credential)
      }
    }
    let inviters = world.with { realm in
      Dictionary(uniqueKeysWithValues: realm.servers.map { ($0.account, $0.inviters) })
    }
    var setup = Session.Setup(
      accounts: accounts, words: Simulation.words,
      admission: Admission(
        inviters: inviters, zone: zone, language: "en"))
    setup.tickSeconds = World.tickSeconds
    setup.housekeepingSeconds = 5 * 86_400
    setup.batchMax = batch
    let session = Session(
      setup,
      Session.Ports(
        ledger: Disk(inner: memory, world: world), network: world, clock: world, chance: world,
        zones: Self.zones, log: Logger(label: "simulation") { _ in Listener(world: world) }))
    self.session = session
    task = Task(executorPreference: stage) { [end] in
      end.set(await Result { try await session.run() })
    }
  }
}

/// Reads what the daemon logs, for what must not stand there.
struct Listener: LogHandler {
  let world: World
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.notice

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let line = "\(event.message) \(event.metadata ?? [:])"
    world.with { $0.trace.note($0.time, "log \(line)") }
    if line.contains(Simulation.token) { world.with { $0.witness.fail("the log shows the token") } }
  }
}

// Being started, running, dying.
extension Simulation {
  /// Everything that can be done at this moment, in some order.
  mutating func moment() throws {
    if process == nil {
      guard time >= downUntil else { return }
      process = Process(world, memory, zone: place.zone, batch: batch, on: stage)
    }
    world.wakeDue()
    pump()
    if world.with({ $0.isDead }) { return try died() }
    if let result = process?.end.result { return try ended(result) }
    try check()
  }

  /// In one world of three as in life, in the others so few that most looks are many commits.
  private var batch: Int { [1, 2, 64][Int(plan.seed % 3)] }

  /// Runs whatever is ready. Who never waits is caught.
  private mutating func pump() {
    var count = 0
    while stage.step(&jobDice) {
      count += 1
      if count > 300_000 { return fail("the daemon turns and turns and never waits") }
    }
  }

  /// The process ended by itself. While opening, a disk that refuses may end it; systemd starts it
  /// again.
  private mutating func ended(_ result: Result<Void, any Error>) throws {
    if case .failure(LedgerFault.disk) = result, process?.session.rangAt == nil {
      try away(forSeconds: 5)
    } else {
      fail("the daemon ended: \(result)")
    }
  }

  private mutating func died() throws {
    world.with { $0.trace.note($0.time, "died") }
    bury()
    world.with { $0.witness.died() }
    try away(forSeconds: dice.isOne(in: 4) ? dice.from(0, to: awayMax) : dice.from(0, to: 90))
  }

  /// Lets the tasks of a dead process end, none of which reaches anybody any more.
  mutating func bury() {
    guard let process else { return }
    process.task.cancel()
    world.dead(true)
    pump()
    if process.end.result == nil { fail("a dead daemon's tasks wait for ever") }
    if world.sleeperCount > 0 { fail("a dead daemon's tasks sleep") }
    world.dead(false)
    self.process = nil
  }

  /// As on SIGTERM: nothing new is begun, what is under way ends.
  mutating func stop(forHours hours: Int64) throws {
    guard let process else { return }
    process.session.stop()
    var waits = 0
    while !hasFailed {
      world.wakeDue()
      pump()
      if world.with({ $0.isDead }) { return try died() }
      if let result = process.end.result {
        if case .failure(let error) = result, !(error is LedgerFault) {
          fail("the daemon did not end well: \(error)")
        }
        break
      }
      waits += 1
      guard let wake = world.nextWake(withIdle: true), waits < 1000 else {
        return fail("the daemon does not end")
      }
      world.with { $0.time = max($0.time, wake) }
    }
    let memory = memory
    try stage.value { await memory.close() }
    try away(forSeconds: hours * 3600)
  }

  private mutating func away(forSeconds seconds: Int64) throws {
    bury()
    expected.slots = []
    let memory = memory
    self.memory = try stage.value { await memory.restarted() }
    downUntil = time.adding(seconds: seconds)
  }
}
