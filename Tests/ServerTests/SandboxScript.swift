import Foundation

/// Runs one of this folder's Python scripts and gives what it printed.
enum SandboxScript {
  struct Outcome: Sendable {
    var status: Int32
    var output: String
  }

  static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The interpreter that `make setup` fills with Tests/requirements.txt.
  static var python: URL {
    if let path = ProcessInfo.processInfo.environment["CREWBELL_PYTHON"] {
      return URL(filePath: path)
    }
    return root.appending(path: ".cache/venv/bin/python3")
  }

  /// - Throws: where the interpreter is missing: a test that cannot run has failed.
  static func run(_ name: String, _ arguments: String...) async throws -> Outcome {
    try await run(name, arguments)
  }

  static func run(_ name: String, _ arguments: [String]) async throws -> Outcome {
    let script = root.appending(path: "Tests/ServerTests/\(name)")
    let process = Process()
    process.executableURL = python
    process.arguments = [script.path()] + arguments
    var environment = ProcessInfo.processInfo.environment
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    process.environment = environment
    // A file, because a pipe that nobody empties would stop a script that says much.
    let log = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).log")
    try Data().write(to: log)
    defer { try? FileManager.default.removeItem(at: log) }
    let handle = try FileHandle(forWritingTo: log)
    process.standardOutput = handle
    process.standardError = handle
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in done.resume() }
      do { try process.run() } catch { done.resume(throwing: error) }
    }
    try handle.close()
    let output = String(decoding: try Data(contentsOf: log), as: UTF8.self)
    return Outcome(status: process.terminationStatus, output: output)
  }
}
