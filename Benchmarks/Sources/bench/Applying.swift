import Crew
import Curl
import Daemon
import Foundation
import Ledger
import Logging
import Platforms

/// Commands from the inbox to their events and posts on the platter, 64 to a commit, against bare
/// SQLite that writes the very same rows in the same commits.
///
/// They come in bursts an hour apart, as when a room wakes up, and the daemon's own session answers
/// them. It has no accounts, so that nobody sends.
enum Applying {
  static let batch = 64
  static let bursts = 12
  static let burst = 16 * batch
  static let count = bursts * burst
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
        + " \(Int(Double(count) / bare.median)); \(bursts) bursts of \(burst), \(rounds) rounds")
  }

  private static func apply(_ path: String) async throws -> Double {
    let ledger = try await SQLiteLedger.open(
      at: path, now: Town.start, allowCreate: true, newInstance: "bench")
    // The daemon's tasks run on the thread of its network.
    let curl = try Curl()
    let session = session(on: ledger, curl)
    let running = Task { try await session.run() }
    var stream = Stream(ledger)
    try await stream.bring([Town.message(0, "", .invited)])
    session.wake()
    try await stream.isAnswered()
    var time = 0.0
    for number in 0..<bursts {
      try await stream.bring(
        (1...burst).map { Town.command(number * burst + $0) },
        at: Town.start.adding(hours: Int64(number + 1)))
      try await ledger.sync()
      time += try await seconds {
        session.wake()
        try await stream.isAnswered()
        // As the sender asks for it before it posts.
        guard ledger.flush() else { throw Unsynced() }
      }
    }
    session.stop()
    try await running.value
    await curl.shutdown()
    await ledger.close()
    return time
  }

  private struct Unsynced: Error {}

  private static func session(on ledger: SQLiteLedger, _ curl: Curl) -> Session {
    var setup = Session.Setup(accounts: [], words: Words(), admission: Town.admission)
    let all = Limits.Rate(perSecond: 1e9, burst: 1e9)
    (setup.limits.user, setup.limits.room, setup.limits.account) = (all, all, all)
    var ports = Session.Ports(
      ledger: ledger, network: curl, clock: SystemClock(), zones: FoundationZones(),
      log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    ports.executor = curl.executor
    return Session(setup, ports)
  }

  /// What one account brings.
  private struct Stream {
    let ledger: SQLiteLedger
    private var cursor: String?

    init(_ ledger: SQLiteLedger) { self.ledger = ledger }

    mutating func bring(_ messages: [Message], at now: Instant = Town.start) async throws {
      let next = String((cursor.flatMap(Int.init) ?? 0) + 1)
      _ = try await ledger.ingest(
        messages.map { Arrival($0) }, account: Town.account, from: cursor, to: next,
        now: now)
      cursor = next
    }

    /// Returns when nothing waits any more.
    func isAnswered() async throws {
      let deadline = ContinuousClock.now + .seconds(60)
      while try await !ledger.waiting(limit: 1).isEmpty {
        guard ContinuousClock.now < deadline else { throw Timeout() }
        try await Task.sleep(for: .milliseconds(1))
      }
    }

    struct Timeout: Error {}
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
    // All but the first, by which the team was made.
    let outcomes = try source.rows(
      "SELECT state, number FROM inbox WHERE number > 1 ORDER BY number")
    let events = try source.rows(
      "SELECT substr(cause, 3), number, cause, ord, team, at_ms, type, body, prev_hash, hash"
        + " FROM event WHERE cause <> 'u:1' ORDER BY number")
    let posts = try source.rows(
      "SELECT id, id, dkey, account, target, kind, body, created_ms, state, active, head,"
        + " not_before_ms FROM outbox WHERE id > 1 ORDER BY id")
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
