import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = FeishuDesk

@Suite struct `Feishu, writing` {
  private static let room = Target.room(Room(account: "fs", id: Desk.room))

  private func request(
    _ post: Post, to target: Target = room, _ progress: Platforms.Progress? = nil
  ) -> HTTPRequest {
    Desk.feishu.request(
      for: post, to: target, key: "ci1.7", progress: progress, with: Desk.credential)
  }

  private func body(_ request: HTTPRequest) -> JSON { JSON(request.body ?? Data()) ?? .null }

  private func lines(_ text: Markup) -> JSON {
    JSON(text: body(request(Post(text: text)))["content"].string ?? "")?["zh_cn"]["content"]
      ?? .null
  }

  private func delivery(
    _ json: JSON, status: Int = 200, _ progress: Platforms.Progress? = nil
  ) -> Delivery {
    Desk.feishu.delivery(of: HTTPResponse(status: status, body: json.data), progress: progress)
  }

  private func words(_ text: String) -> JSON {
    ["tag": "text", "text": .string(text), "un_escape": false]
  }

  @Test func `a post carries its key and answers what it answers`() {
    let sent = request(Post(text: "好"))
    #expect(
      sent.url == "https://open.feishu.cn/open-apis/im/v1/messages?receive_id_type=chat_id")
    #expect(body(sent)["receive_id"].string == Desk.room && body(sent)["uuid"] == "ci1.7")
    let reply = request(Post(text: "好", inReplyTo: "om_m1"))
    #expect(reply.url.hasSuffix("/im/v1/messages/om_m1/reply") && body(reply)["uuid"] == "ci1.7")
    let alone = request(Post(text: "psst"), to: .direct(Identity(account: "fs", user: "ou_ana1")))
    #expect(alone.url.hasSuffix("receive_id_type=open_id"))
    #expect(body(alone)["receive_id"] == "ou_ana1")
    #expect(delivery(Desk.data(["message_id": "om_x1"])) == .sent(id: "om_x1"))
  }

  @Test func `both hosts are the vendor's`() {
    let lark = Feishu(
      .init(
        account: "fs", baseURL: "https://open.larksuite.com", app: "cli_a",
        secret: Credential(token: "s")))
    #expect(
      lark.poll(after: nil, with: Desk.credential).url
        == "https://open.larksuite.com/open-apis/bot/v3/info")
  }

  @Test func `what is answered may be gone, and then it is said plainly`() throws {
    let gone = delivery(Desk.refusal(230_011), status: 400)
    guard case .next(let plain) = gone else {
      Issue.record("\(gone)")
      return
    }
    let again = request(Post(text: "好", inReplyTo: "om_m1"), to: Self.room, plain)
    #expect(again.url.hasSuffix("receive_id_type=chat_id") && body(again)["uuid"] == "ci1.7")
    guard case .refused = delivery(Desk.refusal(230_011), status: 400, plain) else {
      Issue.record("asked without end")
      return
    }
  }

  @Test func `an edit and a reaction`() {
    let edit = request(Post(kind: .edit(of: "om_m1"), text: "新"))
    #expect(edit.method == .put && edit.url.hasSuffix("/im/v1/messages/om_m1"))
    #expect(body(edit)["uuid"] == .null && body(edit)["msg_type"] == "post")
    let react = request(Post(kind: .reaction("✅", on: "om_m1"), text: ""))
    #expect(react.url.hasSuffix("/im/v1/messages/om_m1/reactions"))
    #expect(body(react) == ["reaction_type": ["emoji_type": "DONE"]])
    #expect(delivery(Desk.data(["reaction_id": "r1"])) == .sent(id: ""))
  }

  @Test func `refusals are certain, trouble of the server is not`() {
    for code: Int64 in [230_001, 230_002, 230_013, 230_025, 230_028, 230_035] {
      guard case .refused(let why) = delivery(Desk.refusal(code), status: 400) else {
        Issue.record("\(code)")
        continue
      }
      #expect(why.contains(String(code)))
    }
    for status in [408, 500, 502, 503, 504] {
      #expect(delivery(Desk.refusal(1500), status: status) == .unknown, "\(status)")
    }
    #expect(delivery("<html>", status: 502) == .unknown)
    for code: Int64 in [99_991_400, 230_020] {
      #expect(delivery(Desk.refusal(code), status: 400) == .retry(afterSeconds: 5))
    }
    #expect(delivery(Desk.refusal(99_991_663), status: 400) == .tokenExpired)
    let slow = HTTPResponse(
      status: 429, headers: ["x-ogw-ratelimit-reset": "7"], body: Desk.refusal(99_991_400).data)
    #expect(Desk.feishu.delivery(of: slow, progress: nil) == .retry(afterSeconds: 7))
    guard case .held(let why, _) = delivery(Desk.refusal(99_991_672), status: 400) else {
      Issue.record("a missing permission")
      return
    }
    #expect(why.contains("权限管理"))
  }

  // MARK: - Text

  @Test func `what people write is words, and a mention is ours alone`() {
    let ana = Identity(account: "fs", user: "ou_ana1")
    let text = "<at user_id=\"all\">所有人</at> **b** &lt; [x](https://evil.example)"
    let markup = Markup([
      .text(text), .lineBreak, .strong("重要"), .text(" "),
      .person(name: "安娜", identities: [ana], pings: true),
      .person(name: "@all", identities: [Identity(account: "fs", user: "all")], pings: true),
      .lineBreak, .command("task done 3"),
    ])
    #expect(
      lines(markup) == [
        [words(text)],
        [
          ["tag": "text", "text": "重要", "un_escape": false, "style": ["bold"]], words(" "),
          ["tag": "at", "user_id": "ou_ana1"], words("@all"),
        ],
        [words("!task done 3")],
      ])
  }

  @Test func `a table stands alone, and an empty line is one`() {
    let markup = Markup([
      .text("a\n\nb"), .table("x  1\ny  2"), .lineBreak, .text("after"), .lineBreak,
    ])
    #expect(
      lines(markup) == [
        [words("a")], [words("")], [words("b")],
        [["tag": "code_block", "language": "TEXT", "text": "x  1\ny  2"]], [words("after")],
      ])
  }

  @Test func `the longest body has 30 KB and ends in an ellipsis`() {
    for text in ["行\"\\\n", "a", "👩‍👩‍👧"] {
      let sent = request(
        Post(text: Markup(String(repeating: text, count: 40_000 / text.utf8.count))))
      #expect((sent.body?.count ?? 0) <= 29_000 && (sent.body?.count ?? 0) > 20_000, "\(text)")
      #expect(body(sent)["content"].string?.contains("…") == true)
    }
  }
}
