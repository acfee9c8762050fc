import Crew
import Foundation
import GRDB

extension SQLiteLedger {
  public func claim(accounts: Set<String>, limit: Int, now: Instant) async throws -> [Claimed] {
    let claim = Claim(
      ClaimWish(accounts: accounts, limit: limit), epoch: opening.epoch, now)
    return try await writeSynced { [points] db in try claim.make(db, points) }
  }

  public func claimBehind(_ post: Int64, limit: Int, now: Instant) async throws -> [Claimed] {
    let epoch = opening.epoch
    return try await writeSynced { db in
      try db.rows(
        """
        SELECT \(Lot.columns) FROM outbox
        WHERE active = 1 AND state = 'queued' AND first_sent_ms IS NULL AND id > ?1
          AND target = (SELECT target FROM outbox WHERE id = ?1 AND state = 'sending')
        ORDER BY id LIMIT ?2
        """, post, max(limit, 0)
      ) { try Lot($0) }.map { lot in
        var lot = lot
        lot.fate.claim(epoch: epoch, now: now)
        try lot.fate.update(db, id: lot.id)
        return try lot.claimed()
      }
    }
  }

  public func settle(_ settlements: [(id: Int64, Settlement)], now: Instant) async throws {
    guard !settlements.isEmpty else { return }
    let epoch = opening.epoch
    let settlements = settlements.map { (id: $0.id, settlement: $0.1) }
    try await write(isShort: true) { [points] db in
      for (id, settlement) in settlements {
        let found = try db.row("SELECT target, \(Fate.columns) FROM outbox WHERE id = ?", id) {
          (target: try $0[0] as String, fate: try Fate($0, from: 1))
        }
        guard let found else {
          throw LedgerFault.overtaken("there is no post \(id): nothing was settled")
        }
        var fate = found.fate
        try fate.settle(settlement, id: id, epoch: epoch, now: now)
        try fate.update(db, id: id)
        points.pass(.midSettle)
        try Self.follow(fate, of: id, target: found.target, db)
      }
    }
  }

  /// What the new fate of a post means for the others of its target.
  private static func follow(_ fate: Fate, of id: Int64, target: String, _ db: Database) throws {
    if fate.state == .sent {
      try db.run(
        "UPDATE outbox SET owed = 0, disclosed_in = ?1 WHERE owed = 1 AND target = ?2"
          + " AND told_by = ?1", id, target)
    }
    try placeHead(target, db)
  }

  /// Keeps `head` on the one active post of a target that may be claimed: the one under way, else
  /// the oldest.
  private static func placeHead(_ target: String, _ db: Database) throws {
    func oldest(_ state: Fate.State) throws -> Int64? {
      try db.number(
        "SELECT min(id) FROM outbox WHERE active = 1 AND target = ? AND state = ?", target,
        state.rawValue)
    }
    let under = try oldest(.sending)
    let head = try under ?? [oldest(.unknown), oldest(.queued)].compactMap(\.self).min()
    let marked: [Int64] = try db.rows(
      "SELECT id FROM outbox WHERE head = 1 AND target = ?", target
    ) { try $0[0] }
    for id in marked where id != head {
      try db.run("UPDATE outbox SET head = 0 WHERE id = ?", id)
    }
    if let head, !marked.contains(head) {
      try db.run("UPDATE outbox SET head = 1 WHERE id = ?", head)
    }
  }

  static func orphanClaims(_ db: Database) throws {
    let claims = try db.rows(
      "SELECT id, target, \(Fate.columns) FROM outbox WHERE active = 1 AND state = 'sending'"
    ) { (id: try $0[0] as Int64, target: try $0[1] as String, fate: try Fate($0, from: 2)) }
    for claim in claims {
      var fate = claim.fate
      fate.orphan()
      try fate.update(db, id: claim.id)
    }
    for target in Set(claims.map(\.target)) { try placeHead(target, db) }
  }

  public func sentID(ofKey key: String) async throws -> String? {
    try await read(isShort: true) {
      try $0.text("SELECT remote_id FROM outbox WHERE dkey = ? AND state = 'sent'", key)
    }
  }

  public func isAnothers(_ sentID: String, than post: Int64) async throws -> Bool {
    try await read { db in
      try db.number(
        """
        SELECT 1 FROM outbox WHERE id BETWEEN ?1 - ?3 AND ?1 + ?3 AND id <> ?1 AND remote_id = ?2
          AND account = (SELECT account FROM outbox WHERE id = ?1)
        """, post, sentID, OutboxRow.neighboursMax) != nil
    }
  }

  public func nextSendAt() async throws -> Instant? {
    try await read(isShort: true) { db in
      Instant(
        try db.number(
          "SELECT min(not_before_ms) FROM outbox WHERE head = 1 AND state <> 'sending'"))
    }
  }

  public func moveRoom(_ room: Room, to id: String) async throws {
    let target = Target.room(room)
    guard let moved = target.moved(from: room, to: id), moved != target else { return }
    let (old, new) = (JSONWriter.text(target), JSONWriter.text(moved))
    try await write { [points] db in
      try db.run("UPDATE outbox SET target = ?, head = 0 WHERE active = 1 AND target = ?", new, old)
      points.pass(.midMove)
      try db.run("UPDATE outbox SET target = ? WHERE owed = 1 AND target = ?", new, old)
      try Self.placeHead(new, db)
    }
  }
}

extension Fate {
  static let columns = """
    state, not_before_ms, attempt, claim_epoch, claimed_ms, first_sent_ms, progress, remote_id,
    reason, settled_ms
    """

  /// - Parameter first: where its columns begin.
  init(_ row: Columns, from first: Int) throws {
    guard let state = State(rawValue: try row[first]) else {
      throw LedgerFault.corrupt("a post is in a state that this program does not know")
    }
    self.state = state
    notBefore = Instant(milliseconds: try row[first + 1])
    attempt = try row[first + 2]
    claimEpoch = try row[first + 3]
    claimedAt = Instant(try row[first + 4])
    firstSentAt = Instant(try row[first + 5])
    progress = try row[first + 6]
    remoteID = try row[first + 7]
    reason = try row[first + 8]
    settledAt = Instant(try row[first + 9])
  }

  func update(_ db: Database, id: Int64) throws {
    try db.run(
      """
      UPDATE outbox SET state = ?, not_before_ms = ?, attempt = ?, claim_epoch = ?,
        claimed_ms = ?, first_sent_ms = ?, progress = ?, remote_id = ?, reason = ?,
        settled_ms = ?, active = ?, owed = ?
      WHERE id = ?
      """,
      state.rawValue, notBefore.milliseconds, attempt, claimEpoch, claimedAt?.milliseconds,
      firstSentAt?.milliseconds, progress, remoteID, reason, settledAt?.milliseconds,
      state.isActive, state.isOwed, id)
  }
}

/// Claims of posts whose time has come, as part of a transaction.
struct Claim: Sendable {
  private let names: [String]
  private let limit: Int
  private let epoch: Int64
  private let now: Instant

  init(_ wish: ClaimWish, epoch: Int64, _ now: Instant) {
    names = wish.accounts.sorted()
    limit = max(wish.limit, 0)
    self.epoch = epoch
    self.now = now
  }

  /// A few are named one by one; more are a table of their own, which takes longer to make.
  private var accounts: (sql: String, values: [any Bound]) {
    guard names.count > 4 else {
      return (names.map { _ in "?" }.joined(separator: ", "), names)
    }
    return (
      "SELECT value FROM json_each(?)", [JSONWriter.text(names.map(Coding.stored))]
    )
  }

  func make(_ db: Database, _ points: CrashPoints) throws -> [Claimed] {
    try Outlet(db, self, now: now).end(points)
  }

  /// Of what lies in the outbox.
  fileprivate func older(_ db: Database) throws -> [Claimed] {
    let accounts = self.accounts
    // Read inside of the transaction too: what cannot be read must not stay claimed.
    return try db.rows(
      """
      SELECT \(Lot.columns) FROM outbox
      WHERE head = 1 AND state <> 'sending' AND (not_before_ms <= ? OR not_before_ms > ?)
        AND account IN (\(accounts.sql))
      ORDER BY first_sent_ms IS NULL, id LIMIT ?
      """,
      values: [now.milliseconds, now.adding(hours: Fate.waitHoursMax).milliseconds]
        + accounts.values + [limit]
    ) { try Lot($0) }.map { try $0.claim(db, epoch: epoch, now: now).claimed() }
  }

  /// What a post begins with that is drafted now.
  /// - Parameters:
  ///   - isHead: it stands first for its target.
  ///   - before: how many are claimed already, which all go before it.
  fileprivate func fate(of draft: Draft, isHead: Bool, before: Int) -> Fate {
    var fate = Fate()
    if isHead, before < limit, names.contains(draft.target.account) {
      fate.claim(epoch: epoch, now: now)
    }
    return fate
  }
}

/// Where a transaction puts its drafts. What is claimed of them is claimed as it is put there: to
/// find it again and change it took as long as to put it there.
struct Outlet {
  private let claim: Claim?
  private let now: Instant
  private var claimed: [Claimed]

  init(_ db: Database, _ claim: Claim?, now: Instant) throws {
    (self.claim, self.now) = (claim, now)
    claimed = try claim?.older(db) ?? []
  }

  mutating func insert(_ prepared: Prepared.DraftRow, _ db: Database) throws {
    let draft = prepared.draft
    let isHead =
      try db.number("SELECT 1 FROM outbox WHERE active = 1 AND target = ?", prepared.target) == nil
    let fate = claim?.fate(of: draft, isHead: isHead, before: claimed.count) ?? Fate()
    try db.run(
      """
      INSERT INTO outbox(
        dkey, account, target, kind, body, created_ms, state, active, head, not_before_ms, attempt,
        claim_epoch, claimed_ms)
      SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, 0, ?9, ?10, ?11
      WHERE NOT EXISTS(SELECT 1 FROM spent WHERE dkey = ?1)
        AND NOT EXISTS(SELECT 1 FROM outbox WHERE dkey = ?1)
      ON CONFLICT(dkey) DO NOTHING
      """, draft.key, draft.target.account, prepared.target, draft.kind.rawValue, prepared.post,
      now.milliseconds, fate.state.rawValue, isHead, fate.attempt, fate.claimEpoch,
      fate.claimedAt?.milliseconds)
    guard fate.state == .sending, db.changesCount == 1 else { return }
    let id = db.lastInsertedRowID
    let row = OutboxRow(id: id, draft: draft, createdAt: now, fate: fate)
    claimed.append(row.claimed(undisclosed: try Lot.disclose(in: id, prepared.target, db)))
  }

  /// - Returns: all that is claimed.
  func end(_ points: CrashPoints) -> [Claimed] {
    if !claimed.isEmpty { points.pass(.midClaim) }
    return claimed
  }
}

/// A row of the outbox on its way to the sender.
private struct Lot: Sendable {
  static let columns = "id, dkey, target, kind, body, created_ms, \(Fate.columns)"

  let id: Int64
  let key: String
  let target: String
  let kind: String
  let body: String
  let createdAt: Instant
  var fate: Fate
  var undisclosed: [Undisclosed] = []

  init(_ row: Columns) throws {
    (id, key, target) = (try row[0], try row[1], try row[2])
    (kind, body) = (try row[3], try row[4])
    createdAt = Instant(milliseconds: try row[5])
    fate = try Fate(row, from: 6)
  }

  func claim(_ db: Database, epoch: Int64, now: Instant) throws -> Lot {
    var lot = self
    lot.fate.claim(epoch: epoch, now: now)
    try lot.fate.update(db, id: id)
    lot.undisclosed = try Self.disclose(in: id, target, db)
    return lot
  }

  /// What was lost of a target, which a post to it is to tell of.
  static func disclose(in post: Int64, _ target: String, _ db: Database) throws -> [Undisclosed] {
    let undisclosed = try db.rows(
      "SELECT id, kind, created_ms, state FROM outbox WHERE owed = 1 AND target = ? ORDER BY id",
      target
    ) { row in
      Undisclosed(
        id: try row[0], kind: try kind(try row[1]),
        createdAt: Instant(milliseconds: try row[2]),
        isDoubtful: try row[3] == Fate.State.doubtful.rawValue)
    }
    if !undisclosed.isEmpty {
      try db.run("UPDATE outbox SET told_by = ? WHERE owed = 1 AND target = ?", post, target)
    }
    return undisclosed
  }

  func claimed() throws -> Claimed {
    let draft = Draft(
      key: key, target: try Coding.value(target, place: "post \(id)"), kind: try Self.kind(kind),
      post: try Coding.value(body, place: "post \(id)"))
    return OutboxRow(id: id, draft: draft, createdAt: createdAt, fate: fate)
      .claimed(undisclosed: undisclosed)
  }

  private static func kind(_ text: String) throws -> Draft.Class {
    guard let kind = Draft.Class(rawValue: text) else {
      throw LedgerFault.corrupt("a post is of a class that this program does not know: \(text)")
    }
    return kind
  }
}
