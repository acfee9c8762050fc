// Setting check-ins up.
extension Checkins {
  static let plansMax = 10
  static let questionsMax = 6
  static let questionMax = 80
  static let nameMax = 20
  /// Two check-ins of one day are at least this far apart, and one lasts at least this long.
  static let gapMinutes = 15
  static let everyWeeksMax = 26
  static let freshDaysMax = 90

  static let scheduleCommands = [
    schedule, list, questions, part(.optional), part(.required), part(.observer),
  ]

  static let schedule = command(
    "schedule",
    usage: "[name] <time> [weekdays] [until <time> [zone]] [every <n> weeks] [unless <n> days]"
      + " | <name> off",
    example: "checkin schedule daily 09:30",
    summary: "When a check-in is asked, by everybody's own clock.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    var parser = ScheduleReader(call.arguments, call)
    guard !call.arguments.isEmpty else { return Decision(say: [.discreet(overview(call))]) }
    let name = try parser.name()
    if parser.isOff { return try stop(name, call) }
    return try schedule(try parser.plan(name), call)
  }

  private static func schedule(_ plan: Plan, _ call: Call) throws(Refusal) -> Decision {
    let checkins = call.team.checkins
    let prior = checkins.plan(plan.name)
    guard prior != nil || checkins.plans.count < plansMax else {
      throw Refusal(
        Phrase("checkins.many", "{count} check-ins are enough.", ["count": .number(plansMax)]),
        example: "checkin list")
    }
    if let other = checkins.plans.first(where: { $0.name != plan.name && $0.isNear(plan) }) {
      throw call.wrong(
        Phrase(
          "checkins.near", "{name} is asked at {time}: leave {count} minutes between them.",
          [
            "name": .text(other.name), "time": .text(other.ask.description),
            "count": .number(gapMinutes),
          ]))
    }
    let first = (0..<190).map { plan.from.adding(days: $0) }
      .first { call.team.takesPlace(plan, on: $0) }
    let values: [String: Phrase.Value] = [
      "plan": .phrase(line(plan)), "first": .day(first ?? plan.from), "name": .text(plan.name),
    ]
    return Decision(
      [.checkins(.scheduled(plan))],
      say: [
        .reply(
          Phrase(
            "checkins.scheduled",
            "✓ {plan}; first on {first}.\nOwn questions: `checkin questions {name} Done? | Next?`",
            values))
      ],
      undo: Undoable(
        "checkin/\(plan.name)",
        [.checkins(prior.map { .scheduled($0) } ?? .stopped(name: plan.name))]))
  }

  private static func stop(_ name: String, _ call: Call) throws(Refusal) -> Decision {
    guard let plan = call.team.checkins.plan(name) else { throw unknown(name, call) }
    return Decision(
      [.checkins(.stopped(name: name))],
      say: [
        .reply(
          Phrase(
            "checkins.stopped", "✓ {name} is not asked any more.  Undo: `undo`",
            ["name": .text(name)]))
      ], undo: Undoable("checkin/\(name)", [.checkins(.scheduled(plan))]))
  }

  static func unknown(_ name: String, _ call: Call) -> Refusal {
    Refusal(
      Phrase(
        "checkins.unknown", "There is no check-in called {name}.",
        ["name": .text(Text.shortened(name, to: nameMax))]),
      example: "checkin list")
  }

  static let list = command(
    "list", usage: "", example: "checkin list", summary: "Which check-ins there are."
  ) { (call: Call) throws(Refusal) -> Decision in
    // "checkin list of customers sent" is an answer.
    if !call.arguments.isEmpty, !call.team.checkins.plans.isEmpty {
      let word = Token(kind: .word, text: "list", gap: "")
      return try answer(
        slot(call.team.checkins.plans, call), Arguments([word] + call.arguments.tokens),
        isEdit: false, call)
    }
    return Decision(say: [.discreet(overview(call))])
  }

  static func overview(_ call: Call) -> [Phrase] {
    let plans = call.team.checkins.plans
    guard !plans.isEmpty else {
      return [
        Phrase(
          "checkins.list.none", "None yet.  A manager types: `checkin schedule daily 09:30`")
      ]
    }
    return plans.flatMap { plan in
      [line(plan)]
        + (plan.questions.isEmpty ? [] : [questionLine(plan)]) + parts(plan, call)
    }
  }

  private static func parts(_ plan: Plan, _ call: Call) -> [Phrase] {
    let present = call.team.members.present.map(\.id)
    func people(_ part: Part) -> [Phrase.Value] {
      present.filter { call.team.checkins.part(of: $0, in: plan.name) == part }
        .map { .person($0) }
    }
    let optional = people(.optional)
    let observers = people(.observer)
    var lines: [Phrase] = []
    if !optional.isEmpty {
      lines.append(
        Phrase("checkins.list.optional", "  optional: {people}", ["people": .list(optional)]))
    }
    if !observers.isEmpty {
      lines.append(
        Phrase("checkins.list.observers", "  watching: {people}", ["people": .list(observers)]))
    }
    return lines
  }

  static func questionLine(_ plan: Plan) -> Phrase {
    .verbatim("  " + numbered(plan.questions))
  }

  static func numbered(_ questions: [String]) -> String {
    questions.enumerated().map { "\($0.offset + 1). \($0.element)" }.joined(separator: "  ")
  }

  /// A schedule in one line.
  static func line(_ plan: Plan) -> Phrase {
    let days: Phrase
    if let weekdays = plan.weekdays {
      days = Self.days(weekdays.sorted())
    } else {
      days = Phrase("checkins.days.own", "everybody's working days")
    }
    var extra: [Phrase] = []
    if plan.everyWeeks > 1 {
      extra.append(
        Phrase("checkins.weeks", ", every {count} weeks", ["count": .number(plan.everyWeeks)]))
    }
    if plan.freshDays > 0 {
      extra.append(
        .counted(
          "checkins.fresh", plan.freshDays, one: ", unless answered within {count} day",
          many: ", unless answered within {count} days"))
    }
    let zone = plan.untilZone.map { Phrase.verbatim(" \($0)") } ?? .verbatim("")
    return Phrase(
      "checkins.plan", "{name}: {ask} on {days}, closes {until}{zone}{extra}",
      [
        "name": .text(plan.name), "ask": .text(plan.ask.description), "days": .phrase(days),
        "until": .text(plan.until.description), "zone": .phrase(zone),
        "extra": .phrase(.joined(extra)),
      ])
  }

  /// `Mon, Wed` or, from three in a row on, `Mon–Fri`.
  private static func days(_ weekdays: [Weekday]) -> Phrase {
    if let first = weekdays.first, let last = weekdays.last, weekdays.count > 2,
      last.rawValue - first.rawValue == weekdays.count - 1
    {
      return Phrase(
        "checkins.days.span", "{from}–{to}",
        [
          "from": .phrase(Speaker.name(of: first)), "to": .phrase(Speaker.name(of: last)),
        ])
    }
    return Phrase(
      "checkins.days", "{days}",
      ["days": .list(weekdays.map { .phrase(Speaker.name(of: $0)) })])
  }

  static let questions = command(
    "questions", usage: "[name] <question> | <question> …  or  usual",
    example: "checkin questions daily Done? | Next? | Blocked?",
    summary: "The team's own questions instead of done, doing, blocked.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let plans = try plans(&arguments, call)
    guard plans.count == 1, let plan = plans.first else {
      throw call.wrong(
        Phrase(
          "checkins.which", "For which one: {names}?",
          ["names": .list(plans.map { .text($0.name) })]))
    }
    guard !arguments.isEmpty else {
      throw call.wrong(Phrase("checkins.questions.none", "Which questions?"))
    }
    let isUsual =
      arguments.count == 1 && ["usual", "off", "default", "默认", "通常"].contains(arguments.firstWord)
    let questions =
      isUsual
      ? []
      : arguments.text.split { "|｜\n".contains($0) }.map { String($0.trimmed) }
        .filter { !$0.isEmpty }
    guard questions.count <= questionsMax, questions.allSatisfy({ $0.count <= questionMax }) else {
      throw call.wrong(
        Phrase("checkins.questions.many", "At most 6 questions of 80 letters, please."))
    }
    let phrase =
      isUsual
      ? Phrase(
        "checkins.questions.usual", "✓ {name} asks done, doing, blocked again.", values(plan))
      : Phrase(
        "checkins.questions.set", "✓ {name} asks: {questions}",
        values(plan).merging(["questions": .text(numbered(questions))]) { $1 })
    return Decision(
      [.checkins(.questionsChosen(name: plan.name, questions: questions))], say: [.reply(phrase)],
      undo: Undoable(
        "checkin/\(plan.name)",
        [.checkins(.questionsChosen(name: plan.name, questions: plan.questions))]))
  }

  private static func values(_ plan: Plan) -> [String: Phrase.Value] { ["name": .text(plan.name)] }

  /// `checkin optional @ben [daily]`.
  private static func part(_ part: Part) -> Command {
    let summary =
      switch part {
      case .optional: "Asked, but never missing."
      case .required: "Asked, and mentioned when silent: the usual."
      case .observer: "Not asked at all."
      }
    return command(
      part.rawValue, usage: "@who [name]", example: "checkin \(part.rawValue) @ben",
      summary: summary, permission: .manager
    ) { (call: Call) throws(Refusal) -> Decision in
      var arguments = call.arguments
      var people = [try call.person(&arguments)]
      while let person = try call.personIfNamed(&arguments) { people.append(person) }
      let name = arguments.isEmpty ? nil : arguments.firstWord
      if let name, call.team.checkins.plan(name) == nil { throw unknown(name, call) }
      let undo = people.map { person -> Crew.Event in
        let prior = call.team.checkins.choice(of: person, in: name)
        return .checkins(.partChosen(person, part: prior, in: name))
      }
      let values: [String: Phrase.Value] = ["people": .list(people.map { .person($0) })]
      let phrase =
        switch part {
        case .optional: Phrase("checkins.part.optional", "✓ Optional: {people}.", values)
        case .required: Phrase("checkins.part.required", "✓ Asked as usual: {people}.", values)
        case .observer: Phrase("checkins.part.observer", "✓ Only watching: {people}.", values)
        }
      return Decision(
        people.map { .checkins(.partChosen($0, part: part, in: name)) }, say: [.reply(phrase)],
        undo: Undoable("checkin/part", undo))
    }
  }
}
