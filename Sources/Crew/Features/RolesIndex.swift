// Which roles a reminder has to look at, so that a look costs what may be due and not how many
// there are.
extension Roles {
  /// Places in the list, in order, by what could be said of the roles there.
  struct Index: Sendable, Equatable {
    /// By name.
    private(set) var places: [String: Int] = [:]
    /// With fewer holders than they need.
    private(set) var short: [Int] = []
    /// Being handed over.
    private(set) var offered: [Int] = []
    /// Those that go round.
    private(set) var rotating: [Int] = []
    /// By the day of the last review.
    private(set) var reviewed: [Dated<Int>] = []
    private(set) var held: [Person: [Int]] = [:]

    init(_ list: [Role] = []) {
      for (place, role) in list.enumerated() { add(role, at: place) }
    }

    mutating func add(_ role: Role, at place: Int) {
      places[role.name] = place
      if role.shortSince != nil { short.insertSorted(place) }
      if role.offer != nil { offered.insertSorted(place) }
      if role.rotation != nil { rotating.insertSorted(place) }
      reviewed.insertSorted(Dated(day: role.reviewedOn, id: place))
      for person in role.holders { held[person, default: []].insertSorted(place) }
    }

    mutating func remove(_ role: Role, at place: Int) {
      places[role.name] = nil
      if role.shortSince != nil { short.removeSorted(place) }
      if role.offer != nil { offered.removeSorted(place) }
      if role.rotation != nil { rotating.removeSorted(place) }
      reviewed.removeSorted(Dated(day: role.reviewedOn, id: place))
      for person in role.holders {
        held[person]?.removeSorted(place)
        if held[person]?.isEmpty == true { held[person] = nil }
      }
    }
  }

  var short: [Role] { isIndexUsed ? index.short.map { list[$0] } : list }
  var offered: [Role] { isIndexUsed ? index.offered.map { list[$0] } : list }
  var rotating: [Role] { isIndexUsed ? index.rotating.map { list[$0] } : list }

  /// Those whose last review is that day or an earlier one.
  func reviewed(until day: Day) -> [Role] {
    isIndexUsed ? index.reviewed.until(day).map { list[$0] } : list
  }

  /// Those that anybody of them holds.
  func held(byAnyOf people: Set<Person>) -> [Role] {
    guard isIndexUsed else { return list }
    return Set(people.flatMap { index.held[$0] ?? [] }).sorted().map { list[$0] }
  }
}
