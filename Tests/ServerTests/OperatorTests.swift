import Crew
import Curl
import Foundation
import Ledger
import Platforms
import Sandbox
import Testing

@testable import Daemon

/// An operator's day: a backup while everybody writes, the state lost, the backup put back; a
/// cursor lost; a backlog.
@Suite(.serialized) struct OperatorTests {
  /// `BACKLOG=100000 swift test --filter OperatorTests` for a long run.
  static let backlog = Int(ProcessInfo.processInfo.environment["BACKLOG"] ?? "") ?? 2000

  private func running() async throws -> (Sandbox, DaemonProcess) {
    let (sandbox, daemon, _) = try await runningOnPort()
    return (sandbox, daemon)
  }

  private func runningOnPort() async throws -> (Sandbox, DaemonProcess, port: Int) {
    let sandbox = try Sandbox(
      token: "1:operator", realNow: { SystemClock().milliseconds }, random: 19)
    let port = try await sandbox.start()
    let daemon = try DaemonProcess(telegramPort: port, token: "1:operator")
    try daemon.start()
    try await sandbox.firstAnswer()
    return (sandbox, daemon, port)
  }

  /// The web server of the sandbox looks at the clock once a second, so the time that it tells may
  /// lie a second behind that of the messages.
  private func untilLater(on port: Int) async throws {
    let curl = try Curl()
    func date() async throws -> String? {
      try await curl.perform(HTTPRequest(.get, "http://127.0.0.1:\(port)/")).headers["date"]
    }
    let before = try await date()
    try await wait(seconds: 60, for: "a later time") { try await date() != before }
    await curl.shutdown()
  }

  @Test func `a backup under load is whole, and put back it says nothing twice`() async throws {
    let (sandbox, daemon) = try await running()
    let state = daemon.folder.appending(path: "state")
    var titles: [String] = []
    var backups: [String] = []
    for round in 1...4 {
      titles += (1...25).map { "r\(round)n\($0)" }
      await sandbox.addTasks(Array(titles.suffix(25)))
      backups.append(daemon.folder.appending(path: "backup\(round)").path)
      let twin = try daemon.twin()
      try twin.start(["backup", backups[round - 1]])
      #expect(try await twin.exit() == 0, "\(twin.log)")
      #expect(twin.log.contains("every one as it was written"))
    }
    try await daemon.settle(sandbox, titles)
    #expect(try await daemon.end() == 0)
    let answers = await sandbox.delivered.map(\.text)

    // Each of them rebuilds to what it holds; the last but one goes on.
    for backup in backups {
      try tool("sh", "-c", "rm -f '\(state.path)'/crewbell.db*")
      try tool("cp", backup, state.appending(path: "crewbell.db").path)
      let twin = try daemon.twin()
      try twin.start(["replay"])
      #expect(try await twin.exit() == 0)
      #expect(twin.log.contains("all equal"))
    }
    try tool("sh", "-c", "rm -f '\(state.path)'/crewbell.db*")
    try tool("cp", backups[2], state.appending(path: "crewbell.db").path)
    try daemon.start()
    try await wait(seconds: 90, for: "the line; see \(daemon.folder.path)/log") {
      await sandbox.delivered.contains { $0.text.hasPrefix("I was put back from a backup") }
    }
    let kept = try await daemon.titles()
    #expect(Set(kept).isSubset(of: titles))
    await sandbox.addTasks(["afterwards"])
    try await daemon.settle(sandbox, kept + ["afterwards"])
    let new = await sandbox.delivered.map(\.text).dropFirst(answers.count)
    #expect(new.count == 2, "\(new)")
    #expect(try await daemon.end() == 0)
    await sandbox.stop()
  }

  @Test func `without its cursor the daemon begins anew with the stream, and repeats nothing`()
    async throws
  {
    let (sandbox, daemon, port) = try await runningOnPort()
    await sandbox.addTasks(["alpha", "beta"])
    try await daemon.settle(sandbox, ["alpha", "beta"])
    #expect(try await daemon.end() == 0)
    let before = await sandbox.delivered.count
    let database = daemon.folder.appending(path: "state/crewbell.db").path
    let forget =
      "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
      + " c.execute('DELETE FROM account'); c.commit()"
    try tool("python3", "-c", forget, database)
    // Of before the first contact, as far as anybody can know.
    await sandbox.addTasks(["between"])
    try await untilLater(on: port)
    try daemon.start()
    try await sandbox.firstAnswer()
    await sandbox.addTasks(["gamma"])
    try await daemon.settle(sandbox, ["alpha", "beta", "gamma"])
    #expect(try await daemon.titles() == ["alpha", "beta", "gamma"])
    let new = await sandbox.delivered.map(\.text).dropFirst(before)
    #expect(!new.contains { $0.contains("alpha") || $0.contains("beta") }, "\(new)")
    #expect(try await daemon.end() == 0)
    await sandbox.stop()
  }

  @Test func `a backlog is drained in bounded memory`() async throws {
    let (sandbox, daemon) = try await running()
    #expect(try await daemon.end() == 0)
    for number in 1...Self.backlog {
      await sandbox.write("just talking \(number)", as: 102, in: sandbox.group)
    }
    await sandbox.addTasks(["last"])
    try daemon.start()
    let begin = ContinuousClock.now
    try await daemon.settle(sandbox, ["last"], seconds: 900)
    let seconds = Double((ContinuousClock.now - begin).components.seconds)
    let peak = try daemon.peakKilobytes()
    print("backlog: \(Self.backlog) updates in \(seconds) s, at most \(peak / 1024) MiB")
    #expect(peak < 160 * 1024)
    #expect(await sandbox.unconfirmed == 0)
    #expect(try await daemon.end() == 0)
    await sandbox.stop()
  }
}

extension DaemonProcess {
  /// The most memory that it ever had (VmHWM of proc(5)).
  func peakKilobytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(pid ?? 0)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }
}
