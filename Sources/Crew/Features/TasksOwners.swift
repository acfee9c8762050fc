// Whose a task is: taking, giving, handing back, finishing.
extension Tasks {
  static let take = Command(
    "task take", aliases: ["take", "task accept"], usage: "<number>", example: "take 12",
    summary: "Take a task that is nobody's, or accept one that was given to you."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let item = try call.openTask(&arguments)
    if item.owners.contains(call.sender.id) {
      guard item.givenBy != nil else {
        throw Refusal(
          Phrase("tasks.yours", "#{id} is yours already.", ["id": .number(item.id)]),
          example: "done \(item.id)")
      }
      return call.changed(item, .accepted(id: item.id, by: call.sender.id), mine(item))
    }
    guard item.owners.allSatisfy({ call.team.isAway($0, on: call.today) }) else {
      throw Refusal(
        Phrase(
          "tasks.taken", "#{id} is with {people}.",
          ["id": .number(item.id), "people": .list(item.owners.map { .person($0) })]),
        example: "task \(item.id)")
    }
    return call.changed(
      item, .taken(id: item.id, by: call.sender.id, on: call.today), mine(item),
      tell: item.owners,
      Phrase(
        "tasks.taken.tell", "{person} has taken #{id} {text} while you are away.",
        call.values(item)))
  }

  private static func mine(_ item: Item) -> Say {
    .acknowledge(Phrase("tasks.mine", "✓ #{id} is yours.", ["id": .number(item.id)]))
  }

  static let give = Command(
    "task give", aliases: ["give", "task assign", "assign"],
    usage: "<number> @person [@more]", example: "give 12 @ben",
    summary: "Give a task to somebody, or to whoever has a role."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let item = try call.openTask(&arguments)
    _ = arguments.take(anyOf: "to", "给", "->", "→")
    guard !arguments.isEmpty else { throw call.wrong(Phrase("tasks.give.whom", "To whom?")) }
    let people = try call.people(&arguments)
    guard call.mayHandle(item) else { throw call.notYours(item) }
    guard people != item.owners else {
      throw Refusal(
        Phrase(
          "tasks.taken", "#{id} is with {people}.",
          ["id": .number(item.id), "people": .list(people.map { .person($0) })]),
        example: "task \(item.id)")
    }
    let event = Event.given(id: item.id, to: people, by: call.sender.id, on: call.today)
    var after = call.team
    after.apply(.tasks(event), at: call.now.instant)
    let given = after.tasks[item.id] ?? item
    let values: [String: Phrase.Value] = [
      "id": .number(item.id), "people": .list(people.map { .person($0) }),
    ]
    let line =
      given.givenBy == nil
      ? Phrase("tasks.given", "✓ #{id} is with {people}.  Undo: `undo`", values)
      : Phrase(
        "tasks.given.pending", "✓ #{id} is with {people}, who can still say no.  Undo: `undo`",
        values)
    let former = item.owners.filter { !people.contains($0) && $0 != call.sender.id }
    var decision = call.changed(
      item, event, .reply(line), tell: former,
      Phrase(
        "tasks.given.former", "{person} gave #{id} {text} to {people}.",
        call.values(item).merging(["people": .list(people.map { .person($0) })]) { $1 }))
    decision.says += call.tellReceivers(given)
    return decision
  }

  static let drop = Command(
    "task drop", aliases: ["drop"], usage: "<number> [why]",
    example: "drop 12 no longer needed",
    summary: "Give a task back; one that is nobody's is closed, with a reason."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let item = try call.openTask(&arguments)
    let why = Text.shortened(arguments.text, to: textCharactersMax)
    if item.owners.isEmpty { return try close(item, why, call) }
    guard item.owners.contains(call.sender.id) || call.sender.isManager else {
      throw call.notYours(item)
    }
    return handBack(item, why, call)
  }

  private static func close(
    _ item: Item, _ why: String, _ call: Call
  ) throws(Refusal) -> Decision {
    guard !why.isEmpty else {
      throw Refusal(
        Phrase(
          "tasks.drop.why", "#{id} is nobody's: to close it undone I need a reason.",
          ["id": .number(item.id)]),
        example: "drop \(item.id) no longer needed")
    }
    return call.changed(
      item, .dropped(id: item.id, by: call.sender.id, why: why, on: call.today),
      .reply(
        Phrase(
          "tasks.dropped", "✓ #{id} is closed, not done.  Undo: `undo`",
          ["id": .number(item.id)])))
  }

  /// Whoever hands back is out; a task that was only just given returns to whoever had it.
  private static func handBack(_ item: Item, _ why: String, _ call: Call) -> Decision {
    let isMine = item.owners.contains(call.sender.id)
    var left = isMine ? item.owners.filter { $0 != call.sender.id } : []
    if left.isEmpty, isMine, item.givenBy != nil {
      left = item.givenFrom.filter { call.team.members[$0]?.isHere == true }
    }
    let event = Event.handedBack(
      id: item.id, by: call.sender.id, to: left, why: why, on: call.today)
    let line =
      left.isEmpty
      ? Phrase(
        "tasks.back.nobody",
        "✓ #{id} has no owner now.  Take it: `take {id}` — not needed at all: `drop {id} why`",
        ["id": .number(item.id)])
      : Phrase(
        "tasks.back", "✓ #{id} is with {people}.",
        ["id": .number(item.id), "people": .list(left.map { .person($0) })])
    let concerned = isMine ? (item.givenBy.map { [$0] } ?? []) : item.owners
    let reason = why.isEmpty ? "" : ": " + why
    return call.changed(
      item, event, .reply(line), tell: concerned,
      Phrase(
        "tasks.back.tell", "{person} gave #{id} {text} back{why}",
        call.values(item).merging(["why": .text(reason)]) { $1 }))
  }

  static let done = Command(
    "task done", aliases: ["done", "task close"], usage: "<number>", example: "done 12",
    summary: "A task is done."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let item = try call.openTask(&arguments)
    let isOthers = !item.owners.isEmpty && !item.owners.contains(call.sender.id)
    let line =
      item.owners.isEmpty
      ? Phrase("tasks.done.own", "✓ #{id} done, by you.", ["id": .number(item.id)])
      : Phrase("tasks.done", "✓ #{id} done.", ["id": .number(item.id)])
    return call.changed(
      item, .finished(id: item.id, by: call.sender.id, on: call.today), .acknowledge(line),
      tell: isOthers ? item.owners : [],
      Phrase(
        "tasks.done.tell", "{person} says #{id} {text} is done.  If not: `reopen {id}`",
        call.values(item)))
  }

  static let reopen = Command(
    "task reopen", aliases: ["reopen"], usage: "<number>", example: "reopen 12",
    summary: "A task was not done after all."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let item = try call.task(&arguments)
    guard !item.isOpen else {
      throw Refusal(
        Phrase("tasks.open", "#{id} is open.", ["id": .number(item.id)]),
        example: "task \(item.id)")
    }
    let event = Event.reopened(id: item.id, on: call.today)
    var after = call.team
    after.apply(.tasks(event), at: call.now.instant)
    let owner = call.owner(after.tasks[item.id] ?? item)
    return call.changed(
      item, event,
      .reply(
        Phrase(
          "tasks.reopened", "✓ #{id} is open again, {owner}.  Undo: `undo`",
          ["id": .number(item.id), "owner": .phrase(owner)])),
      tell: item.owners.filter { $0 != call.sender.id },
      Phrase(
        "tasks.reopened.tell", "{person} opened #{id} {text} again.", call.values(item)))
  }
}

extension Call {
  /// The task that the next argument numbers, taken from `arguments`.
  func task(_ arguments: inout Arguments) throws(Refusal) -> Tasks.Item {
    guard let token = arguments.first else {
      throw wrong(Phrase("tasks.which", "Which task?"))
    }
    guard let id = arguments.takeNumber() else {
      throw wrong(
        Phrase(
          "tasks.number", "“{text}” is no number of a task.",
          ["text": .text(Text.shortened(token.text, to: 30))]))
    }
    guard let item = team.tasks[id] else {
      throw Refusal(
        Phrase("tasks.unknown", "There is no #{id}.", ["id": .number(id)]), example: "tasks")
    }
    return item
  }

  func openTask(_ arguments: inout Arguments) throws(Refusal) -> Tasks.Item {
    let item = try task(&arguments)
    guard item.isOpen else {
      throw Refusal(
        Phrase("tasks.closed", "#{id} is closed.", ["id": .number(item.id)]),
        example: "reopen \(item.id)")
    }
    return item
  }

  /// Its owner, who wrote it down, and a manager decide about a task; anybody about nobody's.
  func mayHandle(_ item: Tasks.Item) -> Bool {
    item.owners.isEmpty || item.owners.contains(sender.id) || item.addedBy == sender.id
      || sender.isManager
  }

  func notYours(_ item: Tasks.Item) -> Refusal {
    Refusal(
      Phrase(
        "tasks.theirs", "#{id} is with {people}: they or a manager can do that.",
        ["id": .number(item.id), "people": .list(item.owners.map { .person($0) })]),
      reason: "denied")
  }

  func values(_ item: Tasks.Item) -> [String: Phrase.Value] {
    [
      "person": .person(sender.id), "id": .number(item.id),
      "text": .text(Text.shortened(item.text, to: 80)),
    ]
  }

  /// One event about a task that `undo` takes back, and a line to whom it concerns.
  func changed(
    _ item: Tasks.Item, _ event: Tasks.Event, _ say: Say, tell people: [Person] = [],
    _ news: Phrase? = nil
  ) -> Decision {
    let others = people.filter { $0 != sender.id && team.members[$0]?.isHere == true }
    return Decision(
      accepting(item, event) + [.tasks(event)],
      say: [say] + (news.map { news in others.map { .tell($0, news) } } ?? []),
      undo: Undoable("task/\(item.id)", [.tasks(.restored(item))]))
  }

  /// Who sets a date for what they were given, or words it anew, has accepted it.
  private func accepting(_ item: Tasks.Item, _ event: Tasks.Event) -> [Event] {
    guard item.givenBy != nil, item.owners.contains(sender.id) else { return [] }
    switch event {
    case .dueChanged, .goalChanged, .textChanged:
      return [.tasks(.accepted(id: item.id, by: sender.id))]
    default: return []
    }
  }

  /// To each new owner but the sender.
  func tellReceivers(_ item: Tasks.Item) -> [Say] {
    item.owners.filter { $0 != sender.id }.map { person in
      .tell(
        person,
        Phrase(
          "tasks.given.tell",
          "{person} gave you #{id} {text} — {due}.  `take {id}`, or not: `drop {id} why`",
          values(item).merging(["due": .phrase(due(item))]) { $1 }))
    }
  }
}
