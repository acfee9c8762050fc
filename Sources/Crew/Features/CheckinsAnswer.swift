// Which check-in, and which day of it.
extension Checkins {
  /// One day of one check-in.
  struct Slot {
    var plan: Plan
    var day: Day

    var values: [String: Phrase.Value] { ["name": .text(plan.name), "day": .day(day)] }
  }

  /// The check-in that is named, taken from `arguments`; else all of them.
  static func plans(
    _ arguments: inout Arguments, _ call: Call
  ) throws(Refusal) -> [Plan] {
    let all = call.team.checkins.plans
    guard !all.isEmpty else {
      throw Refusal(
        Phrase("checkins.none", "No check-in is scheduled here yet; a manager does that."),
        example: schedule.example)
    }
    guard let plan = call.team.checkins.plan(arguments.firstWord) else { return all }
    arguments.take()
    return [plan]
  }

  /// What an answer given now is for. Today's, where there is one: an open one that is unanswered,
  /// then an open one to add to, then one that closed, then one still to come. On a free day: the
  /// one just missed, or the next.
  static func slot(_ plans: [Plan], _ call: Call) -> Slot {
    let team = call.team
    let person = call.sender.id
    let ranked = plans.filter { team.takesPlace($0, on: call.today, for: person) }
      .map { (rank: rank($0, call), plan: $0) }
    let best = ranked.min {
      $0.rank != $1.rank
        ? $0.rank < $1.rank
        : $0.rank == 3 ? $0.plan.ask < $1.plan.ask : $0.plan.ask > $1.plan.ask
    }
    if let best { return Slot(plan: best.plan, day: call.today) }
    let missed = plans.compactMap { plan in
      (1...3).map { call.today.adding(days: -$0) }
        .first { team.takesPlace(plan, on: $0, for: person) }
        .map { Slot(plan: plan, day: $0) }
    }.filter {
      team.checkins.wasOpened($0.plan.name, on: $0.day)
        && team.checkins.answer($0.plan.name, person, on: $0.day) == nil
    }
    if let slot = missed.max(by: { ($0.day, $0.plan.ask) < ($1.day, $1.plan.ask) }) { return slot }
    let coming = plans.map { plan in
      Slot(plan: plan, day: team.nextDay(plan, from: call.today, for: person) ?? call.today)
    }
    return coming.min { ($0.day, $0.plan.ask) < ($1.day, $1.plan.ask) }
      ?? Slot(plan: plans[0], day: call.today)
  }

  private static func rank(_ plan: Plan, _ call: Call) -> Int {
    let team = call.team
    let isAnswered = team.checkins.answer(plan.name, call.sender.id, on: call.today) != nil
    let isAsked = call.now.instant >= team.askInstant(plan, on: call.today, in: call.zone, call.now)
    let isClosed = isLate(Slot(plan: plan, day: call.today), call)
    switch (isAnswered, isClosed) {
    case (false, false): return isAsked ? 0 : 3
    case (true, false): return isAsked ? 1 : 4
    case (false, true): return 2
    case (true, true): return 5
    }
  }

  static func isLate(_ slot: Slot, _ call: Call) -> Bool {
    call.now.instant > call.team.closeInstant(slot.plan, on: slot.day, in: call.zone, call.now)
  }

  /// What the sender said last, for today or ahead; a change of mind is about that.
  static func answered(_ plans: [Plan], _ call: Call) -> Slot? {
    let mine = call.team.checkins.answers(
      from: call.today.adding(days: -1), to: call.today.adding(days: 60)
    ).filter { answer in
      answer.person == call.sender.id && plans.contains { $0.name == answer.name }
    }
    let today = mine.filter { $0.on == call.today }
    guard let answer = (today.isEmpty ? mine : today).max(by: { $0.at < $1.at }),
      let plan = call.team.checkins.plan(answer.name)
    else { return nil }
    return Slot(plan: plan, day: answer.on)
  }
}

// Taking an answer down.
extension Checkins {
  /// - Parameter isEdit: whether it replaces what was said; else it is added to it.
  static func answer(
    _ slot: Slot, _ arguments: Arguments, isEdit: Bool, _ call: Call
  ) throws(Refusal) -> Decision {
    let reading = Reader.read(arguments, questions: slot.plan.questions)
    guard !reading.said.isEmpty || !reading.fields.isEmpty else {
      throw call.wrong(Phrase("checkins.empty", "What shall it say?"))
    }
    return answer(slot, reading, isEdit: isEdit, call)
  }

  static func answer(_ slot: Slot, _ reading: Reading, isEdit: Bool, _ call: Call) -> Decision {
    let prior = call.team.checkins.answer(slot.plan.name, call.sender.id, on: slot.day)
    let wasInTime = prior.map { !$0.isLate && $0.skipped == nil } ?? false
    var said = reading.said
    if !isEdit, let prior, prior.skipped == nil { said = prior.said.adding(said) }
    let answer = Answer(
      name: slot.plan.name, person: call.sender.id, on: slot.day, at: call.now.instant,
      isLate: isLate(slot, call) && !wasInTime, skipped: nil, said: said)
    let blocking = blocking(slot, reading, isEdit: isEdit, call)
    return Decision(
      [.checkins(.answered(answer))] + blocking.events,
      say: says(slot, answer, blocking.news, call) + blocking.tells,
      undo: Undoable(subject(slot, call), [restore(slot, call)] + blocking.undo))
  }

  static func subject(_ slot: Slot, _ call: Call) -> String {
    "checkin/\(slot.plan.name)/\(slot.day)/\(call.sender.id.number)"
  }

  static func restore(_ slot: Slot, _ call: Call) -> Crew.Event {
    let name = slot.plan.name
    let prior = call.team.checkins.answer(name, call.sender.id, on: slot.day)
    return .checkins(
      prior.map { .answered($0) }
        ?? .retracted(name: name, person: call.sender.id, on: slot.day))
  }

  private struct Blocking {
    var events: [Crew.Event] = []
    var undo: [Crew.Event] = []
    var news: Phrase?
    var tells: [Say] = []
  }

  /// What becomes of blockers by an answer: a new one opens; one that an edited answer had opened
  /// is reworded, or closed where it is not mentioned any more.
  private static func blocking(
    _ slot: Slot, _ reading: Reading, isEdit: Bool, _ call: Call
  ) -> Blocking {
    let text = reading.said.blocked
    let needs = helpers(reading.helpers, call)
    let mark = "\(slot.plan.name)/\(slot.day)"
    let mine = call.team.checkins.blockers.open.filter {
      $0.owner == call.sender.id && $0.answer == mark
    }
    if isEdit, let old = mine.first {
      guard !text.isEmpty else {
        return Blocking(
          events: [.checkins(.unblocked(id: old.id, by: call.sender.id, on: call.today))],
          undo: [.checkins(.reblocked(id: old.id))],
          news: Phrase("unblock.done", "✓ b{id} is closed.", ["id": .number(old.id)]))
      }
      let short = Text.shortened(text, to: blockerTextMax)
      return Blocking(
        events: [.checkins(.blockerReworded(id: old.id, text: short, needs: needs))],
        undo: [.checkins(.blockerReworded(id: old.id, text: old.text, needs: old.needs))])
    }
    let (events, blocker) = text.isEmpty ? ([], nil) : opening(text, needs, mark, call)
    guard let blocker else { return Blocking() }
    return Blocking(
      events: events, undo: [.checkins(.blockerWithdrawn(id: blocker.id))],
      news: opened(blocker, call), tells: tells(blocker, call))
  }

  /// ✅ where there is no news; a line where it was taken for another day or another check-in than
  /// might be thought, or opened a blocker.
  private static func says(
    _ slot: Slot, _ answer: Answer, _ news: Phrase?, _ call: Call
  ) -> [Say] {
    let line: Phrase
    if answer.isLate {
      line = Phrase("checkins.late", "✓ {name}, {day}, late.", slot.values)
    } else if slot.day > call.today {
      line = Phrase(
        "checkins.early", "✓ {name}, for {day}.  Change: `checkin edit …`", slot.values)
    } else {
      line = Phrase("checkins.noted", "✓ {name}, {day}.", slot.values)
    }
    let isPlain = slot.day == call.today && call.team.checkins.plans.count == 1
    guard let news else { return [isPlain ? .acknowledge(line) : .reply(line)] }
    let reply =
      isPlain
      ? news
      : Phrase(
        "checkins.both", "{line}\n{news}", ["line": .phrase(line), "news": .phrase(news)])
    return [.reply(reply)]
  }

  /// Answers without a command: `done: …` to the bot alone; in the room, where people also just
  /// talk, only with two keys at least and while a check-in is open.
  static let spoken = Spoken { (call: Call) throws(Refusal) -> Decision? in
    let plans = call.team.checkins.plans
    guard !plans.isEmpty else { return nil }
    let slot = slot(plans, call)
    let reading = Reader.read(call.arguments, questions: slot.plan.questions)
    guard reading.startsWithKey, !reading.said.isEmpty,
      reading.fields.count >= (call.message.isDirect ? 1 : 2),
      call.message.isDirect || call.team.checkins.isOpen(slot.plan.name, on: slot.day)
    else { return nil }
    return answer(slot, reading, isEdit: false, call)
  }
}

extension Checkins.Said {
  func adding(_ more: Self) -> Self {
    var sum = self
    if !more.done.isEmpty { sum.done.join(more.done) }
    if !more.doing.isEmpty { sum.doing.join(more.doing) }
    if !more.blocked.isEmpty { sum.blocked.join(more.blocked) }
    for note in more.notes {
      if let index = sum.notes.firstIndex(where: { $0.question == note.question }) {
        sum.notes[index].text.join(note.text)
      } else {
        sum.notes.append(note)
      }
    }
    return sum
  }
}
