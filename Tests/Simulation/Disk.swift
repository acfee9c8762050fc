import Crew
import Ledger

/// The ledger as the daemon sees it: any call may fail, the process may die on either side of it,
/// and what is stored is noted by somebody who is not the daemon.
struct Disk: Ledger {
  let inner: MemoryLedger
  let world: World

  private func call<Value: Sendable>(
    _ name: StaticString, _ body: () async throws -> Value,
    noting note: (inout Realm, Value) -> Void = { _, _ in }
  ) async throws -> Value {
    // A disk takes its time: others do something before and after.
    await Task.yield()
    try world.with { try $0.beforeDisk(name) }
    let value = try await body()
    try world.with { realm in
      note(&realm, value)
      if !inner.isHolding { realm.witness.storedAll() }
      try realm.afterDisk()
    }
    await Task.yield()
    return value
  }

  var opening: Opening { inner.opening }

  func cursor(of account: String) async throws -> String? {
    try await call("cursor") { try await inner.cursor(of: account) }
  }

  func ingest(
    _ arrivals: [Arrival], account: String, from: String?, to: String, now: Instant, mayWait: Bool
  ) async throws -> Int {
    try await call("ingest") {
      try await inner.ingest(
        arrivals, account: account, from: from, to: to, now: now, mayWait: mayWait)
    } noting: { realm, _ in
      realm.witness.ingested(arrivals, account, isStored: !inner.isHolding)
    }
  }

  /// Power does not fail here, so there is nothing more to lose than what was held.
  func sync() async throws {
    try await call("sync") { try await inner.sync() }
  }

  func flush() -> Bool { inner.flush() }

  func waiting(limit: Int) async throws -> [Waiting] {
    try await call("waiting") {
      try await inner.waiting(limit: limit)
    } noting: { realm, waiting in
      realm.trace.note(realm.time, "waiting \(waiting.map { "\($0.number) \($0.message.id)" })")
      realm.witness.waiting(waiting)
    }
  }

  func suspect(_ update: Int64) async throws {
    try await call("suspect") { try await inner.suspect(update) }
  }

  func record(_ rulings: [Ruling], now: Instant, claiming wish: ClaimWish?) async throws
    -> Recorded
  {
    try await call("record") {
      try await inner.record(rulings, now: now, claiming: wish)
    } noting: { realm, recorded in
      realm.activity += 1
      for (ruling, isStored) in zip(rulings, recorded.stored) where isStored {
        realm.trace.note(now, "stored \(ruling.cause) \(ruling.entries.map(\.event))")
        realm.witness.stored(ruling, now)
      }
      realm.witness.claimed(recorded.claimed)
    }
  }

  func events(after number: Int64, limit: Int) async throws -> [Numbered] {
    try await call("events") { try await inner.events(after: number, limit: limit) }
  }

  func lastEventNumber() async throws -> Int64 {
    try await call("lastEventNumber") { try await inner.lastEventNumber() }
  }

  func claim(accounts: Set<String>, limit: Int, now: Instant) async throws -> [Claimed] {
    try await call("claim") {
      try await inner.claim(accounts: accounts, limit: limit, now: now)
    } noting: {
      $0.witness.claimed($1)
    }
  }

  func claimBehind(_ post: Int64, limit: Int, now: Instant) async throws -> [Claimed] {
    try await call("claimBehind") {
      try await inner.claimBehind(post, limit: limit, now: now)
    } noting: {
      $0.witness.claimed($1)
    }
  }

  func settle(_ settlements: [(id: Int64, Settlement)], now: Instant) async throws {
    try await call("settle") {
      try await inner.settle(settlements, now: now)
    } noting: { realm, _ in
      for (id, settlement) in settlements { realm.witness.settled(id, settlement) }
    }
  }

  func sentID(ofKey key: String) async throws -> String? {
    try await call("sentID") { try await inner.sentID(ofKey: key) }
  }

  func isAnothers(_ sentID: String, than post: Int64) async throws -> Bool {
    try await call("isAnothers") { try await inner.isAnothers(sentID, than: post) }
  }

  func nextSendAt() async throws -> Instant? {
    try await call("nextSendAt") { try await inner.nextSendAt() }
  }

  func moveRoom(_ room: Room, to id: String) async throws {
    try await call("moveRoom") {
      try await inner.moveRoom(room, to: id)
    } noting: { realm, _ in
      realm.witness.moved(room, to: id)
    }
  }

  func snapshot() async throws -> (number: Int64, body: [UInt8])? {
    try await call("snapshot") { try await inner.snapshot() }
  }

  func saveSnapshot(number: Int64, body: [UInt8]) async throws {
    try await call("saveSnapshot") {
      try await inner.saveSnapshot(number: number, body: body)
    } noting: { realm, _ in
      guard realm.snapshotDice.isOne(in: 5) else { return }
      realm.witness.snapshot(number, body)
    }
  }

  func beat(now: Instant) async throws { try await call("beat") { try await inner.beat(now: now) } }
  func prune(now: Instant) async throws {
    try await call("prune") { try await inner.prune(now: now) }
  }
  func counts() async throws -> LedgerCounts { try await inner.counts() }
  func close() async { await inner.close() }
}
