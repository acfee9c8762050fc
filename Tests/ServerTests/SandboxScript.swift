import Outside

/// Runs one of this folder's Python scripts and gives what it printed.
enum SandboxScript {
  static func run(_ name: String, _ arguments: String...) async throws -> Python.Outcome {
    try await run(name, arguments)
  }

  static func run(_ name: String, _ arguments: [String]) async throws -> Python.Outcome {
    try await Python.run("Tests/ServerTests/\(name)", arguments)
  }
}
