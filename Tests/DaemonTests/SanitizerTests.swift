import Foundation
import Synchronization
import Testing

/// `make sanitize` would prove nothing if a sanitizer did not see what it is there for, or saw what
/// is not there. Each harm is done in a process of its own, which has to end of it.
@Suite struct SanitizerTests {
  private static let kind = ProcessInfo.processInfo.environment["SANITIZER"]

  @Test(.enabled(if: kind == "thread", "it takes the thread sanitizer"))
  func `a race of two threads is seen`() async throws {
    let end = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      Box().countTwice { $0.bare += 1 }
    }
    let said = String(decoding: end.standardErrorContent, as: UTF8.self)
    // Of an access that Swift knows about it says “Swift access race”, of another “data race”.
    #expect(said.contains("WARNING: ThreadSanitizer:"), "\(said)")
  }

  @Test(.enabled(if: kind == "thread", "it takes the thread sanitizer"))
  func `what a lock guards is no race`() async {
    await #expect(processExitsWith: .success) {
      Box().countTwice { box in box.locked.withLock { $0 += 1 } }
    }
  }

  @Test(.enabled(if: kind == "address", "it takes the address sanitizer"))
  func `memory that is read after its end is seen`() async throws {
    let end = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
      bytes.initialize(repeating: 7, count: 64)
      bytes.deallocate()
      #expect(bytes[32] == 7)
    }
    let said = String(decoding: end.standardErrorContent, as: UTF8.self)
    #expect(said.contains("AddressSanitizer: heap-use-after-free"), "\(said)")
  }
}

/// What two threads count in, with a lock and without.
private final class Box: @unchecked Sendable {
  var bare = 0
  let locked = Mutex(0)
  private let here = Atomic(0)
  private let done = Atomic(0)

  /// On two threads that are both at it: of two tasks, one may have ended before the other begins,
  /// and of a thread that has ended the sanitizer forgets where it was, and then says nothing.
  /// Nothing that they wait for brings them into an order.
  func countTwice(_ count: @escaping @Sendable (Box) -> Void) {
    for _ in 0..<2 {
      Thread.detachNewThread {
        self.here.add(1, ordering: .relaxed)
        while self.here.load(ordering: .relaxed) < 2 {}
        for _ in 0..<10_000 { count(self) }
        self.done.add(1, ordering: .relaxed)
        while self.done.load(ordering: .relaxed) < 2 {}
      }
    }
    while done.load(ordering: .relaxed) < 2 { usleep(1000) }
  }
}
