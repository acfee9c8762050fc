import Crew
import Foundation
import Ledger
import Platforms
import Synchronization
import Testing

@testable import Daemon

/// One person floods; what the others notice of it is counted in steps of the keeper, each of which
/// is one commit, so that the speed of the machine plays no part.
@Suite struct FloodTests {
  /// How many steps it took until Ana's command was decided, for each of ten seconds in which
  /// Ben writes so many commands and the keeper may take so many steps.
  private func steps(
    flood perSecond: Int, stepsPerSecond: Int, limits: Limits = Limits()
  ) async throws -> [Int] {
    var bench = try await Bench.team(platform: Plain(), limits: limits)
    var taken: [Int] = []
    for second in 1...10 {
      for number in 0..<perSecond { bench.world.write("ben", "/task add b\(second).\(number)") }
      bench.world.write("ana", "/task add a\(second)")
      try await bench.poll()
      var steps = 0
      var answeredAt: Int?
      while steps < stepsPerSecond, try await bench.keeper.answer() {
        steps += 1
        let isThere = bench.keeper.teams.sorted[0].tasks.open.contains { $0.text == "a\(second)" }
        if isThere, answeredAt == nil { answeredAt = steps }
      }
      taken.append(answeredAt ?? .max)
      bench.world.pass(1)
    }
    return taken
  }

  @Test func `a thousand commands a second of one person delay nobody else`() async throws {
    let calm = try await steps(flood: 0, stepsPerSecond: 4)
    let flooded = try await steps(flood: 1000, stepsPerSecond: 4)
    #expect(calm.allSatisfy { $0 == 1 })
    // Two: the batch of before may have been cut off at its sixty-four answers.
    #expect(flooded.allSatisfy { $0 <= 2 }, "\(flooded)")
  }

  @Test func `without a limit everybody takes turns`() async throws {
    var limits = Limits()
    limits.user = .init(perSecond: 100_000, burst: 100_000)
    limits.room = limits.user
    limits.account = limits.user
    // Ten seconds of arrivals are answered in one: the queue only grows.
    var bench = try await Bench.team(platform: Plain(), limits: limits)
    for number in 0..<900 { bench.world.write("ben", "/task add b\(number)") }
    for number in 0..<20 { bench.world.write("ana", "/task add a\(number)") }
    try await bench.poll()
    _ = try await bench.keeper.answer()
    let titles = bench.keeper.teams.sorted[0].tasks.open.map(\.text)
    #expect(titles.filter { $0.hasPrefix("a") } == (0..<20).map { "a\($0)" })
    #expect(titles.filter { $0.hasPrefix("b") } == (0..<44).map { "b\($0)" })
    // And nothing is lost or doubled on the way.
    try await bench.answer()
    #expect(bench.keeper.teams.sorted[0].tasks.open.count == 920)
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
    #expect(FairQueue.turns(queue).updates.map(\.number) == [1, 3, 2])
    #expect(FairQueue.turns(Array(queue[3...])).updates.map(\.number) == [4, 5])
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
