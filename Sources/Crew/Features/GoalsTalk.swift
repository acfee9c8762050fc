// What the commands of goals read from a message, and what they show.
extension Call {
  static let levels: [String: Goals.Confidence] = [
    "red": .red, "amber": .amber, "yellow": .amber, "green": .green, "红": .red, "黄": .amber,
    "绿": .green, "红色": .red, "黄色": .amber, "绿色": .green,
  ]

  /// The goal that the next argument names.
  func goal(_ arguments: inout Arguments) throws(Refusal) -> Goal {
    guard let token = arguments.first else {
      throw wrong(Phrase("goals.which", "Which goal?"))
    }
    if let id = arguments.takeNumber(letter: "g") ?? arguments.takeNumber() {
      if let goal = team.goals[id] { return goal }
    }
    let open = team.goals.open.prefix(8).map { Phrase.Value.text("g\($0.id)") }
    guard !open.isEmpty else {
      throw Refusal(
        Phrase("goals.none.open", "There are no open goals."), example: Goals.add.example)
    }
    throw Refusal(
      Phrase(
        "goals.unknown", "There is no goal “{text}”. Open are: {goals}.",
        ["text": .text(Text.shortened(token.text, to: 30)), "goals": .list(open)]),
      example: "goals")
  }

  func isOpen(_ goal: Goal) throws(Refusal) {
    guard let closed = goal.closed else { return }
    throw Refusal(
      Phrase(
        "goals.closed.on", "g{id} was closed on {day}.",
        ["id": .number(goal.id), "day": .day(closed.on)]), example: "goals")
  }

  /// Its owner, whoever added it, or a manager.
  func maySteer(_ goal: Goal) throws(Refusal) {
    guard sender.isManager || [goal.by, goal.owner].contains(sender.id) || goal.owner == nil
    else {
      throw Refusal(
        Phrase(
          "goals.not.yours", "g{id} is with {person}: ask them, or a manager.",
          ["id": .number(goal.id), "person": .person(goal.owner ?? goal.by)]),
        example: "goal g\(goal.id)", reason: "denied")
    }
  }

  func confidenceExample(_ goal: Goal) -> String {
    "confidence g\(goal.id) amber pilot is late"
  }

  /// `4.1->4.6` as two different numbers.
  static func span(_ word: String) -> (Amount, Amount)? {
    for arrow in ["->", "→", "=>"] {
      guard let at = word.firstIndex(of: arrow.first ?? "→"), word[at...].hasPrefix(arrow) else {
        continue
      }
      let rest = word[at...].dropFirst(arrow.count)
      guard let start = amount(word[..<at]), let target = amount(rest), start != target else {
        return nil
      }
      return (start, target)
    }
    return nil
  }

  /// A number, with or without a `%`.
  static func amount(_ word: some StringProtocol) -> Amount? {
    word.hasSuffix("%") ? Amount(word.dropLast()) : Amount(word)
  }

  struct NewGoal {
    var title: String
    var owner: Person?
    var due: Day?
    var target = 100
  }

  /// A title with, in any order behind or within it, an owner, a day and a target.
  func newGoal() throws(Refusal) -> NewGoal {
    var rest = arguments
    var title: [Token] = []
    var new = NewGoal(title: "")
    while let token = rest.first {
      if new.owner == nil, let person = try personIfNamed(&rest) {
        new.owner = person
      } else if new.due == nil, let (day, words) = try dueDate(rest) {
        new.due = day
        rest.drop(words)
      } else if let percent = target(rest) {
        new.target = percent
        rest.drop(2)
      } else {
        title.append(token)
        rest.take()
      }
    }
    new.title = Text.shortened(Self.tidy(Arguments(title).text), to: 120)
    guard !new.title.isEmpty else {
      throw wrong(Phrase("goals.title.none", "What shall it be called?"))
    }
    if let due = new.due, due <= today {
      throw wrong(Phrase("goals.due.past", "{day} is too early.", ["day": .day(due)]))
    }
    return new
  }

  /// `by <date>`, and how many words that is.
  private func dueDate(_ rest: Arguments) throws(Refusal) -> (Day, Int)? {
    guard ["by", "due", "截止", "截至"].contains(rest.firstWord),
      let found = try When.read(
        Array(rest.foldedWords.dropFirst()), now: now, zone: zone)
    else { return nil }
    return (found.when.day(now, in: zone), found.count + 1)
  }

  private func target(_ rest: Arguments) -> Int? {
    guard rest.count >= 2, ["target", "目标值", "达到"].contains(rest.firstWord),
      let percent = Self.amount(rest.tokens[1].folded)?.rounded, (1...100).contains(percent)
    else { return nil }
    return percent
  }

  func setProgress(_ goal: Goal, _ arguments: Arguments) throws(Refusal) -> Decision {
    var arguments = arguments
    guard let token = arguments.take() else { throw wrong(Phrase("goals.which", "Which goal?")) }
    let example = "goal g\(goal.id) 60% pilot signed"
    guard let percent = Self.amount(token.folded)?.rounded else {
      throw Refusal(
        Phrase(
          "goals.not.number", "\"{text}\" is not a number.",
          ["text": .text(Text.shortened(token.text, to: 20))]), example: example)
    }
    guard (0...100).contains(percent) else {
      throw Refusal(Phrase("goals.percent", "From 0 to 100, please."), example: example)
    }
    if let first = goal.keyResults.first {
      throw Refusal(
        Phrase(
          "goals.measured", "g{id} is measured by its key results.", ["id": .number(goal.id)]),
        example: "goal g\(goal.id) kr\(first.number)=\(first.value)")
    }
    let event = Goals.Event.progressed(
      id: goal.id, percent: percent, why: Self.tidy(arguments.text), by: sender.id, on: today)
    return progressed(goal, [event])
  }

  /// `kr1=14 kr2=4.2 why`.
  func setKeyResults(_ goal: Goal, _ arguments: Arguments) throws(Refusal) -> Decision {
    var arguments = arguments
    var settings: [(number: Int, value: Amount)] = []
    while let word = arguments.first?.folded, word.hasPrefix("kr"),
      let sign = word.firstIndex(of: "=")
    {
      arguments.take()
      let name = word[..<sign]
      guard let known = goal.keyResults.first(where: { "kr\($0.number)" == name }) else {
        throw wrongKeyResult(goal, String(name))
      }
      guard let value = Self.amount(word[sign...].dropFirst()) else {
        throw Refusal(
          Phrase(
            "goals.not.number", "\"{text}\" is not a number.",
            ["text": .text(Text.shortened(String(word[sign...].dropFirst()), to: 20))]),
          example: "goal g\(goal.id) \(name)=\(known.target)")
      }
      settings.append((known.number, value))
    }
    let why = Self.tidy(arguments.text)
    var after = goal
    var events: [Goals.Event] = []
    for setting in settings {
      func event(_ percent: Int) -> Goals.Event {
        .keyResultSet(
          id: goal.id, number: setting.number, value: setting.value, percent: percent, why: why,
          by: sender.id, on: today)
      }
      after.apply(event(0))
      events.append(event(after.progress))
    }
    return progressed(goal, events)
  }

  private func wrongKeyResult(_ goal: Goal, _ name: String) -> Refusal {
    guard let last = goal.keyResults.last else {
      return Refusal(
        Phrase("goals.kr.none", "g{id} has no key results yet.", ["id": .number(goal.id)]),
        example: "goal kr g\(goal.id) CSAT 4.1->4.6")
    }
    return Refusal(
      Phrase(
        "goals.kr.unknown", "g{id} has no {name}. It has {list}.",
        [
          "id": .number(goal.id), "name": .text(Text.shortened(name, to: 10)),
          "list": .list(goal.keyResults.map { .text("kr\($0.number) \($0.title)") }),
        ]), example: "goal g\(goal.id) kr\(last.number)=\(last.value)")
  }

  private func progressed(_ goal: Goal, _ events: [Goals.Event]) -> Decision {
    var after = goal
    for event in events { after.apply(event) }
    let line = Phrase(
      "goals.progressed", "✓ g{id} {title}: {state}",
      [
        "id": .number(goal.id), "title": .text(goal.title),
        "state": .phrase(team.pace(of: after, on: today)),
      ])
    return changed(goal, events, say: .reply(line))
  }

  func changed(_ goal: Goal, _ events: [Goals.Event], say: Say) -> Decision {
    Decision(
      events.map { .goals($0) }, say: [say],
      undo: Undoable("goal/\(goal.id)", [.goals(.restored(goal))]))
  }

  func added(_ id: Int, _ new: NewGoal) -> Phrase {
    var values: [String: Phrase.Value] = ["id": .number(id), "title": .text(new.title)]
    let owner: Phrase
    if let person = new.owner {
      owner = Phrase("goals.added.owner", "with {person}", ["person": .person(person)])
    } else {
      owner = Phrase("goals.added.nobody", "nobody's yet")
    }
    values["owner"] = .phrase(owner)
    if let due = new.due { values["due"] = .day(due) }
    let next =
      new.owner == nil
      ? Phrase("goals.added.take", "Take it: `goal owner g{id} me`", values)
      : Phrase("goals.added.kr", "Measure it: `goal kr g{id} CSAT 4.1->4.6`", values)
    values["next"] = .phrase(next)
    return new.due == nil
      ? Phrase("goals.added", "✓ g{id} {title} — {owner}.  {next}", values)
      : Phrase("goals.added.due", "✓ g{id} {title} — by {due}, {owner}.  {next}", values)
  }

  func ownerTold(_ id: Int, _ title: String) -> Phrase {
    Phrase(
      "goals.owner.told", "{person} put g{id} {title} with you.  `goal g{id}`",
      ["person": .person(sender.id), "id": .number(id), "title": .text(title)])
  }

  func closed(_ goal: Goal, _ isDropped: Bool, _ text: String) -> Phrase {
    let values: [String: Phrase.Value] = ["id": .number(goal.id), "title": .text(goal.title)]
    if goal.closed != nil { return Phrase("goals.evaluated", "✓ g{id} is evaluated.", values) }
    let line =
      isDropped
      ? Phrase("goals.dropped", "✓ g{id} {title} is dropped.", values)
      : Phrase("goals.done", "✓ g{id} {title} is reached.", values)
    guard text.isEmpty else { return line }
    return Phrase(
      "goals.closed.ask", "{line}\nThree lines on how it went: `goal close g{id} …`",
      values.merging(["line": .phrase(line)]) { $1 })
  }
}
