import Foundation
import Synchronization

/// The CPU time that the product's own code takes of a run, without that of the readers which check
/// it. Off unless a fuzzer asks.
public enum Meter {
  private static let isOn = Atomic(false)
  private static let nanoseconds = Atomic<Int64>(0)

  /// Begins anew.
  public static func start() {
    isOn.store(true, ordering: .relaxed)
    nanoseconds.store(0, ordering: .relaxed)
  }

  public static var milliseconds: Double {
    Double(nanoseconds.load(ordering: .relaxed)) / 1_000_000
  }

  static func product<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    guard isOn.load(ordering: .relaxed) else { return try body() }
    let start = now()
    defer { nanoseconds.add(now() - start, ordering: .relaxed) }
    return try body()
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
