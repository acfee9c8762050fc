import Crew
import Daemon
import Fakes
import Hostile
import Foundation
import Ledger
import Logging
import Platforms

/// One world from its first day to its end: months with faults, in which nothing wrong may happen,
/// and then calm, in which everything that waits must get done.
package struct Simulation {
  /// Zones whose clocks do odd things: half an hour, Ramadan, midnight, two hours, the date line.
  static let zones = [
    "Australia/Lord_Howe", "Africa/Casablanca", "Africa/Cairo", "Pacific/Apia",
    "Antarctica/Troll", "Europe/Berlin", "Asia/Shanghai", "America/New_York", "America/St_Johns",
    "Pacific/Chatham",
  ]
  /// What platforms do with a post that comes again: two of these are in each world.
  static let kinds: [(account: String, resend: Resend)] = [
    ("keyed", Wire.takesOnce), ("once", .never), ("sought", Wire.readsBack),
  ]
  static let words = (try? LanguageFiles.load(beside: nil)) ?? Words()
  static let token = "token-that-nobody-may-see"

  package struct Plan: Sendable {
    package var seed: UInt64
    package var days: Int64
    /// The name of a real platform's kind, whose fake is the only server; nil for two of our own.
    package var platform: String?
    /// Moments in the time of faults; then it is calm.
    package var stepsMax = Int.max
    package var faults = Set(Fault.allCases)
    /// People write a burst of messages about every so often.
    package var pauseSeconds: Int64 = 6 * 86_400
    /// No weather at all.
    package var isCalm = false
    package var doom: Doom?
    /// Keeps what happens as text.
    package var isTold = false

    /// Every fourth world goes on for a year; the others are young, which is quicker, and see more
    /// beginnings and more zones.
    package init(seed: UInt64) {
      self.seed = seed
      days = seed.isMultiple(of: 4) ? 365 : 90
    }

    /// A week on a real platform. What cannot happen there is left out, and a clock that jumps by
    /// hours: a post is looked for by its time.
    package init(seed: UInt64, on platform: String) {
      self.init(seed: seed)
      self.platform = platform
      days = 7
      pauseSeconds = 2 * 3600
      faults.subtract([.clock, .unreachable, .delayed, .doubled, .reordered])
    }

    var servers: [any ChatServer] {
      if let fake = FakePlatform.all.first(where: { $0.kind.name == platform }) {
        return [StrictServer(fake)]
      }
      return Simulation.kinds.indices.filter { UInt64($0) != seed % 3 }.map {
        Chat(account: Simulation.kinds[$0].account, resend: Simulation.kinds[$0].resend)
      }
    }
  }

  package static let platforms = FakePlatform.all.map(\.kind.name)

  package struct Report: Sendable {
    package var failure: String?
    package var steps = 0
    package var simulatedSeconds: Int64 = 0
    package var trace: UInt64 = 0
    package var messages = 0
    package var posts = 0
    package var doubts = 0
    package var crashes = 0
    package var faults: [Fault: Int] = [:]
    package var calls = (network: 0, disk: 0)
    package var lines: [String] = []
  }

  let plan: Plan
  let world: World
  let place: Place
  let stage = Stage()
  let startedAt: Instant
  var dice: Dice
  var jobDice: Dice
  var people: People
  var memory: MemoryLedger
  var process: Process?
  var downUntil: Instant
  var lookAt: Instant
  var badUntil: Instant
  /// How often in a row somebody was followed who tries again.
  var follows = 0
  var steps = 0
  /// Slots that were due when the bell had rung: they must ring in the next minute.
  var expected: (slots: [String], since: Instant)

  init(_ plan: Plan) {
    self.plan = plan
    var dice = Dice(plan.seed, stream: 4)
    place = Place(
      zone: dice.pick(Self.zones),
      ask: dice.pick([(0, 10), (0, 30), (1, 30), (2, 15), (2, 45), (9, 30), (9, 30), (13, 0)]))
    // Some day of 2024 to 2027.
    startedAt = Instant(seconds: 1_704_067_200 + dice.from(0, to: 4 * 365 * 24) * 3600)
    world = World(
      Realm(
        seed: plan.seed, time: startedAt, allowed: plan.faults,
        servers: plan.servers))
    world.with { $0.trace.isKept = plan.isTold }
    memory = MemoryLedger(instance: "sim") { [world] in world.with { $0.refusal } }
    people = People(
      seed: plan.seed, from: startedAt.adding(hours: 1), pauseSeconds: plan.pauseSeconds,
      staysHome: dice.isOne(in: 2))
    (downUntil, lookAt, badUntil) = (startedAt, startedAt, startedAt)
    expected = ([], startedAt)
    jobDice = Dice(plan.seed, stream: 5)
    self.dice = dice
  }

  package static func report(_ plan: Plan) async -> Report {
    await onThread {
      var simulation = Simulation(plan)
      do {
        try simulation.live()
      } catch {
        simulation.fail("the simulation itself failed: \(error)")
      }
      simulation.bury()
      return simulation.report()
    }
  }

  private func report() -> Report {
    let (seed, steps, startedAt) = (plan.seed, steps, startedAt)
    return world.with { realm in
      Report(
        failure: realm.witness.failure.map { "\($0) (\(realm.now), seed \(seed))" },
        steps: steps, simulatedSeconds: realm.time.seconds(since: startedAt),
        trace: realm.trace.hash, messages: realm.witness.messages, posts: realm.witness.shown,
        doubts: realm.witness.doubts, crashes: realm.witness.crashes,
        faults: realm.witness.faults, calls: realm.callsInAll,
        lines: realm.trace.lines)
    }
  }

  var hasFailed: Bool { world.with { $0.witness.failure != nil } }
  var time: Instant { world.with { $0.time } }
  func fail(_ why: String) { world.with { $0.witness.fail(why) } }

  // MARK: The phases

  private mutating func live() throws {
    try settleIn()
    world.with { [doom = plan.doom] realm in
      realm.calls = (0, 0)
      realm.doom = doom
    }
    let end = startedAt.adding(hours: plan.days * 24)
    while !hasFailed, steps < plan.stepsMax, time < end {
      steps += 1
      if time >= badUntil { changeWeather() }
      try befall()
      try moment()
      moveOn(until: end)
    }
    if !hasFailed { try calmDown() }
  }

  /// The bot, the people, the zone and the check-in.
  private mutating func settleIn() throws {
    try moment()
    pass(60)
    if plan.platform != nil { try beginStrictly() }
    let chats = world.with { $0.servers.count }
    for chat in 0..<chats {
      let plan = "daily \(place.clock(0)) mon-sun until \(place.clock(3))"
      world.with { [place] realm in
        if !realm.servers[chat].isStrict {
          realm.post("", "ana", .person, .invited, in: chat, .any)
          for who in People.members.dropFirst() {
            realm.post("", who, .person, .joined, in: chat, .any)
          }
        }
        realm.say("/team tz \(place.zone)", "ana", in: chat, .any)
        realm.say("/checkin schedule \(plan)", "ana", in: chat, .any)
        for who in realm.servers[chat].people { realm.direct("help", who, in: chat, .any) }
      }
    }
    try moment()
    try follow(seconds: 600) { $0.witness.teams.sorted.flatMap(\.checkins.plans).count == chats }
    let plans = world.with { $0.witness.teams.sorted.flatMap(\.checkins.plans) }
    if plans.count != chats { fail("the check-ins were not scheduled") }
  }

  /// The bot begins as it does on that platform, and both people are known to it.
  private mutating func beginStrictly() throws {
    try follow(seconds: 600) { realm in
      realm.post("", "ana", .person, .invited, in: 0, .any)
      return !realm.witness.teams.sorted.isEmpty
    }
    world.with { realm in
      for who in realm.servers[0].people { realm.say("/me", who, in: 0, .any) }
    }
    try follow(seconds: 120) { _ in false }
  }

  /// Follows the daemon's own waking, for so long at most.
  private mutating func follow(seconds: Int64, until isSo: (inout Realm) -> Bool) throws {
    let end = time.adding(seconds: seconds)
    while !hasFailed, time < end, !world.with({ isSo(&$0) }) {
      let next = world.nextWake(withIdle: true) ?? time.adding(seconds: 1)
      world.with { $0.time = max(min(next, end), $0.time.adding(milliseconds: 1)) }
      try moment()
    }
  }

  /// Telegram loses what was written a day ago, and one absence may follow another.
  var awayMax: Int64 { plan.platform == nil ? 86_400 : 2 * 3600 }

  /// Days of calm, days of a fault now and then, days where much goes wrong.
  private mutating func changeWeather() {
    let weather = dice.pick([0, 200, 60, 60, 12, 5])
    let badness = plan.isCalm ? 0 : weather
    let isClosed = dice.isOne(in: 3)
    let who = dice.pick(People.members)
    let length = plan.platform == nil ? dice.from(6, to: 24 * 8) : dice.from(2, to: 24)
    badUntil = world.with { realm in
      realm.badness = badness
      let isUnreachable = isClosed && badness > 0 && realm.allowed.contains(.unreachable)
      for chat in realm.servers.indices {
        realm.servers[chat].closed = isUnreachable ? ["dm-\(who)"] : []
      }
      if isUnreachable { realm.witness.count(.unreachable) }
      return realm.time.adding(hours: length)
    }
  }

  /// What is done to the machine as a whole.
  private mutating func befall() throws {
    let hours = dice.from(1, to: plan.platform == nil ? 60 : 6)
    let error = dice.from(-14 * 3600, to: 14 * 3600)
    let isRight = dice.isOne(in: 2)
    world.with { realm in
      if realm.strikes(.clock, rarer: 2) {
        // Looking for a post reckons with a clock that goes on, and with no copy still on its way.
        for late in realm.late.indices { realm.late[late].at = realm.time }
        realm.deliverLate()
        realm.errorSeconds = isRight ? 0 : error
      }
      if realm.strikes(.suspended, rarer: 2) { realm.time = realm.time.adding(hours: hours) }
    }
    if process != nil, world.with({ $0.strikes(.stopped, rarer: 4) }) { try stop(forHours: hours) }
  }

  // MARK: Time

  func pass(_ seconds: Int64) {
    world.with { $0.time = $0.time.adding(seconds: seconds) }
  }

  /// To the next moment at which anything happens: somebody writes, something is tried again, or
  /// the bell is looked at. In between the daemon would only look and find nothing.
  private mutating func moveOn(until end: Instant) {
    let time = time
    if lookAt <= time { lookAt = place.nextLook(after: time, &dice) }
    var next = min(people.nextAt, end, lookAt)
    if let late = world.with({ $0.late.map(\.at).min() }) { next = min(next, late) }
    if process == nil {
      next = min(next, max(downUntil, time))
    } else if let wake = world.nextWake(withIdle: !expected.slots.isEmpty), wake < next,
      follows < (plan.platform == nil ? 6 : 12)
    {
      // Somebody who fails and fails is not followed through the whole night.
      follows += 1
      next = wake
    } else {
      follows = 0
    }
    world.with { realm in
      realm.time = max(next, realm.time.adding(milliseconds: 1))
    }
    while people.nextAt <= self.time {
      people = world.with { [people] realm in
        var people = people
        people.act(on: &realm)
        return people
      }
    }
  }
}
