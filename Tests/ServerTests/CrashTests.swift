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
