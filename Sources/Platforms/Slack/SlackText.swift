import Crew

/// A tree of ours as a `rich_text` block, whose elements carry words and marks apart: so nothing
/// needs escaping, and nothing that somebody wrote can become markup. The plain text beside it is
/// what notifications show.
struct SlackText {
  private(set) var elements: [JSON] = []
  private(set) var plain = ""
  private var section: [JSON] = []
  private let account: String
  private let prefix: String

  init(_ markup: Markup, account: String, prefix: String) {
    self.account = account
    self.prefix = prefix
    add(markup, isStrong: false)
    endSection()
  }

  /// In UTF-16 units, as the notification's text would be sent.
  var length: Int { escaped.utf16.count }

  var blocks: JSON { [["type": "rich_text", "elements": .array(elements)]] }

  /// With the three signs escaped that Slack reads in a text.
  var escaped: String { Self.escaped(plain) }

  static func escaped(_ words: String) -> String {
    Printable.replacing(words, "&<>") { $0 == "&" ? "&amp;" : $0 == "<" ? "&lt;" : "&gt;" }
  }

  private mutating func add(_ markup: Markup, isStrong: Bool) {
    for node in markup.nodes {
      switch node {
      case .text(let words), .moment(let words, _, _): add(words, isStrong: isStrong)
      case .lineBreak: add("\n", isStrong: isStrong)
      case .strong(let inner): add(inner, isStrong: true)
      case .command(let command): add(prefix + command, isStrong: isStrong, isCode: true)
      case .table(let table): add(table: table)
      case .person(let name, let identities, let pings):
        let here = pings ? identities.sorted().first { $0.account == account }?.user : nil
        guard let here, Slack.isID(here) else {
          add(name, isStrong: isStrong)
          continue
        }
        plain += name
        var element: [String: JSON] = ["type": "user", "user_id": .string(here)]
        if isStrong { element["style"] = ["bold": true] }
        section.append(.object(element))
      }
    }
  }

  private mutating func add(_ words: String, isStrong: Bool, isCode: Bool = false) {
    let words = Printable.withoutNUL(words)
    guard !words.isEmpty else { return }
    plain += words
    var element: [String: JSON] = ["type": "text", "text": .string(words)]
    var style: [String: JSON] = [:]
    if isStrong { style["bold"] = true }
    if isCode { style["code"] = true }
    if !style.isEmpty { element["style"] = .object(style) }
    section.append(.object(element))
  }

  private mutating func add(table: String) {
    let words = Printable.withoutNUL(table)
    guard !words.isEmpty else { return }
    if !plain.isEmpty, !plain.hasSuffix("\n") { plain += "\n" }
    plain += words + "\n"
    endSection(isBeforeTable: true)
    elements.append([
      "type": "rich_text_preformatted",
      "elements": [["type": "text", "text": .string(words)]],
    ])
  }

  private mutating func endSection(isBeforeTable: Bool = false) {
    // A table ends its own line; a break beside it would show as an empty one.
    let lineBreak: JSON = ["type": "text", "text": "\n"]
    if !elements.isEmpty, section.first == lineBreak { section.removeFirst() }
    if isBeforeTable, section.last == lineBreak { section.removeLast() }
    if !section.isEmpty {
      elements.append(["type": "rich_text_section", "elements": .array(section)])
    }
    section = []
  }
}
