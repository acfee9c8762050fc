import Crew
import Foundation
import Platforms

// What is only posted to.
extension EncoderChecks {
  public static let places = [
    place(.email, looks: noBoldBlock, EmailReader.read),
    place(.webhook, looks: { _ in [] }, PlainReader.webhook),
    place(.slackWebhook, looks: noBoldBlock, SlackReader.read),
    place(.mattermostWebhook, looks: noBoldBlock) { request in
      let body = try PlainReader.body(request)
      guard body["props"]["disable_mentions"] == true else { throw Harm("mentions ring") }
      return [try MattermostReader.read(body["text"].string, codePointsMax: 16_383)]
    },
    place(.discordWebhook, looks: noBoldBlock, DiscordReader.read),
    place(.googleChatWebhook, looks: noBoldBlock, backtick: "ˋ", GoogleChatReader.webhook),
    place(
      .teamsWebhook,
      looks: { $0.contains(.block) ? $0.subtracting(.block).union(.code) : $0 }, PlainReader.teams),
    place(.dingTalkRobot, looks: { _ in [] }, PlainReader.robot),
    place(.weComRobot, looks: { _ in [] }, PlainReader.robot),
    place(.feishuRobot, looks: { _ in [] }, FeishuReader.robot),
  ]

  private static let noBoldBlock: @Sendable (Style) -> Style = { $0.contains(.block) ? .block : $0 }

  private static func place(
    _ kind: PlatformKind, looks: @escaping @Sendable (Style) -> Style, backtick: String = "`",
    _ read: @escaping @Sendable (HTTPRequest) throws -> [Seen]
  ) -> EncoderChecks {
    EncoderChecks(
      kind.make(kind.sample), account: kind.name, room: "desk@example.org", user: "ana@example.org",
      credential: Credential(token: "1795424400000"), looks: looks, backtick: backtick, read: read)
  }
}

/// Reads what goes to places whose text is nothing but text, and where words are values.
enum PlainReader {
  static func body(_ request: HTTPRequest) throws -> JSON {
    guard let data = request.body, let body = JSON(data), body.object != nil else {
      throw Harm("the body is no object")
    }
    return body
  }

  static func webhook(_ request: HTTPRequest) throws -> [Seen] {
    let body = try body(request)
    guard let text = body["text"].string, let title = body["title"].string,
      !title.contains(where: \.isNewline)
    else { throw Harm("no text, or a title of several lines") }
    return [Seen(runs: [Run(text)], pings: [])]
  }

  /// DingTalk's and WeCom's text: `@` and a name beside it is shown as a mention.
  static func robot(_ request: HTTPRequest) throws -> [Seen] {
    let body = try body(request)
    guard body["msgtype"] == "text", let text = body["text"]["content"].string,
      body["at"]["isAtAll"] != true, Set(body["text"].object?.keys.map { $0 } ?? []) == ["content"]
    else { throw Harm("not a text, or one that rings") }
    let isDingTalk = request.url.contains("dingtalk")
    guard text.utf8.count <= (isDingTalk ? 20_000 : 2048) else { throw Harm("too long") }
    try inert(text, "@<")
    return [Seen(runs: [Run(text)], pings: [])]
  }

  /// Behind each of these signs stands a space of no width, or nothing.
  static func inert(_ text: String, _ signs: String) throws {
    let scalars = Array(text.unicodeScalars)
    for (at, scalar) in scalars.enumerated() where signs.unicodeScalars.contains(scalar) {
      let next: Unicode.Scalar? = at + 1 < scalars.count ? scalars[at + 1] : nil
      if let next, next != "\u{200B}" { throw Harm("a bare \(scalar)") }
    }
  }

  static func teams(_ request: HTTPRequest) throws -> [Seen] {
    let body = try body(request)
    guard let data = request.body, data.count <= 28_000 else { throw Harm("more than 28 KB") }
    let card = body["attachments"].array?.first?["content"] ?? .null
    guard body["type"] == "message", card["type"] == "AdaptiveCard", let blocks = card["body"].array
    else { throw Harm("no card") }
    var runs: [Run] = []
    for (number, block) in blocks.enumerated() {
      if number > 0 { runs.append(Run("\n")) }
      guard block["type"] == "RichTextBlock", let inlines = block["inlines"].array else {
        throw Harm("a \(block["type"])")
      }
      for run in inlines {
        guard run["type"] == "TextRun", let text = run["text"].string, run["selectAction"] == .null
        else { throw Harm("a run that is no text") }
        var style: Style = []
        if run["weight"] == "Bolder" { style.insert(.strong) }
        if run["fontType"] == "Monospace" { style.insert(.code) }
        runs.append(Run(text, style))
      }
    }
    return [Seen(runs: runs, pings: [])]
  }
}
