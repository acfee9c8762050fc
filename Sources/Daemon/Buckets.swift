import Crew
import Platforms
import Synchronization

/// Keeps each account and each room under the rate that its platform publishes, at 80 % of it.
final class Buckets: Sendable {
  private struct Bucket {
    var tokens: Double
    var at: Instant
  }

  /// The part of the published rate that is used.
  let share: Double
  private let buckets = Mutex<[String: Bucket]>([:])

  init(share: Double = 0.8) { self.share = share }

  /// Takes a place for one post, or says how many seconds to wait for one.
  func wait(for target: Target, _ abilities: Abilities, now: Instant) -> Double {
    buckets.withLock { buckets in
      if buckets.count > 50_000 { buckets.removeAll() }
      let keys = [
        ("a/\(target.account)", abilities.accountRate), ("t/\(target)", abilities.roomRate),
      ]
      var waits: [Double] = []
      for (key, rate) in keys {
        let burst = rate.burst * max(1, share)
        var bucket = buckets[key] ?? Bucket(tokens: burst, at: now)
        let elapsed = Double(max(0, now.milliseconds - bucket.at.milliseconds)) / 1000
        bucket.tokens = min(burst, bucket.tokens + elapsed * rate.perSecond * share)
        bucket.at = now
        buckets[key] = bucket
        waits.append(
          bucket.tokens >= 1 ? 0 : (1 - bucket.tokens) / (rate.perSecond * share))
      }
      let wait = waits.max() ?? 0
      if wait == 0 { for (key, _) in keys { buckets[key]?.tokens -= 1 } }
      return wait
    }
  }
}
