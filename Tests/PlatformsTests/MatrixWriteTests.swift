import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = MatrixDesk

@Suite struct `Matrix posts` {
  private let matrix = Desk().matrix
  private let team = Target.room(Room(account: "matrix", id: "!r:hs.example"))
  private let ben = Identity(account: "matrix", user: "@ben:hs.example")

  private func request(_ post: Post, to target: Target? = nil, progress: Platforms.Progress? = nil)
    -> HTTPRequest
  {
    matrix.request(
      for: post, to: target ?? team, key: "k-1", progress: progress, with: Desk.credential)
  }

  private func content(_ post: Post) -> JSON {
    request(post).json
  }

  private func delivery(_ status: Int, _ json: String, _ headers: [String: String] = [:])
    -> Delivery
  {
    matrix.delivery(
      of: HTTPResponse(status: status, headers: headers, body: Data(json.utf8)), progress: nil)
  }

  @Test func `a message is a notice under our own key`() throws {
    let request = request(Post(text: "Hello"))
    #expect(request.method == .put)
    #expect(
      request.url == "https://hs.example/_matrix/client/v3/rooms/%21r%3Ahs.example/send/"
        + "m.room.message/k-1")
    #expect(
      content(Post(text: "Hello")) == [
        "msgtype": "m.notice", "body": "Hello", "format": "org.matrix.custom.html",
        "formatted_body": "Hello", "m.mentions": [:],
      ])
  }

  @Test(arguments: [
    ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
    (
      #"<a href="https://matrix.to/#/@admin:hs">Ann</a>"#,
      "&lt;a href=&quot;https://matrix.to/#/@admin:hs&quot;&gt;Ann&lt;/a&gt;"
    ),
    ("@room & all", "@room &amp; all"), ("*a* _b_ `c` [d](e)", "*a* _b_ `c` [d](e)"),
  ])
  func `text is only ever text`(words: String, html: String) throws {
    let content = content(Post(text: Markup(words)))
    #expect(content["body"] == .string(words))
    #expect(content["formatted_body"] == .string(html))
    #expect(content["m.mentions"] == [:])
  }

  @Test func `the tree becomes HTML`() throws {
    let text = Markup([
      .strong("Open & due"), .lineBreak, .table("a  1\n<b> 2"), .lineBreak, .text("Say "),
      .command("done 3"),
    ])
    let content = content(Post(text: text))
    #expect(
      content["formatted_body"]
        == .string(
          "<strong>Open &amp; due</strong><pre><code>a  1\n&lt;b&gt; 2</code></pre>"
            + "Say <code>!done 3</code>")
    )
    #expect(content["body"] == "Open & due\na  1\n<b> 2\nSay !done 3")
  }

  @Test func `only a person who is spoken to is pinged, and by id`() throws {
    let elsewhere = Identity(account: "telegram", user: "4711")
    let text = Markup([
      .person(name: "Ben <b>", identities: [elsewhere, ben], pings: true), .text(" and "),
      .person(name: "Ana", identities: [Identity(account: "matrix", user: "@a:h")], pings: false),
      .person(name: "Cleo", identities: [elsewhere], pings: true),
    ])
    let content = content(Post(text: text))
    #expect(content["m.mentions"] == ["user_ids": ["@ben:hs.example"]])
    #expect(
      content["formatted_body"]
        == #"<a href="https://matrix.to/#/%40ben%3Ahs.example">Ben &lt;b&gt;</a> and AnaCleo"#)
    #expect(content["body"] == "Ben <b> and AnaCleo")
  }

  @Test func `threads, replies, edits and reactions`() throws {
    let reply = content(Post(text: "a", inReplyTo: "$q"))
    #expect(reply["m.relates_to"] == ["m.in_reply_to": ["event_id": "$q"]])
    let thread = content(Post(text: "a", thread: "$r"))
    #expect(
      thread["m.relates_to"] == [
        "rel_type": "m.thread", "event_id": "$r", "is_falling_back": true,
        "m.in_reply_to": ["event_id": "$r"],
      ])
    let both = content(Post(text: "a", inReplyTo: "$q", thread: "$r"))
    #expect(both["m.relates_to"]["is_falling_back"] == false)
    let edit = content(Post(kind: .edit(of: "$o"), text: "new"))
    #expect(edit["body"] == "* new" && edit["m.mentions"] == [:])
    #expect(edit["m.new_content"]["body"] == "new")
    #expect(edit["m.relates_to"] == ["rel_type": "m.replace", "event_id": "$o"])
    let reaction = request(Post(kind: .reaction("✅", on: "$o"), text: "ok"))
    #expect(reaction.url.hasSuffix("/send/m.reaction/k-1"))
    #expect(
      reaction.json == [
        "m.relates_to": ["rel_type": "m.annotation", "event_id": "$o", "key": "✅"]
      ])
  }

  @Test func `a long text is cut at a line`() throws {
    let line = Markup("Ana & Ben have “something” <to> do, " + String(repeating: "é", count: 50))
    for post in [
      Post(text: .lines(Array(repeating: line, count: 2000))),
      Post(
        text: Markup([
          .table(Array(repeating: line.plain(prefix: ""), count: 2000).joined(separator: "\n"))
        ])),
    ] {
      let content = content(post)
      let body = try #require(content["body"].string)
      #expect(body.hasSuffix("do, " + String(repeating: "é", count: 50) + "\n…"))
      let size = body.utf8.count + (content["formatted_body"].string?.utf8.count ?? 0)
      #expect(size <= 30_000 && size > 29_000)
    }
    let endless = content(Post(text: Markup(String(repeating: "<", count: 100_000))))
    #expect(endless["body"].string?.hasSuffix("\n…") == true)
    let edit = request(
      Post(kind: .edit(of: "$o"), text: Markup(String(repeating: "x", count: 90_000))))
    #expect(try #require(edit.body).count < 60_000)
  }

  @Test func `what became of it`() {
    #expect(delivery(200, #"{"event_id":"$e"}"#) == .sent(id: "$e"))
    #expect(delivery(400, #"{"errcode":"M_DUPLICATE_ANNOTATION"}"#) == .sent(id: ""))
    #expect(
      delivery(429, #"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1500}"#)
        == .retry(afterSeconds: 1.5))
    #expect(delivery(429, "{}", ["retry-after": "1000000000"]) == .retry(afterSeconds: 3600))
    #expect(delivery(429, "{}", ["retry-after": "-1"]) == .retry(afterSeconds: nil))
    #expect(delivery(429, "{}", ["retry-after": "soon"]) == .retry(afterSeconds: nil))
    #expect(
      delivery(
        429, "{}",
        ["retry-after": "Mon, 23 Nov 2026 09:00:09 GMT", "date": "Mon, 23 Nov 2026 09:00:00 GMT"])
        == .retry(afterSeconds: 9))
    for status in [400, 403, 404, 413] {
      guard case .refused = delivery(status, #"{"errcode":"M_FORBIDDEN"}"#) else {
        Issue.record("\(status)")
        continue
      }
    }
    for status in [200, 408, 500, 502, 504] { #expect(delivery(status, "<html>") == .unknown) }
    #expect(delivery(403, "<html>") == .retry(afterSeconds: nil))
    #expect(delivery(401, #"{"errcode":"M_UNKNOWN_TOKEN"}"#) == .retry(afterSeconds: nil))
  }

  @Test func `login keeps one device and tells what to correct`() throws {
    let desk = Desk(user: "bell", password: Desk.canary)
    let login = try #require(desk.matrix.credentialRequest(now: Instant(seconds: 0)))
    #expect(login.url.hasSuffix("/v3/login") && login.headers["Authorization"] == nil)
    #expect(login.json["device_id"] == "CREWBELL")
    let answer = HTTPResponse(status: 200, body: Data(#"{"access_token":"t"}"#.utf8))
    #expect(
      try desk.matrix.credential(from: answer, now: Instant(seconds: 0)) == Credential(token: "t"))
    let wrong = HTTPResponse(status: 403, body: Data(#"{"errcode":"M_FORBIDDEN"}"#.utf8))
    #expect(throws: PollFailure.self) {
      try desk.matrix.credential(from: wrong, now: Instant(seconds: 0))
    }
    #expect(!"\(desk.matrix) \(desk.matrix.settings)".contains(Desk.canary))
    #expect(Desk().matrix.credentialRequest(now: Instant(seconds: 0)) == nil)
  }
}

@Suite struct `Matrix direct posts` {
  private let matrix = Desk().matrix
  private let me = #"{"user_id":"@bell:hs.example"}"#

  /// Asks and answers step by step; gives the path of each request.
  private func walk(_ answers: [(Int, String)]) -> (paths: [String], last: Delivery?) {
    var progress: Platforms.Progress?
    var paths: [String] = []
    var last: Delivery?
    for (status, json) in answers {
      let request = matrix.request(
        for: Post(text: "psst"), to: .direct(Identity(account: "matrix", user: "@ben:hs.example")),
        key: "k", progress: progress, with: Desk.credential)
      let path = request.url.replacingOccurrences(
        of: "https://hs.example/_matrix/client/v3", with: "")
      paths.append("\(request.method.rawValue) " + (path.removingPercentEncoding ?? path))
      last = matrix.delivery(
        of: HTTPResponse(status: status, body: Data(json.utf8)), progress: progress)
      if case .next(let next)? = last { progress = next }
    }
    return (paths, last)
  }

  private func members(_ pairs: [(String, String)]) -> String {
    let chunk = pairs.map {
      #"{"type":"m.room.member","state_key":"\#($0.0)","content":{"membership":"\#($0.1)"}}"#
    }
    return #"{"chunk":[\#(chunk.joined(separator: ","))]}"#
  }

  private let look = "GET /user/@bell:hs.example/account_data/m.direct"

  @Test func `a room is opened, listed, and written to`() {
    let (paths, last) = walk([
      (200, me), (404, #"{"errcode":"M_NOT_FOUND"}"#), (200, me),
      (200, #"{"room_id":"!d:hs.example"}"#), (200, "{}"), (200, #"{"event_id":"$e"}"#),
    ])
    #expect(
      paths == [
        "GET /account/whoami", look, "GET /account/whoami", "POST /createRoom",
        "PUT /user/@bell:hs.example/account_data/m.direct",
        "PUT /rooms/!d:hs.example/send/m.room.message/k",
      ])
    #expect(last == .sent(id: "$e"))
  }

  @Test func `a listed room where both are is used again`() {
    let (paths, last) = walk([
      (200, me), (200, #"{"@ben:hs.example":["!d:hs.example"]}"#),
      (200, members([("@bell:hs.example", "join"), ("@ben:hs.example", "invite")])),
      (200, #"{"event_id":"$e"}"#),
    ])
    #expect(paths.last == "PUT /rooms/!d:hs.example/send/m.room.message/k")
    #expect(last == .sent(id: "$e"))
  }

  @Test func `a room with a third person, or one that was left, is not private`() {
    let both = [("@bell:hs.example", "join"), ("@ben:hs.example", "join")]
    for answer in [
      (200, members(both + [("@eve:hs.example", "invite")])),
      (200, members([("@bell:hs.example", "join"), ("@ben:hs.example", "ban")])),
      (200, members([("@bell:hs.example", "join"), ("@eve:hs.example", "join")])),
      (403, #"{"errcode":"M_FORBIDDEN"}"#),
    ] {
      let isStranger = answer.1.contains("eve") && !answer.1.contains("ben")
      let (paths, _) = walk(
        [(200, me), (200, #"{"@ben:hs.example":["!d:hs.example"]}"#), answer]
          + (isStranger ? [answer] : []) + [(200, me), (200, #"{"room_id":"!e:hs.example"}"#)])
      #expect(paths.last == "POST /createRoom")
    }
  }

  @Test func `a step that fails before anything is said is tried again`() {
    #expect(walk([(200, me), (502, "<html>")]).last == .retry(afterSeconds: nil))
    #expect(walk([(200, me), (404, "{}"), (200, me), (500, "")]).last == .retry(afterSeconds: nil))
    let refused = walk([(200, me), (404, "{}"), (200, me), (403, #"{"errcode":"M_FORBIDDEN"}"#)])
    #expect(refused.last == .refused("the server does not open a direct room (M_FORBIDDEN)"))
  }
}
