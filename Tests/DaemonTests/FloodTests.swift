import Crew
import Foundation
import Ledger
import Platforms
import Synchronization
import Testing

@testable import Daemon

/// One person floods; what the others notice of it is counted in commits, so that the speed of the
/// machine plays no part.
@Suite struct FloodTests {
  /// What was stored, commit by commit.
  private final class Commits: Sendable {
    private let list = Mutex<[[Ruling]]>([])

    func watch(_ keeper: inout Keeper) {
      keeper.record = { [ledger = keeper.ledger] rulings, now in
        self.list.withLock { $0.append(rulings) }
        return try await ledger.record(rulings, now: now)
      }
    }

    var count: Int { list.withLock { $0.count } }

    /// Titles of the tasks that one commit adds.
    func titles(_ number: Int) -> [String] { Self.titles(list.withLock { $0[number] }) }

    /// Which commit of those from `start` on added this task, from 1.
    func place(of title: String, from start: Int) -> Int? {
      list.withLock { $0.dropFirst(start).firstIndex { Self.titles($0).contains(title) } }
        .map { $0 - start + 1 }
    }

    private static func titles(_ rulings: [Ruling]) -> [String] {
      rulings.flatMap(\.entries).compactMap { entry in
        if case .tasks(.added(_, let text, _, _, _, _, _)) = entry.event { text } else { nil }
      }
    }
  }

  /// Which commit decided Ana's command, for each of ten seconds in which Ben writes so many, and
  /// the keeper may make so many commits.
  private func commits(flood perSecond: Int, perSecond most: Int) async throws -> [Int] {
    var bench = try await Bench.team(platform: Plain())
    let commits = Commits()
    commits.watch(&bench.keeper)
    var places: [Int] = []
    for second in 1...10 {
      for number in 0..<perSecond { bench.world.write("ben", "/task add b\(second).\(number)") }
      bench.world.write("ana", "/task add a\(second)")
      try await bench.poll()
      let start = commits.count
      while commits.count < start + most, try await bench.keeper.answer() {}
      places.append(commits.place(of: "a\(second)", from: start) ?? .max)
      bench.world.pass(1)
    }
    return places
  }

  @Test func `a thousand commands a second of one person delay nobody else`() async throws {
    let calm = try await commits(flood: 0, perSecond: 4)
    let flooded = try await commits(flood: 1000, perSecond: 4)
    #expect(calm.allSatisfy { $0 == 1 })
    // Two: what was looked at before may have been more than one look takes.
    #expect(flooded.allSatisfy { $0 <= 2 }, "\(flooded)")
  }

  @Test func `without a limit everybody takes turns`() async throws {
    var limits = Limits()
    limits.user = .init(perSecond: 100_000, burst: 100_000)
    limits.room = limits.user
    limits.account = limits.user
    var bench = try await Bench.team(platform: Plain(), limits: limits)
    let commits = Commits()
    commits.watch(&bench.keeper)
    for number in 0..<900 { bench.world.write("ben", "/task add b\(number)") }
    for number in 0..<20 { bench.world.write("ana", "/task add a\(number)") }
    try await bench.poll()
    try await bench.answer()
    let first = commits.titles(0)
    #expect(first.filter { $0.hasPrefix("a") } == (0..<20).map { "a\($0)" })
    #expect(first.filter { $0.hasPrefix("b") } == (0..<44).map { "b\($0)" })
    // And nothing is lost or doubled on the way.
    #expect(commits.count == 15)
    let titles = bench.keeper.teams.sorted[0].tasks.open.map(\.text)
    #expect(titles.count == 920 && Set(titles).count == 920)
  }

  @Test func `what was decided while a commit failed counts for nothing`() async throws {
    var bench = try await Bench.team()
    bench.keeper.batchMax = 3
    let ledger = bench.ledger
    let refused = Mutex(0)
    bench.keeper.record = { rulings, now in
      // The second commit is refused once, when the third has been decided.
      let number = refused.withLock { number in
        number += 1
        return number
      }
      if number == 2 { throw LedgerFault.disk("full") }
      return try await ledger.record(rulings, now: now)
    }
    for number in 0..<9 { bench.world.write("ben", "/task add t\(number)") }
    try await bench.poll()
    await #expect(throws: LedgerFault.disk("full")) { _ = try await bench.keeper.answer() }
    let after = bench.keeper.teams
    #expect(after.sorted[0].tasks.open.map(\.text) == ["t0", "t1", "t2"])
    #expect(bench.keeper.lastNumber == (try await ledger.lastEventNumber()))
    try await bench.answer()
    #expect(bench.keeper.teams.sorted[0].tasks.open.map(\.text) == (0..<9).map { "t\($0)" })
    #expect(bench.keeper.lastNumber == (try await ledger.lastEventNumber()))
    let restarted = try await bench.restarted()
    #expect(restarted.keeper.teams == bench.keeper.teams)
  }

  @Test func `what waits for a room goes with it before more is said there`() async throws {
    var bench = try await Bench.team()
    let new = Target.room(Room(account: "plain", id: "new"))
    bench.world.write("ben", "/task add before")
    bench.world.write("ben", "", kind: .moved(to: "new"))
    bench.world.write("ben", "/task add after")
    try await bench.poll()
    _ = try await bench.keeper.answer()
    let waiting = try await bench.ledger.claim(
      accounts: ["plain"], limit: 9, now: bench.world.now())
    #expect(waiting.map(\.target) == [new])
    #expect(bench.keeper.mayHaveMore)
    try await bench.answer()
    let titles = bench.keeper.teams.sorted[0].tasks.open.map(\.text)
    #expect(titles == ["before", "after"])
  }

  @Test func `nothing passes an update that changes who is in the room`() {
    func waiting(_ number: Int64, _ who: String, _ kind: Message.Kind = .text) -> Waiting {
      Waiting(
        number: number,
        message: Message(
          id: "\(number)", room: World.room, sender: Identity(account: "plain", user: who),
          kind: kind), receivedAt: Instant(seconds: 0), crashes: 0)
    }
    let queue = [
      waiting(1, "ben"), waiting(2, "ben"), waiting(3, "ana"), waiting(4, "ana", .left),
      waiting(5, "cleo"),
    ]
    #expect(FairQueue.turns(queue).map(\.number) == [1, 3, 2])
    #expect(FairQueue.turns(Array(queue[3...])).map(\.number) == [4, 5])
  }

  @Test func `a flood leaves one warning in five minutes and a row for each update`() async throws {
    var bench = try await Bench.team()
    for second in 1...400 {
      for number in 0..<5 { bench.world.write("ben", "/task add \(second).\(number)") }
      bench.world.pass(1)
      if second.isMultiple(of: 40) { try await bench.run() }
    }
    try await bench.run()
    let warnings = bench.world.texts.filter { $0.hasPrefix("That is more than I can take") }
    #expect(warnings.count == 2)
    #expect(try await bench.ledger.waiting(limit: 10).isEmpty)
  }

  @Test func `all rooms of an account together have their limit`() async throws {
    var limits = Limits()
    limits.account = .init(perSecond: 1, burst: 10)
    var bench = try await Bench.team(limits: limits)
    for number in 0..<20 { bench.world.write("p\(number)", "/task add x\(number)") }
    try await bench.run()
    #expect(bench.keeper.teams.sorted[0].tasks.open.count == 10)
  }

  @Test func `two bots that answer each other end it within a minute's five answers`() async throws
  {
    var bench = try await Bench.team()
    var answers: [Int] = []
    for minute in 1...5 {
      var count = 0
      for _ in 0..<20 {
        bench.world.write("ben", "crewbell: ✗ I don't know that one. Try: /help \(minute)")
        bench.world.state.withLock { $0.delivered = [] }
        try await bench.run()
        count += bench.world.texts.count
        bench.world.pass(3)
      }
      answers.append(count)
    }
    #expect(answers.allSatisfy { $0 <= Limiter.loopAnswersMax }, "\(answers)")
    #expect(answers.allSatisfy { $0 > 0 })
    // Whoever does something is no loop, however often.
    bench.world.state.withLock { $0.delivered = [] }
    for number in 0..<20 { bench.world.write("ben", "/task add again \(number)") }
    try await bench.run()
    #expect(bench.world.texts.count == 20)
  }

  @Test func `the same question over and over is a loop, different ones are none`() async throws {
    var bench = try await Bench.team()
    for _ in 0..<20 { bench.world.write("ana", "/kudos mine") }
    try await bench.run()
    #expect(bench.world.texts.count == Limiter.loopAnswersMax + 1)
    bench.world.state.withLock { $0.delivered = [] }
    for number in 0..<20 { bench.world.write("ben", number % 2 == 0 ? "/kudos mine" : "/help") }
    try await bench.run()
    #expect(bench.world.texts.count == 20)
  }

  @Test func `whoever mistypes for a minute has their good questions answered`() async throws {
    var bench = try await Bench.team()
    for number in 0..<20 { bench.world.write("ana", "/done \(900 + number)") }
    for words in ["/tasks", "/roles"] { bench.world.write("ana", words) }
    try await bench.run()
    #expect(bench.world.texts.count == Limiter.loopAnswersMax + 2)
    #expect(bench.world.texts.suffix(2).allSatisfy { !$0.hasPrefix("✗") })
  }
}
