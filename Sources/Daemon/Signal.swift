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

  /// Returns when raised, after `seconds`, or when the task is cancelled, whichever comes first.
  public func wait(atMost seconds: Double, clock: any Clock) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await clock.sleep(seconds: seconds) }
      group.addTask { await self.wait() }
      await group.next()
      group.cancelAll()
    }
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
