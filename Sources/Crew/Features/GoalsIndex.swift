// Which open goals a reminder has to look at, so that a look costs what may be due and not what is
// open.
extension Goals {
  /// Open goals by the first day on which something could be said of them. It follows from the
  /// goals alone.
  struct Index: Sendable, Equatable {
    /// By the day on which something was last said.
    private(set) var touched: [Dated<Int>] = []
    /// By the first day on which they are behind an even pace, as they stand now.
    private(set) var behind: [Dated<Int>] = []
    /// Those that nobody has begun, by the day they are a week old.
    private(set) var notBegun: [Dated<Int>] = []

    mutating func add(_ goal: Goal) {
      guard goal.closed == nil else { return }
      touched.insertSorted(Dated(day: goal.touchedOn, id: goal.id))
      if let day = goal.firstBehind { behind.insertSorted(Dated(day: day, id: goal.id)) }
      if goal.isUntouched { notBegun.insertSorted(Dated(day: goal.weekOld, id: goal.id)) }
    }

    mutating func remove(_ goal: Goal) {
      guard goal.closed == nil else { return }
      touched.removeSorted(Dated(day: goal.touchedOn, id: goal.id))
      if let day = goal.firstBehind { behind.removeSorted(Dated(day: day, id: goal.id)) }
      if goal.isUntouched { notBegun.removeSorted(Dated(day: goal.weekOld, id: goal.id)) }
    }
  }

  /// Open ones of which nobody has said anything since that day, in the order they were added.
  func untouched(since day: Day) -> [Goal] {
    index.map { goals(of: $0.touched.until(day)) } ?? open
  }

  /// Open ones that an even pace would have further by that day.
  func behind(on day: Day) -> [Goal] {
    index.map { goals(of: $0.behind.until(day)) } ?? open
  }

  /// Open ones that nobody has begun and that are a week old by that day.
  func notBegun(on day: Day) -> [Goal] {
    index.map { goals(of: $0.notBegun.until(day)) } ?? open
  }

  private func goals(of ids: [Int]) -> [Goal] { ids.compactMap { self[$0] } }
}

extension Goal {
  /// Nobody has said anything about how far it is.
  var isUntouched: Bool { updates.isEmpty && progress == 0 && confidence == nil }

  var weekOld: Day { startsOn.adding(days: Goals.startDays) }

  /// The first day on which it is behind an even pace if nothing is said until then.
  var firstBehind: Day? {
    guard let due, due > startsOn, target > 0 else { return nil }
    let days = due.days(since: startsOn)
    // `expected` rounds to the nearest point: from half a point more than its progress on.
    let first = (days * (2 * progress + 1) + 2 * target - 1) / (2 * target)
    return first <= days ? startsOn.adding(days: first) : nil
  }
}
