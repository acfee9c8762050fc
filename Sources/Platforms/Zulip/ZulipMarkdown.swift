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

      /// Most are one letter of ASCII, and to count it is slow.
      var codePoints: Int { text.utf8.count == 1 ? 1 : text.unicodeScalars.count }
    }

    private var atoms: [Atom] = []
    private let account: String
    private var last: Character = "\n"
    private var isStrong = false
    /// Behind a mark that stays a digit, `1.` would still be a list.
    private var isLineStart = true

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
      case .moment(let words, let instant, let offset):
        // Whole, or it would be another moment.
        if let stamp = Self.stamp(instant, offset) { put(.words(stamp)) } else { add(inert: words) }
      case .lineBreak: put(.words("\n"))
      case .strong(let inner):
        for run in inner.boldRuns { run.table == nil ? add(boldRun: run) : add(run) }
      case .table(let words):
        if last != "\n" { put(.words("\n")) }
        put(.fence)
        atoms += Self.unfenced(Printable.withoutNUL(words)).map { .words(String($0)) }
        put(.unfence)
      case .command(let words):
        // Behind a backslash, or beside another, it would be no code.
        if last == "\\" || last == "`" { put(.words("\u{200A}")) }
        let command = Self.unfenced(Printable.withoutNUL(words))
          .unicodeScalars.map { $0.properties.isWhitespace ? " " : String($0) }.joined()
        put(.words("`/" + command + "`"))
      case .person(let name, let identities, let pings):
        let here = identities.first { $0.account == account }.flatMap { Int64($0.user) }
        guard pings, let here else { return add(inert: name) }
        // The number alone: with a name that is not theirs any more it would be no mention.
        if isStrong || !Text.opens(after: last) { put(.words("\u{200A}")) }
        put(.words("@**|\(here)**"))
      }
    }

    /// `<time:2026-11-27T17:00:00+01:00>`, which clients show in each reader's zone ("Global
    /// times" of the help centre); nil for a year that has not four digits.
    private static func stamp(_ instant: Instant, _ offsetSeconds: Int) -> String? {
      // Zones of long ago were not of whole minutes, and a zone is written in minutes.
      let minutes = offsetSeconds / 60
      let (seconds, isTooMuch) = instant.seconds.addingReportingOverflow(Int64(minutes) * 60)
      guard !isTooMuch, abs(minutes) < 24 * 60,
        (-62_135_596_800...253_402_300_799).contains(seconds)
      else { return nil }
      let days = (Double(seconds) / 86_400).rounded(.down)
      let rest = Int(seconds) - Int(days) * 86_400
      func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
      let time = [rest / 3600, rest / 60 % 60, rest % 60].map(two).joined(separator: ":")
      let zone = (minutes < 0 ? "-" : "+") + two(abs(minutes) / 60) + ":" + two(abs(minutes) % 60)
      return "<time:\(Day(number: Int(days)))T\(time)\(zone)>"
    }

    private mutating func put(_ atom: Atom) {
      guard let end = atom.text.last else { return }
      atoms.append(atom)
      last = end
      isLineStart =
        end == "\n"
        || isLineStart
          && atom.text.unicodeScalars.allSatisfy { $0.properties.numericType != nil }
    }

    /// Bold ends with its line.
    private mutating func add(boldRun run: Markup) {
      let start = atoms.count
      isStrong = true
      add(run)
      isStrong = false
      let written = atoms[start...].split(
        separator: .words("\n"), omittingEmptySubsequences: false)
      atoms.removeSubrange(start...)
      for (number, line) in written.enumerated() {
        if number > 0 { atoms.append(.words("\n")) }
        let isBlank = line.allSatisfy { $0.text.allSatisfy(\.isWhitespace) }
        if !isBlank { atoms.append(.strong) }
        atoms += line
        if !isBlank { atoms.append(.unstrong) }
      }
      last = atoms.last?.text.last ?? "\n"
      isLineStart = last == "\n"
    }

    /// In code nothing is shown as its entity, so a character that looks alike stands there.
    private static func unfenced(_ words: String) -> String {
      Printable.replacing(words, "`") { _ in "ˋ" }
    }

    // MARK: - What a person wrote

    /// Scalar by scalar: a sign with an accent behind it is another character, and still the sign
    /// to whoever parses it.
    private mutating func add(inert words: String) {
      let lines = Printable.lineFeeds(words)
      let text = Printable.withoutNUL(lines)
      let scalars = Array(text.unicodeScalars)
      // Letters of ASCII, of which most texts are, are characters of their own without a look.
      if scalars.count == text.utf8.count { return add(ascii: scalars) }
      var place = 0
      for character in text {
        var written = ""
        var isLineStart = isLineStart
        for scalar in character.unicodeScalars {
          let isMarkup = Self.isMarkup(scalars[place...], isLineStart: isLineStart)
          written += isMarkup ? "&#\(scalar.value);" : String(scalar)
          isLineStart = false
          place += 1
        }
        put(.words(written))
      }
    }

    private mutating func add(ascii scalars: [Unicode.Scalar]) {
      guard let end = scalars.last else { return }
      atoms.reserveCapacity(atoms.count + scalars.count)
      for (place, scalar) in scalars.enumerated() {
        let isMarkup = Self.isMarkup(scalars[place...], isLineStart: isLineStart)
        atoms.append(.words(isMarkup ? "&#\(scalar.value);" : String(scalar)))
        isLineStart =
          scalar == "\n" || isLineStart && !isMarkup && ("0"..."9").contains(scalar)
        if place == scalars.count - 1 { last = isMarkup ? ";" : Character(end) }
      }
    }

    /// Whether the first of these would be markup.
    private static func isMarkup(_ text: ArraySlice<Unicode.Scalar>, isLineStart: Bool) -> Bool {
      let (scalar, next) = (text[text.startIndex], text.dropFirst().first)
      return isLineStart && begins(scalar) || forms(scalar, before: next)
        || scalar == ":" && isEmoji(text) || scalar == "&" && isEntity(text)
    }

    /// Signs that begin or end something wherever they stand. What follows a leaf is not known.
    private static func forms(_ scalar: Unicode.Scalar, before next: Unicode.Scalar?) -> Bool {
      switch scalar {
      case "*", "`", "|": true
      // A line's end may be the end of what is bold.
      case "#": next == "\n" || next == nil
      case "@": next == "*" || next == "_" || next == "\n" || next == nil
      case "~", "$": true
      case "]": next == "(" || next == nil
      case "<": next == "t" || next == nil
      default: false
      }
    }

    /// Signs that make a block of a line, or a command of a message (`/me`, `/poll`, `/todo`).
    private static let beginnings: Signs = ">#-+/ \t.)"

    private static func begins(_ scalar: Unicode.Scalar) -> Bool { beginnings.contains(scalar) }

    /// `:name:`, as EMOJI_REGEX finds it.
    private static func isEmoji(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
      let name = text.dropFirst().prefix(60).prefix {
        $0.properties.isAlphabetic || $0.properties.numericType != nil
          || "_+-".unicodeScalars.contains($0)
      }
      return Self.mayEnd(text, name, with: ":")
    }

    /// `&name;` or `&#42;`.
    private static func isEntity(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
      let name = text.dropFirst().prefix(40).prefix {
        $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0)) || $0 == "#"
      }
      return Self.mayEnd(text, name, with: ";")
    }

    /// What follows a leaf is not known: it may bring the end.
    private static func mayEnd(
      _ text: ArraySlice<Unicode.Scalar>, _ name: ArraySlice<Unicode.Scalar>,
      with end: Unicode.Scalar
    ) -> Bool {
      guard let next = text[name.endIndex...].first else { return true }
      return !name.isEmpty && next == end
    }

    // MARK: - Length

    /// At most that many code points: cut at the end of a line where the last half holds one, ended
    /// by an ellipsis. Without white space at its ends, as the server keeps it.
    func text(codePointsMax: Int) -> String {
      // Room for the ellipsis and for closing what is open.
      let room = codePointsMax - 10
      var (count, fitting) = (0, 0)
      for atom in atoms where count <= codePointsMax {
        count += atom.codePoints
        if count <= room { fitting += 1 }
      }
      guard count > codePointsMax else { return Self.stripped(atoms.map(\.text).joined()) }
      var kept = Array(atoms[..<fitting])
      if let line = kept.lastIndex(of: .words("\n")), line > kept.count / 2 {
        kept.removeSubrange((line + 1)...)
      }
      // What is begun ends before anything else begins.
      let mark = kept.last { if case .words = $0 { false } else { true } }
      let end = (mark == .fence ? "\n```\n" : "") + "…" + (mark == .strong ? "**" : "")
      return Self.stripped(kept.map(\.text).joined() + end)
    }

    /// As the server does (`normalize_body`): what is read back is the same as what was sent.
    static func stripped(_ text: String) -> String {
      let scalars = text.unicodeScalars
      guard let end = scalars.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
      return String(scalars[...end].drop { $0 == "\n" })
    }
  }
}
