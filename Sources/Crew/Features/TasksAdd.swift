// A task from a line: what stands at its end is who, until when and what for.
extension Tasks {
  /// Longer than any line of a list; the rest belongs elsewhere.
  static let textCharactersMax = 300

  static let add = Command(
    "task add", aliases: ["todo", "task new", "todo add"],
    usage: "<text> [@who] [due <when>] [goal g3]", example: "task add renew cert due fri",
    summary: "Note what has to be done."
  ) { (call: Call) throws(Refusal) -> Decision in
    let line = try Line(call)
    let id = call.team.tasks.nextID
    let event = Event.added(
      id: id, text: line.text, by: call.sender.id, owners: line.owners, due: line.due,
      goal: line.goal, on: call.today)
    guard let item = Item(event, at: call.now.instant) else { return Decision() }
    let next =
      item.owners.isEmpty
      ? Phrase("tasks.next.take", "Take it: `take {id}`", ["id": .number(id)])
      : Phrase("tasks.next.undo", "Undo: `undo`")
    let line1 = Phrase(
      "tasks.added", "✓ #{id} {text} — {due}, {owner}.  {next}",
      [
        "id": .number(id), "text": .text(item.text), "due": .phrase(call.due(item)),
        "owner": .phrase(call.owner(item)), "next": .phrase(next),
      ])
    return Decision(
      [.tasks(event)], say: [.reply(line1)] + call.tellReceivers(item),
      undo: Undoable("task/\(id)", [.tasks(.removed(id: id))]))
  }

  /// The words as typed, on one line.
  static func text(_ tokens: [Token]) -> String {
    var text = ""
    for token in tokens { text += (text.isEmpty || token.gap.isEmpty ? "" : " ") + token.text }
    return text
  }

  /// The parts of `<text> [@who] [due <when>] [goal g3]`, the last three in any order.
  struct Line {
    var text = ""
    var owners: [Person] = []
    var due: Deadline?
    var goal: Int?

    init(_ call: Call) throws(Refusal) {
      var tokens = call.arguments.tokens
      var hasMore = true
      while hasMore {
        hasMore = try takeGoal(&tokens, call)
        if try takeOwner(&tokens, call) { hasMore = true }
        if try takeDue(&tokens, call) { hasMore = true }
      }
      try takeFirstOwners(&tokens, call)
      text = Tasks.text(tokens)
      guard !text.isEmpty else {
        throw call.wrong(Phrase("tasks.text.none", "What is to be done?"))
      }
      guard text.count <= textCharactersMax else {
        throw call.wrong(
          Phrase(
            "tasks.text.long", "That is long for a task: {max} characters at most.",
            ["max": .number(textCharactersMax)]))
      }
    }

    /// `goal g3` at the end.
    private mutating func takeGoal(
      _ tokens: inout [Token], _ call: Call
    ) throws(Refusal) -> Bool {
      guard goal == nil, tokens.count > 2, let last = tokens.last,
        ["goal", "目标"].contains(tokens[tokens.count - 2].folded),
        Arguments.number(last.folded, letter: "g") != nil
      else { return false }
      var arguments = Arguments([last])
      goal = try call.goal(&arguments).id
      tokens.removeLast(2)
      return true
    }

    /// `@ben` or `for @ben` at the end; `with @ben` is a part of the text.
    private mutating func takeOwner(
      _ tokens: inout [Token], _ call: Call
    ) throws(Refusal) -> Bool {
      guard let last = tokens.last, last.isPerson else { return false }
      let before = tokens.dropLast().last?.folded ?? ""
      if Self.prepositions.contains(before) { return false }
      var arguments = Arguments([last])
      let people = try call.people(&arguments)
      owners = people + owners.filter { !people.contains($0) }
      tokens.removeLast()
      if ["for", "to", "给", "→"].contains(before) { tokens.removeLast() }
      return true
    }

    private static let prepositions = [
      "with", "from", "about", "of", "by", "on", "and", "or", "at", "和", "跟", "与", "同", "向", "找",
    ]

    /// `@ben renew cert`.
    private mutating func takeFirstOwners(
      _ tokens: inout [Token], _ call: Call
    ) throws(Refusal) {
      var arguments = Arguments(tokens)
      while owners.isEmpty || arguments.count < tokens.count, arguments.first?.isPerson == true {
        let people = try call.people(&arguments, atMost: 1)
        owners += people.filter { !owners.contains($0) }
      }
      tokens = arguments.tokens
    }

    /// `due fri`, `by fri 17:30`, 截止周五 at the end. The word `due` in the middle is just a word.
    private mutating func takeDue(_ tokens: inout [Token], _ call: Call) throws(Refusal) -> Bool {
      guard due == nil else { return false }
      for start in tokens.indices.suffix(8).reversed() {
        guard let opening = DueWord(tokens[start]) else { continue }
        let words = opening.rest + tokens[(start + 1)...].map(\.folded)
        guard let found = try When.read(words, now: call.now, zone: call.zone),
          found.count == words.count
        else {
          // One word behind `due` was meant as a date; more may be anything.
          guard opening.isCertain, words.count == 1, start > 0 else { continue }
          throw call.wrong(
            Phrase(
              "when.unknown", "I don't read “{text}” as a date.",
              ["text": .text(Text.shortened(words[0], to: 30))]))
        }
        due = try call.deadline(found.when)
        tokens.removeSubrange(start...)
        return true
      }
      return false
    }
  }

  /// A word that opens a date; Chinese may glue it to the date.
  private struct DueWord {
    var rest: [String] = []
    var isCertain = true

    init?(_ token: Token) {
      let folded = token.folded
      switch folded {
      case "due", "due:": return
      case "by", "until", "before": isCertain = false
      default:
        // Most words are plain letters, and asked for each date that there may be.
        guard folded.utf8.first ?? 0 >= 0x80,
          let word = ["截止", "到期", "期限"].first(where: { folded.hasPrefix($0) })
        else { return nil }
        var tail = folded.dropFirst(word.count)
        while let first = tail.first, "到于:".contains(first) { tail = tail.dropFirst() }
        if !tail.isEmpty { rest = [String(tail)] }
      }
    }
  }
}

extension Token {
  /// A mention, or a word with `@` in front.
  var isPerson: Bool {
    if case .mention = kind { return true }
    return folded.hasPrefix("@") && folded.count > 1
  }
}

extension Call {
  /// The people that the next arguments name: mentions, names, or a role, which stands for those
  /// who have it today.
  func people(
    _ arguments: inout Arguments, atMost limit: Int = 20
  ) throws(Refusal) -> [Person] {
    var people: [Person] = []
    var count = 0
    while let token = arguments.first, count < limit {
      if count > 0, !token.isPerson {
        guard arguments.take(anyOf: "and", "&", "+", "和", "、") else { break }
        continue
      }
      count += 1
      let found: [Person]
      if let holders = try holders(token) {
        found = holders
        arguments.take()
      } else {
        found = [try person(&arguments)]
      }
      people += found.filter { !people.contains($0) }
    }
    return people
  }

  /// Who has the role of that name today; nil where there is no such role.
  private func holders(_ token: Token) throws(Refusal) -> [Person]? {
    let word = token.folded.hasPrefix("@") ? String(token.folded.dropFirst()) : token.folded
    guard !word.isEmpty, let role = team.roles.role(word) else { return nil }
    let holders = team.onDuty(role, on: today)
    guard !holders.isEmpty else {
      throw wrong(
        Phrase("tasks.role.vacant", "Nobody has {role} today.", ["role": .text(role.name)]))
    }
    return holders
  }

  /// The date as it is kept: the local day, and the time if one was given.
  func deadline(_ when: When) throws(Refusal) -> Tasks.Deadline {
    guard !when.isPast(now, in: zone) else {
      throw wrong(Phrase("when.past", "{day} is past.", ["day": .day(when.day(now, in: zone))]))
    }
    switch when {
    case .day(let day): return Tasks.Deadline(day: day, time: nil, zone: zone)
    case .time(let day, let time): return Tasks.Deadline(day: day, time: time, zone: zone)
    case .instant(let instant):
      let local = now.local(instant, in: zone)
      return Tasks.Deadline(day: local.day, time: local.time, zone: zone)
    }
  }
}
