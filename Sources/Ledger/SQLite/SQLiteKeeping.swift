import Crew
import Foundation
import GRDB

extension SQLiteLedger {
  public func snapshot() async throws -> (number: Int64, body: [UInt8])? {
    try await read { db in
      try db.row("SELECT number, body FROM snapshot") { (try $0[0], try $0[1]) }
    }
  }

  public func saveSnapshot(number: Int64, body: [UInt8]) async throws {
    try await write { [points] db in
      try db.run(
        "INSERT INTO snapshot(one, number, body) VALUES(1, ?, ?) ON CONFLICT(one) DO UPDATE"
          + " SET number = excluded.number, body = excluded.body WHERE excluded.number >= number",
        number, body)
      points.pass(.midSnapshot)
    }
  }

  public func prune(now: Instant) async throws {
    let keeping = Keeping(now: now)
    try await repeated(
      "UPDATE inbox SET body = NULL WHERE number IN (SELECT number FROM inbox"
        + " WHERE body IS NOT NULL AND state <> 'new' AND received_ms < ? LIMIT \(Self.batch))",
      keeping.bodies)
    try await repeated(
      "DELETE FROM inbox WHERE number IN (SELECT number FROM inbox"
        + " WHERE state <> 'new' AND received_ms < ? ORDER BY number LIMIT \(Self.batch))",
      keeping.updates)
    try await repeated(
      "DELETE FROM slot WHERE key IN"
        + " (SELECT key FROM slot WHERE decided_ms < ? LIMIT \(Self.batch))", keeping.slots)
    try await prunePosts(keeping.posts)
    // What was removed is gone from the log too, not only from the tables.
    try await read { [log] db in
      try db.emptyLog()
      try log.reserve()
    }
  }

  /// Rows a commit: small enough that a reply never waits long behind the cleaning.
  private static let batch = 1000

  private func repeated(_ sql: String, _ limit: Instant) async throws {
    var changed = Self.batch
    while changed == Self.batch {
      changed = try await write { db in
        try db.run(sql, limit.milliseconds)
        return db.changesCount
      }
    }
  }

  private func prunePosts(_ limit: Instant) async throws {
    let old = """
      FROM outbox WHERE id IN (SELECT id FROM outbox
        WHERE settled_ms IS NOT NULL AND settled_ms < ? AND owed = 0
        ORDER BY settled_ms, id LIMIT \(Self.batch))
      """
    var changed = Self.batch
    while changed == Self.batch {
      changed = try await write { [points] db in
        try db.run(
          "INSERT INTO spent(dkey) SELECT dkey \(old) ON CONFLICT DO NOTHING", limit.milliseconds)
        if db.changesCount > 0 { points.pass(.midPrune) }
        try db.run("DELETE \(old)", limit.milliseconds)
        return db.changesCount
      }
    }
  }

  public func counts() async throws -> LedgerCounts {
    try await read { [held] db in
      func count(_ rest: String) throws -> Int64 {
        try db.number("SELECT count(*) FROM \(rest)") ?? 0
      }
      return LedgerCounts(
        waiting: Int(try count("inbox WHERE state = 'new'"))
          + held.waiting.count,
        quarantined: Int(try count("inbox WHERE state = 'quarantined'")),
        queued: Int(try count("outbox WHERE active = 1 AND state = 'queued'")),
        sending: Int(try count("outbox WHERE active = 1 AND state = 'sending'")),
        unknown: Int(try count("outbox WHERE active = 1 AND state = 'unknown'")),
        events: try db.number("SELECT max(number) FROM event") ?? 0)
    }
  }
}
