import Foundation
import Sandbox
import Testing

@testable import Daemon

/// The program as systemd and an operator meet it: a process with a config, signals and an exit
/// code.
@Suite(.serialized) struct ProgramTests {
  private static let token = "4711:a-canary-that-must-not-be-seen"

  private func running(_ sandbox: Sandbox) async throws -> DaemonProcess {
    let port = try await sandbox.start()
    let daemon = try DaemonProcess(telegramPort: port, token: Self.token)
    try daemon.start()
    try await wait(seconds: 60, for: "the greeting; see \(daemon.folder.path)/log") {
      await !sandbox.delivered.isEmpty
    }
    return daemon
  }

  private func sandbox() throws -> Sandbox {
    try Sandbox(token: Self.token, realNow: { SystemClock().milliseconds }, random: 3)
  }

  @Test func `it says when it is ready, and ends in good order`() async throws {
    let sandbox = try sandbox()
    let port = try await sandbox.start()
    let daemon = try DaemonProcess(telegramPort: port, token: Self.token)
    let notices = try NoticeSocket(folder: daemon.folder)
    try daemon.start(environment: ["NOTIFY_SOCKET": notices.path, "WATCHDOG_USEC": "2000000"])
    try await wait(seconds: 60, for: "READY and the watchdog") {
      notices.read()
      return notices.seen.contains("READY=1") && notices.seen.contains("WATCHDOG=1")
    }
    #expect(try await daemon.end() == 0)
    notices.read()
    #expect(notices.seen.contains("STOPPING=1"))
    await sandbox.stop()
  }

  @Test func `a second daemon on the same state is refused in one line`() async throws {
    let sandbox = try sandbox()
    let first = try await running(sandbox)
    let second = try first.twin()
    try second.start()
    #expect(try await second.exit() == Config.exitCode)
    #expect(second.log.contains("crewbell:"))
    #expect(try await first.end() == 0)
    await sandbox.stop()
  }

  @Test func `a bad config is told on reload and the old one stays`() async throws {
    let sandbox = try sandbox()
    let daemon = try await running(sandbox)
    let good = try String(contentsOf: daemon.config, encoding: .utf8)
    try Data("acounts: {}\n".utf8).write(to: daemon.config)
    daemon.signal(SIGHUP)
    try await wait(seconds: 30, for: "the complaint") { daemon.log.contains("acounts") }
    try Data(good.utf8).write(to: daemon.config)
    daemon.signal(SIGHUP)
    try await wait(seconds: 30, for: "the reload") { daemon.log.contains("config read again") }
    try await wait(seconds: 30, for: "an answer after the reload") {
      await sandbox.write("/kudos mine", as: 101, in: sandbox.group)
      return await sandbox.delivered.contains { $0.text.hasPrefix("None yet") }
    }
    #expect(try await daemon.end() == 0)
    await sandbox.stop()
  }

  @Test func `no secret is ever written anywhere but where it belongs`() async throws {
    let sandbox = try sandbox()
    let daemon = try await running(sandbox)
    await sandbox.inject(Fault(.broken(status: 502), times: 3))
    await sandbox.inject(
      Fault(.error(code: 400, description: "Bad Request: x"), method: "sendMessage"))
    await sandbox.write("/help", as: 101, in: sandbox.group)
    try await wait(seconds: 60, for: "the fault to be told") { daemon.log.contains("why") }
    let pid = try #require(daemon.pid)
    let commandLine = try String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
    #expect(!commandLine.contains(Self.token))
    #expect(try await daemon.end() == 0)
    await sandbox.stop()
    let files = try FileManager.default.subpathsOfDirectory(atPath: daemon.folder.path)
    for file in files where file != "token" {
      let path = daemon.folder.appending(path: file)
      guard let data = try? Data(contentsOf: path) else { continue }
      #expect(data.range(of: Data(Self.token.utf8)) == nil, "the token stands in \(file)")
    }
  }

  @Test func `a state that was there and is gone is not begun anew`() async throws {
    let sandbox = try sandbox()
    let daemon = try await running(sandbox)
    #expect(try await daemon.end() == 0)
    try FileManager.default.removeItem(at: daemon.folder.appending(path: "state/crewbell.db"))
    try daemon.start()
    #expect(try await daemon.exit() == Config.exitCode)
    #expect(daemon.log.contains("--init"))
    await sandbox.stop()
  }

  @Test func `a trap leaves a mark, a kill leaves none`() async throws {
    let sandbox = try sandbox()
    let daemon = try await running(sandbox)
    let mark = daemon.folder.appending(path: "state/crashed")
    daemon.kill()
    #expect(try Data(contentsOf: mark).isEmpty)
    try daemon.start()
    try await wait(seconds: 30, for: "the second start") {
      daemon.log.components(separatedBy: "\"started\"").count == 3
    }
    daemon.signal(SIGILL)
    _ = try await daemon.exit()
    #expect(try Data(contentsOf: mark).count == 1)
    await sandbox.stop()
  }

  @Test func `a config at fault ends with 78 and its place`() async throws {
    let daemon = try DaemonProcess(telegramPort: 1, token: Self.token)
    try Data("accounts:\n  desk: { platform: telegrm }\n".utf8).write(to: daemon.config)
    try daemon.start(["check-config"])
    #expect(try await daemon.exit() == Config.exitCode)
    #expect(daemon.log.contains("crewbell.yaml:2:21:"))
  }

  @Test func `the doctor says what is wrong with an account`() async throws {
    let sandbox = try sandbox()
    let port = try await sandbox.start()
    let well = try DaemonProcess(telegramPort: port, token: Self.token)
    try well.start(["doctor"])
    #expect(try await well.exit() == 0)
    let ill = try DaemonProcess(telegramPort: port, token: "4711:another-token-than-that")
    try ill.start(["doctor"])
    #expect(try await ill.exit() == 1)
    #expect(ill.log.contains("BotFather"))
    await sandbox.stop()
  }

  @Test func `replay proves the events, simulate tells the days to come`() async throws {
    let sandbox = try sandbox()
    let daemon = try await running(sandbox)
    await sandbox.write("/task add renew cert due fri", as: 101, in: sandbox.group)
    try await wait(seconds: 30, for: "the task") { try await daemon.titles() == ["renew cert"] }
    let twin = try daemon.twin()
    try twin.start(["replay"])
    #expect(try await twin.exit() == 0)
    #expect(twin.log.contains("all equal"))
    try twin.start(["simulate", "--days", "7"])
    #expect(try await twin.exit() == 0)
    #expect(twin.log.contains("renew cert"))
    #expect(try await daemon.end() == 0)
    await sandbox.stop()
  }
}

/// The socket on which systemd would listen.
final class NoticeSocket {
  let path: String
  private(set) var seen: Set<String> = []
  private let descriptor: Int32

  init(folder: URL) throws {
    path = folder.appending(path: "notify").path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw Synapse.Fault("the path of the socket is too long")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0 else { throw Synapse.Fault("cannot listen on \(path)") }
  }

  deinit { close(descriptor) }

  func forget() { seen = [] }

  func read() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &bytes, bytes.count, 0)
      guard count > 0 else { return }
      let text = String(decoding: bytes[..<count], as: UTF8.self)
      for line in text.split(separator: "\n") { seen.insert(String(line)) }
    }
  }
}
