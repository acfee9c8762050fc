import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// What the vendor itself says of its two APIs, from the folder in `CREWBELL_VENDOR_DATA`.
@Suite struct `Google Chat, as its vendor describes it` {
  private static let folder = ProcessInfo.processInfo.environment["CREWBELL_VENDOR_DATA"].map {
    URL(fileURLWithPath: $0)
  }
  private static let kind = PlatformKind.googleChat
  private static let platform = kind.make(`Google Chat as the daemon meets it`.settings())

  /// Calls of ours and the answers of our fake, as they go over the wire.
  private struct Talk {
    var chat = GoogleChatFake()
    var cursor: Cursor?
    var credential = Credential(token: "")
    var calls: [JSON] = []
    var messages: [Message] = []
    let now = ChatRun.start

    mutating func send(_ request: HTTPRequest) throws -> HTTPResponse {
      let call = FakeRequest(request)
      let response: HTTPResponse
      switch chat.answer(call, now: now) {
      case .now(let answer), .hold(_, else: let answer): response = answer
      }
      calls.append([
        "url": .string(request.url), "method": .string(call.method),
        "request": call.json ?? .null, "status": .integer(Int64(response.status)),
        "response": JSON(response.body) ?? .null,
        "events": .array(
          (JSON(response.body)?["receivedMessages"].array ?? []).compactMap {
            $0["message"]["data"].string.flatMap { Data(base64Encoded: $0) }.flatMap { JSON($0) }
          }),
      ])
      return response
    }

    mutating func begin() throws {
      let request = try #require(platform.credentialRequest(now: now))
      guard case .now(let answer) = chat.answer(FakeRequest(request), now: now) else { return }
      credential = try platform.credential(from: answer, now: now)
    }

    mutating func poll(_ times: Int) throws {
      for _ in 0..<times {
        let response = try send(platform.poll(after: cursor, with: credential))
        let intake = try platform.read(response, after: cursor)
        cursor = intake.cursor
        messages += intake.messages
      }
    }

    mutating func say(_ post: Post, to target: Target) throws {
      var progress: Platforms.Progress?
      for _ in 0..<8 {
        let response = try send(
          platform.request(
            for: post, to: target, key: "k\(calls.count)", progress: progress, with: credential))
        guard case .next(let next) = platform.delivery(of: response, progress: progress) else {
          return
        }
        progress = next
      }
    }
  }

  private func talk() throws -> [JSON] {
    var talk = Talk()
    try talk.begin()
    try talk.poll(3)
    let (room, ana) = (Room(account: "googlechat", id: talk.chat.room), talk.chat.people[0])
    let asked = talk.chat.write("/kudos @Ben for it", by: ana, in: room.id, now: talk.now)
    talk.chat.write("mine", by: ana, in: nil, now: talk.now)
    try talk.poll(3)
    let identity = Identity(account: "googlechat", user: ana)
    let text = Markup([.person(name: "Ana", identities: [identity], pings: true)])
    try talk.say(Post(text: text, inReplyTo: asked), to: .room(room))
    try talk.say(Post(text: "psst", seenBy: identity), to: .room(room))
    try talk.say(Post(text: "psst", isSilent: true), to: .direct(identity))
    try talk.say(Post(text: "x"), to: .direct(Identity(account: "googlechat", user: "1")))
    try talk.say(Post(kind: .edit(of: talk.chat.delivered[0].id), text: "new"), to: .room(room))
    #expect(talk.chat.delivered.map(\.kind) == [.message, .message, .message, .edit])
    #expect(talk.chat.delivered[0].pings == [ana])
    #expect(talk.messages.contains { $0.isDirect })
    return talk.calls
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls and the answers of our fake fit its descriptions`() async throws {
    let calls = try talk()
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).jsonl")
    try Data(calls.map(\.text).joined(separator: "\n").utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let specs = try #require(Self.folder).appending(path: "specs/googlechat")
    let said = try await Script.run(
      "google_description.py", file.path(), specs.appending(path: "chat.v1-trimmed.json").path(),
      specs.appending(path: "pubsub.v1-pull-trimmed.json").path())
    let words = said.split(separator: "\n").last
    #expect(words == "\(calls.count) calls, 4 events, 0 do not fit", "\(said)")
    #expect(Set(calls.compactMap { $0["status"].integer }) == [200, 404])
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `every example is taken as an answer without harm, and what it says is read`() throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: try #require(Self.folder).appending(path: "payloads/googlechat"),
      includingPropertiesForKeys: nil)
    #expect(files.count >= 3)
    var talk = Talk()
    try talk.begin()
    try talk.poll(1)
    let cursors: [Cursor?] = [
      nil, talk.cursor, #"{"acks":["a"],"spaces":[],"startedAt":1,"version":1}"#,
    ]
    for file in files {
      let json = try #require(JSON(try Data(contentsOf: file)), "\(file.lastPathComponent)")
      for status in [200, 400, 401, 403, 404, 409, 429, 500] {
        for answer in [json, .array([json])] {
          let response = HTTPResponse(status: status, body: answer.data)
          for cursor in cursors { _ = try? Self.platform.read(response, after: cursor) }
          _ = Self.platform.delivery(of: response, progress: nil)
        }
      }
      guard json["receivedMessages"].array != nil else { continue }
      let old = #"{"acks":[],"spaces":[],"startedAt":1,"version":1}"#
      let intake = try Self.platform.read(HTTPResponse(status: 200, body: json.data), after: old)
      #expect(intake.complaints == [])
      #expect(intake.messages.map(\.kind) == [.invited, .text])
      #expect(intake.messages.last?.body == [.text("/checkin done")])
      #expect(intake.messages.last?.sentAt == Instant(milliseconds: 1_767_261_600_123))
    }
  }
}
