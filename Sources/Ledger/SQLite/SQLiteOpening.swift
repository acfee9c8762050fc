import Crew
import Foundation
import GRDB

extension SQLiteLedger {
  /// Opens the ledger, or makes it where there never was one, and begins a run.
  ///
  /// - Parameters:
  ///   - allowCreate: makes a new ledger even where an old one is gone (`--init`).
  ///   - newInstance: random text that names the ledger for ever, used if it is made now. It is
  ///     part of every key a platform sees.
  ///   - blame: what the death of the last run adds to the `crashes` of an update that it was
  ///     answering alone.
  ///   - points: told of what is passed, for as long as the ledger is open.
  ///   - checkFirstBytesMax: a file up to this size is checked for damage before it is opened. A
  ///     larger one is checked before the first thing is stored in it; a damaged one fails every
  ///     call from then on.
  /// - Throws: `.held`, `.missing`, `.newer` (the file is left as it was), `.corrupt`, `.disk`.
  public static func open(
    at path: String, now: Instant, allowCreate: Bool, newInstance: String, blame: Int = 1,
    points: CrashPoints = CrashPoints(), checkFirstBytesMax: Int64 = 32 << 20
  ) async throws -> SQLiteLedger {
    let files = LedgerFiles(path: path)
    let lock = try Lock.take(files.lock, protecting: path)
    points.pass(.afterLock)
    try files.inspect(
      allowCreate: allowCreate, version: Schema.version, applicationID: Schema.applicationID)
    try inspectLog(files)
    let mayBegin = allowCreate || LedgerFiles.size(files.marker) == nil
    let isLarge = LedgerFiles.size(path) ?? 0 > checkFirstBytesMax
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration())
      let opening = try await withCheckedThrowingContinuation { done in
        queue.asyncWriteWithoutTransaction { db in
          done.resume(
            with: Result {
              try prepare(db, path: path)
              if !isLarge { try refuseDamage(db, path: path) }
              try refuseForeign(db, files: files, mayBegin: mayBegin)
              return try start(
                db, path: path, now: now, newInstance: newInstance, blame: blame, points: points)
            })
        }
      }
      points.pass(.afterBegin)
      try files.writeMarker(points)
      return SQLiteLedger(
        opening: opening, path: path, queue: queue, log: try LogSync(files.log),
        identity: LedgerFiles.identity(path), lock: lock, points: points,
        check: isLarge ? DamageCheck(path) : nil)
    } catch {
      let fault = LedgerFault(error, path: path)
      guard case .disk = fault, (error as? DatabaseError)?.resultCode == .SQLITE_BUSY else {
        throw fault
      }
      throw LedgerFault.held(fault.description)
    }
  }

  /// What was committed last may stand in the log alone, so its schema number counts too. Read
  /// without the right to write, so that the file of a newer program keeps its bytes.
  private static func inspectLog(_ files: LedgerFiles) throws {
    guard let size = LedgerFiles.size(files.path), size > 0,
      let logged = LedgerFiles.size(files.log), logged > 0
    else { return }
    var configuration = Configuration()
    configuration.readonly = true
    do {
      let probe = try DatabaseQueue(path: files.path, configuration: configuration)
      let found = try probe.read { try Int64.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
      try probe.close()
      try LedgerFiles.refuseNewer(found, version: Schema.version, path: files.path)
    } catch {
      throw LedgerFault(error, path: files.path)
    }
  }

  private static func configuration() -> Configuration {
    var configuration = Configuration()
    configuration.label = "ledger"
    // GRDB's own WAL set-up is not used: it sets synchronous to NORMAL as its last act.
    configuration.journalMode = .default
    configuration.busyMode = .timeout(5)
    return configuration
  }

  private static func start(
    _ db: Database, path: String, now: Instant, newInstance: String, blame: Int,
    points: CrashPoints
  ) throws -> Opening {
    try Schema.migrate(db, points)
    let opening = try db.transaction {
      let opening = try begin(db, now: now, newInstance: newInstance, blame: blame)
      points.pass(.midBegin)
      return opening
    }
    // A loss of the log alone can then never be the loss of all.
    try db.emptyLog()
    // From here on `LogSync` says when.
    try db.execute(sql: "PRAGMA synchronous = NORMAL")
    return opening
  }

  /// Settings of the connection, and those that matter read back.
  private static func prepare(_ db: Database, path: String) throws {
    let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
    try db.execute(
      sql: """
        PRAGMA synchronous = FULL;
        PRAGMA mmap_size = 0;
        PRAGMA cell_size_check = ON;
        PRAGMA trusted_schema = OFF;
        PRAGMA secure_delete = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA journal_size_limit = 16777216;
        """)
    guard mode == "wal", try synchronous(db) == full else {
      throw LedgerFault.disk(
        "\(path): SQLite refuses write-ahead logging with full syncing: put it on a local disk")
    }
  }

  /// SQLite's number for FULL, https://www.sqlite.org/pragma.html#pragma_synchronous.
  static let full: Int64 = 2
  static func synchronous(_ db: Database) throws -> Int64? {
    try Int64.fetchOne(db, sql: "PRAGMA synchronous")
  }

  static func refuseDamage(_ db: Database, path: String) throws {
    let found = try String.fetchAll(db, sql: "PRAGMA quick_check(1)")
    guard found == ["ok"] else {
      throw LedgerFiles.corrupt(path, found.first ?? "quick_check says nothing")
    }
  }

  private static func refuseForeign(_ db: Database, files: LedgerFiles, mayBegin: Bool) throws {
    let version = try db.number("PRAGMA user_version") ?? 0
    let application = try db.number("PRAGMA application_id") ?? 0
    if version > 0, application == Schema.applicationID { return }
    let tables = try db.number("SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
    guard version == 0, application == 0, tables == 0 else { throw files.foreign }
    guard mayBegin else { throw files.gone }
  }

  /// The next epoch: claims of the run before are of unknown fate, its suspects are to blame.
  private static func begin(
    _ db: Database, now: Instant, newInstance: String, blame: Int
  ) throws -> Opening {
    try db.run(
      "INSERT INTO meta(one, instance, epoch) VALUES(1, ?, 0) ON CONFLICT DO NOTHING", newInstance)
    let found = try db.row("SELECT instance, epoch, alive_ms FROM meta") {
      (instance: try $0[0] as String, epoch: try $0[1] as Int64, alive: try $0[2] as Int64?)
    }
    guard let meta = found else { throw LedgerFault.corrupt("the ledger has lost its name") }
    let epoch = meta.epoch + 1
    let restored = try SQLiteLedger.restored(db, now: now)
    let instance = restored?.madeAt == nil ? meta.instance : newInstance
    if restored?.madeAt != nil { try forgetPosts(db, instance: instance, now: now) }
    try db.run("UPDATE meta SET epoch = ?, alive_ms = ?", epoch, now.milliseconds)
    try db.run("UPDATE inbox SET crashes = crashes + ?, suspect = 0 WHERE suspect = 1", blame)
    try orphanClaims(db)
    let unknown = try db.number(
      "SELECT count(*) FROM outbox WHERE active = 1 AND state = 'unknown'")
    return Opening(
      epoch: epoch, instance: instance, lastAliveAt: Instant(meta.alive),
      unknown: Int(unknown ?? 0), restored: restored)
  }
}

extension Instant {
  init?(_ milliseconds: Int64?) {
    guard let milliseconds else { return nil }
    self.init(milliseconds: milliseconds)
  }
}
