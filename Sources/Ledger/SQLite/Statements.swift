import Foundation
import GRDB
import GRDBSQLite

/// Statements by their text: each is prepared once and kept by the connection.
extension Database {
  /// For what gives no rows. It goes past GRDB, which makes three lists of the values of each
  /// statement: that took longer than SQLite takes to store them.
  func run(_ sql: String, _ values: (any Bound)?...) throws {
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
    try check(sqlite3_step(statement), is: SQLITE_DONE, sql)
  }

  private func check(_ code: CInt, is expected: CInt, _ sql: String) throws {
    guard code != expected else { return }
    throw DatabaseError(
      resultCode: ResultCode(rawValue: code), message: lastErrorMessage, sql: sql)
  }

  func rows(_ sql: String, _ values: (any Bound)?...) throws -> [Row] {
    try Row.fetchAll(try cachedStatement(sql: sql), arguments: Self.arguments(values))
  }

  func row(_ sql: String, _ values: (any Bound)?...) throws -> Row? {
    try Row.fetchOne(try cachedStatement(sql: sql), arguments: Self.arguments(values))
  }

  func number(_ sql: String, _ values: (any Bound)?...) throws -> Int64? {
    try Int64.fetchOne(try cachedStatement(sql: sql), arguments: Self.arguments(values))
  }

  func text(_ sql: String, _ values: (any Bound)?...) throws -> String? {
    try String.fetchOne(try cachedStatement(sql: sql), arguments: Self.arguments(values))
  }

  /// Shows every statement that is run, until it is called with nil.
  func watch(_ see: (@Sendable (String) -> Void)?) {
    guard let see else { return trace(options: []) }
    trace { see($0.expandedDescription) }
  }

  /// How SQLite finds the rows of a statement, step by step.
  func plan(of sql: String) throws -> [String] {
    try rows("EXPLAIN QUERY PLAN " + sql).map { $0["detail"] }
  }

  private static func arguments(_ values: [(any Bound)?]) -> StatementArguments {
    let stored: [(any DatabaseValueConvertible)?] = values.map { $0?.stored }
    return StatementArguments(stored)
  }
}

/// What may stand for a `?` in a statement.
protocol Bound: DatabaseValueConvertible, StatementBinding {
  /// As it is stored; see `Coding.stored`.
  var stored: Self { get }
}

extension Bound {
  var stored: Self { self }
}

extension String: Bound {
  var stored: String { Coding.stored(self) }
}

extension Int: Bound {}
extension Int64: Bound {}
extension Bool: Bound {}
extension Data: Bound {}
