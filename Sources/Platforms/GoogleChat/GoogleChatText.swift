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

  /// One line of somebody's words, or what stands between two marks of ours.
  private static func escape(_ words: String) -> String {
    let inert = Printable.inert(words, behind: marks)
    // A list or a quotation begins with its line.
    let head = inert.unicodeScalars.prefix { $0.properties.isWhitespace }
    let rest = inert.unicodeScalars[head.endIndex...]
    guard let first = rest.first, "->".unicodeScalars.contains(first) else { return emoji(inert) }
    return String(head) + String(first) + "\u{200B}" + emoji(String(rest.dropFirst()))
  }

  /// `:name:` is shown as a picture, also where the next piece ends it.
  private static func emoji(_ words: String) -> String {
    guard words.holds(UInt8(ascii: ":")) else { return words }
    var text = String.UnicodeScalarView()
    var rest = words.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      text.append(scalar)
      guard scalar == ":" else { continue }
      let name = rest.prefix(64).prefix { $0.properties.isAlphabetic || isNameSign($0) }
      let isName = name.endIndex == rest.endIndex || !name.isEmpty && rest[name.endIndex] == ":"
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
