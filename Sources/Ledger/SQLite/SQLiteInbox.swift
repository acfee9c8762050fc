import Crew
import GRDB

extension SQLiteLedger {
  public func cursor(of account: String) async throws -> String? {
    try await read(isShort: true) {
      try $0.text("SELECT cursor FROM account WHERE id = ?", account)
    }
  }

  public func ingest(
    _ arrivals: [Arrival], account: String, from: String?, to: String, now: Instant
  ) async throws -> Int {
    let rows = arrivals.map { Received($0.message) }
    let new = try await write(isShort: rows.count < 8) { [points] db in
      try Self.moveCursor(db, of: account, from: from, to: to)
      if !rows.isEmpty { points.pass(.midIngest) }
      // The number of each that is new.
      return try rows.map { try $0.insert(db, account: account, now: now) }
    } end: { [backlog] new in
      let waiting = zip(arrivals, new).compactMap { arrival, number -> Waiting? in
        guard let number, Received.state(arrival.message) == .new else { return nil }
        return Waiting(number: number, message: arrival.message, receivedAt: now, crashes: 0)
      }
      backlog.came(waiting)
      return false
    }
    return new.count { $0 != nil }
  }

  /// Compare and set: whoever read the stream from another place must not store what it brought.
  private static func moveCursor(
    _ db: Database, of account: String, from: String?, to: String
  ) throws {
    let found = try db.text("SELECT cursor FROM account WHERE id = ?", account)
    guard found == from.map(Coding.stored) else {
      throw LedgerFault.overtaken(
        "the cursor of \(account) was moved by somebody else: nothing was stored")
    }
    // A quiet poll writes nothing, so it costs no sync.
    guard found != Coding.stored(to) else { return }
    try db.run(
      "INSERT INTO account(id, cursor) VALUES(?, ?)"
        + " ON CONFLICT(id) DO UPDATE SET cursor = excluded.cursor", account, to)
  }

  public func waiting(limit: Int) async throws -> [Waiting] {
    try expectTrust()
    if let known = backlog.all { return Array(known.prefix(max(limit, 0))) }
    return try await read(isShort: limit <= 64) { [backlog] db in
      let found = try db.rows(
        "SELECT number, received_ms, crashes, body FROM inbox WHERE state = 'new'"
          + " ORDER BY number LIMIT ?", max(limit, 0)
      ) { row in
        let (number, body): (Int64, String?) = (try row[0], try row[3])
        return Waiting(
          number: number, message: try Coding.value(body ?? "", place: "update \(number)"),
          receivedAt: Instant(milliseconds: try row[1]), crashes: try row[2])
      }
      if found.count < limit { backlog.isAll(found) }
      return found
    }
  }

  public func suspect(_ update: Int64) async throws {
    try await write {
      try $0.run("UPDATE inbox SET suspect = 1 WHERE number = ? AND state = 'new'", update)
    }
  }
}

/// An update made ready outside of the transaction.
private struct Received: Sendable {
  var id: String
  var state: InboxState
  var outcome: String?
  var body: String

  init(_ message: Message) {
    id = message.id
    body = JSONWriter.text(message)
    state = Self.state(message)
    if case .ignored(let why) = message.kind { outcome = why }
  }

  static func state(_ message: Message) -> InboxState {
    if case .ignored = message.kind { .refused } else { .new }
  }

  /// - Returns: its number; nil if it was known.
  func insert(_ db: Database, account: String, now: Instant) throws -> Int64? {
    // UNIQUE is the promise; asking first only keeps a known update from using up a number.
    try db.run(
      """
      INSERT INTO inbox(account, ekey, received_ms, state, outcome, body)
      SELECT ?1, ?2, ?3, ?4, ?5, ?6
      WHERE NOT EXISTS(SELECT 1 FROM inbox WHERE account = ?1 AND ekey = ?2)
      ON CONFLICT(account, ekey) DO NOTHING
      """, account, id, now.milliseconds, state.rawValue, outcome, body)
    return db.changesCount == 1 ? db.lastInsertedRowID : nil
  }
}
