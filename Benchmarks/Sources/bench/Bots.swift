import Daemon
import Foundation
import Sandbox

/// Command → reply on the sandbox: `crewbell run` with every fsync, beside a python-telegram-bot
/// that answers with a word and keeps nothing. Each has a sandbox of its own in this process; they
/// are asked in turn, with a pause in which both come to rest: what is measured is how soon
/// somebody has their answer, not how many get one.
enum Bots {
  static let rounds = 600

  static func measure(crewbell: String, python: String, echo: String) async throws {
    let (ours, theirs) = (try await Desk("1:ours"), try await Desk("1:theirs"))
    try await withFolder { folder in
      let daemon = try start(crewbell, ["run", "--config", try config(folder, ours)])
      let bot = try start(python, [echo, "http://127.0.0.1:\(theirs.port)/bot", theirs.token])
      defer {
        for process in [daemon, bot] { kill(process.processIdentifier, SIGKILL) }
        daemon.waitUntilExit()
        bot.waitUntilExit()
      }
      try await ours.untilAnswered()
      try await theirs.untilAnswered()
      var (times, others): ([Double], [Double]) = ([], [])
      for round in 0..<rounds {
        times.append(try await ours.ask(round))
        try await Task.sleep(for: .milliseconds(20))
        others.append(try await theirs.ask(round))
        try await Task.sleep(for: .milliseconds(20))
      }
      row(
        "sandbox-median", times.median / others.median,
        "\((times.median * 1000).shown()) ms against \((others.median * 1000).shown()) ms")
      row(
        "sandbox-p99", times.quantile(0.99) / others.quantile(0.99),
        "\((times.quantile(0.99) * 1000).shown()) ms against"
          + " \((others.quantile(0.99) * 1000).shown()) ms")
    }
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
