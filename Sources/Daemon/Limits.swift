import Crew

/// How much one person, one room and one account may ask for.
public struct Limits: Sendable, Equatable {
  public struct Rate: Sendable, Equatable {
    public var perSecond: Double
    public var burst: Double

    public init(perSecond: Double, burst: Double) {
      self.perSecond = perSecond
      self.burst = burst
    }
  }

  public var user = Rate(perSecond: 1, burst: 30)
  public var room = Rate(perSecond: 5, burst: 100)
  /// All rooms of one bot account together.
  public var account = Rate(perSecond: 50, burst: 5000)
  /// A person over the limit is told once in this time; the rest is dropped, with its record.
  public var warnSeconds: Int64 = 300
  /// The part of a platform's published rate that is used.
  public var platformShare = 0.8

  public init() {}
}

/// Token buckets over the time at which things were written, so that what piled up while we were
/// away is not taken for a flood. Kept in memory only: it protects, it is not part of the truth.
struct Limiter {
  private struct Bucket {
    var tokens: Double
    var at: Instant
  }

  private var buckets: [String: Bucket] = [:]
  private var onceAt: [String: Instant] = [:]

  /// - Returns: whether the message may be answered.
  mutating func admits(_ message: Message, at: Instant, limits: Limits) -> Bool {
    let user = "u/\(message.sender.account)/\(message.sender.user)"
    let room = "r/\(message.room.account)/\(message.room.id)"
    return take(user, limits.user, at) && take(room, limits.room, at)
      && take("a/\(message.room.account)", limits.account, at)
  }

  /// Answers within one minute to somebody who only makes us refuse, or says the same again and
  /// again: two programs that answer each other do that, and no person does it for long.
  static let loopAnswersMax = 5
  private var exchanges: [String: Exchange] = [:]

  private struct Exchange {
    var since: Instant
    var count = 0
    var last: [Piece] = []
  }

  /// - Returns: whether the answer, one that changes nothing, would only feed a loop.
  mutating func isLoop(_ message: Message, isRefusal: Bool, at: Instant) -> Bool {
    let key =
      "\(message.sender.account)/\(message.sender.user)/\(message.room.id)/\(message.thread ?? "")"
    var exchange = exchanges[key] ?? Exchange(since: at)
    if abs(at.seconds(since: exchange.since)) >= 60 { exchange = Exchange(since: at) }
    let isEcho = isRefusal || exchange.last == message.body
    if isEcho { exchange.count += 1 }
    exchange.last = message.body
    if exchanges.count > 10_000 { exchanges.removeAll() }
    exchanges[key] = exchange
    // Somebody who mistyped a lot, and now asks a good question, is none.
    return isEcho && exchange.count > Self.loopAnswersMax
  }

  private mutating func take(_ key: String, _ rate: Limits.Rate, _ at: Instant) -> Bool {
    var bucket = buckets[key] ?? Bucket(tokens: rate.burst, at: at)
    let elapsed = Double(max(0, at.milliseconds - bucket.at.milliseconds)) / 1000
    bucket.tokens = min(rate.burst, bucket.tokens + elapsed * rate.perSecond)
    bucket.at = max(bucket.at, at)
    let isAllowed = bucket.tokens >= 1
    if isAllowed { bucket.tokens -= 1 }
    if buckets.count > 10_000 { buckets.removeAll() }
    buckets[key] = bucket
    return isAllowed
  }

  /// True once per `seconds` for a key.
  mutating func once(_ key: String, at: Instant, perSeconds seconds: Int64) -> Bool {
    if let last = onceAt[key], at.seconds(since: last) < seconds { return false }
    if onceAt.count > 10_000 { onceAt.removeAll() }
    onceAt[key] = at
    return true
  }
}
