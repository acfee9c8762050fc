import Crew
import Testing

@testable import Ledger

@Suite struct DisclosureTests {
  @Test(arguments: LedgerKind.allCases)
  func `a post of unlearned fate is told of by the next one that arrives, once`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      try await bench.ledger.say(
        draft("1", kind: .reminder), draft("2", kind: .digest), draft("3"), draft("4"),
        draft("else", to: kitchen))
      try await end(bench.ledger, key: "1", .doubtful("cut"))
      try await end(bench.ledger, key: "2", .dead("refused"))
      let third = try await claim(bench.ledger, key: "3")
      #expect(third.undisclosed.map(\.kind) == [.reminder, .digest])
      #expect(third.undisclosed.map(\.isDoubtful) == [true, false])
      #expect(third.undisclosed.map(\.createdAt) == [at(0), at(0)])
      try await bench.ledger.settle(third, .again(at: at(3)))
      try await bench.crash()
      let again = try await claim(bench.ledger, key: "3")
      #expect(again.undisclosed == third.undisclosed, "not told yet")
      try await bench.ledger.settle(again, .sent(id: "$3"))
      try await bench.crash()
      #expect(try await claim(bench.ledger, key: "4").undisclosed.isEmpty)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a teller that is lost itself leaves all of it to the next`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      try await ledger.say(draft("1"), draft("2"), draft("3"))
      try await end(ledger, key: "1", .doubtful("cut"))
      try await end(ledger, key: "2", .doubtful("cut"))
      #expect(try await claim(ledger, key: "3").undisclosed.count == 2)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `another room is told nothing`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      try await bench.ledger.say(draft("1"))
      try await end(bench.ledger, key: "1", .dead("gone"))
      try await bench.ledger.say(draft("2", to: kitchen))
      #expect(try await claim(bench.ledger, key: "2").undisclosed.isEmpty)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a room that goes on under another id takes its posts and its debts along`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      try await bench.ledger.say(draft("1"), draft("2"), draft("3"), draft("other", to: kitchen))
      try await end(bench.ledger, key: "1", .doubtful("cut"))
      let under = try await claim(bench.ledger, key: "2")
      try await bench.ledger.moveRoom(lobby, to: "!new")
      try await bench.ledger.settle(under, .again(at: at(0)))
      try await bench.crash()
      let moved = try await claim(bench.ledger, key: "2")
      #expect(moved.target == .room(Room(account: "matrix", id: "!new")))
      #expect(moved.undisclosed.count == 1)
      try await bench.ledger.settle(moved, .sent(id: "x"))
      let last = try await claim(bench.ledger, key: "3")
      #expect(last.target == moved.target && last.undisclosed.isEmpty)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a room that moves into another keeps one order, one post at a time`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      try await ledger.say(draft("a1"), draft("b1", to: kitchen), draft("a2"))
      try await ledger.say(draft("b2", to: kitchen), draft("a3"))
      var under = try await ledger.claimAll()
      #expect(under.map(\.key) == ["a1", "b1"])
      try await ledger.moveRoom(kitchen, to: lobby.id)
      #expect(try await ledger.claimAll().isEmpty)
      try await ledger.settle(under.removeFirst(), .again(at: at(1)))
      #expect(try await ledger.claimAll().isEmpty, "the other one is still under way")
      try await ledger.settle(under.removeFirst(), .sent(id: "x"))
      for key in ["a1", "a2", "b2", "a3"] { try await end(ledger, key: key, .sent(id: key)) }
      #expect(try await ledger.nextSendAt() == nil)
    }
  }

  private func claim(_ ledger: any Ledger, key: String) async throws -> Claimed {
    let claimed = try await ledger.claim(accounts: everywhere, limit: 1, now: at(5))
    #expect(claimed.map(\.key) == [key])
    return try #require(claimed.first)
  }

  private func end(_ ledger: any Ledger, key: String, _ settlement: Settlement) async throws {
    try await ledger.settle(try await claim(ledger, key: key), settlement)
  }
}
