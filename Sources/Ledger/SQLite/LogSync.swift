import Foundation
import Synchronization

/// Decides when the write-ahead log is synced. A sync costs several times what a commit costs, and
/// one covers every commit before it: so the commits of a command, from its arrival to the claim of
/// its answer, share one, and no effect on the world outside goes before it.
///
/// SQLite, set to `synchronous = NORMAL`, syncs around checkpoints by itself, so that its file is
/// whole after a power cut, and leaves the last commits to us
/// (https://www.sqlite.org/pragma.html#pragma_synchronous).
///
/// The log has its full length before the first commit, see `reserve`.
final class LogSync: Sendable {
  /// No commit waits longer than this for its sync, whether anybody waits for it or not, but for
  /// those that are about to be asked for (`Haste.begun`). Long enough for the claim of the answer
  /// to come first.
  static let lingerMicroseconds: UInt32 = 4000
  /// After so many pages SQLite puts them into the file and begins the log anew. That takes two
  /// syncs and more, so commits that somebody waits for leave it to others for as long as they can.
  static let pagesMax: CInt = 1000
  /// After so many the others do it: so few that between two of them the log never gets full.
  static let pagesUnawaited: CInt = 600
  /// A little more than `pagesMax`.
  static let reservedBytes = 4 << 20

  private struct State {
    /// Commits so far, and how many of them are on the platter.
    var committed: UInt64 = 0
    var synced: UInt64 = 0
    var fault: LedgerFault?
    var isAlarmed = false
    var isEnding = false
    var waiters: [(commit: UInt64, resume: CheckedContinuation<LedgerFault?, Never>)] = []

    /// - Returns: whether the thread is to be woken.
    mutating func alarm() -> Bool {
      defer { isAlarmed = true }
      return !isAlarmed
    }
  }

  private let state = Mutex(State())
  private let isReserved = Mutex(false)
  /// Held by whoever syncs. The kernel tells a failed write to one sync only, and the other of two
  /// at once would say yes before the fault is known.
  private let turn = Mutex(())
  private let alarm = DispatchSemaphore(value: 0)
  private let end = DispatchSemaphore(value: 0)
  private let descriptor: CInt
  private let path: String

  /// - Parameter path: the log, which SQLite keeps for as long as its connection is open.
  init(_ path: String) throws(LedgerFault) {
    // A second descriptor of a database would drop SQLite's locks when it is closed; there are none
    // on the log (https://www.sqlite.org/wal.html, "The WAL-Index File").
    descriptor = Foundation.open(path, O_RDWR | O_CLOEXEC)
    self.path = path
    guard descriptor >= 0 else {
      throw .disk("\(path) cannot be opened: \(String(cString: strerror(errno)))")
    }
    let thread = Thread { [self] in live() }
    thread.name = "log sync"
    thread.stackSize = 256 << 10
    thread.start()
  }

  deinit { Foundation.close(descriptor) }

  /// Set once a sync has failed. Never tried again: after a failed sync the kernel may say yes to
  /// the next one without having written (https://wiki.postgresql.org/wiki/Fsync_Errors).
  var fault: LedgerFault? { state.withLock { $0.fault } }

  /// How many commits a power cut would take now.
  var unsynced: UInt64 { state.withLock { $0.committed - $0.synced } }

  /// Called before each commit. Not when it is opened, because that is when a start is waited for.
  func expectRoom() throws(LedgerFault) {
    if isReserved.withLock({ $0 }) { return }
    try reserve()
    isReserved.withLock { $0 = true }
  }

  enum Haste {
    /// Within `lingerMicroseconds`.
    case soon
    /// When it is asked for, which somebody is about to do: the disk begins to write meanwhile.
    /// With the next commit that is synced soon, at the latest: nothing was told of it till then.
    case begun
    /// Before the call returns.
    case now
  }

  /// A commit was made.
  func committed(_ haste: Haste) throws(LedgerFault) {
    let isFirst = state.withLock { state in
      state.committed += 1
      return haste == .soon && state.alarm()
    }
    if isFirst { alarm.signal() }
    switch haste {
    case .soon: break
    // No more than a beginning: what it says counts for nothing.
    case .begun: _ = Self.beginWriting?(descriptor, 0, 0, Self.write)
    case .now: if let fault = now() { throw fault }
    }
  }

  /// `sync_file_range` of Linux, which Swift's view of glibc leaves out.
  private static let beginWriting: (@convention(c) (CInt, off_t, off_t, CUnsignedInt) -> CInt)? =
    dlsym(nil, "sync_file_range")
    .map { unsafeBitCast($0, to: (@convention(c) (CInt, off_t, off_t, CUnsignedInt) -> CInt).self) }
  /// SYNC_FILE_RANGE_WRITE of `linux/fs.h`.
  private static let write: CUnsignedInt = 2

  /// Syncs every commit there is, on the caller's thread.
  func now() -> LedgerFault? {
    sync()
    return fault
  }

  /// Returns when every commit there is has been synced by somebody.
  func wait() async throws(LedgerFault) {
    let fault = await withCheckedContinuation { resume in
      let (isDone, isFirst) = state.withLock { state in
        guard state.fault == nil, state.synced < state.committed else { return (true, false) }
        state.waiters.append((state.committed, resume))
        return (false, state.alarm())
      }
      if isFirst { alarm.signal() }
      if isDone { resume.resume(returning: self.fault) }
    }
    if let fault { throw fault }
  }

  /// Ends the thread. The log may be gone by then: closing the last connection removes it.
  func stop() {
    state.withLock { $0.isEnding = true }
    alarm.signal()
    end.wait()
    // For whoever stops it once more.
    end.signal()
  }

  private func live() {
    while true {
      alarm.wait()
      if state.withLock({ $0.isEnding }) { break }
      usleep(Self.lingerMicroseconds)
      let isEnding = state.withLock { state in
        state.isAlarmed = false
        return state.isEnding
      }
      if !isEnding { sync() }
    }
    end.signal()
  }

  /// Lengthens the log with zeros, which SQLite takes for its end. A sync then writes what was
  /// logged and nothing of the file system's own: it is a third quicker, and it cannot be told yes
  /// for a length that was never stored (ext4 does that while it turns read-only, for some
  /// milliseconds between the end of its journal and the first write that it refuses).
  ///
  /// Nobody may write meanwhile. On a disk that has little room the log grows as it must.
  func reserve() throws(LedgerFault) {
    var found = stat()
    var disk = statvfs()
    guard fstat(descriptor, &found) == 0, found.st_size < Self.reservedBytes,
      fstatvfs(descriptor, &disk) == 0,
      Int(disk.f_bavail) * Int(disk.f_frsize) >= 4 * Self.reservedBytes
    else { return }
    // A page at a time: the kernel keeps what was written at once in one piece, and looks at all
    // pages of the piece for each page that is written to it later. With a mebibyte at a time that
    // was a tenth of what an answer costs.
    let zeros = [UInt8](repeating: 0, count: 4096)
    var size = Int(found.st_size)
    while size < Self.reservedBytes {
      let count = pwrite(
        descriptor, zeros, min(zeros.count, Self.reservedBytes - size), off_t(size))
      guard count > 0 else { break }
      size += count
    }
    let fault = turn.withLock { _ in fsync(descriptor) == 0 ? nil : failedSync() }
    guard let fault else { return }
    state.withLock { $0.fault = $0.fault ?? fault }
    throw fault
  }

  private func failedSync() -> LedgerFault {
    let why = String(cString: strerror(errno))
    return .unsynced("\(path): the disk failed to sync (\(why)): check it, then start again")
  }

  /// Syncs every commit there is by then, unless that has been done, or has failed.
  private func sync() {
    let (fault, waiters) = turn.withLock { _ in
      let aim = state.withLock { $0.fault == nil && $0.synced < $0.committed ? $0.committed : 0 }
      let fault = aim == 0 || fdatasync(descriptor) == 0 ? nil : failedSync()
      return state.withLock { state in
        state.fault = state.fault ?? fault
        if state.fault == nil { state.synced = max(state.synced, aim) }
        let isOver = state.fault != nil
        let waiters = state.waiters.filter { isOver || $0.commit <= state.synced }
        state.waiters.removeAll { isOver || $0.commit <= state.synced }
        return (state.fault, waiters)
      }
    }
    for waiter in waiters { waiter.resume.resume(returning: fault) }
  }
}
