import Outside

/// Runs one of the Python scripts in `Scripts` with the vendors' own clients.
enum Script {
  struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  /// - Returns: what it printed.
  /// - Throws: where the interpreter is missing or the script fails: a test that cannot run has
  ///   failed.
  @discardableResult
  static func run(_ name: String, _ arguments: String...) async throws -> String {
    try await run(name, arguments)
  }

  static func run(_ name: String, _ arguments: [String]) async throws -> String {
    let outcome = try await Python.run("Tests/ChatTests/Scripts/\(name)", arguments)
    guard outcome.status == 0 else {
      throw Failed(description: "\(name) ended with \(outcome.status):\n\(outcome.output)")
    }
    return outcome.output
  }
}
