extension Checkins {
  /// Takes an answer apart: `done: … / doing: … / blocked: …` on several lines or behind `;`,
  /// 昨日：…；今日：…, or one free line. One pass over the text.
  struct Reader {
    enum Field: Hashable {
      case done, doing, blocked
      /// One of the team's own questions, from 0.
      case question(Int)
    }

    /// What was said up to the next separator.
    struct Piece {
      var field: Field?
      var text = ""
      var people: [Token] = []
    }

    private enum Unit {
      case character(Character)
      case mention(Token)
    }

    /// No key is longer than this.
    private static let keyMax = 80
    private static let keys: [String: Field] = [
      "done": .done, "yesterday": .done, "did": .done, "shipped": .done, "finished": .done,
      "doing": .doing, "today": .doing, "next": .doing, "plan": .doing, "tomorrow": .doing,
      "todo": .doing, "blocked": .blocked, "blocker": .blocked, "blockers": .blocked,
      "block": .blocked, "blocked by": .blocked, "stuck": .blocked, "昨日": .done,
      "昨天": .done, "完成": .done, "已完成": .done, "今日": .doing, "今天": .doing, "计划": .doing,
      "在做": .doing, "进行中": .doing, "明天": .doing, "明日": .doing, "阻塞": .blocked,
      "卡住": .blocked, "障碍": .blocked, "困难": .blocked, "阻碍": .blocked,
    ]
    private static let nothing: Set<String> = [
      "", "-", "--", "…", "...", "none", "no", "nope", "nothing", "n/a", "na", "nil", "no blockers",
      "无",
      "没有", "没", "暂无", "无阻塞",
    ]

    private let units: [Unit]
    private let questions: [String]
    private var pieces = [Piece()]

    private init(_ arguments: Arguments, _ questions: [String]) {
      var units: [Unit] = []
      for (number, token) in arguments.tokens.enumerated() {
        if number > 0 { units += token.gap.map { .character($0) } }
        guard token.kind == .word else {
          units.append(.mention(token))
          continue
        }
        var rest = token.text[...]
        if rest.first == "@" || rest.first == "＠" {
          var name = token
          name.text = String(rest.prefix { !";；,，。|".contains($0) })
          units.append(.mention(name))
          rest = rest.dropFirst(name.text.count)
        }
        units += rest.map { .character($0) }
      }
      self.units = units
      self.questions = questions
    }

    /// The text without keys being looked for, and who is mentioned in it.
    static func plain(_ arguments: Arguments) -> Piece {
      var text = arguments.text[...]
      while let first = text.first, first == ":" || first == "：" || first.isWhitespace {
        text = text.dropFirst()
      }
      return Piece(
        text: text.split(separator: "\n").joined(separator: "; "),
        people: arguments.tokens.filter { $0.kind != .word || $0.folded.hasPrefix("@") })
    }

    /// - Parameter questions: the team's own, or none.
    static func read(_ arguments: Arguments, questions: [String]) -> Reading {
      var reader = Reader(arguments, questions)
      reader.split()
      return reader.reading()
    }
  }

  /// An answer as it was understood.
  struct Reading {
    var said = Said()
    /// Who is mentioned in what blocks.
    var helpers: [Token] = []
    /// The keys that were written.
    var fields: Set<Reader.Field> = []
    var startsWithKey = false
  }
}

// Splitting.
extension Checkins.Reader {
  private mutating func split() {
    var index = 0
    // A key counts behind a separator; behind a mere blank or comma only where the text began with
    // one: "met Bob today: good" is one sentence.
    var isFresh = true
    var isBlank = false
    while index < units.count {
      let mayFollow = isFresh || (isBlank && pieces[0].field != nil)
      if mayFollow, let (field, end) = key(at: index) {
        if !pieces[pieces.count - 1].isEmpty { pieces.append(Piece()) }
        pieces[pieces.count - 1].field = field
        index = end
        (isFresh, isBlank) = (false, true)
        continue
      }
      switch units[index] {
      case .mention(let token):
        pieces[pieces.count - 1].text += token.text
        pieces[pieces.count - 1].people.append(token)
        (isFresh, isBlank) = (false, false)
      case .character(let character):
        if isSeparator(character) {
          pieces.append(Piece())
          isFresh = true
        } else {
          pieces[pieces.count - 1].text.append(character)
          isBlank = character.isWhitespace || ",，。、/".contains(character)
          if !character.isWhitespace, !"-*•·".contains(character) { isFresh = false }
        }
      }
      index += 1
    }
  }

  private func isSeparator(_ character: Character) -> Bool {
    character == "\n" || character == ";" || character == "；"
      || (!questions.isEmpty && (character == "|" || character == "｜"))
  }

  /// A key with its colon, and where the text behind it begins.
  private func key(at start: Int) -> (Field, Int)? {
    var word = ""
    var index = start
    while index < units.count, index - start < Self.keyMax, case .character(let next) = units[index]
    {
      if next == ":" || next == "：" {
        return field(named: word).map { ($0, index + 1) }
      }
      if let numbered = numbered(word, next, index) { return (numbered, index + 1) }
      if isSeparator(next) { return nil }
      word.append(next)
      index += 1
    }
    return nil
  }

  /// `2.` and `2、` where the team has numbered questions of its own; `1.5 h` is no answer to one.
  private func numbered(_ word: String, _ next: Character, _ index: Int) -> Field? {
    guard ".、)）".contains(next), let number = Int(word), questions.indices.contains(number - 1)
    else { return nil }
    if index + 1 < units.count, case .character(let after) = units[index + 1], after.isNumber {
      return nil
    }
    return field(ofQuestion: number - 1)
  }

  private func field(named text: String) -> Field? {
    let word = Self.bare(text)
    guard !word.isEmpty else { return nil }
    if let index = questions.firstIndex(where: { Self.bare($0) == word }) {
      return field(ofQuestion: index)
    }
    if let field = Self.keys[word] { return field }
    if let number = Int(word), questions.indices.contains(number - 1) {
      return field(ofQuestion: number - 1)
    }
    let holding = questions.indices.filter { index in
      word.count >= 4 && Self.bare(questions[index]).split(separator: " ").contains(word[...])
    }
    return holding.count == 1 ? field(ofQuestion: holding[0]) : nil
  }

  /// "Done?", "Next?" and "Blocked?" are the usual three under the team's own names.
  private func field(ofQuestion index: Int) -> Field {
    Self.keys[Self.bare(questions[index])] ?? .question(index)
  }

  private static func bare(_ text: String) -> String {
    String(
      Text.folded(text).filter { $0 != "?" }.trimmed
        .drop { "-*•· ".contains($0) })
  }
}

// Putting together.
extension Checkins.Reader {
  private func reading() -> Checkins.Reading {
    var result = Checkins.Reading()
    var said = pieces.map { piece in
      var piece = piece
      piece.text = Self.tidied(piece.text)
      return piece
    }.filter { !$0.text.isEmpty || $0.field != nil }
    result.startsWithKey = said.first?.field != nil
    result.fields = Set(said.compactMap(\.field))
    if result.fields.isEmpty, said.count == questions.count {
      for index in said.indices { said[index].field = field(ofQuestion: index) }
    }
    var current = questions.isEmpty ? Field.done : field(ofQuestion: 0)
    for piece in said {
      current = piece.field ?? current
      add(piece, current, &result)
    }
    return result
  }

  private func add(_ piece: Piece, _ field: Field, _ result: inout Checkins.Reading) {
    // The example as it stands, sent without being filled in.
    guard !piece.text.isEmpty, piece.text.trimmed != "…" else { return }
    switch field {
    case .done: result.said.done.join(piece.text)
    case .doing: result.said.doing.join(piece.text)
    case .blocked:
      guard !Self.nothing.contains(Self.plainWord(piece.text)) else { return }
      result.said.blocked.join(piece.text)
      result.helpers += piece.people
    case .question(let index):
      let question = questions[index]
      if let note = result.said.notes.firstIndex(where: { $0.question == question }) {
        result.said.notes[note].text.join(piece.text)
      } else {
        result.said.notes.append(Checkins.Note(question: question, text: piece.text))
      }
    }
  }

  private static func plainWord(_ text: String) -> String {
    String(Text.folded(text).filter { !".!。".contains($0) }.trimmed)
  }

  /// Without bullets before and separators behind.
  private static func tidied(_ text: String) -> String {
    var text = text.trimmed
    if let first = text.first, "-*•·".contains(first), text.dropFirst().first?.isWhitespace == true
    {
      text = text.dropFirst().trimmed
    }
    while let last = text.last, ",，、。/|".contains(last) { text = text.dropLast().trimmed }
    return String(text)
  }
}

extension Checkins.Reader.Piece {
  var isEmpty: Bool { field == nil && text.allSatisfy { $0.isWhitespace || "-*•·".contains($0) } }
}

extension String {
  /// Adds more of the same.
  mutating func join(_ more: String) {
    if isEmpty {
      self = more
    } else if !contains(more) {
      self += (unicodeScalars.contains(where: Text.isCJK) ? "；" : "; ") + more
    }
  }
}
