import Crew
import Fakes
import Foundation
import Platforms
import Testing

@testable import Daemon

@Suite(.serialized) struct FeishuTests {
  static let settings = AccountSettings(
    account: "feishu",
    texts: ["base_url": "https://open.feishu.cn", "app_id": FeishuFake.app],
    secrets: ["secret_file": Credential(token: FeishuFake.secret)], invite: ["*"])

  private func begin() async throws -> ChatRun {
    let run = try await ChatRun(.feishu, Self.settings, FeishuFake())
    run.begin()
    try await run.wait("the greeting", turning: 1) {
      await run.host.with { chat, now in chat.welcome(now: now) }
      return await !run.host.delivered.isEmpty
    }
    return run
  }

  private func answered(_ run: ChatRun, _ text: String) async throws {
    try await run.wait("the answer to \(text)", turning: 1) {
      await run.host.delivered.contains { $0.text.contains(text) && $0.kind == .message }
    }
  }

  private static func isPost(_ call: FakeRequest) -> Bool {
    call.method == "POST" && call.path.starts(with: ["open-apis", "im", "v1", "messages"])
      && call.path.last != "reactions"
  }

  @Test func `keeps what every platform promises`() async throws {
    try await ChatContract(
      kind: .feishu, settings: Self.settings, chat: { FeishuFake() }, isPost: Self.isPost,
      isPoll: { $0.method == "GET" && $0.path.starts(with: ["open-apis", "im"]) },
      tooMany: HTTPResponse(
        status: 429, headers: ["x-ogw-ratelimit-limit": "50", "x-ogw-ratelimit-reset": "2"],
        body: Data(#"{"code":99991400,"msg":"request trigger frequency limit"}"#.utf8)),
      unauthorized: .json(400, ["code": 10014, "msg": "app secret invalid"])
    ).run()
  }

  @Test func `the vendor's client from PyPI talks with the bot on the same server`() async throws {
    let run = try await begin()
    let seen = try await run.talk(
      by: "feishu_sdk.py", FeishuFake.app, FeishuFake.secret, FeishuFake.anaToken)
    #expect(seen["answer"].string?.contains("from the SDK") == true)
    #expect(seen["type"] == "post" && seen["underTheQuestion"].bool == true)
    try await run.end()
  }

  @Test func `a token that has run out is renewed, and nothing is missed`() async throws {
    let run = try await begin()
    let first = await run.host.with { chat, _ in (chat as? FeishuFake)?.logins ?? 0 }
    _ = await run.write("!task add before")
    try await answered(run, "before")
    run.turn(seconds: 7300)
    _ = await run.write("!task add after")
    try await answered(run, "after")
    let second = await run.host.with { chat, _ in (chat as? FeishuFake)?.logins ?? 0 }
    #expect(second > first)
    // The one that was under way when it ran out.
    #expect(run.complaints.allSatisfy { $0.contains("99991663") }, "\(run.complaints)")
    try await run.end()
  }

  /// The same `uuid` within an hour is one message.
  @Test func `a post in doubt is sent again under its own key and stands there once`() async throws
  {
    let run = try await begin()
    let isDoubted: @Sendable (FakeRequest) -> Bool = {
      Self.isPost($0) && $0.json?["content"].string?.contains("in doubt") == true
    }
    await run.host.plan(.cut, times: 3, where: isDoubted)
    _ = await run.write("!task add in doubt")
    try await answered(run, "in doubt")
    try await run.wait("its fate", turning: 5) { try await run.isQuiet() }
    let sent = await run.host.requests.filter(isDoubted)
    #expect(sent.count >= 4 && Set(sent.map { $0.json?["uuid"].string }).count == 1)
    #expect(await run.host.delivered.count { $0.text.contains("in doubt") } == 1)
    try await run.end()
  }

  @Test func `a missing permission is told of with what to do`() async throws {
    let run = try await begin()
    await run.host.with { chat, _ in
      guard var fake = chat as? FeishuFake else { return }
      fake.lacksPermission = true
      chat = fake
    }
    try await run.wait("a word", turning: 1) {
      run.complaints.contains { $0.contains("im:message.group_msg") }
    }
    try await run.end()
  }

  @Test func `in Chinese, and what people write rings for nobody`() async throws {
    let run = try await begin()
    _ = await run.write("!team lang zh")
    try await run.wait("the answer", turning: 1) { await run.host.delivered.count > 1 }
    _ = await run.write("@Crewbell 任务 添加 续签证书 <at user_id=\"all\">所有人</at>", by: 0)
    try await answered(run, "续签证书")
    let said = await run.host.delivered.filter { $0.text.contains("续签证书") }
    #expect(said.count == 1 && said[0].text.contains("<at user_id=\"all\">"))
    #expect(said[0].pings.isEmpty)
    try await run.end()
  }
}
