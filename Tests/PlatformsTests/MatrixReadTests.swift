import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = MatrixDesk

@Suite struct `Matrix messages` {
  /// A message of Ana with more beside its body.
  private func said(_ body: String, _ more: String = "") throws -> Message {
    let messages = try Desk.started().hear(Desk.text("$1", body, more))
    return try #require(messages.first)
  }

  private func html(_ html: String) -> String {
    #","format":"org.matrix.custom.html","formatted_body":\#(JSON.string(html).text)"#
  }

  private func pill(_ user: String, _ name: String) -> String {
    #"<a href="https://matrix.to/#/\#(user)">\#(name)</a>"#
  }

  @Test func `plain words`() throws {
    let message = try said("!done 3")
    #expect(message.kind == .text && message.line == "ana: !done 3")
    #expect(message.senderKind == .person && !message.mentionsBot)
    #expect(message.sentAt.milliseconds == 1_766_000_000_000)
    #expect(message.roomName == "Service desk")
  }

  @Test func `a pill becomes a mention at its place in the plain body`() throws {
    let message = try said(
      "!kudos Ben Ray for Bens help", html("!kudos " + pill("@ben:hs.example", "Ben Ray") + " for"))
    #expect(message.line == "ana: !kudos [@ben:hs.example] for Bens help")
  }

  @Test func `two pills with one name, in their order, and an encoded link`() throws {
    let message = try said(
      "@Alex and Alex",
      html(pill("%40alex%3Ahs.example", "Alex") + " and " + pill("@alex2:hs.example", "Alex")))
    #expect(message.line == "ana: [@alex:hs.example] and [@alex2:hs.example]")
  }

  @Test func `names in any script, with signs, as a Markdown link`() throws {
    #expect(
      try said("谢谢王芳！", html("谢谢" + pill("@wang:hs.example", "王芳") + "！")).line
        == "ana: 谢谢[@wang:hs.example]！")
    #expect(
      try said("hi A & <B>", html("hi " + pill("@ab:hs.example", "A &amp; &lt;B&gt;"))).line
        == "ana: hi [@ab:hs.example]")
    let link = "[Ben](https://matrix.to/#/@ben:hs.example) thanks"
    #expect(
      try said(link, html(pill("@ben:hs.example", "Ben") + " thanks")).line
        == "ana: [@ben:hs.example] thanks")
  }

  @Test func `a raw user id is a mention, an hour or a mail address is none`() throws {
    #expect(
      try said("!own 3 @ben:hs.example, now").line == "ana: !own 3 [@ben:hs.example], now")
    #expect(try said("@ben:hs.example:8448.").line == "ana: [@ben:hs.example:8448].")
    #expect(
      try said("@ben:tomorrow a@b.example @: @x").line == "ana: @ben:tomorrow a@b.example @: @x")
  }

  @Test func `speaking to the bot`() throws {
    for body in ["Bell: done 3", "bell, done 3", "@bell: done 3", "@bell:hs.example: done 3"] {
      let message = try said(body)
      #expect(message.mentionsBot && message.line == "ana: done 3", "\(body)")
    }
    let pilled = try said("Bell done 3", html(pill("@bell:hs.example", "Bell") + " done 3"))
    #expect(pilled.mentionsBot && pilled.line == "ana: done 3")
    let named = try said("Bell done 3", #","m.mentions":{"user_ids":["@bell:hs.example"]}"#)
    #expect(named.mentionsBot && named.line == "ana: done 3")
  }

  @Test func `speaking about the bot is not speaking to it`() throws {
    for body in ["Bell is nice", "bellboy: hi", "ask Bell: why"] {
      #expect(try !said(body).mentionsBot, "\(body)")
    }
  }

  @Test func `a reply loses what it quotes`() throws {
    let message = try said(
      "> <@bell:hs.example> 3 is open\n> really\n\n!done 3",
      html("<mx-reply>" + pill("@bell:hs.example", "x") + "</mx-reply>!done 3")
        + #","m.relates_to":{"m.in_reply_to":{"event_id":"$q"}}"#)
    #expect(message.line == "ana: !done 3")
    #expect(message.replyTo == "$q" && message.thread == nil && !message.mentionsBot)
    #expect(try said("> <@bell:hs.example> mine\n\n!done").line.hasPrefix("ana: > <"))
  }

  @Test func `a thread`() throws {
    let thread = #","m.relates_to":{"rel_type":"m.thread","event_id":"$root","#
    let falling = try said(
      "a", thread + #""is_falling_back":true,"m.in_reply_to":{"event_id":"$x"}}"#)
    #expect(falling.thread == "$root" && falling.replyTo == nil)
    let reply = try said("a", thread + #""m.in_reply_to":{"event_id":"$x"}}"#)
    #expect(reply.thread == "$root" && reply.replyTo == "$x")
  }

  @Test func `an edit is recorded as one, by another sender it is nothing`() throws {
    func edit(_ id: String, by user: String) -> String {
      Desk.event(
        id, "m.room.message", from: user,
        content: #"{"msgtype":"m.text","body":"* x","m.new_content":{"msgtype":"m.text","#
          + #""body":"/role grant me admin"},"#
          + #""m.relates_to":{"rel_type":"m.replace","event_id":"$1"}}"#
      )
    }
    let messages = try Desk.started().hear(
      Desk.text("$1", "hello"), edit("$2", by: "@ana:hs.example"), edit("$3", by: "@ben:hs.example")
    )
    #expect(
      messages.map(\.kind) == [.text, .edit(of: "$1"), .ignored("edit by another sender")])
    #expect(messages[1].line == "ana: /role grant me admin")
  }

  @Test func `who is no person`() throws {
    let desk = try Desk.started(trusted: ["@telegram_*:hs.example"])
    let messages = try desk.hear(
      Desk.event(
        "$1", "m.room.message", content: #"{"msgtype":"m.notice","body":"/done 3"}"#),
      Desk.text("$2", "!done", from: "@_irc_ben:hs.example"),
      Desk.text("$3", "!done", from: "@telegram_1:hs.example"),
      Desk.text("$4", "!done", from: "@telegram_1:evil.example"),
      Desk.text("$5", "!done", from: "@bell:hs.example"))
    #expect(messages.map(\.senderKind) == [.bot, .ghost, .bridged, .ghost, .person])
    #expect(messages[4].kind == .ignored("own message"))
  }

  @Test func `what is no text is no command`() throws {
    let messages = try Desk.started().hear(
      Desk.event("$1", "m.room.message", content: #"{"msgtype":"m.emote","body":"!done"}"#),
      Desk.event("$2", "m.room.message", content: #"{"msgtype":"m.image","body":"!done"}"#),
      Desk.event("$3", "m.room.redaction", content: #"{"reason":"!done"}"#),
      Desk.event("$4", "m.reaction", content: #"{"m.relates_to":{"key":"!done"}}"#),
      Desk.event("$5", "m.room.message", content: "{}"))
    #expect(messages.count == 5)
    for message in messages {
      guard case .ignored = message.kind else {
        Issue.record("\(message.id)")
        continue
      }
    }
  }

  @Test(arguments: [
    #""type":"m.room.message","sender":"@a:b","content":{"msgtype":"m.text","body":{"a":1}}"#,
    #""type":"m.room.message","sender":"@a:b","content":{"msgtype":"m.text","body":7}"#,
    #""type":"m.room.message","sender":"@a:b","content":{"msgtype":"m.text"}"#,
    #""type":"m.room.message","sender":7,"content":"what""#,
    #""type":"m.room.message","sender":"@a:b","content":{"msgtype":"m.text","body":"\ud800"}"#,
    #""type":"m.room.message","sender":"@a:b","origin_server_ts":-9223372036854775808"#,
    #""type":"m.room.member","content":{"membership":5}"#,
    #""type":"m.room.tombstone","state_key":"","content":{"replacement_room":9}"#,
    #""type":7"#,
  ])
  func `an event of an odd shape never hides the next`(odd: String) throws {
    let messages = try Desk.started().hear(
      #"{"event_id":"$x",\#(odd)}"#, Desk.text("$ok", "!done 3"))
    #expect(messages.last?.line == "ana: !done 3")
  }

  @Test(arguments: [
    #"{"event_id":7,"type":"m.room.message"}"#, #"{"type":7}"#, "7", "null", "[]", #""x""#,
  ])
  func `what is no event never hides the next`(odd: String) throws {
    let messages = try Desk.started().hear(odd, Desk.text("$ok", "!done 3"))
    #expect(messages.last?.line == "ana: !done 3")
  }

  @Test func `depth, length and signs that are hard to carry`() throws {
    let deep =
      String(repeating: #"{"a":"#, count: 100_000) + "1" + String(repeating: "}", count: 100_000)
    let link = "<a href='https://matrix.to/#/@a:b'>a a</a>"
    let messages = try Desk.started().hear(
      Desk.event("$1", "m.room.message", content: deep),
      Desk.text("$2", String(repeating: "@", count: 65_000)),
      Desk.text("$3", "a\u{0}b\u{202E}c 👩‍👩‍👧"),
      Desk.event(
        "$4", "m.room.message",
        content: #"{"msgtype":"m.text","body":"\#(String(repeating: "a ", count: 20_000))","#
          + #""formatted_body":"\#(String(repeating: link, count: 500))"}"#
      ))
    #expect(messages.count == 4)
    #expect(messages[2].line == "ana: a\u{0}b\u{202E}c 👩‍👩‍👧")
  }

  @Test func `answers that are errors say what to do`() throws {
    func failure(
      _ desk: MatrixDesk, _ json: String, _ status: Int, _ headers: [String: String] = [:]
    )
      -> PollFailure?
    {
      do {
        try desk.take(json, status: status, headers: headers)
        return nil
      } catch { return error as? PollFailure }
    }
    let desk = try Desk.started()
    let before = desk.cursor
    let unknown = #"{"errcode":"M_UNKNOWN_TOKEN","error":"x"}"#
    let soft = #"{"errcode":"M_UNKNOWN_TOKEN","soft_logout":true}"#
    guard case .refused(let words)? = failure(desk, unknown, 401) else {
      Issue.record("no refusal")
      return
    }
    #expect(words.contains("token_file"))
    #expect(failure(desk, soft, 401) == .tokenExpired("matrix: status 401 (M_UNKNOWN_TOKEN)"))
    let limited = #"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}"#
    #expect(
      failure(desk, limited, 429)
        == .retry(afterSeconds: 2.5, "matrix: status 429 (M_LIMIT_EXCEEDED)"))
    #expect(
      failure(desk, limited, 429, ["retry-after": "7"])
        == .retry(afterSeconds: 7, "matrix: status 429 (M_LIMIT_EXCEEDED)"))
    #expect(desk.cursor == before)
    let byPassword = Desk(password: "canary")
    try byPassword.start()
    #expect(
      failure(byPassword, unknown, 401) == .tokenExpired("matrix: status 401 (M_UNKNOWN_TOKEN)"))
  }
}
