import Crew
import Daemon
import Foundation

/// `Team.due` with 100,000 tasks, goals and roles, ten of which are due, over the same with a
/// hundred, ten of which are due: 1 would be a cost in proportion to what is due alone.
enum Dueing {
  static func measure() {
    let many = team(of: 100_000)
    let few = team(of: 100)
    var times: (many: [Double], few: [Double]) = ([], [])
    for _ in 0..<9 {
      times.many.append(time(many))
      times.few.append(time(few))
    }
    let (slow, quick) = (times.many.median, times.few.median)
    row(
      "due", slow / quick,
      "\((slow * 1e6).shown(0)) µs with 100,000, \((quick * 1e6).shown(0)) µs with 100;"
        + " 9 times each, in turn")
  }

  /// Three of five are tasks, one a goal, one a role that somebody holds.
  private static func team(of count: Int) -> Team {
    var town = Town.founded()
    for number in 1...count {
      let later = "2028-01-0\(number % 9 + 1)"
      switch number % 5 {
      case _ where number <= 10: hear("/task add shop \(number) @ana due today")
      case 3: hear("/goal add sales of shop \(number) @ana by \(later)")
      case 4:
        hear("/role define shop-\(number) Looks after shop \(number)")
        hear("/claim shop-\(number)")
      default: hear("/task add shop \(number) @ana due \(later)")
      }
    }
    /// Ana manages the team.
    func hear(_ text: String) {
      precondition(!town.hear(Town.message(0, text)).events.isEmpty, text)
    }
    return town.teams.sorted[0]
  }

  private static let words = Words()

  /// Seconds a look takes.
  private static func time(_ team: Team) -> Double {
    let now = Now(Town.start.adding(hours: 3), zones: FoundationZones())
    precondition(!team.due(now, words: words).isEmpty, "nothing is due")
    let rounds = 20
    let start = ContinuousClock.now
    for _ in 0..<rounds { _ = team.due(now, words: words) }
    return (ContinuousClock.now - start).seconds / Double(rounds)
  }
}
