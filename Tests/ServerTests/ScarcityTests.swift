import Foundation
import Glibc
import Sandbox
import Testing

@testable import Daemon

/// Not enough of something: descriptors, threads, memory, time, a reader of the log, a name server.
@Suite(.serialized) struct ScarcityTests {
  private func sandbox() async throws -> (Sandbox, DaemonProcess) {
    let sandbox = try Sandbox(
      token: "1:scarce", realNow: { SystemClock().milliseconds }, random: 13)
    return (
      sandbox, try DaemonProcess(telegramPort: try await sandbox.start(), token: "1:scarce")
    )
  }

  @Test func `without a free descriptor nothing is lost, and with some again it goes on`()
    async throws
  {
    let (sandbox, daemon) = try await sandbox()
    try daemon.start()
    try await sandbox.firstAnswer()
    let pid = String(try #require(daemon.pid))
    // No number below 3 is free, so nothing new can be opened.
    try tool("prlimit", "--pid", pid, "--nofile=3:4096")
    let titles = (1...20).map { "fd\($0)" }
    await sandbox.addTasks(titles)
    try await wait(seconds: 60, for: "the commands; see \(daemon.folder.path)/log") {
      if await sandbox.unconfirmed == 0 { return true }
      return daemon.log.contains("does not answer")
    }
    // What is open already can be used in turns, so some may have their answer.
    #expect(daemon.isRunning)
    try tool("prlimit", "--pid", pid, "--nofile=4096:4096")
    try await wait(seconds: 120, for: "every answer") {
      await sandbox.answered(titles).count == titles.count
    }
    try await daemon.settle(sandbox, titles)
    try await daemon.expectOnce(sandbox, titles)
    await sandbox.stop()
  }

  @Test func `with too few descriptors it does not begin, and says how many it needs`()
    async throws
  {
    let (sandbox, daemon) = try await sandbox()
    for number in [10, 20, 40, 63] {
      try daemon.start(under: ["prlimit", "--nofile=\(number)"])
      #expect(try await daemon.exit() == Config.exitCode)
      #expect(daemon.log.contains("only \(number) file descriptors are allowed, 64 are needed"))
    }
    try daemon.start(under: ["prlimit", "--nofile=10:64"])
    try await sandbox.firstAnswer()
    #expect(try await daemon.end() == 0)
    await sandbox.stop()
  }

  /// Root may have as many as it likes, so this is another user.
  @Test(.enabled(if: LoopDisk.mayRun, "needs root, to become a user who may have few threads"))
  func `with too few threads it does not begin, and says how many it needs`() async throws {
    let (sandbox, daemon) = try await sandbox()
    let other = "54321"
    // Even a folder of the build may be closed to others.
    let binary = daemon.folder.appending(path: "crewbell").path
    try tool("cp", DaemonProcess.binary.path, binary)
    try tool("chown", "-R", other, daemon.folder.path)
    for number in [1, 3, 6] {
      try daemon.start(
        under: [
          "setpriv", "--reuid=\(other)", "--regid=\(other)", "--clear-groups", "prlimit",
          "--nproc=\(number)",
        ], binary: binary)
      #expect(try await daemon.exit() == Config.exitCode)
      #expect(daemon.log.contains("threads are allowed, 8 are needed"))
    }
    await sandbox.stop()
  }

  /// What counts is that calls are cut in the middle. `NAP=600 swift test --filter ScarcityTests`
  /// for a long one.
  private static let napSeconds = Int(ProcessInfo.processInfo.environment["NAP"] ?? "") ?? 8

  @Test func `stopped for a while and continued, it goes on where it was`() async throws {
    let sandbox = try Sandbox(
      token: "1:scarce", realNow: { SystemClock().milliseconds }, random: 13)
    let proxy = try FaultProxy(to: try await sandbox.start())
    let daemon = try DaemonProcess(telegramPort: Int(proxy.port), token: "1:scarce")
    try daemon.start()
    try await sandbox.firstAnswer()
    // A post is on its way when it is stopped, and for some time after.
    proxy.befall(.delay(milliseconds: 10_000), "/sendMessage")
    let titles = (1...30).map { "nap\($0)" }
    await sandbox.addTasks(titles.dropLast(10))
    try await wait(seconds: 60, for: "a post on its way") { proxy.befallen == 1 }
    try await freeze(try #require(daemon.pid))
    // Stopped is not dead: nobody takes over amid its post.
    let second = try daemon.twin()
    try second.start()
    let isSentAway: Void? = try? await wait(seconds: 20, for: "its end") { !second.isRunning }
    #expect(isSentAway != nil)
    second.kill()
    await sandbox.addTasks(Array(titles.suffix(10)))
    try await Task.sleep(for: .seconds(Self.napSeconds))
    daemon.signal(SIGCONT)
    try await wait(seconds: 120, for: "every answer") {
      await sandbox.answered(titles).count == titles.count
    }
    try await daemon.settle(sandbox, titles)
    try await daemon.expectOnce(sandbox, titles)
    proxy.leave()
    await sandbox.stop()
  }

  /// F_SETPIPE_SZ of fcntl(2), which Glibc's module does not show.
  private static let setPipeSize: Int32 = 1031

  @Test func `a log that nobody reads holds nothing up`() async throws {
    let (sandbox, daemon) = try await sandbox()
    let pipe = Pipe()
    #expect(fcntl(pipe.fileHandleForWriting.fileDescriptor, Self.setPipeSize, 4096) > 0)
    try daemon.start(output: pipe.fileHandleForWriting)
    try await sandbox.firstAnswer()
    // Each refusal is a line; these are several times what the pipe holds.
    await sandbox.inject(
      Fault(.error(code: 400, description: "Bad Request: x"), method: "sendMessage", times: 100))
    let titles = (1...100).map { "log\($0)" }
    await sandbox.addTasks(titles)
    try await daemon.settle(sandbox, titles)
    var room = pollfd(
      fd: pipe.fileHandleForWriting.fileDescriptor, events: Int16(POLLOUT), revents: 0)
    #expect(poll(&room, 1, 0) == 0, "the pipe is not full, so this shows nothing")
    try await sandbox.firstAnswer()
    #expect(try await daemon.end() == 0)
    await sandbox.stop()
  }

  @Test(
    .enabled(if: MemoryCage.mayRun, "needs to make a control group for memory"))
  func `killed for want of memory, nothing is lost or done twice`() async throws {
    let (sandbox, daemon) = try await sandbox()
    let cage = try MemoryCage()
    try daemon.start(under: cage.entering)
    try await sandbox.firstAnswer()
    // Refused as long as the kernel finds too little to let go.
    try await wait(seconds: 30, for: "the limit to be taken") {
      (try? cage.limit(to: cage.used() + 512 * 1024)) != nil
    }
    var titles: [String] = []
    try await wait(seconds: 60, for: "the kernel to kill it; see \(daemon.folder.path)/log") {
      for _ in 1...30 {
        titles.append("m\(titles.count)")
        await sandbox.write(
          "/task add \(titles[titles.count - 1])", as: 101, in: sandbox.group)
        await sandbox.write(
          String(repeating: "just talking ", count: 300), as: 101, in: sandbox.group)
      }
      return !daemon.isRunning
    }
    #expect(try await daemon.exit() == SIGKILL)
    try cage.limit(to: 1 << 40)
    try daemon.start()
    let all = titles
    try await wait(seconds: 120, for: "every command; see \(daemon.folder.path)/log") {
      guard try await daemon.titles().count >= all.count else { return false }
      return try await daemon.isQuiet()
    }
    #expect(try await daemon.titles().count == all.count)
    var answers: [Substring: Int] = [:]
    for post in await sandbox.delivered where post.kind == .message {
      for word in Set(post.text.split(separator: " ")) { answers[word, default: 0] += 1 }
    }
    for title in all { #expect(answers[title[...]] ?? 0 <= 1, "\(title)") }
    #expect(try await daemon.end() == 0)
    await sandbox.stop()
  }

  @Test(.enabled(if: LoopDisk.mayRun, "needs root, to give the daemon a name server of its own"))
  func `a name server that never answers holds up nobody else`() async throws {
    let sandbox = try Sandbox(
      token: "1:names", realNow: { SystemClock().milliseconds }, random: 17)
    let port = try await sandbox.start()
    let accounts = """
        desk:
          platform: telegram
          base_url: http://127.0.0.1:\(port)
          token_file: token
          invite: ["*"]
        far:
          platform: telegram
          base_url: https://chat.example.org
          token_file: token
          invite: ["*"]
      """
    let daemon = try DaemonProcess(accounts: accounts, secrets: ["token": "1:names"])
    let silent = try SilentNameServer()
    let names = daemon.folder.appending(path: "resolv.conf")
    // Asked for longer than this test waits, so whoever waits for the name fails it.
    let options = "options timeout:30 attempts:5"
    try Data("nameserver \(silent.address)\n\(options)\n".utf8).write(to: names)
    try daemon.start(under: [
      "unshare", "--mount", "sh", "-c",
      "mount --bind '\(names.path)' \"$(readlink -f /etc/resolv.conf)\" && exec \"$@\"", "sh",
    ])
    try await sandbox.firstAnswer()
    let titles = (1...50).map { "dns\($0)" }
    await sandbox.addTasks(titles)
    try await daemon.settle(sandbox, titles)
    try await wait(seconds: 60, for: "a question to the name server") { silent.wasAsked }
    try await daemon.expectOnce(sandbox, titles)
    await sandbox.stop()
  }

  @Test func `of many started at once on one state exactly one runs`() async throws {
    let (sandbox, daemon) = try await sandbox()
    let twins = try (1...8).map { _ in try daemon.twin() }
    for twin in twins { try twin.start() }
    try await wait(seconds: 60, for: "all but one to end") {
      twins.count(where: \.isRunning) == 1
    }
    let ended = twins.filter { !$0.isRunning }
    for twin in ended { #expect(try await twin.exit() == Config.exitCode) }
    try await sandbox.firstAnswer()
    let runner = try #require(twins.first { $0.isRunning })
    #expect(try await runner.end() == 0)
    await sandbox.stop()
  }
}

/// A limit of memory that the kernel keeps by killing.
final class MemoryCage {
  private static let name = "crewbell-\(getpid())"
  /// The first generation of control groups, or the second.
  private static let homes = [
    (
      folder: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes", used: "memory.usage_in_bytes"
    ),
    (folder: "/sys/fs/cgroup", limit: "memory.max", used: "memory.current"),
  ]

  static let mayRun = geteuid() == 0 && (try? MemoryCage()) != nil

  private let home: (folder: String, limit: String, used: String)
  private let path: String

  init() throws {
    for home in Self.homes {
      let path = "\(home.folder)/\(Self.name)-\(UUID().uuidString.prefix(6))"
      guard mkdir(path, 0o755) == 0 else { continue }
      if access("\(path)/\(home.limit)", W_OK) == 0 {
        (self.home, self.path) = (home, path)
        return
      }
      rmdir(path)
    }
    throw Synapse.Fault("no control group for memory can be made")
  }

  deinit { rmdir(path) }

  /// Put before a command, it runs inside.
  var entering: [String] {
    ["sh", "-c", "echo $$ > '\(path)/cgroup.procs' && exec \"$@\"", "sh"]
  }

  /// Without what the kernel caches of files that nobody looks at: it lets that go before it kills.
  func used() throws -> Int {
    func read(_ name: String) throws -> String {
      try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }
    let all = Int(try read(home.used).trimmingCharacters(in: .whitespacesAndNewlines))
    let cached = try read("memory.stat").split(separator: "\n")
      .map { $0.split(separator: " ") }.first { $0.first == "inactive_file" }
      .flatMap { Int($0[1]) }
    return try #require(all) - (try #require(cached))
  }

  func limit(to bytes: Int) throws {
    try tool("sh", "-c", "echo \(bytes) > '\(path)/\(home.limit)'")
  }
}

/// Listens where a name server would, and says nothing.
private final class SilentNameServer {
  let address = "127.0.0.9"
  private let descriptor: Int32

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = UInt16(53).bigEndian
    place.sin_addr.s_addr = UInt32(0x7F00_0009).bigEndian
    let bound = withUnsafePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard bound == 0 else { throw Synapse.Fault("cannot listen on \(address):53") }
  }

  deinit { close(descriptor) }

  var wasAsked: Bool {
    var bytes = [UInt8](repeating: 0, count: 512)
    return recv(descriptor, &bytes, bytes.count, 0) > 0
  }
}
