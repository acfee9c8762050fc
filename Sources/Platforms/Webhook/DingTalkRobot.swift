import Crew
import Foundation

/// 钉钉自定义机器人. Its Markdown has no way to escape, so posts go as plain text.
struct DingTalkRobot: WebhookDialect {
  /// One of the words that the robot lets through, where it is kept by words.
  var keyword: String

  /// 20 posts a minute, else the robot is blocked for ten: four at once and 16 a minute never are
  /// more. Texts of up to 20000 bytes; half of it is plenty.
  var abilities: Abilities {
    .webhook(lengthMax: 10_000, .bytes, perSecond: 16.0 / 60, burst: 4, merges: true)
  }

  func call(_ letter: WebhookLetter) -> WebhookCall {
    var url = letter.url
    if !letter.secret.isEmpty {
      let sign = Self.sign(milliseconds: letter.milliseconds, secret: letter.secret)
      url += "&timestamp=\(letter.milliseconds)&sign=\(Self.escaped(sign))"
    }
    return WebhookCall(
      url: url,
      body: [
        "msgtype": "text", "text": ["content": .string(content(letter.text))],
        "at": ["isAtAll": false],
      ])
  }

  private func content(_ markup: Markup) -> String {
    // `@` and a name or number of a phone would be shown as a mention.
    let style = MarkupStyle(
      escape: { Printable.inert($0, behind: Printable.atOrAngle) },
      command: { Printable.inert($0, behind: Printable.atOrAngle) },
      table: { Printable.inert($0, behind: Printable.atOrAngle) })
    return abilities.fitting(markup) { markup in
      let text = style.text(markup)
      return keyword.isEmpty || text.contains(keyword) ? text : keyword + "\n" + text
    }
  }

  /// Base64 of the HMAC-SHA256 of the timestamp, a line feed and the secret, under the secret.
  static func sign(milliseconds: Int64, secret: String) -> String {
    WebhookLetter.mac(Data("\(milliseconds)\n\(secret)".utf8), key: secret).base64EncodedString()
  }

  static func escaped(_ base64: String) -> String {
    base64.replacing("+", with: "%2B").replacing("/", with: "%2F").replacing("=", with: "%3D")
  }

  /// Always 200; `errcode` tells.
  func accepted(_ response: HTTPResponse) -> Delivery {
    guard let json = JSON(response.body), let code = json["errcode"].integer else {
      return .unknown
    }
    switch code {
    case 0: return .sent(id: "")
    // Too fast: the robot is blocked for ten minutes.
    case 130101, 410100: return .retry(afterSeconds: 600)
    case -1: return .retry(afterSeconds: nil)
    case 310000:
      return .held(
        "the robot's security settings refuse it (310000): check `secret_file`, `keyword` and its "
          + "list of addresses", afterSeconds: 900)
    case 300001, 300005, 400001, 400101, 400102:
      return .held("DingTalk does not know the robot any more (\(code))", afterSeconds: 900)
    default: return .refused("DingTalk refuses it: errcode \(code)")
    }
  }
}

extension PlatformKind {
  public static let dingTalkRobot = webhook(
    "dingtalk_robot", title: "DingTalk 钉钉 (group robot)",
    hosts: ["https://oapi.dingtalk.com/robot/send?access_token="], signed: false,
    keys: [Key("keyword", .text, isNeeded: false, example: "Crewbell") { _ in nil }],
    steps: [
      "In the group: 设置 → 机器人 → 添加机器人 → 自定义; choose 加签 and copy the secret (`SEC…`) "
        + "into a file of mode 0600, named by `secret_file`.",
      "If the robot is kept by 自定义关键词 instead, write one of the words as `keyword`.",
    ],
    remarks: [
      "A robot may post 20 times a minute, else it is blocked for ten: Crewbell stays below "
        + "it, and what waits is put into one message."
    ]
  ) { DingTalkRobot(keyword: $0["keyword"]) }
}
