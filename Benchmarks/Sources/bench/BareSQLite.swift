import GRDBSQLite

/// SQLite's C interface and nothing else, set as the ledger sets it.
final class BareSQLite {
  private var handle: OpaquePointer?

  struct Failure: Error { var message: String }

  init(_ path: String) throws {
    guard sqlite3_open(path, &handle) == SQLITE_OK else { throw failure() }
  }

  deinit { sqlite3_close(handle) }

  private func failure() -> Failure { Failure(message: String(cString: sqlite3_errmsg(handle))) }

  func run(_ sql: String) throws {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure() }
  }

  /// Every row, as SQLite's own values, so that they can be written again as they were.
  func rows(_ sql: String) throws -> [[OpaquePointer]] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
      throw failure()
    }
    defer { sqlite3_finalize(statement) }
    var rows: [[OpaquePointer]] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      rows.append(
        (0..<sqlite3_column_count(statement)).compactMap {
          sqlite3_value_dup(sqlite3_column_value(statement, $0))
        })
    }
    return rows
  }

  /// A statement that is run again and again.
  func prepare(_ sql: String) throws -> OpaquePointer? {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
      throw failure()
    }
    return statement
  }

  func run(_ statement: OpaquePointer?, _ values: ArraySlice<OpaquePointer>) throws {
    for (place, value) in values.enumerated() {
      sqlite3_bind_value(statement, Int32(place + 1), value)
    }
    guard sqlite3_step(statement) == SQLITE_DONE else { throw failure() }
    sqlite3_reset(statement)
  }
}

func text(_ value: OpaquePointer) -> String { String(cString: sqlite3_value_text(value)) }
