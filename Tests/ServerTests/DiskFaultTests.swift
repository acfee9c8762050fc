import Foundation
import Sandbox
import Testing

@testable import Daemon

/// What a disk can do to the daemon: the real program, on a disk of its own that fails.
@Suite(.serialized, .enabled(if: LoopDisk.mayRun, LoopDisk.needs))
struct DiskFaultTests {
  /// How many syncs fail, each in another life: `EIO=200 swift test --filter DiskFaultTests`.
  static let syncs = Int(ProcessInfo.processInfo.environment["EIO"] ?? "") ?? 6

  private func running(
    onDisk isOnDisk: Bool = true, megabytes: Int = 16
  ) async throws -> (
    sandbox: Sandbox, daemon: DaemonProcess, disk: LoopDisk?, notices: NoticeSocket
  ) {
    let sandbox = try Sandbox(
      token: "1:disk", realNow: { SystemClock().milliseconds }, random: 11)
    let daemon = try DaemonProcess(telegramPort: try await sandbox.start(), token: "1:disk")
    let disk =
      isOnDisk
      ? try LoopDisk(
        image: daemon.folder.appending(path: "disk"), on: daemon.folder.appending(path: "state"),
        megabytes: megabytes)
      : nil
    let notices = try NoticeSocket(folder: daemon.folder)
    try daemon.start(
      environment: ["NOTIFY_SOCKET": notices.path, "WATCHDOG_USEC": "30000000"])
    try await sandbox.firstAnswer()
    return (sandbox, daemon, disk, notices)
  }

  @Test func `a full disk moves nothing on, and with room again the daemon goes on by itself`()
    async throws
  {
    let (sandbox, daemon, disk, notices) = try await running()
    try disk?.fill()
    var titles: [String] = []
    // What the log has room for is still taken; then nothing is.
    try await wait(seconds: 60, for: "the disk to refuse; see \(daemon.folder.path)/log") {
      titles.append("full\(titles.count)")
      await sandbox.write(
        "/task add full\(titles.count - 1)", as: 101, in: sandbox.group)
      return daemon.log.contains("the disk refuses")
    }
    let known = await sandbox.unconfirmed
    #expect(known > 0)
    notices.read()
    notices.forget()
    try await wait(seconds: 30, for: "the watchdog, which would kill it") {
      notices.read()
      return notices.seen.contains("WATCHDOG=1")
    }
    #expect(await sandbox.unconfirmed >= known, "told the platform that it has what it has not")
    try disk?.makeRoom()
    try await wait(seconds: 60, for: "the disk to take again") {
      daemon.log.contains("the disk takes again")
    }
    let last = titles
    try await wait(seconds: 60, for: "every answer") {
      let texts = await sandbox.delivered.map(\.text)
      return last.allSatisfy { title in texts.contains { $0.contains(" \(title) ") } }
    }
    // Told once when it began and once when it ended, and not every few seconds.
    #expect(daemon.log.components(separatedBy: "the disk refuses").count == 2)
    #expect(try await daemon.end() == 0)
    let texts = await sandbox.delivered.map(\.text)
    for title in titles {
      #expect(texts.filter { $0.contains(" \(title) ") }.count == 1, "\(title)")
    }
    #expect(try await daemon.titles().count == titles.count)
    await sandbox.stop()
  }

  @Test func `a daemon that starts on a full disk waits for room`() async throws {
    let (sandbox, daemon, disk, _) = try await running()
    await sandbox.addTasks(["before"])
    try await daemon.settle(sandbox, ["before"])
    #expect(try await daemon.end() == 0)
    try disk?.fill()
    try daemon.start()
    try await wait(seconds: 60, for: "the daemon to wait; see \(daemon.folder.path)/log") {
      daemon.log.contains("waiting for room")
    }
    try disk?.makeRoom()
    await sandbox.addTasks(["after"])
    try await daemon.settle(sandbox, ["before", "after"])
    try await daemon.expectOnce(sandbox, ["before", "after"])
    await sandbox.stop()
  }

  /// Some rounds, because for a few milliseconds ext4 says yes to syncs of what it has not stored.
  /// The disk is as large as a log of full length wants it.
  @Test(arguments: 1...5)
  func `a file system that turns read-only loses nothing that was answered`(round: Int)
    async throws
  {
    let (sandbox, daemon, disk, _) = try await running(megabytes: 64)
    let titles = (1...20).map { "ro\($0)" }
    await sandbox.addTasks(titles)
    try await wait(seconds: 60, for: "some answers") { await sandbox.answered(titles).count > 3 }
    // As ext4 does by itself when it finds its disk at fault.
    try tool("mount", "-o", "remount,abort", daemon.folder.appending(path: "state").path)
    await sandbox.addTasks(["rest"])
    try await wait(seconds: 60, for: "the fault; see \(daemon.folder.path)/log") {
      !daemon.isRunning || daemon.log.contains("the disk refuses")
    }
    daemon.kill()
    disk?.detach()
    try disk?.attach()
    try daemon.start()
    try await daemon.settle(sandbox, titles + ["rest"])
    try await daemon.expectOnce(sandbox, titles + ["rest"])
    await sandbox.stop()
  }

  @Test func `a sync that fails ends the daemon, and a fresh start has all that was answered`()
    async throws
  {
    let (sandbox, daemon, _, _) = try await running(onDisk: false)
    #expect(try await daemon.end() == 0)
    var titles: [String] = []
    for number in 1...Self.syncs {
      try daemon.start(under: [
        "strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e",
        "inject=fsync,fdatasync:error=EIO:when=\(1 + number * 7 % 40)",
      ])
      try await wait(seconds: 60, for: "the daemon to end; see \(daemon.folder.path)/log") {
        titles.append("s\(titles.count)")
        await sandbox.addTasks([titles[titles.count - 1]])
        return !daemon.isRunning
      }
      #expect(try await daemon.exit() == 1, "systemd starts it again")
      let told = await sandbox.answered(titles)
      #expect(told.subtracting(try await daemon.titles()) == [], "life \(number)")
    }
    #expect(daemon.log.components(separatedBy: "failed to sync").count > Self.syncs)
    try daemon.start()
    try await daemon.settle(sandbox, titles)
    try await daemon.expectOnce(sandbox, titles)
    await sandbox.stop()
  }

  @Test func `a database that is deleted is missed within a beat, and none is begun in its place`()
    async throws
  {
    let (sandbox, daemon, _, _) = try await running(onDisk: false)
    let database = daemon.folder.appending(path: "state/crewbell.db")
    try FileManager.default.removeItem(at: database)
    #expect(try await daemon.exit() == Config.exitCode)
    #expect(daemon.log.contains("was deleted or replaced"))
    #expect(!FileManager.default.fileExists(atPath: database.path))
    try daemon.start()
    #expect(try await daemon.exit() == Config.exitCode)
    #expect(!FileManager.default.fileExists(atPath: database.path))
    await sandbox.stop()
  }
}
