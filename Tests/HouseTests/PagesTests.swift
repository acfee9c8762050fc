import Crew
import Foundation
import Testing

/// Pages made from the code, so that they cannot say anything else.
@Suite struct PagesTests {
  @Test func `the page of commands is up to date`() throws {
    try House.expectPage("docs/commands.md", is: Self.commands(Languages.all()))
  }

  @Test func `the page of events is up to date`() throws {
    let files = House.swiftFiles(in: "Sources/Crew")
    let kinds = files.flatMap(EventPage.kinds)
    #expect(kinds.count > 5)
    try House.expectPage("docs/events.md", is: EventPage.page(kinds))
  }

  static func commands(_ languages: [Language]) -> String {
    var page = """
      # Commands

      *Made from `Catalog` by `UPDATE=1 swift test --filter HouseTests`; do not edit it.*

      A command follows `/` or `!`, a mention of the bot, or nothing at all in a direct chat. What
      stands in `<…>` is yours to fill in, what stands in `[…]` can be left out. Words can be
      shortened as long as they stay clear.

      """
    var topics: [String] = []
    for command in Catalog.commands where !topics.contains(command.topic) {
      topics.append(command.topic)
    }
    for topic in topics {
      page += "\n## \(topic)\n\n"
      for command in Catalog.commands where command.topic == topic {
        page += line(command, languages)
      }
    }
    page +=
      "\n# Reminders\n\nWhat the bot says unasked, and why; `why` in chat says it too.\n\n"
    for reminder in Catalog.reminders {
      page += "- `\(reminder.name)`: \(reminder.summary.english)\n"
    }
    return page
  }

  private static func line(_ command: Command, _ languages: [Language]) -> String {
    let call = [command.path, command.usage].filter { !$0.isEmpty }.joined(separator: " ")
    var line = "- **`\(call)`** — \(command.summary.english)"
    if command.permission == .manager { line += " *Managers only.*" }
    if !command.aliases.isEmpty { line += " Also \(code(command.aliases))." }
    if command.example != command.path { line += " Example: `\(command.example)`." }
    for language in languages {
      guard let names = language.commands[command.path], !names.isEmpty else { continue }
      line += " \(language.name): \(code(names))."
    }
    return line + "\n"
  }

  private static func code(_ words: [String]) -> String {
    words.map { "`\($0)`" }.joined(separator: ", ")
  }
}

/// Reads each `enum Event` of the sources: its cases and the comments above them.
enum EventPage {
  struct Kind {
    var path: String
    /// The type that the enumeration stands in; empty for the one of all.
    var owner: String
    var cases: [(name: String, comment: String)]
  }

  static func kinds(in file: SwiftFile) -> [Kind] {
    var kinds: [Kind] = []
    var owner = ""
    var lines = zip(file.lines, file.codeLines).makeIterator()
    while let (line, code) = lines.next() {
      if let type = type(declaredBy: code) { owner = type }
      guard code.contains("enum Event"), code.contains("{") else { continue }
      let indent = line.prefix { $0 == " " }.count
      var body: [(Substring, Substring)] = []
      while let next = lines.next(),
        !(next.1.hasPrefix(String(repeating: " ", count: indent) + "}"))
      {
        body.append((next.0, next.1))
      }
      kinds.append(Kind(path: file.path, owner: indent == 0 ? "" : owner, cases: cases(body)))
    }
    return kinds
  }

  private static func type(declaredBy code: Substring) -> String? {
    guard !code.hasPrefix(" ") else { return nil }
    let words = code.split { !$0.isLetter && !$0.isNumber }
    guard let at = words.firstIndex(where: { ["struct", "extension", "enum"].contains($0) }),
      words.indices.contains(at + 1)
    else { return nil }
    return String(words[at + 1])
  }

  private static func cases(_ body: [(Substring, Substring)]) -> [(name: String, comment: String)] {
    var found: [(String, String)] = []
    var comment: [String] = []
    var rest = ""
    for (line, code) in body {
      let text = line.drop { $0 == " " }
      if rest.isEmpty, text.hasPrefix("///") {
        comment.append(String(text.dropFirst(3).drop { $0 == " " }))
        continue
      }
      let words = code.split(separator: " ").joined(separator: " ")
      if rest.isEmpty, !words.hasPrefix("case ") {
        if !words.isEmpty { comment = [] }
        continue
      }
      rest += (rest.isEmpty || rest.hasSuffix("(") ? "" : " ") + words
      guard rest.count(where: { $0 == "(" }) == rest.count(where: { $0 == ")" }) else { continue }
      found.append(
        (String(rest.dropFirst(5)).replacing(" )", with: ")"), comment.joined(separator: " ")))
      (rest, comment) = ("", [])
    }
    return found
  }

  static func page(_ kinds: [Kind]) -> String {
    var page = """
      # Events

      *Made from `Sources/Crew` by `UPDATE=1 swift test --filter HouseTests`; do not edit it.*

      What happened in a team, in the past tense, kept for ever. Cases are added, never changed:
      what is written once is read by every later version.

      """
    for kind in kinds {
      page += "\n## \(kind.owner.isEmpty ? "All" : kind.owner)\n\nFrom `\(kind.path)`.\n\n"
      for (name, comment) in kind.cases {
        page += "- `\(name)`" + (comment.isEmpty ? "" : ": \(comment)") + "\n"
      }
    }
    return page
  }
}
