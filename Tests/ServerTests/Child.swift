import Foundation
import Glibc

/// A helper process of the tests. Its standard input stays open as long as we live, and closes with
/// us, by whatever end.
final class Child: Sendable {
  private let process: Process
  private let lifeline: Pipe

  init(_ executable: URL, _ arguments: [String]) throws {
    process = Process()
    lifeline = Pipe()
    process.executableURL = executable
    process.arguments = arguments
    process.standardInput = lifeline
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    Child.keep(self)
  }

  var isRunning: Bool { process.isRunning }

  private static let kept = Kept()

  /// Children end at exit even if somebody else holds the pipe.
  private static func keep(_ child: Child) {
    kept.add(child.process.processIdentifier)
  }

  private final class Kept: @unchecked Sendable {
    private let lock = NSLock()
    private var pids: [Int32] = []

    init() { atexit { Child.kept.end() } }

    func add(_ pid: Int32) { lock.withLock { pids.append(pid) } }

    func end() { lock.withLock { for pid in pids { kill(pid, SIGTERM) } } }
  }
}

/// A port of 127.0.0.1 that was free a moment ago.
func freePort() throws -> UInt16 {
  let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard socket >= 0 else { throw Synapse.Fault("no socket") }
  defer { close(socket) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let bound = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0
    }
  }
  guard bound else { throw Synapse.Fault("no free port") }
  return UInt16(bigEndian: address.sin_port)
}
