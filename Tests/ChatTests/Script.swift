import Foundation

/// Runs one of the Python scripts in `Scripts` with the vendors' own clients.
enum Script {
  static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The interpreter that `make setup` fills with Tests/requirements.txt.
  static var python: URL {
    if let path = ProcessInfo.processInfo.environment["CREWBELL_PYTHON"] {
      return URL(filePath: path)
    }
    return root.appending(path: ".cache/venv/bin/python3")
  }

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
    let process = Process()
    process.executableURL = python
    process.arguments = [root.appending(path: "Tests/ChatTests/Scripts/\(name)").path()] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["PYTHONDONTWRITEBYTECODE": "1"]
    ) { $1 }
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
    guard process.terminationStatus == 0 else {
      throw Failed(description: "\(name) ended with \(process.terminationStatus):\n\(output)")
    }
    return output
  }
}
