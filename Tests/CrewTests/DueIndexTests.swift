import Foundation
import Testing

@testable import Crew

/// Goals, roles and blockers are looked at through an index too; over any history it must see what
/// a look at everything sees.
@Suite struct DueIndexTests {
  private typealias Dice = TasksIndexTests.Dice

  private static let roles = ["billing", "release", "duty", "phones", "keys", "desk"]

  /// Short terms, so that much comes to pass in a few weeks.
  private static func team(staleDays: Int) -> Team {
    var team = TasksIndexTests.team()
    for (name, value) in [("goals.stale", staleDays), ("goals.offpace", 5), ("roles.review", 1)] {
      team.apply(.team(.policyChosen(name, value)), at: Instant(milliseconds: 0))
    }
    return team
  }

  private static func goal(_ dice: inout Dice, _ team: Team, on day: Day) -> Goals.Event {
    let id = dice.roll(max(1, team.goals.nextID)) + 1
    let by = Person(dice.roll(3) + 1)
    let due = dice.roll(4) == 0 ? nil : day.adding(days: dice.roll(30) - 2)
    let owner = dice.roll(4) == 0 ? nil : Person(dice.roll(3) + 1)
    let (one, ten) = (Amount(thousandths: 1000), Amount(thousandths: 10_000))
    switch dice.roll(13) {
    case 0...3:
      return .added(
        id: team.goals.nextID, title: "x", owner: owner, due: due, target: dice.roll(101), by: by,
        on: day)
    case 4: return .progressed(id: id, percent: dice.roll(101), why: "", by: by, on: day)
    case 5:
      return .keyResultAdded(
        id: id, number: 1, title: "k", start: one, target: ten, by: by, on: day)
    case 6:
      let value = Amount(thousandths: 1000 * (1 + dice.roll(10)))
      return .keyResultSet(
        id: id, number: 1, value: value, percent: dice.roll(101), why: "", by: by, on: day)
    case 7: return .confidenceSaid(id: id, .amber, why: "", by: by, on: day)
    case 8: return .ownerChanged(id: id, owner)
    case 9: return .dueChanged(id: id, due)
    case 10: return .closed(id: id, .done, by: by, on: day)
    case 11: return .removed(id: id)
    default: return team.goals[id].map { .restored($0) } ?? .removed(id: id)
    }
  }

  private static func role(_ dice: inout Dice, _ team: Team, on day: Day) -> Roles.Event {
    let name = roles[dice.roll(roles.count)]
    let (by, to) = (Person(dice.roll(3) + 1), Person(dice.roll(3) + 1))
    switch dice.roll(13) {
    case 0...2:
      return .defined(
        name: name, responsibility: "x", minimum: dice.roll(3), by: by, on: day)
    case 3, 4: return .claimed(name: name, by: by, on: day)
    case 5: return .released(name: name, by: by, on: day)
    case 6: return .offered(name: name, from: by, to: to, on: day)
    case 7: return .accepted(name: name, from: by, to: to, on: day)
    case 8: return .reviewed(name: name, by: by, on: day)
    case 9:
      let rotation = Role.Rotation(
        people: [by, Person(by.number % 3 + 1)], weeks: 1, from: day.adding(days: dice.roll(9)))
      return .rotationChosen(name: name, to: dice.roll(4) == 0 ? nil : rotation, by: by)
    case 10: return .covered(name: name, by: by, from: day, until: day.adding(days: dice.roll(5)))
    case 11:
      return dice.roll(3) == 0
        ? .dropped(name: name)
        : .taken(
          name: name, by: by, from: to, on: day)
    default: return team.roles.role(name).map { .restored($0) } ?? .dropped(name: name)
    }
  }

  private static func blocker(_ dice: inout Dice, _ team: Team, on day: Day) -> Checkins.Event {
    let next = team.checkins.blockers.nextID
    let id = dice.roll(next) + 1
    let by = Person(dice.roll(3) + 1)
    switch dice.roll(7) {
    case 0...2:
      return .blocked(
        id: dice.roll(5) == 0 ? id : next, by: by, text: "x", needs: [Person(dice.roll(3) + 1)],
        on: day, answer: nil)
    case 3: return .unblocked(id: id, by: by, on: day)
    case 4: return .reblocked(id: id)
    case 5: return .blockerWithdrawn(id: id)
    default: return .blockerReworded(id: id, text: "y", needs: [])
    }
  }

  private static func happening(_ dice: inout Dice, _ team: Team, on day: Day) -> Event {
    switch dice.roll(10) {
    case 0...2: return .goals(goal(&dice, team, on: day))
    case 3...5: return .roles(role(&dice, team, on: day))
    case 6, 7: return .checkins(blocker(&dice, team, on: day))
    case 8:
      let from = day.adding(days: dice.roll(10))
      return .calendar(
        .wentAway(
          id: team.calendar.nextAway, person: Person(dice.roll(3) + 1), from: from,
          until: from.adding(days: dice.roll(6)), cover: nil))
    default:
      let person = Person(dice.roll(3) + 1)
      return .members(dice.roll(4) == 0 ? .left(person) : .came(person))
    }
  }

  /// As it is without any index.
  private static func whole(_ team: Team) -> Team {
    var team = team
    team.tasks.index = nil
    team.goals.index = nil
    team.roles.isIndexUsed = false
    team.checkins.blockers.openPlaces = nil
    return team
  }

  /// The rules that had something to say in 20 days, each hour looked at with and without indices.
  private func play(seed: Int, staleDays: Int) throws -> Set<String> {
    var dice = Dice(state: UInt64(seed))
    var team = Self.team(staleDays: staleDays)
    var rules: Set<String> = []
    for hour in 0..<(24 * 20) {
      let day = TasksIndexTests.start.adding(days: hour / 24)
      let instant = Instant(seconds: Int64(TasksIndexTests.start.number) * 86_400)
        .adding(hours: Int64(hour))
      if dice.roll(3) == 0 { team.apply(Self.happening(&dice, team, on: day), at: instant) }
      if dice.roll(100) == 0 {
        let stored = try JSONEncoder().encode(team)
        #expect(try JSONDecoder().decode(Team.self, from: stored) == team)
      }
      let now = Now(instant, zones: TasksIndexTests.Winter())
      let dues = team.due(now, words: Words())
      let whole = Self.whole(team)
      let all = whole.due(now, words: Words())
      #expect(dues.map(\.slots) == all.map(\.slots), "seed \(seed), \(day), hour \(hour % 24)")
      #expect(dues.map(\.post) == all.map(\.post))
      #expect(team.checkins.blockers.open == whole.checkins.blockers.open)
      for slot in dues.flatMap(\.slots) { rules.insert(String(slot.prefix { $0 != "/" })) }
      for due in dues { for event in due.events { team.apply(event, at: instant) } }
    }
    return rules
  }

  @Test func `the indices see what a look at everything sees`() throws {
    var rules: Set<String> = []
    for seed in 1...4 { rules.formUnion(try play(seed: seed, staleDays: seed % 2 == 0 ? 2 : 6)) }
    let expected: Set = [
      "goals.stale", "goals.offpace", "goals.notstarted", "roles.vacant", "roles.forecast",
      "roles.handover", "roles.review", "roles.turn", "checkins.blockers",
    ]
    #expect(rules.isSuperset(of: expected), "never due: \(expected.subtracting(rules))")
  }
}
