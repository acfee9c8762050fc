import Crew
import Synchronization

/// Tells one waiting task that there is work. Raised while nobody waits, it is remembered once.
public final class Signal: Sendable {
  private struct State {
    var isRaised = false
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  public init() {}

  public func raise() {
    let waiter = state.withLock { state in
      let waiter = state.waiter
      state.waiter = nil
      state.isRaised = waiter == nil
      return waiter
    }
    waiter?.resume()
  }

  public func wait() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          guard !state.isRaised, !Task.isCancelled else {
            state.isRaised = false
            return true
          }
          state.waiter = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      let waiter = state.withLock { state in
        let waiter = state.waiter
        state.waiter = nil
        return waiter
      }
      waiter?.resume()
    }
  }
}

/// A signal that is waited for a limited time. One alarm serves all the waits, because a timer for
/// each would cost more than what it guards: the alarm may come early, never late.
final class TimedSignal: Sendable {
  private struct State {
    /// When the alarm that is set will ring, by the clock it was set with.
    var ringsAt: Instant?
    var seconds = 0.0
  }

  private let signal = Signal()
  private let isToBeSet = Signal()
  private let state = Mutex(State())

  func raise() { signal.raise() }

  /// Returns when raised, when the alarm rings, at the latest after `seconds`, or when the task is
  /// cancelled. Needs `ringAlarms` to run.
  func wait(atMost seconds: Double, clock: any Clock) async {
    let now = clock.now()
    let isInTime = state.withLock { state in
      let end = Instant(milliseconds: now.milliseconds + Int64(seconds * 1000))
      // A clock that was turned since has made the time of the alarm worthless.
      if let ringsAt = state.ringsAt, ringsAt >= now, ringsAt <= end { return true }
      (state.ringsAt, state.seconds) = (end, seconds)
      return false
    }
    if !isInTime { isToBeSet.raise() }
    await signal.wait()
  }

  func wait() async { await signal.wait() }

  /// Runs until it is cancelled.
  func ringAlarms(_ clock: any Clock) async {
    await isToBeSet.wait()
    while !Task.isCancelled {
      let seconds = state.withLock { $0.seconds }
      let isOver = await withTaskGroup(of: Bool.self) { group in
        group.addTask { (try? await clock.sleep(seconds: seconds)) != nil }
        group.addTask {
          await self.isToBeSet.wait()
          return false
        }
        defer { group.cancelAll() }
        return await group.next() ?? false
      }
      guard isOver else { continue }
      state.withLock { $0.ringsAt = nil }
      raise()
      await isToBeSet.wait()
    }
  }
}

/// Set once and for all; any number of tasks may wait for it.
public final class Latch: Sendable {
  private struct State {
    var isSet = false
    var nextID = 0
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  public var isSet: Bool { state.withLock(\.isSet) }

  /// Wakes those who wait in the order in which they came.
  public func set() {
    let waiters = state.withLock { state in
      state.isSet = true
      let waiters = state.waiters.sorted { $0.key < $1.key }
      state.waiters = [:]
      return waiters
    }
    for waiter in waiters { waiter.value.resume() }
  }

  /// Returns when it is set or the task is cancelled.
  public func wait() async {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isReady = state.withLock { state in
          if state.isSet || Task.isCancelled { return true }
          state.waiters[id] = continuation
          return false
        }
        if isReady { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
    }
  }
}
