import Crew
import Testing

@testable import Ledger

@Suite struct KeepingTests {
  @Test(arguments: LedgerKind.allCases)
  func `an answered update is forgotten after 90 days, a waiting one never`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      try await ledger.receive(said("answered"), said("waiting"), now: days(0))
      let number = try #require(try await ledger.waiting(limit: 1).first?.number)
      _ = try await ledger.record([Ruling(cause: .update(number, .done))], now: days(0))
      try await ledger.prune(now: days(90))
      #expect(try await ledger.receive(said("answered"), now: days(90)) == 0)
      try await ledger.prune(now: days(91))
      #expect(try await ledger.waiting(limit: 9).map(\.message) == [said("waiting").message])
      #expect(try await ledger.receive(said("answered"), said("waiting"), now: days(91)) == 1)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a sent post is forgotten after 90 days, but its key stays taken`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      try await bench.ledger.say(draft("a"), draft("b", to: kitchen), draft("c", to: office))
      let claimed = try await bench.ledger.claimAll(now: days(0))
      try await bench.ledger.settle(
        [(claimed[0].id, .sent(id: "x")), (claimed[1].id, .dead("no"))], now: days(0))
      try await bench.ledger.prune(now: days(90))
      #expect(try await bench.ledger.sentID(ofKey: "a") == "x")
      try await bench.ledger.prune(now: days(91))
      #expect(try await bench.ledger.sentID(ofKey: "a") == nil)
      try await bench.crash()
      try await bench.ledger.say(draft("a"), draft("d", to: kitchen))
      let next = try await bench.ledger.claimAll(now: days(91))
      #expect(next.map(\.key) == ["c", "d"])
      #expect(next.last?.undisclosed.count == 1, "what is not told yet is kept until it is")
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a slot is kept for 400 days`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      let ruling = Ruling(cause: .slots(["s"]), entries: [entry("x")])
      #expect(try await ledger.record([ruling], now: days(0)) == [true])
      try await ledger.prune(now: days(400))
      #expect(try await ledger.record([ruling], now: days(400)) == [false])
      try await ledger.prune(now: days(401))
      #expect(try await ledger.record([ruling], now: days(401)) == [true])
      #expect(try await ledger.lastEventNumber() == 2, "events are kept for ever")
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `more than a thousand old things go in one cleaning`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      let arrivals = (0..<2500).map { said("\($0)", kind: .ignored("noise")) }
      _ = try await ledger.ingest(arrivals, account: "matrix", from: nil, to: "a", now: days(0))
      try await ledger.prune(now: days(91))
      let again = try await ledger.ingest(
        arrivals, account: "matrix", from: "a", to: "b", now: days(91))
      #expect(again == 2500)
    }
  }
}
