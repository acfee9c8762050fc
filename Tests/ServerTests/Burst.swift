import Foundation
import Sandbox
import Testing

@testable import Daemon

/// What the tests that hurt the daemon ask of it before and afterwards.
extension Sandbox {
  /// Returns when commands are answered now. What was written before a first contact is history.
  func firstAnswer() async throws {
    func answers() async -> Int { await delivered.count { $0.text.hasPrefix("None yet") } }
    let before = await answers()
    try await wait(seconds: 60, for: "a first answer") {
      await self.write("/kudos mine", as: 101, in: self.group)
      return await answers() > before
    }
  }

  /// Adds a task of each title.
  func addTasks(_ titles: [String]) async {
    for (number, title) in titles.enumerated() {
      await write("/task add \(title)", as: [101, 102, 103][number % 3], in: group)
    }
  }

  /// Those of the titles whose answer the platform has.
  func answered(_ titles: [String]) async -> Set<String> {
    let texts = await delivered.filter { $0.kind == .message }.map(\.text)
    return Set(titles.filter { title in texts.contains { $0.contains(" " + title + " ") } })
  }
}

extension DaemonProcess {
  /// Returns when each command is done and nothing waits any more.
  /// - Parameter seconds: where nothing is said, half a second more for each command, since a room
  ///   is answered in order.
  func settle(_ sandbox: Sandbox, _ titles: [String], seconds: Double? = nil) async throws {
    let everything = Set(titles)
    let patience = seconds ?? 180 + Double(titles.count) / 2
    try await wait(seconds: patience, for: "every command; see \(folder.path)/log") {
      // In this order: quiet before the last command came would say nothing, and to read every
      // event again and again would keep the daemon from its work.
      guard await sandbox.unconfirmed == 0, try await self.isQuiet() else { return false }
      return everything.isSubset(of: try await self.titles())
    }
  }

  /// Ends it, and counts: each command done once and answered once at most, and as many doubts as
  /// answers are missing.
  func expectOnce(
    _ sandbox: Sandbox, _ titles: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let delivered = await sandbox.delivered
    let doubts = try await doubtfulPosts()
    kill()
    let done = try await self.titles()
    #expect(
      done.sorted() == titles.sorted(), "a command was lost or done twice",
      sourceLocation: sourceLocation)
    var missing = 0
    for title in titles {
      let answers = delivered.filter { $0.kind == .message && $0.text.contains(" \(title) ") }
      if answers.isEmpty { missing += 1 }
      #expect(
        answers.count <= 1, "\(title) was answered \(answers.count) times",
        sourceLocation: sourceLocation)
    }
    #expect(
      missing <= doubts, "an answer is missing without a doubt", sourceLocation: sourceLocation)
  }
}
