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
  func `what may wait is seen at once, and is stored with what comes next`(
    kind: LedgerKind
  ) async throws {
    try await Bench.with(kind) { bench in
      _ = try await bench.ledger.receive(said("1"))
      #expect(try await bench.ledger.receive(said("1"), said("2"), mayWait: true) == 1)
      #expect(try await bench.ledger.counts().waiting == 2)
      let waiting = try await bench.ledger.waiting(limit: 9)
      #expect(waiting.map(\.message.id) == ["1", "2"])
      let number = try #require(waiting.last?.number)
      let ruling = Ruling(cause: .update(number, .done))
      #expect(try await bench.ledger.record([ruling], now: at(1)) == [true])
      try await bench.crash()
      #expect(try await bench.ledger.cursor(of: "matrix") == "++")
      #expect(try await bench.ledger.waiting(limit: 9).map(\.message.id) == ["1"])
      #expect(try await bench.ledger.receive(said("2")) == 0)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a death takes what waits to be stored, and it may come again`(kind: LedgerKind) async throws
  {
    try await Bench.with(kind) { bench in
      _ = try await bench.ledger.receive(said("1"))
      for from in ["+", "++", "+++"] {
        // Two of them wait at no time.
        _ = try await bench.ledger.ingest(
          [said(from)], account: "matrix", from: from, to: from + "+", now: at(0), mayWait: true)
      }
      try await bench.crash()
      #expect(try await bench.ledger.cursor(of: "matrix") == "+++")
      #expect(try await bench.ledger.waiting(limit: 9).map(\.message.id) == ["1", "+", "++"])
    }
  }

  /// Whoever asks for what follows a cursor confirms what came before it.
  @Test(arguments: LedgerKind.allCases)
  func `no cursor is told of what is not stored`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      _ = try await bench.ledger.receive(said("1"), mayWait: true)
      #expect(try await bench.ledger.cursor(of: "matrix") == "+")
      try await bench.crash()
      #expect(try await bench.ledger.waiting(limit: 9).map(\.message.id) == ["1"])
      _ = try await bench.ledger.receive(said("2"), mayWait: true)
      try await bench.ledger.sync()
      try await bench.crash()
      #expect(try await bench.ledger.waiting(limit: 9).map(\.message.id) == ["1", "2"])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `what nobody answers may wait too, and many updates do not`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      _ = try await bench.ledger.receive(said("1", kind: .ignored("noise")), mayWait: true)
      #expect(try await bench.ledger.waiting(limit: 9).isEmpty)
      try await bench.crash()
      let many = (1...8).map { said("\($0)") }
      let count = try await bench.ledger.ingest(
        many, account: "matrix", from: nil, to: "a", now: at(0), mayWait: true)
      #expect(count == 8)
      try await bench.crash()
      #expect(try await bench.ledger.waiting(limit: 9).count == 8)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `what was read from another place may not even wait`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      let found = await fault {
        _ = try await ledger.ingest(
          [said("1")], account: "matrix", from: "x", to: "y", now: at(0), mayWait: true)
      }
      #expect(found?.sort == .overtaken)
      let waiting = try await ledger.waiting(limit: 9)
      #expect(waiting.isEmpty)
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
