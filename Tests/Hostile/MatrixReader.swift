import Crew
import Foundation
import Platforms

extension EncoderChecks {
  public static let matrix = EncoderChecks(
    Matrix(.init(account: "matrix", homeserver: "https://hs.example")), account: "matrix",
    room: "!team:hs.example", user: "@ana:hs.example", credential: Credential(token: "t"),
    isReadByOthers: true, read: MatrixReader.read)
}

/// Reads an event that we would send to a Matrix room as a strict client would: of the tags that
/// the specification allows in `org.matrix.custom.html` (client-server API, m.room.message) only
/// those that we have a use for, no attribute but `href`, no character reference but four.
public enum MatrixReader {
  /// An event may have 65 536 bytes with what the server adds to it; 4 KiB are left for that.
  static let contentBytesMax = 61_440

  public static func read(_ request: HTTPRequest) throws -> [Seen] {
    guard let body = request.body, let content = JSON(body), content.object != nil else {
      throw Harm("the body is no object")
    }
    guard body.count <= contentBytesMax else { throw Harm("the content has \(body.count) bytes") }
    let isEdit = content["m.new_content"] != .null
    if isEdit {
      guard content["m.mentions"].object?.isEmpty == true else { throw Harm("an edit rings") }
      return [try read(content: content["m.new_content"])]
    }
    return [try read(content: content)]
  }

  private static func read(content: JSON) throws -> Seen {
    let known: Set<String> = [
      "msgtype", "body", "format", "formatted_body", "m.mentions", "m.relates_to",
    ]
    let unknown = Set(content.object?.keys.map { $0 } ?? []).subtracting(known)
    guard unknown.isEmpty else { throw Harm("the content has \(unknown.sorted())") }
    guard content["msgtype"] == "m.notice", content["format"] == "org.matrix.custom.html",
      let plain = content["body"].string, let html = content["formatted_body"].string,
      let mentions = content["m.mentions"].object,
      Set(mentions.keys).isSubset(of: ["user_ids"])
    else { throw Harm("the content is not a notice with mentions and HTML") }
    let users = content["m.mentions"]["user_ids"].array?.compactMap(\.string) ?? []
    var reader = HTML(html)
    let runs = try reader.document()
    let named = Set(runs.compactMap(\.person))
    guard named == Set(users), users.count == named.count else {
      throw Harm("links \(named.sorted()), rings for \(users)")
    }
    let seen = Seen(runs: runs, pings: named)
    let words = Seen(runs: [Run(plain)], pings: [])
    let shown = Seen(runs: [Run(seen.runs.map(\.text).joined())], pings: [])
    guard words.normal == shown.normal else { throw Harm("the two bodies differ") }
    return seen
  }

  private struct HTML {
    private let bytes: [UInt8]
    private var at = 0
    private var open: [String] = []
    private var person: String?
    private var runs: [Run] = []
    private var text: [UInt8] = []

    init(_ html: String) { bytes = Array(html.utf8) }

    mutating func document() throws -> [Run] {
      while at < bytes.count {
        switch bytes[at] {
        case UInt8(ascii: "<"): try tag()
        case UInt8(ascii: "&"): try reference()
        case UInt8(ascii: ">"), UInt8(ascii: "\""): throw Harm("a bare \(bytes[at]) at \(at)")
        default:
          text.append(bytes[at])
          at += 1
        }
      }
      flush()
      guard open.isEmpty else { throw Harm("\(open) is not closed") }
      return runs
    }

    private var style: Style {
      var style: Style = []
      if open.contains("strong") { style.insert(.strong) }
      if open.contains("pre") {
        style.insert(.block)
      } else if open.contains("code") {
        style.insert(.code)
      }
      return style
    }

    private mutating func flush() {
      guard !text.isEmpty else { return }
      runs.append(Run(String(decoding: text, as: UTF8.self), style, person: person))
      text = []
    }

    private mutating func reference() throws {
      let known: [(String, UInt8)] = [
        ("&amp;", UInt8(ascii: "&")), ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")),
        ("&quot;", UInt8(ascii: "\"")),
      ]
      for (name, byte) in known where bytes[at...].starts(with: name.utf8) {
        text.append(byte)
        at += name.utf8.count
        return
      }
      throw Harm("an ampersand that is no reference at \(at)")
    }

    private mutating func tag() throws {
      guard let close = bytes[at...].firstIndex(of: UInt8(ascii: ">")) else {
        throw Harm("a tag without end")
      }
      let tag = String(decoding: bytes[(at + 1)..<close], as: UTF8.self)
      at = close + 1
      if tag == "br" {
        text.append(0x0A)
        return
      }
      flush()
      if tag.hasPrefix("/") {
        let name = String(tag.dropFirst())
        guard open.popLast() == name else { throw Harm("</\(name)> closes nothing") }
        if name == "a" { person = nil }
        return
      }
      try begin(tag)
    }

    private mutating func begin(_ tag: String) throws {
      switch tag {
      case "strong", "pre": open.append(tag)
      case "code": open.append(tag)
      default:
        let start = "a href=\"https://matrix.to/#/"
        guard tag.hasPrefix(start), tag.hasSuffix("\""), person == nil else {
          throw Harm("the tag <\(tag)>")
        }
        let link = tag.dropFirst(start.count).dropLast()
        let isPlain = link.utf8.allSatisfy { byte in
          byte == UInt8(ascii: "%") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "~")
            || (byte < 128 && Unicode.Scalar(byte).properties.isAlphabetic)
            || (0x30...0x39).contains(byte)
        }
        guard isPlain, let user = link.removingPercentEncoding else {
          throw Harm("a link to \(link)")
        }
        person = user
        open.append("a")
      }
    }
  }
}
