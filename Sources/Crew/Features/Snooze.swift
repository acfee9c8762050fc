/// Peace until a day: about a task, a goal, a role or a check-in.
enum Snooze {
  static let commands = [snooze]

  static let snooze = Command(
    "snooze", aliases: ["task snooze"], usage: "<12|g3|role|check-in> <when>",
    example: "snooze 12 2d", summary: "No reminder about it until that day."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    guard !arguments.isEmpty else { throw call.wrong(Phrase("snooze.which", "About what?")) }
    let (name, subject) = try call.subject(&arguments)
    _ = arguments.take(anyOf: "until", "till", "for", "到", "至")
    let day = try call.when(&arguments).day(call.now, in: call.zone)
    guard day > call.today else {
      throw call.wrong(Phrase("snooze.short", "I can be quiet for whole days only."))
    }
    let before = call.team.bell.snoozedUntil(subject) ?? Day(number: 0)
    return Decision(
      [.bell(.snoozed(subject: subject, until: day))],
      say: [
        .reply(
          Phrase(
            "snooze.done", "✓ Nothing about {name} before {day}.  Undo: `undo`",
            ["name": .text(name), "day": .day(day)]))
      ],
      undo: Undoable(subject, [.bell(.snoozed(subject: subject, until: before))]))
  }
}

extension Call {
  /// What is to be quiet: its name, and what reminders know it by.
  fileprivate func subject(
    _ arguments: inout Arguments
  ) throws(Refusal) -> (name: String, subject: String) {
    if Arguments.number(arguments.firstWord, letter: "g") != nil {
      let goal = try goal(&arguments)
      return ("g\(goal.id)", "goal/\(goal.id)")
    }
    let isCheckin = arguments.take(anyOf: "checkin", "check-in", "ci", "standup", "签到", "站会")
    let word = arguments.firstWord
    if let plan = team.checkins.plan(word) {
      arguments.take()
      return try checkin(plan.name)
    }
    if isCheckin, team.checkins.plans.count == 1 { return try checkin(team.checkins.plans[0].name) }
    if !isCheckin, let role = team.roles.role(word) {
      arguments.take()
      return (role.name, "role/\(role.name)")
    }
    guard Arguments.number(word, letter: nil) != nil else {
      throw wrong(
        Phrase(
          "snooze.unknown", "I know no task, goal, role or check-in “{text}”.",
          ["text": .text(Text.shortened(word, to: 30))]))
    }
    let item = try openTask(&arguments)
    return ("#\(item.id)", "task/\(item.id)")
  }

  /// A check-in is everybody's.
  private func checkin(_ name: String) throws(Refusal) -> (name: String, subject: String) {
    guard sender.isManager else { throw Refusal.managersOnly }
    return (name, "checkin/\(name)")
  }
}
