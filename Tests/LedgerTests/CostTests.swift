import Crew
import Synchronization
import Testing

@testable import Ledger

/// The cost of daily calls must not grow with history, so each of their statements has to find its
/// rows through an index.
@Suite struct CostTests {
  @Test func `no daily statement walks through a table that grows`() async throws {
    try await Bench.with(.sqlite) { bench in
      let ledger = try #require(bench.ledger as? SQLiteLedger)
      let statements = Statements()
      try await ledger.read { $0.watch { statements.add($0) } }
      try await day(ledger)
      try await ledger.read { db in
        db.watch(nil)
        let seen = statements.list.filter(isQuery)
        #expect(seen.count > 20)
        for sql in seen.sorted() {
          let plan = try db.plan(of: sql)
          for step in plan where step.contains("SCAN") {
            #expect(harmless(step), "\(step)\n\(sql)")
          }
        }
      }
    }
  }

  private func isQuery(_ sql: String) -> Bool {
    ["SELECT", "INSERT", "UPDATE", "DELETE"].contains { sql.hasPrefix($0) }
  }

  /// Partial indexes hold only what is open now.
  private func harmless(_ step: String) -> Bool {
    ["meta", "account", "json_each", "CONSTANT ROW", "inbox_new", "inbox_quarantined"]
      .contains { step.contains($0) }
      || step.contains("outbox_head") || step.contains("snapshot")
  }

  private func day(_ ledger: any Ledger) async throws {
    try await fill(ledger, days: 3)
    try await ledger.suspect(99)
    let claimed = try await ledger.claimAll()
    try await ledger.settle(claimed.first, .doubtful("cut"))
    try await ledger.settle(try await ledger.claimAll().first, .sent(id: "x"))
    try await ledger.settle(try await ledger.claimAll().first, .again(at: at(3)))
    _ = try await ledger.record([Ruling(cause: .slots(["a"]))], now: at(1))
    try await ledger.moveRoom(lobby, to: "!new")
    _ = try await (
      ledger.sentID(ofKey: "day 1"), ledger.nextSendAt(), ledger.counts(), ledger.snapshot(),
      ledger.events(after: 1, limit: 3), ledger.lastEventNumber()
    )
    try await ledger.beat(now: at(9))
  }
}

private final class Statements: Sendable {
  private let found = Mutex<Set<String>>([])
  var list: Set<String> { found.withLock { $0 } }
  func add(_ sql: String) { found.withLock { _ = $0.insert(sql) } }
}
