import Crew
import Foundation
import Testing

@testable import Ledger

/// Bytes that are not what they were: in the file, in its log.
@Suite(.serialized) struct DamageTests {
  /// `DAMAGE=1000 swift test --filter DamageTests` for a long run.
  static let flips = Int(ProcessInfo.processInfo.environment["DAMAGE"] ?? "") ?? 60

  /// Everything that the file says, table by table.
  private static func everything(in ledger: SQLiteLedger) async throws -> [String: [String]] {
    try await ledger.read { db in
      var found: [String: [String]] = [:]
      for table in ["account", "inbox", "event", "slot", "outbox", "spent", "snapshot"] {
        found[table] = try db.rows("SELECT * FROM \(table) ORDER BY 1") { row in
          "\(try (0..<row.count).map { try row[$0] as [UInt8]? })"
        }
      }
      return found
    }
  }

  @Test func `a byte that is changed anywhere is refused, found in the chain, or plain to count`()
    async throws
  {
    try await withFolder { folder in
      let path = folder.appending(path: "crewbell.db").path
      let ledger = try await open(path)
      try await fill(ledger, days: 60)
      try await ledger.saveSnapshot(number: 60, body: Array(repeating: 7, count: 9000))
      await ledger.close()
      let first = try await open(path)
      let before = try await Self.everything(in: first)
      await first.close()
      let whole = try Data(contentsOf: URL(filePath: path))
      var ends: [String: Int] = [:]
      var chance: UInt64 = 42
      for _ in 1...Self.flips {
        chance = chance &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let offset = Int(chance >> 33) % whole.count
        var bad = whole
        bad[bad.startIndex + offset] ^= UInt8(1 + (chance >> 20) % 255)
        try bad.write(to: URL(filePath: path))
        let end = await Self.end(path, before)
        ends[end, default: 0] += 1
        #expect(end != "event", "an event was changed at \(offset), and nothing said so")
      }
      print("bytes changed: \(Self.flips), ends: \(ends.sorted { $0.key < $1.key })")
      #expect(ends["refused", default: 0] + ends["chain", default: 0] > 0)
    }
  }

  /// How it was noticed; `harmless` if nothing in it says anything else than before; or else the
  /// table that does.
  private static func end(_ path: String, _ before: [String: [String]]) async -> String {
    do {
      let ledger = try await open(path)
      defer { Task { await ledger.close() } }
      let isWhole = (try? await ledger.verifyChain()) != nil
      let now = try? await everything(in: ledger)
      await ledger.close()
      guard isWhole else { return "chain" }
      guard let now else { return "refused" }
      return before.keys.sorted().first { before[$0] != now[$0] } ?? "harmless"
    } catch {
      return "refused"
    }
  }

  @Test func `a log that is damaged anywhere keeps the whole commits before`() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "crewbell.db").path
      let ledger = try await open(path)
      try await fill(ledger, days: 2)
      let copy = folder.appending(path: "copy.db").path
      for end in ["", "-wal"] { try run("/bin/cp", path + end, copy + end) }
      await ledger.close()
      let base = try Data(contentsOf: URL(filePath: copy))
      let log = try usedLog(copy)
      for offset in stride(from: 1, to: log.count, by: 1021) {
        var bad = log
        bad[bad.startIndex + offset] ^= 0xFF
        try base.write(to: URL(filePath: copy))
        try bad.write(to: URL(filePath: copy + "-wal"))
        let cut = try await open(copy)
        let events = try await cut.verifyChain()
        #expect(events == (try await cut.counts()).queued, "at \(offset)")
        await cut.close()
      }
    }
  }

  @Test(.enabled(if: geteuid() == 0, "needs to mount a small tmpfs"))
  func `a disk that fills up before a checkpoint leaves the log, and the file whole`() async throws
  {
    try await withFolder { folder in
      try #require(
        try run("/bin/mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder.path) == 0)
      defer { _ = try? run("/bin/umount", "-l", folder.path) }
      let path = folder.appending(path: "crewbell.db").path
      let ledger = try await open(path)
      try await fill(ledger, days: 10)
      // In the log for now; the file will need room for it.
      try await ledger.receive(said("long", String(repeating: "long ", count: 60_000)))
      let filler = folder.appending(path: "filler").path
      try run("/bin/sh", "-c", "cat /dev/zero > '\(filler)' 2> /dev/null")
      let refusal = await fault {
        try await ledger.read { try $0.emptyLog() }
      }
      #expect(refusal?.sort == .disk)
      #expect(try await ledger.verifyChain() == 10)
      try FileManager.default.removeItem(atPath: filler)
      try await ledger.prune(now: at(0))
      #expect(try await ledger.read { try $0.text("PRAGMA integrity_check") } == "ok")
      await ledger.close()
      let next = try await open(path)
      #expect(try await next.verifyChain() == 10)
      await next.close()
    }
  }

  /// The file as the first version wrote it, with an update, a claim and a post under way. It is
  /// never made anew: that is what it is for.
  @Test func `a file of the first schema is read, with what was under way`() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "crewbell.db").path
      let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Schema1.sql").path
      let make =
        "import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())"
      try #require(try run("/usr/bin/python3", "-c", make, path, script) == 0)
      let ledger = try await open(path)
      #expect(ledger.opening.epoch == 2)
      #expect(ledger.opening.instance == "test")
      #expect(ledger.opening.unknown == 1)
      #expect(try await ledger.verifyChain() == 3)
      #expect(try await ledger.cursor(of: "matrix") == "++++")
      #expect(try await ledger.waiting(limit: 9).map(\.message.id) == ["waits"])
      #expect(try await ledger.snapshot()?.number == 2)
      let claimed = try await ledger.claimAll(now: at(9))
      #expect(claimed.map(\.key) == ["day 1"])
      #expect(claimed.first?.firstSentAt != nil)
      try await ledger.settle(claimed.first, .sent(id: "$1"))
      #expect(try await ledger.claimAll(now: at(10)).map(\.key) == ["day 2"])
      await ledger.close()
    }
  }
}
