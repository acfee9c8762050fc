import Crew
import Foundation

/// 企业微信群机器人. Its Markdown has no way to escape, so posts go as plain text.
struct WeComRobot: WebhookDialect {
  /// 20 posts a minute; a text of 2048 bytes, and a longer one is refused whole.
  var abilities: Abilities {
    .webhook(lengthMax: 2048, .bytes, perSecond: 16.0 / 60, burst: 4, merges: true)
  }

  func call(_ letter: WebhookLetter) -> WebhookCall {
    // `<@userid>` is a mention in some of its texts.
    let style = MarkupStyle(
      escape: { Printable.inert($0, behind: Printable.atOrAngle) },
      command: { Printable.inert($0, behind: Printable.atOrAngle) },
      table: { Printable.inert($0, behind: Printable.atOrAngle) })
    return WebhookCall(
      url: letter.url,
      body: [
        "msgtype": "text", "text": ["content": .string(abilities.fitting(letter.text, style.text))],
      ])
  }

  /// Always 200; `errcode` tells.
  func accepted(_ response: HTTPResponse) -> Delivery {
    guard let json = JSON(response.body), let code = json["errcode"].integer else {
      return .unknown
    }
    switch code {
    case 0: return .sent(id: "")
    case 45009: return .retry(afterSeconds: 60)
    case -1: return .retry(afterSeconds: nil)
    case 93000, 93008, 93017:
      return .held("WeCom does not know the robot any more (\(code))", afterSeconds: 900)
    default: return .refused("WeCom refuses it: errcode \(code)")
    }
  }
}

extension PlatformKind {
  public static let weComRobot = webhook(
    "wecom_robot", title: "WeCom 企业微信 (group robot)",
    hosts: ["https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key="],
    steps: ["In the group: 添加群机器人 → 新创建一个机器人, and copy its Webhook address."],
    remarks: [
      "A robot may post 20 times a minute: Crewbell stays below it, and what waits is put into one "
        + "message.",
      "A text has at most 2048 bytes (some 680 Chinese letters): a longer digest comes in parts.",
    ]
  ) { _ in WeComRobot() }
}
