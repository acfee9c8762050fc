import Foundation
import Testing

@testable import Crew

/// A look at what is due goes through an index; it must see what a look at everything sees.
@Suite struct TasksIndexTests {
  /// Chance by a seed, so that a failure comes again.
  struct Dice {
    var state: UInt64

    mutating func roll(_ sides: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % sides
    }
  }

  /// Winter, as it is in the weeks that are played; Foundation's own zones would be most of the
  /// test's time.
  struct Winter: Zones {
    func offsetSeconds(of zone: String, at instant: Instant) -> Int? {
      ["Europe/Berlin": 1, "Pacific/Kiritimati": 14, "Pacific/Pago_Pago": -11][zone].map {
        $0 * 3600
      }
    }

    func named(_ text: String) -> String? { text }
  }

  static let start = Day("2026-11-23") ?? Day(number: 0)

  /// Ana, Ben and Cleo, as far apart as people live, and managers among them.
  static func team() -> Team {
    var team = Team(id: "t1")
    let room = Room(account: "chat", id: "desk")
    let zones = ["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
    var events: [Event] = [
      .team(.founded(name: "Desk", room: room, zone: "Europe/Berlin", language: "en"))
    ]
    for number in 1...3 {
      let identity = Identity(account: "chat", user: "u\(number)")
      events.append(.members(.joined(Person(number), name: "p\(number)", identity: identity)))
      events.append(.members(.zoneChosen(Person(number), zones[number - 1])))
    }
    events.append(.members(.madeManager(Person(1))))
    for event in events { team.apply(event, at: Instant(milliseconds: 0)) }
    return team
  }

  private static func happening(_ dice: inout Dice, _ team: Team, on day: Day) -> Event {
    let id = dice.roll(max(1, team.tasks.nextID)) + 1
    let by = Person(dice.roll(3) + 1)
    let owners = (0..<dice.roll(3)).map { _ in Person(dice.roll(3) + 1) }
    let due = dice.roll(3) == 0 ? nil : deadline(&dice, day)
    switch dice.roll(15) {
    case 0...3:
      return .tasks(
        .added(
          id: team.tasks.nextID, text: "x", by: by, owners: owners, due: due, goal: nil, on: day))
    case 4: return .tasks(.given(id: id, to: owners, by: by, on: day))
    case 5: return .tasks(.taken(id: id, by: by, on: day))
    case 6: return .tasks(.accepted(id: id, by: by))
    case 7: return .tasks(.handedBack(id: id, by: by, to: owners, why: "", on: day))
    case 8: return .tasks(.finished(id: id, by: by, on: day))
    case 9: return .tasks(.reopened(id: id, on: day))
    case 10: return .tasks(.dueChanged(id: id, to: due))
    case 11:
      if dice.roll(2) == 0, let item = team.tasks[id] { return .tasks(.restored(item)) }
      return .tasks(.removed(id: id))
    case 12: return .tasks(.ownerLeft(by, on: day))
    case 13:
      // Whoever is away hears of a date on the last day before that they work.
      let from = day.adding(days: dice.roll(4))
      return .calendar(
        .wentAway(
          id: team.calendar.nextAway, person: by, from: from,
          until: from.adding(days: dice.roll(14)), cover: nil))
    default:
      let until = day.adding(days: dice.roll(20))
      return .bell(.snoozed(subject: "task/\(id)", until: until))
    }
  }

  private static func deadline(_ dice: inout Dice, _ day: Day) -> Tasks.Deadline {
    let time = dice.roll(2) == 0 ? nil : TimeOfDay.midnight.adding(minutes: dice.roll(1440))
    return Tasks.Deadline(
      day: day.adding(days: dice.roll(60) - 10), time: time, zone: "Pacific/Kiritimati")
  }

  @Test(arguments: 1...6) func `the index sees what a look at everything sees`(seed: Int) throws {
    var dice = Dice(state: UInt64(seed))
    var team = Self.team()
    var said = 0
    for hour in 0..<(24 * 25) {
      let day = Self.start.adding(days: hour / 24)
      let instant = Instant(seconds: Int64(Self.start.number) * 86_400).adding(hours: Int64(hour))
      if dice.roll(3) == 0 { team.apply(Self.happening(&dice, team, on: day), at: instant) }
      if dice.roll(200) == 0 {
        let stored = try JSONEncoder().encode(team)
        #expect(try JSONDecoder().decode(Team.self, from: stored) == team)
      }
      let now = Now(instant, zones: Winter())
      var whole = team
      whole.tasks.index = nil
      let dues = team.due(now, words: Words())
      let all = whole.due(now, words: Words())
      #expect(dues.map(\.slots) == all.map(\.slots), "seed \(seed), \(day), hour \(hour % 24)")
      #expect(dues.map(\.post) == all.map(\.post))
      said += dues.count
      for due in dues { for event in due.events { team.apply(event, at: instant) } }
    }
    #expect(said > 5, "nothing was ever due: the test sees nothing")
  }
}
