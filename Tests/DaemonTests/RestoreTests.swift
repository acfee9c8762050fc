import Crew
import Foundation
import Ledger
import Platforms
import Synchronization
import Testing

@testable import Daemon

/// Long gaps: an old backup put back, a platform that was away for a day.
@Suite struct RestoreTests {
  private func withLedger(
    _ body: (_ ledger: SQLiteLedger, _ path: String) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "restore-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "crewbell.db").path
    let ledger = try await SQLiteLedger.open(
      at: path, now: Instant(seconds: 1), allowCreate: false, newInstance: "first")
    try await body(ledger, path)
  }

  @Test func `after an old backup nothing is said twice, and what the platform still has is done`()
    async throws
  {
    try await withLedger { ledger, path in
      let world = World()
      var bench = try await Bench(world, ledger)
      world.write("ana", "", kind: .invited)
      world.write("ben", "", kind: .joined)
      world.write("ana", "/kudos @ben for the rollback")
      try await bench.run()
      try SQLiteLedger.backup(of: path, to: path + ".backup", now: world.now())
      world.pass(3600)
      for number in 1...5 { world.write("ana", "/task add lost\(number)") }
      try await bench.run()
      await ledger.close()
      let before = world.texts

      world.pass(3600)
      let old = try await SQLiteLedger.open(
        at: path + ".backup", now: world.now(), allowCreate: false, newInstance: "second")
      bench = try await Bench(world, old)
      try await bench.run()
      // The platform tells again what it told after the backup; it is done, and not answered.
      #expect(bench.keeper.teams.sorted[0].tasks.all.count == 5)
      #expect(world.texts == before)
      try await bench.keeper.ring()
      try await bench.send()
      #expect(world.texts.count == before.count + 1)
      #expect(world.texts.last?.hasPrefix("I was put back from a backup of ") == true)
      world.pass(60)
      world.write("ana", "/task add new")
      try await bench.run()
      #expect(world.texts.last?.contains("#6 new") == true)
      await old.close()
    }
  }

  @Test func `posts of a day without the platform are not sent late, and are told of in one line`()
    async throws
  {
    var bench = try await Bench.team()
    bench.world.trouble { $0.method == .post ? .nothingSent : nil }
    for number in 1...300 {
      bench.world.write("ana", "/task add t\(number)")
      bench.world.pass(60)
      if number.isMultiple(of: 25) {
        try await bench.poll()
        try await bench.answer()
        try await bench.send()
      }
    }
    bench.world.pass(24 * 3600)
    bench.world.trouble { _ in nil }
    let tried = bench.world.state.withLock { $0.requests }
    try await bench.send()
    #expect(bench.world.texts.isEmpty)
    #expect(bench.world.state.withLock { $0.requests } == tried, "sent what is too old")
    bench.world.write("ana", "/kudos mine")
    try await bench.run()
    #expect(bench.world.texts.count == 1)
    #expect(
      bench.world.texts.last?.hasSuffix("messages of mine could not be delivered or confirmed.)")
        == true)
    #expect(bench.keeper.teams.sorted[0].tasks.all.count == 300)
  }
}
