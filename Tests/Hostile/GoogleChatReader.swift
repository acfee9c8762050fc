import Crew
import Foundation
import Platforms

extension EncoderChecks {
  public static let googleChat = EncoderChecks(
    GoogleChat(
      .init(account: "googlechat", subscription: "projects/p/subscriptions/sub"),
      key: Credential(token: "")),
    account: "googlechat", room: "AAAAteam", user: "103456789012345678901",
    credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0 }, backtick: "ˋ", read: GoogleChatReader.app)
}

/// Reads what we send to Google Chat as its clients do: `*bold*`, `` `code` `` and fences may stand
/// there, and from the app a mention. A sign with a space of no width behind it marks nothing.
struct GoogleChatReader {
  /// Whether somebody may be mentioned.
  private let isApp: Bool
  private var pings: Set<String> = []

  private init(isApp: Bool) { self.isApp = isApp }

  static func app(_ request: HTTPRequest) throws -> [Seen] {
    let body = try PlainReader.body(request)
    guard let data = request.body, data.count <= 32_000 else { throw Harm("too long") }
    guard Set(body.object?.keys.map { $0 } ?? []) == ["text"] else { throw Harm("says more") }
    return try read(body["text"].string, isApp: true)
  }

  static func webhook(_ request: HTTPRequest) throws -> [Seen] {
    let text = try PlainReader.body(request)["text"].string
    guard text?.unicodeScalars.count ?? 0 <= 4096 else { throw Harm("too long") }
    return try read(text, isApp: false)
  }

  private static func read(_ text: String?, isApp: Bool) throws -> [Seen] {
    guard let text else { throw Harm("no text") }
    var reader = GoogleChatReader(isApp: isApp)
    var runs: [Run] = []
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while let line = lines.popFirst() {
      if line.elementsEqual("```".unicodeScalars) {
        guard let end = lines.firstIndex(where: { $0.elementsEqual("```".unicodeScalars) }) else {
          throw Harm("a block without an end")
        }
        for row in lines[..<end] {
          try PlainReader.inert(String(row), "@<")
          runs.append(Run(String(row) + "\n", .block))
        }
        lines = lines[(end + 1)...]
      } else {
        if !runs.isEmpty { runs.append(Run("\n")) }
        try check(lineStart: line)
        runs += try reader.inline(Array(line))
      }
    }
    return [Seen(runs: runs, pings: reader.pings)]
  }

  /// A list and a quotation.
  private static func check(lineStart line: Substring.UnicodeScalarView) throws {
    let words = line.drop { $0.properties.isWhitespace }
    if words.first == ">", words.dropFirst().first != "\u{200B}" { throw Harm("a quotation") }
    if let first = words.first, "-*".unicodeScalars.contains(first),
      words.dropFirst().first?.properties.isWhitespace == true
    {
      throw Harm("a list")
    }
  }

  private mutating func inline(_ line: [Unicode.Scalar]) throws -> [Run] {
    var runs: [Run] = []
    var style: Style = []
    var at = 0
    while at < line.count {
      let isInert = at + 1 < line.count && line[at + 1] == "\u{200B}"
      switch line[at] {
      case "*" where !isInert: style.formSymmetricDifference(.strong)
      case "`" where !isInert:
        guard let end = line[(at + 1)...].firstIndex(of: "`") else {
          throw Harm("code without an end")
        }
        let inside = String(String.UnicodeScalarView(line[(at + 1)..<end]))
        try PlainReader.inert(inside, "@<")
        runs.append(Run(inside, style.union(.code)))
        at = end
      case ":":
        let name = line[(at + 1)...].prefix { isName($0) }
        if !name.isEmpty, name.endIndex < line.count, line[name.endIndex] == ":" {
          throw Harm("a picture")
        }
        runs.append(Run(":", style))
      case "<" where !isInert && isApp:
        let (user, end) = try mention(line, at)
        pings.insert(user)
        runs.append(Run("@ana", style, person: user))
        at = end
      case "_", "~", "<", "@", "`":
        guard isInert else { throw Harm("a bare \(line[at])") }
        runs.append(Run(String(line[at]), style))
      default: runs.append(Run(String(line[at]), style))
      }
      at += 1
    }
    guard style.isEmpty else { throw Harm("bold without an end") }
    return runs
  }

  private func isName(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
      || "_+-".unicodeScalars.contains(scalar)
  }

  private func mention(_ line: [Unicode.Scalar], _ at: Int) throws -> (user: String, end: Int) {
    guard let end = line[at...].firstIndex(of: ">") else { throw Harm("a bare <") }
    let inside = String(String.UnicodeScalarView(line[(at + 1)..<end]))
    guard let match = inside.wholeMatch(of: /users\/([0-9]+)/) else { throw Harm("<\(inside)>") }
    return (String(match.1), end)
  }
}
