import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = RocketChatDesk

@Suite struct `Rocket.Chat, writing` {
  private static let room = Target.room(Room(account: "rc", id: "room1"))
  private static let direct = Target.direct(Identity(account: "rc", user: "ana1"))

  private func request(
    _ post: Post, to target: Target = room, _ progress: Platforms.Progress? = nil,
    key: String = "ci1.7", with credential: Credential = Desk.credential
  ) -> HTTPRequest {
    Desk.rocketchat.request(
      for: post, to: target, key: key, progress: progress, with: credential)
  }

  private func body(_ request: HTTPRequest) -> JSON { JSON(request.body ?? Data()) ?? .null }
  private func said(_ text: Markup) -> String {
    body(request(Post(text: text)))["message"]["msg"].string ?? ""
  }

  private func delivery(
    _ json: JSON, status: Int = 200, _ progress: Platforms.Progress? = nil
  ) -> Delivery {
    Desk.rocketchat.delivery(
      of: HTTPResponse(status: status, body: json.data), progress: progress)
  }

  private func next(
    _ json: JSON, status: Int = 200, _ progress: Platforms.Progress? = nil
  ) throws -> Platforms.Progress {
    let delivery = delivery(json, status: status, progress)
    guard case .next(let next) = delivery else { throw PollFailure.refused("\(delivery)") }
    return next
  }

  private static let stored: JSON = [
    "success": true, "message": Desk.post("m1", "hi", by: "bell", at: 1),
  ]

  @Test func `a post carries an id of our own and its thread, and shows no pages`() {
    let sent = request(Post(text: "hi", inReplyTo: "x", thread: "head"))
    #expect(sent.url == "https://chat.example.org/api/v1/chat.sendMessage" && sent.isRepeatable)
    let id = body(sent)["message"]["_id"].string ?? ""
    #expect(RocketChat.isUser(id) && id.count == 28)
    #expect(
      body(sent) == [
        "message": ["_id": .string(id), "rid": "room1", "msg": "hi", "tmid": "head"],
        "previewUrls": [],
      ])
    #expect(delivery(Self.stored) == .sent(id: "m1"))
  }

  /// Whoever wrote a message of that id first would keep the bot from saying its own.
  @Test func `the id is the same for the same key, and nobody foresees it`() {
    func id(_ key: String, _ token: String) -> String? {
      body(request(Post(text: "hi"), key: key, with: Credential(token: token)))["message"]["_id"]
        .string
    }
    #expect(id("ci1.7", "a") == id("ci1.7", "a"))
    #expect(id("ci1.7", "a") != id("ci1.8", "a"))
    #expect(id("ci1.7", "a") != id("ci1.7", "b"))
  }

  /// What is stored already is answered by a stumble, so it is looked for.
  @Test(arguments: [
    (400, #"{"success":false,"error":"Cannot read properties of undefined (reading 'starred')"}"#),
    (400, #"{"success":false,"error":"E11000 duplicate key error collection"}"#),
    (200, #"{"success":true}"#), (400, #"{"success":false}"#),
  ])
  func `a post that is there already is found by its id`(status: Int, answer: String) throws {
    let step = try next(JSON(text: answer) ?? .null, status: status)
    let look = request(Post(text: "hi"), Self.room, step)
    let id = body(request(Post(text: "hi")))["message"]["_id"].string ?? ""
    #expect(look.method == .get && look.url.hasSuffix("chat.getMessage?msgId=\(id)"))
    #expect(delivery(Self.stored, step) == .sent(id: "m1"))
    // Neither there nor taken: an app of the server keeps it back.
    guard case .refused = delivery(["success": false], status: 400, step) else {
      Issue.record("asked without end")
      return
    }
    let foreign: JSON = ["success": true, "message": Desk.post("m1", "hi", by: "ana", at: 1)]
    guard case .refused = delivery(foreign, step) else {
      Issue.record("somebody else's message counts as ours")
      return
    }
  }

  @Test func `a direct post learns the name, opens the room, then sends`() throws {
    let post = Post(text: "psst")
    #expect(request(post, to: Self.direct).url.hasSuffix("users.info?userId=ana1"))
    let named = try next(Desk.user("ana"))
    let second = request(post, to: Self.direct, named)
    #expect(second.url.hasSuffix("dm.create") && body(second) == ["username": "ana"])
    let opened = try next(["success": true, "room": ["rid": "dm1", "t": "d"]], named)
    #expect(body(request(post, to: Self.direct, opened))["message"]["rid"] == "dm1")
  }

  @Test func `who is pinged is asked for by id and written by name`() throws {
    let ana = Identity(account: "rc", user: "ana1")
    let post = Post(
      text: Markup([.text("to"), .person(name: "Ana", identities: [ana], pings: true)]))
    #expect(request(post).url.hasSuffix("users.info?userId=ana1"))
    let named = try next(Desk.user("ana"))
    #expect(body(request(post, Self.room, named))["message"]["msg"] == "to @ana\u{200B}")
    let lost = try next(["success": false, "error": "User not found."], status: 400)
    #expect(body(request(post, Self.room, lost))["message"]["msg"] == "toAna")
  }

  private func request(
    _ post: Post, _ target: Target, _ progress: Platforms.Progress
  ) -> HTTPRequest { request(post, to: target, progress) }

  @Test func `an edit and a reaction may be sent twice`() throws {
    let edit = request(Post(kind: .edit(of: "m1"), text: "new"))
    #expect(edit.url.hasSuffix("chat.update"))
    #expect(
      body(edit) == ["roomId": "room1", "msgId": "m1", "text": "new", "previewUrls": []])
    let post = Post(kind: .reaction("✅", on: "m1"), text: "done")
    let react = request(post)
    #expect(react.url.hasSuffix("chat.react"))
    #expect(
      body(react) == ["messageId": "m1", "emoji": "white_check_mark", "shouldReact": true])
    let step = try next(["success": true])
    #expect(request(post, to: Self.room, step) == react)
    #expect(delivery(["success": true], step) == .sent(id: ""))
  }

  @Test func `refusals are certain, trouble of the server is not`() {
    func error(_ status: Int, _ type: String) -> Delivery {
      delivery(["success": false, "errorType": .string(type)], status: status)
    }
    for type in ["error-message-size-exceeded", "error-not-allowed", "error-invalid-room"] {
      guard case .refused(let why) = error(400, type) else {
        Issue.record("\(type)")
        continue
      }
      #expect(why.contains(type))
    }
    guard case .refused = delivery(["success": false, "error": "room_is_archived"], status: 400)
    else {
      Issue.record("an archived room")
      return
    }
    for status in [408, 500, 502, 503, 504] { #expect(error(status, "") == .unknown) }
    #expect(delivery("no", status: 403) == .retry(afterSeconds: nil))
    #expect(error(401, "") == .retry(afterSeconds: nil))
    #expect(error(429, "error-too-many-requests") == .retry(afterSeconds: 10))
  }

  // MARK: - Text

  @Test(arguments: [
    ("@all @here @ana", "\u{200B}@\u{200B}all \u{200B}@\u{200B}here \u{200B}@\u{200B}ana"),
    ("[a](javascript:alert(1))", "[a]\u{200B}(javascript:\u{200B}alert(1))"),
    ("<https://evil.example|x>", "<\u{200B}https://evil.example |\u{200B}x>\u{200B}"),
    ("*b* _i_ ~s~ `c`", "\u{200B}\\*b\\* \\_i\\_ \\~s\\~ \\`c\\`"),
    ("\\* \\(x\\)", "\\\u{200B}\\* \\\u{200B}(x\\\u{200B})"),
    (
      "#general :smile: at 10:30",
      "\u{200B}#\u{200B}general :\u{200B}smile:\u{200B} at 10:\u{200B}30"
    ),
    (
      "- l\n1. n\n> q\n||s||",
      "\u{200B}- l\n\u{200B}1. n\n\u{200B}>\u{200B} q\n"
        + "\u{200B} |\u{200B} |\u{200B}s |\u{200B} |\u{200B}"
    ),
    ("till 10:30pm:", "till 10:\u{200B}30pm:\u{200B}"),
    ("see https://x.example/a_b?c=~d#e.", "see https://x.example/a%5Fb?c=%7Ed#e."),
    ("https://x.example/）and", "https://x.example/ ）and"),
    ("8) (y) +1-2 a;b", "\u{200B}8\u{200B}) (\u{200B}y) +\u{200B}1-2 a;\u{200B}b"),
    ("a\0b\r\nc", "ab\nc"),
  ])
  func `what people write is only words`(_ text: String, _ expected: String) {
    #expect(said(Markup(text)) == expected)
  }

  @Test func `our own marks stand`() {
    let markup = Markup([
      .strong("Due now"), .lineBreak, .strong("a *b*"), .lineBreak, .command("task done `3` @all"),
      .lineBreak, .table("a  1\n``` @all"), .lineBreak, .text("# end"),
      .person(name: "Ana", identities: [], pings: true),
    ])
    #expect(
      said(markup)
        == "*\u{200B}Due now\u{200B}*\na \\*b\\*\n`!task done ˋ3ˋ @\u{200B}all`\n"
        + "```\n\u{200B}a  1\nˋˋˋ @\u{200B}all\n```\n\u{200B}#\u{200B} endAna")
  }

  @Test func `an address ends before what stands beside it`() {
    for (mark, written) in [
      (Markup.Node.command("take 1"), "`!take 1`"), (.strong("now"), "*\u{200B}now\u{200B}*"),
      (.text("” is"), "” is"),
    ] {
      let said = said(Markup([.text("https://x.example/a"), mark]))
      #expect(said == "https://x.example/a " + written)
    }
  }

  /// The text of a link may reach over line ends and into code.
  @Test func `words and code make no link together`() {
    for code: Markup.Node in [
      .command("a](http://evil.example)"), .table("a](http://evil.example)"),
    ] {
      let said = said(Markup([.text("[x "), .lineBreak, code]))
      #expect(said.contains("[x") && !said.contains("]("))
    }
  }

  @Test func `the longest post has 5000 units of a JavaScript string`() {
    let line = String(repeating: "👩‍👩‍👧", count: 10)
    let text = said(Markup.lines((0..<200).map { Markup("\($0) " + line) }))
    #expect(text.utf16.count <= 5000 && text.utf16.count > 4800 && text.hasSuffix("\n…"))
    #expect(said(Markup(String(repeating: "*", count: 9000))).utf16.count <= 5000)
    #expect(said(Markup(String(repeating: "a", count: 5000))).count == 5000)
  }
}
