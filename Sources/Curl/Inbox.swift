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
/// eventfd wakes the thread, once for all the commands that it has not taken yet.
final class Inbox: Sendable {
  private struct State {
    var commands: [Command] = []
    var isSealed = false
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
    state.withLock { state in
      if state.isSealed { return false }
      state.commands.append(command)
      if state.commands.count == 1 {
        var one: UInt64 = 1
        _ = write(wakeFileDescriptor, &one, MemoryLayout<UInt64>.size)
      }
      return true
    }
  }

  func take() -> [Command] {
    state.withLock { state in
      var count: UInt64 = 0
      _ = read(wakeFileDescriptor, &count, MemoryLayout<UInt64>.size)
      defer { state.commands = [] }
      return state.commands
    }
  }

  /// Takes what is left and refuses everything from now on.
  func seal() -> [Command] {
    state.withLock { state in
      state.isSealed = true
      defer { state.commands = [] }
      return state.commands
    }
  }
}

/// What the system refused while the engine was being made.
func systemFailure(_ what: String, _ code: Int32 = errno) -> NetworkFailure {
  NetworkFailure(.connect, nothingSent: true, "\(what): \(String(cString: strerror(code)))")
}
