import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// What the vendor itself says of its API, from the folder in `CREWBELL_VENDOR_DATA`.
@Suite struct `Rocket.Chat, as its vendor describes it` {
  private static let folder = ProcessInfo.processInfo.environment["CREWBELL_VENDOR_DATA"].map {
    URL(fileURLWithPath: $0)
  }
  private static let platform = RocketChat(
    .init(
      account: "rc", server: "https://chat.example.org", user: RocketChatFake.bell,
      invitersAllowed: ["*"]))
  private static let credential = Credential(token: RocketChatFake.botToken)
  private static let start = Instant(seconds: 1_795_424_400)

  /// Calls of ours and the answers of our fake, as they go over the wire.
  private struct Talk {
    var chat = RocketChatFake()
    var cursor: Cursor?
    var calls: [JSON] = []
    var now = start

    mutating func send(_ request: HTTPRequest) -> HTTPResponse {
      now = now.adding(seconds: 1)
      let call = FakeRequest(request)
      guard case .now(let response) = chat.answer(call, now: now) else {
        return HTTPResponse(status: 500)
      }
      calls.append([
        "method": .string(call.method), "path": .string("/" + call.path.joined(separator: "/")),
        "query": .array(call.query.keys.sorted().map(JSON.string)),
        "request": call.json ?? .null, "status": .integer(Int64(response.status)),
        "response": JSON(response.body) ?? .null,
      ])
      return response
    }

    mutating func poll(_ times: Int) throws {
      for _ in 0..<times {
        let response = send(platform.poll(after: cursor, with: credential))
        cursor = try platform.read(response, after: cursor).cursor
      }
    }

    mutating func say(_ post: Post, to target: Target, key: String) {
      var progress: Platforms.Progress?
      for _ in 0..<8 {
        let response = send(
          platform.request(for: post, to: target, key: key, progress: progress, with: credential))
        guard case .next(let next) = platform.delivery(of: response, progress: progress) else {
          return
        }
        progress = next
      }
    }
  }

  private func talk() throws -> [JSON] {
    var talk = Talk()
    try talk.poll(6)
    let (room, ana) = (talk.chat.room, talk.chat.people[0])
    let asked = talk.chat.write("!kudos @ben for it", by: ana, in: room, now: talk.now)
    talk.chat.write("mine", by: ana, in: nil, now: talk.now)
    try talk.poll(8)
    let identity = Identity(account: "rc", user: ana)
    let here = Target.room(Room(account: "rc", id: room))
    let text = Markup([.person(name: "Ana", identities: [identity], pings: true)])
    talk.say(Post(text: text, thread: asked), to: here, key: "k1")
    // A second time: it is there already.
    talk.say(Post(text: text, thread: asked), to: here, key: "k1")
    talk.say(Post(text: "psst"), to: .direct(identity), key: "k2")
    talk.say(Post(kind: .reaction("✅", on: asked), text: ""), to: here, key: "k3")
    let own = talk.chat.delivered[0].id
    talk.say(Post(kind: .edit(of: own), text: "new"), to: here, key: "k4")
    #expect(talk.chat.delivered.count == 4)
    return talk.calls
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls and the answers of our fake fit its description`() async throws {
    let calls = try talk()
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).jsonl")
    try Data(calls.map(\.text).joined(separator: "\n").utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let folder = try #require(Self.folder).appending(path: "specs/rocketchat")
    let said = try await Script.run("rocketchat_description.py", folder.path(), file.path())
    let paths = Set(calls.compactMap { $0["path"].string?.split(separator: "/").last })
    #expect(
      paths.isSuperset(of: [
        "me", "rooms.get", "chat.syncMessages", "users.info", "chat.sendMessage", "chat.update",
        "chat.getMessage", "chat.react", "dm.create",
      ]))
    #expect(said.split(separator: "\n").last == "\(calls.count) calls, 0 do not fit", "\(said)")
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `every example is taken as an answer without harm`() throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: try #require(Self.folder).appending(path: "payloads/rocketchat"),
      includingPropertiesForKeys: nil)
    #expect(files.count >= 40)
    var talk = Talk()
    var cursors: [Cursor?] = [nil]
    for _ in 0..<6 {
      try talk.poll(1)
      cursors.append(talk.cursor)
    }
    for file in files {
      let body = try Data(contentsOf: file)
      #expect(JSON(body) != nil, "\(file.lastPathComponent)")
      for status in [200, 400, 401, 403, 429, 500] {
        let response = HTTPResponse(status: status, body: body)
        for cursor in cursors { _ = try? Self.platform.read(response, after: cursor) }
        _ = Self.platform.delivery(of: response, progress: nil)
      }
    }
  }
}
