import Crew
import Ledger
import Platforms
import Testing

@testable import Daemon

/// Posts that go as one keep each a fate of its own.
@Suite struct MergingTests {
  private static let names = ["one", "two", "three", "four", "five"]

  private func bench(waiting words: [String] = names) async throws -> Bench {
    let bench = try await Bench.team(platform: Plain(merges: true))
    try await say(words, bench)
    return bench
  }

  private func say(_ words: [String], _ bench: Bench) async throws {
    let drafts = words.map { word in
      Draft(
        key: "t/\(word.prefix(8))", target: .room(World.room), kind: .reply,
        post: Post(text: Markup(word)))
    }
    _ = try await bench.ledger.record(
      [Ruling(cause: .own("said"), drafts: drafts)], now: bench.world.now())
  }

  private func lines(_ bench: Bench) -> [String] {
    bench.world.texts.flatMap { $0.split(separator: "\n").map(String.init) }
  }

  @Test func `what waits goes as one, in its order`() async throws {
    let bench = try await bench()
    #expect(try await bench.send() == 1)
    #expect(bench.world.texts == [Self.names.joined(separator: "\n\n")])
    let counts = try await bench.ledger.counts()
    #expect(counts.queued == 0 && counts.sending == 0)
  }

  @Test func `what does not fit goes with the next one, in its order`() async throws {
    let long = (1...5).map { "\($0)" + String(repeating: "x", count: 999) }
    let bench = try await bench(waiting: long)
    try await bench.send()
    #expect(bench.world.texts.count == 2)
    #expect(lines(bench) == long)
  }

  @Test func `a refusal takes none but the first with it`() async throws {
    let bench = try await bench()
    bench.world.trouble { request in
      let isFirst = request.body.map { String(decoding: $0, as: UTF8.self).contains("one") }
      return isFirst == true ? .status(403) : nil
    }
    try await bench.send()
    #expect(Self.names.dropFirst().allSatisfy { lines(bench).contains($0) })
    #expect(lines(bench).last?.contains("1 earlier message") == true)
  }

  @Test func `what certainly did not leave waits, all of it, in its order`() async throws {
    let bench = try await bench()
    bench.world.trouble { _ in .nothingSent }
    try await bench.sender.deliver(try #require(try await claim(bench)))
    #expect(try await bench.ledger.counts().queued == 5)
    bench.world.trouble { _ in nil }
    bench.world.pass(600)
    try await bench.send()
    #expect(lines(bench) == Self.names)
  }

  @Test func `when the answer is lost each is in doubt, and none goes twice`() async throws {
    let bench = try await bench()
    bench.world.trouble { _ in .answerLost }
    try await bench.send()
    bench.world.trouble { _ in nil }
    bench.world.pass(600)
    try await say(["later"], bench)
    try await bench.send()
    #expect(Array(lines(bench).prefix(6)) == Self.names + ["later"])
    #expect(lines(bench).last?.contains("5 earlier messages of mine could not be") == true)
  }

  @Test func `killed before it is noted, each is in doubt, and none goes twice`() async throws {
    var bench = try await bench()
    _ = await bench.sender.carryAll(try #require(try await claim(bench)))
    #expect(lines(bench) == Self.names)
    bench = try await bench.restarted(platform: Plain(merges: true))
    bench.world.pass(600)
    try await say(["later"], bench)
    try await bench.send()
    #expect(Array(lines(bench).prefix(6)) == Self.names + ["later"])
    #expect(lines(bench).last?.contains("5 earlier messages of mine could not be") == true)
  }

  @Test func `what is too old is left out of it, and told of`() async throws {
    let bench = try await bench(waiting: ["old"])
    bench.world.pass(3700)
    try await say(["new", "newer"], bench)
    try await bench.send()
    try await say(["later"], bench)
    try await bench.send()
    #expect(!lines(bench).contains("old") && lines(bench).contains("new"))
    #expect(lines(bench).contains { $0.contains("1 earlier message") })
  }

  private func claim(_ bench: Bench) async throws -> Claimed? {
    try await bench.ledger.claim(accounts: ["plain"], limit: 1, now: bench.world.now()).first
  }
}
