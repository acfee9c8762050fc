import Foundation

/// What the daemon tells systemd, by the protocol of sd_notify(3): datagrams of `NAME=value` lines
/// to the socket that `$NOTIFY_SOCKET` names.
public struct Notify: Sendable {
  /// How often `watchdog()` must be called at least; half of what systemd allows, as
  /// sd_watchdog_enabled(3) advises. Nil where systemd watches nothing, or another process.
  public let watchdogSeconds: Double?
  /// A path, or a name of the abstract name space behind a NUL.
  private let address: [UInt8]

  /// Nil where systemd does not listen: started by hand, or with another `Type=`.
  public init?(environment: [String: String], pid: Int32 = getpid()) {
    guard let name = environment["NOTIFY_SOCKET"], name.hasPrefix("/") || name.hasPrefix("@"),
      name.utf8.count > 1, name.utf8.count <= Self.addressBytesMax
    else { return nil }
    address = Array(name.hasPrefix("@") ? [0] + name.utf8.dropFirst() : Array(name.utf8))
    let isMeant = environment["WATCHDOG_PID"].map { $0 == String(pid) } ?? true
    let microseconds = environment["WATCHDOG_USEC"].flatMap(UInt64.init) ?? 0
    watchdogSeconds = isMeant && microseconds > 0 ? Double(microseconds) / 2e6 : nil
  }

  /// `sun_path` has 108 bytes, one of them for the NUL behind a path (unix(7)).
  private static let addressBytesMax = 107

  /// The daemon is up, or is done reloading.
  public func ready() { send("READY=1") }

  /// The config is being read again; `ready()` must follow.
  /// - Parameter monotonicMicroseconds: CLOCK_MONOTONIC, by which systemd tells an old report from
  ///   a new one.
  public func reloading(monotonicMicroseconds: UInt64 = Self.monotonicMicroseconds()) {
    send("RELOADING=1\nMONOTONIC_USEC=\(monotonicMicroseconds)")
  }

  public func stopping() { send("STOPPING=1") }

  /// The line that `systemctl status` shows.
  public func status(_ line: String) {
    // A line break would begin another report, such as READY=1.
    let safe = line.unicodeScalars.map { $0.isUnsafeToShow ? " " : $0 }
    send("STATUS=" + String(String.UnicodeScalarView(safe)))
  }

  /// The daemon has come around once more.
  public func watchdog() { send("WATCHDOG=1") }

  public static func monotonicMicroseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1000
  }

  /// True if systemd took it. It is no fault of ours if not, and nothing waits longer than a second
  /// for it.
  @discardableResult
  private func send(_ report: String) -> Bool {
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var patience = timeval(tv_sec: 1, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
    return deliver(Array(report.utf8), over: descriptor)
  }

  private func deliver(_ report: [UInt8], over descriptor: Int32) -> Bool {
    var target = sockaddr_un()
    target.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: address) }
    // The length says where an abstract name ends: it has no NUL behind it.
    let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + address.count } ?? 0
    let sent = withUnsafePointer(to: &target) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(
          descriptor, report, report.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length))
      }
    }
    return sent == report.count
  }
}
