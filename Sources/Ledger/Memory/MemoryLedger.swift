import Crew
import Synchronization

/// A ledger without a disk, for simulations and tests. It keeps the whole contract but the last
/// sentence: what it holds dies with it, unless `restarted` takes it over.
public final class MemoryLedger: Ledger {
  public let opening: Opening
  private let content: Mutex<Content>
  private let refusal: @Sendable () -> LedgerFault?

  /// - Parameters:
  ///   - instance: what a real ledger draws at random when it is made.
  ///   - refusal: asked before anything is stored; what it returns is thrown instead, as by a disk
  ///     that is full.
  public init(
    instance: String = "memory", epoch: Int64 = 1,
    refusal: @escaping @Sendable () -> LedgerFault? = { nil }
  ) {
    opening = Opening(epoch: epoch, instance: instance, lastAliveAt: nil, unknown: 0)
    content = Mutex(Content(epoch: epoch))
    self.refusal = refusal
  }

  private init(
    _ content: Content, instance: String, refusal: @escaping @Sendable () -> LedgerFault?
  ) {
    opening = Opening(
      epoch: content.epoch, instance: instance, lastAliveAt: content.aliveAt,
      unknown: content.outbox.count(.unknown))
    self.content = Mutex(content)
    self.refusal = refusal
  }

  /// The ledger as the next run finds it after this one died at this very moment: the same content,
  /// the next epoch, claims under way of unknown fate. From now on this one throws `.overtaken`, so
  /// that whatever is left of the dead run can change nothing.
  ///
  /// - Parameter blame: as in `SQLiteLedger.open`.
  public func restarted(blame: Int = 1) async -> MemoryLedger {
    let next = content.withLock { content in
      var next = content
      next.dropHeld()
      content.isOvertaken = true
      next.begin(blame: blame)
      return next
    }
    return MemoryLedger(next, instance: opening.instance, refusal: refusal)
  }

  /// Whether there is something that the death of the process would take.
  public var isHolding: Bool { content.withLock { $0.held != nil } }

  /// A call that stores something, and with it what is held. All or nothing is kept by `body`: it
  /// throws before it changes anything.
  private func use<T: Sendable>(
    _ body: (inout Content) throws(LedgerFault) -> T
  ) throws(LedgerFault) -> T {
    if let fault = refusal() { throw fault }
    return try with { content throws(LedgerFault) in
      let value = try body(&content)
      content.held = nil
      return value
    }
  }

  private func look<T: Sendable>(_ body: (Content) -> T) throws(LedgerFault) -> T {
    try with { body($0) }
  }

  private func with<T: Sendable>(
    _ body: (inout Content) throws(LedgerFault) -> T
  ) throws(LedgerFault) -> T {
    try content.withLock { content throws(LedgerFault) in
      guard !content.isOvertaken else {
        throw .overtaken("another run took over: nothing was stored")
      }
      return try body(&content)
    }
  }

  public func cursor(of account: String) async throws -> String? {
    try use { $0.cursors[account] }
  }

  public func ingest(
    _ arrivals: [Arrival], account: String, from: String?, to: String, now: Instant, mayWait: Bool
  ) async throws -> Int {
    try with { content throws(LedgerFault) in
      guard content.cursors[account] == from else {
        throw .overtaken("the cursor of \(account) was moved by somebody else: nothing was stored")
      }
      let isHeld =
        mayWait && content.held == nil && (1...Arrival.waitingMax).contains(arrivals.count)
      // A quiet look stores nothing.
      if !isHeld, !arrivals.isEmpty || to != from, let fault = refusal() { throw fault }
      content.held =
        isHeld
        ? Content.Held(account: account, cursor: from, lastNumber: content.inbox.lastNumber) : nil
      content.cursors[account] = to
      return arrivals.count { content.inbox.add($0.message, account: account, now: now) }
    }
  }

  /// Nothing outlives the process, so there is nothing to wait for.
  public func sync() async throws { try use { _ in } }
  public func flush() -> Bool { true }

  public func waiting(limit: Int) async throws -> [Waiting] {
    try look { $0.inbox.waiting(limit: limit) }
  }

  public func suspect(_ update: Int64) async throws {
    try use { $0.inbox.suspect(update) }
  }

  public func record(
    _ rulings: [Ruling], now: Instant, claiming wish: ClaimWish?
  ) async throws -> Recorded {
    try use { content in
      let stored = rulings.map { content.record($0, now: now) }
      guard let wish, rulings.contains(where: { !$0.drafts.isEmpty }) else {
        return Recorded(stored: stored)
      }
      let claimed = content.outbox.claim(
        accounts: wish.accounts, limit: wish.limit, epoch: content.epoch, now: now)
      return Recorded(stored: stored, claimed: claimed)
    }
  }

  public func events(after number: Int64, limit: Int) async throws -> [Numbered] {
    try look { content in
      let first = Int(min(max(number, 0), Int64(content.events.count)))
      return content.events[first...].prefix(max(limit, 0)).enumerated().map {
        Numbered(number: Int64(first + $0.offset + 1), entry: $0.element)
      }
    }
  }

  public func lastEventNumber() async throws -> Int64 { try look { Int64($0.events.count) } }

  public func claim(accounts: Set<String>, limit: Int, now: Instant) async throws -> [Claimed] {
    try use { $0.outbox.claim(accounts: accounts, limit: limit, epoch: $0.epoch, now: now) }
  }

  public func claimBehind(_ post: Int64, limit: Int, now: Instant) async throws -> [Claimed] {
    try use { $0.outbox.claimBehind(post, limit: limit, epoch: $0.epoch, now: now) }
  }

  public func settle(_ settlements: [(id: Int64, Settlement)], now: Instant) async throws {
    try use { content throws(LedgerFault) in
      try content.outbox.settle(settlements, epoch: content.epoch, now: now)
    }
  }

  public func sentID(ofKey key: String) async throws -> String? {
    try look { $0.outbox.sentID(ofKey: key) }
  }

  public func isAnothers(_ sentID: String, than post: Int64) async throws -> Bool {
    try look { $0.outbox.isAnothers(sentID, than: post) }
  }

  public func nextSendAt() async throws -> Instant? { try look { $0.outbox.nextSendAt() } }

  public func moveRoom(_ room: Room, to id: String) async throws {
    try use { $0.outbox.moveRoom(room, to: id) }
  }

  public func snapshot() async throws -> (number: Int64, body: [UInt8])? {
    try look { $0.snapshot.map { ($0.number, $0.body) } }
  }

  public func saveSnapshot(number: Int64, body: [UInt8]) async throws {
    try use { content in
      if let kept = content.snapshot, kept.number > number { return }
      content.snapshot = Content.Snapshot(number: number, body: body)
    }
  }

  public func beat(now: Instant) async throws { try use { $0.aliveAt = now } }

  public func prune(now: Instant) async throws { try use { $0.prune(Keeping(now: now)) } }

  public func counts() async throws -> LedgerCounts {
    try look { content in
      LedgerCounts(
        waiting: content.inbox.count(.new), quarantined: content.inbox.count(.quarantined),
        queued: content.outbox.count(.queued), sending: content.outbox.count(.sending),
        unknown: content.outbox.count(.unknown),
        events: Int64(content.events.count))
    }
  }

  public func close() async {
    content.withLock { content in
      content.held = nil
      content.inbox.acquit()
    }
  }
}

/// Everything a memory ledger holds, as a value: a copy of it is a copy of the disk.
struct Content: Sendable {
  struct Snapshot: Sendable {
    var number: Int64
    var body: [UInt8]
  }

  /// What was before updates that are stored with what comes next.
  struct Held: Sendable {
    var account: String
    var cursor: String?
    var lastNumber: Int64
  }

  var epoch: Int64
  var isOvertaken = false
  var held: Held?
  var aliveAt: Instant?
  var cursors: [String: String] = [:]
  var inbox = MemoryInbox()
  var events: [Entry] = []
  var slots: [String: Instant] = [:]
  var outbox = MemoryOutbox()
  var snapshot: Snapshot?

  init(epoch: Int64) { self.epoch = epoch }

  /// The process dies: what was held was never stored.
  mutating func dropHeld() {
    guard let held else { return }
    cursors[held.account] = held.cursor
    inbox.forget(after: held.lastNumber)
    self.held = nil
  }

  /// What a start does to the content.
  mutating func begin(blame: Int) {
    epoch += 1
    inbox.blameSuspects(blame)
    outbox.orphanClaims()
  }

  mutating func record(_ ruling: Ruling, now: Instant) -> Bool {
    switch ruling.cause {
    case .update(let number, let outcome):
      guard inbox.end(number, outcome) else { return false }
    case .slots(let keys):
      guard keys.allSatisfy({ slots[$0] == nil }) else { return false }
      for key in keys { slots[key] = now }
    case .own: break
    }
    events += ruling.entries
    for draft in ruling.drafts { outbox.add(draft, now: now) }
    return true
  }

  mutating func prune(_ keeping: Keeping) {
    inbox.prune(keeping)
    outbox.prune(keeping)
    slots = slots.filter { $0.value >= keeping.slots }
  }
}
