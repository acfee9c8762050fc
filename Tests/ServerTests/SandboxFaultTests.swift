import Crew
import Foundation
import Ledger
import Platforms
import Sandbox
import Testing

@testable import Daemon

/// The daemon behind a proxy that spoils its connections, on a platform that takes no key: whatever
/// happens on the way, a post is made at most once and what is in doubt is told.
@Suite(.serialized) struct SandboxFaultTests {
  private static let token = "1:fault"

  private struct Scene {
    let sandbox: Sandbox
    let proxy: FaultProxy
    let rig: Rig
    let front: TLSFront?
    /// The group and three people who have written to the bot.
    var targets: [Target] {
      [.room(Room(account: "desk", id: String(sandbox.group)))]
        + [101, 102, 103].map { .direct(Identity(account: "desk", user: String($0))) }
    }

    /// How often each word was delivered.
    func delivered() async -> [String: Int] {
      await sandbox.delivered.filter { $0.kind == .message }
        .flatMap { $0.text.split { $0 == "\n" || $0 == " " } }
        .reduce(into: [:]) { $0[String($1), default: 0] += 1 }
    }

    /// How many posts others have told of.
    func told() async -> Int {
      await sandbox.delivered.reduce(0) { $0 + CrashScene.toldOf($1.text) }
    }
  }

  private func scene(isTLS: Bool = false, _ body: (Scene) async throws -> Void) async throws {
    let sandbox = try Sandbox(
      token: Self.token, realNow: { SystemClock().milliseconds }, random: 7)
    let proxy = try FaultProxy(to: try await sandbox.start())
    let front = isTLS ? try await TLSFront(to: Int(proxy.port)) : nil
    let url = front.map { "https://127.0.0.1:\($0.port)" } ?? proxy.url
    let platform = Telegram(.init(account: "desk", baseURL: url, token: Self.token))
    let rig = try await Rig(
      platform, name: "desk", credential: Credential(token: Self.token), invite: ["*"],
      caFile: front?.caFile)
    let scene = Scene(sandbox: sandbox, proxy: proxy, rig: rig, front: front)
    for person: Int64 in [101, 102, 103] {
      try await wait(seconds: 60, for: "an answer to \(person)") {
        await sandbox.write("/kudos mine", as: person, in: person)
        return await sandbox.delivered.contains { $0.chat == person }
      }
    }
    // Updates come in their order: behind this one none of those is left.
    await sandbox.write("/task 77777", as: 101, in: sandbox.group)
    try await wait(seconds: 60, for: "the last answer") {
      await sandbox.delivered.contains { $0.text.contains("77777") }
    }
    try await rig.settled()
    try await body(scene)
    proxy.calm()
    try await rig.end()
    await sandbox.stop()
    proxy.leave()
    front?.stop()
  }

  /// Sends one calm post to everybody, which tells of what is in doubt, and checks that nothing is
  /// left to tell.
  private func expectAllTold(_ scene: Scene, _ posts: [String]) async throws {
    scene.proxy.calm()
    try await scene.rig.settled()
    for (number, target) in scene.targets.enumerated() {
      try await scene.rig.post(["calm\(number)"], to: target)
    }
    try await scene.rig.settled()
    var missing = 0
    let delivered = await scene.delivered()
    for post in posts {
      let times = delivered[post] ?? 0
      #expect(times <= 1, "\(post) was made \(times) times")
      if times == 0 { missing += 1 }
    }
    #expect(await scene.told() >= missing)
    #expect(try await scene.rig.ledger.untoldPosts() == 0)
    for number in scene.targets.indices { #expect(delivered["calm\(number)"] == 1) }
  }

  @Test func `an answer that is cut after any byte leaves one post and a doubt that is told`()
    async throws
  {
    try await scene { scene in
      try await scene.rig.post(["whole"], to: scene.targets[0])
      try await scene.rig.settled()
      let length = scene.proxy.answerBytes(of: "sendMessage")
      try #require(length > 100)
      for count in 0..<length { scene.proxy.befall(.cutAnswer(after: count), "sendMessage") }
      let posts = (0..<length).map { "cut\($0)" }
      try await spread(posts, scene)
      #expect(scene.proxy.befallen == length)
      let delivered = await scene.delivered()
      for post in posts { #expect(delivered[post] == 1) }
      #expect(try await scene.rig.ledger.doubtfulPosts() == length)
      try await expectAllTold(scene, posts)
    }
  }

  @Test func `a request that is cut after any byte is no post, or one`() async throws {
    try await scene { scene in
      let cuts = stride(from: 0, to: 600, by: 7).map { $0 }
      for count in cuts { scene.proxy.befall(.cutRequest(after: count), "sendMessage") }
      let posts = cuts.map { "up\($0)" }
      try await spread(posts, scene)
      #expect(scene.proxy.befallen == cuts.count)
      try await expectAllTold(scene, posts)
    }
  }

  private func spread(_ posts: [String], _ scene: Scene) async throws {
    for (number, target) in scene.targets.enumerated() {
      let share = posts.enumerated().filter { $0.offset % scene.targets.count == number }
      try await scene.rig.post(share.map(\.element), to: target)
    }
    try await scene.rig.settled()
  }

  private static let html = "<html><title>Log in to the network</title></html>"
  private static func answer(_ status: Int, _ body: String = html, _ headers: String = "")
    -> FaultProxy.Fault
  {
    .answer(
      "HTTP/1.1 \(status) Reason\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// What can befall any call.
  static let faults: [FaultProxy.Fault] = [
    .resetAnswer(after: 0), .resetAnswer(after: 30), .cutAnswer(after: 0), .halfClose(after: 20),
    .dribble(milliseconds: 30), .hold, .holdAnswer, .delay(milliseconds: 300), answer(429),
    answer(429, #"{"ok":false,"error_code":429,"parameters":{"retry_after":2}}"#),
    answer(500), answer(502), answer(503, "", "Retry-After: 1\r\n"), answer(504, ""), answer(200),
    answer(200, ""), answer(200, "{}"), answer(200, #"{"ok":true}"#), answer(204, ""),
    .answer("220 mail ready\r\n\r\n"), .answer("\u{0}\u{1}\u{2}"), .endlessBody, .endlessHeaders,
  ]

  @Test func `whatever befalls a post, it is made once at most and a doubt is told`() async throws {
    try await scene { scene in
      scene.rig.network.wait(poll: 65, other: 1)
      var posts: [String] = []
      for (number, fault) in Self.faults.enumerated() {
        scene.proxy.befall(fault, "sendMessage")
        posts.append("f\(number)")
      }
      try await spread(posts, scene)
      try await expectAllTold(scene, posts)
    }
  }

  @Test func `whatever befalls a poll, no command is lost or done twice`() async throws {
    try await scene { scene in
      scene.rig.network.wait(poll: 1, other: 5)
      var written: [String] = []
      for fault in Self.faults + [.duplicate] {
        let before = scene.proxy.befallen
        scene.proxy.befall(fault, "getUpdates")
        // The poll that waits now is answered by this; the next one meets the fault.
        for person: Int64 in [101, 102] {
          written.append("p\(written.count)")
          await scene.sandbox.write(
            "/task add \(written[written.count - 1])", as: person, in: scene.sandbox.group)
        }
        try await wait(seconds: 60, for: "\(fault)") {
          guard scene.proxy.befallen > before else { return false }
          return try await scene.rig.titles().count >= written.count
        }
      }
      scene.proxy.calm()
      scene.rig.network.wait(poll: 65, other: 5)
      #expect(try await scene.rig.titles() == written)
      try await expectAllTold(scene, written)
    }
  }

  @Test func `a server that is gone for a while is found again`() async throws {
    try await scene { scene in
      scene.proxy.leave()
      await scene.sandbox.write("/task add gone1", as: 101, in: scene.sandbox.group)
      try await scene.rig.post(["gone2"], to: scene.targets[1])
      // The calm of a dead server: half a minute of the daemon's own time.
      let until = scene.rig.clock.now().adding(seconds: 30)
      try await wait(seconds: 60, for: "some tries") { scene.rig.clock.now() > until }
      try scene.proxy.comeBack()
      try await wait(seconds: 60, for: "the command") {
        try await scene.rig.titles() == ["gone1"]
      }
      try await scene.rig.settled()
      // Refused is certain, so this is sent after all.
      #expect(await scene.delivered()["gone2"] == 1)
      try await expectAllTold(scene, ["gone1", "gone2"])
    }
  }

  @Test func `a server with a bad certificate hears nothing, and with a good one everything`()
    async throws
  {
    try await scene(isTLS: true) { scene in
      let front = try #require(scene.front)
      var written: [String] = []
      for certificate in TLSFront.Certificate.allCases where certificate != .good {
        try front.show(certificate)
        written.append("tls\(written.count)")
        await scene.sandbox.write(
          "/task add \(written[written.count - 1])", as: 101, in: scene.sandbox.group)
        try await scene.rig.post(["\(certificate)"], to: scene.targets[1])
        try await wait(seconds: 60, for: "three tries of \(certificate)") {
          try front.heard().tries >= 3
        }
        #expect(try front.heard().bytes == 0, "\(certificate)")
        try front.show(.good)
        try await wait(seconds: 60, for: "the command") {
          try await scene.rig.titles() == written
        }
        // The next change cuts what is under way.
        try await scene.rig.settled()
      }
      // Nothing had left, so nothing was in doubt.
      for certificate in TLSFront.Certificate.allCases where certificate != .good {
        #expect(await scene.delivered()["\(certificate)"] == 1)
      }
      #expect(try await scene.rig.ledger.doubtfulPosts() == 0)
      try await expectAllTold(scene, written)
    }
  }

  @Test func `answers without end cost little memory`() async throws {
    let sandbox = try Sandbox(
      token: Self.token, realNow: { SystemClock().milliseconds }, random: 7)
    let proxy = try FaultProxy(to: try await sandbox.start())
    let daemon = try DaemonProcess(telegramPort: Int(proxy.port), token: Self.token)
    try daemon.start()
    func answers() async throws {
      let before = await sandbox.delivered.count
      try await wait(seconds: 60, for: "an answer; see \(daemon.folder.path)/log") {
        await sandbox.write("/kudos mine", as: 101, in: sandbox.group)
        return await sandbox.delivered.count > before
      }
    }
    func peakKiB() throws -> Int {
      let pid = try #require(daemon.pid)
      let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
      return try #require(Int(line.split(separator: " ")[1]))
    }
    try await answers()
    let before = try peakKiB()
    for fault in [FaultProxy.Fault.endlessBody, .endlessHeaders, .endlessBody] {
      proxy.befall(fault, "getUpdates")
    }
    try await wait(seconds: 60, for: "three floods") {
      await sandbox.write("/kudos mine", as: 101, in: sandbox.group)
      return proxy.befallen == 3
    }
    try await answers()
    // A poll may bring 8 MiB; a copy or two of it while it grows is all.
    #expect(try peakKiB() - before < 64 * 1024)
    #expect(try await daemon.end() == 0)
    await sandbox.stop()
    proxy.leave()
    daemon.remove()
  }
}
