extension Calendar {
  static let commands = [
    show, holiday, workday, remove, leave, back, list,
  ]

  /// A holiday or a make-up stretch is at most this long: longer is a slip of the keyboard.
  static let markDaysMax = 31
  /// Leave is at most this long.
  static let awayDaysMax = 366
  static let nameMax = 60

  static let show = Command(
    "calendar", aliases: ["holidays"],
    summary: "Holidays, make-up days and who is away, from today on."
  ) { (call: Call) throws(Refusal) -> Decision in
    guard call.arguments.isEmpty else {
      throw Refusal(
        Phrase("calendar.unknown", "I don't know that one about the calendar."),
        example: holiday.example)
    }
    let marked = stretches(call.team.calendar.specials(from: call.today))
    let away = upcoming(call)
    guard !marked.isEmpty || !away.isEmpty else {
      return Decision(say: [
        .discreet([
          Phrase(
            "calendar.empty",
            "Nothing special ahead.  Add: `calendar holiday 2026-12-25 Christmas`")
        ])
      ])
    }
    return Decision(say: [.discreet(Team.folded(marked.map(line) + away.map(awayLine)))])
  }

  static let holiday = Command(
    "calendar holiday", usage: "<date>[ - <date>] [name] [@who]",
    example: "calendar holiday 2026-12-25 Christmas",
    summary: "A day off for the team, or for the people named.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in try mark(.holiday, call) }

  static let workday = Command(
    "calendar workday", aliases: ["calendar makeup"], usage: "<date>[ - <date>] [name] [@who]",
    example: "calendar workday 2026-10-10",
    summary: "A make-up day: worked, although it is a weekend.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in try mark(.workday, call) }

  private static func mark(_ mark: Mark, _ call: Call) throws(Refusal) -> Decision {
    var arguments = call.arguments
    let (from, until) = try span(&arguments, call, daysMax: markDaysMax)
    guard from >= call.today.adding(days: -markDaysMax) else { throw past(from, call) }
    var people: [Person] = []
    let (head, tail) = arguments.split { $0.kind != .word || $0.folded.hasPrefix("@") }
    var rest = tail
    while let person = try call.personIfNamed(&rest) { people.append(person) }
    let days = Array(from.number...until.number).map { Day(number: $0) }
    let event = Event.marked(
      days: days, as: mark, name: Text.shortened(head.text, to: nameMax),
      people: Set(people).sorted())
    let what = Stretch(
      from: from, until: until, mark: mark, name: Text.shortened(head.text, to: nameMax),
      people: Set(people).sorted())
    return Decision(
      [.calendar(event)],
      say: [
        .reply(
          Phrase(
            "calendar.marked", "✓ {what}.  Take it out: `calendar remove {date}`",
            ["what": .phrase(line(what)), "date": .text(typed(from, until))]))
      ],
      undo: Undoable("calendar/\(from)", restore(days, call)))
  }

  static let remove = Command(
    "calendar remove", aliases: ["calendar delete"], usage: "<date>[ - <date>]",
    example: "calendar remove 2026-12-25", summary: "An ordinary day again.",
    permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let (from, until) = try span(&arguments, call, daysMax: markDaysMax)
    let days = Array(from.number...until.number).map { Day(number: $0) }
      .filter { !call.team.calendar.specials(on: $0).isEmpty }
    guard !days.isEmpty else {
      throw Refusal(
        Phrase(
          "calendar.remove.none", "Nothing is marked on {when}.", ["when": span(from, until)]),
        example: "calendar")
    }
    return Decision(
      [.calendar(.cleared(days: days))],
      say: [
        .reply(
          Phrase(
            "calendar.removed", "✓ {when}: an ordinary day again.  Undo: `undo`",
            ["when": span(from, until)]))
      ],
      undo: Undoable("calendar/\(from)", restore(days, call)))
  }

  /// What brings these days back to how they are now.
  private static func restore(_ days: [Day], _ call: Call) -> [Crew.Event] {
    let former = days.flatMap { call.team.calendar.specials(on: $0) }
    return [.calendar(.cleared(days: days))]
      + former.map {
        .calendar(.marked(days: [$0.day], as: $0.mark, name: $0.name, people: $0.people))
      }
  }
}

// Shown as stretches: seven days of one festival are one line.
extension Calendar {
  struct Stretch {
    var from: Day
    var until: Day
    var mark: Mark
    var name: String
    var people: [Person]
  }

  static func stretches(_ specials: [Special]) -> [Stretch] {
    var stretches: [Stretch] = []
    for special in specials {
      let index = stretches.lastIndex {
        $0.until.adding(days: 1) == special.day && $0.mark == special.mark
          && $0.name == special.name && $0.people == special.people
      }
      if let index {
        stretches[index].until = special.day
      } else {
        stretches.append(
          Stretch(
            from: special.day, until: special.day, mark: special.mark, name: special.name,
            people: special.people))
      }
    }
    return stretches
  }

  static func line(_ stretch: Stretch) -> Phrase {
    let values: [String: Phrase.Value] = [
      "when": span(stretch.from, stretch.until),
      "name": stretch.name.isEmpty
        ? .text("")
        : .phrase(Phrase("calendar.name", ": {name}", ["name": .text(stretch.name)])),
      "who": stretch.people.isEmpty
        ? .text("")
        : .phrase(
          Phrase(
            "calendar.for", " (for {people})",
            ["people": .list(stretch.people.map { .person($0) })])),
    ]
    return switch stretch.mark {
    case .holiday: Phrase("calendar.holiday", "{when} holiday{name}{who}", values)
    case .workday: Phrase("calendar.workday", "{when} make-up working day{name}{who}", values)
    }
  }

  /// One day, or from which day to which.
  static func span(_ from: Day, _ until: Day) -> Phrase.Value {
    guard from != until else { return .day(from) }
    return .phrase(
      Phrase("calendar.span", "{from} – {until}", ["from": .day(from), "until": .day(until)]))
  }

  private static func typed(_ from: Day, _ until: Day) -> String {
    from == until ? from.description : "\(from) - \(until)"
  }

  private static func past(_ day: Day, _ call: Call) -> Refusal {
    call.wrong(Phrase("calendar.past", "{day} is long past.", ["day": .text(day.description)]))
  }

  /// The days that the next words name, taken from `arguments`.
  static func span(
    _ arguments: inout Arguments, _ call: Call, daysMax: Int
  ) throws(Refusal) -> (from: Day, until: Day) {
    let (from, until) = try call.days(&arguments)
    guard until.days(since: from) < daysMax else {
      throw call.wrong(
        Phrase(
          "calendar.long", "{from} – {until} is more than {count} days.",
          ["from": .day(from), "until": .day(until), "count": .number(daysMax)]))
    }
    return (from, until)
  }
}
