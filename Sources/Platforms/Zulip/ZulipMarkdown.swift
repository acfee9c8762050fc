import Crew

extension Zulip {
  /// Zulip's Markdown. It knows no backslash, but it shows HTML entities as their characters after
  /// everything that forms, links or pings has been found (`entity` comes behind mentions, links
  /// and times in zerver/lib/markdown, and before bold and emoji). So what a person wrote keeps its
  /// look, and nothing in it is markup.
  struct Markdown {
    /// A part that is never split.
    private enum Atom: Equatable {
      case words(String)
      case strong, unstrong
      case fence, unfence

      var text: String {
        switch self {
        case .words(let text): text
        case .strong, .unstrong: "**"
        case .fence: "```\n"
        case .unfence: "\n```\n"
        }
      }
    }

    private var atoms: [Atom] = []
    private let account: String
    private var last: Character = "\n"

    init(_ markup: Markup, account: String) {
      self.account = account
      add(markup)
    }

    private mutating func add(_ markup: Markup) {
      for node in markup.nodes { add(node) }
    }

    private mutating func add(_ node: Markup.Node) {
      switch node {
      case .text(let words): add(inert: words)
      case .lineBreak: put(.words("\n"))
      case .strong(let inner):
        guard !inner.plain(prefix: "").isEmpty else { return }
        put(.strong)
        add(inner)
        put(.unstrong)
      case .table(let words):
        if last != "\n" { put(.words("\n")) }
        put(.fence)
        for character in words where character != "\0" { put(.words(Self.unfenced(character))) }
        put(.unfence)
      case .command(let words):
        put(.words("`/" + words.filter { $0 != "\0" }.map(Self.unfenced).joined() + "`"))
      case .person(let name, let identities, let pings):
        let here = identities.first { $0.account == account }.flatMap { Int64($0.user) }
        guard pings, let here else { return add(inert: name) }
        // The number alone: with a name that is not theirs any more it would be no mention.
        if !Text.opens(after: last) { put(.words("\u{200A}")) }
        put(.words("@**|\(here)**"))
      }
    }

    private mutating func put(_ atom: Atom) {
      guard let end = atom.text.last else { return }
      atoms.append(atom)
      last = end
    }

    /// In code nothing is shown as its entity, so a character that looks alike stands there.
    private static func unfenced(_ character: Character) -> String {
      character == "`" ? "ˋ" : String(character)
    }

    // MARK: - What a person wrote

    private mutating func add(inert words: String) {
      let characters = Array(words.filter { $0 != "\0" })
      var isLineStart = last == "\n"
      for (place, character) in characters.enumerated() {
        let next = place + 1 < characters.count ? characters[place + 1] : nil
        let isMarkup =
          isLineStart && Self.begins(characters[place...]) || Self.forms(character, before: next)
          || character == ":" && Self.isEmoji(characters[place...])
          || character == "&" && Self.isEntity(characters[place...])
        put(.words(isMarkup ? Self.entity(character) : String(character)))
        // Behind a mark that stays a digit, `1.` would still be a list.
        isLineStart = character == "\n" || (isLineStart && character.isNumber)
      }
    }

    private static func entity(_ character: Character) -> String {
      character.unicodeScalars.map { "&#\($0.value);" }.joined()
    }

    /// Signs that begin or end something wherever they stand. What follows a leaf is not known.
    private static func forms(_ character: Character, before next: Character?) -> Bool {
      switch character {
      case "*", "`", "|": true
      case "@": next == "*" || next == "_" || next == nil
      case "~", "$": true
      case "]": next == "(" || next == nil
      case "<": next == "t" || next == nil
      default: false
      }
    }

    /// Signs that make a block of a line, or a command of a message (`/me`, `/poll`, `/todo`).
    private static func begins(_ line: ArraySlice<Character>) -> Bool {
      switch line.first {
      case ">", "#", "-", "+", "/", " ", "\t": true
      case ".", ")": true
      default: false
      }
    }

    /// `:name:`, as EMOJI_REGEX finds it.
    private static func isEmoji(_ text: ArraySlice<Character>) -> Bool {
      let name = text.dropFirst().prefix(60).prefix {
        $0.isLetter || $0.isNumber || "_+-".contains($0)
      }
      return !name.isEmpty && text[name.endIndex...].first == ":"
    }

    /// `&name;` or `&#42;`.
    private static func isEntity(_ text: ArraySlice<Character>) -> Bool {
      let name = text.dropFirst().prefix(40).prefix {
        $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "#"
      }
      return !name.isEmpty && text[name.endIndex...].first == ";"
    }

    // MARK: - Length

    /// At most that many code points: cut at the end of a line where the last half holds one, ended
    /// by an ellipsis. Without white space at its ends, as the server keeps it.
    func text(codePointsMax: Int) -> String {
      let whole = atoms.map(\.text).joined()
      guard whole.unicodeScalars.count > codePointsMax else { return Self.stripped(whole) }
      // Room for the ellipsis and for closing what is open.
      var left = codePointsMax - 10
      var kept: [Atom] = []
      for atom in atoms {
        left -= atom.text.unicodeScalars.count
        guard left >= 0 else { break }
        kept.append(atom)
      }
      if let line = kept.lastIndex(of: .words("\n")), line > kept.count / 2 {
        kept.removeSubrange((line + 1)...)
      }
      let isStrong = kept.count { $0 == .strong } > kept.count { $0 == .unstrong }
      let isFenced = kept.count { $0 == .fence } > kept.count { $0 == .unfence }
      let end = (isFenced ? "\n```\n" : "") + "…" + (isStrong ? "**" : "")
      return Self.stripped(kept.map(\.text).joined() + end)
    }

    /// As the server does (`normalize_body`): what is read back is the same as what was sent.
    static func stripped(_ text: String) -> String {
      var rest = text[...]
      while rest.last?.isWhitespace == true { rest = rest.dropLast() }
      return String(rest.drop { $0 == "\n" })
    }
  }
}
