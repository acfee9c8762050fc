import Crew

/// Google Chat's own markup (workspace/chat/format-messages), of the app and of a webhook. There is
/// no way to escape, so a zero-width space behind a sign takes its meaning.
enum GoogleChatText {
  /// - Parameters:
  ///   - prefix: what stands before a command; empty where nobody can type one.
  ///   - person: how somebody is mentioned; nil where they are not.
  static func style(
    prefix: String = "", person: (@Sendable ([Identity]) -> String?)? = nil
  ) -> MarkupStyle {
    MarkupStyle(
      escape: escape, strong: MarkupStyle.eachLine("*"),
      command: { code(Printable.inert(prefix + $0, behind: Printable.atOrAngle)) },
      table: { block(Printable.inert($0, behind: Printable.atOrAngle)) }, person: person)
  }

  private static let marks: Signs = "*_~`<@"
  private static let beginnings: Signs = "->"

  private static func escape(_ words: String) -> String {
    var text = ""
    for (number, line) in Printable.lines(Printable.inert(words, behind: marks)).enumerated() {
      if number > 0 { text += "\n" }
      text += escapeLine(line)
    }
    return text
  }

  /// One line of somebody's words, or what stands between two marks of ours.
  private static func escapeLine(_ line: String) -> String {
    // A list or a quotation begins with its line.
    guard line.holds(beginnings) else { return emoji(line) }
    let first = line.unicodeScalars.firstIndex { !$0.properties.isWhitespace }
    guard let first, beginnings.contains(line.utf8[first]) else { return emoji(line) }
    let behind = line.utf8.index(after: first)
    return String(line[..<behind]) + "\u{200B}" + emoji(String(line[behind...]))
  }

  /// `:name:` is shown as a picture, also where the next piece ends it.
  private static func emoji(_ words: String) -> String {
    guard words.holds(UInt8(ascii: ":")) else { return words }
    let scalars = Array(words.unicodeScalars)
    var text = String.UnicodeScalarView()
    for (place, scalar) in scalars.enumerated() {
      text.append(scalar)
      guard scalar == ":" else { continue }
      let name = scalars[(place + 1)...].prefix(64)
        .prefix { $0.properties.isAlphabetic || isNameSign($0) }
      let isName =
        name.endIndex == scalars.endIndex || !name.isEmpty && scalars[name.endIndex] == ":"
      if isName { text.append("\u{200B}") }
    }
    return String(text)
  }

  private static func isNameSign(_ scalar: Unicode.Scalar) -> Bool {
    ("0"..."9").contains(scalar) || "_+-\u{200B}".unicodeScalars.contains(scalar)
  }

  /// Between backticks nothing else means anything, so those alone become their likeness.
  private static func code(_ words: String) -> String {
    words.isEmpty ? "" : "`" + Printable.replacing(words, "`") { _ in "ˋ" } + "`"
  }

  private static func block(_ words: String) -> String {
    "\n```\n" + Printable.replacing(words, "`") { _ in "ˋ" } + "\n```\n"
  }
}
