import Synchronization

/// What waits, as far as it is known without asking the file: to read and decode again what was
/// stored a moment ago takes longer than to decide about it.
///
/// Only told of commits, on the connection and in their order, so it is what the file holds.
final class Backlog: Sendable {
  /// More is left to the file. As many as whoever answers looks at, so that a burst is read from
  /// the file no more often than it must.
  static let knownMax = 1024

  /// A slice, because most go from its beginning.
  private let known = Mutex<ArraySlice<Waiting>?>(nil)

  /// The oldest that wait; nil where only the file knows.
  func oldest(_ limit: Int) -> [Waiting]? { known.withLock { $0.map { Array($0.prefix(limit)) } } }

  /// The file holds these and no others.
  func isAll(_ waiting: [Waiting]) {
    known.withLock { $0 = waiting.count <= Self.knownMax ? waiting[...] : nil }
  }

  func came(_ waiting: [Waiting]) {
    known.withLock { known in
      guard let count = known?.count else { return }
      if count + waiting.count <= Self.knownMax { known? += waiting } else { known = nil }
    }
  }

  func went(_ numbers: Set<Int64>) {
    known.withLock { known in
      while let first = known?.first, numbers.contains(first.number) { known?.removeFirst() }
      known?.removeAll { numbers.contains($0.number) }
    }
  }
}
