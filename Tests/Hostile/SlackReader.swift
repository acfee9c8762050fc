import Crew
import Foundation
import Platforms

extension EncoderChecks {
  public static let slack = EncoderChecks(
    Slack(.init(account: "slack")), account: "slack", room: "C012AB3CD", user: "U012AB3CD",
    credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0 }, read: SlackReader.read)
}

/// Reads what we send to Slack as its clients do: blocks of `rich_text` with elements of which only
/// text and users may stand there, and beside them the plain text that notifications show, in which
/// `<…>` would be a mention, a command or a link.
enum SlackReader {
  static func read(_ request: HTTPRequest) throws -> [Seen] {
    let body = try PlainReader.body(request)
    guard body["link_names"] == false, body["mrkdwn"] != true else {
      throw Harm("names are linked")
    }
    guard let text = body["text"].string else { throw Harm("no text for notifications") }
    try check(notification: text)
    guard let blocks = body["blocks"].array, blocks.count == 1, blocks[0]["type"] == "rich_text",
      let elements = blocks[0]["elements"].array
    else { throw Harm("not one block of rich text") }
    var runs: [Run] = []
    for element in elements {
      switch element["type"].string {
      case "rich_text_section": runs += try element.parts.map { try run($0, []) }
      case "rich_text_preformatted": runs += try element.parts.map { try run($0, .block) }
      default: throw Harm("an element of the type \(element["type"])")
      }
    }
    return [Seen(runs: runs, pings: Set(runs.compactMap(\.person)))]
  }

  private static func run(_ part: JSON, _ style: Style) throws -> Run {
    let known: Set<String> = ["type", "text", "user_id", "style"]
    guard Set(part.object?.keys.map { $0 } ?? []).isSubset(of: known) else {
      throw Harm("a part with \(part)")
    }
    var style = style
    for (name, value) in part["style"].object ?? [:] {
      switch (name, value) {
      case ("bold", true): style.insert(.strong)
      case ("code", true): style.insert(.code)
      default: throw Harm("the style \(name)")
      }
    }
    switch part["type"].string {
    case "text":
      // Slack refuses an element without text (`invalid_blocks`).
      guard let text = part["text"].string, !text.isEmpty else { throw Harm("a part without text") }
      return Run(text, style)
    case "user":
      guard let user = part["user_id"].string else { throw Harm("a user without an id") }
      return Run("@ana", style, person: user)
    default: throw Harm("a part of the type \(part["type"])")
    }
  }

  /// `&`, `<` and `>` are written as entities, and there are no others.
  private static func check(notification text: String) throws {
    // Scalars: a sign with an accent behind it is another character, and still the sign.
    let text = text.unicodeScalars
    guard !text.contains("<"), !text.contains(">") else { throw Harm("a bracket in the text") }
    for part in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
      guard ["amp;", "lt;", "gt;"].contains(where: { part.starts(with: $0.unicodeScalars) }) else {
        throw Harm("a bare ampersand in the text")
      }
    }
  }
}

extension JSON {
  fileprivate var parts: [JSON] { self["elements"].array ?? [] }
}
