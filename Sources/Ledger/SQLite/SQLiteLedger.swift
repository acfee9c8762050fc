import Crew
import Foundation
import GRDB
import Synchronization

/// The ledger in one SQLite file, for one daemon.
///
/// One connection does everything: SQLite before 3.51.3 can damage a WAL file when two of them
/// write and checkpoint at once (https://www.sqlite.org/wal.html#the_wal_reset_bug), and Debian 12
/// has 3.40.1. When a commit is synced is decided by `LogSync`.
public final class SQLiteLedger: Ledger {
  public let opening: Opening
  public let path: String
  let queue: DatabaseQueue
  let points: CrashPoints
  let log: LogSync
  let backlog = Backlog()
  let held = Held()
  /// Calls on the connection's thread, or on their way there.
  private let long = Atomic(0)
  private let identity: LedgerFiles.Identity?
  private let lock: Mutex<Lock?>
  /// Where the file is large: nothing is stored before it has passed.
  private let check: DamageCheck?
  /// Set once the disk failed a sync: what is on it is known only after a restart.
  private let broken = Mutex<LedgerFault?>(nil)

  init(
    opening: Opening, path: String, queue: DatabaseQueue, log: LogSync,
    identity: LedgerFiles.Identity?, lock: Lock, points: CrashPoints, check: DamageCheck? = nil
  ) {
    self.opening = opening
    self.path = path
    self.queue = queue
    self.log = log
    self.identity = identity
    self.lock = Mutex(lock)
    self.points = points
    self.check = check
  }

  public func beat(now: Instant) async throws {
    guard let identity, LedgerFiles.identity(path) == identity else {
      throw LedgerFault.missing(
        "\(path) was deleted or replaced while it was open: what is stored from now on would be"
          + " lost; put the file back and start again")
    }
    try await write(isShort: true) { db in
      try db.run("UPDATE meta SET alive_ms = ?", now.milliseconds)
    }
  }

  public func close() async {
    _ = await check?.fault()
    // A run that ends in good order has nobody to blame for its end.
    try? await write { db in try db.run("UPDATE inbox SET suspect = 0 WHERE suspect = 1") }
    points.pass(.midClose)
    let (queue, log) = (queue, log)
    await withCheckedContinuation { done in
      DispatchQueue.global().async {
        log.stop()
        try? queue.close()
        done.resume()
      }
    }
    lock.withLock { $0 = nil }
  }

  // MARK: Transactions

  public func sync() async throws {
    try await storeHeld()
    try await log.wait()
  }

  func storeHeld() async throws {
    if held.haul != nil { try await write(isShort: true) { _ in } }
  }

  public func flush() -> Bool { log.now() == nil }

  /// One commit of this run: none if the file belongs to a later one. Synced soon, see `sync`.
  /// - Parameter isShort: it touches a few rows, so it may run where its caller runs.
  func write<T: Sendable>(
    isShort: Bool = false, _ body: @escaping @Sendable (Database) throws -> T
  ) async throws -> T {
    try await write(isShort: isShort, isAwaited: false, body) { _ in .soon }
  }

  /// One commit of a few rows that is on the platter when the call returns, and with it every one
  /// before.
  func writeSynced<T: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> T
  ) async throws -> T {
    try await write(isShort: true, isAwaited: true, body) { _ in .now }
  }

  /// - Parameters:
  ///   - isAwaited: somebody waits for what comes of it, so the log is emptied only if it must be.
  ///   - outcomes: of updates that `body` is about; see `Held`.
  ///   - end: called with what was stored, behind the commit and before any other. Returns when
  ///     that is to be synced.
  func write<T: Sendable>(
    isShort: Bool, isAwaited: Bool, outcomes: [Int64: Outcome] = [:],
    _ body: @escaping @Sendable (Database) throws -> T,
    end: @escaping @Sendable (T) -> LogSync.Haste
  ) async throws -> T {
    let epoch = opening.epoch
    if let fault = await check?.fault() { broken.withLock { $0 = $0 ?? fault } }
    return try await use(isShort: isShort) { [log, held, points] db in
      try log.expectRoom()
      db.emptyLog(behind: isAwaited ? LogSync.pagesMax : LogSync.pagesUnawaited)
      var before = 0
      let value = try db.transaction {
        before = db.totalChangesCount
        guard try db.number("SELECT epoch FROM meta") == epoch else {
          throw LedgerFault.overtaken("a later run has taken over the ledger: nothing was stored")
        }
        try held.store(db, points, outcomes)
        return try body(db)
      }
      held.haul = nil
      let haste = end(value)
      // What changed nothing costs no sync.
      if db.totalChangesCount != before {
        try log.committed(haste)
      }
      return value
    }
  }

  func read<T: Sendable>(
    isShort: Bool = false, _ body: @escaping @Sendable (Database) throws -> T
  ) async throws -> T {
    try await use(isShort: isShort, body)
  }

  /// Runs on the connection's own thread, or on the caller's where that is short and nobody is
  /// before: a change of threads costs as much as a commit. GRDB's `write` is not used, because it
  /// gives up when its task is cancelled, and then nobody knows whether the commit was made.
  private func use<T: Sendable>(
    isShort: Bool, _ body: @escaping @Sendable (Database) throws -> T
  ) async throws -> T {
    try expectTrust()
    if isShort, long.load(ordering: .acquiring) == 0 { return try useHere(body) }
    long.add(1, ordering: .acquiring)
    let result: Result<T, LedgerFault> = await withCheckedContinuation { done in
      queue.asyncWriteWithoutTransaction { db in
        let result = self.result(db, body)
        self.long.subtract(1, ordering: .releasing)
        done.resume(returning: result)
      }
    }
    return try result.get()
  }

  /// - Throws: what has made the file one that nothing is read from any more.
  func expectTrust() throws {
    if let fault = broken.withLock({ $0 }) ?? log.fault { throw fault }
  }

  private func useHere<T: Sendable>(_ body: (Database) throws -> T) throws -> T {
    try queue.writeWithoutTransaction { result($0, body) }.get()
  }

  private func result<T>(_ db: Database, _ body: (Database) throws -> T) -> Result<T, LedgerFault> {
    do {
      return .success(try body(db))
    } catch {
      return .failure(fault(error))
    }
  }

  private func fault(_ error: any Error) -> LedgerFault {
    let fault = LedgerFault(error, path: path)
    if (error as? DatabaseError)?.isFailedSync == true { broken.withLock { $0 = fault } }
    return fault
  }
}

extension DatabaseError {
  /// Never tried again: after a failed sync the kernel may say yes to the next one without having
  /// written (https://wiki.postgresql.org/wiki/Fsync_Errors).
  var isFailedSync: Bool {
    [.SQLITE_IOERR_FSYNC, .SQLITE_IOERR_DIR_FSYNC].contains(extendedResultCode)
  }
}

extension LedgerFault {
  /// What a fault of SQLite means for the daemon.
  init(_ error: any Error, path: String) {
    switch error {
    case let fault as LedgerFault: self = fault
    case let error as DatabaseError: self = Self.of(error, path: path)
    default: self = .disk("\(path): \(error)")
    }
  }

  private static func of(_ error: DatabaseError, path: String) -> LedgerFault {
    let why = error.message ?? "\(error.resultCode)"
    if error.isFailedSync {
      return .unsynced("\(path): the disk failed to sync (\(why)): check it, then start again")
    }
    switch error.resultCode {
    case .SQLITE_FULL: return .disk("\(path): the disk is full: make room, it goes on by itself")
    case .SQLITE_READONLY: return .disk("\(path) is read-only: make it writable (\(why))")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return .disk("\(path) is in use by another program: close that one (\(why))")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
      return LedgerFiles.corrupt(path, why)
    default: return .disk("\(path): \(why)")
    }
  }
}
