import Crew
import Testing

@testable import Ledger

@Suite struct InboundTests {
  @Test(arguments: LedgerKind.allCases)
  func `an account has no cursor before the first contact, then the last one stored`(
    kind: LedgerKind
  ) async throws {
    try await Bench.with(kind) { bench in
      #expect(try await bench.ledger.cursor(of: "matrix") == nil)
      _ = try await bench.ledger.ingest([], account: "matrix", from: nil, to: "a", now: at(0))
      _ = try await bench.ledger.ingest([], account: "matrix", from: "a", to: "b", now: at(0))
      try await bench.crash()
      #expect(try await bench.ledger.cursor(of: "matrix") == "b")
      #expect(try await bench.ledger.cursor(of: "zulip") == nil)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `an update that comes again is dropped, within a batch and across restarts`(
    kind: LedgerKind
  ) async throws {
    try await Bench.with(kind) { bench in
      #expect(try await bench.ledger.receive(said("1"), said("2"), said("1")) == 2)
      #expect(try await bench.ledger.receive(said("2"), said("3")) == 1)
      try await bench.crash()
      #expect(try await bench.ledger.receive(said("1"), said("2"), said("3")) == 0)
      #expect(try await bench.ledger.waiting(limit: 9).map(\.message.id) == ["1", "2", "3"])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `an answered update that comes again stays answered`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      try await bench.ledger.receive(said("1"))
      let number = try #require(try await bench.ledger.waiting(limit: 1).first?.number)
      _ = try await bench.ledger.record([Ruling(cause: .update(number, .done))], now: at(1))
      #expect(try await bench.ledger.receive(said("1")) == 0)
      #expect(try await bench.ledger.waiting(limit: 1).isEmpty)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `the same id on two accounts is two updates`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      for account in ["matrix", "zulip"] {
        let new = try await bench.ledger.ingest(
          [said("1")], account: account, from: nil, to: "a", now: at(0))
        #expect(new == 1)
      }
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `whoever read from another place stores nothing`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      try await bench.ledger.receive(said("1"))
      for wrong in [nil, "", "elsewhere"] {
        let fault = await fault {
          _ = try await bench.ledger.ingest(
            [said("2")], account: "matrix", from: wrong, to: "x", now: at(0))
        }
        #expect(fault?.sort == .overtaken)
      }
      #expect(try await bench.ledger.cursor(of: "matrix") == "+")
      #expect(try await bench.ledger.counts().waiting == 1)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `updates wait in order of arrival, whole and with their time`(kind: LedgerKind) async throws
  {
    try await Bench.with(kind) { bench in
      try await bench.ledger.receive(said("z"), said("a"), now: at(5))
      try await bench.ledger.receive(said("m", "ünïcode 🔔 \u{0} \"quoted\""), now: at(3))
      try await bench.crash()
      let waiting = try await bench.ledger.waiting(limit: 9)
      #expect(waiting.map(\.message.id) == ["z", "a", "m"])
      #expect(waiting.map(\.receivedAt) == [at(5), at(5), at(3)])
      #expect(waiting.last?.message == said("m", "ünïcode 🔔 \u{0} \"quoted\"").message)
      #expect(waiting.map(\.number) == waiting.map(\.number).sorted())
      #expect(try await bench.ledger.waiting(limit: 2).count == 2)
      #expect(try await bench.ledger.waiting(limit: 0).isEmpty)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `an ignored update never waits but is known`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      let new = try await bench.ledger.receive(said("1", kind: .ignored("a typing notice")))
      #expect(new == 1)
      #expect(try await bench.ledger.waiting(limit: 9).isEmpty)
      #expect(try await bench.ledger.receive(said("1")) == 0)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a suspect is to blame only for a death while it was being answered`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      try await bench.ledger.receive(said("poison"), said("fine"))
      let numbers = try await bench.ledger.waiting(limit: 2).map(\.number)
      for deaths in 1...2 {
        try await bench.ledger.suspect(numbers[0])
        try await bench.ledger.suspect(numbers[0])
        #expect(try await bench.ledger.waiting(limit: 2).map(\.crashes) == [deaths - 1, 0])
        try await bench.crash()
        #expect(try await bench.ledger.waiting(limit: 2).map(\.crashes) == [deaths, 0])
      }
      try await bench.crash()
      #expect(try await bench.ledger.waiting(limit: 2).map(\.crashes) == [2, 0])
      try await bench.ledger.suspect(numbers[1])
      try await bench.restart()
      #expect(try await bench.ledger.waiting(limit: 2).map(\.crashes) == [2, 0])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `the inbox of a new run knows its epoch, its name and when the last one lived`(
    kind: LedgerKind
  ) async throws {
    try await Bench.with(kind) { bench in
      let first = bench.ledger.opening
      #expect(first.lastAliveAt == nil && first.unknown == 0)
      try await bench.ledger.beat(now: at(40))
      try await bench.crash()
      let second = bench.ledger.opening
      #expect(second.epoch == first.epoch + 1)
      #expect(second.instance == first.instance)
      #expect(second.lastAliveAt == at(40))
    }
  }
}
