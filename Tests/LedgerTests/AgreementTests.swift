import Crew
import Testing

@testable import Ledger

/// The simulator runs on memory, the daemon on a file: what holds for one must hold for the other.
/// So both get the same random calls, and every answer is compared.
@Suite struct AgreementTests {
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func `memory and file give the same answers to the same calls`(seed: UInt64) async throws {
    try await Bench.with(.memory) { memory in
      try await Bench.with(.sqlite) { file in
        var twins = Twins(memory: memory, file: file, chance: Chance(state: seed))
        for step in 1...250 {
          try await twins.step()
          try await twins.compare("seed \(seed), step \(step)")
        }
        (memory, file) = (twins.memory, twins.file)
      }
    }
  }
}

/// SplitMix64, so that a seed is the same run everywhere.
private struct Chance: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
  mutating func pick<T>(_ list: [T]) -> T { list[below(list.count)] }
}

private struct Twins {
  var memory: Bench
  var file: Bench
  var chance: Chance
  private var now = at(0)
  private var underWay: [Int64] = []
  private var rooms = [lobby, kitchen, office]

  init(memory: Bench, file: Bench, chance: Chance) {
    (self.memory, self.file, self.chance) = (memory, file, chance)
  }

  /// The same call on both; the answers are compared at once, and a fault is an answer too.
  @discardableResult
  private func both<T: Equatable>(_ call: (any Ledger) async throws -> T) async -> T? {
    let one = await answer(memory.ledger, call)
    let two = await answer(file.ledger, call)
    #expect(one.value == two.value && one.fault == two.fault)
    return one.value
  }

  private func answer<T>(_ ledger: any Ledger, _ call: (any Ledger) async throws -> T) async
    -> (value: T?, fault: Sort?)
  {
    do {
      return (try await call(ledger), nil)
    } catch {
      return (nil, (error as? LedgerFault)?.sort)
    }
  }

  mutating func step() async throws {
    now = now.adding(seconds: Int64(chance.below(40)))
    switch chance.below(20) {
    case 0...3: await ingest()
    case 4...8: await record()
    case 9...11: await claim()
    case 12...16: await settle()
    case 17: await rarely()
    case 18: await both { [now] in try await $0.beat(now: now) == () }
    default: try await die()
    }
  }

  private mutating func ingest() async {
    let ids = (0..<chance.below(5)).map { _ in "\(chance.below(60))" }
    let arrivals = ids.map { said($0, kind: $0.hasSuffix("7") ? .ignored("noise") : .text) }
    let from = chance.below(10) == 0 ? "elsewhere" : nil
    let to = "\(chance.next())"
    let mayWait = chance.below(2) == 0
    await both { [now] ledger in
      let cursor = try await ledger.cursor(of: "matrix")
      return try await ledger.ingest(
        arrivals, account: "matrix", from: from ?? cursor, to: to, now: now, mayWait: mayWait)
    }
  }

  private mutating func record() async {
    let waiting = await both { try await $0.waiting(limit: 5) } ?? []
    let outcomes: [Outcome] = [.done, .refused("no"), .quarantined, .confided]
    let rulings = (0..<chance.below(4)).map { _ in
      let drafts = (0..<chance.below(3)).map { _ in
        draft("\(chance.below(200))", to: chance.pick(rooms), kind: chance.pick([.reply, .digest]))
      }
      let cause: Ruling.Cause =
        switch chance.below(3) {
        case 0: .own("config")
        case 1: .slots((0..<chance.below(3)).map { _ in "\(chance.below(40))" })
        default: .update(waiting.isEmpty ? 0 : chance.pick(waiting).number, chance.pick(outcomes))
        }
      return Ruling(cause: cause, entries: [entry("\(chance.next())")], drafts: drafts)
    }
    let wish = ClaimWish(
      accounts: chance.pick([everywhere, ["matrix"], []]), limit: chance.below(4))
    let isClaiming = chance.below(2) == 0
    let recorded = await both { [now] in
      try await $0.record(rulings, now: now, claiming: isClaiming ? wish : nil)
    }
    underWay += (recorded?.claimed ?? []).map(\.id)
    if let first = waiting.first, chance.below(4) == 0 {
      await both { try await $0.suspect(first.number) == () }
    }
  }

  private mutating func claim() async {
    let accounts = chance.pick([everywhere, ["matrix"], ["zulip"], []])
    let limit = chance.below(4)
    let claimed = await both { [now] in
      try await $0.claim(accounts: accounts, limit: limit, now: now)
    }
    underWay += (claimed ?? []).map(\.id)
  }

  private mutating func settle() async {
    guard !underWay.isEmpty else { return }
    let id = chance.below(20) == 0 ? 1 : underWay.remove(at: chance.below(underWay.count))
    let later = now.adding(seconds: Int64(chance.below(60)))
    let settlements: [Settlement] = [
      .sent(id: "$\(id)"), .sent(id: "$\(id)"), .next("step", at: later), .again(at: later),
      .resend(at: later), .absent(at: later), .dead("gone"), .doubtful("cut"),
    ]
    let settlement = chance.pick(settlements)
    await both { [now] in try await $0.settle([(id, settlement)], now: now) == () }
    underWay.removeAll { $0 == id }
  }

  private mutating func rarely() async {
    switch chance.below(4) {
    case 0:
      let from = chance.pick(rooms)
      let to = chance.pick([chance.pick(rooms).id, "!\(chance.next())"])
      rooms.append(Room(account: from.account, id: to))
      await both { try await $0.moveRoom(from, to: to) == () }
    case 1:
      now = now.adding(hours: 24 * Int64(chance.below(100)))
      await both { [now] in try await $0.prune(now: now) == () }
    default:
      let number = Int64(chance.below(50))
      await both { try await $0.saveSnapshot(number: number, body: [UInt8(number)]) == () }
    }
  }

  private mutating func die() async throws {
    if chance.below(2) == 0 {
      try await memory.crash()
      try await file.crash()
    } else {
      try await memory.restart()
      try await file.restart()
    }
    underWay = []
    #expect(memory.ledger.opening.epoch == file.ledger.opening.epoch)
    #expect(memory.ledger.opening.unknown == file.ledger.opening.unknown)
  }

  mutating func compare(_ place: Comment) async throws {
    let key = "\(chance.below(200))"
    try await #require(memory.ledger.counts() == file.ledger.counts(), place)
    try await #require(memory.ledger.nextSendAt() == file.ledger.nextSendAt(), place)
    try await #require(
      memory.ledger.waiting(limit: 99) == file.ledger.waiting(limit: 99), place)
    try await #require(
      memory.ledger.sentID(ofKey: key) == file.ledger.sentID(ofKey: key), place)
    let number = try await memory.ledger.lastEventNumber()
    try await #require(
      memory.ledger.events(after: number - 3, limit: 9)
        == file.ledger.events(after: number - 3, limit: 9), place)
    let snapshots = try await (memory.ledger.snapshot(), file.ledger.snapshot())
    try #require(snapshots.0?.number == snapshots.1?.number, place)
  }
}
