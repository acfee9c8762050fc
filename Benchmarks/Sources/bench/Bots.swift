import Daemon
import Foundation
import Sandbox

/// Command → reply on the sandbox: `crewbell run` with every fsync, beside a python-telegram-bot
/// that answers with a word and keeps nothing. Each has a sandbox of its own in this process; they
/// are asked in turn, with a pause in which all come to rest: what is measured is how soon
/// somebody has their answer, not how many get one. A third one, of bare sockets and one sync,
/// shows how much of it is the sandbox and the disk.
enum Bots {
  static let rounds = 600

  static func measure(
    crewbell: String, python: String, echo: String, bare: String
  ) async throws {
    let (ours, theirs) = (try await Desk("1:ours"), try await Desk("1:theirs"))
    let least = try await Desk("1:least")
    try await withFolder { folder in
      let daemon = try start(crewbell, ["run", "--config", try config(folder, ours)])
      let bot = try start(python, [echo, "http://127.0.0.1:\(theirs.port)/bot", theirs.token])
      let floor = try start(python, [bare, "\(least.port)", least.token])
      defer {
        for process in [daemon, bot, floor] {
          kill(process.processIdentifier, SIGKILL)
          process.waitUntilExit()
        }
      }
      let desks = [ours, theirs, least]
      for desk in desks { try await desk.untilAnswered() }
      var times: [[Double]] = desks.map { _ in [] }
      for round in 0..<rounds {
        for (number, desk) in desks.enumerated() {
          times[number].append(try await desk.ask(round))
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      tell(times[0], times[1], floor: times[2])
    }
  }

  private static func tell(_ ours: [Double], _ theirs: [Double], floor: [Double]) {
    func compared(_ times: [Double], _ quantile: Double) -> (Double, String) {
      let (own, other) = (times.quantile(quantile), theirs.quantile(quantile))
      let figures = [own, other].map { "\(($0 * 1000).shown()) ms" }
      return (own / other, figures.joined(separator: " against "))
    }
    let (median, late, least) = (compared(ours, 0.5), compared(ours, 0.99), compared(floor, 0.5))
    row("sandbox-median", median.0, median.1)
    row("sandbox-p99", late.0, late.1)
    row("sandbox-floor", least.0, least.1)
  }

  private static func start(_ program: String, _ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  private static func config(_ folder: String, _ desk: Desk) throws -> String {
    let token = URL(filePath: folder + "/token")
    try Data(desk.token.utf8).write(to: token)
    chmod(token.path, 0o600)
    let config = """
      state: \(folder)/state
      limits:
        user_per_second: 1000
        user_burst: 1000
        room_per_second: 1000
        room_burst: 1000
        platform_share: 1000
      accounts:
        desk:
          platform: telegram
          base_url: http://127.0.0.1:\(desk.port)
          token_file: token
          invite: ["*"]

      """
    try Data(config.utf8).write(to: URL(filePath: folder + "/crewbell.yaml"))
    return folder + "/crewbell.yaml"
  }
}

/// A sandbox with a stopwatch.
private struct Desk {
  let sandbox: Sandbox
  let port: Int
  var token: String { sandbox.token }

  init(_ token: String) async throws {
    sandbox = try Sandbox(token: token, realNow: { SystemClock().milliseconds }, random: 7)
    port = try await sandbox.start()
  }

  func untilAnswered() async throws {
    let end = ContinuousClock.now + .seconds(60)
    while await sandbox.delivered.isEmpty {
      guard ContinuousClock.now < end else { throw CocoaError(.userCancelled) }
      await sandbox.write("/kudos mine", as: 101, in: sandbox.group)
      try await Task.sleep(for: .milliseconds(500))
    }
    try await Task.sleep(for: .seconds(3))
  }

  /// Seconds from the word being written to the answer standing in the chat.
  /// - Parameter round: what is asked differs from one to the next, because the same over and over
  ///   is taken for a loop.
  func ask(_ round: Int) async throws -> Double {
    let before = await sandbox.delivered.count
    let words = round % 2 == 0 ? "/kudos mine" : "/roles"
    let begun = ContinuousClock.now
    await sandbox.write(words, as: 101, in: sandbox.group)
    var known = -1
    while await sandbox.delivered.count == before {
      known = await sandbox.change(after: known, waitSeconds: 30)
      guard ContinuousClock.now - begun < .seconds(60) else { throw CocoaError(.userCancelled) }
    }
    return (ContinuousClock.now - begun).seconds
  }
}
