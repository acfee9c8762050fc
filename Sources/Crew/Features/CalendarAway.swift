// Leave: `away mon-wed cover @ben`, `back`, `away list`.
extension Calendar {
  static let leave = Command(
    "away", aliases: ["ooo", "leave", "vacation"], usage: "[@who] <when>[-<when>] [cover @x]",
    example: "away mon-wed cover @ben",
    summary: "You are away: no reminders, and nobody misses your check-in."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    guard !arguments.isEmpty else { return own(call) }
    let person = try call.personIfNamed(&arguments) ?? call.sender.id
    let (words, tail) = spaced(arguments).split {
      ["cover", "covered", "covers", "by", "由", "代班"].contains($0.folded)
    }
    arguments = words
    var others = words.split { $0.kind != .word || $0.folded.hasPrefix("@") }.tail
    let named = try call.personIfNamed(&others) ?? person
    let who = person == call.sender.id ? named : person
    try mayChange(who, call)
    let (from, until) = try span(&arguments, call, daysMax: awayDaysMax)
    guard until >= call.today else {
      throw call.wrong(
        Phrase("away.past", "{when} is over.", ["when": span(from, until)]))
    }
    return leave(who, from, until, try cover(tail, who, call), call)
  }

  /// Chinese is written without spaces: `周一到周三由@ben代班`.
  private static func spaced(_ arguments: Arguments) -> Arguments {
    Arguments(
      arguments.tokens.flatMap { token -> [Token] in
        guard token.folded.count > 1, token.folded.hasSuffix("由") else { return [token] }
        var day = token
        day.text.removeLast()
        return [day, Token(kind: .word, text: "由", gap: " ")]
      })
  }

  /// Somebody else's leave is a manager's to enter.
  private static func mayChange(_ who: Person, _ call: Call) throws(Refusal) {
    guard who == call.sender.id || call.sender.isManager else {
      throw Refusal(
        Phrase(
          "away.denied", "Only {person} or a manager can say that.", ["person": .person(who)]),
        reason: "denied")
    }
  }

  private static func cover(
    _ tail: Arguments, _ who: Person, _ call: Call
  ) throws(Refusal) -> Person? {
    guard !tail.isEmpty else { return nil }
    var tail = tail
    tail.take()
    _ = tail.take(anyOf: "by", "由")
    let cover = try call.person(&tail)
    guard cover != who else {
      throw call.wrong(Phrase("away.cover.self", "Somebody else has to cover."))
    }
    return cover
  }

  private static func leave(
    _ who: Person, _ from: Day, _ until: Day, _ cover: Person?, _ call: Call
  ) -> Decision {
    let id = call.team.calendar.nextAway
    let event = Event.wentAway(id: id, person: who, from: from, until: until, cover: cover)
    // "away until fri" said again, longer: the shorter one is part of it now.
    let swallowed = call.team.calendar.aways.filter {
      $0.person == who && from <= $0.from && $0.until <= until
    }
    let coverNote =
      cover.map {
        Phrase("away.covers", ", {person} covers", ["person": .person($0)])
      } ?? .verbatim("")
    let values: [String: Phrase.Value] = [
      "person": .person(who), "when": span(from, until), "cover": .phrase(coverNote),
      "by": .person(call.sender.id),
    ]
    var says: [Say] = [
      .reply(
        who == call.sender.id
          ? Phrase("away.set", "✓ You are away {when}{cover}.  Sooner: `back`", values)
          : Phrase("away.set.other", "✓ {person} is away {when}{cover}.  Undo: `undo`", values))
    ]
    if who != call.sender.id {
      says.append(
        .tell(who, Phrase("away.told", "{by} entered you as away {when}.  Sooner: `back`", values)))
    }
    if let cover, cover != call.sender.id {
      says.append(
        .tell(cover, Phrase("away.told.cover", "{person} is away {when}; you cover.", values)))
    }
    return Decision(
      swallowed.map { .calendar(.awayCancelled(id: $0.id)) } + [.calendar(event)], say: says,
      undo: Undoable(
        "away/\(who.number)",
        [.calendar(.awayCancelled(id: id))] + swallowed.map { .calendar(wentAway($0)) }))
  }

  private static func wentAway(_ away: Away) -> Event {
    .wentAway(
      id: away.id, person: away.person, from: away.from, until: away.until, cover: away.cover)
  }

  static let back = Command(
    "back", usage: "[@who] [day]", summary: "You are back, or were never gone."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let who = try call.personIfNamed(&arguments) ?? call.sender.id
    try mayChange(who, call)
    let today = call.now.today(in: call.team.zone(of: who))
    let isNow = arguments.isEmpty
    let day = isNow ? today : try span(&arguments, call, daysMax: awayDaysMax).from
    let aways = call.team.calendar.aways.filter { $0.person == who && $0.until >= today }
    let current = aways.filter { $0.covers(today) }
    if !current.isEmpty { return end(current, day, who, call) }
    let later = aways.filter { !isNow && $0.from < day && $0.covers(day) }
    if !later.isEmpty { return end(later, day, who, call) }
    guard let next = aways.min(by: { $0.from < $1.from }) else {
      throw Refusal(
        who == call.sender.id
          ? Phrase("back.here", "You are not away.")
          : Phrase("back.here.other", "{person} is not away.", ["person": .person(who)]))
    }
    return Decision(
      [.calendar(.awayCancelled(id: next.id))],
      say: [
        .reply(
          Phrase(
            "back.cancelled", "✓ Not away {when} after all.  Undo: `undo`",
            ["when": span(next.from, next.until)]))
      ],
      undo: Undoable("away/\(who.number)", [.calendar(wentAway(next))]))
  }

  /// Cuts leave short: `day` is the first day of work again.
  private static func end(
    _ aways: [Away], _ day: Day, _ who: Person, _ call: Call
  ) -> Decision {
    let events = aways.map { away -> Event in
      away.from < day
        ? .awayMoved(id: away.id, from: away.from, until: day.adding(days: -1))
        : .awayCancelled(id: away.id)
    }
    let undo = aways.flatMap { away -> [Crew.Event] in
      [.calendar(.awayCancelled(id: away.id)), .calendar(wentAway(away))]
    }
    let values: [String: Phrase.Value] = ["person": .person(who), "day": .day(day)]
    let phrase =
      who == call.sender.id
      ? Phrase("back.done", "✓ Back from {day} on.", values)
      : Phrase("back.done.other", "✓ {person} is back from {day} on.", values)
    return Decision(
      events.map { .calendar($0) }, say: [.reply(phrase)],
      undo: Undoable("away/\(who.number)", undo))
  }

  static let list = Command(
    "away list", aliases: ["who is away", "who is away?", "whos away", "who's away?"],
    summary: "Who is away, now and soon."
  ) { (call: Call) throws(Refusal) -> Decision in
    let away = upcoming(call)
    guard !away.isEmpty else {
      return Decision(say: [.discreet([Phrase("away.none", "Everybody is here.")])])
    }
    return Decision(say: [.discreet(Team.folded(away.map(awayLine)))])
  }

  /// Leave that is not over yet, of those who are here at all, by its first day.
  static func upcoming(_ call: Call) -> [Away] {
    call.team.calendar.aways
      .filter { $0.until >= call.today && call.team.members[$0.person]?.isHere == true }
      .sorted { ($0.from, $0.person) < ($1.from, $1.person) }
  }

  static func awayLine(_ away: Away) -> Phrase {
    let cover =
      away.cover.map { Phrase("away.covers", ", {person} covers", ["person": .person($0)]) }
      ?? .verbatim("")
    return Phrase(
      "away.line", "{when} {person} is away{cover}",
      [
        "when": span(away.from, away.until), "person": .person(away.person),
        "cover": .phrase(cover),
      ])
  }

  /// `away` alone: what is entered for oneself.
  private static func own(_ call: Call) -> Decision {
    let mine = upcoming(call).filter { $0.person == call.sender.id }
    guard !mine.isEmpty else {
      return Decision(say: [
        .discreet([
          Phrase("away.own.none", "You are not away.  To enter it: `away mon-wed cover @ben`")
        ])
      ])
    }
    return Decision(say: [.discreet(Team.folded(mine.map(awayLine)))])
  }
}
