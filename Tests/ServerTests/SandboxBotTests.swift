import Crew
import Foundation
import Platforms
import Sandbox
import Testing

@Suite struct `The sandbox speaks to a bot` {
  let ana: Int64 = 101
  let ben: Int64 = 102

  @Test func `first contact tells of the group and who is in it`() async throws {
    try await SandboxFixture.with { here in
      let me = try await here.poll(nil)
      let first = try await here.poll(me.cursor)
      #expect(
        first.messages.map(\.kind) == [
          .invited, .ignored("told by my_chat_member"), .joined, .joined,
        ])
      #expect(first.messages[0].sender.user == "101" && first.complaints.isEmpty)
      #expect(try await here.poll(first.cursor).messages.isEmpty)
    }
  }

  @Test func `words go in, a post, a reaction and an edit come out`() async throws {
    try await SandboxFixture.with { here in
      let cursor = try await here.settled()
      let group = here.sandbox.group
      await here.sandbox.write("🎉 @ben++ for the rollback", as: ana, in: group)
      let intake = try await here.poll(cursor)
      let message = try #require(intake.messages.first)
      let benHere = Identity(account: "telegram", user: "102")
      #expect(
        message.body == [
          .text("🎉 "), .mention(benHere, shown: "@ben"), .text("++ for the rollback"),
        ])
      let text = Markup([
        .person(name: "Ben", identities: [benHere], pings: true), .text(" +1 from @ana"),
      ])
      let sent = try await here.send(Post(text: text, inReplyTo: message.id, isSilent: true))
      guard case .sent(let id) = sent else {
        Issue.record("\(sent)")
        return
      }
      let marked = try await here.send(Post(kind: .reaction("✅", on: message.id), text: ""))
      #expect(marked == .sent(id: ""))
      #expect(try await here.send(Post(kind: .edit(of: id), text: "changed")) == .sent(id: id))
      #expect(try await here.send(Post(kind: .edit(of: id), text: "changed")) == .sent(id: ""))
      let delivered = await here.sandbox.delivered
      #expect(delivered.map(\.kind) == [.message, .reaction, .edit])
      // Ben is spoken to; @ana was only somebody's words.
      #expect(delivered[0].pings == [102] && delivered[0].isSilent)
      #expect(delivered[0].replyTo == delivered[1].message && delivered[1].text == "👍")
    }
  }

  @Test func `a waiting poll is answered as soon as somebody writes`() async throws {
    try await SandboxFixture.with { here in
      let cursor = try await here.settled()
      async let waiting = here.poll(cursor)
      await here.sandbox.write("/tasks", as: ben, in: here.sandbox.group)
      #expect(try await waiting.messages.map(\.body) == [[.text("/tasks")]])
    }
  }

  @Test func `what was not confirmed comes again`() async throws {
    try await SandboxFixture.with { here in
      let cursor = try await here.settled()
      await here.sandbox.write("/one", as: ana, in: here.sandbox.group)
      let once = try await here.poll(cursor)
      #expect(try await here.poll(cursor).messages == once.messages)
      await here.sandbox.write("/two", as: ana, in: here.sandbox.group)
      #expect(try await here.poll(once.cursor).messages.map(\.body) == [[.text("/two")]])
    }
  }

  @Test func `a direct chat opens when the person writes, and shuts when they block`() async throws
  {
    try await SandboxFixture.with { here in
      _ = try await here.settled()
      let cold = try await here.send(Post(text: "hello"), to: here.direct(ben))
      guard case .refused(let why) = cold else {
        Issue.record("\(cold)")
        return
      }
      #expect(why.contains("has not started a chat"))
      await here.sandbox.write("/start", as: ben, in: ben)
      let warm = try await here.send(Post(text: "hello"), to: here.direct(ben))
      #expect(warm == .sent(id: "102:2"))
      await here.sandbox.block(by: ben)
      let shut = try await here.send(Post(text: "hello"), to: here.direct(ben))
      guard case .refused(let wall) = shut else {
        Issue.record("\(shut)")
        return
      }
      #expect(wall.contains("blocked"))
    }
  }

  @Test func `a group that moves is followed, and its old messages are out of reach`() async throws
  {
    try await SandboxFixture.with { here in
      let cursor = try await here.settled()
      let group = here.sandbox.group
      await here.sandbox.write("/old", as: ana, in: group)
      let new = await here.sandbox.upgradeGroup()
      let intake = try await here.poll(cursor)
      #expect(intake.messages.map(\.kind).contains(.moved(to: String(new))))
      #expect(try await here.send(Post(text: "x")) == .moved(to: String(new)))
      let moved = Target.room(Room(account: "telegram", id: String(new)))
      #expect(try await here.send(Post(text: "x"), to: moved) == .sent(id: "\(new):2"))
      let reaction = Post(kind: .reaction("✅", on: intake.messages[0].id), text: "")
      #expect(
        try await here.send(reaction, to: moved)
          == .refused("Bad Request: message to react not found"))
    }
  }

  @Test func `the older of two pollers is sent away`() async throws {
    try await SandboxFixture.with { here in
      let cursor = try await here.settled()
      try await withThrowingTaskGroup(of: Result<Intake, any Error>.self) { polls in
        for _ in 1...2 {
          polls.addTask {
            do { return .success(try await here.poll(cursor)) } catch { return .failure(error) }
          }
        }
        guard case .failure(let error)? = try await polls.next(),
          case .retry(5, let words)? = error as? PollFailure
        else {
          Issue.record("nobody was sent away")
          return
        }
        #expect(words.contains("another program"))
        await here.sandbox.write("/x", as: ana, in: here.sandbox.group)
        let second = try await polls.next()?.get()
        #expect(second?.messages.map(\.body) == [[.text("/x")]])
      }
    }
  }

  @Test func `faults befall the calls that they are meant for`() async throws {
    try await SandboxFixture.with { here in
      let cursor = try await here.settled()
      await here.sandbox.inject(.init(.tooMany(retryAfterSeconds: 8), method: "sendMessage"))
      #expect(try await here.send(Post(text: "a")) == .retry(afterSeconds: 8))
      await here.sandbox.inject(.init(.lostAnswer(status: 502), method: "sendMessage"))
      #expect(try await here.send(Post(text: "b")) == .unknown)
      #expect(await here.sandbox.delivered.map(\.text) == ["b"])
      await here.sandbox.inject(.init(.broken(status: 500), method: "getUpdates"))
      await #expect(throws: PollFailure.self) { try await here.poll(cursor) }
      let stranger = Telegram(
        .init(account: "telegram", baseURL: here.url, token: "7000:other"))
      let answer = try await here.perform(
        stranger.poll(after: nil, with: Credential(token: "")))
      #expect(answer.status == 401)
    }
  }

  @Test(
    arguments: [
      ("sendMessage", #"{"chat_id":101}"#, 400, "message text is empty"),
      ("sendMessage", #"{"text":"x"}"#, 400, "chat_id is empty"),
      ("sendMessage", #"{"chat_id":5,"text":"x"}"#, 400, "chat not found"),
      ("sendMessage", #"{"chat_id":101,"text":"x"}"#, 403, "initiate conversation"),
      ("sendMessage", #"{"chat_id":-1001000000001,"text":"x","txet":"y"}"#, 400, "txet"),
      (
        "sendMessage",
        #"{"chat_id":-1001000000001,"text":"x","entities":[{"type":"pre","offset":0,"length":9}]}"#,
        400, "ENTITY_BOUNDS_INVALID"
      ),
      (
        "sendMessage", #"{"chat_id":-1001000000001,"text":"x","message_thread_id":7}"#, 400,
        "thread"
      ),
      (
        "sendMessage",
        #"{"chat_id":-1001000000001,"text":"x","reply_parameters":{"message_id":99}}"#,
        400, "message to be replied not found"
      ),
      (
        "setMessageReaction",
        #"{"chat_id":-1001000000001,"message_id":1,"reaction":[{"type":"emoji","emoji":"✅"}]}"#,
        400, "REACTION_INVALID"
      ),
      (
        "editMessageText", #"{"chat_id":-1001000000001,"message_id":1,"text":"x"}"#, 400,
        "can't be edited"
      ),
      (
        "setMyCommands", #"{"commands":[{"command":"Nope","description":"x"}]}"#, 400,
        "BOT_COMMAND_INVALID"
      ),
      ("sendMessage", "{", 400, "can't parse JSON"),
      ("sendTelegram", "{}", 404, "method not found"),
    ] as [(String, String, Int, String)])
  func `wrong arguments are refused in Telegram's words`(
    _ method: String, _ body: String, _ status: Int, _ words: String
  ) async throws {
    try await SandboxFixture.with { here in
      let answer = try await here.post("/bot\(SandboxFixture.token)/\(method)", body)
      #expect(answer.status == status)
      let said = String(decoding: answer.body, as: UTF8.self)
      #expect(said.contains(words) && said.contains(#""ok":false"#), "\(said)")
    }
  }

  @Test func `long texts are measured in UTF-16 units`() async throws {
    try await SandboxFixture.with { here in
      for (count, status) in [(2048, 200), (2049, 400)] {
        let text = String(repeating: "🎉", count: count)
        let answer = try await here.post(
          "/bot\(SandboxFixture.token)/sendMessage",
          #"{"chat_id":-1001000000001,"text":"\#(text)"}"#)
        #expect(answer.status == status)
      }
    }
  }

  @Test func `arguments come as a form, in the address and in parts as well`() async throws {
    try await SandboxFixture.with { here in
      let path = "/bot\(SandboxFixture.token)/sendMessage"
      let form = try await here.post(
        path, "chat_id=-1001000000001&text=a+%26%20%E6%9D%8E",
        type: "application/x-www-form-urlencoded")
      let parts = try await here.post(
        path,
        "--B\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n-1001000000001\r\n"
          + "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nb\r\nc\r\n--B--\r\n",
        type: "multipart/form-data; boundary=B")
      let query = try await here.perform(
        .init(.get, here.url + path + "?chat_id=-1001000000001&text=d"))
      for answer in [form, parts, query] { #expect(answer.status == 200) }
      let texts: [String] = await here.sandbox.delivered.map(\.text)
      #expect(texts == ["a & 李", "b\r\nc", "d"])
    }
  }
}
