extension Checkins {
  static let reminders = [
    openReminder, askReminder, missingReminder, summaryReminder, blockerReminder,
  ]

  static let openReminder = Reminder(
    "checkins.open", summary: "A check-in is due: `checkin list` shows when they are."
  ) { team, now in
    let zones = team.zonesHere
    let days = Set((zones + [team.settings.zone]).map { now.today(in: $0) }).sorted()
    return team.checkins.plans.flatMap { plan in
      days.compactMap { team.opening(plan, on: $0, zones, now) }
    }
  }

  static let askReminder = Reminder(
    "checkins.ask", summary: "A check-in that the room was asked at another hour than yours."
  ) { team, now in
    team.openOccurrences.flatMap { plan, occurrence in
      guard team.zonesHere.contains(where: { team.isAsking(plan, occurrence, in: $0, now) }) else {
        return [Nudge]()
      }
      return team.asked(plan, on: occurrence.on)
        .compactMap { team.asking(plan, occurrence, $0, now) }
    }
  }

  static let missingReminder = Reminder(
    "checkins.missing", summary: "A check-in closes within the hour, and yours is not there."
  ) { team, now in
    team.openOccurrences.flatMap { plan, occurrence in
      guard team.zonesHere.contains(where: { team.isClosing(plan, occurrence, in: $0, now) })
      else { return [Nudge]() }
      return team.expected(plan, occurrence)
        .compactMap { team.missing(plan, occurrence, $0, now) }
    }
  }

  static let summaryReminder = Reminder(
    "checkins.summary", summary: "What a check-in brought, when it closes."
  ) { team, now in
    team.openOccurrences.compactMap { team.closing($0, $1, now) }
  }

  static let blockerReminder = Reminder(
    "checkins.blockers",
    summary: "Something stands in the way: asked after every 2 working days, 3 times at most."
  ) { team, now in
    team.checkins.blockers.open.flatMap { team.following($0, now) }
  }
}

extension Team {
  /// Those that people live in: a few, however many the people are, so that whether it is time for
  /// anybody is asked of them before everybody is looked at.
  fileprivate var zonesHere: [String] {
    Array(Set(members.list.lazy.filter(\.isHere).map { $0.zone ?? settings.zone }))
  }

  fileprivate var openOccurrences: [(Checkins.Plan, Checkins.Occurrence)] {
    checkins.open.compactMap { occurrence in
      checkins.plan(occurrence.name).map { ($0, occurrence) }
    }
  }

  private func isSnoozed(_ plan: Checkins.Plan, on day: Day) -> Bool {
    bell.isSnoozed("checkin/\(plan.name)", on: day)
  }

  /// The one post to the room, when the first person's hour has come.
  fileprivate func opening(
    _ plan: Checkins.Plan, on day: Day, _ zonesHere: [String], _ now: Now
  ) -> Nudge? {
    guard plan.fits(day),
      zonesHere.contains(where: { askInstant(plan, on: day, in: $0, now) <= now.instant }),
      !checkins.wasOpened(plan.name, on: day), !isSnoozed(plan, on: day)
    else { return nil }
    let zones = Set(asked(plan, on: day).map { zone(of: $0) })
    let hours = zones.map { askInstant(plan, on: day, in: $0, now) }.sorted()
    guard let due = hours.last(where: { $0 <= now.instant }) else { return nil }
    let isTooLate = now.instant > due.adding(hours: Checkins.Plan.graceHours)
    // Somebody's hour is still to come: then that one opens it.
    if isTooLate, hours.contains(where: { $0 > now.instant }) { return nil }
    let isOver = now.instant >= summaryInstant(plan, on: day, now)
    return Nudge(
      slot: "\(plan.name)/\(day)", to: .room, form: .whole, openingLines(plan, on: day),
      dueAt: due, graceHours: isOver ? 0 : Checkins.Plan.graceHours,
      events: [
        .checkins(
          .opened(
            name: plan.name, on: day, expected: expected(plan, on: day),
            away: away(plan, on: day)))
      ], isAppointed: true)
  }

  private func openingLines(_ plan: Checkins.Plan, on day: Day) -> [Phrase] {
    [howTo(plan, on: day)] + (plan.questions.isEmpty ? [] : [Checkins.questionLine(plan)])
  }

  /// What it is, how it is answered, and until when.
  func howTo(_ plan: Checkins.Plan, on day: Day) -> Phrase {
    let zone = plan.untilZone.map { " " + $0 } ?? ""
    let values: [String: Phrase.Value] = [
      "name": .text(plan.name), "day": .day(day), "until": .text(plan.until.description + zone),
    ]
    let isOnly = checkins.plans.count == 1
    return switch (plan.questions.isEmpty, isOnly) {
    case (true, true):
      Phrase(
        "checkins.open",
        "{name} check-in for {day}: `checkin shipped …; today: …; blocked: …` — closes {until}",
        values)
    case (true, false):
      Phrase(
        "checkins.open.named",
        "{name} check-in for {day}: `checkin {name} shipped …; today: …; blocked: …`"
          + " — closes {until}", values)
    case (false, true):
      Phrase(
        "checkins.open.questions", "{name} check-in for {day}: `checkin …` — closes {until}",
        values)
    case (false, false):
      Phrase(
        "checkins.open.questions.named",
        "{name} check-in for {day}: `checkin {name} …` — closes {until}", values)
    }
  }

  /// To one person alone, where their hour is another than the room's.
  fileprivate func asking(
    _ plan: Checkins.Plan, _ occurrence: Checkins.Occurrence, _ person: Person, _ now: Now
  ) -> Nudge? {
    guard isWaited(for: person, plan, occurrence),
      isAsking(plan, occurrence, in: zone(of: person), now)
    else { return nil }
    let due = askInstant(plan, on: occurrence.on, in: zone(of: person), now)
    return Nudge(
      slot: "\(plan.name)/\(occurrence.on)/\(person.number)", to: .person(person), form: .whole,
      openingLines(plan, on: occurrence.on), dueAt: due, graceHours: Checkins.Plan.graceHours,
      isAppointed: true)
  }

  /// Whether whoever lives there is asked now, at another hour than the room was.
  fileprivate func isAsking(
    _ plan: Checkins.Plan, _ occurrence: Checkins.Occurrence, in zone: String, _ now: Now
  ) -> Bool {
    let due = askInstant(plan, on: occurrence.on, in: zone, now)
    return due > occurrence.openedAt && due <= now.instant
      && now.instant < closeInstant(plan, on: occurrence.on, in: zone, now)
  }

  fileprivate func isClosing(
    _ plan: Checkins.Plan, _ occurrence: Checkins.Occurrence, in zone: String, _ now: Now
  ) -> Bool {
    lastCall(plan, occurrence, in: zone, now) <= now.instant
      && now.instant < closeInstant(plan, on: occurrence.on, in: zone, now)
  }

  /// An hour before it closes there, or in the middle of a short one.
  private func lastCall(
    _ plan: Checkins.Plan, _ occurrence: Checkins.Occurrence, in zone: String, _ now: Now
  ) -> Instant {
    let ask = askInstant(plan, on: occurrence.on, in: zone, now)
    let close = closeInstant(plan, on: occurrence.on, in: zone, now)
    return max(close.adding(hours: -1), ask.adding(seconds: close.seconds(since: ask) / 2))
  }

  fileprivate func missing(
    _ plan: Checkins.Plan, _ occurrence: Checkins.Occurrence, _ person: Person, _ now: Now
  ) -> Nudge? {
    let zone = zone(of: person)
    guard isWaited(for: person, plan, occurrence), isClosing(plan, occurrence, in: zone, now)
    else { return nil }
    let due = lastCall(plan, occurrence, in: zone, now)
    let close = closeInstant(plan, on: occurrence.on, in: zone, now)
    let until = now.local(close, in: zone).time.description
    return Nudge(
      slot: "\(plan.name)/\(occurrence.on)/\(person.number)", to: .person(person),
      [
        missingLine([
          "name": .text(plan.name),
          "until": .phrase(.moment(.verbatim(until), close, now, in: zone)),
        ])
      ], dueAt: due, graceHours: 1)
  }

  private func isWaited(
    for person: Person, _ plan: Checkins.Plan, _ occurrence: Checkins.Occurrence
  ) -> Bool {
    checkins.answer(plan.name, person, on: occurrence.on) == nil
      && !isSnoozed(plan, on: occurrence.on)
  }

  private func missingLine(_ values: [String: Phrase.Value]) -> Phrase {
    checkins.plans.count == 1
      ? Phrase(
        "checkins.missing",
        "{name} check-in closes at {until}: `checkin …` or `checkin skip`", values)
      : Phrase(
        "checkins.missing.named",
        "{name} check-in closes at {until}: `checkin {name} …` or `checkin skip {name}`", values)
  }

  /// The summary in the thread under the opening post.
  fileprivate func closing(
    _ plan: Checkins.Plan, _ occurrence: Checkins.Occurrence, _ now: Now
  ) -> Nudge? {
    // It is over when it is over for the last of those who were asked; not before any zone's end.
    guard isOverSomewhere(plan, on: occurrence.on, now) else { return nil }
    let due = summaryInstant(plan, on: occurrence.on, now)
    guard due <= now.instant else { return nil }
    let slot = "\(plan.name)/\(occurrence.on)"
    return Nudge(
      slot: slot, to: .room, form: .under(rule: "checkins.open", slot: slot),
      summary(plan, on: occurrence.on), dueAt: due, graceHours: 48,
      events: [
        .checkins(
          .closed(
            name: plan.name, on: occurrence.on, expected: expected(plan, occurrence),
            away: away(plan, on: occurrence.on)))
      ], isAppointed: now.instant < due.adding(hours: Checkins.Plan.graceHours))
  }

  private func isOverSomewhere(_ plan: Checkins.Plan, on day: Day, _ now: Now) -> Bool {
    plan.untilZone != nil
      || now.instant(of: day, plan.until, in: settings.zone) <= now.instant
      || zonesHere.contains { closeInstant(plan, on: day, in: $0, now) <= now.instant }
  }

  /// Asks whoever is needed and whoever waits, by each one's own working days; then the managers.
  fileprivate func following(_ blocker: Checkins.Blocker, _ now: Now) -> [Nudge] {
    guard members[blocker.owner]?.isHere == true else { return [] }
    // By then every round is over, and the days need not be counted at each look.
    guard now.today(in: settings.zone).days(since: blocker.on) <= 90 else { return [] }
    var people = blocker.needs
    if !people.contains(blocker.owner) { people.append(blocker.owner) }
    let asked = people.compactMap { followUp(blocker, $0, now) }
    let managers = members.managers.map(\.id).filter { !people.contains($0) }
    return asked + managers.compactMap { escalation(blocker, $0, now) }
  }

  private func followUp(_ blocker: Checkins.Blocker, _ person: Person, _ now: Now) -> Nudge? {
    let every = Checkins.blockerEveryDays
    let today = now.today(in: zone(of: person))
    let round = workingDays(since: blocker.on, until: today, for: person) / every
    guard (1...Checkins.blockerRoundsMax).contains(round) else { return nil }
    let line =
      person == blocker.owner
      ? Phrase(
        "blockers.owner",
        "b{id} after {age}: is it still in the way?  {text}  Solved: `unblock b{id}`",
        blockerValues(blocker, today))
      : Phrase(
        "blockers.needed",
        "b{id} {owner} has waited for you {age}: {text}  Solved: `unblock b{id}`",
        blockerValues(blocker, today))
    return blockerNudge(blocker, "\(round)", person, round * every, line, round, now)
  }

  private func escalation(_ blocker: Checkins.Blocker, _ person: Person, _ now: Now) -> Nudge? {
    let after = Checkins.blockerEveryDays * (Checkins.blockerRoundsMax + 1)
    let today = now.today(in: zone(of: person))
    let days = workingDays(since: blocker.on, until: today, for: person)
    // Once, and not weeks later to somebody who became a manager since.
    guard (after...after + 5).contains(days) else { return nil }
    let line =
      blocker.needs.isEmpty
      ? Phrase(
        "blockers.managers", "b{id} stops {owner}, {age} now: {text}  Better to talk.",
        blockerValues(blocker, today))
      : Phrase(
        "blockers.managers.needs",
        "b{id} {owner} has waited {age} for {people}: {text}  Better to talk.",
        blockerValues(blocker, today))
    return blockerNudge(blocker, "managers", person, after, line, 0, now)
  }

  private func blockerValues(_ blocker: Checkins.Blocker, _ today: Day) -> [String: Phrase.Value] {
    Checkins.values(blocker).merging(["age": .phrase(ageLine(blocker, today))]) { $1 }
  }

  private func blockerNudge(
    _ blocker: Checkins.Blocker, _ step: String, _ person: Person, _ days: Int, _ line: Phrase,
    _ round: Int, _ now: Now
  ) -> Nudge? {
    let day = workday(days, after: blocker.on, for: person)
    guard !bell.isSnoozed("blocker/\(blocker.id)", on: day) else { return nil }
    return Nudge(
      slot: "b\(blocker.id)/\(step)/\(person.number)", to: .person(person), [line],
      dueAt: now.instant(of: day, .nine, in: zone(of: person)), graceHours: 12,
      events: round > 0 ? [.checkins(.blockerAsked(id: blocker.id, nth: round))] : [])
  }
}
