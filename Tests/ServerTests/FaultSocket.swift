import Foundation
import Glibc

/// A blocking socket of 127.0.0.1, as far as the fault proxy needs it.
struct FaultSocket: Sendable, Hashable {
  let number: Int32

  static func listening(on port: UInt16 = 0) throws -> (FaultSocket, port: UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = loopback(port)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, length) == 0 && getsockname(listener, pointer, &length) == 0
      }
    }
    guard isBound, listen(listener, 1024) == 0 else { throw Synapse.Fault("no port to listen on") }
    return (FaultSocket(number: listener), UInt16(bigEndian: address.sin_port))
  }

  static func connected(to port: UInt16) -> FaultSocket? {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = loopback(port)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(number, $0, size) == 0 }
    }
    guard isConnected else {
      Glibc.close(number)
      return nil
    }
    return FaultSocket(number: number)
  }

  func accepted() -> FaultSocket? {
    let peer = Glibc.accept(number, nil, nil)
    return peer >= 0 ? FaultSocket(number: peer) : nil
  }

  /// Empty at the end.
  func read() -> [UInt8] {
    var room = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(number, &room, room.count)
    return count > 0 ? Array(room[..<count]) : []
  }

  /// False once the other side is gone.
  @discardableResult
  func write(_ bytes: some Collection<UInt8>) -> Bool {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// Waits for bytes from `self`, for as long as `other` stays.
  func isReadable(while other: FaultSocket) -> Bool {
    var watched = [
      pollfd(fd: number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: other.number, events: 0x2000, revents: 0),  // POLLRDHUP, poll(2)
    ]
    guard poll(&watched, 2, 120_000) > 0 else { return false }
    return watched[1].revents == 0 && watched[0].revents != 0
  }

  /// Until the other side closes.
  func waitForEnd() { while !read().isEmpty {} }

  func endWriting() { shutdown(number, Int32(SHUT_WR)) }
  func wake() { shutdown(number, Int32(SHUT_RDWR)) }
  func close() {
    shutdown(number, Int32(SHUT_RDWR))
    Glibc.close(number)
  }

  /// Linux resets a connection whose socket is connected to nowhere, even where a child process
  /// has inherited it.
  func reset() {
    var nowhere = sockaddr()
    nowhere.sa_family = sa_family_t(AF_UNSPEC)
    connect(number, &nowhere, socklen_t(MemoryLayout<sockaddr>.size))
    Glibc.close(number)
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }
}

/// One HTTP/1.1 message as it stands on the wire.
struct FaultMessage: Sendable {
  var bytes: [UInt8] = []
  var firstLine: String {
    String(decoding: bytes.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
  }

  /// The next whole one, whose bytes `more` brings; nil at the end of the connection.
  init?(isAnswer: Bool, _ more: () -> [UInt8]) {
    while headEnd == nil { if !take(more()) { return nil } }
    guard let end = headEnd else { return nil }
    let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
    let fields = head.components(separatedBy: "\r\n")
    if fields.contains(where: { $0.hasPrefix("transfer-encoding:") && $0.contains("chunked") }) {
      while !bytes.suffix(5).elementsEqual(Array("0\r\n\r\n".utf8)) {
        if !take(more()) { return nil }
      }
      return
    }
    let length = fields.first { $0.hasPrefix("content-length:") }
      .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
    guard let length else {
      if isAnswer { while take(more()) {} }
      return
    }
    while bytes.count < end + length { if !take(more()) { return nil } }
  }

  private mutating func take(_ piece: [UInt8]) -> Bool {
    bytes += piece
    return !piece.isEmpty
  }

  private var headEnd: Int? {
    Data(bytes).range(of: Data("\r\n\r\n".utf8))?.upperBound
  }
}
