// What there is to do.
extension Tasks {
  static let commands = [
    add, list, show, take, give, drop, done, reopen, due, edit, link,
  ]

  static let list = Command(
    "tasks", aliases: ["task list", "todos"], usage: "[mine|unowned|overdue|done|@who|g3|all]",
    example: "tasks mine", summary: "Open tasks, by date."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    if arguments.firstWord.first?.isNumber == true || arguments.firstWord.hasPrefix("#") {
      return try details(call)
    }
    return Decision(say: [.discreet(try lines(&arguments, call))])
  }

  static let show = Command(
    "task", usage: "<number>", example: "task 12", summary: "One task, with its dates."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    if !arguments.isEmpty, arguments.takeNumber() == nil {
      // `task mine` is as good as `tasks mine`; anything else was meant as `task add`.
      guard let listed = try? lines(&arguments, call) else {
        throw Refusal(
          Phrase("tasks.which", "Which task?"),
          example: "task add " + Text.shortened(call.arguments.text, to: 60))
      }
      return Decision(say: [.discreet(listed)])
    }
    return call.arguments.isEmpty
      ? Decision(say: [.discreet(try lines(&arguments, call))]) : try details(call)
  }

  private static func details(_ call: Call) throws(Refusal) -> Decision {
    var arguments = call.arguments
    let item = try call.task(&arguments)
    var first = Phrase(
      "tasks.show", "#{id} {text} — {owner}, {due}.",
      [
        "id": .number(item.id), "text": .text(item.text), "owner": .phrase(call.owner(item)),
        "due": .phrase(call.due(item)),
      ])
    if !item.isOpen { first = closed(item) }
    var second = Phrase(
      "tasks.show.from", "From {person}, {day}.  {next}",
      [
        "person": .person(item.addedBy), "day": .day(item.addedOn),
        "next": .phrase(next(item, call)),
      ])
    if let goal = item.goal {
      second = Phrase(
        "tasks.show.goal", "Goal g{goal}. {line}",
        ["goal": .number(goal), "line": .phrase(second)])
    }
    if let giver = item.givenBy {
      second = Phrase(
        "tasks.show.given", "Given by {person}, not yet accepted.  {next}",
        ["person": .person(giver), "next": .phrase(next(item, call))])
    }
    return Decision(say: [.discreet([first, second])])
  }

  private static func closed(_ item: Item) -> Phrase {
    let values: [String: Phrase.Value] = [
      "id": .number(item.id), "text": .text(item.text),
      "person": item.closedBy.map { .person($0) } ?? .text("?"),
      "day": item.closedOn.map { .day($0) } ?? .text("?"), "why": .text(item.why ?? ""),
    ]
    return item.state == .done
      ? Phrase("tasks.show.done", "#{id} {text} — done by {person}, {day}.", values)
      : Phrase(
        "tasks.show.dropped", "#{id} {text} — closed by {person}, {day}: {why}", values)
  }

  /// The one command that fits.
  private static func next(_ item: Item, _ call: Call) -> Phrase {
    let id: [String: Phrase.Value] = ["id": .number(item.id)]
    if !item.isOpen { return Phrase("tasks.next.reopen", "`reopen {id}`", id) }
    if item.owners.isEmpty || (item.givenBy != nil && item.owners.contains(call.sender.id)) {
      return Phrase("tasks.next.take", "Take it: `take {id}`", id)
    }
    return Phrase("tasks.next.done", "`done {id}`", id)
  }

  private static func lines(
    _ arguments: inout Arguments, _ call: Call
  ) throws(Refusal) -> [Phrase] {
    let tasks = call.team.tasks
    let isAll = arguments.take(anyOf: "all", "全部", "所有")
    let items: [Item]
    let head: Phrase
    if arguments.take(anyOf: "mine", "my", "me", "我的", "我") {
      (items, head) = (tasks.open(of: call.sender.id), Phrase("tasks.list.mine", "Yours:"))
    } else if arguments.take(anyOf: "unowned", "nobody", "free", "无主", "无人") {
      items = tasks.open.filter(\.owners.isEmpty)
      head = Phrase("tasks.list.unowned", "Nobody's yet:")
    } else if arguments.take(anyOf: "overdue", "late", "逾期", "过期") {
      items = tasks.overdue(on: call.today)
      head = Phrase("tasks.list.overdue", "Past their date:")
    } else if arguments.take(anyOf: "done", "完成", "已完成") {
      items = Array(tasks.all.filter { $0.state == .done }.suffix(8).reversed())
      head = Phrase("tasks.list.done", "Done lately:")
    } else if let goal = arguments.takeNumber(letter: "g") {
      items = tasks.items(of: goal).filter(\.isOpen)
      head = Phrase("tasks.list.goal", "For g{id}:", ["id": .number(goal)])
    } else if arguments.isEmpty {
      (items, head) = (tasks.open, Phrase("tasks.list", "Open tasks:"))
    } else {
      let person = try call.person(&arguments)
      items = tasks.open(of: person)
      head = Phrase("tasks.list.of", "With {person}:", ["person": .person(person)])
    }
    if items.isEmpty { return [none(head, call)] }
    let lines = sorted(items).map { line($0, call) }
    return [head] + (isAll ? Array(lines.prefix(60)) : folded(lines))
  }

  private static func folded(_ lines: [Phrase]) -> [Phrase] {
    guard lines.count > 9 else { return lines }
    return lines.prefix(8) + [
      Phrase("tasks.list.more", "+ {count} more: `tasks all`", ["count": .number(lines.count - 8)])
    ]
  }

  private static func none(_ head: Phrase, _ call: Call) -> Phrase {
    let unowned = call.team.tasks.open.count { $0.owners.isEmpty }
    if unowned > 0, head.key != "tasks.list.unowned" {
      return Phrase(
        "tasks.list.none.free", "{head} none.  Nobody's: {count} — `tasks unowned`",
        ["head": .phrase(head), "count": .number(unowned)])
    }
    return Phrase("tasks.list.none", "{head} none.", ["head": .phrase(head)])
  }

  /// Those with the nearest date first, those without one last.
  private static func sorted(_ items: [Item]) -> [Item] {
    items.sorted { a, b in
      switch (a.due?.day, b.due?.day) {
      case (let one?, let other?) where one != other: one < other
      case (.some, nil): true
      case (nil, .some): false
      default: a.id < b.id
      }
    }
  }

  private static func line(_ item: Item, _ call: Call) -> Phrase {
    let values: [String: Phrase.Value] = [
      "id": .number(item.id), "text": .text(Text.shortened(item.text, to: 60)),
      "owner": .phrase(call.owner(item)), "when": item.due?.value ?? .text(""),
    ]
    if item.isOverdue(on: call.today) {
      return Phrase("tasks.line.overdue", "#{id} {text} · {owner} · was due {when}", values)
    }
    return item.due == nil || !item.isOpen
      ? Phrase("tasks.line", "#{id} {text} · {owner}", values)
      : Phrase("tasks.line.due", "#{id} {text} · {owner} · due {when}", values)
  }
}
