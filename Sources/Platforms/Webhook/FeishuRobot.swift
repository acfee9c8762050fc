import Crew
import Foundation

/// 飞书 / Lark custom robot. A `post` carries words as values, so nothing that somebody wrote can
/// become markup or a mention.
struct FeishuRobot: WebhookDialect {
  /// One of the words that the robot lets through, where it is kept by words.
  var keyword: String

  /// 100 posts a minute and five a second; a body of 20 KB, and JSON around each line.
  var abilities: Abilities {
    .webhook(lengthMax: 8000, .bytes, perSecond: 80.0 / 60, burst: 3, merges: true)
  }

  /// 20 KB are taken; the rest is for the signature.
  static let bodyBytesMax = 19_000
  private static let frameBytes =
    JSON.object(["msg_type": "post", "content": ["post": ""]]).data
    .count - 2

  func call(_ letter: WebhookLetter) -> WebhookCall {
    let whole = letter.text.written(to: Self.bodyBytesMax, as: content) {
      Self.frameBytes + $0.bytes(isQuoted: false)
    }
    var body: [String: JSON] = ["msg_type": "post", "content": ["post": whole.json]]
    if !letter.secret.isEmpty {
      body["timestamp"] = .string(String(letter.seconds))
      body["sign"] = .string(Self.sign(seconds: letter.seconds, secret: letter.secret))
    }
    return WebhookCall(url: letter.url, body: .object(body))
  }

  private func content(_ markup: Markup) -> FeishuPost {
    let text = MarkupStyle.plain.text(markup)
    let head = keyword.isEmpty || text.contains(keyword) ? "" : keyword + "\n"
    return FeishuPost(words: head + text)
  }

  /// Base64 of the HMAC-SHA256 of nothing under the timestamp, a line feed and the secret.
  static func sign(seconds: Int64, secret: String) -> String {
    WebhookLetter.mac(Data(), key: "\(seconds)\n\(secret)").base64EncodedString()
  }

  /// 200 or 400; `code` tells, `StatusCode` in older answers.
  func accepted(_ response: HTTPResponse) -> Delivery {
    guard let json = JSON(response.body),
      let code = json["code"].integer ?? json["StatusCode"].integer
    else { return .unknown }
    switch code {
    case 0: return .sent(id: "")
    case _ where FeishuCode.isLimit(code): return .retry(afterSeconds: 60)
    case 19021, 19022, 19024:
      return .held(
        "the robot's security settings refuse it (\(code)): check `secret_file`, `keyword` and its "
          + "list of addresses", afterSeconds: 900)
    case 19001: return .held("Feishu does not know the robot any more (19001)", afterSeconds: 900)
    default: return .refused("Feishu refuses it: code \(code)")
    }
  }
}

extension PlatformKind {
  public static let feishuRobot = webhook(
    "feishu_robot", title: "Feishu 飞书 / Lark (group robot)",
    hosts: [
      "https://open.feishu.cn/open-apis/bot/v2/hook/",
      "https://open.larksuite.com/open-apis/bot/v2/hook/",
    ], signed: false,
    keys: [Key("keyword", .text, isNeeded: false, example: "Crewbell") { _ in nil }],
    steps: [
      "In the group: 设置 → 群机器人 → 添加机器人 → 自定义机器人; choose 签名校验 and copy the secret "
        + "into a file of mode 0600, named by `secret_file`.",
      "If the robot is kept by 自定义关键词 instead, write one of the words as `keyword`.",
    ],
    remarks: ["Several posts that wait for their turn are put into one message."]
  ) { FeishuRobot(keyword: $0["keyword"]) }
}
