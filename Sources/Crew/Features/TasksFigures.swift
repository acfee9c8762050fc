// What the digest and reports count. Days are local dates of the team, both ends included.
extension Tasks {
  public func opened(from: Day, to: Day) -> Int {
    items(addedFrom: from, to: to).count
  }

  private func items(addedFrom from: Day, to: Day) -> [Item] {
    all.filter { from <= $0.addedOn && $0.addedOn <= to }
  }

  /// Finished, dropped ones not counted.
  public func done(from: Day, to: Day) -> Int {
    all.count { item in
      item.state == .done && item.closedOn.map { from <= $0 && $0 <= to } ?? false
    }
  }

  /// Finished by that person, the newest first.
  public func done(by person: Person, from: Day, to: Day) -> [Item] {
    all.reversed().filter { item in
      item.state == .done && item.owners.contains(person)
        && item.closedOn.map { from <= $0 && $0 <= to } ?? false
    }
  }

  /// Open at the end of `day` with an earlier date, oldest date first. For a day in the past the
  /// dates are those of today.
  public func overdue(on day: Day) -> [Item] {
    all.filter { item in
      item.wasOpen(on: day) && item.due.map { $0.day < day } ?? false
    }.sorted { ($0.due?.day ?? day, $0.id) < ($1.due?.day ?? day, $1.id) }
  }

  /// Open and nobody's at the end of `day`, the longest waiting first, with the day it began.
  public func unowned(on day: Day) -> [(item: Item, since: Day)] {
    all.compactMap { item in
      guard item.wasOpen(on: day), let gap = item.gaps.last(where: { $0.from <= day }),
        gap.until.map({ $0 > day }) ?? true
      else { return nil }
      return (item, gap.from)
    }.sorted { ($0.since, $0.item.id) < ($1.since, $1.item.id) }
  }

  public var oldestOpen: Item? { open.first }

  /// Half of the tasks that began without an owner found one in fewer seconds than this; of those
  /// that found it in these days. Nil where none did.
  public func medianSecondsToOwner(from: Day, to: Day) -> Int64? {
    let seconds = all.compactMap { item -> Int64? in
      guard let at = item.firstOwnedAt, let on = item.firstOwnedOn, from <= on, on <= to else {
        return nil
      }
      return at.seconds(since: item.addedAt)
    }.sorted()
    guard !seconds.isEmpty else { return nil }
    let middle = seconds.count / 2
    return seconds.count.isMultiple(of: 2)
      ? (seconds[middle - 1] + seconds[middle]) / 2 : seconds[middle]
  }

  public func open(of person: Person) -> [Item] { open.filter { $0.owners.contains(person) } }

  /// Open or done, of that goal.
  public func items(of goal: Int) -> [Item] { all.filter { $0.goal == goal } }
}

extension Tasks.Item {
  func wasOpen(on day: Day) -> Bool {
    addedOn <= day && (isOpen || closedOn.map { $0 > day } ?? false)
  }
}

extension Team {
  /// How many working days nobody has had it; 0 on the day it began.
  public func workingDaysUnowned(_ item: Tasks.Item, on day: Day) -> Int {
    item.unownedSince.map { workingDays(since: $0, until: day) } ?? 0
  }
}
