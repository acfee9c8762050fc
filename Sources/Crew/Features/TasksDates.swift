// Until when, and peace until then.
extension Tasks {
  static let due = Command(
    "task due", aliases: ["due"], usage: "<number> <when>|none", example: "due 12 fri",
    summary: "Until when a task is to be done."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let item = try call.openTask(&arguments)
    var deadline: Deadline?
    if !arguments.take(anyOf: "none", "off", "never", "no", "无", "取消", "没有") {
      deadline = try call.deadline(try call.when(&arguments))
    }
    var after = item
    after.due = deadline
    return call.changed(
      item, .dueChanged(id: item.id, to: deadline),
      .reply(
        Phrase(
          "tasks.due.changed", "✓ #{id}: {due}.",
          ["id": .number(item.id), "due": .phrase(call.due(after))])),
      tell: item.owners.contains(call.sender.id) ? [] : item.owners,
      Phrase(
        "tasks.due.tell", "{person} changed #{id} {text}: {due}.",
        call.values(item).merging(["due": .phrase(call.due(after))]) { $1 }))
  }

  static let edit = Command(
    "task edit", aliases: ["task text", "task rename"], usage: "<number> <text>",
    example: "task edit 12 renew both certs", summary: "Other words for a task."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let item = try call.openTask(&arguments)
    guard call.mayHandle(item) else { throw call.notYours(item) }
    let text = Tasks.text(arguments.tokens)
    guard !text.isEmpty, text.count <= textCharactersMax else {
      throw call.wrong(Phrase("tasks.text.none", "What is to be done?"))
    }
    return call.changed(
      item, .textChanged(id: item.id, to: text),
      .acknowledge(Phrase("tasks.edited", "✓ #{id} changed.", ["id": .number(item.id)])))
  }

  static let link = Command(
    "task goal", usage: "<number> g3|none", example: "task goal 12 g3",
    summary: "Which goal a task serves."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let item = try call.openTask(&arguments)
    var goal: Int?
    if !arguments.take(anyOf: "none", "off", "无", "取消") {
      goal = try call.goal(&arguments).id
    }
    return call.changed(
      item, .goalChanged(id: item.id, to: goal),
      .acknowledge(Phrase("tasks.edited", "✓ #{id} changed.", ["id": .number(item.id)])))
  }
}

extension Call {
  /// `due Fri 27 Nov (Europe/Berlin)`, or that there is no date.
  func due(_ item: Tasks.Item) -> Phrase {
    guard let due = item.due else { return Phrase("tasks.due.none", "no date") }
    let when = due.when.phrase(now, in: due.zone)
    guard team.isWorkday(due.day, for: item.owners.first) else {
      return Phrase("tasks.due.off", "due {when}, not a working day", ["when": .phrase(when)])
    }
    return Phrase("tasks.due", "due {when}", ["when": .phrase(when)])
  }

  /// `with ben`, or that nobody has it.
  func owner(_ item: Tasks.Item) -> Phrase {
    item.owners.isEmpty
      ? Phrase("tasks.owner.none", "no owner")
      : Phrase(
        "tasks.owner", "with {people}", ["people": .list(item.owners.map { .person($0) })])
  }
}

extension Tasks.Deadline {
  var when: When { time.map { .time(day, $0) } ?? .day(day) }
  /// Without the zone, for a line of a list.
  var value: Phrase.Value { time.map { .time(day, $0) } ?? .day(day) }
}
