import Foundation

/// The system does not let us have what we cannot do without.
public struct Shortage: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// The file descriptors that this process may have. A connection takes one, and so does every timer
/// and queue of the language's own runtime, which ends the process where it gets none.
enum Descriptors {
  /// Thirty are in use without a single account.
  static let fewest: rlim_t = 64

  /// Takes as many as the system lets us have; the soft limit is often a thousand.
  /// - Throws: where that is too few to work with.
  static func raise() throws(Shortage) {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(resource, &limit)
    getrlimit(resource, &limit)
    guard limit.rlim_cur < fewest else { return }
    throw Shortage(
      "only \(limit.rlim_cur) file descriptors are allowed, \(fewest) are needed: raise LimitNOFILE"
        + " of the unit, or ulimit -n")
  }
}

/// The threads that this process may have. Where the runtime gets none it waits for one for ever
/// and says nothing, so this is tried before anything that needs it.
public enum Threads {
  static let fewest = 8
  private static let gate = DispatchSemaphore(value: 0)

  /// - Throws: where not that many can be made at once.
  public static func check() throws(Shortage) {
    var made: [pthread_t] = []
    for _ in 0..<fewest {
      var thread = pthread_t()
      let code = pthread_create(&thread, nil, { _ in Threads.wait() }, nil)
      if code == 0 { made.append(thread) }
    }
    for _ in made { gate.signal() }
    for thread in made { pthread_join(thread, nil) }
    guard made.count < fewest else { return }
    throw Shortage(
      "only \(made.count) more threads are allowed, \(fewest) are needed: raise TasksMax of the"
        + " unit, or ulimit -u")
  }

  private static func wait() -> UnsafeMutableRawPointer? {
    gate.wait()
    return nil
  }
}
