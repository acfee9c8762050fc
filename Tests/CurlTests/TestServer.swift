import Foundation
import Glibc
import Synchronization
import Testing

/// A server on 127.0.0.1 that does to each connection what the test's script says, and remembers
/// every request that reached it whole.
final class TestServer: Sendable {
  struct Delivery: Sendable {
    var connection: Int
    /// The request line and the headers.
    var head: String
    var body: Data
    var line: String { String(head.prefix { $0 != "\r\n" }) }
  }

  struct Log: Sendable {
    var connections = 0
    var deliveries: [Delivery] = []
    var open: Set<Int32> = []
    var isStopped = false
  }

  let port: Int
  private let listener: Int32
  private let log = Mutex(Log())

  var url: String { "http://127.0.0.1:\(port)" }
  var connections: Int { log.withLock { $0.connections } }
  var open: Int { log.withLock { $0.open.count } }
  var deliveries: [Delivery] { log.withLock { $0.deliveries } }

  /// Runs the script in a thread for each connection, and closes the connection after it.
  convenience init(_ script: @escaping @Sendable (Peer) -> Void) throws {
    try self.init(keepsConnections: false, script)
  }

  /// With `keepsConnections` the script runs in the thread that accepts, one connection after the
  /// other, and the connections stay open until `stop()`.
  init(keepsConnections: Bool, _ script: @escaping @Sendable (Peer) -> Void) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = loopback(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (bound, named) = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        (bind(listener, pointer, length), getsockname(listener, pointer, &length))
      }
    }
    try #require(bound == 0 && named == 0 && listen(listener, 4096) == 0)
    self.listener = listener
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in
      while let peer = accept() {
        if keepsConnections {
          script(peer)
        } else {
          Thread.detachNewThread {
            script(peer)
            peer.close()
          }
        }
      }
    }
  }

  deinit { Glibc.close(listener) }

  private func accept() -> Peer? {
    let socket = Glibc.accept(listener, nil, nil)
    guard socket >= 0 else { return nil }
    return log.withLock { log in
      if log.isStopped {
        Glibc.close(socket)
        return nil
      }
      log.connections += 1
      log.open.insert(socket)
      return Peer(socket: socket, number: log.connections, server: self)
    }
  }

  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    log.withLock { log in
      log.isStopped = true
      for socket in log.open { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  fileprivate func deliver(_ delivery: Delivery) {
    log.withLock { $0.deliveries.append(delivery) }
  }

  fileprivate func close(peer socket: Int32, isReset: Bool) {
    log.withLock { log in
      guard log.open.remove(socket) != nil else { return }
      // A program started by another test may have inherited the socket, and then closing it would
      // end nothing. Linux resets a connection whose socket is connected to nowhere.
      if isReset {
        var nowhere = sockaddr(sa_family: sa_family_t(AF_UNSPEC), sa_data: zeros)
        connect(socket, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
      } else {
        shutdown(socket, Int32(SHUT_RDWR))
      }
      Glibc.close(socket)
    }
  }
}

/// One connection, seen from the server.
struct Peer: Sendable {
  let socket: Int32
  let number: Int
  let server: TestServer

  /// The next whole request, or nil at the end of the connection.
  @discardableResult
  func readRequest() -> TestServer.Delivery? {
    var bytes = Data()
    let mark = Data("\r\n\r\n".utf8)
    while bytes.range(of: mark) == nil { if !readMore(&bytes) { return nil } }
    guard let end = bytes.range(of: mark) else { return nil }
    let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
    var length = 0
    for line in head.split(separator: "\r\n")
    where line.lowercased().hasPrefix("content-length:") {
      length = Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) ?? 0
    }
    while bytes.count < end.upperBound + length { if !readMore(&bytes) { return nil } }
    let delivery = TestServer.Delivery(
      connection: number, head: head, body: Data(bytes[end.upperBound...]))
    server.deliver(delivery)
    return delivery
  }

  private func readMore(_ bytes: inout Data) -> Bool {
    var room = [UInt8](repeating: 0, count: 65_536)
    let count = read(socket, &room, room.count)
    if count > 0 { bytes.append(contentsOf: room[..<count]) }
    return count > 0
  }

  /// Waits for the client to close.
  func waitForClose() {
    var rest = Data()
    while readMore(&rest) { rest = Data() }
  }

  /// False once the client is gone.
  @discardableResult
  func write(_ bytes: Data) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  @discardableResult
  func write(_ text: String) -> Bool { write(Data(text.utf8)) }

  /// A whole answer on a connection that stays open.
  func answer(_ body: String = "", status: Int = 200, headers: [String] = []) {
    let lines = ["HTTP/1.1 \(status) Reason"] + headers + ["Content-Length: \(body.utf8.count)"]
    write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
  }

  func close() { server.close(peer: socket, isReset: false) }
  func reset() { server.close(peer: socket, isReset: true) }
}

private let zeros = sockaddr().sa_data

func loopback(port: Int) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = UInt16(port).bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return address
}

/// Answers every request with the same words, for as long as the client likes.
func politeServer(_ body: String = "well") throws -> TestServer {
  try TestServer { peer in
    while peer.readRequest() != nil { peer.answer(body) }
  }
}

/// Fails the test when the condition does not come true within a generous time.
func wait(for what: String, _ condition: () -> Bool) async throws {
  let end = ContinuousClock.now + .seconds(300)
  while ContinuousClock.now < end {
    if condition() { return }
    try await Task.sleep(for: .milliseconds(10))
  }
  Issue.record("waited in vain for \(what)")
}
