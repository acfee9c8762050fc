import Crew
import Foundation
import Platforms
import Testing

private typealias Fixture = TelegramFixture

@Suite struct `Telegram polls` {
  let telegram = Fixture.telegram

  private func ask(_ cursor: Cursor?) throws -> [String: Any] {
    try Fixture.object(telegram.poll(after: cursor, with: Fixture.credential))
  }

  @Test func `who am I comes first, then a drained queue, then long polls`() throws {
    let first = telegram.poll(after: nil, with: Fixture.credential)
    #expect(first.url == "https://api.telegram.org/bot\(Fixture.token)/getMe")
    let short = telegram.poll(after: try Fixture.firstCursor(), with: Fixture.credential)
    #expect(try Fixture.object(short)["timeout"] as? Int == 0)
    let long = telegram.poll(after: try Fixture.cursor(), with: Fixture.credential)
    #expect(long.url.hasSuffix("/getUpdates"))
    #expect(long.timeoutSeconds == 65 && long.responseBytesMax == 8 << 20)
    let asked = try Fixture.object(long)
    #expect(asked["timeout"] as? Int == 50 && asked["limit"] as? Int == 100)
    #expect(
      asked["allowed_updates"] as? [String] == ["message", "edited_message", "my_chat_member"])
    #expect(asked["offset"] == nil)
  }

  @Test func `it keeps what every platform promises`() throws {
    let more = Fixture.updates(Fixture.message(7, 1, text: "/task list"))
    PlatformChecks(
      platform: telegram, canary: "canary-TOKEN_x",
      cursors: [nil, try Fixture.firstCursor(), try Fixture.cursor()],
      answers: [
        Fixture.answer(#"{"ok":true,"result":\#(Fixture.bell)}"#), Fixture.updates(), more,
      ],
      credential: Fixture.credential
    ).run()
  }

  @Test(arguments: [(true, "off"), (false, "on")])
  func `how its privacy mode stands is told`(readsAll: Bool, stands: String) throws {
    let bell = Fixture.bell.dropLast() + ",\"can_read_all_group_messages\":\(readsAll)}"
    let intake = try telegram.read(
      Fixture.answer(#"{"ok":true,"result":\#(bell)}"#), after: nil)
    #expect(intake.remarks.count == 1 && intake.complaints == [])
    #expect(intake.remarks[0].hasPrefix("its privacy mode is \(stands)"))
  }

  @Test func `a deep link opens the chat, and what it carries is no command`() throws {
    #expect(telegram.contactLink(after: nil) == nil)
    #expect(
      telegram.contactLink(after: try Fixture.cursor()) == "https://t.me/bell_bot?start=hello")
    let demo = Telegram(.init(account: "desk", baseURL: "http://127.0.0.1:8765", token: "1:a"))
    #expect(demo.contactLink(after: try Fixture.cursor()) == nil, "a stranger's bot on Telegram")
    let start = try Fixture.read(
      Fixture.message(7, 1, chat: Fixture.direct("", 1), text: "/start hello"))
    #expect(start.messages[0].body == [.text("/start")])
  }

  /// 20 a minute in a group and 30 a second in all, with the 80 % that the sender uses.
  @Test func `what goes at once and what follows stay under the published rates`() {
    let (room, account) = (telegram.abilities.roomRate, telegram.abilities.accountRate)
    #expect(room.burst + 60 * 0.8 * room.perSecond <= 20.001)
    #expect(account.burst + 0.8 * account.perSecond <= 30)
  }

  @Test func `the next poll confirms what was committed, and only that`() throws {
    let intake = try Fixture.read(
      Fixture.message(7, 1, text: "a"), Fixture.message(9, 2, text: "b"))
    #expect(try ask(intake.cursor)["offset"] as? Int == 10)
  }

  @Test func `ids that start again lower are followed`() throws {
    let high = try Fixture.read(Fixture.message(900, 1, text: "a"))
    let low = try Fixture.read(Fixture.message(5, 2, text: "b"), after: high.cursor)
    #expect(low.messages.count == 1)
    #expect(try ask(low.cursor)["offset"] as? Int == 6)
  }

  @Test func `words of before first contact are not executed`() throws {
    let cursor = try Fixture.firstCursor()
    let history = try Fixture.read(
      Fixture.standing(1, "left", "member"), Fixture.message(2, 1, text: "/done 3"),
      Fixture.message(3, 2, chat: Fixture.direct("", 1), text: "/start abc"),
      Fixture.message(4, 3, chat: Fixture.direct("", 1), text: "/done 3"), after: cursor)
    #expect(
      history.messages.map(\.kind) == [
        .invited, .ignored("before first contact"), .text, .ignored("before first contact"),
      ])
    #expect(history.messages[1].body.isEmpty)
    let rest = try Fixture.read(Fixture.message(5, 4, text: "/done 4"), after: history.cursor)
    #expect(rest.messages[0].kind == .ignored("before first contact"))
    let drained = try Fixture.read(after: rest.cursor)
    let fresh = try Fixture.read(Fixture.message(6, 5, text: "/done 5"), after: drained.cursor)
    #expect(fresh.messages[0].kind == .text)
  }

  /// The greeting is out before the queue is drained, and somebody answers it at once.
  @Test func `words of after first contact count although older ones still wait`() throws {
    let contact = "Wed, 17 Dec 2025 19:33:20 GMT"  // 1766000000, when the messages are dated.
    func first(_ date: String) throws -> Cursor {
      let me = Fixture.answer(
        #"{"ok":true,"result":\#(Fixture.bell)}"#, headers: ["date": date])
      return try telegram.read(me, after: nil).cursor
    }
    func kinds(_ date: String) throws -> [Message.Kind] {
      let old = try Fixture.read(
        Fixture.standing(1, "left", "member"), Fixture.message(2, 1, text: "/done 3"),
        after: try first(date))
      let new = try Fixture.read(Fixture.message(3, 2, text: "/done 4"), after: old.cursor)
      return (old.messages + new.messages).map(\.kind).filter { $0 != .invited }
    }
    let history = Message.Kind.ignored("before first contact")
    #expect(try kinds(contact) == [history, .text])
    #expect(try kinds("Wed, 17 Dec 2025 19:33:21 GMT") == [history, history])
    #expect(try kinds("Wed, 17 Dec 2025 19:33:19 GMT") == [.text, .text])
    // A full answer does not hold all that waited.
    let full = (1...100).map { Fixture.message($0, $0, text: "/done 3") }.joined(separator: ",")
    let old = try Fixture.read(full, after: try first(contact))
    let more = try Fixture.read(Fixture.message(101, 101, text: "/done 3"), after: old.cursor)
    #expect(more.messages.map(\.kind) == [history])
  }

  @Test func `a cursor that cannot be read is a first contact`() {
    #expect(telegram.poll(after: "{", with: Fixture.credential).url.hasSuffix("/getMe"))
  }

  @Test func `offline for longer than the server keeps updates is told to each group`() throws {
    func at(_ date: String, _ cursor: Cursor, _ update: String) throws -> Intake {
      let body = #"{"ok":true,"result":[\#(update)]}"#
      return try telegram.read(Fixture.answer(body, headers: ["date": date]), after: cursor)
    }
    let hello = Fixture.message(1, 1, text: "hello")
    let monday = try at("Mon, 23 Nov 2026 08:00:00 GMT", Fixture.cursor(), hello)
    #expect(monday.messages.map(\.kind) == [.text])
    let soon = try at("Tue, 24 Nov 2026 07:59:59 GMT", monday.cursor, "")
    #expect(soon.messages.isEmpty)
    let late = try at("Wed, 25 Nov 2026 08:00:01 GMT", soon.cursor, "")
    #expect(late.messages.map(\.kind) == [.gap])
    #expect(late.messages[0].room.id == "-1001")
    #expect(try at("Wed, 25 Nov 2026 08:00:40 GMT", late.cursor, "").messages.isEmpty)
  }

  @Test func `a refused token says what to do, and never the token`() throws {
    for status in [401, 404] {
      let body = #"{"ok":false,"error_code":\#(status),"description":"bad bot\#(Fixture.token)"}"#
      let response = Fixture.answer(body, status: status)
      let failure = #expect(throws: PollFailure.self) {
        try telegram.read(response, after: try Fixture.cursor())
      }
      guard case .refused(let words)? = failure else {
        Issue.record("\(status): \(String(describing: failure))")
        continue
      }
      #expect(words.contains("token_file") && words.contains("@BotFather"))
      #expect(!words.contains(Fixture.token))
    }
    #expect(!"\(telegram) \(telegram.settings)".contains(Fixture.token))
    let request = telegram.poll(after: nil, with: Fixture.credential)
    #expect(!"\(request)".contains(Fixture.token))
  }

  @Test(
    arguments: [
      (
        409,
        #"{"ok":false,"error_code":409,"description":"Conflict: terminated by other getUpdates"}"#,
        5.0, "another program"
      ),
      (
        409, #"{"ok":false,"error_code":409,"description":"Conflict: webhook is active"}"#, 60,
        "webhook"
      ),
      (429, #"{"ok":false,"error_code":429,"parameters":{"retry_after":7}}"#, 7, "less"),
      (
        429, #"{"ok":false,"error_code":429,"parameters":{"retry_after":1000000000}}"#, 3600, "less"
      ),
      (429, #"{"ok":false,"error_code":429,"parameters":{"retry_after":-1}}"#, 1, "less"),
      (429, #"{"ok":false,"error_code":429,"parameters":{"retry_after":"soon"}}"#, 5, "less"),
      (502, "<html>bad gateway</html>", nil, "HTTP 502"), (500, "", nil, "HTTP 500"),
      (200, "<html>log in to the hotel</html>", nil, "not an answer"),
      (200, "", nil, "not an answer"),
      (200, #"{"ok":true,"result":{}}"#, nil, "no list"),
      (200, #"{"ok":true,"result":[{"update_id":1,"mess"#, nil, "not an answer"),
    ] as [(Int, String, Double?, String)])
  func `what heals is tried again and the cursor stays`(
    _ status: Int, _ body: String, _ wait: Double?, _ words: String
  ) throws {
    let failure = #expect(throws: PollFailure.self) {
      try telegram.read(Fixture.answer(body, status: status), after: try Fixture.cursor())
    }
    guard case .retry(let seconds, let told)? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(seconds == wait && told.contains(words))
  }
}
