// Which open tasks a reminder has to look at, so that a look costs what may be due and not what is
// open: a team of a hundred thousand tasks is looked at every minute.
extension Tasks {
  /// Open tasks by what could be said of them. It follows from the items alone.
  struct Index: Sendable, Equatable {
    /// Tasks without an owner, by number.
    private(set) var unowned: [Int] = []
    /// Tasks that were given and are not accepted, by number.
    private(set) var given: [Int] = []
    /// Tasks with a date, by it.
    private(set) var dated: [Dated<Int>] = []
    /// How many each person has.
    private(set) var counts: [Person: Int] = [:]

    mutating func add(_ item: Item) {
      guard item.isOpen else { return }
      if item.owners.isEmpty { unowned.insertSorted(item.id) }
      if item.givenBy != nil { given.insertSorted(item.id) }
      if let due = item.due { dated.insertSorted(Dated(day: due.day, id: item.id)) }
      for person in Set(item.owners) { counts[person, default: 0] += 1 }
    }

    mutating func remove(_ item: Item) {
      guard item.isOpen else { return }
      if item.owners.isEmpty { unowned.removeSorted(item.id) }
      if item.givenBy != nil { given.removeSorted(item.id) }
      if let due = item.due { dated.removeSorted(Dated(day: due.day, id: item.id)) }
      for person in Set(item.owners) {
        let left = (counts[person] ?? 0) - 1
        counts[person] = left > 0 ? left : nil
      }
    }
  }

  /// A reminder looks at most 14 days ahead (`lastWorkday(upTo:)`), on a calendar that may stand
  /// two days before the team's.
  static let aheadDays = 17

  var unowned: [Item] { index.map { items(of: $0.unowned) } ?? open }

  /// How many open tasks somebody has. It is asked for every task that nobody has.
  func openCount(of person: Person) -> Int {
    index.map { $0.counts[person] ?? 0 } ?? open(of: person).count
  }

  var givenAway: [Item] { index.map { items(of: $0.given) } ?? open }

  /// Those whose date is near or past, in the order they were added.
  func due(on today: Day) -> [Item] {
    guard let index else { return open }
    return items(of: index.dated.until(today.adding(days: Self.aheadDays)))
  }

  /// Those of them that are open.
  func open(of ids: [Int]) -> [Item] { index == nil ? open : items(of: ids) }

  private func items(of ids: [Int]) -> [Item] {
    ids.compactMap { id in self[id].flatMap { $0.isOpen ? $0 : nil } }
  }
}
