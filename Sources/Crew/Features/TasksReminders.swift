// When a task is nobody's, due, late, unanswered, or was put off until today.
extension Tasks {
  static let reminders = [unowned, dueToday, overdue, given, putOff]

  /// Working days without an owner after which the room is asked again; the second time managers
  /// hear of it too. Later it stands only in the digest: who is asked for ever stops reading.
  static let unownedAfter = [1, 3, 8, 13, 18]

  static let unowned = Reminder(
    "tasks.unowned",
    summary: "A task has had no owner for 1 working day, then for 3, then once a week."
  ) { team, now in
    let today = now.today(in: team.settings.zone)
    // How many tasks each was named for just now: ten tasks do not all call the same person.
    var called: [Person: Int] = [:]
    return team.tasks.unowned.flatMap { item -> [Nudge] in
      guard let since = item.unownedSince, since < today else { return [] }
      // Whoever put it off hears of it on that day, and from then on as of a new one.
      let asked = team.putOffUntil(item).flatMap { $0 > since ? team.lastWorkday(before: $0) : nil }
      let start = asked ?? since
      guard start < today else { return [] }
      // Asked for the last time: its days need not be counted at each look, for ever.
      let last = "\(start)/\(item.id)/\(unownedAfter.count)"
      if team.bell.isDecided("tasks.unowned/\(last)") { return [] }
      let waited = team.workingDays(since: start, until: today)
      guard let nth = unownedAfter.lastIndex(where: { $0 <= waited }) else { return [] }
      let days = team.workingDays(since: since, until: today)
      let on = team.workday(unownedAfter[nth], after: start)
      let at = now.instant(of: on, team.morning, in: team.settings.zone)
      guard at <= now.instant else { return [] }
      let slot = "\(start)/\(item.id)/\(nth + 1)"
      var nudges: [Nudge] = []
      if !team.bell.isDecided("tasks.unowned/\(slot)") {
        let line = team.call(for: item, days: days, nth: nth, on: today, &called)
        nudges = [Nudge(slot: slot, to: .room, [line], dueAt: at, graceHours: 72)]
      }
      guard nth == 1 else { return nudges }
      return nudges + team.toManagers(slot, escalated(item, days), at)
    }
  }

  private static func escalated(_ item: Item, _ days: Int) -> Phrase {
    Phrase(
      "tasks.unowned.manager",
      "#{id} {text} has had no owner for {count} working days.  `give {id} @…` or `drop {id} why`",
      item.values.merging(["count": .number(days)]) { $1 })
  }

  static let dueToday = Reminder(
    "tasks.due", summary: "A task of yours is due today, or within the hour."
  ) { team, now in
    team.tasks.due(on: now.today(in: team.settings.zone)).flatMap { item -> [Nudge] in
      guard let due = item.due else { return [] }
      return item.owners.flatMap { person -> [Nudge] in
        morning(item, due, person, team, now) + hourBefore(item, due, person, team, now)
      }
    }
  }

  /// At nine where the owner is, on the day or on the last day before that they work.
  private static func morning(
    _ item: Item, _ due: Deadline, _ person: Person, _ team: Team, _ now: Now
  ) -> [Nudge] {
    let zone = team.zone(of: person)
    let today = now.today(in: zone)
    // The date may be days away where holidays lie between.
    guard today <= due.day, due.day.days(since: today) <= 14 else { return [] }
    let slot = "\(due.day)/\(item.id)/\(person.number)"
    if team.isSaid("tasks.due", slot) { return [] }
    let on = team.lastWorkday(upTo: due.day, for: person)
    guard !team.isQuiet(item, on: on) else { return [] }
    let at = now.instant(of: on, .nine, in: zone)
    // Who set the date this morning, or got the task after nine, knows it.
    guard at <= now.instant, at >= item.ownersSince, at >= item.dueSetAt else { return [] }
    let line =
      due.day == on
      ? Phrase(
        "tasks.due.today", "#{id} {text} is due today.  `done {id}` or `snooze {id} 1d`",
        item.values)
      : Phrase(
        "tasks.due.soon", "#{id} {text} is due {when}.  `done {id}` or `due {id} mon`",
        item.values)
    return [Nudge(slot: slot, to: .person(person), [line], dueAt: at)]
  }

  private static func hourBefore(
    _ item: Item, _ due: Deadline, _ person: Person, _ team: Team, _ now: Now
  ) -> [Nudge] {
    guard let time = due.time, !team.isQuiet(item, on: due.day) else { return [] }
    let end = now.instant(of: due.day, time, in: due.zone)
    let at = end.adding(minutes: -60)
    guard at <= now.instant, at >= item.ownersSince, at >= item.dueSetAt else { return [] }
    let local = now.local(end, in: team.zone(of: person))
    let line = Phrase(
      "tasks.due.hour", "#{id} {text} is due at {time}.  `done {id}` or `snooze {id} 1d`",
      item.values.merging([
        "time": .phrase(
          .moment(.verbatim(local.time.description), end, now, in: team.zone(of: person)))
      ]) { $1 })
    return [
      Nudge(
        slot: "\(due.day)/\(time)/\(item.id)/\(person.number)", to: .person(person), [line],
        dueAt: at, graceHours: 1)
    ]
  }

  static let overdue = Reminder(
    "tasks.overdue",
    summary: "The date of a task is past: the owner is asked one working day later, managers hear "
      + "of it after three."
  ) { team, now in
    team.tasks.due(on: now.today(in: team.settings.zone)).flatMap { item -> [Nudge] in
      guard let due = item.due, !item.owners.isEmpty else { return [] }
      let start = max(due.day, team.putOffUntil(item) ?? due.day)
      let owners = item.owners.flatMap { person -> [Nudge] in
        let slot = "\(start)/\(item.id)/\(person.number)"
        if team.isSaid("tasks.overdue", slot) { return [] }
        let zone = team.zone(of: person)
        let on = team.workday(1, after: start, for: person)
        let at = now.instant(of: on, .nine, in: zone)
        guard at <= now.instant, at >= item.ownersSince, at >= item.dueSetAt else { return [] }
        return [
          Nudge(slot: slot, to: .person(person), [late(item)], dueAt: at, graceHours: 48)
        ]
      }
      return owners + toManagers(item, from: start, team, now)
    }
  }

  private static func late(_ item: Item) -> Phrase {
    Phrase(
      "tasks.overdue.owner",
      "#{id} {text} was due {when}. When can it be done?  `due {id} fri` or `done {id}`",
      item.values)
  }

  private static func toManagers(
    _ item: Item, from start: Day, _ team: Team, _ now: Now
  ) -> [Nudge] {
    let managers = team.members.managers.filter { !item.owners.contains($0.id) }
    if managers.allSatisfy({ team.isSaid("tasks.overdue", "\(start)/\(item.id)/m\($0.id.number)") })
    {
      return []
    }
    let on = team.workday(3, after: start)
    let at = now.instant(of: on, team.morning, in: team.settings.zone)
    guard at <= now.instant, at >= item.dueSetAt else { return [] }
    let line = Phrase(
      "tasks.overdue.manager", "#{id} {text} ({owners}) was due {when}.  `due {id} fri`",
      item.values)
    return team.toManagers("\(start)/\(item.id)", line, at, except: item.owners)
  }

  static let given = Reminder(
    "tasks.given",
    summary: "A task was given to somebody who has neither taken nor dropped it."
  ) { team, now in
    team.tasks.givenAway.flatMap { item -> [Nudge] in
      guard let giver = item.givenBy else { return [] }
      return item.owners.filter { $0 != giver }.flatMap { person in
        [ask(person, item, giver, team, now), tell(giver, item, person, team, now)]
          .compactMap(\.self)
      }
    }
  }

  private static func ask(
    _ person: Person, _ item: Item, _ giver: Person, _ team: Team, _ now: Now
  ) -> Nudge? {
    let slot = "\(item.ownersOn)/\(item.id)/\(person.number)"
    if team.isSaid("tasks.given", slot) { return nil }
    let on = team.workday(1, after: item.ownersOn, for: person)
    let at = now.instant(of: on, .nine, in: team.zone(of: person))
    guard at <= now.instant, !team.isQuiet(item, on: on) else { return nil }
    let line = Phrase(
      "tasks.given.still",
      "{person} gave you #{id} {text}. Is it yours?  `take {id}` or `drop {id} why`",
      item.values.merging(["person": .person(giver)]) { $1 })
    return Nudge(slot: slot, to: .person(person), [line], dueAt: at, graceHours: 48)
  }

  /// Whoever gave it may look for somebody else.
  private static func tell(
    _ giver: Person, _ item: Item, _ person: Person, _ team: Team, _ now: Now
  ) -> Nudge? {
    let slot = "\(item.ownersOn)/\(item.id)/\(person.number)/giver"
    if team.isSaid("tasks.given", slot) { return nil }
    let on = team.workday(3, after: item.ownersOn, for: person)
    let at = now.instant(of: on, .nine, in: team.zone(of: giver))
    guard at <= now.instant, !team.isQuiet(item, on: on) else { return nil }
    let line = Phrase(
      "tasks.given.waiting", "#{id} {text} waits for a word from {person}.  `give {id} @…`",
      item.values.merging(["person": .person(person)]) { $1 })
    return Nudge(slot: slot, to: .person(giver), [line], dueAt: at, graceHours: 48)
  }

  static let putOff = Reminder(
    "tasks.snoozed", summary: "You asked to hear of a task again that day."
  ) { team, now in
    team.tasks.open(of: team.bell.snoozedTasks).flatMap { item -> [Nudge] in
      guard let day = team.putOffUntil(item) else { return [] }
      let line = Phrase(
        "tasks.snoozed.again", "#{id} {text} was put off until today.  `done {id}`", item.values)
      return item.owners.compactMap { person in
        let on = team.workday(onOrAfter: day, for: person)
        let at = now.instant(of: on, .nine, in: team.zone(of: person))
        guard at <= now.instant, now.instant < at.adding(hours: 96) else { return nil }
        return Nudge(
          slot: "\(day)/\(item.id)/\(person.number)", to: .person(person), [line], dueAt: at)
      }
    }
  }
}

extension Tasks.Item {
  /// What a line about it may say.
  fileprivate var values: [String: Phrase.Value] {
    [
      "id": .number(id), "text": .text(Text.shortened(text, to: 80)),
      "when": due.map { .day($0.day) } ?? .text(""),
      "owners": .list(owners.map { .person($0) }),
    ]
  }
}

extension Team {
  /// An hour into the team's day, when people have read what the night brought.
  fileprivate var morning: TimeOfDay { settings.hoursFrom.adding(minutes: 60) }

  /// What was decided is left out by whoever asks; seen here, its days need not be counted at each
  /// look, which is what a look at much that is overdue costs.
  fileprivate func isSaid(_ rule: String, _ slot: String) -> Bool {
    tasks.index != nil && bell.isDecided("\(rule)/\(slot)")
  }

  /// Whether a reminder of that day was put off.
  fileprivate func isQuiet(_ item: Tasks.Item, on day: Day) -> Bool {
    bell.isSnoozed("task/\(item.id)", on: day)
  }

  fileprivate func putOffUntil(_ item: Tasks.Item) -> Day? {
    bell.snoozedUntil("task/\(item.id)")
  }

  fileprivate func workday(onOrAfter day: Day, for person: Person? = nil) -> Day {
    workday(1, after: day.adding(days: -1), for: person)
  }

  /// The team's last working day before `day`.
  fileprivate func lastWorkday(before day: Day) -> Day {
    (1...14).map { day.adding(days: -$0) }.first { isWorkday($0) } ?? day.adding(days: -1)
  }

  /// `day` if it is worked, else the last day before it that is; at most two weeks back.
  fileprivate func lastWorkday(upTo day: Day, for person: Person) -> Day {
    (0...14).map { day.adding(days: -$0) }.first { isWorkday($0, for: person) } ?? day
  }

  fileprivate func toManagers(
    _ slot: String, _ line: Phrase, _ at: Instant, except: [Person] = []
  ) -> [Nudge] {
    members.managers.filter { !except.contains($0.id) }.map { manager in
      Nudge(
        slot: "\(slot)/m\(manager.id.number)", to: .person(manager.id), [line], dueAt: at,
        graceHours: 72)
    }
  }
}
