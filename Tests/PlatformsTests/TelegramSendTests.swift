import Crew
import Foundation
import Platforms
import Testing

private typealias Fixture = TelegramFixture

@Suite struct `Telegram says` {
  let team = Target.room(Room(account: "telegram", id: "-1001"))

  private func body(_ post: Post, to target: Target? = nil) throws -> [String: Any] {
    try Fixture.object(request(post, to: target))
  }

  private func request(_ post: Post, to target: Target? = nil) -> HTTPRequest {
    Fixture.telegram.request(
      for: post, to: target ?? team, key: "k1", progress: nil, with: Fixture.credential)
  }

  /// The part of the text that an entity marks, as the server counts.
  private func marked(_ body: [String: Any]) throws -> [String] {
    let units = Array((body["text"] as? String ?? "").utf16)
    return try (body["entities"] as? [[String: Any]] ?? []).map { entity in
      let offset = try #require(entity["offset"] as? Int)
      let length = try #require(entity["length"] as? Int)
      let type = try #require(entity["type"] as? String)
      try #require(offset >= 0 && length > 0 && offset + length <= units.count)
      return type + ":" + String(decoding: units[offset..<offset + length], as: UTF16.self)
    }
  }

  @Test func `a post is plain text with entities, counted in UTF-16`() throws {
    let li = Markup.Node.person(
      name: "李薇", identities: [Identity(account: "telegram", user: "3")], pings: true)
    let text = Markup([
      .text("🎉 done "), .strong(Markup([.text("née "), .strong("x")])), .lineBreak, li,
      .text(": "), .command("take 41"), .text(" or "), .command("tasks"), .table("a  b"),
    ])
    let sent = try body(Post(text: text))
    #expect(sent["text"] as? String == "🎉 done née x\n李薇: /take 41 or /tasks\u{200B}a  b")
    #expect(
      try marked(sent) == [
        "bold:née x", "bold:x", "text_mention:李薇", "code:/take 41", "pre:a  b",
      ])
    let users = (sent["entities"] as? [[String: Any]])?.compactMap { $0["user"] as? [String: Any] }
    #expect(users?.first?["id"] as? Int == 3)
    #expect(sent["parse_mode"] == nil)
    #expect((sent["link_preview_options"] as? [String: Bool])?["is_disabled"] == true)
  }

  @Test(arguments: [
    #"</b><a href="tg://user?id=1">x</a>"#, #"_*[]()~`>#+-=|{}.!"#, "ana@example.org a/b 1/2",
    "{{7*7}} %n%s", "https://example.org/a/b",
  ])
  func `what somebody wrote stays as it is`(_ words: String) throws {
    let sent = try body(Post(text: Markup(words)))
    #expect(sent["text"] as? String == words)
    #expect((sent["entities"] as? [Any])?.isEmpty == true)
  }

  @Test func `what somebody wrote pings nobody and is no button`() throws {
    let words = Markup([.text("@ben (@ana) /erase 李@ben"), .strong("@ben")])
    #expect(
      try body(Post(text: words))["text"] as? String
        == "@\u{200B}ben (@\u{200B}ana) /\u{200B}erase 李@ben@ben")
    let silent = Markup.Node.person(
      name: "@ben", identities: [Identity(account: "telegram", user: "2")], pings: false)
    let named = try body(Post(text: Markup([silent])))
    #expect(named["text"] as? String == "@\u{200B}ben")
    #expect((named["entities"] as? [Any])?.isEmpty == true)
  }

  @Test func `a post answers, stands in its topic and can be silent`() throws {
    let post = Post(text: "x", inReplyTo: "-1001:42", thread: "5", isSilent: true)
    let sent = try body(post)
    let reply = sent["reply_parameters"] as? [String: Any]
    #expect(reply?["message_id"] as? Int == 42)
    #expect(reply?["allow_sending_without_reply"] as? Bool == true)
    #expect(sent["message_thread_id"] as? Int == 5)
    #expect(sent["disable_notification"] as? Bool == true)
    #expect(!request(post).isRepeatable && request(post).url.hasSuffix("/sendMessage"))
    // Under an earlier post of ours, whose id stands as the thread.
    let under = try body(Post(text: "x", thread: "-1001:7"))
    #expect((under["reply_parameters"] as? [String: Any])?["message_id"] as? Int == 7)
    #expect(under["message_thread_id"] == nil)
  }

  @Test func `a direct post goes to the person and answers nothing of elsewhere`() throws {
    let sent = try body(
      Post(text: "x", inReplyTo: "-1001:42"),
      to: .direct(Identity(account: "telegram", user: "3")))
    #expect(sent["chat_id"] as? String == "3" && sent["reply_parameters"] == nil)
  }

  @Test(arguments: [
    ("✅", "👍"), ("👀", "👀"), ("❤️", "❤"), ("🎉", "🎉"), ("❌", "👎"), ("🦖", "👀"),
  ])
  func `a reaction is one that Telegram has`(_ wanted: String, _ given: String) throws {
    let post = Post(kind: .reaction(wanted, on: "-1001:42"), text: "ok")
    let sent = try body(post)
    #expect((sent["reaction"] as? [[String: String]]) == [["type": "emoji", "emoji": given]])
    #expect(sent["message_id"] as? Int == 42 && sent["chat_id"] as? String == "-1001")
    #expect(request(post).isRepeatable && request(post).url.hasSuffix("/setMessageReaction"))
  }

  @Test func `a message of another chat is never reached by its number`() throws {
    for kind in [Post.Kind.reaction("✅", on: "-77:42"), .edit(of: "-77:42"), .edit(of: "odd")] {
      #expect(try body(Post(kind: kind, text: "x"))["message_id"] as? Int == 0)
    }
  }

  @Test func `an edit replaces the text`() throws {
    let post = Post(kind: .edit(of: "-1001:42"), text: "new", thread: "5", isSilent: true)
    let sent = try body(post)
    #expect(sent["message_id"] as? Int == 42 && sent["text"] as? String == "new")
    #expect(sent["message_thread_id"] == nil && sent["disable_notification"] == nil)
    #expect(request(post).isRepeatable && request(post).url.hasSuffix("/editMessageText"))
  }

  @Test func `a long post is cut at a line, its entities with it`() throws {
    let line = String(repeating: "🎉", count: 49) + "\n"
    let long = Markup([.strong(Markup(String(repeating: line, count: 60))), .table("tail")])
    let sent = try body(Post(text: long))
    let text = try #require(sent["text"] as? String)
    #expect(text.utf16.count <= 4096 && text.hasSuffix("🎉\n…"))
    #expect(try marked(sent).count == 1)
    let wall = try body(Post(text: Markup(String(repeating: "👩‍🚀", count: 2000))))
    let cut = try #require(wall["text"] as? String)
    #expect(cut.utf16.count <= 4096 && cut.hasSuffix("👩‍🚀…"))
  }

  @Test func `the menu is announced for everybody and for each language`() throws {
    let requests = Fixture.telegram.announce([
      Announcement(name: "tasks", summary: "Show tasks."),
      Announcement(name: "tasks", summary: "查看任务", language: "zh-Hans"),
      Announcement(name: "任务", summary: "not allowed"),
      Announcement(name: "help", summary: "Help."),
    ])
    let bodies = try requests.map(Fixture.object)
    #expect(requests.allSatisfy { $0.url.hasSuffix("/setMyCommands") })
    #expect(bodies.map { $0["language_code"] as? String } == [nil, "zh"])
    #expect(
      (bodies[0]["commands"] as? [[String: String]])?.map { $0["command"] } == ["tasks", "help"])
  }
}

@Suite struct `Telegram tells what became of a post` {
  private func delivery(_ status: Int, _ body: String) -> Delivery {
    Fixture.telegram.delivery(of: Fixture.answer(body, status: status), progress: nil)
  }

  private func error(_ code: Int, _ words: String, _ more: String = "") -> Delivery {
    delivery(code, #"{"ok":false,"error_code":\#(code),"description":"\#(words)"\#(more)}"#)
  }

  @Test func `accepted, with the id that later posts answer`() {
    let sent = #"{"ok":true,"result":{"message_id":46,"chat":{"id":-1001,"type":"group"}}}"#
    #expect(delivery(200, sent) == .sent(id: "-1001:46"))
    #expect(delivery(200, #"{"ok":true,"result":true}"#) == .sent(id: ""))
    #expect(error(400, "Bad Request: message is not modified: same content") == .sent(id: ""))
  }

  @Test func `refused for good says why in words that help`() {
    let cold = error(403, "Forbidden: bot can't initiate conversation with a user")
    let blocked = error(403, "Forbidden: bot was blocked by the user")
    guard case .refused(let why) = cold, case .refused(let wall) = blocked else {
      Issue.record("\(cold) \(blocked)")
      return
    }
    #expect(why.contains("has not started a chat with the bot") && wall.contains("blocked the bot"))
    #expect(error(400, "Bad Request: chat not found") == .refused("Bad Request: chat not found"))
  }

  @Test func `moved, later, in doubt`() {
    let moved = error(
      400, "Bad Request: group chat was upgraded to a supergroup chat",
      #","parameters":{"migrate_to_chat_id":-1009876543210}"#)
    #expect(moved == .moved(to: "-1009876543210"))
    #expect(
      error(429, "Too Many Requests: retry after 8", #","parameters":{"retry_after":8}"#)
        == .retry(afterSeconds: 8))
    #expect(error(401, "Unauthorized") == .retry(afterSeconds: 900))
    for (status, body) in [(500, ""), (502, "<html>"), (504, "{}"), (200, "<html>"), (200, "")] {
      #expect(delivery(status, body) == .unknown)
    }
  }
}
