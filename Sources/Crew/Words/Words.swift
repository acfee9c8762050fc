/// One language as its file gives it (`Languages/zh.json`).
public struct Language: Sendable, Equatable, Codable {
  /// The code that people type, e.g. `zh`.
  public var code: String
  /// Its own name for itself, e.g. `简体中文`.
  public var name: String
  /// Texts by the key of their phrase; a missing one falls back to English.
  public var phrases: [String: String]
  /// More words for a command, by its English path: `"task add": ["任务 添加"]`.
  public var commands: [String: [String]]

  public init(
    code: String, name: String, phrases: [String: String] = [:],
    commands: [String: [String]] = [:]
  ) {
    self.code = code
    self.name = name
    self.phrases = phrases
    self.commands = commands
  }
}

/// All languages that this daemon speaks. English is always there.
public struct Words: Sendable, Equatable {
  public let languages: [String: Language]
  /// Every name of every command, in any language, as folded words; see `Catalog.find`.
  let names: [CommandName]
  /// The same by the first letter of each.
  private let namesByLetter: [Character: [CommandName]]

  public init(_ languages: [Language] = []) {
    var table = ["en": Language(code: "en", name: "English")]
    for language in languages { table[language.code] = language }
    self.languages = table
    names = CommandName.all(in: table)
    namesByLetter = Dictionary(grouping: names.filter { $0.letter != nil }) { $0.letter ?? " " }
  }

  /// Names that begin with the same letter as this word: only they can be meant by it.
  func names(near word: String?) -> [CommandName] {
    word?.first.flatMap { namesByLetter[$0] } ?? []
  }

  public var codes: [String] { languages.keys.sorted() }

  func text(of phrase: Phrase, in language: String) -> String {
    languages[language]?.phrases[phrase.key] ?? phrase.english
  }
}

/// Turns phrases into text for one reader.
public struct Speaker: Sendable {
  let words: Words
  let language: String
  let members: Members

  public init(words: Words, language: String, members: Members) {
    self.words = words
    self.language = language
    self.members = members
  }

  public func say(_ phrase: Phrase) -> Markup {
    fill(words.text(of: phrase, in: language), with: phrase.values)
  }

  public func lines(_ phrases: [Phrase]) -> Markup { .lines(phrases.map(say)) }

  private func fill(_ template: String, with values: [String: Phrase.Value]) -> Markup {
    var nodes: [Markup.Node] = []
    guard template.utf8.contains(UInt8(ascii: "`")) else {
      substitute(template[...], values, into: &nodes)
      return Markup(nodes)
    }
    // Every second part stood between backticks: it is a command to type.
    let parts = template.split(separator: "`", omittingEmptySubsequences: false)
    for (number, part) in parts.enumerated() {
      if number.isMultiple(of: 2) {
        substitute(part, values, into: &nodes)
      } else {
        var words: [Markup.Node] = []
        substitute(part, values, into: &words)
        nodes.append(.command(Markup(words).plain(prefix: "")))
      }
    }
    return Markup(nodes)
  }

  private func substitute(
    _ template: Substring, _ values: [String: Phrase.Value], into nodes: inout [Markup.Node]
  ) {
    var rest = template
    // Braces are looked for as bytes: taking a text apart into characters is most of the work.
    while let open = rest.utf8.firstIndex(of: UInt8(ascii: "{")) {
      guard let close = rest[open...].utf8.firstIndex(of: UInt8(ascii: "}")) else { break }
      literal(rest[..<open], into: &nodes)
      let name = String(rest[rest.utf8.index(after: open)..<close])
      let end = rest.utf8.index(after: close)
      if let value = values[name] {
        nodes += show(value).nodes
      } else {
        literal(rest[open..<end], into: &nodes)
      }
      rest = rest[end...]
    }
    literal(rest, into: &nodes)
  }

  private func literal(_ text: Substring, into nodes: inout [Markup.Node]) {
    guard text.utf8.contains(UInt8(ascii: "\n")) else {
      if !text.isEmpty { nodes.append(.text(String(text))) }
      return
    }
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if number > 0 { nodes.append(.lineBreak) }
      if !line.isEmpty { nodes.append(.text(String(line))) }
    }
  }

  public func show(_ value: Phrase.Value) -> Markup {
    switch value {
    case .text(let text): Markup(Text.isolated(text))
    case .number(let number): Markup(String(number))
    case .person(let person): Markup([members.node(for: person, pings: false)])
    case .calls(let person): Markup([members.node(for: person, pings: true)])
    case .day(let day): date(day)
    case .time(let day, let time): date(day) + Markup(" \(time)")
    case .moment(let phrase, let instant, let offset):
      Markup([
        .moment(words: say(phrase).plain(prefix: ""), at: instant, offsetSeconds: offset)
      ])
    case .phrase(let phrase): say(phrase)
    case .list(let values): join(values)
    case .table(let rows): Markup([.table(columns(rows))])
    case .markup(let markup): markup
    }
  }

  private func join(_ values: [Phrase.Value]) -> Markup {
    let comma = say(Phrase("list.comma", ", ")).nodes
    var nodes: [Markup.Node] = []
    for (number, value) in values.enumerated() {
      if number > 0 { nodes += comma }
      nodes += show(value).nodes
    }
    return Markup(nodes)
  }

  private func date(_ day: Day) -> Markup {
    say(
      Phrase(
        "date.short", "{weekday} {day} {month}",
        [
          "weekday": .phrase(Self.name(of: day.weekday)), "day": .number(day.day),
          "month": .phrase(Self.monthNames[day.month - 1]), "number": .number(day.month),
        ]))
  }

  public static func name(of weekday: Weekday) -> Phrase { weekdayNames[weekday.rawValue - 1] }

  private static let weekdayNames = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    .map { Phrase("date.\($0.lowercased())", $0) }
  private static let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ].map { Phrase("date.\($0.lowercased())", $0) }
}

extension Speaker {
  /// For a line to somebody who is in no team.
  public static func alone(_ words: Words, language: String) -> Speaker {
    Speaker(words: words, language: language, members: Members())
  }
}
