import Crew
import Testing

@testable import Ledger

@Suite struct OutboundTests {
  @Test(arguments: LedgerKind.allCases)
  func `one post per target at a time, older before newer`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      try await ledger.say(
        draft("a1"), draft("a2"), draft("b1", to: kitchen), draft("c1", to: office), draft("b2"))
      let first = try await ledger.claimAll()
      #expect(first.map(\.key) == ["a1", "b1", "c1"])
      #expect(first.allSatisfy { $0.attempt == 1 && $0.firstSentAt == nil })
      #expect(first.first?.post == Post(text: "a1") && first.first?.createdAt == at(0))
      #expect(try await ledger.claimAll().isEmpty)
      try await ledger.settle(first[0], .sent(id: "$1"))
      #expect(try await ledger.claimAll().map(\.key) == ["a2"])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a room and a person of the same name are two targets`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      let direct = Draft(
        key: "d", target: .direct(Identity(account: "matrix", user: "!lobby")), kind: .reminder,
        post: Post(text: "psst"))
      try await bench.ledger.say(draft("a"), direct)
      let claimed = try await bench.ledger.claimAll()
      #expect(claimed.map(\.key) == ["a", "d"])
      #expect(claimed.last?.target == direct.target && claimed.last?.kind == .reminder)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `only accounts that may send are claimed for, and no more than the limit`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      try await ledger.say(draft("a"), draft("b", to: office), draft("c", to: kitchen))
      #expect(try await ledger.claim(accounts: [], limit: 9, now: at(1)).isEmpty)
      #expect(try await ledger.claim(accounts: everywhere, limit: 0, now: at(1)).isEmpty)
      let zulip = try await ledger.claim(accounts: ["zulip"], limit: 9, now: at(1))
      #expect(zulip.map(\.key) == ["b"])
      #expect(try await ledger.claimAll(limit: 1).map(\.key) == ["a"])
      #expect(try await ledger.claimAll(limit: 1).map(\.key) == ["c"])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `what is drafted can be claimed in the same commit, as a claim would`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      func record(
        _ drafts: [Draft], _ accounts: Set<String> = everywhere, limit: Int = 9
      ) async throws -> Recorded {
        try await ledger.record(
          [Ruling(cause: .own("test"), drafts: drafts)], now: at(1),
          claiming: ClaimWish(accounts: accounts, limit: limit))
      }
      try await ledger.say(draft("old"))
      let first = try await record([draft("a"), draft("b", to: kitchen), draft("c", to: kitchen)])
      #expect(first.stored == [true])
      // What waited goes first, and of each target one alone.
      #expect(first.claimed.map(\.key) == ["old", "b"])
      #expect(first.claimed.map(\.post) == [Post(text: "old"), Post(text: "b")])
      #expect(try await ledger.claimAll().isEmpty)
      #expect(try await record([]).claimed.isEmpty)
      #expect(try await record([draft("d", to: office)], ["matrix"]).claimed.isEmpty)
      #expect(try await record([draft("e")], limit: 0).claimed.isEmpty)
      #expect(try await record([draft("f")]).claimed.map(\.key) == ["d"])
      // A key is taken for ever, and so are the words that it was taken with.
      var other = draft("g", to: kitchen)
      try await ledger.settle(first.claimed.last, .sent(id: "$1"))
      other.key = "c"
      #expect(try await record([other]).claimed.map(\.post) == [Post(text: "c")])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a post that waits for its retry holds back those behind it, and nobody else`(
    kind: LedgerKind
  ) async throws {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      try await ledger.say(draft("a1"), draft("a2"), draft("b1", to: kitchen))
      let first = try await ledger.claimAll()
      try await ledger.settle(first[0], .again(at: at(60)))
      try await ledger.settle(first[1], .sent(id: "$b"))
      #expect(try await ledger.claimAll(now: at(59)).isEmpty)
      #expect(try await ledger.nextSendAt() == at(60))
      let second = try await ledger.claimAll(now: at(60))
      #expect(second.map(\.key) == ["a1"])
      #expect(second.first?.attempt == 2 && second.first?.firstSentAt == nil)
      #expect(try await ledger.nextSendAt() == nil)
      try await ledger.settle(second.first, .sent(id: "$a"))
      #expect(try await ledger.claimAll(now: at(60)).map(\.key) == ["a2"])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a clock that is set back delays no new post`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      try await bench.ledger.say(draft("a"), now: at(9000))
      let next = try await bench.ledger.nextSendAt()
      #expect(try #require(next) <= at(5))
      #expect(try await bench.ledger.claimAll(now: at(5)).map(\.key) == ["a"])
    }
  }

  /// Ten years ahead, set right by the operator: nobody waits ten years.
  @Test(arguments: LedgerKind.allCases)
  func `a wait that only a wrong clock can have meant is over`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      let (wrong, right) = (at(315_000_000), at(5))
      try await bench.ledger.say(draft("a"), now: wrong)
      let claimed = try await bench.ledger.claimAll(now: wrong)
      try await bench.ledger.settle(claimed.first, .again(at: wrong.adding(seconds: 60)))
      #expect(try await bench.ledger.claimAll(now: right).map(\.key) == ["a"])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `given up, doubtful and sent posts hold nobody back`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      try await ledger.say(draft("1"), draft("2"), draft("3"), draft("4"))
      for (key, settlement) in [
        ("1", Settlement.dead("gone")), ("2", .doubtful("cut")), ("3", .sent(id: "x")),
      ] {
        let claimed = try await ledger.claimAll()
        #expect(claimed.map(\.key) == [key])
        try await ledger.settle(claimed.first, settlement)
      }
      #expect(try await ledger.claimAll().map(\.key) == ["4"])
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a claim of a dead run is of unknown fate and comes first`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      try await bench.ledger.say(draft("b1", to: kitchen))
      let early = try await bench.ledger.claimAll(now: at(1))
      try await bench.ledger.settle(early.first, .again(at: at(5)))
      try await bench.ledger.say(draft("a1"), draft("a2"))
      #expect(try await bench.ledger.claimAll(now: at(2)).map(\.key) == ["a1"])
      try await bench.crash()
      #expect(bench.ledger.opening.unknown == 1)
      #expect(try await bench.ledger.counts().unknown == 1)
      let claimed = try await bench.ledger.claimAll(now: at(9))
      #expect(claimed.map(\.key) == ["a1", "b1"])
      #expect(claimed.map(\.firstSentAt) == [at(2), nil])
      #expect(claimed.map(\.attempt) == [2, 2])
      #expect(try await bench.ledger.counts().unknown == 0)
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a claim is on the disk before it is returned`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      try await bench.ledger.say(draft("a"))
      #expect(try await bench.ledger.claimAll().count == 1)
      try await bench.crash()
      #expect(bench.ledger.opening.unknown == 1)
      try await bench.crash()
      #expect(bench.ledger.opening.unknown == 1, "it stays unknown until it is looked at")
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `who has not claimed a post cannot settle it, nor anything with it`(kind: LedgerKind)
    async throws
  {
    try await Bench.with(kind) { bench in
      try await bench.ledger.say(draft("a"), draft("b", to: kitchen))
      let claimed = try await bench.ledger.claimAll()
      try await bench.ledger.settle(claimed[0], .sent(id: "x"))
      for wrong in [claimed[0].id, 99] {
        let fault = await fault {
          try await bench.ledger.settle(
            [(claimed[1].id, .dead("no")), (wrong, .sent(id: "y"))], now: at(2))
        }
        #expect(fault?.sort == .overtaken)
      }
      #expect(try await bench.ledger.sentID(ofKey: "a") == "x")
      try await bench.crash()
      #expect(bench.ledger.opening.unknown == 1)
      let fault = await fault {
        try await bench.ledger.settle([(claimed[1].id, .sent(id: "z"))], now: at(2))
      }
      #expect(fault?.sort == .overtaken, "the claim died with its run")
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a resent post keeps the moment it may first have left`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      let ledger = bench.ledger
      try await ledger.say(draft("a"))
      try await ledger.settle(try await ledger.claimAll(now: at(1)).first, .resend(at: at(10)))
      #expect(try await ledger.claimAll(now: at(9)).isEmpty)
      let second = try await ledger.claimAll(now: at(10))
      #expect(second.first?.firstSentAt == at(1) && second.first?.attempt == 2)
      try await ledger.settle(second.first, .again(at: at(20)))
      let third = try await ledger.claimAll(now: at(20))
      #expect(third.first?.firstSentAt == at(1), "the first try may still have arrived")
      #expect(third.first?.key == "a")
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `a step done is remembered, and what follows starts afresh`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      try await bench.ledger.say(draft("a"), draft("b"))
      let first = try await bench.ledger.claimAll()
      #expect(first.first?.progress == nil)
      try await bench.ledger.settle(first.first, .next("room 7", at: at(3)))
      try await bench.crash()
      let second = try await bench.ledger.claimAll(now: at(3))
      #expect(second.map(\.key) == ["a"])
      #expect(second.first?.progress == "room 7")
      #expect(second.first?.attempt == 1 && second.first?.firstSentAt == nil)
      try await bench.crash()
      let third = try await bench.ledger.claimAll(now: at(4))
      #expect(third.first?.progress == "room 7" && third.first?.firstSentAt == at(3))
    }
  }

  @Test(arguments: LedgerKind.allCases)
  func `the platform's id of a sent post is found by its key`(kind: LedgerKind) async throws {
    try await Bench.with(kind) { bench in
      try await bench.ledger.say(draft("a"), draft("b", to: kitchen))
      #expect(try await bench.ledger.sentID(ofKey: "a") == nil)
      let claimed = try await bench.ledger.claimAll()
      try await bench.ledger.settle(
        [(claimed[0].id, .sent(id: "$event")), (claimed[1].id, .doubtful("cut"))], now: at(2))
      try await bench.crash()
      #expect(try await bench.ledger.sentID(ofKey: "a") == "$event")
      #expect(try await bench.ledger.sentID(ofKey: "b") == nil)
      #expect(try await bench.ledger.sentID(ofKey: "c") == nil)
      let (a, b) = (claimed[0].id, claimed[1].id)
      #expect(try await bench.ledger.isAnothers("$event", than: b))
      #expect(try await !bench.ledger.isAnothers("$event", than: a))
      #expect(try await !bench.ledger.isAnothers("$other", than: b))
    }
  }
}
