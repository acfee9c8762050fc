import Crew
import Foundation

/// Zulip's Markdown as far as it matters here, written from zerver/lib/markdown and not from our
/// encoder: what a reader sees, and whom it pings.
struct ZulipText {
  /// Without markup.
  var plain = ""
  var html = ""
  /// The numbers of whom it pings, `*` for everybody.
  var pings: [String] = []

  init(_ content: String, _ users: [ZulipFake.User]) {
    var isFence = false
    var lines: [String] = []
    var rows: [String] = []
    for line in content.components(separatedBy: "\n") {
      if line.hasPrefix("```") {
        isFence.toggle()
        continue
      }
      var row = isFence ? (plain: line, html: Self.escaped(line)) : spans(line, users)
      if !isFence, line.hasPrefix("> ") { row.plain = "▌" + row.plain.dropFirst(2) }
      if !isFence, line.hasPrefix("# ") { row.plain = "█" + row.plain.dropFirst(2) }
      lines.append(row.plain)
      rows.append(row.html)
    }
    plain = lines.joined(separator: "\n")
    html = "<p>" + rows.joined(separator: "<br>\n") + "</p>"
  }

  /// As the server stores it: without white space at its end and line feeds at its start, and at
  /// most 10,000 code points.
  static func kept(_ content: String) -> String {
    var text = content[...]
    while text.last?.isWhitespace == true { text = text.dropLast() }
    text = text.drop { $0 == "\n" }
    guard text.unicodeScalars.count > 10_000 else { return String(text) }
    let mark = "\n[message truncated]"
    var head = String.UnicodeScalarView()
    head.append(contentsOf: text.unicodeScalars.prefix(10_000 - mark.unicodeScalars.count))
    return String(head) + mark
  }

  /// `<time:…>` as somebody in UTC sees it.
  private static func time(_ rest: Substring) -> (shown: String, inside: String)? {
    guard rest.hasPrefix("<time:"), let end = rest.prefix(40).firstIndex(of: ">") else {
      return nil
    }
    let inside = String(rest[..<end].dropFirst(6))
    guard let date = ISO8601DateFormatter().date(from: inside) else { return nil }
    let form = DateFormatter()
    form.locale = Locale(identifier: "en_US_POSIX")
    form.timeZone = TimeZone(secondsFromGMT: 0)
    form.dateFormat = "EEE d MMM HH:mm"
    return (form.string(from: date), inside)
  }

  private mutating func spans(_ line: String, _ users: [ZulipFake.User]) -> (
    plain: String, html: String
  ) {
    var plain = ""
    var html = ""
    var rest = line[...]
    var before: Character = " "
    while let first = rest.first {
      if first == "`", let close = rest.dropFirst().firstIndex(of: "`") {
        let code = rest[rest.index(after: rest.startIndex)..<close]
        plain += code
        html += "<code>\(Self.escaped(String(code)))</code>"
        rest = rest[rest.index(after: close)...]
      } else if first == "@", before.isWhitespace || "'\"({[/<".contains(before),
        let mention = mention(rest, users)
      {
        plain += mention.shown
        html += mention.html
        rest = rest.dropFirst(mention.length)
      } else if first == "&", let end = rest.prefix(12).firstIndex(of: ";"),
        let character = Self.entity(rest[rest.index(after: rest.startIndex)..<end])
      {
        plain += character
        html += String(rest[...end])
        rest = rest[rest.index(after: end)...]
      } else if let time = Self.time(rest) {
        plain += time.shown
        html += "<time datetime=\"\(time.inside)\">\(time.inside)</time>"
        rest = rest.dropFirst(time.inside.count + 7)
      } else if rest.hasPrefix("**") {
        rest = rest.dropFirst(2)
      } else {
        plain.append(first)
        html += Self.escaped(String(first))
        rest = rest.dropFirst()
      }
      before = first
    }
    return (plain, html)
  }

  private mutating func mention(_ text: Substring, _ users: [ZulipFake.User]) -> (
    shown: String, html: String, length: Int
  )? {
    let isSilent = text.hasPrefix("@_**")
    guard isSilent || text.hasPrefix("@**") else { return nil }
    let inner = text.dropFirst(isSilent ? 4 : 3).prefix { $0 != "*" }
    guard !inner.isEmpty, text[inner.endIndex...].hasPrefix("**") else { return nil }
    let length = inner.count + (isSilent ? 6 : 5)
    if ["all", "everyone", "channel", "stream", "topic"].contains(inner) {
      if !isSilent { pings.append("*") }
      return (
        "@\(inner)", "<span class=\"user-mention\" data-user-id=\"*\">@\(inner)</span>", length
      )
    }
    let parts = inner.split(separator: "|", maxSplits: 1, omittingEmptySubsequences: false)
    let user = users.first { user in
      parts.count == 2
        ? String(user.id) == parts[1] && (parts[0].isEmpty || user.name == parts[0])
        : user.name == String(inner)
    }
    guard let user else { return nil }
    if !isSilent { pings.append(String(user.id)) }
    let shown = (isSilent ? "" : "@") + user.name
    let kind = isSilent ? "user-mention silent" : "user-mention"
    return (shown, "<span class=\"\(kind)\" data-user-id=\"\(user.id)\">\(shown)</span>", length)
  }

  private static func entity(_ name: Substring) -> String? {
    if name.hasPrefix("#"), let value = UInt32(name.dropFirst()), let scalar = Unicode.Scalar(value)
    {
      return String(Character(scalar))
    }
    return ["lt": "<", "gt": ">", "amp": "&", "quot": "\""][String(name)]
  }

  private static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;")
  }
}
