import Crew
import Ledger
import Synchronization

/// Leaves a platform in peace that is down. While its updates cannot be fetched and a post failed
/// too, the others wait: for the poller to get through again, or for one post in half an hour that
/// tries whether sending works all the same. So what a dead server sees in a day does not grow with
/// the number of rooms, and what would only come into doubt is not even begun.
final class Gate: Sendable {
  /// One poll in about 225 s and one post in this time stay below 500 requests a day.
  static let trialSeconds: Int64 = 1800

  private struct State {
    /// The poller's last request was not answered as it should be.
    var isDown = false
    /// Set when a post failed meanwhile.
    var nextTrialAt: Instant?
  }

  private let accounts = Mutex<[String: State]>([:])
  private let opened: @Sendable () -> Void

  /// - Parameter opened: called when posts that were held back may go.
  init(opened: @escaping @Sendable () -> Void = {}) { self.opened = opened }

  func polled(_ account: String, isAnswered: Bool) {
    change(account) { state in
      state.isDown = !isAnswered
      if isAnswered { state.nextTrialAt = nil }
    }
  }

  /// - Parameter isAnswered: false for no answer, for one of a server in trouble, and for one that
  ///   does not know us.
  func sent(_ account: String, isAnswered: Bool, now: Instant) {
    change(account) { state in
      state.nextTrialAt =
        isAnswered || !state.isDown ? nil : now.adding(seconds: Self.trialSeconds)
    }
  }

  private func change(_ account: String, _ body: (inout State) -> Void) {
    let isOpened = accounts.withLock { accounts in
      var state = accounts[account] ?? State()
      let wasHeld = state.nextTrialAt != nil
      body(&state)
      accounts[account] = state
      return wasHeld && state.nextTrialAt == nil
    }
    if isOpened { opened() }
  }

  /// Those of the accounts that are not held back.
  func open(of names: Set<String>) -> Set<String> {
    names.subtracting(accounts.withLock { $0.filter { $0.value.nextTrialAt != nil }.keys })
  }

  /// Claims what may go now: of an account that is held back one post at its time, else up to
  /// `limit` in all.
  func claim(
    from ledger: any Ledger, accounts names: Set<String>, limit: Int, now: Instant
  ) async throws -> [Claimed] {
    let held = accounts.withLock { accounts in
      accounts.compactMapValues(\.nextTrialAt).filter { names.contains($0.key) }
    }
    var claimed = try await ledger.claim(
      accounts: names.subtracting(held.keys), limit: limit, now: now)
    for (account, trialAt) in held.sorted(by: { $0.key < $1.key })
    where trialAt <= now && claimed.count < limit {
      let trial: [Claimed]
      do {
        trial = try await ledger.claim(accounts: [account], limit: 1, now: now)
      } catch {
        // What is claimed must be sent: dropped here it would hold its room back until the next
        // start. A fault that lasts comes again with the next claim.
        guard !claimed.isEmpty else { throw error }
        break
      }
      claimed += trial
      // Whatever becomes of it says when the next one is.
      if !trial.isEmpty {
        change(account) { $0.nextTrialAt = now.adding(seconds: Self.trialSeconds) }
      }
    }
    return claimed
  }

  /// Whether posts that are due have to wait all the same.
  var isHolding: Bool { accounts.withLock { $0.values.contains { $0.nextTrialAt != nil } } }
}
