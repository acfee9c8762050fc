import Crew
import Foundation
import Ledger

/// Commands from the inbox to their events and posts on the platter, 64 to a commit, against bare
/// SQLite that writes the very same rows in the same commits.
enum Applying {
  static let count = 12_800
  static let batch = 64
  static let rounds = 3

  static func measure() async throws {
    var ours: [Double] = []
    var bare: [Double] = []
    for _ in 0..<rounds {
      try await withFolder { folder in
        ours.append(try await apply(folder + "/ledger.db"))
        bare.append(try await write(folder + "/ledger.db", to: folder + "/bare.db"))
      }
    }
    row(
      "apply", bare.median / ours.median,
      "\(Int(Double(count) / ours.median)) commands/s against"
        + " \(Int(Double(count) / bare.median)); \(count) commands, \(rounds) rounds")
  }

  private static func apply(_ path: String) async throws -> Double {
    let ledger = try await SQLiteLedger.open(
      at: path, now: Town.start, allowCreate: true, newInstance: "bench")
    var town = Town.founded()
    let arrivals = (1...count).map { Arrival(Town.command($0)) }
    _ = try await ledger.ingest(
      arrivals, account: Town.account, from: nil, to: "1", now: Town.start)
    let time = try await seconds {
      while true {
        let waiting = try await ledger.waiting(limit: batch)
        if waiting.isEmpty { break }
        _ = try await ledger.record(
          waiting.map { ruling(for: $0, &town) }, now: Town.start)
      }
    }
    await ledger.close()
    return time
  }

  private static func ruling(for update: Waiting, _ town: inout Town) -> Ruling {
    let answer = town.hear(update.message)
    return Ruling(
      cause: .update(update.number, .done),
      entries: answer.events.map { Entry(team: $0.team, at: Town.start, event: $0.event) },
      drafts: answer.posts.enumerated().map { number, outgoing in
        Draft(
          key: "r:\(Town.account):\(update.message.id):\(number)", target: outgoing.target,
          kind: .reply, post: outgoing.post)
      })
  }

  /// The rows that the ledger wrote, once more, by prepared statements in the same commits.
  private static func write(_ ledger: String, to path: String) async throws -> Double {
    let source = try BareSQLite(ledger)
    let bare = try BareSQLite(path)
    try bare.run("PRAGMA journal_mode = WAL")
    for name in ["synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY"] {
      try bare.run("PRAGMA \(name)")
    }
    try bare.run("ATTACH '\(ledger)' AS source")
    for table in ["inbox", "event", "outbox"] {
      for part in try source.rows(
        "SELECT sql FROM sqlite_schema WHERE tbl_name = '\(table)' AND sql IS NOT NULL"
          + " ORDER BY type DESC")
      { try bare.run(text(part[0])) }
    }
    // What waited in the inbox lies there already, as it did for the daemon.
    try bare.run(
      "INSERT INTO inbox SELECT number, account, ekey, received_ms, 'new', NULL, 0, 0, body"
        + " FROM source.inbox; DETACH source; PRAGMA wal_checkpoint(TRUNCATE)")
    let outcomes = try source.rows("SELECT state, number FROM inbox ORDER BY number")
    let events = try source.rows(
      "SELECT substr(cause, 3), number, cause, ord, team, at_ms, type, body, prev_hash, hash"
        + " FROM event ORDER BY number")
    let posts = try source.rows(
      "SELECT id, id, dkey, account, target, kind, body, created_ms, state, active, head,"
        + " not_before_ms FROM outbox ORDER BY id")
    let outcome = try bare.prepare("UPDATE inbox SET state = ? WHERE number = ?")
    let event = try bare.prepare("INSERT INTO event VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)")
    let post = try bare.prepare(
      "INSERT INTO outbox(id, dkey, account, target, kind, body, created_ms, state, active, head,"
        + " not_before_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    return try await seconds {
      for start in stride(from: 0, to: outcomes.count, by: batch) {
        try bare.run("BEGIN IMMEDIATE")
        func part(_ rows: [[OpaquePointer]]) -> ArraySlice<[OpaquePointer]> {
          // As many events and posts to an update as there are on the whole.
          let (from, to) = (start, min(start + batch, outcomes.count))
          return rows[
            rows.count * from / outcomes.count..<rows.count * to / outcomes.count]
        }
        for row in part(outcomes) { try bare.run(outcome, row[...]) }
        for row in part(events) { try bare.run(event, row.dropFirst()) }
        for row in part(posts) { try bare.run(post, row.dropFirst()) }
        try bare.run("COMMIT")
      }
    }
  }
}
