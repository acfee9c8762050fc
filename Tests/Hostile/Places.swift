import Foundation
import Platforms

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
