import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = ZulipDesk

@Suite struct `Zulip posts` {
  private let zulip = Desk().zulip
  private let team = Target.room(Room(account: "zulip", id: "5"))
  private let ben = Identity(account: "zulip", user: "12")

  private func request(_ post: Post, to target: Target? = nil) -> HTTPRequest {
    zulip.request(
      for: post, to: target ?? team, key: "k-1", progress: nil, with: Desk.credential)
  }

  private func fields(_ request: HTTPRequest) -> [String: String] {
    var parts = URLComponents()
    parts.percentEncodedQuery = String(decoding: request.body ?? Data(), as: UTF8.self)
    return Dictionary(
      (parts.queryItems ?? []).map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
  }

  private func content(_ text: Markup) -> String {
    fields(request(Post(text: text)))["content"] ?? ""
  }

  @Test func `a message goes to its channel and topic, and only once`() {
    let request = request(Post(text: "Hello & hi+x", thread: "deploys"))
    #expect(request.method == .post && !request.isRepeatable)
    #expect(request.url == "https://zulip.example/api/v1/messages")
    #expect(
      fields(request) == [
        "type": "stream", "to": "5", "topic": "deploys", "content": "Hello & hi+x",
      ])
    #expect(fields(self.request(Post(text: "x")))["topic"] == "crewbell")
  }

  @Test func `a person alone, and a conversation of several`() {
    let one = fields(request(Post(text: "x"), to: .direct(ben)))
    #expect(one == ["type": "direct", "to": "[12]", "content": "x"])
    let room = Target.room(Room(account: "zulip", id: "dm:11,12"))
    #expect(fields(request(Post(text: "x"), to: room))["to"] == "[11,12]")
    let odd = Target.room(Room(account: "zulip", id: "dm:1],\"x\":["))
    #expect(fields(request(Post(text: "x"), to: odd))["to"] == "[0,0]")
  }

  @Test func `edits and reactions may be repeated`() {
    let edit = request(Post(kind: .edit(of: "42"), text: "new"))
    #expect(edit.method == .patch && edit.url.hasSuffix("/messages/42") && edit.isRepeatable)
    let reaction = request(Post(kind: .reaction("✅", on: "42"), text: "ok"))
    #expect(reaction.url.hasSuffix("/messages/42/reactions") && reaction.isRepeatable)
    #expect(fields(reaction) == ["emoji_name": "check"])
    #expect(
      request(Post(kind: .edit(of: "../users/me"), text: "x")).url.hasSuffix("/messages/0"))
  }

  @Test func `the tree becomes Markdown`() {
    let text = Markup([
      .strong("Open"), .lineBreak, .text("Ask "), .command("task add x"), .text(" or "),
      .person(name: "Ben", identities: [ben], pings: true), .text(", "),
      .person(name: "Cleo", identities: [], pings: true), .text(", "),
      .person(name: "*Ben*", identities: [ben], pings: false),
    ])
    #expect(
      content(text)
        == "**Open**\nAsk `/task add x` or @**|12**, Cleo, &#42;Ben&#42;")
    #expect(
      content(Markup([.text("给"), .person(name: "", identities: [ben], pings: true)]))
        == "给\u{200A}@**|12**")
    #expect(
      content(Markup([.text("a"), .table("x ``` y\n1 2"), .text("b")]))
        == "a\n```\nx ˋˋˋ y\n1 2\n```\nb")
  }

  /// RELIABILITY, rows 12 and 13, and what else Zulip's Markdown finds.
  @Test(arguments: [
    ("@**all**", "&#64;&#42;&#42;all&#42;&#42;"), ("@*ops*", "&#64;&#42;ops&#42;"),
    ("@_**Ben|12**", "&#64;_&#42;&#42;Ben&#124;12&#42;&#42;"),
    ("```quote\nx\n```", "&#96;&#96;&#96;quote\nx\n&#96;&#96;&#96;"),
    ("/me sleeps", "&#47;me sleeps"), ("$$\\def$$", "&#36;&#36;\\def&#36;&#36;"),
    ("[a](https://evil)", "[a&#93;(https://evil)"), ("<time:2026-01-01>", "&#60;time:2026-01-01>"),
    ("a :smile: 10:30 x", "a &#58;smile: 10:30 x"), ("~~x~~", "&#126;&#126;x&#126;&#126;"),
    ("> quote", "&#62; quote"), ("1. one\n- two", "1&#46; one\n&#45; two"),
    ("# head", "&#35; head"), ("&lt;b&#42;", "&#38;lt;b&#38;#42;"),
    ("https://x.example/?a=1&b=2#c", "https://x.example/?a=1&b=2#c"),
    ("a-b_c 3.5 a@b.example (x)", "a-b_c 3.5 a@b.example (x)"), ("nul\0", "nul"),
  ])
  func `text is only ever text`(words: String, sent: String) {
    #expect(content(Markup(words)) == sent)
  }

  private static let friday = Instant(seconds: 1_795_795_200)  // 2026-11-27 16:00 in UTC

  private func moment(_ offsetSeconds: Int, at instant: Instant = friday) -> Markup.Node {
    .moment(words: "Fri 27 Nov *17:00*", at: instant, offsetSeconds: offsetSeconds)
  }

  @Test(arguments: [
    (0, "2026-11-27T16:00:00+00:00"), (3600, "2026-11-27T17:00:00+01:00"),
    (28_800, "2026-11-28T00:00:00+08:00"), (20_700, "2026-11-27T21:45:00+05:45"),
    (-34_200, "2026-11-27T06:30:00-09:30"), (-1, "2026-11-27T16:00:00+00:00"),
    // As the zones of the 19th century were.
    (3208, "2026-11-27T16:53:00+00:53"),
  ])
  func `a moment is shown to each reader on their own clock`(offset: Int, stamp: String) {
    #expect(content(Markup([moment(offset)])) == "<time:\(stamp)>")
    let around = Markup([
      .text("due <"), moment(offset), .text(">:"), .strong(Markup([moment(offset)])), .lineBreak,
      .text("x"),
    ])
    #expect(content(around) == "due &#60;<time:\(stamp)>>&#58;**<time:\(stamp)>**\nx")
  }

  @Test func `a moment that no calendar shows is words, and such words are only ever text`() {
    let odd: [(Instant, Int)] = [
      (Instant(milliseconds: .max), 3600), (Instant(milliseconds: .min), 0),
      (Instant(seconds: -62_135_596_801), 0), (Instant(seconds: 253_402_300_799), 60),
      (Self.friday, .max), (Self.friday, .min),
    ]
    for (instant, offset) in odd {
      #expect(content(Markup([moment(offset, at: instant)])) == "Fri 27 Nov &#42;17:00&#42;")
    }
    #expect(
      content(Markup([moment(0, at: Instant(seconds: -62_135_596_800))]))
        == "<time:0001-01-01T00:00:00+00:00>")
    let forged = "<time:2026-11-27T16:00:00+00:00>"
    let words = Markup([.moment(words: forged, at: Instant(milliseconds: .max), offsetSeconds: 0)])
    #expect(content(words).hasPrefix("&#60;time"))
    #expect(content(Markup([.text("<"), .text("time:2026-01-01>")])).hasPrefix("&#60;time:"))
  }

  @Test func `a moment is whole or left out where a text is cut`() {
    let stamp = "<time:2026-11-27T17:00:00+01:00>"
    for count in 9940...9995 {
      let sent = content(
        Markup([.text(String(repeating: "a", count: count)), moment(3600), .text("bbb")]))
      #expect(sent.unicodeScalars.count <= 10_000)
      #expect(sent.contains(stamp) || !sent.contains("<"), "\(count)")
    }
    let many = Markup((0..<400).flatMap { _ in [moment(3600), .lineBreak] })
    let sent = content(many)
    #expect(sent.unicodeScalars.count <= 10_000 && sent.hasSuffix("…"))
    #expect(sent.split(separator: "\n").dropLast().allSatisfy { $0 == stamp })
  }

  @Test func `a mark does not come about from two leaves`() {
    let text = Markup([.text("@"), .strong("all"), .text("]"), .text("(x)"), .text("<")])
    #expect(content(text) == "&#64;**all**&#93;(x)&#60;")
    let channel = Markup([.text("a#"), .strong("b#")])
    #expect(content(channel) == "a&#35;**b&#35;**")
  }

  @Test(arguments: ["a", "*", "🎉", "好\n", "👩‍👩‍👧‍👦"])
  func `a long text stays within 10,000 code points and ends well`(unit: String) {
    let words = String(repeating: unit, count: 12_000)
    for text in [Markup(words), Markup([.strong(Markup(words))]), Markup([.table(words)])] {
      let sent = content(text)
      #expect(sent.unicodeScalars.count <= 10_000 && sent.unicodeScalars.count > 4000)
      #expect(sent.contains("…"))
      #expect(sent.components(separatedBy: "```").count.isMultiple(of: 2) == false)
      #expect(!sent.contains("\u{FFFD}") && !sent.hasSuffix("&#42…"))
    }
    let bold = content(Markup([.strong(Markup(words))])).components(separatedBy: "**").count
    #expect(bold > 2 && !bold.isMultiple(of: 2))
  }

  // MARK: - Answers

  private func delivery(_ status: Int, _ json: String, _ headers: [String: String] = [:])
    -> Delivery
  {
    zulip.delivery(
      of: HTTPResponse(status: status, headers: headers, body: Data(json.utf8)), progress: nil)
  }

  @Test func `what became of a post`() {
    #expect(delivery(200, Desk.success(#""id":42"#)) == .sent(id: "42"))
    #expect(delivery(200, #"{"result":"success","msg":""}"#) == .sent(id: ""))
    #expect(delivery(200, "<html>") == .unknown)
    #expect(delivery(400, Desk.error("REACTION_ALREADY_EXISTS")) == .sent(id: ""))
    #expect(
      delivery(400, Desk.error("STREAM_DOES_NOT_EXIST"))
        == .refused("STREAM_DOES_NOT_EXIST: words"))
    #expect(
      delivery(429, Desk.error("RATE_LIMIT_HIT", #","retry-after":2.5"#))
        == .retry(afterSeconds: 2.5))
    #expect(delivery(401, Desk.error("INVALID_API_KEY")) == .retry(afterSeconds: 900))
    #expect(delivery(413, "<html>") == .retry(afterSeconds: nil))
    for status in [408, 409, 425, 500, 502, 503, 504] {
      #expect(delivery(status, "<html>") == .unknown, "status \(status)")
    }
  }

  // MARK: - Reading back

  private let since = Instant(seconds: 1_766_000_000)

  private func look(_ post: Post, to target: Target? = nil, step: Platforms.Progress? = nil)
    throws -> [String: String]
  {
    let request = try #require(
      zulip.lookup(
        for: post, to: target ?? team, key: "k", sending: nil, since: since, step: step,
        with: Desk.credential))
    let items = URLComponents(string: request.url)?.queryItems ?? []
    return Dictionary(items.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
  }

  private func find(_ post: Post, _ messages: [String], isOldest: Bool = true) -> Finding {
    let json = Desk.success(
      #""messages":[\#(messages.joined(separator: ","))],"found_oldest":\#(isOldest)"#)
    return zulip.finding(
      in: HTTPResponse(status: 200, body: Data(json.utf8)), for: post, key: "k", since: since,
      step: nil)
  }

  private func own(_ id: Int64, _ content: String, at seconds: Int64) -> String {
    #"{"id":\#(id),"timestamp":\#(seconds),"content":\#(JSON.string(content).text)}"#
  }

  @Test func `a post is looked for among our own words in its place`() throws {
    let post = Post(text: "Hello", thread: "deploys")
    let query = try look(post)
    #expect(
      query["narrow"]
        == #"[{"operand":"bell-bot@zulip.example","operator":"sender"},"#
        + #"{"operand":5,"operator":"stream"},{"operand":"deploys","operator":"topic"}]"#)
    #expect(query["anchor"] == "newest" && query["apply_markdown"] == "false")
    #expect(
      try look(post, to: .direct(ben))["narrow"]?.hasSuffix(#"{"operand":[12],"operator":"dm"}]"#)
        == true)
    #expect(try look(post, step: "77")["anchor"] == "77")
  }

  @Test func `it is found by its words and its time`() {
    let post = Post(text: "*Hello* \n")
    let sent = "&#42;Hello&#42;"
    #expect(find(post, [own(7, sent, at: 1_766_000_002)]) == .found(id: "7"))
    #expect(find(post, [own(7, sent, at: 1_765_990_000)]) == .absent)
    #expect(find(post, [own(7, "else", at: 1_766_000_002)]) == .absent)
    #expect(find(post, [own(7, "else", at: 1_766_000_002)], isOldest: false) == .next("7"))
    let garbage = HTTPResponse(status: 200, body: Data("<html>".utf8))
    #expect(zulip.finding(in: garbage, for: post, key: "k", since: since, step: nil) == .unknown)
  }

  /// Ids need no clock: the same answer to an earlier question is not this one.
  @Test func `an answer has a higher number than what it answers`() {
    let post = Post(text: "Done.", inReplyTo: "50")
    #expect(find(post, [own(48, "Done.", at: 1_766_000_002)]) == .absent)
    #expect(find(post, [own(53, "Done.", at: 1_700_000_000)]) == .found(id: "53"))
  }
}
