/// One name of one command, in some language, as folded words.
struct CommandName: Sendable, Equatable {
  let words: [String]
  /// The command's English path.
  let path: String
  let language: String

  var letter: Character? { words.first?.first }

  static func all(in languages: [String: Language]) -> [CommandName] {
    func name(_ text: String, _ path: String, _ language: String) -> CommandName {
      CommandName(
        words: Text.folded(text).split(separator: " ").map(String.init), path: path,
        language: language)
    }
    return Catalog.commands.flatMap { command in
      ([command.path] + command.aliases).map { name($0, command.path, "en") }
        + languages.keys.sorted().flatMap { code in
          (languages[code]?.commands[command.path] ?? []).map { name($0, command.path, code) }
        }
    }
  }
}

/// What the words after a prefix turned out to be.
enum Found: Equatable {
  /// A command, by its path, and how many tokens its name took.
  case command(String, taken: Int)
  /// Several commands begin like this; their paths.
  case several([String])
  /// The first word is a topic, the rest is not a command of it.
  case topic(String)
  case nothing
}

extension Words {
  /// The longest name that the words begin with; failing that, the only one that they abbreviate.
  func find(_ words: [String]) -> Found {
    let names = names(near: words.first)
    let exact = names.filter { words.starts(with: $0.words) }
      .max { $0.words.count < $1.words.count }
    let short = Self.abbreviated(words, of: names)
    if let exact, exact.words.count >= (short.first?.words.count ?? 0) {
      return .command(exact.path, taken: exact.words.count)
    }
    let paths = Set(short.map(\.path)).sorted()
    if paths.count == 1, let name = short.first {
      return .command(name.path, taken: name.words.count)
    }
    if let exact { return .command(exact.path, taken: exact.words.count) }
    if paths.count > 1 { return .several(paths) }
    if let topic = names.first(where: { $0.words.first == words.first && $0.words.count > 1 }) {
      return .topic(String(topic.path.prefix { $0 != " " }))
    }
    return .nothing
  }

  /// The longest names of which every word begins with what was typed (two letters at least, and
  /// not every one in full).
  private static func abbreviated(
    _ words: [String], of names: [CommandName]
  ) -> [CommandName] {
    let fitting = names.filter { name in
      name.words.count <= words.count
        && zip(name.words, words).allSatisfy { full, typed in
          full == typed || (isBegun(full, by: typed) && typed.count >= 2)
        }
    }
    // No key path: one of two steps is walked anew for each.
    let longest = fitting.map { $0.words.count }.max() ?? 0
    let candidates = fitting.filter { $0.words.count == longest }
    // A first word in full beats an abbreviation of a longer first word.
    let inFull = candidates.filter { $0.words.first == words.first }
    return inFull.isEmpty ? candidates : inFull
  }

  /// As `hasPrefix`, which takes both apart into characters even where their first bytes differ.
  private static func isBegun(_ word: String, by typed: String) -> Bool {
    word.utf8.starts(with: typed.utf8)
      || (typed.utf8.contains { $0 >= 0x80 } && word.hasPrefix(typed))
  }

  /// Menus know no spaces (Telegram: `/task_add`): the first word is taken apart where that makes
  /// it a command.
  func splitUnderscored(_ tokens: [Token]) -> [Token] {
    guard let first = tokens.first, first.kind == .word, first.text.contains("_") else {
      return tokens
    }
    let parts = first.text.split(separator: "_").enumerated().map { number, part in
      Token(kind: .word, text: String(part), gap: number == 0 ? first.gap : " ")
    }
    let words = parts.map(\.folded)
    guard names(near: words.first).contains(where: { $0.words == words }) else { return tokens }
    return parts + tokens.dropFirst()
  }

  /// Chinese is written without spaces: `接12`, `完成12`. Splits the first word behind the longest
  /// name of a command that it begins with.
  func splitGlued(_ tokens: [Token]) -> [Token] {
    guard let first = tokens.first, first.kind == .word,
      first.text.unicodeScalars.first.map(Text.isCJK) == true
    else { return tokens }
    let folded = first.folded
    guard !names.contains(where: { $0.words.first == folded }) else { return tokens }
    let heads = names.compactMap { $0.words.count == 1 ? $0.words.first : nil }
      .filter { $0.unicodeScalars.allSatisfy(Text.isCJK) && folded.hasPrefix($0) }
    guard let head = heads.max(by: { $0.count < $1.count }) else { return tokens }
    let rest = Token(kind: .word, text: String(first.text.dropFirst(head.count)), gap: " ")
    return [Token(kind: .word, text: head, gap: first.gap), rest] + tokens.dropFirst()
  }
}

extension Catalog {
  private static let commandsByPath = Dictionary(
    commands.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })

  static func command(_ path: String) -> Command? { commandsByPath[path] }
}
