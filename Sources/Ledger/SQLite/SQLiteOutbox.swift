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
