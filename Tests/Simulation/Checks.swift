import Crew
import Daemon
import Foundation
import Ledger

/// Where a world lies, by a calendar that is not the daemon's.
struct Place: Sendable {
  let zone: String
  let ask: (hour: Int, minute: Int)
  private let local: Foundation.Calendar

  init(zone: String, ask: (Int, Int)) {
    (self.zone, self.ask) = (zone, ask)
    var local = Foundation.Calendar(identifier: .gregorian)
    local.timeZone = TimeZone(identifier: zone) ?? .gmt
    self.local = local
  }

  func clock(_ later: Int) -> String {
    "\(padded(ask.hour + later)):\(padded(ask.minute))"
  }

  private func padded(_ number: Int) -> String { "\(number < 10 ? "0" : "")\(number)" }

  /// The first moment at which the wall shows the hour of the check-in on that day, or a later one.
  func due(_ day: Day) -> Instant {
    let wall = Int64(day.number) * 86_400 + Int64(ask.hour * 3600 + ask.minute * 60)
    // No zone is further from UTC; every offset is a multiple of five minutes.
    for utc in stride(from: wall - 15 * 3600, through: wall + 15 * 3600, by: 300)
    where utc + offset(utc) >= wall {
      return Instant(seconds: utc)
    }
    return Instant(seconds: wall)
  }

  func day(_ instant: Instant) -> Day {
    Day(number: Int(((instant.seconds + offset(instant.seconds)) / 86_400)))
  }

  private func offset(_ seconds: Int64) -> Int64 {
    Int64(local.timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
  }

  /// The hour of the check-in and of the morning, another by chance, and where a clock is changed
  /// each quarter of an hour around it.
  func nextLook(after time: Instant, _ dice: inout Dice) -> Instant {
    let late = dice.from(0, to: 20) * 60
    let wall = time.seconds + offset(time.seconds)
    func next(_ hour: Int, _ minute: Int) -> Int64 {
      let seconds = Int64(hour * 3600 + minute * 60)
      let rest = (wall - seconds) % 86_400
      return time.seconds + 86_400 - (rest < 0 ? rest + 86_400 : rest)
    }
    var look = min(next(ask.hour, ask.minute), next(dice.isOne(in: 2) ? 9 : dice.below(24), 0))
    look += late
    if look - time.seconds < 1500 { look += 1500 }
    let near = Date(timeIntervalSince1970: Double(time.seconds - 3 * 3600))
    if let change = local.timeZone.nextDaylightSavingTimeTransition(after: near) {
      let away = Int64(change.timeIntervalSince1970) - time.seconds
      if away < 3 * 3600 { look = min(look, time.seconds + 900) }
    }
    return Instant(seconds: look)
  }
}

// Promises that concern time and state as a whole.
extension Simulation {
  /// What must hold after each moment in which the daemon lived.
  mutating func check() throws {
    let now = world.now()
    let openings = world.with { realm in
      let openings = realm.witness.openings
      realm.witness.openings = []
      realm.trace.add(realm.now.milliseconds)
      realm.trace.add(Int64(realm.witness.shown))
      realm.trace.add(realm.witness.lastNumber)
      return openings
    }
    if people.staysHome {
      for opened in openings where opened.at < place.due(opened.day) {
        fail("the check-in of \(opened.day) was opened too early, at \(opened.at)")
      }
    }
    guard let rangAt = process?.session.rangAt, rangAt.seconds / 60 == now.seconds / 60 else {
      return
    }
    guard expected.slots.isEmpty || expected.since != rangAt else { return }
    // What came to be due only after the bell was looked at has a minute more.
    let due = dueCheckIns(now) + dueNow(rangAt)
    let forgotten = expected.slots.filter(due.contains)
    if !forgotten.isEmpty { fail("the bell rang twice, and not for \(forgotten)") }
    expected = (expected.slots.isEmpty ? due : [], rangAt)
  }

  /// Check-ins whose hour has come, by another calendar, and which nobody has opened.
  private func dueCheckIns(_ now: Instant) -> [String] {
    let today = place.day(now)
    guard (0...5 * 3600).contains(now.seconds(since: place.due(today))) else { return [] }
    return world.with { realm in
      realm.witness.teams.sorted.compactMap { team in
        guard team.settings.home != nil, let plan = team.checkins.plan("daily"), today > plan.from
        else { return nil }
        let slot = "\(team.id)/checkins.open/daily/\(today)"
        return realm.witness.decided.contains(slot) ? nil : slot
      }
    }
  }

  /// Now and then, whatever the teams themselves want to be rung for.
  private mutating func dueNow(_ rangAt: Instant) -> [String] {
    guard !expected.slots.isEmpty || dice.isOne(in: 8) else { return [] }
    let present = Now(rangAt, zones: Process.zones)
    return world.with { $0.witness.teams.sorted }.flatMap { team in
      team.due(present, words: Self.words).flatMap(\.slots).map { "\(team.id)/\($0)" }
    }
  }

  /// The first part in which the teams are not the same.
  static func difference(_ one: Teams, _ two: Teams) -> String? {
    guard one != two else { return nil }
    for (one, two) in zip(one.sorted, two.sorted) where one != two {
      for (one, two) in zip(Mirror(reflecting: one).children, Mirror(reflecting: two).children) {
        let (first, second) = (String(reflecting: one.value), String(reflecting: two.value))
        guard first != second else { continue }
        let place = zip(first, second).prefix { $0 == $1 }.count
        return "\(one.label ?? "?"): …\(first.dropFirst(max(0, place - 80)).prefix(200))… is"
          + " …\(second.dropFirst(max(0, place - 80)).prefix(200))…"
      }
    }
    return "other teams"
  }
}
