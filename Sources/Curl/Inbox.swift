import CCurl
import Foundation
import Platforms
import Synchronization

enum Command: Sendable {
  case start(Call, CheckedContinuation<Outcome, Never>)
  case cancel(Call)
  case stop(CheckedContinuation<Void, Never>?)
}

/// The only way to the engine: anyone puts commands in, the engine's thread takes them out. An
/// eventfd wakes the thread where it sleeps, once for all that it finds then.
///
/// It is a task executor too: who runs their tasks on it runs them on the engine's thread, so that
/// from an answer of the network to the next request no thread has to be woken. Each time costs
/// some 50 µs, and a command on its way passes ten tasks.
final class Inbox: TaskExecutor {
  private struct State {
    var commands: [Command] = []
    var jobs: [UnownedJob] = []
    var isSealed = false
    /// The engine's thread waits for sockets, or is about to.
    var isAsleep = true
  }

  private let state = Mutex(State())
  let wakeFileDescriptor: Int32

  init() throws(NetworkFailure) {
    wakeFileDescriptor = crewbell_eventfd()
    if wakeFileDescriptor < 0 { throw systemFailure("eventfd") }
  }

  deinit { close(wakeFileDescriptor) }

  /// False once the engine has ended; the command was not taken then.
  func send(_ command: Command) -> Bool {
    put { $0.commands.append(command) }
  }

  /// Behind all jobs that are there. Once the engine has ended they run wherever others do.
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if !put({ $0.jobs.append(job) }) { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
  }

  private func put(_ add: (inout State) -> Void) -> Bool {
    state.withLock { state in
      if state.isSealed { return false }
      add(&state)
      if state.isAsleep {
        state.isAsleep = false
        var one: UInt64 = 1
        _ = write(wakeFileDescriptor, &one, MemoryLayout<UInt64>.size)
      }
      return true
    }
  }

  // MARK: For the engine's thread alone

  /// Whether nothing is to be done; from then on whoever puts something in wakes the thread.
  func restIfIdle() -> Bool {
    state.withLock { state in
      state.isAsleep = state.commands.isEmpty && state.jobs.isEmpty
      return state.isAsleep
    }
  }

  func markAwake() { state.withLock { $0.isAsleep = false } }

  /// Takes back what woke the thread.
  func clearWake() {
    var count: UInt64 = 0
    _ = read(wakeFileDescriptor, &count, MemoryLayout<UInt64>.size)
  }

  func takeCommands() -> [Command] {
    state.withLock { state in
      defer { if !state.commands.isEmpty { state.commands = [] } }
      return state.commands
    }
  }

  func takeJobs() -> [UnownedJob] {
    state.withLock { state in
      defer { if !state.jobs.isEmpty { state.jobs = [] } }
      return state.jobs
    }
  }

  func run(_ job: UnownedJob) { job.runSynchronously(on: asUnownedTaskExecutor()) }

  /// Gives what is left and refuses everything from now on.
  func seal() -> [Command] {
    let (commands, jobs) = state.withLock { state in
      state.isSealed = true
      defer { (state.commands, state.jobs) = ([], []) }
      return (state.commands, state.jobs)
    }
    for job in jobs { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
    return commands
  }
}

/// What the system refused while the engine was being made.
func systemFailure(_ what: String, _ code: Int32 = errno) -> NetworkFailure {
  NetworkFailure(.connect, nothingSent: true, "\(what): \(String(cString: strerror(code)))")
}
