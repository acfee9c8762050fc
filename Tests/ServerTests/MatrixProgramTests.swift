import Foundation
import Platforms
import Testing

@testable import Daemon

/// The program on a real homeserver, set up as the README says.
@Suite(.serialized) struct MatrixProgramTests {
  /// `CYCLES=1000 swift test --filter MatrixProgramTests` for a long run.
  static let cycles = Int(ProcessInfo.processInfo.environment["CYCLES"] ?? "") ?? 6

  private struct Desk {
    let ana: Account
    let bot: Account
    let room: String
    let daemon: DaemonProcess
  }

  private func desk() async throws -> Desk {
    let synapse = try await Synapse.shared.value
    let suffix = String(UUID().uuidString.prefix(6)).lowercased()
    let bot = try await synapse.account("bell-\(suffix)", displayName: "bell")
    let ana = try await synapse.account("ana-\(suffix)", displayName: "ana")
    let room = try await ana.createRoom("Desk")
    let daemon = try DaemonProcess(homeserver: synapse.url, user: bot.user, password: "secret")
    try daemon.start()
    try await ana.invite(bot.user, to: room)
    try await wait(seconds: 60, for: "the greeting; see \(daemon.folder.path)/log") {
      try await !Self.words(of: bot, in: room, ana).isEmpty
    }
    return Desk(ana: ana, bot: bot, room: room, daemon: daemon)
  }

  private static func words(of bot: Account, in room: String, _ reader: Account) async throws
    -> [String]
  {
    try await reader.wholeTimeline(of: room)
      .filter { $0["sender"].string == bot.user && $0["type"].string == "m.room.message" }
      .compactMap { $0["content"]["body"].string }
  }

  @Test func `a password is used once, and its token is kept for the next start`() async throws {
    let desk = try await desk()
    let kept = desk.daemon.folder.appending(path: "state/credential.matrix")
    let token = try String(contentsOf: kept, encoding: .utf8)
    let mode = try FileManager.default.attributesOfItem(atPath: kept.path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(try await desk.daemon.end() == 0)
    try desk.daemon.start()
    try await desk.ana.say("!kudos mine", in: desk.room)
    try await wait(seconds: 60, for: "an answer after the second start") {
      try await Self.words(of: desk.bot, in: desk.room, desk.ana)
        .contains { $0.hasPrefix("None yet") }
    }
    #expect(try String(contentsOf: kept, encoding: .utf8) == token)
    #expect(!desk.daemon.log.contains(token))
    let doctor = try desk.daemon.twin()
    try doctor.start(["doctor"])
    #expect(try await doctor.exit() == 0)
    #expect(try await desk.daemon.end() == 0)
  }

  @Test func `killed in a burst, every command is done and answered exactly once`() async throws {
    let desk = try await desk()
    var written: [String] = []
    for cycle in 1...Self.cycles {
      for number in 1...15 {
        written.append("c\(cycle)n\(number)")
        try await desk.ana.say("!task add c\(cycle)n\(number)", in: desk.room)
      }
      // Not waiting for luck: when the kill falls is what is being varied.
      try await Task.sleep(for: .milliseconds((cycle * 211) % 700))
      desk.daemon.kill()
      try desk.daemon.start()
    }
    let everything = Set(written)
    try await wait(seconds: 240, for: "every command; see \(desk.daemon.folder.path)/log") {
      let isQuiet = try await desk.daemon.isQuiet()
      let titles = try await desk.daemon.titles()
      return isQuiet && everything.isSubset(of: titles)
    }
    desk.daemon.kill()
    #expect(try await desk.daemon.titles().sorted() == written.sorted())
    let words = try await Self.words(of: desk.bot, in: desk.room, desk.ana)
    for title in written {
      let answers = words.count { $0.contains(" \(title) ") }
      #expect(answers == 1, "\(title) was answered \(answers) times")
    }
  }
}

extension Account {
  /// Every event of a room, oldest first.
  func wholeTimeline(of room: String) async throws -> [JSON] {
    var events: [JSON] = []
    var from: String?
    let path = room.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    while true {
      let start = from.map { "&from=\($0)" } ?? ""
      let page = try await call(.get, "rooms/\(path)/messages?dir=b&limit=500\(start)")
      events += page["chunk"].array ?? []
      guard let end = page["end"].string else { return events.reversed() }
      from = end
    }
  }
}
