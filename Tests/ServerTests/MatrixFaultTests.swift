import Crew
import Foundation
import Ledger
import Platforms
import Testing

@testable import Daemon

/// The same on a real homeserver, which takes a key once: whatever happens on the way, a post is
/// made exactly once.
@Suite(.serialized) struct MatrixFaultTests {
  private struct Scene {
    let proxy: FaultProxy
    let rig: Rig
    let ana: Account
    let bot: Account
    let rooms: [String]

    var targets: [Target] { rooms.map { .room(Room(account: "matrix", id: $0)) } }

    func texts(in room: String) async throws -> [String] {
      try await bot.wholeTimeline(of: room)
        .filter { $0["sender"].string == bot.user && $0["type"].string == "m.room.message" }
        .compactMap { $0["content"]["body"].string }
    }
  }

  private func scene(rooms count: Int, _ body: (Scene) async throws -> Void) async throws {
    let synapse = try await Synapse.shared.value
    let suffix = String(UUID().uuidString.prefix(6)).lowercased()
    let bot = try await synapse.account("fault-\(suffix)", displayName: "bell")
    let ana = try await synapse.account("fana-\(suffix)", displayName: "ana")
    guard let port = URL(string: synapse.url)?.port else { throw Synapse.Fault("no port") }
    let proxy = try FaultProxy(to: port)
    let matrix = Matrix(
      .init(
        account: "matrix", homeserver: proxy.url, user: bot.user,
        invitersAllowed: ["*:\(Synapse.serverName)"]))
    let rig = try await Rig(
      matrix, name: "matrix", credential: Credential(token: bot.token), invite: ["*"])
    var rooms: [String] = []
    for number in 0..<count {
      rooms.append(try await ana.createRoom("Desk \(number)", inviting: [bot.user]))
    }
    let scene = Scene(proxy: proxy, rig: rig, ana: ana, bot: bot, rooms: rooms)
    for room in rooms {
      try await wait(seconds: 60, for: "the greeting") {
        try await ana.timeline(of: room).contains {
          $0["sender"].string == bot.user && $0["type"].string == "m.room.message"
        }
      }
    }
    try await rig.settled()
    try await body(scene)
    proxy.calm()
    try await rig.end()
    proxy.leave()
  }

  private func spread(_ posts: [String], _ scene: Scene) async throws {
    for (number, target) in scene.targets.enumerated() {
      let share = posts.enumerated().filter { $0.offset % scene.targets.count == number }
      try await scene.rig.post(share.map(\.element), to: target)
    }
    try await scene.rig.settled()
  }

  private func expectOnce(_ posts: [String], _ scene: Scene) async throws {
    var counts: [String: Int] = [:]
    for room in scene.rooms {
      for text in try await scene.texts(in: room) { counts[text, default: 0] += 1 }
    }
    for post in posts { #expect(counts[post] == 1, "\(post): \(counts[post] ?? 0)") }
    #expect(try await scene.rig.ledger.doubtfulPosts() == 0)
    #expect(try await scene.rig.ledger.untoldPosts() == 0)
  }

  @Test func `an answer that is cut after any byte leaves exactly one post`() async throws {
    try await scene(rooms: 4) { scene in
      try await scene.rig.post(["whole"], to: scene.targets[0])
      try await scene.rig.settled()
      let length = scene.proxy.answerBytes(of: "/send/")
      try #require(length > 100)
      for count in 0..<length {
        scene.proxy.befall(.cutAnswer(after: count), "/send/", isForNew: true)
      }
      let posts = (0..<length).map { "cut\($0)" }
      try await spread(posts, scene)
      #expect(scene.proxy.befallen == length)
      try await expectOnce(posts, scene)
    }
  }

  @Test func `whatever befalls a post, it is made exactly once`() async throws {
    try await scene(rooms: 4) { scene in
      scene.rig.network.wait(poll: 65, other: 2)
      let faults = SandboxFaultTests.faults + [.duplicate, .cutRequest(after: 300)]
      for fault in faults { scene.proxy.befall(fault, "/send/") }
      let posts = faults.indices.map { "f\($0)" }
      try await spread(posts, scene)
      #expect(scene.proxy.befallen == faults.count)
      try await expectOnce(posts, scene)
    }
  }

  @Test func `whatever befalls a poll, no command is lost or done twice`() async throws {
    try await scene(rooms: 1) { scene in
      scene.rig.network.wait(poll: 2, other: 5)
      var written: [String] = []
      for fault in SandboxFaultTests.faults + [.duplicate] {
        let before = scene.proxy.befallen
        scene.proxy.befall(fault, "/sync?")
        written.append("p\(written.count)")
        try await scene.ana.say("!task add \(written[written.count - 1])", in: scene.rooms[0])
        try await wait(seconds: 60, for: "\(fault)") {
          guard scene.proxy.befallen > before else { return false }
          return try await scene.rig.titles().count >= written.count
        }
      }
      scene.proxy.calm()
      scene.rig.network.wait(poll: 65, other: 5)
      #expect(try await scene.rig.titles() == written)
      try await scene.rig.settled()
      let said = try await scene.texts(in: scene.rooms[0])
      for title in written { #expect(said.count { $0.contains(" \(title) ") } == 1, "\(title)") }
    }
  }
}
