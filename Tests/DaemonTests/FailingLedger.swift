import Crew
import Ledger

/// A ledger one call of which fails, as a full disk does, or to which something happens between two
/// calls.
struct FailingLedger: Ledger {
  let inner: any Ledger
  let failing: String
  /// Called with the cursor that a storing begins at.
  let beforeIngest: @Sendable (String?) async throws -> Void
  /// Called when something has been stored, before anybody knows.
  let afterRecord: @Sendable () async throws -> Void

  init(
    _ inner: any Ledger, failing: String = "",
    beforeIngest: @escaping @Sendable (String?) async throws -> Void = { _ in },
    afterRecord: @escaping @Sendable () async throws -> Void = {}
  ) {
    self.inner = inner
    self.failing = failing
    self.beforeIngest = beforeIngest
    self.afterRecord = afterRecord
  }

  private func call(_ name: String) throws {
    if name == failing { throw LedgerFault.disk("no space left") }
  }

  var opening: Opening { inner.opening }
  func cursor(of account: String) async throws -> String? {
    try call("cursor")
    return try await inner.cursor(of: account)
  }
  func ingest(
    _ arrivals: [Arrival], account: String, from: String?, to: String, now: Instant, mayWait: Bool
  ) async throws -> Int {
    try call("ingest")
    try await beforeIngest(from)
    return try await inner.ingest(
      arrivals, account: account, from: from, to: to, now: now, mayWait: mayWait)
  }
  func sync() async throws {
    try call("sync")
    try await inner.sync()
  }
  func waiting(limit: Int) async throws -> [Waiting] {
    try call("waiting")
    return try await inner.waiting(limit: limit)
  }
  func flush() -> Bool { failing != "flush" && inner.flush() }
  func suspect(_ update: Int64) async throws {
    try call("suspect")
    try await inner.suspect(update)
  }
  func record(_ rulings: [Ruling], now: Instant, claiming wish: ClaimWish?) async throws
    -> Recorded
  {
    try call("record")
    let recorded = try await inner.record(rulings, now: now, claiming: wish)
    try await afterRecord()
    return recorded
  }
  func events(after number: Int64, limit: Int) async throws -> [Numbered] {
    try await inner.events(after: number, limit: limit)
  }
  func lastEventNumber() async throws -> Int64 { try await inner.lastEventNumber() }
  func claim(accounts: Set<String>, limit: Int, now: Instant) async throws -> [Claimed] {
    try call("claim")
    if accounts.count == 1, let account = accounts.first { try call("claim of \(account)") }
    return try await inner.claim(accounts: accounts, limit: limit, now: now)
  }
  func claimBehind(_ post: Int64, limit: Int, now: Instant) async throws -> [Claimed] {
    try call("claimBehind")
    return try await inner.claimBehind(post, limit: limit, now: now)
  }
  func settle(_ settlements: [(id: Int64, Settlement)], now: Instant) async throws {
    try call("settle")
    try await inner.settle(settlements, now: now)
  }
  func sentID(ofKey key: String) async throws -> String? { try await inner.sentID(ofKey: key) }
  func isAnothers(_ sentID: String, than post: Int64) async throws -> Bool {
    try await inner.isAnothers(sentID, than: post)
  }
  func nextSendAt() async throws -> Instant? { try await inner.nextSendAt() }
  func moveRoom(_ room: Room, to id: String) async throws {
    try await inner.moveRoom(room, to: id)
  }
  func snapshot() async throws -> (number: Int64, body: [UInt8])? {
    try call("snapshot")
    return try await inner.snapshot()
  }
  func saveSnapshot(number: Int64, body: [UInt8]) async throws {
    try await inner.saveSnapshot(number: number, body: body)
  }
  func beat(now: Instant) async throws { try await inner.beat(now: now) }
  func prune(now: Instant) async throws { try await inner.prune(now: now) }
  func counts() async throws -> LedgerCounts { try await inner.counts() }
  func close() async { await inner.close() }
}
