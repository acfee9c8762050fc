import Crew
import Foundation
import Testing

@testable import Platforms

/// What group robots and workflows say and take, by the examples in `CREWBELL_VENDOR_DATA`.
@Suite(
  .enabled(
    if: ProcessInfo.processInfo.environment["CREWBELL_VENDOR_DATA"] != nil,
    "did not run: CREWBELL_VENDOR_DATA is not set"))
struct PostingVendorTests {
  private static let folder = URL(
    filePath: ProcessInfo.processInfo.environment["CREWBELL_VENDOR_DATA"] ?? "/")
  private static let dialects: [any WebhookDialect] = [
    DingTalkRobot(keyword: ""), WeComRobot(), FeishuRobot(keyword: ""), TeamsWebhook(),
    SlackWebhook(), MattermostWebhook(), DiscordWebhook(), GoogleChatWebhook(),
    GenericWebhook(isIdempotent: false),
  ]

  private func example(_ path: String) throws -> JSON {
    try #require(JSON(try Data(contentsOf: Self.folder.appending(path: "payloads/" + path))))
  }

  private func fate(_ path: String, at dialect: any WebhookDialect) throws -> Delivery {
    dialect.accepted(HTTPResponse(status: 200, body: try example(path).data))
  }

  /// A post with a signature, as it goes out.
  private func sent(by dialect: any WebhookDialect) -> JSON {
    dialect.call(
      WebhookLetter(
        url: "https://h/x", secret: "hush", key: "ci1.7", milliseconds: 1_599_360_473_000,
        text: "日报")
    ).body
  }

  @Test func `every example is taken as an answer without harm`() throws {
    for vendor in ["dingtalk", "wecom", "teams", "feishu"] {
      let files = try FileManager.default.contentsOfDirectory(
        at: Self.folder.appending(path: "payloads/" + vendor), includingPropertiesForKeys: nil)
      #expect(!files.isEmpty)
      for file in files {
        let answer = HTTPResponse(status: 200, body: try Data(contentsOf: file))
        for dialect in Self.dialects { _ = dialect.accepted(answer) }
      }
    }
  }

  @Test func `what a robot answers is understood`() throws {
    let dingTalk = DingTalkRobot(keyword: "")
    #expect(try fate("dingtalk/constructed_robot_ok.json", at: dingTalk) == .sent(id: ""))
    #expect(
      try fate("dingtalk/constructed_robot_throttled.json", at: dingTalk)
        == .retry(afterSeconds: 600))
    guard case .held = try fate("dingtalk/constructed_robot_sign_error.json", at: dingTalk) else {
      Issue.record("a wrong signature of DingTalk's")
      return
    }
    guard case .refused = try fate("wecom/constructed_error_40058.json", at: WeComRobot()) else {
      Issue.record("a text that is too long for WeCom")
      return
    }
    let feishu = FeishuRobot(keyword: "")
    #expect(
      try fate("feishu/constructed_error_rate_limit.json", at: feishu) == .retry(afterSeconds: 60))
    let wrong = try fate("feishu/constructed_robot_webhook_sign_fail.json", at: feishu)
    guard case .held = wrong else {
      Issue.record("a wrong signature of Feishu's: \(wrong)")
      return
    }
  }

  @Test func `what is sent has the vendor's names`() throws {
    let wecom = sent(by: WeComRobot())
    let text = try example("wecom/constructed_webhook_text.json")
    #expect(wecom["msgtype"] == text["msgtype"])
    #expect(names(wecom).isSubset(of: names(text)))
    #expect(names(wecom["text"]).isSubset(of: names(text["text"])))
    let feishu = try example("feishu/constructed_robot_webhook_request.json")
    #expect(names(sent(by: FeishuRobot(keyword: ""))) == names(feishu))
    let fields = try #require(
      JSON(
        try Data(
          contentsOf: Self.folder.appending(path: "specs/dingtalk/stream-and-robot-fields.json"))))
    let body = try #require(fields["reply"]["body"].array).compactMap(\.string)
    let dingTalk = sent(by: DingTalkRobot(keyword: ""))
    for name in names(dingTalk) {
      #expect(body.contains { $0.hasPrefix(name) }, "\(name)")
    }
    #expect(dingTalk["text"]["content"] == "日报")
  }

  private func names(_ json: JSON) -> Set<String> { Set((json.object ?? [:]).keys) }
}
