import Crew
import Foundation
import Platforms

extension EncoderChecks {
  static let rocketChatAna = "rbAXPnMktTFbNpwtJ"

  public static let rocketchat = EncoderChecks(
    RocketChat(
      .init(account: "rocketchat", server: "https://rc.example", user: "bellbellbellbell1")),
    account: "rocketchat", room: "GENERAL", user: rocketChatAna,
    credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0.contains(.code) ? .code : $0 },
    // Within bold there is no way to write one of its marks.
    isBold: { run in
      run.person == nil && !run.text.unicodeScalars.contains { "*_~`".unicodeScalars.contains($0) }
    }, backtick: "ˋ",
    progress: #"{"isChecking":false,"lost":0,"names":{"\#(rocketChatAna)":"ana"}}"#,
    read: RocketChatReader.read)
}

/// Reads what we send to Rocket.Chat as its parser does (`packages/message-parser`): of all it
/// knows only bold, code and code blocks may stand there, and the `@names` that the server rings
/// for. Anything else that would be a mark is a harm.
enum RocketChatReader {
  static func read(_ request: HTTPRequest) throws -> [Seen] {
    let body = JSON(request.body ?? Data()) ?? .null
    guard let message = body["message"]["msg"].string ?? body["text"].string else {
      throw Harm("no message")
    }
    guard message.utf16.count <= 5000 else { throw Harm("too long") }
    guard body["previewUrls"].array?.isEmpty == true else { throw Harm("shows pages") }
    return [try Page(message).seen]
  }

  private struct Page {
    var runs: [Run] = []
    var pings: Set<String> = []

    var seen: Seen { Seen(runs: runs, pings: pings) }

    init(_ message: String) throws {
      // The text of a link may hold anything, line ends and code too.
      if let open = message.firstIndex(of: "["), message[open...].contains("](") {
        throw Harm("a link")
      }
      var lines = message.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)[
        ...]
      while let line = lines.popFirst() {
        guard line.starts(with: "```".unicodeScalars) else {
          try check(beginningOf: Array(line))
          try inline(Array(line), [])
          if !lines.isEmpty { runs.append(Run("\n")) }
          continue
        }
        guard line.count == 3, let end = lines.firstIndex(where: { $0.elementsEqual(line) }),
          end > lines.startIndex
        else { throw Harm("a block without an end") }
        for row in lines[..<end] {
          if row.contains("`") { throw Harm("a backtick in a block") }
          runs.append(Run(String(row) + "\n", .block))
        }
        lines = lines[(end + 1)...]
      }
    }

    private func check(beginningOf line: [Unicode.Scalar]) throws {
      let first = line.first
      if first == ">" { throw Harm("a quotation") }
      let rest = line.drop { $0 == "#" || $0 == "-" || $0 == "*" }
      if rest.count < line.count, rest.first == " " || rest.first == "\t" {
        throw Harm("a heading or a list")
      }
      let number = line.prefix { ("0"..."9").contains($0) }
      if !number.isEmpty, line.dropFirst(number.count).starts(with: [".", " "]) {
        throw Harm("a numbered list")
      }
      if String(String.UnicodeScalarView(line)) == "||" { throw Harm("a spoiler") }
    }

    private mutating func inline(_ line: [Unicode.Scalar], _ style: Style) throws {
      var at = 0
      while at < line.count { try one(line, &at, style) }
    }

    private mutating func one(
      _ line: [Unicode.Scalar], _ at: inout Int, _ style: Style
    ) throws {
      let next: Unicode.Scalar? = at + 1 < line.count ? line[at + 1] : nil
      try refuseEmoticon(line, at)
      switch line[at] {
      case "\\":
        if style.isEmpty, let next, "*_~`#.".unicodeScalars.contains(next) {
          at += 1
        } else if let next, "([".unicodeScalars.contains(next) {
          throw Harm("a formula")
        }
      case "*": return try bold(line, &at, style)
      case "`": return try code(line, &at)
      case "_", "~": throw Harm("a bare \(line[at])")
      case "h" where address(line, at) > 0:
        let end = at + address(line, at)
        runs.append(Run(String(String.UnicodeScalarView(line[at..<end])), style))
        at = end
        return
      case "@": if try ping(line, &at, style) { return }
      case "#": if next.map(isNamePart) ?? false { throw Harm("a channel") }
      case "<": try refuseLink(line, at)
      case "+":
        if next.map({ ("0"..."9").contains($0) || $0 == "(" }) ?? false {
          throw Harm("a telephone number")
        }
      case "|": if next == "|" { throw Harm("a spoiler") }
      case ":":
        let name = line[(at + 1)...].prefix { isNamePart($0) || $0 == "+" }
        if !name.isEmpty, name.endIndex < line.count, line[name.endIndex] == ":" {
          throw Harm("a picture")
        }
      default: break
      }
      runs.append(Run(String(line[at]), style))
      at += 1
    }

    private mutating func bold(
      _ line: [Unicode.Scalar], _ at: inout Int, _ style: Style
    ) throws {
      guard style.isEmpty, let end = line[(at + 1)...].firstIndex(of: "*"), end > at + 1 else {
        throw Harm("a star")
      }
      try inline(Array(line[(at + 1)..<end]), .strong)
      at = end + 1
    }

    private mutating func code(_ line: [Unicode.Scalar], _ at: inout Int) throws {
      guard let end = line[(at + 1)...].firstIndex(of: "`"), end > at + 1 else {
        throw Harm("a backtick")
      }
      let inside = Array(line[(at + 1)..<end])
      // The server rings for names in code, too.
      for place in inside.indices.dropLast() where inside[place] == "@" {
        if isNamePart(inside[place + 1]) { throw Harm("a ping in code") }
      }
      runs.append(Run(String(String.UnicodeScalarView(inside)), .code))
      at = end + 1
    }

    /// Whatever stands before or behind it: some versions are stricter.
    private mutating func ping(
      _ line: [Unicode.Scalar], _ at: inout Int, _ style: Style
    ) throws -> Bool {
      let name = String(String.UnicodeScalarView(line[(at + 1)...].prefix(while: isNamePart)))
      guard !name.isEmpty else { return false }
      let before = at > 0 ? line[at - 1] : " "
      guard before == " " || at == 0, style.isEmpty else { throw Harm("@\(name) beside a letter") }
      let user = name == "ana" ? EncoderChecks.rocketChatAna : name
      pings.insert(user)
      runs.append(Run("@" + name, style, person: user))
      at += name.unicodeScalars.count + 1
      return true
    }

    private func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || "-_.".unicodeScalars.contains(scalar)
    }

    /// Up to the next white space.
    private func address(_ line: [Unicode.Scalar], _ at: Int) -> Int {
      let isOne = ["https://", "http://"].contains { line[at...].starts(with: $0.unicodeScalars) }
      return isOne ? line[at...].prefix { !$0.properties.isWhitespace }.count : 0
    }

    private func refuseLink(_ line: [Unicode.Scalar], _ at: Int) throws {
      let rest = String(String.UnicodeScalarView(line[at...]))
      let isLink = rest.prefixMatch(of: /<[^\s|<>]+\|/) != nil || rest.hasPrefix("<t:")
      if isLink { throw Harm("a link: \(rest.prefix(40))") }
    }

    private static let emoticons = [
      "<3", "</3", ":D", ":-D", "=D", ">:)", ":)", ":-)", "=)", ";)", ";-)", ":*", "=*", ":P", "=P",
      ":b", ">:P", "X-P", "B-)", "B)", "8)", "8-)", "B-D", "8-D", ":(", "=(", ":[", ":/", "=/",
      ":\\", ":L", "=L", ">.<", ":'(", ";(", ":@", ":$", "=$", "D:", ":X", "=X", ":#", "=#", "-_-",
      ":O", "O_O", "#)", "#-)", "%)", "%-)", "X)", "X-)", "(y)", "\\0/", "\\O/", "':)", ":')",
    ]

    /// Where one stands alone.
    private func refuseEmoticon(_ line: [Unicode.Scalar], _ at: Int) throws {
      guard at == 0 || line[at - 1] == " " else { return }
      let word = String(String.UnicodeScalarView(line[at...].prefix { $0 != " " && $0 != "\t" }))
      if Self.emoticons.contains(word) { throw Harm("a face: \(word)") }
    }
  }
}
