import Foundation
import Testing

@testable import Daemon

/// systemd's end: a datagram socket that keeps what came.
final class NotifySocket {
  let descriptor: Int32
  let name: String

  /// - Parameter name: a path, or `@` and a name of the abstract name space.
  init(_ name: String) throws {
    self.name = name
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = name.hasPrefix("@") ? [0] + Array(name.utf8.dropFirst()) : Array(name.utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(2 + bytes.count)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
    }
    try #require(result == 0)
  }

  deinit {
    close(descriptor)
    unlink(name)
  }

  /// A datagram over AF_UNIX is there as soon as it is sent.
  func next() -> String? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
  }
}

@Suite struct NotifyTests {
  static func names() -> [String] {
    let word = "crewbell-\(UUID().uuidString)"
    return [FileManager.default.temporaryDirectory.appending(path: word).path, "@" + word]
  }

  @Test(arguments: names()) func `systemd hears what the daemon does`(name: String) throws {
    let systemd = try NotifySocket(name)
    let notify = try #require(Notify(environment: ["NOTIFY_SOCKET": name]))
    notify.ready()
    #expect(systemd.next() == "READY=1")
    notify.reloading(monotonicMicroseconds: 42)
    #expect(systemd.next() == "RELOADING=1\nMONOTONIC_USEC=42")
    notify.watchdog()
    #expect(systemd.next() == "WATCHDOG=1")
    notify.stopping()
    #expect(systemd.next() == "STOPPING=1")
    #expect(systemd.next() == nil)
  }

  @Test func `a status cannot smuggle in another report`() throws {
    let name = Self.names()[1]
    let systemd = try NotifySocket(name)
    let notify = try #require(Notify(environment: ["NOTIFY_SOCKET": name]))
    notify.status("3 accounts\nSTOPPING=1")
    #expect(systemd.next() == "STATUS=3 accounts STOPPING=1")
  }

  @Test func `nobody listening is no fault`() throws {
    #expect(Notify(environment: [:]) == nil)
    #expect(Notify(environment: ["NOTIFY_SOCKET": "relative"]) == nil)
    let long = "/" + String(repeating: "x", count: 107)
    #expect(Notify(environment: ["NOTIFY_SOCKET": long]) == nil)
    try #require(Notify(environment: ["NOTIFY_SOCKET": "/nowhere/at/all"])).ready()
  }

  @Test func `the watchdog is fed twice as often as systemd asks, by the process it means`() {
    func seconds(_ more: [String: String]) -> Double? {
      Notify(
        environment: more.merging(["NOTIFY_SOCKET": "@x"]) { $1 }, pid: 7)?.watchdogSeconds
    }
    #expect(seconds(["WATCHDOG_USEC": "30000000"]) == 15)
    #expect(seconds(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"]) == 15)
    #expect(seconds(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"]) == nil)
    #expect(seconds(["WATCHDOG_USEC": "0"]) == nil)
    #expect(seconds([:]) == nil)
  }
}
