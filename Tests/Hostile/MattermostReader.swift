import Crew
import Foundation
import Platforms

extension EncoderChecks {
  static let mattermostAna = "ana00000000000000000000000"

  public static let mattermost = EncoderChecks(
    Mattermost(.init(account: "mattermost", server: "https://mm.example")), account: "mattermost",
    room: "room0000000000000000000000", user: mattermostAna,
    credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0 },
    isReadByOthers: true,
    progress: #"{"isUnrooted":false,"names":{"\#(mattermostAna)":"ana"}}"#,
    read: MattermostReader.read)
}

/// Reads what we send to Mattermost as its clients do: Markdown of which only bold, code and code
/// blocks may stand there, and the `@names` that the server rings for. Anything else that would be
/// a mark is a harm.
enum MattermostReader {
  static func read(_ request: HTTPRequest) throws -> [Seen] {
    let message = JSON(request.body ?? Data())?["message"].string
    return [try read(message, codePointsMax: 16_383)]
  }

  static func webhook(_ request: HTTPRequest) throws -> [Seen] {
    let body = try PlainReader.body(request)
    guard body["props"]["disable_mentions"] == true else { throw Harm("mentions ring") }
    return [try read(body["text"].string, codePointsMax: 16_383)]
  }

  private static func read(
    _ message: String?, codePointsMax: Int
  ) throws -> Seen {
    guard let message else { throw Harm("no message") }
    guard message.unicodeScalars.count <= codePointsMax else { throw Harm("too long") }
    return try Page(message).seen
  }

  private struct Page {
    var runs: [Run] = []
    var pings: Set<String> = []
    private var isStrong = false

    var seen: Seen { Seen(runs: runs, pings: pings) }

    init(_ message: String) throws {
      var lines = message.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)[
        ...]
      while let line = lines.popFirst() {
        guard line.starts(with: "```".unicodeScalars) else {
          try inline(Array(line))
          if !lines.isEmpty { runs.append(Run("\n", isStrong ? .strong : [])) }
          continue
        }
        guard line.count == 3, let end = lines.firstIndex(where: { $0.elementsEqual(line) }) else {
          throw Harm("a block without an end")
        }
        for row in lines[..<end] { runs.append(Run(String(row) + "\n", .block)) }
        lines = lines[(end + 1)...]
      }
      if isStrong { throw Harm("bold without an end") }
    }

    private mutating func inline(_ line: [Unicode.Scalar]) throws {
      if let first = line.first, "#>-+=~|\t".unicodeScalars.contains(first) {
        throw Harm("a line begins with \(first)")
      }
      let digits = line.prefix { ("0"..."9").contains($0) }
      if !digits.isEmpty, let next = line.dropFirst(digits.count).first, next == "." || next == ")"
      {
        throw Harm("a numbered list")
      }
      if line.starts(with: "    ".unicodeScalars) { throw Harm("indented code") }
      var at = 0
      while at < line.count { try one(line, &at) }
    }

    private mutating func one(_ line: [Unicode.Scalar], _ at: inout Int) throws {
      let next: Unicode.Scalar? = at + 1 < line.count ? line[at + 1] : nil
      let style: Style = isStrong ? .strong : []
      switch line[at] {
      case "\\":
        guard let next, next.isASCII, next.properties.generalCategory.isSign else {
          throw Harm("a backslash that shows")
        }
        runs.append(Run(String(next), style))
        at += 2
      case "*":
        guard next == "*" else { throw Harm("a star") }
        isStrong.toggle()
        at += 2
      case "`": try code(line, &at, style)
      case "_", "[", "]", "|": throw Harm("a bare \(line[at])")
      case "<", "&", "#", "~", "$":
        if let next, next != "\u{200B}" { throw Harm("a bare \(line[at])") }
        runs.append(Run(String(line[at]), style))
        at += 1
      case "@": ping(line, &at, style)
      default:
        runs.append(Run(String(line[at]), style))
        at += 1
      }
    }

    private mutating func code(
      _ line: [Unicode.Scalar], _ at: inout Int, _ style: Style
    ) throws {
      let open = line[at...].prefix { $0 == "`" }
      var end = open.endIndex
      while end < line.count {
        let close = line[end...].prefix { $0 == "`" }
        if close.count == open.count {
          let inside = String(String.UnicodeScalarView(line[open.endIndex..<end]))
          runs.append(Run(inside, style.union(.code)))
          at = close.endIndex
          return
        }
        end = close.isEmpty ? end + 1 : close.endIndex
      }
      throw Harm("code without an end")
    }

    private mutating func ping(_ line: [Unicode.Scalar], _ at: inout Int, _ style: Style) {
      let name = line[(at + 1)...].prefix {
        $0.isASCII
          && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
            || "._-".unicodeScalars.contains($0))
      }
      var words = String(String.UnicodeScalarView(name))
      if words.hasPrefix("ana"), words.dropFirst(3).allSatisfy({ ".-_".contains($0) }) {
        words = "ana"
      }
      guard !words.isEmpty else {
        runs.append(Run("@", style))
        at += 1
        return
      }
      let user = words == "ana" ? EncoderChecks.mattermostAna : words
      pings.insert(user)
      runs.append(Run("@" + words, style, person: user))
      at += words.unicodeScalars.count + 1
    }
  }
}

extension Unicode.GeneralCategory {
  fileprivate var isSign: Bool {
    switch self {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol,
      .modifierSymbol, .otherSymbol:
      true
    default: false
    }
  }
}
