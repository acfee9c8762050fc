import Crew
import Testing

@Suite struct TasksKeepingTests {
  private static let ana = Person(1)

  private static func team(closing count: Int, everyDays step: Int) -> Team {
    var team = Team(id: "t")
    let first = Day(number: 20_000)
    for number in 1...count {
      let day = first.adding(days: number * step)
      let at = Instant(seconds: Int64(day.number) * 86_400)
      team.apply(
        .tasks(
          .added(id: number, text: "x", by: ana, owners: [ana], due: nil, goal: nil, on: day)),
        at: at)
      team.apply(.tasks(.finished(id: number, by: ana, on: day)), at: at)
    }
    return team
  }

  @Test func `tasks closed long ago leave the team, and no number comes again`() {
    let team = Self.team(closing: 1000, everyDays: 1)
    #expect(team.tasks.all.count == 401)
    #expect(team.tasks[599] == nil)
    #expect(team.tasks[600] != nil)
    #expect(team.tasks.nextID == 1001)
  }

  @Test func `a task that was opened again is kept however old it is`() {
    var team = Self.team(closing: 1, everyDays: 1)
    let day = Day(number: 20_001)
    team.apply(.tasks(.reopened(id: 1, on: day)), at: Instant(seconds: 0))
    for number in 2...5 {
      let later = day.adding(days: 500 * number)
      team.apply(
        .tasks(
          .added(
            id: number, text: "x", by: Self.ana, owners: [Self.ana], due: nil, goal: nil,
            on: later)), at: Instant(seconds: 0))
      team.apply(
        .tasks(.finished(id: number, by: Self.ana, on: later)), at: Instant(seconds: 0))
    }
    #expect(team.tasks.open.map(\.id) == [1])
    #expect(team.tasks.all.map(\.id) == [1, 5])
  }
}
