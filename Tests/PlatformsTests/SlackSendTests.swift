import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = SlackDesk

@Suite struct `Slack, writing` {
  private static let room = Target.room(Room(account: "slack", id: "C1"))
  private static let direct = Target.direct(Identity(account: "slack", user: "UANA"))

  private func request(
    _ post: Post, to target: Target = room, _ progress: Platforms.Progress? = nil
  ) -> HTTPRequest {
    Desk.slack.request(
      for: post, to: target, key: "ci1.7", progress: progress, with: Desk.credential)
  }

  private func body(_ request: HTTPRequest) -> JSON { JSON(request.body ?? Data()) ?? .null }

  private func delivery(_ json: JSON, status: Int = 200) -> Delivery {
    Desk.slack.delivery(of: HTTPResponse(status: status, body: json.data), progress: nil)
  }

  @Test func `a post carries its key, its thread and nothing that is unfurled`() {
    let sent = request(Post(text: "a <!channel> & @here", thread: Desk.ts(0)))
    #expect(sent.url == "https://slack.com/api/chat.postMessage" && !sent.isRepeatable)
    let json = body(sent)
    #expect(json["text"].string == "a &lt;!channel&gt; &amp; @here")
    #expect(json["thread_ts"].string == Desk.ts(0) && json["channel"].string == "C1")
    #expect(json["metadata"]["event_payload"]["k"].string == "ci1.7")
    #expect(json["parse"].string == "none" && json["link_names"].bool == false)
    #expect(json["unfurl_links"].bool == false && json["unfurl_media"].bool == false)
    #expect(
      delivery(Desk.ok(["channel": "C1", "ts": .string(Desk.ts(1))]))
        == .sent(id: "C1:" + Desk.ts(1)))
    #expect(
      body(request(Post(text: "x", thread: "C1:" + Desk.ts(0))))["thread_ts"].string
        == Desk.ts(0))
  }

  @Test func `words and marks are told apart`() throws {
    let ana = Identity(account: "slack", user: "UANA")
    let tree = Markup([
      .strong("*Due* <@U1>"), .lineBreak, .command("task done 3"), .lineBreak, .table("a  1"),
      .lineBreak, .person(name: "Ana", identities: [ana], pings: true),
      .person(name: "<@U2>", identities: [], pings: true),
    ])
    let blocks = body(request(Post(text: tree)))["blocks"].array
    let elements = try #require(blocks?.first?["elements"].array)
    #expect(
      elements == [
        [
          "type": "rich_text_section",
          "elements": [
            ["type": "text", "text": "*Due* <@U1>", "style": ["bold": true]],
            ["type": "text", "text": "\n"],
            ["type": "text", "text": "!task done 3", "style": ["code": true]],
          ],
        ],
        ["type": "rich_text_preformatted", "elements": [["type": "text", "text": "a  1"]]],
        [
          "type": "rich_text_section",
          "elements": [
            ["type": "user", "user_id": "UANA"], ["type": "text", "text": "<@U2>"],
          ],
        ],
      ])
  }

  @Test func `a direct post opens its channel first`() {
    let first = request(Post(text: "psst"), to: Self.direct)
    #expect(first.url.hasSuffix("conversations.open") && first.isRepeatable)
    guard case .next(let way) = delivery(Desk.ok(["channel": ["id": "D1"]])) else {
      Issue.record("no next step")
      return
    }
    #expect(body(request(Post(text: "psst"), to: Self.direct, way))["channel"].string == "D1")
  }

  @Test func `an edit and a reaction name their message and may be sent twice`() {
    let id = "C1:" + Desk.ts(0)
    let edit = request(Post(kind: .edit(of: id), text: "new"))
    #expect(edit.isRepeatable && edit.url.hasSuffix("chat.update"))
    #expect(body(edit)["ts"].string == Desk.ts(0) && body(edit)["channel"].string == "C1")
    let react = request(Post(kind: .reaction("✅", on: id), text: "done"))
    #expect(
      body(react) == [
        "channel": "C1", "timestamp": .string(Desk.ts(0)), "name": "white_check_mark",
      ])
    #expect(delivery(["ok": false, "error": "already_reacted"]) == .sent(id: ""))
  }

  @Test func `refusals are certain, trouble of the server is not`() {
    for error in ["msg_too_long", "is_archived", "not_in_channel", "missing_scope", "no_text"] {
      guard case .refused = delivery(["ok": false, "error": .string(error)]) else {
        Issue.record("\(error)")
        continue
      }
    }
    for error in ["internal_error", "fatal_error", "request_timeout"] {
      #expect(delivery(["ok": false, "error": .string(error)]) == .unknown)
    }
    for status in [408, 500, 502, 503, 504] { #expect(delivery("x", status: status) == .unknown) }
    #expect(
      Desk.slack.delivery(
        of: HTTPResponse(status: 429, headers: ["retry-after": "7"]), progress: nil)
        == .retry(afterSeconds: 7))
    #expect(delivery(["ok": false, "error": "token_revoked"]) == .retry(afterSeconds: 900))
  }

  @Test func `our own message with our key is found, a copy by others is not`() throws {
    func finding(_ json: JSON, _ step: Platforms.Progress?) -> Finding {
      Desk.slack.finding(
        in: HTTPResponse(status: 200, body: json.data), for: Post(text: "x"), key: "k", step: step)
    }
    guard case .next(let me) = finding(Desk.ok(["user_id": "UBELL", "bot_id": "BBELL"]), nil)
    else {
      Issue.record("no step")
      return
    }
    let request = try #require(
      Desk.slack.lookup(
        for: Post(text: "x"), to: Self.room, key: "k", sending: nil,
        since: Instant(seconds: 1_766_000_000), step: me, with: Desk.credential))
    #expect(
      request.url.hasSuffix(
        "history?channel=C1&oldest=1765999400.000000&limit=100&include_all_metadata=true"))
    let key: [String: JSON] = ["metadata": ["event_payload": ["k": "k"]]]
    let other = Desk.message(1, "x", by: "UANA", key)
    let own = Desk.message(2, "x", by: "UBELL", key)
    #expect(finding(Desk.page([other]), me) == .absent)
    #expect(finding(Desk.page([other, own]), me) == .found(id: Desk.ts(2)))
    guard case .next = finding(Desk.page([other], next: "p"), me) else {
      Issue.record("not all pages are looked at")
      return
    }
    #expect(finding(["ok": false, "error": "internal_error"], me) == .unknown)
  }

  @Test func `the longest post has 4000 units and no half character`() {
    let text = String(repeating: "<👩‍👩‍👧>", count: 2000)
    let said = body(request(Post(text: Markup(text))))["text"].string ?? ""
    #expect(said.utf16.count <= 4000 && said.utf16.count > 3900 && said.hasSuffix("\n…"))
  }
}
