import Foundation
import Ledger
import Sandbox
import Testing

@testable import Daemon

/// `kill -9` in the middle of a burst, again and again: the real program, a real file, a server
/// that keeps its own record of what it was sent. The same on a real homeserver is in
/// `MatrixProgramTests`.
@Suite(.serialized) struct CrashTests {
  /// Half of the kills fall here and half on the homeserver: `make crash CYCLES=1000`.
  static let cycles =
    max(2, Int(ProcessInfo.processInfo.environment["CYCLES"] ?? "") ?? 100) / 2

  /// When the kills fall: another time in each run, and the same again with `CRASH_SEED`.
  struct Chance: RandomNumberGenerator, CustomStringConvertible {
    let seed: UInt64
    private var state: UInt64

    init() {
      let given = ProcessInfo.processInfo.environment["CRASH_SEED"].flatMap(UInt64.init)
      seed = given ?? .random(in: 0..<1_000_000)
      state = seed
    }

    /// SplitMix64, https://prng.di.unimi.it/splitmix64.c.
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      return mixed ^ (mixed >> 31)
    }

    var description: String { "seed \(seed)" }
  }

  /// The figures, for whoever runs it for them.
  static func report(_ line: String) { print("crash: \(line)") }

  @Test func `killed in the middle of a burst, no command is lost or done twice`() async throws {
    let scene = try await CrashScene()
    var chance = Chance()
    try await scene.begin()
    for cycle in 1...Self.cycles {
      scene.daemon.isCalm = cycle % 2 == 0
      try scene.daemon.start()
      for number in 1...8 { await scene.write("c\(cycle)n\(number)") }
      // Not waiting for luck: when the kill falls is what is being varied.
      try await Task.sleep(for: .milliseconds(.random(in: 0...450, using: &chance)))
      scene.daemon.kill()
    }
    let reckoning = try await scene.reckon()
    Self.report("\(Self.cycles) kills on the sandbox, \(chance): \(reckoning)")
    #expect(reckoning.isClean, "\(reckoning); see \(scene.daemon.folder.path)")
    #expect(try await scene.daemon.end() == 0)
    await scene.end()
  }

  @Test func `told to end under load, it leaves nothing in doubt`() async throws {
    let scene = try await CrashScene()
    var chance = Chance()
    try await scene.begin()
    for cycle in 1...8 {
      try scene.daemon.start()
      let title = "t\(cycle)"
      await scene.write(title)
      try await wait(seconds: 60, for: "an answer") { await scene.isAnswered(title) }
      for number in 1...Int.random(in: 1...30, using: &chance) {
        await scene.write("\(title)n\(number)")
      }
      #expect(try await scene.daemon.end() == 0)
      let counts = try #require(try await scene.daemon.counts())
      #expect(counts.sending == 0 && counts.unknown == 0, "\(chance)")
    }
    let reckoning = try await scene.reckon()
    #expect(reckoning.isClean && reckoning.disclosed == 0, "\(chance): \(reckoning)")
    #expect(try await scene.daemon.doubtfulPosts() == 0)
    await scene.end()
  }
}
