import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// What the vendor itself says of its API, from the folder in `CREWBELL_VENDOR_DATA`.
@Suite struct `Slack, as its vendor describes it` {
  private static let folder = ProcessInfo.processInfo.environment["CREWBELL_VENDOR_DATA"].map {
    URL(fileURLWithPath: $0)
  }
  private static let platform = Slack(.init(account: "slack", invitersAllowed: ["*"]))
  private static let credential = Credential(token: SlackFake.token)

  /// Calls of ours and the answers of our fake, as they go over the wire.
  private struct Talk {
    var chat = SlackFake()
    var cursor: Cursor?
    var calls: [JSON] = []
    var now = Instant(seconds: 1_795_424_400)

    mutating func send(_ request: HTTPRequest) -> HTTPResponse {
      now = now.adding(seconds: 1)
      let call = FakeRequest(request)
      guard case .now(let response) = chat.answer(call, now: now) else {
        return HTTPResponse(status: 500)
      }
      calls.append([
        "method": .string(call.method), "path": .string("/" + call.path.joined(separator: "/")),
        "query": .object(call.query.mapValues(JSON.string)), "request": call.json ?? .null,
        "status": .integer(Int64(response.status)), "response": JSON(response.body) ?? .null,
      ])
      return response
    }

    mutating func poll(_ times: Int) throws {
      for _ in 0..<times {
        let response = send(platform.poll(after: cursor, with: credential))
        cursor = try platform.read(response, after: cursor).cursor
      }
    }

    /// - Returns: what the platform made of the last answer.
    @discardableResult
    mutating func say(_ post: Post, to target: Target) -> Delivery {
      var progress: Platforms.Progress?
      let key = "k\(calls.count)"
      for _ in 0..<8 {
        let response = send(
          platform.request(for: post, to: target, key: key, progress: progress, with: credential))
        let delivery = platform.delivery(of: response, progress: progress)
        guard case .next(let next) = delivery else { return delivery }
        progress = next
      }
      return .unknown
    }

    mutating func look(for post: Post, in target: Target) -> Finding {
      var step: Platforms.Progress?
      for _ in 0..<8 {
        guard
          let request = platform.lookup(
            for: post, to: target, key: "k0", sending: nil, since: now, step: step,
            with: credential)
        else { return .unknown }
        let finding = platform.finding(
          in: send(request), for: post, key: "k0", since: now, step: step)
        guard case .next(let next) = finding else { return finding }
        step = next
      }
      return .unknown
    }
  }

  private func talk() throws -> [JSON] {
    var talk = Talk()
    try talk.poll(6)
    let (room, ana) = (talk.chat.room, talk.chat.people[0])
    let asked = talk.chat.write("!kudos <@U0BEN> for it", by: ana, in: room, now: talk.now)
    _ = talk.chat.write("mine", by: ana, in: nil, now: talk.now)
    _ = talk.chat.writeAsBot("I too", in: room, now: talk.now)
    try talk.poll(8)
    _ = talk.chat.write("!done 1", by: "U0BEN", under: asked, now: talk.now)
    try talk.poll(8)
    let identity = Identity(account: "slack", user: ana)
    let desk = Target.room(Room(account: "slack", id: room))
    let text = Markup([
      .person(name: "Ana", identities: [identity], pings: true), .strong(" has "),
      .command("task add"), .table("1  2"),
    ])
    talk.say(Post(text: text, thread: asked), to: desk)
    talk.say(Post(text: "psst"), to: .direct(identity))
    talk.say(Post(kind: .reaction("✅", on: asked), text: ""), to: desk)
    talk.say(Post(kind: .reaction("✅", on: asked), text: ""), to: desk)
    talk.say(Post(kind: .edit(of: talk.chat.delivered[0].id), text: "new"), to: desk)
    #expect(talk.chat.delivered.count == 4)
    #expect(talk.look(for: Post(text: "never said"), in: desk) == .absent)
    let nowhere = Target.room(Room(account: "slack", id: "C0NOWHERE9"))
    #expect(talk.say(Post(text: "x"), to: nowhere) != .unknown)
    return talk.calls
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls and the answers of our fake fit its description`() async throws {
    let calls = try talk()
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).jsonl")
    try Data(calls.map(\.text).joined(separator: "\n").utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let description = try #require(Self.folder).appending(
      path: "specs/slack/slack_web_openapi_v2-trimmed.json")
    let said = try await Script.run("slack_description.py", description.path(), file.path())
    let methods = Set(calls.compactMap { $0["path"].string?.split(separator: "/").last })
    #expect(
      methods == [
        "auth.test", "users.conversations", "users.info", "conversations.history",
        "conversations.replies", "conversations.open", "chat.postMessage", "chat.update",
        "reactions.add",
      ])
    #expect(said.split(separator: "\n").last == "\(calls.count) calls, 0 do not fit", "\(said)")
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `every example is taken as an answer without harm`() throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: try #require(Self.folder).appending(path: "payloads/slack"),
      includingPropertiesForKeys: nil)
    #expect(files.count >= 50)
    var talk = Talk()
    var cursors: [Cursor?] = [nil]
    for _ in 0..<6 {
      try talk.poll(1)
      cursors.append(talk.cursor)
    }
    var read = 0
    for file in files {
      let body = try Data(contentsOf: file)
      let json = try #require(JSON(body), "\(file.lastPathComponent)")
      // An event wraps a message as the history has it.
      let answers = [
        json, ["ok": true, "messages": [json["event"] == .null ? json : json["event"]]],
      ]
      for answer in answers {
        for status in [200, 400, 401, 403, 500] {
          let response = HTTPResponse(status: status, body: answer.data)
          for cursor in cursors where (try? Self.platform.read(response, after: cursor)) != nil {
            read += 1
          }
          _ = Self.platform.delivery(of: response, progress: nil)
        }
      }
    }
    #expect(read > files.count)
  }
}
