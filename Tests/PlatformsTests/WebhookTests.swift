import Crew
import Foundation
import Hostile
import Testing

@testable import Platforms

@Suite struct WebhookTests {
  private static let url = Credential(token: "https://hooks.example.org/canary/x")
  private static let secret = Credential(token: "canary secret")

  private static let dialects: [any WebhookDialect] = [
    GenericWebhook(isIdempotent: false), SlackWebhook(), MattermostWebhook(), DiscordWebhook(),
    GoogleChatWebhook(), TeamsWebhook(), DingTalkRobot(keyword: ""), WeComRobot(),
    FeishuRobot(keyword: ""),
  ]

  private func webhook(_ dialect: any WebhookDialect, private isPrivate: Bool = false) -> Webhook {
    Webhook(
      settings: .init(
        account: "hook", url: Self.url, secret: Self.secret, allowsPrivate: isPrivate),
      dialect: dialect)
  }

  private func request(_ text: Markup, _ dialect: any WebhookDialect) -> HTTPRequest {
    webhook(dialect).request(
      for: Post(text: text), to: .room(Room(account: "hook", id: "hook")), key: "ci1.7",
      progress: nil, with: Credential(token: "1599360473000"))
  }

  private func body(_ text: Markup, _ dialect: any WebhookDialect) throws -> JSON {
    try #require(request(text, dialect).body.flatMap { JSON($0) })
  }

  // MARK: Signatures, against the algorithm as the vendor documents it

  /// `hmac.new(secret, "{timestamp}\n{secret}", sha256)` in Python, with the secret of DingTalk's
  /// own example.
  @Test func `DingTalk's signature is the documented one`() {
    let sign = DingTalkRobot.sign(milliseconds: 1_599_360_473_000, secret: "this is secret")
    #expect(sign == "hXZTWifRGHclNuZSKxoXc//sh51SWfVfRIhcdeKs63I=")
    #expect(
      DingTalkRobot.escaped("+/=a") == "%2B%2F%3Da",
      "a plus sign in a query would be read as a blank")
  }

  /// `hmac.new("{timestamp}\n{secret}", digestmod=sha256)` in Python: nothing is signed, and the
  /// rest is the key.
  @Test func `Feishu's signature is the documented one`() {
    #expect(
      FeishuRobot.sign(seconds: 1_599_360_473, secret: "demo")
        == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=")
  }

  /// Computed with Python's `hmac` over the same bytes.
  @Test func `a generic webhook is signed over its very bytes`() {
    let letter = WebhookLetter(
      url: "https://h/x", secret: "hush", key: "ci1.7", milliseconds: 1_795_424_400_000, text: "x")
    let call = GenericWebhook(isIdempotent: false).call(letter)
    #expect(call.data == Data(#"{"id":"ci1.7","text":"x","title":"x"}"#.utf8))
    #expect(
      call.headers["X-Crewbell-Signature"]
        == "v1=6fc0d590ce65762a1df41876c82433669382b0e0ff4015f11e1f4cc6e963c253")
    #expect(call.headers["X-Crewbell-Timestamp"] == "1795424400")
    #expect(call.headers["Idempotency-Key"] == "ci1.7")
  }

  // MARK: Limits

  @Test func `no text is longer than its vendor takes`() throws {
    for words in [
      String(repeating: "*", count: 60_000), String(repeating: "退", count: 60_000),
      String(repeating: "👩‍👩‍👧‍👦", count: 4000),
      (1...3000).map { "line \($0)" }.joined(separator: "\n"),
    ] {
      for dialect in Self.dialects {
        let can = dialect.abilities
        let text = can.fitting(Markup(words), MarkupStyle.plain.text)
        #expect(can.length(of: text) <= can.lengthMax && (text == words || text.hasSuffix("…")))
        let kept = text == words ? words : text.dropLast().trimmingCharacters(in: .newlines)
        #expect(words.hasPrefix(kept))
      }
      #expect(
        (try body(Markup(words), DiscordWebhook())["content"].string ?? "").utf16.count <= 2000)
      let wecom = try body(Markup(words), WeComRobot())["text"]["content"].string ?? ""
      #expect(wecom.utf8.count <= 2048)
      #expect((request(Markup(words), FeishuRobot(keyword: "")).body?.count ?? 0) <= 100_000)
    }
  }

  @Test func `a card is measured without being made`() {
    let lines = (1...3000).map { "line \($0)" }.joined(separator: "\n")
    for text in HostileText.all + [lines, "", "\n", "\n\na\n", "\"\\\u{1}\r\n"] {
      for tree in EncoderChecks.feishu.trees(with: text) {
        let post = FeishuPost(tree, account: "feishu", prefix: "/")
        #expect(post.bytes(isQuoted: false) == post.json.data.count)
        #expect(post.bytes(isQuoted: true) == JSON.string(post.json.text).data.count - 2)
        let length = TeamsWebhook.body(tree).data.count
        #expect(TeamsWebhook.bodyBytes(tree) == length, "\(text.debugDescription.prefix(80))")
        #expect(TeamsWebhook.bodyBytes(Markup([.strong(tree), .lineBreak])) >= length)
      }
    }
    #expect((request(Markup(lines), TeamsWebhook()).body?.count ?? 0) <= 26_000)
  }

  // MARK: Answers

  @Test func `a verdict is one only where it is certain`() {
    for dialect in Self.dialects {
      let hook = webhook(dialect)
      func fate(_ status: Int, _ body: String = "") -> Delivery {
        hook.delivery(of: HTTPResponse(status: status, body: Data(body.utf8)), progress: nil)
      }
      for status in [408, 409, 425, 500, 502, 503, 504] { #expect(fate(status) == .unknown) }
      for status in [301, 302, 307, 401, 403, 404, 410] {
        guard case .held(_, 900) = fate(status) else {
          Issue.record("\(dialect) \(status)")
          continue
        }
      }
      for status in [400, 413, 422] {
        guard case .refused = fate(status) else {
          Issue.record("\(dialect) \(status)")
          continue
        }
      }
      #expect(fate(429) == .retry(afterSeconds: 5))
      if dialect is GenericWebhook || dialect is TeamsWebhook { continue }
      for garbage in [
        "", "<html>hotel</html>", "{", "null", "[]", String(repeating: "[", count: 100_000),
        #"{"errcode":"0","code":"0","id":1,"name":2}"#,
      ] { #expect(fate(200, garbage) == .unknown, "\(dialect) \(garbage.prefix(20))") }
    }
  }

  @Test(arguments: [
    (#"{"errcode":0,"code":0}"#, Delivery.sent(id: "")),
    (#"{"errcode":-1,"code":99991400}"#, Delivery.retry(afterSeconds: nil)),
  ]) func `a robot's own code counts, not the 200`(body: String, fate: Delivery) {
    for dialect in [DingTalkRobot(keyword: ""), WeComRobot()] as [any WebhookDialect] {
      #expect(dialect.accepted(HTTPResponse(status: 200, body: Data(body.utf8))) == fate)
    }
  }

  @Test func `a robot that is kept by a word gets the word`() throws {
    let text = try body("digest", DingTalkRobot(keyword: "值班"))["text"]["content"].string
    #expect(text == "值班\ndigest")
    #expect(
      try body("值班 digest", DingTalkRobot(keyword: "值班"))["text"]["content"].string
        == "值班 digest")
  }

  // MARK: Where it goes

  @Test func `a call goes to the public internet, is never repeated, and ends`() {
    for dialect in Self.dialects {
      let call = request("x", dialect)
      #expect(call.isPublicOnly && !call.isRepeatable)
      #expect(call.timeoutSeconds <= 10 && call.responseBytesMax <= 64 * 1024)
      let probe = webhook(dialect).poll(after: nil, with: Credential(token: "0"))
      #expect(probe.method == .get && probe.isPublicOnly && probe.body == nil)
      if !dialect.isShownByGET { #expect(probe.url == "https://hooks.example.org/") }
      #expect(
        !webhook(dialect, private: true).poll(after: nil, with: Credential(token: "0")).isPublicOnly
      )
    }
  }

  @Test func `neither the URL nor the secret shows`() {
    for dialect in Self.dialects {
      let hook = webhook(dialect)
      #expect(!"\(hook) \(request("x", dialect))".contains("canary"))
      for status in [200, 302, 400, 401, 403, 404, 429, 500] {
        let echo =
          #"{"errcode":40001,"code":9499,"errmsg":"canary","msg":"canary","error":"canary"}"#
        let fate = hook.delivery(
          of: HTTPResponse(status: status, body: Data(echo.utf8)), progress: nil)
        #expect(!"\(fate)".contains("canary"))
      }
    }
  }

  @Test(arguments: [
    "http://hooks.example.org/x", "https://", "hooks.example.org/x", "ftp://a/x",
    "https://a@b/x", "https://a b/x", "https://a/x#y", "https://a\\b/x", "https://a%2Fb/x",
    "gopher://a/", "file:///etc/shadow", "https://a/x\r\nHost: b", "http://127.0.0.1.evil.org/x",
    "http://[::1.evil.org/", "",
  ]) func `a URL that is none is refused without a byte of it`(url: String) throws {
    let fault = try #require(WebhookURL.fault(url))
    if url.count > 9 { #expect(!fault.contains(url)) }
  }

  @Test(arguments: [
    "https://hooks.example.org/a?b=c&d=%20", "https://a:8443/x", "http://localhost:8/x",
  ])
  func `a right URL is taken`(url: String) { #expect(WebhookURL.fault(url) == nil) }
}
