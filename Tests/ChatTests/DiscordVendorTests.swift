import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// What the vendor itself says of its API, from the folder in `CREWBELL_VENDOR_DATA`, and the
/// platform on the fake by itself, on a clock of its own.
@Suite struct `Discord, as its vendor describes it` {
  private static let folder = ProcessInfo.processInfo.environment["CREWBELL_VENDOR_DATA"].map {
    URL(fileURLWithPath: $0)
  }
  private static let platform = Discord(.init(account: "discord", invitersAllowed: ["*"]))
  private static let credential = Credential(token: DiscordFake.token)

  /// Calls of ours and the answers of our fake, as they go over the wire.
  private struct Talk {
    var chat: DiscordFake
    var cursor: Cursor?
    var calls: [JSON] = []
    var now = ChatRun.start
    var messages: [Message] = []
    /// The turn in which each message was told.
    var toldAt: [String: Instant] = [:]

    init(_ chat: DiscordFake = DiscordFake()) { self.chat = chat }

    mutating func send(_ request: HTTPRequest) -> HTTPResponse {
      let call = FakeRequest(request)
      guard case .now(let response) = chat.answer(call, now: now) else {
        return HTTPResponse(status: 500)
      }
      calls.append([
        "method": .string(call.method),
        "path": .string("/" + call.path.dropFirst(2).joined(separator: "/")),
        "query": .array(call.query.keys.sorted().map(JSON.string)),
        "request": call.json ?? .null, "status": .integer(Int64(response.status)),
        "response": JSON(response.body) ?? .null,
      ])
      return response
    }

    mutating func poll(_ times: Int) {
      for _ in 0..<times {
        let response = send(platform.poll(after: cursor, with: credential))
        var wait = 1.0
        do {
          let intake = try platform.read(response, after: cursor)
          cursor = intake.cursor
          messages += intake.messages
          for message in intake.messages { toldAt[message.id] = now }
          wait = intake.waitSeconds
        } catch {
          if case .retry(let wish, _) = error { wait = wish ?? 1 }
        }
        // A call takes a little itself.
        now = Instant(milliseconds: now.milliseconds + Int64(wait * 1000) + 20)
      }
    }

    mutating func say(_ post: Post, to target: Target) {
      var progress: Platforms.Progress?
      for _ in 0..<8 {
        let response = send(
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
    talk.poll(6)
    let (room, ana) = (Room(account: "discord", id: talk.chat.room), talk.chat.people[0])
    talk.chat.welcome(now: talk.now)
    let asked = talk.chat.write(
      "!kudos <@\(DiscordFake.ben)> for it", by: ana, in: room.id, now: talk.now)
    talk.chat.thread(under: asked, now: talk.now)
    talk.chat.write("!task", by: ana, in: DiscordFake.hiddenRoom, now: talk.now)
    talk.poll(40)
    talk.chat.write("mine", by: ana, in: nil, now: talk.now)
    talk.poll(20)
    let identity = Identity(account: "discord", user: ana)
    let text = Markup([.person(name: "Ana", identities: [identity], pings: true)])
    talk.say(Post(text: text, inReplyTo: asked), to: .room(room))
    talk.say(Post(text: "psst", isSilent: true), to: .direct(identity))
    talk.say(Post(kind: .reaction("✅", on: asked), text: ""), to: .room(room))
    talk.say(Post(kind: .edit(of: talk.chat.delivered[0].id), text: "new"), to: .room(room))
    #expect(talk.chat.delivered.map(\.kind) == [.message, .message, .reaction, .edit])
    #expect(talk.chat.delivered[0].pings == [ana])
    #expect(talk.messages.contains { $0.isDirect })
    return talk.calls
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls and the answers of our fake fit its description`() async throws {
    let calls = try talk()
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).jsonl")
    try Data(calls.map(\.text).joined(separator: "\n").utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let description = try #require(Self.folder).appending(
      path: "specs/discord/openapi-trimmed.json")
    let said = try await Script.run("discord_description.py", description.path(), file.path())
    let paths = Set(calls.compactMap { $0["path"].string?.split(separator: "/").last })
    #expect(paths.isSuperset(of: ["@me", "guilds", "channels", "active", "messages"]))
    #expect(Set(calls.compactMap { $0["status"].integer }) == [200, 204, 403])
    #expect(said.split(separator: "\n").last == "\(calls.count) calls, 0 do not fit", "\(said)")
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `every example is taken as an answer without harm`() throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: try #require(Self.folder).appending(path: "payloads/discord"),
      includingPropertiesForKeys: nil)
    #expect(files.count >= 20)
    var talk = Talk()
    var cursors: [Cursor?] = [nil]
    for turn in 0..<30 {
      if turn == 6 { talk.chat.welcome(now: talk.now) }
      talk.poll(1)
      cursors.append(talk.cursor)
    }
    for file in files {
      let body = try Data(contentsOf: file)
      let json = try #require(JSON(body), "\(file.lastPathComponent)")
      for status in [200, 400, 401, 403, 429, 500] {
        for answer in [json, .array([json])] {
          let response = HTTPResponse(status: status, body: answer.data)
          for cursor in cursors { _ = try? Self.platform.read(response, after: cursor) }
          _ = Self.platform.delivery(of: response, progress: nil)
        }
      }
    }
  }

  // MARK: - Turns

  /// Thirty busy channels, one of them flooded: no call too many, and nobody waits long.
  @Test func `many channels are read fairly and within their limits`() throws {
    var talk = Talk(DiscordFake(isLimited: true, others: 30))
    talk.poll(8)
    let rooms = [talk.chat.room] + talk.chat.otherRooms
    for room in rooms {
      talk.chat.write("<@\(DiscordFake.bell)>", by: DiscordFake.ana, in: room, now: talk.now)
    }
    talk.poll(120)
    #expect(Set(talk.messages.filter { $0.kind == .invited }.map(\.room.id)) == Set(rooms))
    var writtenAt: [String: Instant] = [:]
    for round in 0..<60 {
      for number in 0..<20 {
        talk.chat.write("flood \(number)", by: DiscordFake.ben, in: rooms[0], now: talk.now)
      }
      let room = rooms[1 + round * 7 % 30]
      let id = talk.chat.write("!task \(round)", by: DiscordFake.ana, in: room, now: talk.now)
      writtenAt[id] = talk.now
      talk.poll(5)
    }
    let lastWritten = talk.chat.write("last", by: DiscordFake.ana, in: rooms[0], now: talk.now)
    talk.poll(300)
    let refused = talk.chat.refusedCalls
    #expect(refused.ofBucket == 0 && refused.ofAll == 0, "\(refused)")
    #expect(talk.toldAt[lastWritten] != nil)
    let waits = writtenAt.map { id, at in
      (talk.toldAt[id]?.milliseconds ?? .max) - at.milliseconds
    }.sorted()
    #expect(waits.count == 60)
    #expect((waits.last ?? .max) < 60_000, "the longest wait was \(waits.last ?? 0) ms")
    let told = talk.messages.filter { $0.kind == .text }
    #expect(Set(told.map(\.id)).count == told.count, "told twice")
    #expect(told.count { $0.room.id == rooms[0] } == 1202)
  }

  @Test func `a quiet server is asked once a second and a word is heard within seconds`() throws {
    var talk = Talk(DiscordFake(isLimited: true, others: 30))
    talk.poll(8)
    talk.chat.welcome(now: talk.now)
    talk.poll(30)
    let (begin, count) = (talk.now, talk.calls.count)
    talk.poll(600)
    let seconds = talk.now.seconds(since: begin)
    #expect(Int64(talk.calls.count - count) <= seconds + 60, "\(seconds)")
    for _ in 0..<20 {
      let id = talk.chat.write("!task", by: DiscordFake.ana, in: talk.chat.room, now: talk.now)
      let at = talk.now
      talk.poll(37)
      let wait = (talk.toldAt[id]?.milliseconds ?? .max) - at.milliseconds
      #expect(wait < 10_000, "\(wait)")
    }
    #expect(talk.chat.refusedCalls.ofBucket == 0)
  }
}
