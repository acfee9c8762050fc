import Crew
import GRDB

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
      return (names.map { _ in "?" }.joined(separator: ", "), names.map { $0 as any Bound })
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
  /// Where something stands already, as far as that was asked.
  private var lanes: Set<String> = []

  init(_ db: Database, _ claim: Claim?, now: Instant) throws {
    (self.claim, self.now) = (claim, now)
    claimed = try claim?.older(db) ?? []
  }

  mutating func insert(_ prepared: Prepared.DraftRow, _ db: Database) throws {
    let draft = prepared.draft
    let taken = try db.number(
      "SELECT 1 FROM spent WHERE dkey = ?1 UNION ALL SELECT 1 FROM outbox WHERE dkey = ?1",
      draft.key)
    guard taken == nil else { return }
    let isHead = try isFree(prepared.target, db)
    let fate = claim?.fate(of: draft, isHead: isHead, before: claimed.count) ?? Fate()
    // One row of values. Where SQLite adds what a query found, it keeps a copy of each page that it
    // changes, in case the statement fails halfway: that took as long as the rest of the commit.
    try db.run(
      """
      INSERT INTO outbox(
        dkey, account, target, kind, body, created_ms, state, active, head, not_before_ms, attempt,
        claim_epoch, claimed_ms)
      VALUES(?, ?, ?, ?, ?, ?, ?, 1, ?, 0, ?, ?, ?)
      """, draft.key, draft.target.account, prepared.target, draft.kind.rawValue, prepared.post,
      now.milliseconds, fate.state.rawValue, isHead, fate.attempt, fate.claimEpoch,
      fate.claimedAt?.milliseconds)
    guard fate.state == .sending else { return }
    let id = db.lastInsertedRowID
    let row = OutboxRow(id: id, draft: draft, createdAt: now, fate: fate)
    claimed.append(row.claimed(undisclosed: try Lot.disclose(in: id, prepared.target, db)))
  }

  /// Whether nothing stands in the lane of this target. Something does from now on.
  private mutating func isFree(_ target: String, _ db: Database) throws -> Bool {
    if lanes.contains(target) { return false }
    guard try db.number("SELECT 1 FROM outbox WHERE active = 1 AND target = ?", target) != nil
    else { return true }
    lanes.insert(target)
    return false
  }

  /// - Returns: all that is claimed.
  func end(_ points: CrashPoints) -> [Claimed] {
    if !claimed.isEmpty { points.pass(.midClaim) }
    return claimed
  }
}

/// A row of the outbox on its way to the sender.
struct Lot: Sendable {
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
