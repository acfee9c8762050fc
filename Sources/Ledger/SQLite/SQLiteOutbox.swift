import Crew
import Foundation
import GRDB

extension SQLiteLedger {
  public func claim(accounts: Set<String>, limit: Int, now: Instant) async throws -> [Claimed] {
    let claim = try Claim(
      ClaimWish(accounts: accounts, limit: limit), epoch: opening.epoch, now)
    return try await writeSynced { [points] db in try claim.make(db, Drafts(), points) }
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
      ).map { row in
        var lot = try Lot(row)
        lot.fate.claim(epoch: epoch, now: now)
        try lot.fate.update(db, id: lot.id)
        return try lot.claimed(Drafts())
      }
    }
  }

  public func settle(_ settlements: [(id: Int64, Settlement)], now: Instant) async throws {
    guard !settlements.isEmpty else { return }
    let epoch = opening.epoch
    let settlements = settlements.map { (id: $0.id, settlement: $0.1) }
    try await write(isShort: true) { [points] db in
      for (id, settlement) in settlements {
        guard
          let row = try db.row("SELECT \(Fate.columns), target FROM outbox WHERE id = ?", id)
        else { throw LedgerFault.overtaken("there is no post \(id): nothing was settled") }
        var fate = try Fate(row)
        try fate.settle(settlement, id: id, epoch: epoch, now: now)
        try fate.update(db, id: id)
        points.pass(.midSettle)
        try Self.follow(fate, of: id, target: row["target"], db)
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
    let marked = try db.rows("SELECT id FROM outbox WHERE head = 1 AND target = ?", target)
      .map { $0[0] as Int64 }
    for id in marked where id != head {
      try db.run("UPDATE outbox SET head = 0 WHERE id = ?", id)
    }
    if let head, !marked.contains(head) {
      try db.run("UPDATE outbox SET head = 1 WHERE id = ?", head)
    }
  }

  static func orphanClaims(_ db: Database) throws {
    let rows = try db.rows(
      "SELECT id, target, \(Fate.columns) FROM outbox WHERE active = 1 AND state = 'sending'")
    for row in rows {
      var fate = try Fate(row)
      fate.orphan()
      try fate.update(db, id: row["id"])
    }
    for target in Set(rows.map { $0["target"] as String }) { try placeHead(target, db) }
  }

  public func sentID(ofKey key: String) async throws -> String? {
    try await read(isShort: true) {
      try $0.text("SELECT remote_id FROM outbox WHERE dkey = ? AND state = 'sent'", key)
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
    let (old, new) = (try Coding.text(target), try Coding.text(moved))
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

  init(_ row: Row) throws {
    guard let state = State(rawValue: row["state"]) else {
      throw LedgerFault.corrupt("a post is in a state that this program does not know")
    }
    self.state = state
    notBefore = Instant(milliseconds: row["not_before_ms"])
    attempt = row["attempt"]
    claimEpoch = row["claim_epoch"]
    claimedAt = Instant(row["claimed_ms"] as Int64?)
    firstSentAt = Instant(row["first_sent_ms"] as Int64?)
    progress = row["progress"]
    remoteID = row["remote_id"]
    reason = row["reason"]
    settledAt = Instant(row["settled_ms"] as Int64?)
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
  private let names: String
  private let limit: Int
  private let epoch: Int64
  private let now: Instant

  init(_ wish: ClaimWish, epoch: Int64, _ now: Instant) throws(LedgerFault) {
    names = try Coding.text(wish.accounts.map(Coding.stored).sorted())
    limit = max(wish.limit, 0)
    self.epoch = epoch
    self.now = now
  }

  func make(_ db: Database, _ drafts: Drafts, _ points: CrashPoints) throws -> [Claimed] {
    // Read inside of the transaction too: what cannot be read must not stay claimed.
    let claimed = try db.rows(
      """
      SELECT \(Lot.columns) FROM outbox
      WHERE head = 1 AND state <> 'sending' AND (not_before_ms <= ? OR not_before_ms > ?)
        AND account IN (SELECT value FROM json_each(?))
      ORDER BY first_sent_ms IS NULL, id LIMIT ?
      """, now.milliseconds, now.adding(hours: Fate.waitHoursMax).milliseconds, names, limit
    ).map { try Lot($0).claim(db, epoch: epoch, now: now).claimed(drafts) }
    if !claimed.isEmpty { points.pass(.midClaim) }
    return claimed
  }
}

/// Drafts that are at hand beside the text that they were stored as.
struct Drafts: Sendable {
  private var known: [String: (text: Prepared.Draft, draft: Draft)] = [:]

  init() {}

  init(_ rulings: [Ruling], _ prepared: [Prepared]) {
    for (draft, text) in zip(rulings.flatMap(\.drafts), prepared.flatMap(\.drafts)) {
      known[text.key] = (text, draft)
    }
  }

  var isEmpty: Bool { known.isEmpty }

  /// Nil where the row is another's: a key is taken for ever.
  func draft(key: String, target: String, kind: String, post: String) -> Draft? {
    guard let known = known[key], known.text.target == target, known.text.kind == kind,
      known.text.post == post
    else { return nil }
    return known.draft
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

  init(_ row: Row) throws {
    (id, key, target) = (row["id"], row["dkey"], row["target"])
    (kind, body) = (row["kind"], row["body"])
    createdAt = Instant(milliseconds: row["created_ms"])
    fate = try Fate(row)
  }

  func claim(_ db: Database, epoch: Int64, now: Instant) throws -> Lot {
    var lot = self
    lot.fate.claim(epoch: epoch, now: now)
    try lot.fate.update(db, id: id)
    let owed = try db.rows(
      "SELECT id, kind, created_ms, state FROM outbox WHERE owed = 1 AND target = ? ORDER BY id",
      target)
    guard !owed.isEmpty else { return lot }
    try db.run("UPDATE outbox SET told_by = ? WHERE owed = 1 AND target = ?", id, target)
    lot.undisclosed = try owed.map { row in
      Undisclosed(
        id: row[0], kind: try Lot.kind(row[1]), createdAt: Instant(milliseconds: row[2]),
        isDoubtful: row[3] == Fate.State.doubtful.rawValue)
    }
    return lot
  }

  func claimed(_ drafts: Drafts) throws -> Claimed {
    let draft =
      try drafts.draft(key: key, target: target, kind: kind, post: body)
      ?? Draft(
        key: key, target: try Coding.value(target, place: "post \(id)"), kind: try Lot.kind(kind),
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
