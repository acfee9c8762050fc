import Crew
import Foundation
import Platforms

extension EncoderChecks {
  public static let discord = EncoderChecks(
    Discord(.init(account: "discord")), account: "discord", room: "613425648685547541",
    user: "80351110224678912", credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0 }, isReadByOthers: true,
    read: DiscordReader.read)
}

/// Reads what we send to Discord as its clients and its server do: Markdown of which only bold,
/// code, blocks and bare addresses may stand there, and the mentions that the server finds wherever
/// they stand. Anything else that would be a mark is a harm.
enum DiscordReader {
  static func read(_ request: HTTPRequest) throws -> [Seen] {
    let body = JSON(request.body ?? Data()) ?? .null
    guard let content = body["content"].string else { throw Harm("no content") }
    guard content.utf16.count <= 2000 else { throw Harm("too long") }
    let allowed = body["allowed_mentions"]
    guard allowed["parse"] == [], allowed["replied_user"] == false,
      let users = allowed["users"].array?.compactMap(\.string)
    else { throw Harm("rings for everybody") }
    // SUPPRESS_EMBEDS: no picture of a page that somebody named.
    guard (body["flags"].integer ?? 0) & 4 == 4 else { throw Harm("shows pages") }
    // The server looks past backslashes and into code.
    let found = content.matches(of: /<@!?([0-9]+)>/.matchingSemantics(.unicodeScalar)).map {
      String($0.1)
    }
    if let odd = found.first(where: { !users.contains($0) }) { throw Harm("names \(odd)") }
    let marks = /@everyone|@here|<(@&|#|:|a:|t:|\/|id:|sound:)/.matchingSemantics(.unicodeScalar)
    if let mark = content.firstMatch(of: marks) {
      throw Harm("\(mark.0)")
    }
    var page = Page(users: Set(users))
    try page.read(Array(content.unicodeScalars))
    return [Seen(runs: page.runs, pings: Set(found))]
  }

  private struct Page {
    let users: Set<String>
    var runs: [Run] = []
    private var isStrong = false
    private var style: Style { isStrong ? .strong : [] }

    init(users: Set<String>) { self.users = users }

    mutating func read(_ text: [Unicode.Scalar]) throws {
      var at = 0
      var isLineStart = true
      while at < text.count {
        if starts(text, at, "```") {
          try block(text, &at)
          isLineStart = true
          continue
        }
        if isLineStart { try line(text[at...].prefix { $0 != "\n" }) }
        isLineStart = text[at] == "\n"
        try one(text, &at)
      }
      if isStrong { throw Harm("bold without an end") }
    }

    private func starts(_ text: [Unicode.Scalar], _ at: Int, _ mark: String) -> Bool {
      text[at...].starts(with: mark.unicodeScalars)
    }

    private mutating func block(_ text: [Unicode.Scalar], _ at: inout Int) throws {
      // A word in the same line would be taken for a language.
      guard starts(text, at, "```\n"), at == 0 || text[at - 1] == "\n" else {
        throw Harm("a block of its own")
      }
      var end = at + 4
      while end < text.count, !starts(text, end, "```") { end += 1 }
      guard end < text.count else { throw Harm("a block without an end") }
      let inside = String(String.UnicodeScalarView(text[(at + 4)..<end]))
      runs.append(Run(inside, .block))
      at = end + 3
    }

    // Made once: making one costs more than its use, and one that is only read is safe to share.
    nonisolated(unsafe) private static let lineMark =
      /^ *(#{1,3} |-# |>|>>> |[-*+] |[0-9]+[.)] )/

    private func line(_ line: ArraySlice<Unicode.Scalar>) throws {
      let words = String(String.UnicodeScalarView(line))
      if words.firstMatch(of: Self.lineMark) != nil {
        throw Harm("a line begins with \(words.prefix(4).debugDescription)")
      }
    }

    private mutating func one(_ text: [Unicode.Scalar], _ at: inout Int) throws {
      let next: Unicode.Scalar? = at + 1 < text.count ? text[at + 1] : nil
      switch text[at] {
      case "\\":
        guard let next, next.isASCII, next.value > 0x20, !next.properties.isAlphabetic,
          !("0"..."9").contains(next)
        else { throw Harm("a backslash that shows") }
        runs.append(Run(String(next), style))
        at += 2
      case "*":
        guard next == "*" else { throw Harm("a star") }
        isStrong.toggle()
        at += 2
      case "`": try code(text, &at)
      case "_", "~", "|", "[", "]": throw Harm("a bare \(text[at])")
      case "<": angle(text, &at)
      default:
        try plain(text, at)
        runs.append(Run(String(text[at]), style))
        at += 1
      }
    }

    private func plain(_ text: [Unicode.Scalar], _ at: Int) throws {
      guard text[at] == ":" else { return }
      let rest = text[(at + 1)...].prefix { !$0.properties.isWhitespace }
      if starts(text, at, "://") { throw Harm("an address that anything may join") }
      if rest.dropFirst().contains(":"), rest.first != ":", rest.first != "\\" {
        throw Harm("a picture")
      }
    }

    private mutating func angle(_ text: [Unicode.Scalar], _ at: inout Int) {
      let inside = text[(at + 1)...].prefix { $0 != ">" && $0 != "<" && $0 != " " && $0 != "\n" }
      let words = String(String.UnicodeScalarView(inside))
      let isWhole = inside.endIndex < text.count && text[inside.endIndex] == ">"
      if isWhole, words.wholeMatch(of: /https?:\/\/.+/) != nil {
        runs.append(Run(words, style))
        at = inside.endIndex + 1
      } else if isWhole, let match = words.wholeMatch(of: /@!?([0-9]+)/),
        users.contains(String(match.1))
      {
        runs.append(Run("@ana", style, person: String(match.1)))
        at = inside.endIndex + 1
      } else {
        runs.append(Run("<", style))
        at += 1
      }
    }

    private mutating func code(_ text: [Unicode.Scalar], _ at: inout Int) throws {
      let open = text[at...].prefix { $0 == "`" }
      var end = open.endIndex
      while end < text.count, text[end] != "\n" {
        let close = text[end...].prefix { $0 == "`" }
        if close.count == open.count {
          let inside = String(String.UnicodeScalarView(text[open.endIndex..<end]))
          runs.append(Run(inside, style.union(.code)))
          at = close.endIndex
          return
        }
        end = close.isEmpty ? end + 1 : close.endIndex
      }
      throw Harm("code without an end")
    }
  }
}
