import Foundation
import Platforms

/// Reads what we send to Google Chat as its clients do: `*bold*`, `` `code` `` and fences may stand
/// there. A sign with a space of no width behind it marks nothing.
enum GoogleChatReader {
  static func read(_ request: HTTPRequest) throws -> [Seen] {
    guard let text = try PlainReader.body(request)["text"].string else { throw Harm("no text") }
    guard text.unicodeScalars.count <= 4096 else { throw Harm("too long") }
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
        runs += try inline(Array(line))
      }
    }
    return [Seen(runs: runs, pings: [])]
  }

  private static func inline(_ line: [Unicode.Scalar]) throws -> [Run] {
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
}
