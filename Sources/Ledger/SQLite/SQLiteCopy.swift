import Foundation
import GRDB

extension SQLiteLedger {
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
      let source = try DatabaseQueue(path: path, configuration: configuration)
      try source.backup(to: DatabaseQueue(path: destination))
      try source.close()
    } catch {
      throw LedgerFault(error, path: path)
    }
  }
}
