import Foundation

/// The folder that holds Package.swift.
public let projectRoot = URL(filePath: #filePath).resolvingSymlinksInPath()
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

/// The Python that `make setup` fills with Tests/requirements.txt: vendors' clients and readers, a
/// homeserver, a mail server.
public enum Python {
  public static var interpreter: URL {
    if let path = ProcessInfo.processInfo.environment["CREWBELL_PYTHON"] {
      return URL(filePath: path)
    }
    return projectRoot.appending(path: ".cache/venv/bin/python3")
  }

  public struct Outcome: Sendable {
    public var status: Int32
    public var output: String
  }

  /// Runs a script to its end.
  /// - Parameter script: its path from `projectRoot`.
  /// - Throws: where the interpreter is missing: a test that cannot run has failed.
  public static func run(_ script: String, _ arguments: [String]) async throws -> Outcome {
    let process = Process()
    process.executableURL = interpreter
    process.arguments = [projectRoot.appending(path: script).path()] + arguments
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
    return Outcome(
      status: process.terminationStatus,
      output: String(decoding: try Data(contentsOf: log), as: UTF8.self))
  }
}
