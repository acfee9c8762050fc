extension Checkins {
  static let commands =
    [checkin, edit, skip, early] + scheduleCommands + blockerCommands + [report]

  /// A command under `checkin`, with the same under its other names.
  static func command(
    _ verb: String, usage: String, example: String, summary: String,
    permission: Permission = .member,
    answer: @escaping @Sendable (Call) throws(Refusal) -> Decision
  ) -> Command {
    Command(
      "checkin \(verb)", aliases: heads.map { "\($0) \(verb)" }, usage: usage, example: example,
      summary: summary, permission: permission, answer: answer)
  }

  static let heads = ["ci", "standup", "check-in"]

  static let checkin = Command(
    "checkin", aliases: heads, usage: "[name] <what you did>[; today: …][; blocked: …]",
    example: "checkin shipped invoice fix; today: SLA report; blocked: key from @ben",
    summary: "Answer today's check-in, in one free line or by key."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let plans = try plans(&arguments, call)
    guard !arguments.isEmpty else { return Decision(say: [.discreet(status(plans, call))]) }
    switch arguments.firstWord {
    case "明天", "后天", "昨天": return try forDay(arguments, plans, call)
    case "for" where arguments.count > 2: return try forDay(dropped(arguments), plans, call)
    case "edit", "修改": return try edit(dropped(arguments), plans, call)
    case "skip", "跳过": return try skip(dropped(arguments), plans, call)
    default: break
    }
    return try answer(slot(plans, call), arguments, isEdit: false, call)
  }

  static let edit = command(
    "edit", usage: "[name] <all of it again>", example: "checkin edit shipped it; blocked: none",
    summary: "Replace what you said today."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    return try edit(arguments, try plans(&arguments, call), call)
  }

  private static func edit(
    _ arguments: Arguments, _ plans: [Plan], _ call: Call
  ) throws(Refusal) -> Decision {
    guard !arguments.isEmpty else {
      throw call.wrong(Phrase("checkins.empty", "What shall it say?"))
    }
    return try answer(answered(plans, call) ?? slot(plans, call), arguments, isEdit: true, call)
  }

  static let skip = command(
    "skip", usage: "[name] [reason]", example: "checkin skip on a train",
    summary: "Nothing from you today, and nobody minds."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    return try skip(arguments, try plans(&arguments, call), call)
  }

  private static func skip(
    _ arguments: Arguments, _ plans: [Plan], _ call: Call
  ) throws(Refusal) -> Decision {
    let slot = slot(plans, call)
    let answer = Answer(
      name: slot.plan.name, person: call.sender.id, on: slot.day, at: call.now.instant,
      isLate: false, skipped: Text.shortened(arguments.text, to: 80), said: Said())
    let label = Phrase(
      "checkins.skipped", "✓ {name}, {day}: skipped.  Undo: `undo`", slot.values)
    let isPlain = slot.day == call.today && call.team.checkins.plans.count == 1
    return Decision(
      [.checkins(.answered(answer))], say: [isPlain ? .acknowledge(label) : .reply(label)],
      undo: Undoable(subject(slot, call), [restore(slot, call)]))
  }

  static let early = command(
    "for", usage: "<when> [name] <what you will say>",
    example: "checkin for tomorrow finish the SLA report",
    summary: "Answer ahead, for the next time it is asked."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    return try forDay(arguments, try plans(&arguments, call), call)
  }

  private static func forDay(
    _ arguments: Arguments, _ plans: [Plan], _ call: Call
  ) throws(Refusal) -> Decision {
    var arguments = arguments
    let wanted: Day
    if arguments.take(anyOf: "yesterday", "昨天") {
      wanted = call.today.adding(days: -1)
    } else {
      wanted = try call.when(&arguments).day(call.now, in: call.zone)
    }
    guard wanted.days(since: call.today) <= 60, call.today.days(since: wanted) <= 7 else {
      throw call.wrong(
        Phrase("checkins.far", "{day} is too far away for a check-in.", ["day": .day(wanted)]))
    }
    let plans = plans.count > 1 ? try self.plans(&arguments, call) : plans
    if plans.count == 1, arguments.firstWord == plans[0].name { arguments.take() }
    guard !arguments.isEmpty else {
      throw call.wrong(Phrase("checkins.empty", "What shall it say?"))
    }
    let slots = plans.compactMap { plan in
      call.team.nextDay(plan, from: wanted, for: call.sender.id).map { Slot(plan: plan, day: $0) }
    }
    let free = slots.filter {
      call.team.checkins.answer($0.plan.name, call.sender.id, on: $0.day) == nil
    }
    guard let slot = (free.isEmpty ? slots : free).min(by: { $0.day < $1.day }) else {
      throw call.wrong(Phrase("checkins.never", "Nothing is asked then."))
    }
    return try answer(slot, arguments, isEdit: false, call)
  }

  private static func dropped(_ arguments: Arguments) -> Arguments {
    var arguments = arguments
    arguments.take()
    return arguments
  }
}
