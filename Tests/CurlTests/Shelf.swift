import Synchronization

/// Things put aside by one thread for another.
final class Shelf<Item: Sendable>: Sendable {
  private let items = Mutex<[Item]>([])

  var all: [Item] { items.withLock { $0 } }
  func add(_ item: Item) { items.withLock { $0.append(item) } }
}
