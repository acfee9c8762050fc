import Crew
import Foundation
import Ledger
import Logging
import Outside

@testable import Daemon

/// `crewbell run` as a process of its own, with its state in a folder of its own.
final class DaemonProcess {
  let folder: URL
  let config: URL
  private var process: Process?

  /// - Parameters:
  ///   - accounts: the lines below `accounts:`.
  ///   - secrets: files beside the config, by name.
  init(accounts: String, secrets: [String: String]) throws {
    folder = FileManager.default.temporaryDirectory
      .appending(path: "crewbell-run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    config = folder.appending(path: "crewbell.yaml")
    for (name, secret) in secrets {
      let file = folder.appending(path: name)
      try Data(secret.utf8).write(to: file)
      chmod(file.path, 0o600)
    }
    let head = """
      state: \(folder.path)/state
      limits:
        user_per_second: 1000
        user_burst: 1000
        room_per_second: 1000
        room_burst: 1000
        platform_share: 1000
      accounts:

      """
    try Data((head + accounts + "\n").utf8).write(to: config)
  }

  convenience init(telegramPort port: Int, token: String) throws {
    try self.init(
      accounts: """
          desk:
            platform: telegram
            base_url: http://127.0.0.1:\(port)
            token_file: token
            invite: ["*"]
        """, secrets: ["token": token])
  }

  /// With a password, as the README tells it.
  convenience init(homeserver: String, user: String, password: String) throws {
    try self.init(
      accounts: """
          matrix:
            platform: matrix
            homeserver: \(homeserver)
            user: "\(user)"
            password_file: password
            invite: ["*:\(Synapse.serverName)"]
        """, secrets: ["password": password + "\n"])
  }

  /// Built beside the tests.
  static var binary: URL {
    if let other = ProcessInfo.processInfo.environment["CREWBELL_BINARY"] {
      return URL(filePath: other)
    }
    return projectRoot.appending(path: ".build/debug/crewbell")
  }

  private init(sharing other: DaemonProcess) throws {
    folder = other.folder.appending(path: "twin-\(UUID().uuidString.prefix(6))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    config = other.config
  }

  /// Another process on the same config and state, with a log of its own.
  func twin() throws -> DaemonProcess { try DaemonProcess(sharing: self) }

  /// A test that fails leaves no process behind.
  deinit { kill() }

  var pid: Int32? { process?.processIdentifier }
  /// Everything it has written to stdout and stderr.
  var log: String {
    (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? ""
  }

  /// Its next run answers before it stores, as one that has lived for long. Needs `permitCrashes`.
  var isCalm = false

  /// - Parameters:
  ///   - under: a program, by name, that turns into ours and what it is told first (`prlimit`).
  ///   - output: where it writes in place of `log`.
  func start(
    _ command: [String] = ["run"], environment: [String: String] = [:], under: [String] = [],
    output: FileHandle? = nil, binary: String = DaemonProcess.binary.path
  ) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      under + [binary, command[0], "--config", config.path] + command.dropFirst()
    var environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if isCalm { environment[CrashSwitch.calmVariable] = "1" }
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    let log = folder.appending(path: "log")
    if !FileManager.default.fileExists(atPath: log.path) {
      _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    }
    let handle = try FileHandle(forWritingTo: log)
    try handle.seekToEnd()
    process.standardOutput = output ?? handle
    process.standardError = output ?? handle
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
    try await wait(seconds: 180, for: "the process to end; see \(folder.path)/log") {
      process?.isRunning != true
    }
    return process?.terminationStatus ?? -1
  }

  /// Lets the daemon crash where `start(crashingAt:)` tells it to.
  func permitCrashes() throws {
    let state = folder.appending(path: "state")
    try FileManager.default.createDirectory(at: state, withIntermediateDirectories: true)
    try Data().write(to: state.appending(path: CrashSwitch.permission))
  }

  /// - Parameter order: such as `after-send:3`.
  func start(crashingAt order: String) throws {
    try start(environment: [CrashSwitch.variable: order])
  }

  /// The signal that ended it; nil while it runs and after an exit of its own.
  var deathSignal: Int32? {
    guard let process, !process.isRunning, process.terminationReason == .uncaughtSignal else {
      return nil
    }
    return process.terminationStatus
  }

  var isRunning: Bool { process?.isRunning == true }

  /// Removes everything it had.
  func remove() { try? FileManager.default.removeItem(at: folder) }

  func kill() {
    guard let process, process.isRunning else { return }
    let pid = process.processIdentifier
    Foundation.kill(pid, SIGKILL)
    // Not `waitUntilExit`: Foundation learns of an end by a socket that another child, begun at the
    // same moment, may have inherited; and it holds a thread, which that child's end may need.
    while Self.isAlive(pid) { usleep(1000) }
  }

  /// False for what is gone and for what only waits to be noted (proc(5), `stat`), down to its last
  /// thread: until then it holds its locks.
  private static func isAlive(_ pid: Int32) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let name = stat.lastIndex(of: ")")
    else { return false }
    let threads = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
    return !["Z", "X"].contains(stat[name...].dropFirst(2).first) || (threads?.count ?? 0) > 1
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

  /// Posts that did not arrive for certain and of which no later post has told.
  func untoldPosts() async throws -> Int { try await look { try await $0.untoldPosts() } ?? 0 }

  func counts() async throws -> LedgerCounts? { try await look { try await $0.counts() } }

  private func look<Value>(_ body: (SQLiteLedger) async throws -> Value) async throws -> Value? {
    let program = Program(configPath: config.path, environment: [:])
    return try await Looking.atCopy(of: program.load().config, body)
  }
}
