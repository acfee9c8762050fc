import Foundation
import Synchronization

/// Runs every task of the daemon on one thread, a job at a time, the next one by chance. So one
/// seed is one order of everything, and another seed another order.
final class Stage: TaskExecutor {
  private let ready = Mutex<[UnownedJob]>([])

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    ready.withLock { $0.append(job) }
  }

  /// Runs one job. False when none is ready: everybody waits for time to pass.
  func step(_ dice: inout Dice) -> Bool {
    let job: UnownedJob? = ready.withLock { jobs in
      guard let last = jobs.indices.last else { return nil }
      if last > 0 { jobs.swapAt(dice.below(last + 1), last) }
      return jobs.removeLast()
    }
    guard let job else { return false }
    job.runSynchronously(on: asUnownedTaskExecutor())
    return true
  }

  /// Runs what needs no time to pass, to its end.
  func value<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) throws -> Value {
    let end = End<Value>()
    let task = Task(executorPreference: self) { end.set(await Result(catching: body)) }
    defer { task.cancel() }
    var dice = Dice(0, stream: 0)
    while end.result == nil, step(&dice) {}
    guard let result = end.result else { throw Stuck() }
    return try result.get()
  }

  struct Stuck: Error {}
}

/// How a task ended, for those who do not wait for it.
final class End<Value: Sendable>: Sendable {
  private let content = Mutex<Result<Value, any Error>?>(nil)

  var result: Result<Value, any Error>? { content.withLock { $0 } }
  func set(_ result: Result<Value, any Error>) { content.withLock { $0 = result } }
}

extension Result where Failure == any Error {
  init(catching body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

/// A thread of its own, because a stage must not wait for threads that others use.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    let thread = Thread { continuation.resume(returning: body()) }
    thread.stackSize = 16 << 20
    thread.start()
  }
}
