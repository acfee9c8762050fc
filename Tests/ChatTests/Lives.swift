import Daemon
import Ledger
import Synchronization

/// One session after another on what the one before has left on the disk.
final class Lives: Sendable {
  private let disk: Mutex<MemoryLedger>
  private let running = Mutex<(session: Session, task: Task<Void, any Error>)?>(nil)

  init(_ ledger: MemoryLedger) { disk = Mutex(ledger) }

  var ledger: MemoryLedger { disk.withLock { $0 } }

  func begin(_ session: Session) {
    let task = Task { try await session.run() }
    running.withLock { $0 = (session, task) }
  }

  func wake() { running.withLock { $0?.session.wake() } }

  func end() async throws {
    guard let now = take() else { return }
    now.session.stop()
    try await now.task.value
  }

  /// The process dies at this very moment; what is stored outlives it.
  func die() async {
    let next = await ledger.restarted()
    let last = take()
    disk.withLock { $0 = next }
    last?.task.cancel()
    _ = await last?.task.result
  }

  private func take() -> (session: Session, task: Task<Void, any Error>)? {
    running.withLock { running in
      defer { running = nil }
      return running
    }
  }
}
