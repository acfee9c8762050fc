extension Goals {
  static let commands = [
    goal, listOpen, add, keyResult, confidence, owner, due, close,
  ]

  static let goal = Command(
    "goal", usage: "<g3> [60% [why]] [kr1=14]", example: "goal g3 60% pilot signed",
    summary: "Show a goal, or say how far it is."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let first = arguments.firstWord
    if arguments.isEmpty || ["stale", "停滞", "all", "全部"].contains(first) {
      return try listOpen.answer(call)
    }
    let goal = try call.goal(&arguments)
    guard let next = arguments.first?.folded else {
      return Decision(say: [.discreet(call.whole(goal))])
    }
    try call.isOpen(goal)
    return next.hasPrefix("kr") && next.contains("=")
      ? try call.setKeyResults(goal, arguments) : try call.setProgress(goal, arguments)
  }

  static let listOpen = Command(
    "goal list", aliases: ["goals"], usage: "[stale]", example: "goals stale",
    summary: "Open goals, or those that have gone quiet."
  ) { (call: Call) throws(Refusal) -> Decision in
    let word = call.arguments.firstWord
    let isStale = word == "stale" || word == "停滞"
    let all = word == "all" || word == "全部" ? call.team.goals.list : call.team.goals.open
    guard !all.isEmpty else {
      return Decision(say: [
        .discreet([
          Phrase("goals.none", "No open goals. Begin with `goal add CSAT 4.6 @ana by 18 Dec`.")
        ])
      ])
    }
    let goals = isStale ? all.filter { call.team.isStale($0, on: call.today) } : all
    guard !goals.isEmpty else {
      return Decision(say: [.discreet([Phrase("goals.fresh", "No goal has gone quiet.")])])
    }
    return Decision(say: [.discreet(Team.folded(goals.map { call.line(for: $0) }))])
  }

  static let add = Command(
    "goal add", usage: "<title> [@owner] [by <date>] [target 90%]",
    example: "goal add CSAT 4.6 @ana by 18 Dec", summary: "Add a goal; it starts today."
  ) { (call: Call) throws(Refusal) -> Decision in
    let new = try call.newGoal()
    let id = call.team.goals.nextID
    let event = Event.added(
      id: id, title: new.title, owner: new.owner, due: new.due, target: new.target,
      by: call.sender.id, on: call.today)
    var says: [Say] = [.reply(call.added(id, new))]
    if let owner = new.owner, owner != call.sender.id {
      says.append(.tell(owner, call.ownerTold(id, new.title)))
    }
    return Decision(
      [.goals(event)], say: says, undo: Undoable("goal/\(id)", [.goals(.removed(id: id))]))
  }

  static let keyResult = Command(
    "goal kr", usage: "<g3> <title> <start>-><target>", example: "goal kr g3 CSAT 4.1->4.6",
    summary: "Measure a goal by a number."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let goal = try call.goal(&arguments)
    try call.isOpen(goal)
    guard let last = arguments.tokens.last, let (start, target) = Call.span(last.folded) else {
      throw call.wrong(
        Phrase("goals.kr.wrong", "From which number to which?"))
    }
    let title = Call.tidy(Arguments(Array(arguments.tokens.dropLast())).text)
    guard !title.isEmpty else {
      throw call.wrong(Phrase("goals.title.none", "What shall it be called?"))
    }
    let number = (goal.keyResults.map(\.number).max() ?? 0) + 1
    let event = Event.keyResultAdded(
      id: goal.id, number: number, title: title, start: start, target: target,
      by: call.sender.id, on: call.today)
    let line = Phrase(
      "goals.kr.added",
      "✓ g{id} kr{number} {title}: {start} → {target}.  "
        + "Update: `goal g{id} kr{number}={start}`",
      [
        "id": .number(goal.id), "number": .number(number), "title": .text(title),
        "start": .text(start.description), "target": .text(target.description),
      ])
    return call.changed(goal, [event], say: .reply(line))
  }

  static let confidence = Command(
    "goal confidence", aliases: ["confidence"], usage: "<g3> red|amber|green <why>",
    example: "confidence g3 amber pilot is late", summary: "How sure you are of a goal."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let goal = try call.goal(&arguments)
    try call.isOpen(goal)
    guard let level = arguments.take().flatMap({ Call.levels[$0.folded] }) else {
      throw Refusal(
        Phrase("goals.level", "Red, amber or green?"), example: call.confidenceExample(goal))
    }
    let why = Call.tidy(arguments.text)
    guard level == .green || !why.isEmpty else {
      throw Refusal(Phrase("goals.why", "Why?"), example: call.confidenceExample(goal))
    }
    let event = Event.confidenceSaid(
      id: goal.id, level, why: why, by: call.sender.id, on: call.today)
    let line = Phrase(
      "goals.confidence", "✓ g{id} {title} is {level}.",
      ["id": .number(goal.id), "title": .text(goal.title), "level": .phrase(level.phrase)])
    return call.changed(goal, [event], say: .acknowledge(line))
  }

  static let owner = Command(
    "goal owner", usage: "<g3> <@person>", example: "goal owner g3 @ben",
    summary: "Who answers for a goal."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let goal = try call.goal(&arguments)
    try call.isOpen(goal)
    let person = try call.person(&arguments)
    try call.maySteer(goal)
    let line = Phrase(
      "goals.owner", "✓ g{id} {title} is with {person}.",
      ["id": .number(goal.id), "title": .text(goal.title), "person": .person(person)])
    var decision = call.changed(
      goal, [.ownerChanged(id: goal.id, person)], say: .reply(line))
    if person != call.sender.id {
      decision.says.append(.tell(person, call.ownerTold(goal.id, goal.title)))
    }
    return decision
  }

  static let due = Command(
    "goal due", usage: "<g3> <date>", example: "goal due g3 18 Dec",
    summary: "When a goal shall be reached."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let goal = try call.goal(&arguments)
    try call.isOpen(goal)
    try call.maySteer(goal)
    let day = try call.when(&arguments).day(call.now, in: call.zone)
    guard day > goal.startsOn, day >= call.today else {
      throw call.wrong(Phrase("goals.due.past", "{day} is too early.", ["day": .day(day)]))
    }
    let line = Phrase(
      "goals.due", "✓ g{id} {title} — by {day}.",
      ["id": .number(goal.id), "title": .text(goal.title), "day": .day(day)])
    return call.changed(goal, [.dueChanged(id: goal.id, day)], say: .reply(line))
  }

  static let close = Command(
    "goal close", usage: "<g3> [done|dropped] [three lines on how it went]",
    example: "goal close g3 done", summary: "End a goal, with a short evaluation."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let goal = try call.goal(&arguments)
    try call.maySteer(goal)
    let isDropped = arguments.take(anyOf: "dropped", "drop", "放弃", "取消")
    if !isDropped { _ = arguments.take(anyOf: "done", "完成", "达成") }
    let text = Text.shortened(
      arguments.lines.prefix(3).joined(separator: "\n"), to: Call.responsibilityMax)
    var events: [Event] = []
    if goal.closed == nil {
      events.append(
        .closed(
          id: goal.id, isDropped ? .dropped : .done, by: call.sender.id, on: call.today))
    }
    if !text.isEmpty { events.append(.evaluated(id: goal.id, text: text)) }
    guard !events.isEmpty else {
      throw Refusal(
        Phrase("goals.closed.already", "g{id} is closed.", ["id": .number(goal.id)]),
        example: "goal close g\(goal.id) what went well, what did not, what we learned")
    }
    return call.changed(goal, events, say: .reply(call.closed(goal, isDropped, text)))
  }
}
