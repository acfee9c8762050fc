import Synchronization

/// What waits, as far as it is known without asking the file: to read and decode again what was
/// stored a moment ago takes longer than to decide about it.
///
/// Only told of commits, on the connection and in their order, so it is what the file holds.
final class Backlog: Sendable {
  /// More is left to the file.
  static let knownMax = 64

  private let known = Mutex<[Waiting]?>(nil)

  /// All that waits; nil where only the file knows.
  var all: [Waiting]? { known.withLock { $0 } }

  /// The file holds these and no others.
  func isAll(_ waiting: [Waiting]) {
    known.withLock { $0 = waiting.count <= Self.knownMax ? waiting : nil }
  }

  func came(_ waiting: [Waiting]) {
    known.withLock { known in
      guard let before = known else { return }
      known = before.count + waiting.count <= Self.knownMax ? before + waiting : nil
    }
  }

  func went(_ numbers: Set<Int64>) {
    known.withLock { $0?.removeAll { numbers.contains($0.number) } }
  }
}
