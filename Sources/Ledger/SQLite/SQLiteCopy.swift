import Foundation
import GRDB

extension SQLiteLedger {
  /// How many kept posts may or may not have been delivered. Reads the whole outbox: for whoever
  /// looks at a copy.
  public func doubtfulPosts() async throws -> Int {
    try await read {
      Int(try $0.number("SELECT count(*) FROM outbox WHERE state = 'doubtful'") ?? 0)
    }
  }

  /// How many posts were given up or may not have been delivered, and no later post has told of.
  public func untoldPosts() async throws -> Int {
    try await read { Int(try $0.number("SELECT count(*) FROM outbox WHERE owed = 1") ?? 0) }
  }

  /// Copies the ledger at `path` while a daemon may be writing to it, so that it can be looked at
  /// without stopping anything.
  ///
  /// The second connection only reads, so it never checkpoints: the WAL-reset fault of SQLite
  /// before 3.51.3 needs two that do.
  /// - Throws: `.missing` where there is no ledger, `.disk` and `.corrupt` as `open` does.
  public static func copy(of path: String, to destination: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      throw LedgerFault.missing("there is no ledger at \(path)")
    }
    do {
      var configuration = Configuration()
      configuration.readonly = true
      // Whoever begins or ends on the file holds it for a moment.
      configuration.busyMode = .timeout(5)
      let source = try DatabaseQueue(path: path, configuration: configuration)
      try source.backup(to: DatabaseQueue(path: destination))
      try source.close()
    } catch {
      throw LedgerFault(error, path: path)
    }
  }
}
