import Crew
import Foundation
import Ledger
import Logging
import Sandbox
import Testing

@testable import Daemon

/// `kill -9` in the middle of a burst, again and again: the real program, a real file, a server
/// that keeps its own record of what it was sent.
@Suite(.serialized) struct CrashTests {
  /// `CYCLES=1000 swift test --filter CrashTests` for a long run.
  static let cycles = Int(ProcessInfo.processInfo.environment["CYCLES"] ?? "") ?? 12

  @Test func `killed in the middle of a burst, no command is lost or done twice`() async throws {
    let sandbox = try Sandbox(
      token: "1:crash", realNow: { SystemClock().milliseconds }, random: 7)
    let port = try await sandbox.start()
    let daemon = try DaemonProcess(telegramPort: port, token: "1:crash")
    try daemon.start()
    // What was written before the first contact is history: begin once commands are answered.
    try await wait(seconds: 60, for: "a first answer") {
      await sandbox.write("/kudos mine", as: 101, in: sandbox.group)
      return await sandbox.delivered.contains { $0.text.hasPrefix("None yet") }
    }

    var written: [String] = []
    for cycle in 1...Self.cycles {
      for number in 1...20 {
        let title = "c\(cycle)n\(number)"
        written.append(title)
        await sandbox.write(
          "/task add \(title)", as: [101, 102, 103][number % 3], in: sandbox.group)
      }
      // Not waiting for luck: when the kill falls is what is being varied.
      try await Task.sleep(for: .milliseconds((cycle * 137) % 600))
      daemon.kill()
      try daemon.start()
    }
    let everything = Set(written)
    try await wait(seconds: 180, for: "every command; see \(daemon.folder.path)/log") {
      let isQuiet = try await daemon.isQuiet()
      let titles = try await daemon.titles()
      return isQuiet && everything.isSubset(of: titles)
    }
    let delivered = await sandbox.delivered
    let doubts = try await daemon.doubtfulPosts()
    daemon.kill()
    await sandbox.stop()

    let titles = try await daemon.titles()
    #expect(titles.sorted() == written.sorted(), "a command was lost or done twice")
    for title in written {
      let answers = delivered.filter { $0.kind == .message && $0.text.contains(title + " ") }
      #expect(answers.count <= 1, "\(title) was answered \(answers.count) times")
    }
    let answered = Set(
      written.filter { title in delivered.contains { $0.text.contains(title + " ") } })
    #expect(written.count - answered.count <= doubts, "a missing answer is not in doubt")
  }
}

/// `crewbell run` as a process of its own, with its state in a folder of its own.
final class DaemonProcess {
  let folder: URL
  let config: URL
  private var process: Process?

  init(telegramPort port: Int, token: String) throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "crewbell-crash-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    config = folder.appending(path: "crewbell.yaml")
    let tokenFile = folder.appending(path: "token")
    try Data(token.utf8).write(to: tokenFile)
    chmod(tokenFile.path, 0o600)
    try Data(
      """
      state: \(folder.path)/state
      limits: { user_per_second: 1000, user_burst: 1000, room_per_second: 1000, room_burst: 1000, platform_share: 1000 }
      accounts:
        desk:
          platform: telegram
          base_url: http://127.0.0.1:\(port)
          token_file: token
          invite: ["*"]

      """.utf8
    ).write(to: config)
  }

  /// Built beside the tests.
  static var binary: URL {
    Synapse.root.appending(path: ".build/debug/crewbell")
  }

  private init(sharing other: DaemonProcess) throws {
    folder = other.folder.appending(path: "twin-\(UUID().uuidString.prefix(6))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    config = other.config
  }

  /// Another process on the same config and state, with a log of its own.
  func twin() throws -> DaemonProcess { try DaemonProcess(sharing: self) }

  var pid: Int32? { process?.processIdentifier }

  /// Everything it has written to stdout and stderr.
  var log: String {
    (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? ""
  }

  func start(_ command: [String] = ["run"], environment: [String: String] = [:]) throws {
    let process = Process()
    process.executableURL = Self.binary
    process.arguments = [command[0], "--config", config.path] + command.dropFirst()
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let log = folder.appending(path: "log")
    if !FileManager.default.fileExists(atPath: log.path) {
      _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    }
    let handle = try FileHandle(forWritingTo: log)
    try handle.seekToEnd()
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    self.process = process
  }

  func signal(_ number: Int32) {
    if let pid { Foundation.kill(pid, number) }
  }

  /// Tells it to end as systemd does. - Returns: its exit code.
  func end() async throws -> Int32 {
    signal(SIGTERM)
    return try await exit()
  }

  /// Waits until it has ended by itself.
  func exit() async throws -> Int32 {
    try await wait(seconds: 40, for: "the process to end; see \(folder.path)/log") {
      process?.isRunning != true
    }
    return process?.terminationStatus ?? -1
  }

  func kill() {
    guard let process, process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Whether nothing waits, as the ledger tells it.
  func isQuiet() async throws -> Bool {
    guard let counts = try await look({ try await $0.counts() }) else { return false }
    return counts.waiting == 0 && counts.queued == 0 && counts.unknown == 0
  }

  /// Every task there is, in the order of their numbers.
  func titles() async throws -> [String] {
    try await teams().sorted.flatMap { $0.tasks.all.map(\.text) }
  }

  func teams() async throws -> Teams {
    let log = Logger(label: "look") { _ in SwiftLogNoOpLogHandler() }
    return try await look { try await History.load(from: $0, words: Words(), log: log).0 }
      ?? Teams(words: Words())
  }

  func doubtfulPosts() async throws -> Int {
    try await look { try await $0.doubtfulPosts() } ?? 0
  }

  private func look<Value>(_ body: (SQLiteLedger) async throws -> Value) async throws -> Value? {
    let program = Program(configPath: config.path, environment: [:])
    return try await Looking.atCopy(of: program.load().config, body)
  }
}
