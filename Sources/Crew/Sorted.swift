/// Something by a day on which it matters: a line of an index.
struct Dated<ID: Comparable & Sendable>: Sendable, Comparable {
  var day: Day
  var id: ID
  static func < (a: Dated, b: Dated) -> Bool { (a.day, a.id) < (b.day, b.id) }
}

extension Array {
  /// Those up to that day, itself included, in the order of their ids.
  func until<ID>(_ day: Day) -> [ID] where Element == Dated<ID> {
    prefix { $0.day <= day }.map(\.id).sorted()
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
