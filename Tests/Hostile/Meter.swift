import Foundation
import Synchronization

/// The CPU time of the longest single call of the product in a run (one answer, one ringing, one
/// post made, one page read), without that of the readers which check it. Off unless a fuzzer asks.
public enum Meter {
  private static let isOn = Atomic(false)
  private static let longest = Atomic<Int64>(0)

  /// Begins anew.
  public static func start() {
    isOn.store(true, ordering: .relaxed)
    longest.store(0, ordering: .relaxed)
  }

  public static var milliseconds: Double {
    Double(longest.load(ordering: .relaxed)) / 1_000_000
  }

  static func product<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    guard isOn.load(ordering: .relaxed) else { return try body() }
    let start = now()
    defer { longest.max(now() - start, ordering: .relaxed) }
    return try body()
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
