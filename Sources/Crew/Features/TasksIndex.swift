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
    private(set) var dated: [Dated] = []

    struct Dated: Sendable, Equatable, Comparable {
      var day: Day
      var id: Int
      static func < (a: Dated, b: Dated) -> Bool { (a.day, a.id) < (b.day, b.id) }
    }

    mutating func add(_ item: Item) {
      guard item.isOpen else { return }
      if item.owners.isEmpty { unowned.insertSorted(item.id) }
      if item.givenBy != nil { given.insertSorted(item.id) }
      if let due = item.due { dated.insertSorted(Dated(day: due.day, id: item.id)) }
    }

    mutating func remove(_ item: Item) {
      guard item.isOpen else { return }
      if item.owners.isEmpty { unowned.removeSorted(item.id) }
      if item.givenBy != nil { given.removeSorted(item.id) }
      if let due = item.due { dated.removeSorted(Dated(day: due.day, id: item.id)) }
    }
  }

  /// A reminder looks at most 14 days ahead (`lastWorkday(upTo:)`), on a calendar that may stand
  /// two days before the team's.
  static let aheadDays = 17

  var unowned: [Item] { index.map { items(of: $0.unowned) } ?? open }

  var givenAway: [Item] { index.map { items(of: $0.given) } ?? open }

  /// Those whose date is near or past, in the order they were added.
  func due(on today: Day) -> [Item] {
    guard let index else { return open }
    let last = today.adding(days: Self.aheadDays)
    return items(of: index.dated.prefix { $0.day <= last }.map(\.id).sorted())
  }

  /// Those of them that are open.
  func open(of ids: [Int]) -> [Item] { index == nil ? open : items(of: ids) }

  private func items(of ids: [Int]) -> [Item] {
    ids.compactMap { id in self[id].flatMap { $0.isOpen ? $0 : nil } }
  }
}

extension Array where Element: Comparable {
  /// Where `element` stands, or would stand, in an array that is in order.
  private func place(of element: Element) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Keeps the order; what is there already is not put there twice.
  mutating func insertSorted(_ element: Element) {
    // Most things are newer than all others.
    if let last, last < element { return append(element) }
    let place = place(of: element)
    if place == count || self[place] != element { insert(element, at: place) }
  }

  mutating func removeSorted(_ element: Element) {
    let place = place(of: element)
    if place < count, self[place] == element { remove(at: place) }
  }
}
