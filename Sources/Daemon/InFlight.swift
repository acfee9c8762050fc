import Ledger
import Synchronization

/// The places for posts on their way. Whoever claims posts reserves places first, so that the
/// keeper, which claims an answer in the commit that makes it, and the sender, which claims what
/// waits, never have more under way than there are places.
final class InFlight: Sendable {
  static let max = 16

  private struct State {
    /// Posts on their way or handed over, and places reserved.
    var taken = 0
    var reserved = 0
    var handedOver: [Claimed] = []
    var isClosed = false

    mutating func use(_ count: Int, of reserved: Int) {
      taken -= reserved - count
      self.reserved -= reserved
    }
  }

  private let state = Mutex(State())

  /// Reserves all that are free: none once it is closed.
  func reserve() -> Int {
    state.withLock { state in
      guard !state.isClosed, state.taken < Self.max else { return 0 }
      let free = Self.max - state.taken
      state.taken += free
      state.reserved += free
      return free
    }
  }

  /// So many of the reserved places are used, the others are free again.
  func use(_ count: Int, of reserved: Int) {
    state.withLock { $0.use(count, of: reserved) }
  }

  /// The same, for the sender to carry on with.
  func handOver(_ claimed: [Claimed], of reserved: Int) {
    state.withLock { state in
      state.use(claimed.count, of: reserved)
      state.handedOver += claimed
    }
  }

  func takeHandedOver() -> [Claimed] {
    state.withLock { state in
      defer { if !state.handedOver.isEmpty { state.handedOver = [] } }
      return state.handedOver
    }
  }

  /// A post is on its way no more.
  func free() { state.withLock { $0.taken -= 1 } }

  func close() { state.withLock { $0.isClosed = true } }
  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Whether somebody is about to claim.
  var isReserved: Bool { state.withLock { $0.reserved > 0 } }
  var isEmpty: Bool { state.withLock { $0.taken == 0 } }
}
