import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = GoogleDesk

@Suite struct `Google Chat, writing` {
  private static let room = Target.room(Room(account: "googlechat", id: "AAAA"))
  private static let direct = Target.direct(Identity(account: "googlechat", user: Desk.ana))

  private func request(
    _ post: Post, to target: Target = room, _ progress: Platforms.Progress? = nil
  ) -> HTTPRequest {
    Desk.google.request(
      for: post, to: target, key: "cAbC.7", progress: progress, with: Desk.credential)
  }

  private func delivery(
    _ response: HTTPResponse, _ progress: Platforms.Progress? = nil
  ) -> Delivery {
    Desk.google.delivery(of: response, progress: progress)
  }

  @Test func `a post carries its key twice, and stands beneath what it answers`() throws {
    let sent = request(Post(text: "hi", inReplyTo: "AAAA/T1.M1/T1"))
    let parts = try #require(URLComponents(string: sent.url))
    #expect(parts.path == "/v1/spaces/AAAA/messages" && sent.method == .post)
    let query = Dictionary(
      (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
    #expect(query["messageReplyOption"] == "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD")
    #expect(query["messageId"]?.wholeMatch(of: /client-[0-9a-f]{32}/) != nil)
    #expect(UUID(uuidString: query["requestId"] ?? "") != nil)
    #expect(
      sent.body.flatMap { JSON($0) } == [
        "text": "hi", "thread": ["name": "spaces/AAAA/threads/T1"],
      ])
    // The same for each copy, another for another post.
    #expect(request(Post(text: "hi", inReplyTo: "AAAA/T1.M1/T1")) == sent)
    let other = Desk.google.request(
      for: Post(text: "hi"), to: Self.room, key: "cabc.7", progress: nil, with: Desk.credential)
    #expect(other.url != request(Post(text: "hi")).url)
    #expect(
      delivery(Desk.response(Desk.message("T1.M2", "hi", minute: 1)))
        == .sent(id: "AAAA/T1.M2/T1"))
  }

  @Test func `threads of other spaces are none`() {
    for post in [
      Post(text: "x"), Post(text: "x", inReplyTo: "BBBB/T1.M1/T1"),
      Post(text: "x", thread: "BBBB/T1.M1/T1"), Post(text: "x", inReplyTo: "../x"),
    ] {
      #expect(!request(post).url.contains("messageReplyOption"))
    }
    let under = request(Post(text: "x", thread: "AAAA/T2.M1/T2"))
    #expect(under.body.flatMap { JSON($0) }?["thread"]["name"] == "spaces/AAAA/threads/T2")
    let plain = request(Post(text: "x", thread: "T3"))
    #expect(plain.body.flatMap { JSON($0) }?["thread"]["name"] == "spaces/AAAA/threads/T3")
  }

  @Test func `to one person alone: in their chat, or where nobody else sees it`() {
    let look = request(Post(text: "psst"), to: Self.direct)
    #expect(look.method == .get && look.url.hasSuffix("spaces:findDirectMessage?name=users%2F101"))
    guard case .next(let way) = delivery(Desk.response(["name": "spaces/DM1"])) else {
      Issue.record("no next step")
      return
    }
    #expect(request(Post(text: "psst"), to: Self.direct, way).url.contains("/spaces/DM1/messages?"))
    if case .refused = delivery(Desk.error("NOT_FOUND", 404)) {} else { Issue.record("goes on") }
    let post = Post(
      text: "psst", seenBy: Identity(account: "googlechat", user: Desk.ben))
    #expect(
      request(post).body.flatMap { JSON($0) }?["privateMessageViewer"] == ["name": "users/102"])
    let elsewhere = Post(text: "psst", seenBy: Identity(account: "slack", user: "102"))
    #expect(request(elsewhere).body.flatMap { JSON($0) }?.object?.count == 1)
  }

  @Test func `what is there already is looked up by our own name for it`() {
    guard case .next(let way) = delivery(Desk.error("ALREADY_EXISTS", 409)) else {
      Issue.record("no next step")
      return
    }
    let look = request(Post(text: "x"), to: Self.room, way)
    #expect(look.method == .get && look.url.contains("/spaces/AAAA/messages/client-"))
    #expect(
      delivery(Desk.response(Desk.message("T1.M2", "x", minute: 1)), way)
        == .sent(id: "AAAA/T1.M2/T1"))
    // It was there, and somebody has deleted it.
    #expect(delivery(Desk.error("NOT_FOUND", 404), way) == .sent(id: ""))
  }

  @Test func `what became of a post`() {
    #expect(delivery(Desk.error("UNAUTHENTICATED", 401)) == .tokenExpired)
    #expect(delivery(Desk.error("RESOURCE_EXHAUSTED", 429)) == .retry(afterSeconds: nil))
    #expect(delivery(HTTPResponse(status: 429)) == .retry(afterSeconds: nil))
    #expect(delivery(Desk.error("UNAVAILABLE", 503)) == .unknown)
    #expect(delivery(HTTPResponse(status: 502)) == .unknown)
    #expect(delivery(Desk.response(["name": "x"])) == .unknown)
    guard case .refused(let why) = delivery(Desk.error("PERMISSION_DENIED", 403)) else {
      Issue.record("not refused")
      return
    }
    #expect(why.contains("in the space"))
  }

  @Test func `what is too long for an older limit goes shorter`() {
    let long = Post(text: Markup(String(repeating: "王", count: 9000)), thread: "T1")
    let first = request(long)
    #expect((first.body?.count ?? 0) > 20_000 && (first.body?.count ?? 0) <= 32_000)
    guard case .next(let way) = delivery(Desk.error("INVALID_ARGUMENT", 400)) else {
      Issue.record("no next step")
      return
    }
    let text = request(long, to: Self.room, way).body.flatMap { JSON($0) }?["text"].string
    #expect(text?.count ?? 0 <= 4096 && text?.hasSuffix("…") == true)
    if case .refused = delivery(Desk.error("INVALID_ARGUMENT", 400), way) {
    } else {
      Issue.record("tried for ever")
    }
  }

  @Test func `an edit replaces the words alone`() {
    let sent = request(Post(kind: .edit(of: "AAAA/T1.M2/T1"), text: "new"))
    #expect(sent.method == .patch && sent.url.hasSuffix("/AAAA/messages/T1.M2?updateMask=text"))
    #expect(sent.body.flatMap { JSON($0) } == ["text": "new"])
  }

  @Test func `its markup is ours alone`() throws {
    let ana = Identity(account: "googlechat", user: Desk.ana)
    let text = Markup([
      .person(name: "Ana", identities: [ana], pings: true), .text(" *x* <users/all>\n- y"),
      .lineBreak, .strong("z"), .text(" "), .command("task add <users/1>"),
    ])
    let said = request(Post(text: text)).body.flatMap { JSON($0) }?["text"].string
    let nothing = "\u{200B}"
    #expect(
      said
        == "<users/101> *\(nothing)x*\(nothing) <\(nothing)users/all>\n-\(nothing) y\n"
        + "*z* `/task add <\(nothing)users/1>`")
  }
}
