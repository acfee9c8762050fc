import Foundation
import Platforms

/// Reads a mail of ours as RFC 5322 and MIME have it: the headers that we have a use for, a text
/// and an HTML that say the same, and in that HTML no tag and no attribute but the few of ours.
enum EmailReader {
  static func read(_ request: HTTPRequest) throws -> [Seen] {
    guard request.mail?.recipients == ["desk@example.org"], let data = request.body else {
      throw Harm("not one mail to one address")
    }
    let text = String(decoding: data, as: UTF8.self)
    guard data.allSatisfy({ $0 < 127 && ($0 >= 32 || $0 == 13 || $0 == 10) }),
      !text.replacingOccurrences(of: "\r\n", with: "").utf8.contains(where: { $0 < 32 })
    else { throw Harm("a byte that is no ASCII, or half a line's end") }
    guard let head = text.range(of: "\r\n\r\n") else { throw Harm("no head") }
    try check(head: String(text[..<head.lowerBound]))
    let parts = text[head.upperBound...].components(separatedBy: "--=_crewbell_m1.7")
    guard parts.count == 4, parts[3] == "--\r\n" else { throw Harm("\(parts.count) parts") }
    let (plain, html) = (try content(parts[1], "plain"), try content(parts[2], "html"))
    var page = Page(html)
    let seen = Seen(runs: try page.runs(), pings: [])
    let shown = Seen(runs: [Run(seen.runs.map(\.text).joined())], pings: [])
    guard Seen(runs: [Run(plain)], pings: []).normal == shown.normal else {
      throw Harm("the text and the HTML differ")
    }
    return [seen]
  }

  private static func check(head: String) throws {
    let known: Set<String> = [
      "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
      "MIME-Version", "List-Unsubscribe", "Content-Type",
    ]
    var names: Set<String> = []
    for line in head.components(separatedBy: "\r\n") {
      guard line.utf8.count <= 998 else { throw Harm("a line of \(line.utf8.count)") }
      if line.hasPrefix(" =?") { continue }
      let name = line.components(separatedBy: ":")[0]
      guard known.contains(name), names.insert(name).inserted else {
        throw Harm("the header \(line)")
      }
    }
  }

  private static func content(_ part: String, _ kind: String) throws -> String {
    let head =
      "\r\nContent-Type: text/\(kind); charset=utf-8\r\n"
      + "Content-Transfer-Encoding: base64\r\n\r\n"
    let lines = part.dropFirst(head.count).components(separatedBy: "\r\n")
    guard part.hasPrefix(head), lines.allSatisfy({ $0.utf8.count <= 76 }),
      let data = Data(base64Encoded: lines.joined()),
      let text = String(validating: data, as: UTF8.self)
    else { throw Harm("a part that is no \(kind)") }
    return text.replacingOccurrences(of: "\r\n", with: "\n")
  }

  private struct Page {
    private var rest: Substring.UnicodeScalarView
    private var open: [String] = []

    init(_ html: String) {
      rest = html[...].unicodeScalars
    }

    mutating func runs() throws -> [Run] {
      let start =
        "<!DOCTYPE html>\n<html><body style=\"font-family: sans-serif\">".unicodeScalars
      let end = "</body></html>\n".unicodeScalars
      guard rest.starts(with: start), rest.suffix(end.count).elementsEqual(end) else {
        throw Harm("no page")
      }
      rest = rest.dropFirst(start.count).dropLast(end.count)
      var runs: [Run] = []
      while let first = rest.first {
        switch first {
        case "<": try tag()
        case "&": runs.append(Run(String(try reference()), style))
        case ">", "\"", "'": throw Harm("a bare \(first)")
        default:
          runs.append(Run(String(first), style))
          rest = rest.dropFirst()
        }
      }
      guard open.isEmpty else { throw Harm("\(open) is not closed") }
      return runs
    }

    private var style: Style {
      if open.contains("pre") { return .block }
      var style: Style = open.contains("strong") ? .strong : []
      if open.contains("code") { style.insert(.code) }
      return style
    }

    private mutating func tag() throws {
      guard let end = rest.firstIndex(of: ">") else { throw Harm("a tag without an end") }
      let tag = String(rest[..<end].dropFirst())
      rest = rest[rest.index(after: end)...]
      switch tag {
      case "br": return
      case "strong", "code", "pre": open.append(tag)
      default:
        guard tag.hasPrefix("/"), let last = open.popLast(), tag == "/" + last else {
          throw Harm("the tag <\(tag)>")
        }
      }
    }

    private mutating func reference() throws -> Unicode.Scalar {
      guard rest.starts(with: "&#".unicodeScalars), let end = rest.firstIndex(of: ";"),
        let number = UInt32(String(rest[..<end].dropFirst(2))), let scalar = Unicode.Scalar(number)
      else { throw Harm("a bare ampersand") }
      rest = rest[rest.index(after: end)...]
      return scalar
    }
  }
}
