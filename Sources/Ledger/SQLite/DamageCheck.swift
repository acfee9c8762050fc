import GRDB
import Synchronization

/// Looks through a large file for damaged pages before the first thing is stored in it, while the
/// daemon waits for its platforms: 280 MB take a third of a second from the page cache, and some
/// seconds from a disk. It begins when somebody wants to store, because beside the reading of the
/// state it would delay that.
///
/// On a connection of its own that may only read. It neither writes nor checkpoints, so it is no
/// second one in the sense of SQLite's WAL-reset bug.
final class DamageCheck: Sendable {
  private let path: String
  private let verdict = Mutex<Task<Void, any Error>?>(nil)

  init(_ path: String) { self.path = path }

  private func begin() -> Task<Void, any Error> {
    verdict.withLock { verdict in
      let begun = verdict ?? Task { [path] in try await Self.look(path) }
      verdict = begun
      return begun
    }
  }

  private static func look(_ path: String) async throws {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.label = "check"
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try await withCheckedThrowingContinuation { done in
      queue.asyncWriteWithoutTransaction { db in
        done.resume(with: Result { try SQLiteLedger.refuseDamage(db, path: path) })
      }
    }
    try queue.close()
  }

  /// Returns when the file was found whole, nil then. What could not be read through is damaged.
  func fault() async -> LedgerFault? {
    do {
      try await begin().value
      return nil
    } catch {
      let fault = LedgerFault(error, path: path)
      guard case .disk(let why) = fault else { return fault }
      return .corrupt("\(path) cannot be read through (\(why)): check the disk, then start again")
    }
  }
}
