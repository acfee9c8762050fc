import Crew
import Foundation
import Platforms

extension EncoderChecks {
  public static let feishu = EncoderChecks(
    Feishu(.init(account: "feishu", app: "cli_app", secret: Credential(token: "s"))),
    account: "feishu", room: "oc_room0001", user: "ou_ana0001", credential: Credential(token: "t"),
    mention: "@ana", looks: { $0.contains(.block) ? .block : $0.subtracting(.code) },
    isBold: { $0.person == nil }, read: FeishuReader.bot)
}

/// Reads the rich text that we send to Feishu: parts of which each is words, a block or a mention.
/// There is no markup in words, as long as no entity is read in them.
enum FeishuReader {
  /// What a group's own robot sends: words alone.
  static func robot(_ request: HTTPRequest) throws -> [Seen] {
    let body = try PlainReader.body(request)
    guard let data = request.body, data.count <= 20_000 else { throw Harm("more than 20 KB") }
    guard body["msg_type"] == "post" else { throw Harm("no post") }
    let seen = try seen(body["content"]["post"])
    guard seen.runs.allSatisfy({ $0.style.isEmpty && $0.person == nil }) else {
      throw Harm("a part that is no text")
    }
    return [seen]
  }

  /// What an app's bot sends: the content is JSON within JSON.
  static func bot(_ request: HTTPRequest) throws -> [Seen] {
    let body = try PlainReader.body(request)
    guard let data = request.body, data.count <= 30_000 else { throw Harm("more than 30 KB") }
    guard body["msg_type"] == "post",
      let content = body["content"].string.flatMap({ JSON(text: $0) })
    else { throw Harm("no post") }
    return [try seen(content)]
  }

  private static func seen(_ post: JSON) throws -> Seen {
    guard let lines = post["zh_cn"]["content"].array, !lines.isEmpty else { throw Harm("no lines") }
    var seen = Seen(runs: [], pings: [])
    for (number, line) in lines.enumerated() {
      if number > 0 { seen.runs.append(Run("\n")) }
      guard let parts = line.array, !parts.isEmpty else { throw Harm("a line of no parts") }
      for part in parts { try take(part, alone: parts.count == 1, &seen) }
    }
    return seen
  }

  private static func take(_ part: JSON, alone: Bool, _ seen: inout Seen) throws {
    switch part["tag"] {
    case "text":
      guard part["un_escape"] == false, let text = part["text"].string,
        part["style"] == .null || part["style"] == ["bold"]
      else { throw Harm("entities are read in words") }
      guard !text.contains("\n") else { throw Harm("a line within a line") }
      seen.runs.append(Run(text, part["style"] == .null ? [] : .strong))
    case "code_block":
      guard alone, let text = part["text"].string else { throw Harm("a block beside words") }
      seen.runs.append(Run(text, .block))
    case "at":
      guard let user = part["user_id"].string, user != "all" else { throw Harm("rings for all") }
      seen.pings.insert(user)
      seen.runs.append(Run("@" + user.dropFirst(3).prefix { !$0.isNumber }, person: user))
    default: throw Harm("a part that is no text: \(part["tag"])")
    }
  }
}
