import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The files beside the database, looked at before SQLite touches anything.
struct LedgerFiles: Sendable {
  let path: String
  var lock: String { path + ".lock" }
  /// Its being there says that there once was a ledger here.
  var marker: String { path + ".exists" }
  var log: String { path + "-wal" }

  /// Which file a name stands for right now.
  struct Identity: Sendable, Equatable {
    var device: UInt64
    var inode: UInt64
  }

  static func identity(_ path: String) -> Identity? {
    var found = stat()
    guard stat(path, &found) == 0 else { return nil }
    return Identity(device: UInt64(found.st_dev), inode: UInt64(found.st_ino))
  }

  static func size(_ path: String) -> Int64? {
    var found = stat()
    return stat(path, &found) == 0 ? Int64(found.st_size) : nil
  }

  /// Refuses a ledger that is gone, that is none, or that a newer program wrote, by the first bytes
  /// of its file alone.
  func inspect(allowCreate: Bool, version: Int64, applicationID: Int64) throws(LedgerFault) {
    guard let size = Self.size(path), size > 0 else {
      guard Self.size(marker) != nil, !allowCreate else { return }
      throw gone
    }
    let header = try Self.read(path, count: 100)
    guard header.count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw Self.corrupt(path, "it is no SQLite file")
    }
    // Offsets after https://www.sqlite.org/fileformat2.html#the_database_header.
    let found = Self.number(header[68..<72])
    guard found == 0 || found == applicationID else {
      throw foreign
    }
    try Self.refuseNewer(Self.number(header[60..<64]), version: version, path: path)
  }

  var gone: LedgerFault {
    .missing(
      "\(path) is gone or empty though \(marker) says that it was there: put the last backup"
        + " back, or start once with --init to begin anew")
  }

  var foreign: LedgerFault {
    .corrupt("\(path) is the database of another program: choose another path")
  }

  static func refuseNewer(_ found: Int64, version: Int64, path: String) throws(LedgerFault) {
    guard found > version else { return }
    throw .newer(
      "\(path) was written by a newer crewbell (schema \(found), this one knows \(version)):"
        + " start that one, or put back a backup made before")
  }

  static func corrupt(_ path: String, _ why: String) -> LedgerFault {
    .corrupt(
      "\(path) is damaged (\(why)): stop crewbell, move \(path), \(path)-wal and \(path)-shm away,"
        + " copy the last backup to \(path), start again")
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
    bytes.reduce(0) { $0 << 8 | Int64($1) }
  }

  /// Read with a descriptor of its own: allowed only while SQLite does not have the file open,
  /// because closing any descriptor drops all POSIX locks that this process has on it.
  private static func read(_ path: String, count: Int) throws(LedgerFault) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .disk("\(path) cannot be opened: \(reason())") }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: count)
    let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, count, 0) }
    guard got >= 0 else { throw .disk("\(path) cannot be read: \(reason())") }
    return Array(bytes.prefix(got))
  }

  /// Notes for ever that there is a ledger here. The folder is synced too, so that neither name is
  /// lost with the power.
  func writeMarker(_ points: CrashPoints = CrashPoints()) throws(LedgerFault) {
    guard Self.size(marker) == nil else { return }
    let descriptor = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .disk("\(marker) cannot be made: \(Self.reason())") }
    defer { close(descriptor) }
    points.pass(.midMarker)
    guard fsync(descriptor) == 0 else {
      throw .disk("\(marker) cannot be written: \(Self.reason())")
    }
    try syncFolder()
  }

  /// So that a name that was just made is not lost with the power.
  func syncFolder() throws(LedgerFault) {
    let name = (path as NSString).deletingLastPathComponent
    let folder = open(name.isEmpty ? "." : name, O_RDONLY | O_CLOEXEC)
    defer { if folder >= 0 { close(folder) } }
    guard folder >= 0, fsync(folder) == 0 else {
      throw .disk("\(name) cannot be synced: \(Self.reason())")
    }
  }

  static func reason() -> String { String(cString: strerror(errno)) }
}

/// Keeps a second daemon away from the same files, for as long as it lives. The kernel lets go of
/// it when the process ends, however it ends.
final class Lock: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  /// - Throws: `.held` with the holder's process id; `.disk` if the file cannot be made.
  static func take(_ path: String, protecting ledger: String) throws(LedgerFault) -> Lock {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .disk("\(path) cannot be made: \(LedgerFiles.reason())")
    }
    let lock = Lock(descriptor: descriptor)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      guard code == EWOULDBLOCK else {
        throw .disk("\(path) cannot be locked: \(String(cString: strerror(code)))")
      }
      throw .held("\(ledger) is held by \(holder(descriptor)): stop that one first")
    }
    lock.write()
    return lock
  }

  deinit {
    // Let go by word: a child process between fork and exec still holds a copy of the descriptor.
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// For people who look into the file; the lock itself does not rest on it.
  private func write() {
    let boot = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))
      .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    let line = Array("pid \(getpid()) boot \(boot ?? "unknown")\n".utf8)
    guard ftruncate(descriptor, 0) == 0 else { return }
    _ = line.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  private static func holder(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 200)
    let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    let line = String(decoding: bytes.prefix(max(got, 0)), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    return line.isEmpty ? "another daemon" : "another daemon (\(line))"
  }
}
