import Crew
import Foundation
import Testing

@testable import Ledger

/// A backup is put back by people in a hurry: it must know by itself what it does not know.
@Suite struct BackupTests {
  private func withBackup(
    _ body: (_ ledger: SQLiteLedger, _ copy: String) async throws -> Void
  ) async throws {
    try await Bench.with(.sqlite) { bench in
      let ledger = try #require(bench.ledger as? SQLiteLedger)
      try await fill(ledger, days: 5)
      _ = try await ledger.claimAll(limit: 1)
      let copy = ledger.path + ".backup"
      try SQLiteLedger.backup(of: ledger.path, to: copy, now: at(50))
      try await ledger.say(draft("later"))
      try await body(ledger, copy)
    }
  }

  @Test func `a backup made while the ledger is open is a whole ledger`() async throws {
    try await withBackup { ledger, copy in
      let restored = try await open(copy)
      #expect(try await restored.verifyChain() == 5)
      #expect(try await restored.cursor(of: "matrix") == ledger.cursor(of: "matrix"))
      await restored.close()
      #expect(try await ledger.counts().queued == 5)
    }
  }

  @Test func `it is made once, and for nobody else to read`() async throws {
    try await withBackup { ledger, copy in
      let again = await fault { try SQLiteLedger.backup(of: ledger.path, to: copy, now: at(51)) }
      #expect(again?.sort == .disk)
      let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions]
      #expect(mode as? Int == 0o600)
      let folder = URL(filePath: copy).deletingLastPathComponent().path
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names.filter { $0.contains("backup") } == ["crewbell.db.backup"])
      #expect(
        await fault { try SQLiteLedger.backup(of: folder + "/none", to: copy + "2", now: at(1)) }?
          .sort == .missing)
    }
  }

  @Test func `what waited to be sent is told of and not sent, since it may have been`()
    async throws
  {
    try await withBackup { _, copy in
      let restored = try await open(copy, now: at(60))
      #expect(try await restored.claimAll(now: at(61)).isEmpty)
      try await restored.say(draft("new"))
      let claimed = try await restored.claimAll(now: at(62))
      #expect(claimed.map(\.key) == ["new"])
      #expect(claimed.first?.undisclosed.count == 5)
      #expect(claimed.first?.undisclosed.allSatisfy(\.isDoubtful) == true)
      await restored.close()
    }
  }

  /// The platform remembers the keys of the life that is lost, and would drop new posts as known.
  @Test func `its posts have keys of their own`() async throws {
    try await withBackup { ledger, copy in
      let restored = try await SQLiteLedger.open(
        at: copy, now: at(60), allowCreate: false, newInstance: "other")
      #expect(restored.opening.instance == "other")
      #expect(restored.opening.restored == .init(at: at(60), madeAt: at(50)))
      await restored.close()
      let next = try await open(copy, now: at(70))
      #expect(next.opening.instance == "other")
      #expect(next.opening.restored == .init(at: at(60), madeAt: nil))
      await next.close()
      #expect(ledger.opening.restored == nil)
    }
  }

  @Test func `a backup of what was put back is one again`() async throws {
    try await withBackup { _, copy in
      let restored = try await open(copy, now: at(60))
      try SQLiteLedger.backup(of: copy, to: copy + "2", now: at(80))
      await restored.close()
      let second = try await open(copy + "2", now: at(90))
      #expect(second.opening.restored == .init(at: at(90), madeAt: at(80)))
      await second.close()
    }
  }
}
