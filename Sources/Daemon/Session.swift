import Crew
import Foundation
import Ledger
import Logging
import Platforms
import Synchronization

/// Everything that runs together on one ledger: a poller per account, the keeper, the sender.
public struct Session: Sendable {
  /// What a session works with. The simulator, the demo and the tests hand in their own.
  public struct Ports: Sendable {
    public var ledger: any Ledger
    public var network: any Network
    public var clock: any Clock
    public var chance: any Chance
    public var zones: any Zones
    public var log: Logger
    /// Told of each step, so that a test can end the process there.
    public var points = CrashPoints()
    /// Where the parts run; nil for where others do.
    public var executor: (any TaskExecutor)?

    public init(
      ledger: any Ledger, network: any Network, clock: any Clock,
      chance: any Chance = SystemChance(), zones: any Zones, log: Logger
    ) {
      self.ledger = ledger
      self.network = network
      self.clock = clock
      self.chance = chance
      self.zones = zones
      self.log = log
    }
  }

  public struct Setup: Sendable {
    public var accounts: [Account]
    public var words: Words
    public var admission: Admission
    public var limits = Limits()
    /// Where earned access tokens are kept; nil keeps them in memory.
    public var credentialFolder: URL?
    /// Learns each token that a platform gives out.
    public var redactor = Redactor()
    /// Where platforms may call; nil where nothing listens.
    public var listener: ListenerSettings?
    /// Locks what platforms give to answer by. Without it nothing listens.
    public var seal: Seal?
    /// Told of the port once it can be called.
    public var opened: @Sendable (Int) -> Void = { _ in }
    /// The longest pause between two looks at the clock.
    public var tickSeconds = 20.0
    /// Between two times at which old things are removed and a snapshot is made.
    public var housekeepingSeconds: Int64 = 3600
    /// How many answers share a commit.
    public var batchMax = Keeper.batchMax
    /// How long a run that follows another stores updates before it answers them.
    public var calmAfterSeconds = Calm.seconds
    /// True for a clock that can be turned: what lies between is played, a quarter of an hour at a
    /// time, instead of being too late.
    public var playsThrough = false

    public init(accounts: [Account], words: Words, admission: Admission) {
      self.accounts = accounts
      self.words = words
      self.admission = admission
    }
  }

  static let drainSeconds = 10.0

  let ports: Ports
  let setup: Setup
  let notify: Notify?
  private let names: Set<String>
  private let incoming = TimedSignal()
  private let outgoing = TimedSignal()
  private let stopping = Latch()
  /// The teams are what their events add up to.
  private let opened = Latch()
  private let pulse = Pulse()
  private let rung = Rung()
  private let unreachable = Unreachable()
  let inFlight = InFlight()
  private let disk: DiskHealth
  private let calm: Calm
  private let gate: Gate

  public init(_ setup: Setup, _ ports: Ports, notify: Notify? = nil) {
    self.setup = setup
    self.ports = ports
    self.notify = notify
    names = Set(setup.accounts.map(\.name))
    disk = DiskHealth(log: ports.log, notify: notify)
    calm = Calm(
      epoch: ports.ledger.opening.epoch, startedAt: ports.clock.now(),
      seconds: setup.calmAfterSeconds)
    gate = Gate { [outgoing] in outgoing.raise() }
  }

  /// Runs until stopped, cancelled, or until the ledger cannot be trusted any more.
  public func run() async throws {
    try await withTaskExecutorPreference(ports.executor) { try await runParts() }
  }

  private func runParts() async throws {
    let credentials = Credentials(
      network: ports.network, clock: ports.clock, folder: setup.credentialFolder,
      redactor: setup.redactor, points: ports.points)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for account in setup.accounts where account.platform.abilities.reads {
        group.addTask { try await untilStopped { try await poll(account, credentials) } }
      }
      group.addTask {
        for account in setup.accounts {
          await Announcing.perform(
            account, words: setup.words, network: ports.network, log: ports.log,
            points: ports.points)
        }
      }
      for signal in [incoming, outgoing] {
        group.addTask { try await untilStopped { await signal.ringAlarms(ports.clock) } }
      }
      group.addTask { try await keep() }
      group.addTask { try await send(credentials) }
      if let listener = setup.listener, let seal = setup.seal {
        group.addTask { try await untilStopped { try await listen(listener, seal) } }
      }
      // Not `waitForAll`, which lets the others run on when one has failed: a daemon without its
      // keeper would go on telling platforms that their updates have arrived.
      while try await group.next() != nil {}
    }
  }

  /// Ends `run` in good order: no new request, no new claim, what is under way may end (10 s).
  public func stop() {
    stopping.set()
    incoming.raise()
    outgoing.raise()
  }

  /// Looks at the clock and the outbox at once.
  public func wake() {
    incoming.raise()
    outgoing.raise()
  }

  /// When it last looked for what is due; nil before the first time.
  public var rangAt: Instant? { rung.at }

  private var isStopping: Bool { Task.isCancelled || stopping.isSet }

  private func untilStopped(_ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await body() }
      group.addTask { await stopping.wait() }
      try await group.next()
      group.cancelAll()
    }
  }

  /// A full or read-only disk heals: nothing moves on until it does. Anything else is thrown.
  private func patiently<Value: Sendable>(
    _ what: String, _ body: () async throws -> Value
  ) async throws -> Value? {
    do {
      let value = try await body()
      disk.took(what)
      return value
    } catch let fault as LedgerFault {
      guard case .disk(let why) = fault else { throw fault }
      disk.refused(what, why)
      try? await ports.clock.sleep(seconds: 5)
      return nil
    }
  }

  // MARK: Polling

  private func poll(_ account: Account, _ credentials: Credentials) async throws {
    var log = ports.log
    log[metadataKey: "account"] = "\(account.name)"
    var poller = Poller(
      account: account, ledger: ports.ledger, network: ports.network, clock: ports.clock,
      chance: ports.chance, credentials: credentials, log: log)
    poller.gate = gate
    poller.points = ports.points
    poller.arrived = { [incoming] in incoming.raise() }
    poller.isCalm = { [calm, ports] in calm.holds(ports.clock.now()) }
    while !isStopping {
      var turn: Poller.Turn?
      do {
        turn = try await poller.turn()
        disk.took("poll \(account.name)")
      } catch let fault as LedgerFault {
        // The cursor stays, so the platform keeps what is new.
        guard case .disk(let why) = fault else { throw fault }
        disk.refused("poll \(account.name)", why)
      }
      let pause = turn?.waitSeconds ?? 5
      pulse.beat(
        "poll \(account.name)", at: ports.clock.now(), nextWithin: Int64(pause) + 120)
      if pause > 0 { try? await ports.clock.sleep(seconds: pause) }
    }
  }

  // MARK: Listening

  /// A port that another program has is waited for: what is polled does not need it.
  private func listen(_ settings: ListenerSettings, _ seal: Seal) async throws {
    var ear = Ear(
      accounts: setup.accounts, ledger: ports.ledger, clock: ports.clock, seal: seal,
      speaker: .alone(setup.words, language: setup.admission.language), log: ports.log, disk: disk)
    ear.arrived = { [incoming] in incoming.raise() }
    var isTold = false
    while !isStopping {
      do {
        try await hear(with: ear, settings)
      } catch let fault as LedgerFault {
        throw fault
      } catch {
        if !isTold, !isStopping {
          ports.log.error(
            "cannot listen; trying on",
            metadata: ["at": "127.0.0.1:\(settings.port)", "why": "\(error)"])
        }
        isTold = true
      }
      try? await ports.clock.sleep(seconds: 30)
    }
  }

  private func hear(with ear: Ear, _ settings: ListenerSettings) async throws {
    let listener = Listener(ear: ear, port: settings.port, opened: setup.opened)
    defer { ear.tally.tell(ports.clock.now(), isLast: true) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await ear.fault.wait() }
      group.addTask { try await listener.run() }
      group.addTask {
        // Also where nobody calls any more.
        while true {
          try await ports.clock.sleep(seconds: Double(EarTally.minuteSeconds))
          ear.tally.tell(ports.clock.now())
        }
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  // MARK: Keeping

  private func keep() async throws {
    var keeper = Keeper(
      ledger: ports.ledger, clock: ports.clock, chance: ports.chance, zones: ports.zones,
      words: setup.words,
      abilities: Dictionary(
        setup.accounts.map { ($0.name, $0.platform.abilities) }, uniquingKeysWith: { $1 }),
      admission: setup.admission, limits: setup.limits, log: ports.log)
    keeper.points = ports.points
    keeper.batchMax = setup.batchMax
    keeper.record = recordAndClaim
    let platforms = Dictionary(
      setup.accounts.map { ($0.name, $0.platform) }, uniquingKeysWith: { $1 })
    keeper.contactLink = { platforms[$0]?.contactLink(after: $1) }
    try await keeper.open()
    ports.points.pass(.afterReplay)
    opened.set()
    outgoing.raise()
    notify?.ready()
    var round = Round(startedAt: ports.clock.now())
    while !isStopping {
      let turned: Void? = try await patiently("keeper") { try await turn(&keeper, &round) }
      // A disk that refuses is waited for: to be killed and started again would not make room.
      feed()
      guard turned != nil else { continue }
      await incoming.wait(
        atMost: round.pause(ports.clock.now(), setup.tickSeconds), clock: ports.clock)
    }
    // It only makes the next start quick: a disk that refuses it does not spoil a good end.
    _ = try await patiently("snapshot") { try await keeper.saveSnapshot() }
  }

  /// Stores answers, and claims of them what may leave at once.
  private func recordAndClaim(_ rulings: [Ruling], now: Instant) async throws -> [Bool] {
    let reserved = inFlight.reserve()
    var claimed: [Claimed] = []
    defer {
      inFlight.handOver(claimed, of: reserved)
      outgoing.raise()
    }
    let wish = ClaimWish(accounts: gate.open(of: names), limit: reserved)
    let recorded = try await ports.ledger.record(
      rulings, now: now, claiming: reserved > 0 ? wish : nil)
    claimed = recorded.claimed
    return recorded.stored
  }

  /// One full turn: answers, rings, keeps house.
  private func turn(_ keeper: inout Keeper, _ round: inout Round) async throws {
    var hasMore = true
    while hasMore, try await keeper.answer() { hasMore = keeper.mayHaveMore }
    let now = ports.clock.now()
    if setup.playsThrough, now.seconds(since: round.rangAt) > 900 {
      var step = round.rangAt
      while now.seconds(since: step) > 900 {
        step = step.adding(seconds: 900)
        try await keeper.ring(at: step)
      }
    }
    if round.isRingDue(now) {
      try await keeper.ring(at: now)
      round.rangAt = now
      rung.set(now)
      outgoing.raise()
    }
    for identity in unreachable.takeAll() {
      try await keeper.cannotReach(identity)
      outgoing.raise()
    }
    if round.isHouseDue(now, setup.housekeepingSeconds) {
      try await ports.ledger.prune(now: now)
      // At the start there is none better than the one it was started from.
      if round.houseKeptAt.milliseconds > 0 { try await keeper.saveSnapshot() }
      round.houseKeptAt = now
    }
    if round.isBeatDue(now) {
      try await ports.ledger.beat(now: now)
      round.beatAt = now
    }
  }

  /// The watchdog is fed only while every part turns; without one nobody needs to look.
  private func feed() {
    guard let notify, notify.watchdogSeconds != nil else { return }
    let stuck = pulse.stuck(now: ports.clock.now())
    guard stuck.isEmpty else {
      ports.log.error(
        "a part does not turn", metadata: ["parts": "\(stuck.joined(separator: ", "))"])
      return
    }
    notify.watchdog()
  }

  // MARK: Sending

  /// What is left from another run waits until the state is read: a claim has a large file looked
  /// through for damage, and the two would slow each other.
  private func send(_ credentials: Credentials) async throws {
    try await untilStopped { await opened.wait() }
    let sender = makeSender(credentials)
    // Discarding, because any other group keeps something of each post until its own end.
    try await withThrowingDiscardingTaskGroup { group in
      func start(_ claimed: [Claimed]) {
        if !claimed.isEmpty { ports.points.pass(.afterClaim) }
        for post in claimed {
          group.addTask {
            defer {
              inFlight.free()
              outgoing.raise()
            }
            try await deliver(post, sender)
          }
        }
      }
      while !isStopping, !group.isCancelled {
        let handedOver = inFlight.takeHandedOver()
        let claimed = handedOver.isEmpty ? try await claim() : handedOver
        start(claimed)
        pulse.beat("send", at: ports.clock.now(), nextWithin: 120)
        if claimed.isEmpty {
          try await pauseSending()
        } else {
          // What was claimed leaves before the next look.
          await Task.yield()
        }
      }
      // What is under way may end; what does not is of unknown fate on the next start.
      inFlight.close()
      let over = Latch()
      group.addTask {
        try? await ports.clock.sleep(seconds: Self.drainSeconds)
        over.set()
        outgoing.raise()
      }
      while !over.isSet, !Task.isCancelled {
        // Also what the keeper was claiming meanwhile.
        let isLast = !inFlight.isReserved
        start(inFlight.takeHandedOver())
        if isLast, inFlight.isEmpty { break }
        await outgoing.wait()
      }
      group.cancelAll()
    }
  }

  /// What waits and may go now, as much as there are places for.
  private func claim() async throws -> [Claimed] {
    let reserved = inFlight.reserve()
    var claimed: [Claimed] = []
    defer { inFlight.use(claimed.count, of: reserved) }
    guard reserved > 0 else { return [] }
    claimed =
      try await patiently("sender") {
        try await gate.claim(
          from: ports.ledger, accounts: names, limit: reserved, now: ports.clock.now())
      } ?? []
    return claimed
  }

  private func makeSender(_ credentials: Credentials) -> Sender {
    let unreachable = unreachable
    let incoming = incoming
    var sender = Sender(
      accounts: Dictionary(setup.accounts.map { ($0.name, $0) }, uniquingKeysWith: { $1 }),
      ledger: ports.ledger, network: ports.network, clock: ports.clock, chance: ports.chance,
      credentials: credentials, buckets: Buckets(share: setup.limits.platformShare),
      speaker: .alone(setup.words, language: setup.admission.language), log: ports.log
    ) { identity in
      unreachable.add(identity)
      incoming.raise()
    }
    sender.gate = gate
    sender.points = ports.points
    sender.seal = setup.seal
    return sender
  }

  private func deliver(_ post: Claimed, _ sender: Sender) async throws {
    let settlements = await sender.carryAll(post)
    ports.points.pass(.beforeSettle)
    // Sent or not, the ledger must learn it: a refusing disk is waited for.
    while !Task.isCancelled {
      let settled: Void? = try await patiently("settle") {
        try await ports.ledger.settle(settlements, now: ports.clock.now())
      }
      if settled != nil {
        ports.points.pass(.afterSettle)
        return
      }
    }
  }

  private func pauseSending() async throws {
    let now = ports.clock.now()
    var pause = setup.tickSeconds
    if let next = try await patiently("schedule", { try await ports.ledger.nextSendAt() }) ?? nil {
      // What is due and held back must not keep this loop turning.
      let least = gate.isHolding ? 1 : 0.01
      pause = min(pause, max(least, Double(next.milliseconds - now.milliseconds) / 1000))
    }
    await outgoing.wait(atMost: pause, clock: ports.clock)
  }
}

/// When the keeper last did what it does now and then.
private struct Round {
  var rangAt: Instant
  var beatAt: Instant
  var houseKeptAt: Instant

  init(startedAt: Instant) {
    rangAt = Instant(milliseconds: startedAt.milliseconds - 60_000)
    beatAt = Instant(milliseconds: 0)
    // At the first turn, for those that never live an hour.
    houseKeptAt = Instant(milliseconds: 0)
  }

  /// Reminders are due at or after a minute; looking once in each is enough.
  func isRingDue(_ now: Instant) -> Bool {
    now.seconds / 60 != rangAt.seconds / 60
  }

  func isBeatDue(_ now: Instant) -> Bool { abs(now.seconds(since: beatAt)) >= 10 }
  func isHouseDue(_ now: Instant, _ seconds: Int64) -> Bool {
    abs(now.seconds(since: houseKeptAt)) >= seconds
  }

  func pause(_ now: Instant, _ tickSeconds: Double) -> Double {
    min(tickSeconds, Double(60_000 - now.milliseconds % 60_000) / 1000 + 0.005)
  }
}

private final class Rung: Sendable {
  private let instant = Mutex<Instant?>(nil)

  var at: Instant? { instant.withLock { $0 } }
  func set(_ now: Instant) { instant.withLock { $0 = now } }
}

/// People to whom a platform would not let us write, until the keeper has seen to it.
final class Unreachable: Sendable {
  private let list = Mutex<[Identity]>([])

  func add(_ identity: Identity) {
    list.withLock { if $0.count < 1000, !$0.contains(identity) { $0.append(identity) } }
  }

  func takeAll() -> [Identity] {
    list.withLock { list in
      let all = list
      list = []
      return all
    }
  }
}
