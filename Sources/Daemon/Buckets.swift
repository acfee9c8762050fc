import Crew
import Platforms
import Synchronization

/// Keeps each account and each room under the rate that its platform publishes, at 80 % of it, or
/// under what its server was found to take (`Pace`).
final class Buckets: Sendable {
  private struct Bucket {
    var tokens: Double
    var at: Instant
  }

  private enum Key: Hashable {
    case account(String)
    case target(Target)
  }

  private struct State {
    var buckets: [Key: Bucket] = [:]
    /// By account; only where the published rate is a beginning.
    var paces: [String: Pace] = [:]
    /// By account: nothing is sent before then, because the server said so.
    var heldUntil: [String: Instant] = [:]
  }

  /// The part of the published rate that is used.
  let share: Double
  private let state = Mutex(State())

  init(share: Double = 0.8) { self.share = share }

  /// Takes a place for one post, or says how many seconds to wait for one.
  func wait(for target: Target, _ abilities: Abilities, now: Instant) -> Double {
    state.withLock { state in
      if state.buckets.count > 50_000 { state.buckets.removeAll() }
      if let until = state.heldUntil[target.account] {
        let seconds = Double(until.milliseconds - now.milliseconds) / 1000
        // Longer than any server is heeded: the clock was set back.
        if seconds > 0, seconds <= Sender.wishSecondsMax { return seconds }
        state.heldUntil[target.account] = nil
      }
      var keys = [(Key.account(target.account), abilities.accountRate)]
      // A limit of which only the server knows is one for the whole account.
      if !abilities.accountRate.isOnlyBeginning {
        keys.append((.target(target), abilities.roomRate))
      }
      let waits = keys.map { key, rate in
        let perSecond = state.paces[target.account]?.perSecond ?? rate.perSecond * share
        return Self.fill(&state.buckets, key, rate.burst * max(1, share), perSecond, now)
      }
      let wait = waits.max() ?? 0
      if wait == 0 { for (key, _) in keys { state.buckets[key]?.tokens -= 1 } }
      return wait
    }
  }

  private static func fill(
    _ buckets: inout [Key: Bucket], _ key: Key, _ burst: Double, _ perSecond: Double,
    _ now: Instant
  ) -> Double {
    var bucket = buckets[key] ?? Bucket(tokens: burst, at: now)
    let elapsed = Double(max(0, now.milliseconds - bucket.at.milliseconds)) / 1000
    bucket.tokens = min(burst, bucket.tokens + elapsed * perSecond)
    bucket.at = now
    buckets[key] = bucket
    return bucket.tokens >= 1 ? 0 : (1 - bucket.tokens) / perSecond
  }

  /// The server took a post.
  func taken(_ account: String, _ abilities: Abilities) {
    change(account, abilities) { $0.taken() }
  }

  /// The server wants nothing more from this account until then.
  func refused(_ account: String, _ abilities: Abilities, until: Instant) {
    guard abilities.accountRate.isOnlyBeginning else { return }
    change(account, abilities) { $0.refused() }
    state.withLock { state in
      state.heldUntil[account] = max(until, state.heldUntil[account] ?? until)
      // What had gathered was the server's to give, and it has none.
      state.buckets[.account(account)]?.tokens = 1
    }
  }

  private func change(
    _ account: String, _ abilities: Abilities, _ change: (inout Pace) -> Void
  ) {
    let rate = abilities.accountRate
    guard rate.isOnlyBeginning else { return }
    state.withLock { state in
      change(&state.paces[account, default: Pace(perSecond: rate.perSecond * share)])
    }
  }
}
