import Foundation
import GRDB
import GRDBSQLite

/// Statements by their text: each is prepared once and kept by the connection. They go past GRDB,
/// which makes lists of the values of each statement, a row of objects of each that is found, and
/// the statements around a transaction anew each time: together that took longer than SQLite does.
extension Database {
  /// For what gives no rows.
  func run(_ sql: String, _ values: (any Bound)?...) throws {
    try using(sql, values) { statement in
      try check(sqlite3_step(statement), is: SQLITE_DONE, sql)
    }
  }

  func rows<T>(_ sql: String, _ values: (any Bound)?..., read: (Columns) throws -> T) throws -> [T]
  {
    try rows(sql, values: values, read: read)
  }

  func rows<T>(_ sql: String, values: [(any Bound)?], read: (Columns) throws -> T) throws -> [T] {
    var found: [T] = []
    try each(sql, values) { columns in
      found.append(try read(columns))
      return true
    }
    return found
  }

  func row<T>(_ sql: String, _ values: (any Bound)?..., read: (Columns) throws -> T) throws -> T? {
    try first(sql, values, read)
  }

  func number(_ sql: String, _ values: (any Bound)?...) throws -> Int64? {
    try first(sql, values) { try $0[0] as Int64? } ?? nil
  }

  func text(_ sql: String, _ values: (any Bound)?...) throws -> String? {
    try first(sql, values) { try $0[0] as String? } ?? nil
  }

  /// One transaction, for writing from its beginning on.
  func transaction<T>(_ body: () throws -> T) throws -> T {
    try run("BEGIN IMMEDIATE")
    do {
      let value = try body()
      try run("COMMIT")
      return value
    } catch {
      // Where the disk is at fault, SQLite has taken it back already.
      if isInsideTransaction { try? run("ROLLBACK") }
      throw error
    }
  }

  private func first<T>(
    _ sql: String, _ values: [(any Bound)?], _ read: (Columns) throws -> T
  ) throws -> T? {
    var found: T?
    try each(sql, values) { columns in
      found = try read(columns)
      return false
    }
    return found
  }

  /// - Parameter see: returns whether it wants to see another.
  private func each(
    _ sql: String, _ values: [(any Bound)?], _ see: (Columns) throws -> Bool
  ) throws {
    try using(sql, values) { statement in
      while true {
        let code = sqlite3_step(statement)
        if code == SQLITE_DONE { return }
        try check(code, is: SQLITE_ROW, sql)
        guard try see(Columns(statement)) else { return }
      }
    }
  }

  private func using(
    _ sql: String, _ values: [(any Bound)?], _ body: (SQLiteStatement) throws -> Void
  ) throws {
    let statement = try cachedStatement(sql: sql).sqliteStatement
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (number, value) in values.enumerated() {
      // What is not bound is NULL.
      guard let value else { continue }
      try check(value.stored.bind(to: statement, at: CInt(number + 1)), is: SQLITE_OK, sql)
    }
    try body(statement)
  }

  private func check(_ code: CInt, is expected: CInt, _ sql: String) throws {
    guard code != expected else { return }
    throw DatabaseError(
      resultCode: ResultCode(rawValue: code), message: lastErrorMessage, sql: sql)
  }

  /// From now on a commit behind which so many pages are logged puts them into the file
  /// (https://www.sqlite.org/c3ref/wal_autocheckpoint.html).
  func emptyLog(behind pages: CInt) {
    // None once it is closed; the next statement says so.
    if let sqliteConnection { sqlite3_wal_autocheckpoint(sqliteConnection, pages) }
  }

  /// Puts all that was logged into the file, and empties the log.
  func emptyLog() throws {
    _ = try row("PRAGMA wal_checkpoint(TRUNCATE)") { try $0[0] as Int64 }
  }

  /// Shows every statement that is run, until it is called with nil.
  func watch(_ see: (@Sendable (String) -> Void)?) {
    guard let see else { return trace(options: []) }
    trace { see($0.expandedDescription) }
  }

  /// How SQLite finds the rows of a statement, step by step.
  func plan(of sql: String) throws -> [String] {
    try rows("EXPLAIN QUERY PLAN " + sql) { try $0[3] }
  }
}

/// The row on which a statement stands. No longer good when the statement goes on.
struct Columns {
  private let statement: SQLiteStatement

  fileprivate init(_ statement: SQLiteStatement) { self.statement = statement }

  var count: Int { Int(sqlite3_column_count(statement)) }

  /// - Throws: `.corrupt` for NULL. The tables are strict, so nothing else stands in a column than
  ///   what they say.
  subscript<T: Bound>(place: Int) -> T {
    get throws {
      guard let value: T = try self[place] else {
        throw LedgerFault.corrupt(
          "\(String(cString: sqlite3_column_name(statement, CInt(place)))) holds nothing")
      }
      return value
    }
  }

  subscript<T: Bound>(place: Int) -> T? {
    get throws {
      let place = CInt(place)
      guard sqlite3_column_type(statement, place) != SQLITE_NULL else { return nil }
      return T.value(statement, place)
    }
  }
}

/// What may stand for a `?` in a statement.
protocol Bound: StatementBinding {
  static func value(_ statement: SQLiteStatement, _ column: CInt) -> Self
  /// As it is stored; see `Coding.stored`.
  var stored: Self { get }
}

extension Bound {
  var stored: Self { self }
}

extension String: Bound {
  var stored: String { Coding.stored(self) }

  static func value(_ statement: SQLiteStatement, _ column: CInt) -> String {
    let text = UnsafeBufferPointer(
      start: sqlite3_column_text(statement, column),
      count: Int(sqlite3_column_bytes(statement, column)))
    return String(decoding: text, as: UTF8.self)
  }
}

extension Int64: Bound {
  static func value(_ statement: SQLiteStatement, _ column: CInt) -> Int64 {
    sqlite3_column_int64(statement, column)
  }
}

extension Int: Bound {
  static func value(_ statement: SQLiteStatement, _ column: CInt) -> Int {
    Int(sqlite3_column_int64(statement, column))
  }
}

extension Bool: Bound {
  static func value(_ statement: SQLiteStatement, _ column: CInt) -> Bool {
    sqlite3_column_int64(statement, column) != 0
  }
}

extension Data: Bound {
  static func value(_ statement: SQLiteStatement, _ column: CInt) -> Data {
    let bytes = UnsafeRawBufferPointer(
      start: sqlite3_column_blob(statement, column),
      count: Int(sqlite3_column_bytes(statement, column)))
    return Data(bytes)
  }
}
