import Crew
import Foundation
import Ledger
import Sandbox
import Testing

@testable import Daemon

/// A daemon on a sandbox that dies and is started again while three people write commands, and the
/// reckoning at the end: what they wrote against what is stored and what was delivered.
final class CrashScene {
  static let token = "1:crash"
  static let people: [Int64] = [101, 102, 103]

  let sandbox: Sandbox
  let daemon: DaemonProcess
  /// Where they write; a group that was upgraded has another id.
  var group: Int64
  private(set) var written: [String] = []

  init() async throws {
    sandbox = try Sandbox(
      token: Self.token, realNow: { SystemClock().milliseconds }, random: 7)
    group = sandbox.group
    let port = try await sandbox.start()
    daemon = try DaemonProcess(telegramPort: port, token: Self.token)
    try daemon.permitCrashes()
  }

  /// What was written before the first contact is history: begins once commands are answered.
  func begin() async throws {
    try daemon.start()
    try await wait(seconds: 60, for: "a first answer; see \(daemon.folder.path)/log") {
      await sandbox.write("/kudos mine", as: 101, in: sandbox.group)
      return await sandbox.delivered.contains { $0.text.hasPrefix("None yet") }
    }
    try await wait(seconds: 60, for: "quiet; see \(daemon.folder.path)/log") {
      // It was asked more than once, and an answer under way would be in doubt.
      guard await sandbox.unconfirmed == 0 else { return false }
      return try await daemon.isQuiet()
    }
    daemon.kill()
  }

  /// A command whose doing and whose answer can be told from all others.
  func write(_ title: String) async {
    written.append(title)
    let person = Self.people[written.count % Self.people.count]
    await sandbox.write("/task add \(title)", as: person, in: group)
  }

  func isAnswered(_ title: String) async -> Bool {
    await sandbox.delivered.contains { $0.text.contains(" \(title) ") }
  }

  /// One life that must end at the point, by its own hand. `stimulus` is called until then.
  /// - Returns: false if the point never came, or something else ended it.
  func life(
    _ order: String, signal: Int32 = SIGKILL, seconds: Double = 40,
    _ stimulus: (Int) async throws -> Void
  ) async throws -> Bool {
    try daemon.start(crashingAt: order)
    let end = ContinuousClock.now + .seconds(seconds)
    var round = 0
    while daemon.isRunning, ContinuousClock.now < end {
      round += 1
      try await stimulus(round)
      try await Task.sleep(for: .milliseconds(10))
    }
    let death = daemon.deathSignal
    daemon.kill()
    return death == signal
  }

  struct Reckoning: Equatable, CustomStringConvertible {
    var commands = 0
    var lost = 0
    var appliedTwice = 0
    var answeredTwice = 0
    /// Not answered, and told of by a later post.
    var disclosed = 0
    var undisclosed = 0

    var isClean: Bool { lost + appliedTwice + answeredTwice + undisclosed == 0 }

    var description: String {
      "\(commands) commands: lost \(lost), applied twice \(appliedTwice), answered twice "
        + "\(answeredTwice), undisclosed \(undisclosed), in doubt and disclosed \(disclosed)"
    }
  }

  /// Writes to the bot alone until it answers, so that whatever went wrong there is told there.
  func calm(_ person: Int64) async throws {
    let before = await sandbox.delivered.count { $0.chat == person }
    try await wait(seconds: 60, for: "an answer to one alone; see \(daemon.folder.path)/log") {
      await sandbox.write("/kudos mine", as: person, in: person)
      return await sandbox.delivered.count { $0.chat == person } > before
    }
  }

  /// Starts it once more and lets everything settle, then compares.
  /// - Parameter directs: people to whom it wrote alone.
  func reckon(directs: [Int64] = []) async throws -> Reckoning {
    try daemon.start()
    for person in directs { try await calm(person) }
    let calm = "calm-\(written.count)"
    await write(calm)
    // One room is answered in order: after many kills many answers stand before this one.
    let patience = 120 + Double(written.count) / 5
    try await wait(seconds: patience, for: "the last answer; see \(daemon.folder.path)/log") {
      await isAnswered(calm)
    }
    try await wait(seconds: 60, for: "quiet; see \(daemon.folder.path)/log") {
      try await daemon.isQuiet()
    }
    let delivered = await sandbox.delivered.filter { $0.kind == .message }.map(\.text)
    return Reckoning(
      of: written, titles: try await daemon.titles(), posts: delivered,
      untold: try await daemon.untoldPosts())
  }

  /// How many earlier posts this one tells of.
  static func toldOf(_ text: String) -> Int {
    guard let line = text.split(separator: "\n").last, line.hasPrefix("("),
      line.contains("earlier message")
    else { return 0 }
    return Int(line.dropFirst().prefix { $0.isNumber }) ?? 0
  }

  func end() async {
    daemon.kill()
    await sandbox.stop()
  }
}

extension CrashScene.Reckoning {
  /// - Parameters:
  ///   - titles: what is stored.
  ///   - posts: what was delivered.
  ///   - untold: posts that are owed a word, as the ledger says.
  init(of written: [String], titles: [String], posts: [String], untold: Int) {
    self.init(commands: written.count)
    lost = Set(written).subtracting(titles).count
    appliedTwice = titles.count - Set(titles).count
    undisclosed = untold
    var told = posts.reduce(0) { $0 + CrashScene.toldOf($1) }
    for title in written {
      switch posts.count(where: { $0.contains(" \(title) ") }) {
      case 0 where told > 0:
        told -= 1
        disclosed += 1
      case 0: undisclosed += 1
      case 1: break
      default: answeredTwice += 1
      }
    }
  }
}
