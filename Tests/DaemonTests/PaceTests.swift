import Crew
import Ledger
import Platforms
import Synchronization
import Testing

@testable import Daemon

/// Homeservers that each have a limit of their own and tell it by 429 alone.
@Suite struct PaceTests {
  /// As Synapse counts: so many at once, refilled at so many a second; a post that meets the limit
  /// is answered with how long to wait.
  struct Server {
    var perSecond: Double
    var burst: Double
    var tokens: Double
    var at = 0.0
    var heldUntil = 0.0
    var early = 0
    var refused = 0
    var takenAt: [Double] = []

    init(perSecond: Double, burst: Double) {
      (self.perSecond, self.burst, tokens) = (perSecond, burst, burst)
    }

    /// - Returns: the seconds to wait; nil if the post was taken.
    mutating func take(at now: Double) -> Double? {
      tokens = min(burst, tokens + (now - at) * perSecond)
      at = now
      if now < heldUntil { early += 1 }
      guard tokens < 1 else {
        tokens -= 1
        takenAt.append(now)
        return nil
      }
      refused += 1
      let wait = (1 - tokens) / perSecond
      heldUntil = now + wait
      return wait
    }
  }

  /// The daemon's buckets against that server, with posts enough for the whole time.
  static func run(_ server: inout Server, seconds: Double, share: Double = 0.8) {
    let rate = Abilities.Rate(perSecond: 5, burst: 10, isOnlyBeginning: true)
    var abilities = Plain().abilities
    (abilities.accountRate, abilities.roomRate) = (rate, rate)
    let buckets = Buckets(share: share)
    let target = Target.room(World.room)
    var milliseconds: Int64 = 0
    while Double(milliseconds) / 1000 < seconds {
      let now = Instant(milliseconds: milliseconds)
      let wait = buckets.wait(for: target, abilities, now: now)
      guard wait == 0 else {
        milliseconds += Int64(wait * 1000) + 1
        continue
      }
      // A server needs some milliseconds for a post.
      milliseconds += 5
      if let wish = server.take(at: Double(milliseconds) / 1000) {
        let until = Instant(milliseconds: milliseconds + Int64(max(wish, 1) * 1000))
        buckets.refused(target.account, abilities, until: until)
      } else {
        buckets.taken(target.account, abilities)
      }
    }
  }

  @Test func `a server that takes more gets more within seconds`() {
    var server = Server(perSecond: 1000, burst: 1000)
    Self.run(&server, seconds: 10)
    #expect(server.refused == 0)
    #expect(server.takenAt.count { $0 > 5 } > 600, "\(server.takenAt.count)")
  }

  @Test(arguments: [0.2, 1, 5, 50]) func `a limit is found, held to and used`(perSecond: Double) {
    var server = Server(perSecond: perSecond, burst: 10)
    Self.run(&server, seconds: 4000 / perSecond)
    #expect(server.early == 0, "sent before the time that the server named")
    let taken = Double(server.takenAt.count)
    #expect(taken > 4000 * 0.6, "\(taken) of 4000")
    #expect(Double(server.refused) < taken / 8, "\(server.refused) refused of \(taken)")
  }

  @Test func `where the platform publishes its limits they are not exceeded`() {
    var abilities = Plain().abilities
    abilities.accountRate = .init(perSecond: 10, burst: 10)
    abilities.roomRate = .init(perSecond: 1, burst: 2)
    let buckets = Buckets()
    var sent = 0
    for milliseconds in stride(from: Int64(0), to: 100_000, by: 50) {
      let now = Instant(milliseconds: milliseconds)
      guard buckets.wait(for: .room(World.room), abilities, now: now) == 0 else { continue }
      sent += 1
      buckets.taken("plain", abilities)
    }
    #expect((80...83).contains(sent), "\(sent)")
  }

  @Test func `a clock that is set back does not silence an account`() {
    var abilities = Plain().abilities
    abilities.accountRate = .init(perSecond: 5, burst: 10, isOnlyBeginning: true)
    let buckets = Buckets()
    let late = Instant(seconds: 1_000_000)
    buckets.refused("plain", abilities, until: late.adding(seconds: 60))
    #expect(buckets.wait(for: .room(World.room), abilities, now: late) == 60)
    let early = late.adding(hours: -48)
    #expect(buckets.wait(for: .room(World.room), abilities, now: early) == 0)
  }

  @Test func `after a 429 no other room of the account is written to either`() async throws {
    var platform = Plain()
    platform.rate = .init(perSecond: 5, burst: 10, isOnlyBeginning: true)
    var bench = try await Bench.team(platform: platform)
    let other = Target.room(Room(account: "plain", id: "other"))
    bench.world.write("ana", "/kudos @ben for the rollback")
    try await bench.poll()
    try await bench.answer()
    let draft = Draft(
      key: "o", target: other, kind: .reply, post: Post(text: Markup([.text("elsewhere")])))
    _ = try await bench.ledger.record(
      [Ruling(cause: .own("test"), drafts: [draft])], now: bench.world.now())
    bench.world.trouble { $0.method == .post ? .status(429) : nil }
    let before = bench.world.state.withLock { $0.requests }
    try await bench.send()
    #expect(bench.world.state.withLock { $0.requests } == before + 1)
    bench.world.trouble { _ in nil }
    bench.world.pass(10)
    try await bench.send()
    #expect(bench.world.texts.count == 2)
  }
}
