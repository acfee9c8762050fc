import Foundation
import Logging
import Synchronization

/// Whether the disk takes what it is given. Told once when it stops and once when it does again:
/// a disk can stay full for days, and the log is often on it.
final class DiskHealth: Sendable {
  private let refusing = Mutex<Set<String>>([])
  private let log: Logger
  private let notify: Notify?

  init(log: Logger, notify: Notify?) {
    self.log = log
    self.notify = notify
  }

  func refused(_ part: String, _ why: String) {
    let isNew = refusing.withLock { refusing in
      defer { refusing.insert(part) }
      return refusing.isEmpty
    }
    guard isNew else { return }
    log.error(
      "the disk refuses; nothing moves on until it does not", metadata: ["why": "\(why)"])
    notify?.status("degraded: \(why)")
  }

  func took(_ part: String) {
    let isLast = refusing.withLock { refusing in
      refusing.remove(part) != nil && refusing.isEmpty
    }
    guard isLast else { return }
    log.notice("the disk takes again")
    notify?.status("running")
  }

  /// Whether there is room to begin at all: a mebibyte for whoever is not root.
  static func hasRoom(_ folder: String) -> Bool {
    var about = statvfs()
    guard statvfs(folder, &about) == 0 else { return true }
    return UInt64(about.f_bavail) * UInt64(about.f_frsize) >= 1 << 20
  }
}
