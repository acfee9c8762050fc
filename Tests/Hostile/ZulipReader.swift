import Crew
import Foundation
import Platforms

extension EncoderChecks {
  public static let zulip = EncoderChecks(
    Zulip(
      .init(
        account: "zulip", site: "https://zulip.example", email: "bell@zulip.example",
        key: Credential(token: "t"))),
    account: "zulip", room: "5", user: "12", credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0 }, backtick: "ˋ",
    stamp: { ZulipReader.shown($0.seconds) }, read: ZulipReader.read)
}

/// Reads what we send to Zulip as its server renders it (zerver/lib/markdown): bold within a line,
/// code, fences, times and mentions by number may stand there, and numeric references, which are
/// shown as their character after everything else was found. Anything else that would be a mark is
/// a harm.
enum ZulipReader {
  static func read(_ request: HTTPRequest) throws -> [Seen] {
    var form = URLComponents()
    form.percentEncodedQuery = String(decoding: request.body ?? Data(), as: UTF8.self)
    guard let content = form.queryItems?.first(where: { $0.name == "content" })?.value else {
      throw Harm("no content")
    }
    guard content.unicodeScalars.count <= 10_000 else { throw Harm("too long") }
    guard !content.hasPrefix("/") else { throw Harm("a command of the message") }
    var page = Page()
    try page.read(content)
    return [Seen(runs: page.runs, pings: page.pings)]
  }

  /// A moment in each reader's own zone; ours is seconds.
  static func shown(_ seconds: Int64) -> String { "🕑\(seconds)" }

  private struct Page {
    var runs: [Run] = []
    var pings: Set<String> = []
    private var style: Style = []

    mutating func read(_ content: String) throws {
      var lines = content.unicodeScalars.split(
        separator: "\n", omittingEmptySubsequences: false)[...]
      while let line = lines.popFirst() {
        guard line.starts(with: "```".unicodeScalars) else {
          try inline(Array(line))
          if !lines.isEmpty { runs.append(Run("\n")) }
          continue
        }
        guard line.count == 3, let end = lines.firstIndex(where: { $0.elementsEqual(line) }) else {
          throw Harm("a block without an end")
        }
        for row in lines[..<end] { runs.append(Run(String(row) + "\n", .block)) }
        lines = lines[(end + 1)...]
      }
    }

    private mutating func inline(_ line: [Unicode.Scalar]) throws {
      let blank = line.prefix { $0 == " " }
      let words = line.dropFirst(blank.count)
      guard blank.count < 4, words.first != "\t" else { throw Harm("indented code") }
      if let first = words.first, ">#-+".unicodeScalars.contains(first) {
        throw Harm("a line begins with \(first)")
      }
      let digits = words.prefix { $0.properties.numericType != nil }
      if !digits.isEmpty, let next = words.dropFirst(digits.count).first, next == "." || next == ")"
      {
        throw Harm("a numbered list")
      }
      var at = 0
      while at < line.count { try one(line, &at) }
      guard style.isEmpty else { throw Harm("bold over the end of its line") }
    }

    private mutating func one(_ line: [Unicode.Scalar], _ at: inout Int) throws {
      let rest = line[at...]
      func has(_ words: String) -> Bool { rest.starts(with: words.unicodeScalars) }
      switch line[at] {
      case "&":
        if let (scalar, end) = try Self.reference(rest) {
          runs.append(Run(String(scalar), style))
          at = end
          return
        }
      case "@" where has("@**") || has("@*") || has("@_*"):
        try mention(line, &at)
        return
      case "*":
        guard has("**") else { throw Harm("a star") }
        style.formSymmetricDifference(.strong)
        at += 2
        return
      case "`":
        try code(line, &at)
        return
      case "~", "$", "|": throw Harm("a bare \(line[at])")
      case "]" where has("]("): throw Harm("a link")
      case "<" where has("<time:"):
        try time(line, &at)
        return
      case "#" where has("#**"): throw Harm("a channel")
      case ":" where Self.isEmoji(rest): throw Harm("an emoji")
      default: break
      }
      runs.append(Run(String(line[at]), style))
      at += 1
    }

    private static func reference(
      _ rest: ArraySlice<Unicode.Scalar>
    ) throws -> (Unicode.Scalar, Int)? {
      let name = rest.dropFirst().prefix {
        $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0)) || $0 == "#"
      }
      guard !name.isEmpty, rest[name.endIndex...].first == ";" else { return nil }
      let number =
        name.first == "#" ? UInt32(String(String.UnicodeScalarView(name.dropFirst()))) : nil
      guard let scalar = number.flatMap(Unicode.Scalar.init) else {
        throw Harm("a reference that somebody wrote")
      }
      return (scalar, name.endIndex + 1)
    }

    private mutating func mention(_ line: [Unicode.Scalar], _ at: inout Int) throws {
      let before: Unicode.Scalar = at > 0 ? line[at - 1] : " "
      let isOurs = line[at...].starts(with: "@**|12**".unicodeScalars)
      // BEFORE_MENTION_ALLOWED_REGEX.
      guard before.properties.isWhitespace || "'\"({[/<".unicodeScalars.contains(before),
        isOurs
      else { throw Harm("a mention: \(String(String.UnicodeScalarView(line[at...])))") }
      runs.append(Run("@ana", style, person: "12"))
      pings.insert("12")
      at += 8
    }

    /// `<time:…>` as we write it. One that somebody wrote would be seen where their words ought to
    /// be.
    private mutating func time(_ line: [Unicode.Scalar], _ at: inout Int) throws {
      let inside = line[at...].dropFirst(6).prefix { $0 != ">" }
      let text = String(String.UnicodeScalarView(inside))
      guard inside.endIndex < line.count, text.utf8.count == 25,
        let date = ISO8601DateFormatter().date(from: text)
      else { throw Harm("a time that is none: \(text)") }
      runs.append(Run(ZulipReader.shown(Int64(date.timeIntervalSince1970)), style))
      at = inside.endIndex + 1
    }

    /// BACKTICK_RE: not behind a backslash, between as many backticks.
    private mutating func code(_ line: [Unicode.Scalar], _ at: inout Int) throws {
      if at > 0, line[at - 1] == "\\" { throw Harm("code behind a backslash") }
      let open = line[at...].prefix { $0 == "`" }
      guard open.count == 1, let end = line[open.endIndex...].firstIndex(of: "`"),
        end > open.endIndex, line[(end + 1)...].first != "`"
      else { throw Harm("code without an end") }
      let inside = String(String.UnicodeScalarView(line[open.endIndex..<end]))
      runs.append(Run(inside, style.union(.code)))
      at = end + 1
    }

    /// EMOJI_REGEX: `:[\w\-\+]+:`.
    private static func isEmoji(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
      let name = rest.dropFirst().prefix {
        $0.properties.isAlphabetic || $0.properties.numericType != nil
          || "_+-".unicodeScalars.contains($0)
      }
      return !name.isEmpty && rest[name.endIndex...].first == ":"
    }
  }
}
