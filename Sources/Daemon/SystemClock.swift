import Crew
import Foundation

/// The machine's own clock.
public struct SystemClock: Clock {
  public init() {}

  public func now() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// The same, in milliseconds since 1970.
  public var milliseconds: Int64 { now().milliseconds }

  public func sleep(seconds: Double) async throws {
    try await Task.sleep(for: .seconds(seconds))
  }
}
