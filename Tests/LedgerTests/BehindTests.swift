import Crew
import Testing

@testable import Ledger

@Suite struct BehindTests {
  @Test(arguments: LedgerKind.allCases)
  func `what waits behind a claimed post can go with it, each with a fate of its own`(
    kind: LedgerKind
  ) async throws {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      try await ledger.say(
        draft("a1"), draft("b1", to: kitchen), draft("a2"), draft("a3"), draft("a4"))
      let first = try #require(try await ledger.claimAll(limit: 1).first)
      #expect(first.key == "a1")
      let behind = try await ledger.claimBehind(first.id, limit: 2, now: at(1))
      #expect(behind.map(\.key) == ["a2", "a3"])
      #expect(behind.allSatisfy { $0.attempt == 1 && $0.undisclosed.isEmpty })
      // Nothing else of that target may be claimed meanwhile, and nobody else's.
      #expect(try await ledger.claimAll().map(\.key) == ["b1"])
      try await ledger.settle(
        [(first.id, .sent(id: "1")), (behind[0].id, .doubtful("cut"))], now: at(2))
      #expect(try await ledger.claimAll().isEmpty)
      try await ledger.settle([(behind[1].id, .again(at: at(3)))], now: at(2))
      let again = try await ledger.claimAll(now: at(4))
      #expect(again.map(\.key) == ["a3"])
      #expect(again.first?.undisclosed.map(\.id) == [behind[0].id])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `behind what is not claimed nothing is taken, and nothing in doubt ever`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      try await ledger.say(draft("a1"), draft("a2"))
      let first = try #require(try await ledger.claimAll().first)
      #expect(try await ledger.claimBehind(99, limit: 9, now: at(1)).isEmpty)
      #expect(try await ledger.claimBehind(first.id, limit: 0, now: at(1)).isEmpty)
      let behind = try await ledger.claimBehind(first.id, limit: 9, now: at(1))
      try await ledger.settle(
        [(first.id, .again(at: at(1))), (behind[0].id, .resend(at: at(1)))], now: at(1))
      let again = try #require(try await ledger.claimAll(now: at(2)).first)
      #expect(again.key == "a1")
      #expect(try await ledger.claimBehind(again.id, limit: 9, now: at(2)).isEmpty)
    }
  }
}
