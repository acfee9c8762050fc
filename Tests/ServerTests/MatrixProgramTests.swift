import Foundation
import Ledger
import Platforms
import Testing

@testable import Daemon

/// The program on a real homeserver, set up as the README says.
@Suite(.serialized) struct MatrixProgramTests {
  @Test func `a password is used once, and its token is kept for the next start`() async throws {
    let desk = try await MatrixDesk.open()
    let kept = desk.daemon.folder.appending(path: "state/credential.matrix")
    let token = try String(contentsOf: kept, encoding: .utf8)
    let mode = try FileManager.default.attributesOfItem(atPath: kept.path)[.posixPermissions]
    #expect(mode as? Int == 0o600)
    #expect(try await desk.daemon.end() == 0)
    try desk.daemon.start()
    try await desk.ana.say("!kudos mine", in: desk.room)
    try await wait(seconds: 60, for: "an answer after the second start") {
      try await desk.words()
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
    let desk = try await MatrixDesk.open()
    try desk.daemon.permitCrashes()
    var chance = CrashTests.Chance()
    var written: [String] = []
    for cycle in 1...CrashTests.cycles {
      for number in 1...4 {
        written.append("c\(cycle)n\(number)")
        try await desk.ana.say("!task add c\(cycle)n\(number)", in: desk.room)
      }
      // Not waiting for luck: when the kill falls is what is being varied.
      try await Task.sleep(for: .milliseconds(.random(in: 0...500, using: &chance)))
      desk.daemon.kill()
      desk.daemon.isCalm = cycle % 2 == 0
      try desk.daemon.start()
    }
    desk.daemon.kill()
    let reckoning = try await desk.reckon(written)
    CrashTests.report("\(CrashTests.cycles) kills on Synapse, \(chance): \(reckoning)")
    #expect(reckoning.isClean && reckoning.disclosed == 0, "\(reckoning)")
    #expect(try await desk.daemon.end() == 0)
  }

  /// The measure by which other bots lost from 26 to 444 of their commands.
  @Test func `one kill in a burst of 500 loses nothing and says nothing twice`() async throws {
    let desk = try await MatrixDesk.open()
    var chance = CrashTests.Chance()
    let written = (1...500).map { "b\($0)" }
    let lanes = stride(from: 0, to: 500, by: 125).map { Array(written[$0..<$0 + 125]) }
    let (ana, room) = (desk.ana, desk.room)
    let killedAt = Int.random(in: 20...300, using: &chance)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in lanes {
        group.addTask {
          for title in lane { try await ana.say("!task add \(title)", in: room) }
        }
      }
      try await wait(seconds: 120, for: "\(killedAt) commands done") {
        try await desk.daemon.counts()?.events ?? 0 >= Int64(killedAt)
      }
      desk.daemon.kill()
      try await group.waitForAll()
    }
    let reckoning = try await desk.reckon(written)
    CrashTests.report("one kill in a burst of 500 on Synapse, \(chance): \(reckoning)")
    #expect(reckoning.isClean && reckoning.disclosed == 0, "\(reckoning)")
    #expect(try await desk.daemon.end() == 0)
  }
}
