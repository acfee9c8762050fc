import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = MattermostDesk

@Suite struct `Mattermost, writing` {
  private static let room = Target.room(Room(account: "mm", id: Desk.room))
  private static let direct = Target.direct(Identity(account: "mm", user: Desk.ana))

  private func request(
    _ post: Post, to target: Target = room, _ progress: Platforms.Progress? = nil
  ) -> HTTPRequest {
    Desk.mattermost.request(
      for: post, to: target, key: "ci1.7", progress: progress, with: Desk.credential)
  }

  private func body(_ request: HTTPRequest) -> JSON { JSON(request.body ?? Data()) ?? .null }
  private func said(_ text: Markup) -> String {
    body(request(Post(text: text)))["message"].string ?? ""
  }

  private func delivery(_ json: JSON, status: Int = 200, _ progress: Platforms.Progress? = nil)
    -> Delivery
  {
    Desk.mattermost.delivery(
      of: HTTPResponse(status: status, body: json.data), progress: progress)
  }

  @Test func `a post carries the key twice and its thread`() {
    let sent = request(Post(text: "hi", inReplyTo: Desk.id("x"), thread: Desk.id("head")))
    #expect(sent.method == .post && sent.url == "https://chat.example.org/api/v4/posts")
    #expect(
      body(sent) == [
        "channel_id": .string(Desk.room), "message": "hi", "pending_post_id": "ci1.7",
        "props": ["crewbell_id": "ci1.7"], "root_id": .string(Desk.id("head")),
      ])
    #expect(!sent.isRepeatable)
    #expect(
      delivery(Desk.post("p", "hi", by: "bell", at: 1), status: 201) == .sent(id: Desk.id("p")))
  }

  @Test func `a direct post asks who we are, opens the channel, then sends`() throws {
    let first = request(Post(text: "psst"), to: Self.direct)
    #expect(first.url.hasSuffix("/users/me") && first.isRepeatable)
    guard case .next(let me) = delivery(["id": .string(Desk.bell), "username": "crewbell"]) else {
      Issue.record("no next step")
      return
    }
    let second = request(Post(text: "psst"), to: Self.direct, me)
    #expect(second.url.hasSuffix("/channels/direct") && second.isRepeatable)
    #expect(body(second) == [.string(Desk.bell), .string(Desk.ana)])
    let opened = delivery(["id": .string(Desk.id("dm")), "type": "D"], status: 201, me)
    guard case .next(let channel) = opened else {
      Issue.record("no next step")
      return
    }
    let third = request(Post(text: "psst"), to: Self.direct, channel)
    #expect(third.url.hasSuffix("/posts") && body(third)["channel_id"].string == Desk.id("dm"))
  }

  @Test func `who is pinged is asked for by id and written by name`() {
    let ana = Identity(account: "mm", user: Desk.ana)
    let post = Post(
      text: Markup([.person(name: "Ana @all", identities: [ana], pings: true), .text(": yours")]))
    #expect(request(post).url.hasSuffix("/users/ids"))
    guard case .next(let names) = delivery([Desk.user("ana")]) else {
      Issue.record("no next step")
      return
    }
    #expect(body(request(post, names))["message"].string == "@ana\u{200B}: yours")
    guard case .next(let nobody) = delivery([]) else {
      Issue.record("no next step")
      return
    }
    #expect(body(request(post, nobody))["message"].string == "Ana @\u{200B}all: yours")
  }

  @Test func `an edit and a reaction may be sent twice`() {
    let edit = request(Post(kind: .edit(of: Desk.id("p")), text: "new"))
    #expect(edit.method == .put && edit.url.hasSuffix("/posts/\(Desk.id("p"))/patch"))
    #expect(edit.isRepeatable)
    let react = Post(kind: .reaction("✅", on: Desk.id("p")), text: "done")
    #expect(request(react).url.hasSuffix("/users/me"))
    guard case .next(let me) = delivery(["id": .string(Desk.bell), "username": "crewbell"]) else {
      Issue.record("no next step")
      return
    }
    let sent = request(react, me)
    #expect(sent.isRepeatable && sent.url.hasSuffix("/reactions"))
    #expect(
      body(sent) == [
        "user_id": .string(Desk.bell), "post_id": .string(Desk.id("p")),
        "emoji_name": "white_check_mark",
      ])
    #expect(
      delivery(["post_id": "p", "user_id": "u", "emoji_name": "x"], status: 201) == .sent(id: ""))
  }

  @Test func `refusals are certain, trouble of the server is not`() {
    func error(_ status: Int, _ id: String) -> Delivery {
      delivery(["id": .string(id), "status_code": .integer(Int64(status))], status: status)
    }
    for (status, id) in [
      (400, "model.post.is_valid.message_length.app_error"),
      (403, "api.context.permissions.app_error"), (404, "app.channel.get.existing.app_error"),
      (501, "api.x.app_error"), (413, ""),
    ] {
      guard case .refused = error(status, id) else {
        Issue.record("\(status)")
        continue
      }
    }
    // The same post is on its way elsewhere in the server, or nothing is known.
    for (status, id) in [
      (500, "api.post.deduplicate_create_post.pending"), (502, ""), (503, ""), (504, ""),
      (408, ""),
    ] {
      #expect(error(status, id) == .unknown, "\(status)")
    }
    // A proxy said it.
    #expect(delivery("no", status: 403) == .retry(afterSeconds: nil))
    #expect(error(401, "api.context.session_expired.app_error") == .retry(afterSeconds: nil))
  }

  @Test func `where the thread has no head, it is said in the channel`() {
    let refused = delivery(["id": "api.post.create_post.root_id.app_error"], status: 400)
    guard case .next(let flat) = refused else {
      Issue.record("no next step")
      return
    }
    let post = Post(text: "hi", thread: Desk.id("reply"))
    #expect(body(request(post, flat))["root_id"] == .null)
    let again = delivery(["id": "api.post.create_post.root_id.app_error"], status: 400, flat)
    guard case .refused = again else {
      Issue.record("asked without end")
      return
    }
  }

  // MARK: - Looking for a post of unknown fate

  private func lookup(_ step: Platforms.Progress?, to target: Target = room) -> HTTPRequest? {
    Desk.mattermost.lookup(
      for: Post(text: "hi"), to: target, key: "ci1.7", sending: nil,
      since: Instant(milliseconds: Desk.start), step: step, with: Desk.credential)
  }

  private func finding(_ json: JSON, _ step: Platforms.Progress?, status: Int = 200) -> Finding {
    Desk.mattermost.finding(
      in: HTTPResponse(status: status, body: json.data), for: Post(text: "hi"), key: "ci1.7",
      step: step)
  }

  private func knowing() throws -> Platforms.Progress {
    guard case .next(let me) = finding(["id": .string(Desk.bell), "username": "crewbell"], nil)
    else { throw PollFailure.refused("no step") }
    return me
  }

  @Test func `our own post with our key is found, a copy of the key by others is not`() throws {
    let me = try knowing()
    let request = try #require(lookup(me))
    #expect(request.url.hasSuffix("\(Desk.room)/posts?since=\(Desk.start - 600_000)"))
    func post(_ name: String, by user: String, key: String) -> JSON {
      Desk.post(name, "hi", by: user, at: 1, props: ["crewbell_id": .string(key)])
    }
    let own = post("own", by: "bell", key: "ci1.7")
    let other = [post("a", by: "ana", key: "ci1.7"), post("b", by: "bell", key: "ci1.8")]
    #expect(finding(Desk.page(other + [own]), me) == .found(id: Desk.id("own")))
    guard case .next(let second) = finding(Desk.page(other), me) else {
      Issue.record("one look is not enough")
      return
    }
    #expect(lookup(second)?.url.hasSuffix("posts?page=0&per_page=60") == true)
    #expect(finding(Desk.page(other), second) == .absent)
    #expect(finding(Desk.page([own]), second) == .found(id: Desk.id("own")))
  }

  @Test func `a direct post is looked for in the direct channel`() throws {
    let me = try knowing()
    #expect(lookup(me, to: Self.direct)?.url.hasSuffix("/channels/direct") == true)
    guard case .next(let step) = finding(["id": .string(Desk.id("dm")), "type": "D"], me) else {
      Issue.record("no step")
      return
    }
    #expect(lookup(step, to: Self.direct)?.url.contains("\(Desk.id("dm"))/posts?since=") == true)
  }

  @Test func `what tells nothing is no finding`() throws {
    let me = try knowing()
    #expect(finding("<html>", me) == .unknown && finding(["order": 1], me) == .unknown)
    #expect(finding(["id": "api.x"], me, status: 500) == .unknown)
    let thousand = (0..<1000).map { Desk.post("p\($0)x", "x", by: "bell", at: Int64($0)) }
    #expect(finding(Desk.page(thousand), me) == .unknown)
  }

  // MARK: - Text

  @Test(arguments: [
    ("@channel @all @ana", "@\u{200B}channel @\u{200B}all @\u{200B}ana"),
    ("![x](http://169.254.169.254/a.png)", "!\\[x\\](http://169.254.169.254/a.png)"),
    ("[a](javascript:alert(1))", "\\[a\\](javascript:alert(1))"),
    ("~town-square", "\u{200B}~\u{200B}town-square"),
    ("*b* _i_ ~~s~~ `c`", "\u{200B}\\*b\\* \\_i\\_ ~\u{200B}~\u{200B}s~\u{200B}~\u{200B} \\`c\\`"),
    ("a <b>&lt;", "a <\u{200B}b>&\u{200B}lt;"), ("\\*", "\\\\\\*"),
    (
      "x\n# h\n> q\n- l\n1. n\n    code\n===",
      "x\n\u{200B}#\u{200B} h\n\u{200B}> q\n\u{200B}- l\n"
        + "\u{200B}1. n\n\u{200B}    code\n\u{200B}==="
    ),
    ("x $$\\a$$", "x $\u{200B}$\u{200B}\\\\a$\u{200B}$\u{200B}"),
    ("a|b\n--|--", "a\\|b\n\u{200B}--\\|--"),
    ("see https://x.example/a_b?c=~d.", "see https://x.example/a%5Fb?c=%7Ed."),
    ("https://x.example/@all", "https://x.example/@\u{200B}all"),
    ("e\u{301}\0!", "e\u{301}!"),
  ])
  func `what people write is only words`(_ text: String, _ expected: String) {
    #expect(said(Markup(text)) == expected)
  }

  @Test func `our own marks stand`() {
    let markup = Markup([
      .strong("Due *now*"), .lineBreak, .command("task done 3"), .lineBreak,
      .table("a  1\n``` @all"), .lineBreak, .text("# end"),
      .person(name: "Ana", identities: [], pings: true),
    ])
    #expect(
      said(markup)
        == "**\u{200B}Due \\*now\\*\u{200B}**\n`!task done 3`\n"
        + "```\na  1\n`\u{200B}`\u{200B}`\u{200B} @\u{200B}all\n```\n\u{200B}#\u{200B} endAna")
    #expect(said(Markup([.command("task `x` @all")])) == "`` !task `x` @all ``")
    #expect(
      said(Markup([.text("a"), .strong(" spaced ")])) == "a**\u{200B}\u{200B} spaced \u{200B}**")
    #expect(
      said(Markup([.strong("one\n\ntwo")])) == "**\u{200B}one\u{200B}**\n\n**\u{200B}two\u{200B}**")
    #expect(said(Markup([.strong("a"), .strong("b")])).contains("**\u{200B}**\u{200B}b"))
  }

  @Test func `the longest post has 16383 code points and ends between lines`() {
    let line = String(repeating: "👩‍👩‍👧", count: 20)
    let whole = Markup.lines((0..<200).map { Markup("\($0) " + line) })
    let text = said(whole)
    #expect(text.unicodeScalars.count <= 16_383 && text.unicodeScalars.count > 16_000)
    #expect(
      text.hasSuffix("\n…") && text.split(separator: "\n").dropLast().last?.hasSuffix(line) == true)
    let stars = said(Markup(String(repeating: "*", count: 20_000)))
    #expect(stars.unicodeScalars.count <= 16_383)
    let short = said(Markup(String(repeating: "a", count: 16_383)))
    #expect(short.count == 16_383 && !short.hasSuffix("…"))
  }
}
