import Foundation
import Outside
import Testing

/// `crewbell demo` as a newcomer meets it: the real program, its page in a real browser. `UPDATE=1`
/// takes the README's picture anew.
@Suite struct DemoTests {
  @Test(.timeLimit(.minutes(5)))
  func `a week passes in the browser, and the end leaves nothing behind`() async throws {
    let demo = try Demonstration()
    defer { demo.remove() }
    let page = try await demo.page(within: .seconds(60))
    #expect(try demo.folders().count == 1)
    let picture = projectRoot.appending(path: "docs/demo.png")
    let isUpdate = ProcessInfo.processInfo.environment["UPDATE"] != nil
    let outcome = try await SandboxScript.run(
      "demo_page.py", [page] + (isUpdate ? [picture.path()] : []))
    #expect(outcome.status == 0 && outcome.output.hasSuffix("ok\n"), "\(outcome.output)")
    #expect(try await demo.end(within: .seconds(20)) == 0)
    #expect(try demo.folders() == [])
    // Larger, and whoever opens the README waits for it.
    let size = try #require(try picture.resourceValues(forKeys: [.fileSizeKey]).fileSize)
    #expect(size < 300_000)
  }
}

/// The program, in a temporary folder of its own.
private final class Demonstration {
  private let process = Process()
  private let folder: URL
  private let said: URL

  /// The binary that was built with this test; one built before stands in for it.
  private static var binary: URL {
    let beside = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
      .appending(path: "crewbell")
    if let beside, FileManager.default.isExecutableFile(atPath: beside.path()) { return beside }
    return projectRoot.appending(path: ".build/debug/crewbell")
  }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID().uuidString)")
    said = folder.appending(path: "said")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    try Data().write(to: said)
    let file = try FileHandle(forWritingTo: said)
    process.executableURL = Self.binary
    process.arguments = ["demo", "--port", "0", "--quiet"]
    process.environment = ProcessInfo.processInfo.environment
      .merging(["TMPDIR": folder.path(), "TZ": "Europe/Berlin"]) { _, ours in ours }
    process.standardOutput = file
    process.standardError = file
    try process.run()
    try file.close()
  }

  /// The address of its page, which it says once it listens.
  func page(within limit: Duration) async throws -> String {
    try await until(limit) { [said] in
      let words = try String(contentsOf: said, encoding: .utf8)
      return words.firstMatch(of: /http:\/\/127\.0\.0\.1:\d+\//).map { String($0.output) }
    }
  }

  /// What it keeps while it runs.
  func folders() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path())
      .filter { $0.hasPrefix("crewbell-demo-") }
  }

  /// Ends it as `systemctl stop` or Ctrl-C does. Returns its exit code.
  func end(within limit: Duration) async throws -> Int32 {
    process.terminate()
    return try await until(limit) { [process] in
      process.isRunning || process.terminationReason != .exit ? nil : process.terminationStatus
    }
  }

  func remove() {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(at: folder)
  }

  private func until<Value>(_ limit: Duration, _ look: () throws -> Value?) async throws -> Value {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
      if let value = try look() { return value }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw Failure(words: (try? String(contentsOf: said, encoding: .utf8)) ?? "it said nothing")
  }

  private struct Failure: Error { var words: String }
}
