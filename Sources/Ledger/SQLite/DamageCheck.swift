import GRDB

/// Looks through a large file for damaged pages while the daemon reads its state and waits for its
/// platforms: 280 MB take a third of a second from the page cache, and some seconds from a disk.
///
/// On a connection of its own that may only read. It neither writes nor checkpoints, so it is no
/// second one in the sense of SQLite's WAL-reset bug.
final class DamageCheck: Sendable {
  private let verdict: Task<Void, any Error>

  init(_ path: String) throws {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.label = "check"
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    verdict = Task {
      try await withCheckedThrowingContinuation { done in
        queue.asyncWriteWithoutTransaction { db in
          done.resume(with: Result { try SQLiteLedger.refuseDamage(db, path: path) })
        }
      }
      try queue.close()
    }
  }

  /// Returns when the file was found whole, nil then. What could not be read through is damaged.
  func fault(_ path: String) async -> LedgerFault? {
    do {
      try await verdict.value
      return nil
    } catch {
      let fault = LedgerFault(error, path: path)
      guard case .disk(let why) = fault else { return fault }
      return .corrupt("\(path) cannot be read through (\(why)): check the disk, then start again")
    }
  }
}
