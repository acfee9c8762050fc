import Crew
import Logging
import Synchronization

/// What became of a call.
enum HeardFate: Sendable, Equatable {
  /// On the disk, and answered so.
  case taken
  /// The platform gave it once more: it was there already.
  case known
  /// Nothing to store: the platform only asked whether we are there.
  case greeted
  /// The person was told in words that nothing counts, or that nobody can tell.
  case told(String)
  case refused(String)
}

/// Counts the calls of each account, for two lines of the log: a warning where calls are refused,
/// at most once a minute, because who knows the address could fill the log; and once an hour what
/// came in at all and how long a platform waited.
final class EarTally: Sendable {
  /// Between two lines that say what came in.
  static let hourSeconds: Int64 = 3600
  /// Between two warnings.
  static let minuteSeconds: Int64 = 60

  fileprivate struct Counts {
    var fates: [String: Int] = [:]
    var refused: [String: Int] = [:]
    /// How long the commands that were taken waited for their answer.
    var waits = 0
    var milliseconds: Int64 = 0
    var most: Int64 = 0
  }

  fileprivate struct State {
    var counts: [String: Counts] = [:]
    var toldAt: Instant
    var warnings: [String: (at: Instant, since: Int)] = [:]
  }

  private let state: Mutex<State>
  private let log: Logger

  init(_ log: Logger, now: Instant) {
    self.log = log
    state = Mutex(State(toldAt: now))
  }

  /// - Parameter began: when the whole call was there.
  func note(_ fate: HeardFate, _ account: String, from began: Instant, to now: Instant) {
    let warning = state.withLock { state -> (why: String, count: Int)? in
      state.counts[account, default: Counts()].add(
        fate, max(0, now.milliseconds &- began.milliseconds))
      guard case .refused(let why) = fate else { return nil }
      return state.refusals(account, at: now).map { (why, $0) }
    }
    if let warning {
      log.warning(
        "a call was refused",
        metadata: [
          "account": "\(account)", "why": "\(warning.why)", "refused": "\(warning.count)",
        ])
    }
    tell(now)
  }

  /// Says what came in since it last did, where an hour is over and something came.
  /// - Parameter isLast: at the end: whatever is left.
  func tell(_ now: Instant, isLast: Bool = false) {
    let counts = state.withLock { state -> [String: Counts] in
      guard isLast || abs(now.seconds(since: state.toldAt)) >= Self.hourSeconds else { return [:] }
      defer { state.counts = [:] }
      state.toldAt = now
      return state.counts
    }
    for (account, counts) in counts.sorted(by: { $0.key < $1.key }) {
      log.info("calls heard", metadata: counts.metadata(account))
    }
  }
}

extension EarTally.State {
  /// How many calls were refused since one was last told of, once a minute; nil in between.
  mutating func refusals(_ account: String, at now: Instant) -> Int? {
    guard let last = warnings[account] else {
      warnings[account] = (now, 0)
      return 1
    }
    let count = last.since + 1
    let isTime = abs(now.seconds(since: last.at)) >= EarTally.minuteSeconds
    warnings[account] = isTime ? (now, 0) : (last.at, count)
    return isTime ? count : nil
  }
}

extension EarTally.Counts {
  mutating func add(_ fate: HeardFate, _ milliseconds: Int64) {
    switch fate {
    case .taken:
      fates["taken", default: 0] += 1
      waits += 1
      self.milliseconds += milliseconds
      most = max(most, milliseconds)
    case .known: fates["known", default: 0] += 1
    case .greeted: fates["greeted", default: 0] += 1
    case .told(let why): fates["told_" + why, default: 0] += 1
    case .refused(let why): refused[why, default: 0] += 1
    }
  }

  func metadata(_ account: String) -> Logger.Metadata {
    var metadata: Logger.Metadata = ["account": "\(account)"]
    for (fate, count) in fates { metadata[fate] = "\(count)" }
    if waits > 0 {
      metadata["mean_ms"] = "\(milliseconds / Int64(waits))"
      metadata["most_ms"] = "\(most)"
    }
    if !refused.isEmpty {
      metadata["refused"] = .dictionary(refused.mapValues { .string(String($0)) })
    }
    return metadata
  }
}
