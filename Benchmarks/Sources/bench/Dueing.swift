import Crew
import Daemon
import Foundation

/// `Team.due` with 100,000 tasks of which ten are due, over the same with a hundred of which ten
/// are due: 1 would be a cost in proportion to what is due alone.
enum Dueing {
  static func measure() {
    let many = time(of: 100_000)
    let few = time(of: 100)
    row(
      "due", many / few,
      "\((many * 1e6).shown(0)) µs with 100,000 tasks, \((few * 1e6).shown(0)) µs with 100")
  }

  private static func time(of count: Int) -> Double {
    var town = Town.founded()
    for number in 1...count {
      let due = number <= 10 ? "today" : "2028-01-0\(number % 9 + 1)"
      _ = town.hear(
        Town.message(number % 3 == 0 ? 3 : 0, "/task add shop \(number) @ana due \(due)"))
    }
    let team = town.teams.sorted[0]
    let now = Now(Town.start.adding(hours: 3), zones: town.zones)
    let begun = team.due(now, words: town.teams.words)
    precondition(!begun.isEmpty, "nothing is due")
    let rounds = max(5, 20_000 / count)
    let times = (0..<7).map { _ in
      let start = ContinuousClock.now
      for _ in 0..<rounds { _ = team.due(now, words: town.teams.words) }
      return (ContinuousClock.now - start).seconds / Double(rounds)
    }
    return times.min() ?? 0
  }
}
