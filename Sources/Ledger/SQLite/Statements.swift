import Foundation
import GRDB
import GRDBSQLite

/// Statements by their text: each is prepared once and kept by the connection. They go past GRDB,
/// which makes lists of the values of each statement, a row of objects of each that is found, and
/// the statements around a transaction anew each time: together that took longer than SQLite does.
extension Database {
  /// For what gives no rows.
  func run<each Value: Bound>(_ sql: String, _ values: repeat each Value) throws {
    let statement = try open(sql, repeat each values)
    defer { Self.free(statement) }
    try check(sqlite3_step(statement), is: SQLITE_DONE, sql)
  }

  func rows<T, each Value: Bound>(
    _ sql: String, _ values: repeat each Value, read: (Columns) throws -> T
  ) throws -> [T] {
    let statement = try open(sql, repeat each values)
    defer { Self.free(statement) }
    return try rows(statement, sql, read)
  }

  /// For as many values as there happen to be.
  func rows<T>(_ sql: String, values: [any Bound], read: (Columns) throws -> T) throws -> [T] {
    let statement = try open(sql)
    defer { Self.free(statement) }
    var place: CInt = 0
    for value in values { try bind(value, to: statement, &place) }
    return try rows(statement, sql, read)
  }

  func row<T, each Value: Bound>(
    _ sql: String, _ values: repeat each Value, read: (Columns) throws -> T
  ) throws -> T? {
    let statement = try open(sql, repeat each values)
    defer { Self.free(statement) }
    return try isAtRow(statement, sql) ? try read(Columns(statement)) : nil
  }

  func number<each Value: Bound>(_ sql: String, _ values: repeat each Value) throws -> Int64? {
    try row(sql, repeat each values) { try $0[0] as Int64? } ?? nil
  }

  func text<each Value: Bound>(_ sql: String, _ values: repeat each Value) throws -> String? {
    try row(sql, repeat each values) { try $0[0] as String? } ?? nil
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

  private func rows<T>(
    _ statement: SQLiteStatement, _ sql: String, _ read: (Columns) throws -> T
  ) throws -> [T] {
    var found: [T] = []
    while try isAtRow(statement, sql) { found.append(try read(Columns(statement))) }
    return found
  }

  /// False behind the last row.
  private func isAtRow(_ statement: SQLiteStatement, _ sql: String) throws -> Bool {
    let code = sqlite3_step(statement)
    if code == SQLITE_DONE { return false }
    try check(code, is: SQLITE_ROW, sql)
    return true
  }

  private func open<each Value: Bound>(
    _ sql: String, _ values: repeat each Value
  ) throws -> SQLiteStatement {
    let statement = try cachedStatement(sql: sql).sqliteStatement
    var place: CInt = 0
    do {
      for value in repeat each values { try bind(value, to: statement, &place) }
    } catch {
      // What stays bound would be taken for the next run's.
      Self.free(statement)
      throw error
    }
    return statement
  }

  private static func free(_ statement: SQLiteStatement) {
    sqlite3_reset(statement)
    sqlite3_clear_bindings(statement)
  }

  private func bind(
    _ value: some Bound, to statement: SQLiteStatement, _ place: inout CInt
  ) throws {
    place += 1
    try check(value.bind(to: statement, at: place), is: SQLITE_OK, "value \(place)")
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
  subscript<T: Stored>(place: Int) -> T {
    get throws {
      guard let value: T = try self[place] else {
        throw LedgerFault.corrupt(
          "\(String(cString: sqlite3_column_name(statement, CInt(place)))) holds nothing")
      }
      return value
    }
  }

  subscript<T: Stored>(place: Int) -> T? {
    get throws {
      let place = CInt(place)
      guard sqlite3_column_type(statement, place) != SQLITE_NULL else { return nil }
      return T.value(statement, place)
    }
  }
}

/// What may stand for a `?` in a statement.
protocol Bound {
  /// - Returns: what SQLite says.
  func bind(to statement: SQLiteStatement, at place: CInt) -> CInt
}

/// What may be read from a column.
protocol Stored: Bound {
  static func value(_ statement: SQLiteStatement, _ column: CInt) -> Self
}

extension Optional: Bound where Wrapped: Bound {
  func bind(to statement: SQLiteStatement, at place: CInt) -> CInt {
    // What is not bound is NULL.
    self?.bind(to: statement, at: place) ?? SQLITE_OK
  }
}

/// SQLITE_TRANSIENT of `sqlite3.h`: SQLite is to make its own copy.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension String: Stored {
  static func value(_ statement: SQLiteStatement, _ column: CInt) -> String {
    let text = UnsafeBufferPointer(
      start: sqlite3_column_text(statement, column),
      count: Int(sqlite3_column_bytes(statement, column)))
    return String(decoding: text, as: UTF8.self)
  }

  func bind(to statement: SQLiteStatement, at place: CInt) -> CInt {
    var stored = Coding.stored(self)
    return stored.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        sqlite3_bind_text(statement, place, $0.baseAddress, CInt($0.count), copied)
      }
    }
  }
}

extension Int64: Stored {
  static func value(_ statement: SQLiteStatement, _ column: CInt) -> Int64 {
    sqlite3_column_int64(statement, column)
  }

  func bind(to statement: SQLiteStatement, at place: CInt) -> CInt {
    sqlite3_bind_int64(statement, place, self)
  }
}

extension Int: Stored {
  static func value(_ statement: SQLiteStatement, _ column: CInt) -> Int {
    Int(Int64.value(statement, column))
  }

  func bind(to statement: SQLiteStatement, at place: CInt) -> CInt {
    Int64(self).bind(to: statement, at: place)
  }
}

extension Bool: Stored {
  static func value(_ statement: SQLiteStatement, _ column: CInt) -> Bool {
    Int64.value(statement, column) != 0
  }

  func bind(to statement: SQLiteStatement, at place: CInt) -> CInt {
    Int64(self ? 1 : 0).bind(to: statement, at: place)
  }
}

extension [UInt8]: Bound, Stored {
  static func value(_ statement: SQLiteStatement, _ column: CInt) -> [UInt8] {
    Array(
      UnsafeRawBufferPointer(
        start: sqlite3_column_blob(statement, column),
        count: Int(sqlite3_column_bytes(statement, column))))
  }

  func bind(to statement: SQLiteStatement, at place: CInt) -> CInt {
    withUnsafeBytes { bytes in
      // Nothing at all would be NULL.
      guard let first = bytes.baseAddress, !bytes.isEmpty else {
        return sqlite3_bind_zeroblob(statement, place, 0)
      }
      return sqlite3_bind_blob(statement, place, first, CInt(bytes.count), copied)
    }
  }
}
