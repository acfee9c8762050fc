import Crew
import Synchronization

/// Which parts of the daemon have lately turned. The watchdog is fed only while all of them do.
final class Pulse: Sendable {
  private struct Beat {
    var at: Instant
    var seconds: Int64
  }

  private let beats = Mutex<[String: Beat]>([:])

  /// - Parameter seconds: how long this part may take for its next turn.
  func beat(_ part: String, at: Instant, nextWithin seconds: Int64) {
    beats.withLock { $0[part] = Beat(at: at, seconds: seconds) }
  }

  /// The parts that should have turned and did not.
  func stuck(now: Instant) -> [String] {
    beats.withLock { beats in
      beats.filter { now.seconds(since: $0.value.at) > $0.value.seconds }.keys.sorted()
    }
  }
}
