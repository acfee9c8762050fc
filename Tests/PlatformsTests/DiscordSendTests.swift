import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = DiscordDesk

@Suite struct `Discord, writing` {
  private static let room = Target.room(Room(account: "discord", id: "51"))
  private static let direct = Target.direct(Identity(account: "discord", user: Desk.ana))

  private func request(
    _ post: Post, to target: Target = room, _ progress: Platforms.Progress? = nil
  ) -> HTTPRequest {
    Desk.discord.request(
      for: post, to: target, key: "cabcdefghij.7", progress: progress, with: Desk.credential)
  }

  private func body(_ request: HTTPRequest) -> JSON { JSON(request.body ?? Data()) ?? .null }

  private func delivery(
    _ json: JSON, status: Int = 200, _ progress: Platforms.Progress? = nil
  ) -> Delivery {
    Desk.discord.delivery(of: HTTPResponse(status: status, body: json.data), progress: progress)
  }

  @Test func `a post carries its key once, and rings for nobody who is not meant`() {
    let sent = request(Post(text: "hi", inReplyTo: "51:99"))
    #expect(sent.url == "https://discord.com/api/v10/channels/51/messages" && !sent.isRepeatable)
    #expect(
      body(sent) == [
        "content": "hi", "nonce": "cabcdefghij.7", "enforce_nonce": true, "flags": 4,
        "allowed_mentions": ["parse": [], "users": [], "replied_user": false],
        "message_reference": ["message_id": "99", "fail_if_not_exists": false],
      ])
    #expect(delivery(Desk.message(1, "hi", by: Desk.bell)) == .sent(id: "51:" + Desk.id(1)))
    let silent = body(request(Post(text: "x", inReplyTo: "51:99", thread: "61", isSilent: true)))
    #expect(silent["flags"] == 4100 && silent["message_reference"] == .null)
    #expect(request(Post(text: "x", thread: "61")).url.hasSuffix("channels/61/messages"))
  }

  @Test func `every call that shows words says whom it rings for`() {
    let ana = Identity(account: "discord", user: Desk.ana)
    let text = Markup([
      .person(name: "Ana", identities: [ana], pings: true), .text(" <@2002> @everyone"),
      .person(name: "Ben", identities: [Identity(account: "discord", user: "2002")], pings: false),
    ])
    for kind in [Post.Kind.message, .edit(of: "51:9")] {
      let sent = body(request(Post(kind: kind, text: text)))
      #expect(
        sent["allowed_mentions"] == ["parse": [], "users": ["2001"], "replied_user": false])
      #expect(sent["content"].string?.hasPrefix("<@2001> <\u{200B}@2002> @\u{200B}every") == true)
    }
  }

  @Test(arguments: [
    ("see https://x.example/a_b?c=1.", "see <https://x.example/a_b?c=1>."),
    ("https://x.example/@ana", "<https://x.example/@ana>"),
    ("https://x.example/@everyone", "<https://x.example/>@\u{200B}everyone"),
    ("https://x.example/@", "<https://x.example/>@\u{200B}"),
    ("https://", "https\\:\u{200B}//"), ("a://b", "a\\:\u{200B}//b"),
    ("12:30 :tada:", "\u{200B}12:30 \\:tada\\:"),
  ])
  func `an address stays one, and what looks like a mark does not`(
    _ words: String, _ expected: String
  ) {
    #expect(body(request(Post(text: Markup(words))))["content"].string == expected)
  }

  @Test func `a key that is longer than a nonce keeps its end`() {
    let key = "c0123456789." + String(repeating: "7", count: 20)
    let sent = Desk.discord.request(
      for: Post(text: "x"), to: Self.room, key: key, progress: nil, with: Desk.credential)
    #expect(body(sent)["nonce"].string == String(key.suffix(25)))
  }

  @Test func `a direct post opens its channel first`() {
    let first = request(Post(text: "psst"), to: Self.direct)
    #expect(first.url.hasSuffix("users/@me/channels") && first.isRepeatable)
    #expect(body(first) == ["recipient_id": "2001"])
    guard case .next(let way) = delivery(["id": "71", "type": 1]) else {
      Issue.record("no next step")
      return
    }
    let second = request(Post(text: "psst"), to: Self.direct, way)
    #expect(second.url.hasSuffix("channels/71/messages"))
  }

  @Test func `an edit and a reaction name their message and may be sent twice`() {
    let edit = request(Post(kind: .edit(of: "61:9"), text: "new"))
    #expect(edit.isRepeatable && edit.method == .patch)
    #expect(edit.url.hasSuffix("channels/61/messages/9"))
    let react = request(Post(kind: .reaction("✅", on: "61:9"), text: "done"))
    #expect(react.isRepeatable && react.method == .put && react.body == nil)
    #expect(react.url.hasSuffix("channels/61/messages/9/reactions/%E2%9C%85/@me"))
    let headers = ["x-ratelimit-bucket": "b"]
    #expect(
      Desk.discord.delivery(of: HTTPResponse(status: 204, headers: headers), progress: nil)
        == .sent(id: ""))
    // A hotel's 204 is none of Discord's.
    #expect(Desk.discord.delivery(of: HTTPResponse(status: 204), progress: nil) == .unknown)
  }

  @Test func `refusals are certain, trouble of the server is not`() {
    for (status, code) in [(403, 50_001), (403, 50_007), (400, 50_006), (404, 10_008)] {
      guard
        case .refused = delivery(["message": "x", "code": .integer(Int64(code))], status: status)
      else {
        Issue.record("\(code)")
        continue
      }
    }
    for status in [408, 500, 502, 503, 504] { #expect(delivery("x", status: status) == .unknown) }
    #expect(
      delivery(["message": "x", "retry_after": .double(2.5), "global": false], status: 429)
        == .retry(afterSeconds: 2.5))
    #expect(delivery(["message": "x", "code": 0], status: 401) == .retry(afterSeconds: 900))
    #expect(delivery("<html>", status: 400) == .retry(afterSeconds: nil))
  }

  @Test func `where a thread is closed or a reply is not allowed it is said in the open`() {
    let post = Post(text: "x", inReplyTo: "61:9", thread: "61")
    guard case .next(let open) = delivery(["message": "x", "code": 50083], status: 400),
      case .next(let plain) = delivery(["message": "x", "code": 160002], status: 400)
    else {
      Issue.record("no next step")
      return
    }
    #expect(request(post, to: Self.room, open).url.hasSuffix("channels/51/messages"))
    #expect(body(request(post, to: Self.room, plain))["message_reference"] == .null)
    guard case .refused = delivery(["message": "x", "code": 10003], status: 404, open) else {
      Issue.record("goes round for ever")
      return
    }
  }

  private func find(
    _ json: JSON, _ post: Post, _ step: Platforms.Progress?
  ) -> Finding {
    Desk.discord.finding(
      in: HTTPResponse(status: 200, body: json.data), for: post, key: "k",
      since: Instant(milliseconds: Desk.start), step: step)
  }

  @Test func `our own words that answer the same message are found, a copy by others is not`()
    throws
  {
    let post = Post(text: "✓ *done*", inReplyTo: "51:9")
    guard case .next(let me) = find(Desk.user(Desk.bell), post, nil) else {
      Issue.record("no step")
      return
    }
    let look = try #require(
      Desk.discord.lookup(
        for: post, to: Self.room, key: "k", sending: nil, since: Instant(milliseconds: Desk.start),
        step: me, with: Desk.credential))
    #expect(look.url.hasSuffix("channels/51/messages?after=\(Desk.id(-60_000))&limit=100"))
    let words = body(request(post))["content"].string ?? ""
    func own(_ at: Int64, _ text: String, answering id: String?) -> JSON {
      let reference: JSON = id.map { ["message_id": .string($0)] } ?? .null
      return Desk.message(at, text, by: Desk.bell, ["message_reference": reference])
    }
    #expect(find([Desk.message(1, words)], post, me) == .absent)
    #expect(find([own(1, words, answering: "8")], post, me) == .absent)
    #expect(find([own(1, "✓ else", answering: "9")], post, me) == .absent)
    #expect(find([own(1, words, answering: "9")], post, me) == .found(id: "51:" + Desk.id(1)))
    let page = (0..<100).map { Desk.message(Int64($0), "x") }
    guard case .next(let more) = find(.array(page), post, me) else {
      Issue.record("not all pages are looked at")
      return
    }
    let next = Desk.discord.lookup(
      for: post, to: Self.room, key: "k", sending: nil, since: Instant(milliseconds: Desk.start),
      step: more, with: Desk.credential)
    #expect(next?.url.contains("after=\(Desk.id(99))&") == true)
    #expect(find(["message": "x", "code": 0], post, me) == .unknown)
  }

  @Test func `the longest post has 2000 units and no half character`() {
    let text = String(repeating: "*👩‍👩‍👧_", count: 1000)
    let said = body(request(Post(text: Markup(text))))["content"].string ?? ""
    #expect(said.utf16.count <= 2000 && said.utf16.count > 1950 && said.hasSuffix("\n…"))
    #expect(!said.dropLast(2).hasSuffix("\\"))
  }
}
