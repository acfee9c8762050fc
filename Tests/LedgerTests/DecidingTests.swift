import Crew
import Testing

@testable import Ledger

@Suite struct DecidingTests {
  @Test(arguments: LedgerKind.allCases)
  func `events are numbered from 1 without gaps, in the order they were decided`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      let rulings = [
        Ruling(cause: .own("a"), entries: [entry("one"), entry("two", team: "office", at(9))]),
        Ruling(cause: .slots(["s"]), entries: [entry("three")]),
      ]
      #expect(try await bench.ledger.record(rulings, now: at(1)) == [true, true])
      _ = try await bench.ledger.record(
        [Ruling(cause: .own("a"), entries: [entry("four")])], now: at(2))
      try await bench.crash()
      let events = try await bench.ledger.events(after: 0, limit: 9)
      #expect(events.map(\.number) == [1, 2, 3, 4])
      #expect(
        events.map(\.entry) == [
          entry("one"), entry("two", team: "office", at(9)), entry("three"), entry("four"),
        ])
      #expect(try await bench.ledger.lastEventNumber() == 4)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `events are read page by page`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      #expect(try await bench.ledger.lastEventNumber() == 0)
      #expect(try await bench.ledger.events(after: 0, limit: 9).isEmpty)
      let entries = (1...7).map { entry("\($0)") }
      _ = try await bench.ledger.record([Ruling(cause: .own("x"), entries: entries)], now: at(1))
      #expect(try await bench.ledger.events(after: 0, limit: 3).map(\.number) == [1, 2, 3])
      #expect(try await bench.ledger.events(after: 3, limit: 3).map(\.number) == [4, 5, 6])
      #expect(try await bench.ledger.events(after: 6, limit: 3).map(\.number) == [7])
      #expect(try await bench.ledger.events(after: 7, limit: 3).isEmpty)
      #expect(try await bench.ledger.events(after: 99, limit: 3).isEmpty)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `an update is answered once, and a second answer is left out whole`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      try await bench.ledger.receive(said("1"), said("2"))
      let numbers = try await bench.ledger.waiting(limit: 9).map(\.number)
      func answer(_ number: Int64, _ word: String) throws -> Ruling {
        Ruling(
          cause: .update(number, .done), entries: [entry(word)], drafts: [draft(word)])
      }
      let stored = try await bench.ledger.record(
        [answer(numbers[0], "first"), answer(numbers[0], "twin"), answer(numbers[1], "second")],
        now: at(1))
      #expect(stored == [true, false, true])
      try await bench.crash()
      let again = try await bench.ledger.record(
        [answer(numbers[0], "late"), answer(99, "nobody")], now: at(2))
      #expect(again == [false, false])
      #expect(
        try await bench.ledger.events(after: 0, limit: 9).map(\.entry)
          == [entry("first"), entry("second")])
      #expect(try await bench.ledger.counts().queued == 2)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a slot is decided once, and a ruling with a taken one is left out whole`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      func due(_ keys: [String], _ word: String) throws -> Ruling {
        Ruling(cause: .slots(keys), entries: [entry(word)], drafts: [draft(word)])
      }
      let stored = try await bench.ledger.record(
        [due(["a", "b"], "1"), due(["b", "c"], "2"), due(["c", "c"], "3")], now: at(1))
      #expect(stored == [true, false, true])
      try await bench.crash()
      let again = try await bench.ledger.record(
        [due(["d", "a"], "4"), due(["d"], "5")], now: at(2))
      #expect(again == [false, true])
      #expect(
        try await bench.ledger.events(after: 0, limit: 9).map(\.entry)
          == [entry("1"), entry("3"), entry("5")])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `what comes from nothing outside may come again`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      for word in ["one", "two"] {
        let stored = try await bench.ledger.record(
          [Ruling(cause: .own("config"), entries: [entry(word), entry(word)])], now: at(1))
        #expect(stored == [true])
      }
      #expect(try await bench.ledger.lastEventNumber() == 4)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `outcomes are counted, and only a new update waits`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      try await bench.ledger.receive(said("1"), said("2"), said("3"), said("4"), said("5"))
      let numbers = try await bench.ledger.waiting(limit: 9).map(\.number)
      let outcomes: [Outcome] = [.done, .refused("not allowed"), .quarantined, .confided]
      _ = try await bench.ledger.record(
        zip(numbers, outcomes).map { Ruling(cause: .update($0, $1)) }, now: at(1))
      let counts = try await bench.ledger.counts()
      #expect(counts.waiting == 1 && counts.quarantined == 1 && counts.events == 0)
      #expect(try await bench.ledger.waiting(limit: 9).map(\.message.id) == ["5"])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a post whose key is taken is dropped without a word`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      try await bench.ledger.say(draft("k"), draft("k", to: kitchen))
      try await bench.ledger.say(draft("k", to: office), draft("l"))
      let first = try await bench.ledger.claimAll()
      #expect(first.map(\.key) == ["k"])
      #expect(first.first?.target == .room(lobby))
      try await bench.ledger.settle(first.first, .sent(id: "x"))
      try await bench.crash()
      try await bench.ledger.say(draft("k"))
      #expect(try await bench.ledger.claimAll().map(\.key) == ["l"])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a snapshot replaces the one before, never a newer one`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      #expect(try await bench.ledger.snapshot() == nil)
      try await bench.ledger.saveSnapshot(number: 5, body: [1, 0, 255])
      try await bench.ledger.saveSnapshot(number: 3, body: [9])
      try await bench.crash()
      let kept = try await bench.ledger.snapshot()
      #expect(kept?.number == 5 && kept?.body == [1, 0, 255])
      try await bench.ledger.saveSnapshot(number: 6, body: [])
      let last = try await bench.ledger.snapshot()
      #expect(last?.number == 6 && last?.body == [])
    }
  }
}
