import Crew
import Foundation
import Testing

/// The language files of the project.
enum Languages {
  static let folder = "Sources/Daemon/Languages"

  static func all() throws -> [Language] {
    try House.paths(in: folder, ending: ".json").map { path in
      try JSONDecoder().decode(Language.self, from: Data(House.text(path).utf8))
    }
  }
}

@Suite struct LanguagesTests {
  @Test func `every file of a language is carried inside the binary`() throws {
    let loader = try House.text("Sources/Daemon/LanguageFiles.swift")
    for path in House.paths(in: Languages.folder, ending: ".json") {
      let name = (path as NSString).lastPathComponent
      #expect(loader.contains("\"\(name)\""), "name \(name) in LanguageFiles.embedded")
      #expect(try House.text(path).contains("\"code\": \"\(name.dropLast(5))\""))
    }
  }

  @Test func `every command has a Chinese name, and none has two meanings`() throws {
    for language in try Languages.all() {
      let missing = Catalog.commands.map(\.path)
        .filter { language.commands[$0]?.isEmpty ?? true }
      House.expectNone(missing, "commands without a name in \(language.name)")
      let paths = Set(Catalog.commands.map(\.path))
      House.expectNone(
        language.commands.keys.filter { !paths.contains($0) }.sorted(),
        "names in \(language.name) of commands that do not exist")
      let names = language.commands.flatMap { path, names in names.map { ($0, path) } }
      let twice = Dictionary(grouping: names, by: \.0).filter { $1.count > 1 }
      House.expectNone(twice.keys.sorted(), "names in \(language.name) that mean two commands")
    }
  }

  @Test func `every phrase has a text in every language, with the same places to fill`() throws {
    let phrases = Phrases.all()
    #expect(phrases.count > 50)
    for language in try Languages.all() {
      var findings: [String] = []
      for (key, english) in phrases.sorted(by: { $0.key < $1.key }) {
        guard let text = language.phrases[key] else {
          findings.append("\(key): missing: \(english)")
          continue
        }
        // A text for one thing may say "1" in letters.
        let mine = Phrases.places(in: text).subtracting(["count"])
        let theirs = Phrases.places(in: english).subtracting(["count"])
        // Some languages write a month as a number.
        if mine != theirs, key != "date.short" {
          findings.append("\(key): {\(mine.sorted())} is not {\(theirs.sorted())}: \(english)")
        }
        if !text.count(where: { $0 == "`" }).isMultiple(of: 2) {
          findings.append("\(key): a ` without its other")
        }
      }
      let prefixes = Phrases.prefixes()
      findings += language.phrases.keys.sorted()
        .filter { key in phrases[key] == nil && !prefixes.contains(where: key.hasPrefix) }
        .map { "\($0): no such phrase" }
      House.expectNone(findings, language.name)
    }
  }

  @Test func `one key means one text`() {
    House.expectNone(Phrases.conflicts(), "keys with two texts")
  }

  @Test func `phrases are found however they are written`() {
    let file = SwiftFile(
      path: "x",
      text: """
        Phrase("a.b", "One {x}.") Phrase(
          "c.d",
          "Two "
            + "\\"parts\\".", ["x": 1])
        .counted("e", tasks.count(where: { $0.isOpen }), one: "one", many: "{count} tasks")
        // Phrase("f", "commented out")
        Phrase(isOld ? "g.old" : "g.new", isOld ? "Old." : "New {x}.", values)
        names("h.away", "Away: {people}", gone) Policy("i.j", usual: 5) Rule("k.l", text: "no")
        Phrase("m.\\(key)", english) Phrase("n" + (isOld ? ".old" : ""), english)
        Phrase(isOld ? "o.old" : "o.new", "Same.")
        """)
    #expect(
      Phrases.found(in: file).map { "\($0.key)=\($0.english)" } == [
        "a.b=One {x}.", "c.d=Two \"parts\".", "e.one=one", "e.many={count} tasks", "g.old=Old.",
        "g.new=New {x}.", "h.away=Away: {people}", "o.old=Same.", "o.new=Same.",
      ])
    #expect(Phrases.prefixes(in: file) == ["m.", "n"])
    #expect(Phrases.places(in: "{a} and `take {id}`") == ["a", "id"])
  }
}

/// The phrases of the core and of the daemon, by what stands there.
enum Phrases {
  private static func files() -> [SwiftFile] {
    House.swiftFiles(in: "Sources/Crew") + House.swiftFiles(in: "Sources/Daemon")
  }

  struct Found {
    let key: String
    let english: String
    let place: String
  }

  /// English by key: those written out, and those of the catalog.
  static func all() -> [String: String] {
    var all = Dictionary(
      files().flatMap(found).map { ($0.key, $0.english) },
      uniquingKeysWith: { $1 })
    for command in Catalog.commands { all[command.summary.key] = command.summary.english }
    for reminder in Catalog.reminders { all[reminder.summary.key] = reminder.summary.english }
    let names = [
      "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun",
      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    for name in names { all["date." + name.lowercased()] = name }
    // Values alone: there is nothing to translate.
    all["verbatim"] = nil
    return all
  }

  static func conflicts() -> [String] {
    Dictionary(grouping: files().flatMap(found), by: \.key)
      .filter { Set($1.map(\.english)).count > 1 }.sorted { $0.key < $1.key }
      .map { "\($0): \($1.map { "\($0.place) \"\($0.english)\"" }.joined(separator: ", "))" }
  }

  static func places(in text: String) -> Set<String> {
    Set(
      text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap { part in
        part.firstIndex(of: "}").map { String(part[..<$0]) }
      })
  }

  /// What keys begin with that are put together while running: their texts cannot be compared.
  static func prefixes() -> [String] {
    files().flatMap(prefixes)
  }

  static func prefixes(in file: SwiftFile) -> [String] {
    calls(in: file).compactMap { call in
      guard call.name == "Phrase" || call.name == "counted" else { return nil }
      return call.arguments.first.flatMap(\.prefix)
    }
  }

  /// Calls whose first arguments are a key and a text: `Phrase`, `counted`, and helpers that pass
  /// both on.
  static func found(in file: SwiftFile) -> [Found] {
    calls(in: file).flatMap { call -> [Found] in
      guard let keys = call.arguments.first, keys.label == "", keys.prefix == nil,
        call.name == "Phrase" || call.name == "counted" || keys.literals.allSatisfy(isKey)
      else { return [] }
      func all(_ ending: String, _ texts: SwiftCall.Argument) -> [Found] {
        // Of `a ? b : c` for the key and for the text, the first belong together, and the second.
        keys.literals.enumerated().compactMap { number, key in
          let text = texts.literals.count > number ? texts.literals[number] : texts.literals.first
          return text.map {
            Found(key: key + ending, english: $0, place: "\(file.path):\(call.line)")
          }
        }
      }
      let one = call.arguments.first { $0.label == "one" }
      let many = call.arguments.first { $0.label == "many" }
      if let one, let many { return all(".one", one) + all(".many", many) }
      guard call.arguments.count > 1, call.arguments[1].label == "" else { return [] }
      return all("", call.arguments[1])
    }
  }

  /// `checkins.away`, not `task add` and not a sentence.
  private static func isKey(_ text: String) -> Bool {
    text.contains(".") && !text.hasPrefix(".") && !text.hasSuffix(".")
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: ".") }
  }

  private static func calls(in file: SwiftFile) -> [SwiftCall] { SwiftCall.all(in: file) }
}
