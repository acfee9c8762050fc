import Crew
import Foundation
import GRDB

/// A backup is a ledger of its own: it says of itself that it is one, and when it was made.
///
/// Whoever puts it back cannot know what was said in between. So no post of it is sent again (each
/// is of unlearned fate and told of as such), and its posts get a name of their own: under the old
/// one a platform that takes a key once would swallow new posts as repetitions of old ones.
extension SQLiteLedger {
  private static let made = "#backup"
  private static let put = "#restored"

  /// Copies the ledger at `path`, as it is at this moment, to a new file that can be put back. A
  /// daemon may be writing to it meanwhile. The file appears under its name only when it is whole.
  /// - Throws: `.missing` where there is no ledger; `.disk` if there is a file of that name, or no
  ///   room; `.corrupt` if the copy is damaged.
  public static func backup(of path: String, to destination: String, now: Instant) throws {
    guard LedgerFiles.size(destination) == nil else {
      throw LedgerFault.disk("\(destination) is there already: name a new file for the backup")
    }
    let part = destination + ".part"
    func removeParts() {
      for end in ["", "-journal"] { try? FileManager.default.removeItem(atPath: part + end) }
    }
    removeParts()
    // What was said in confidence stands in it: it is nobody else's from its first byte.
    guard
      FileManager.default.createFile(
        atPath: part, contents: nil, attributes: [.posixPermissions: 0o600])
    else { throw LedgerFault.disk("\(part) cannot be made: \(LedgerFiles.reason())") }
    do {
      try copy(of: path, to: part)
      try mark(part, now: now)
      try FileManager.default.moveItem(atPath: part, toPath: destination)
      try LedgerFiles(path: destination).syncFolder()
    } catch {
      removeParts()
      throw LedgerFault(error, path: destination)
    }
  }

  private static func mark(_ path: String, now: Instant) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.writeWithoutTransaction { db in
      let found = try String.fetchAll(db, sql: "PRAGMA quick_check(1)")
      guard found == ["ok"] else {
        throw LedgerFiles.corrupt(path, found.first ?? "quick_check says nothing")
      }
      // It travels as one file: a log beside it would be left behind.
      _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
      try db.execute(sql: "PRAGMA synchronous = FULL")
      try db.run(
        "INSERT INTO slot(key, decided_ms) VALUES(?, ?) ON CONFLICT(key) DO UPDATE"
          + " SET decided_ms = excluded.decided_ms", made, now.milliseconds)
    }
    try queue.close()
  }

  /// Turns the mark of a backup into one of a ledger that was put back now.
  static func restored(_ db: Database, now: Instant) throws -> Opening.Restored? {
    if let madeAt = try db.number("SELECT decided_ms FROM slot WHERE key = ?", made) {
      try db.run("DELETE FROM slot WHERE key IN (?, ?)", made, put)
      try db.run("INSERT INTO slot(key, decided_ms) VALUES(?, ?)", put, now.milliseconds)
      return Opening.Restored(at: now, madeAt: Instant(milliseconds: madeAt))
    }
    return try db.number("SELECT decided_ms FROM slot WHERE key = ?", put).map {
      Opening.Restored(at: Instant(milliseconds: $0), madeAt: nil)
    }
  }

  static func forgetPosts(_ db: Database, instance: String, now: Instant) throws {
    try db.run("UPDATE meta SET instance = ?", instance)
    try db.run(
      """
      UPDATE outbox SET state = 'doubtful', active = 0, head = 0, owed = 1,
        reason = 'put back from a backup', settled_ms = ? WHERE active = 1
      """, now.milliseconds)
  }
}
