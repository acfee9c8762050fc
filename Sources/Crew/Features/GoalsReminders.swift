extension Goals {
  static let reminders = [stale, offPace, notStarted]

  /// How long a question about a goal stays worth asking: it tells how things are now.
  static let graceHours: Int64 = 72
  /// Working days between being asked for the first and the second time, and the managers.
  static let againDays = 5
  /// Days until a goal that nobody has touched is asked about.
  static let startDays = 7

  static let stale = Reminder(
    "goals.stale", summary: "Nothing has been said about a goal for some working days."
  ) { team, now in
    // There are no more working days than days.
    let quiet = now.today(in: team.settings.zone).adding(days: 1 - team.staleDays)
    return team.goals.untouched(since: quiet).flatMap { team.staleNudges($0, now) }
      .filter { $0.dueAt <= now.instant }
  }

  static let offPace = Reminder(
    "goals.offpace",
    summary: "A goal is further behind an even pace than the team wants to let it be."
  ) { team, now in
    team.goalsBehind(now).compactMap { team.offPaceNudge($0, now) }
      .filter { $0.dueAt <= now.instant }
  }

  static let notStarted = Reminder(
    "goals.notstarted", summary: "A goal is a week old and still at 0 %."
  ) { team, now in
    team.goals.notBegun(on: now.today(in: team.settings.zone))
      .compactMap { team.notStartedNudge($0, now) }
      .filter { $0.dueAt <= now.instant }
  }
}

extension Team {
  /// Those that may be off pace on the calendar of whoever has them.
  fileprivate func goalsBehind(_ now: Now) -> [Goal] {
    // Where being ahead is too little, no pace tells.
    guard settings.policy("goals.offpace", usual: 20) >= 0 else { return goals.open }
    // Nobody's calendar stands more than two days before the team's.
    return goals.behind(on: now.today(in: settings.zone).adding(days: 2))
  }

  /// The owner, while they are in the team.
  private func ownerHere(_ goal: Goal) -> Person? {
    goal.owner.flatMap { members[$0]?.isHere == true ? $0 : nil }
  }

  private func values(_ goal: Goal) -> [String: Phrase.Value] {
    var values: [String: Phrase.Value] = [
      "id": .number(goal.id), "title": .text(Text.shortened(goal.title, to: 60)),
      "day": .day(goal.touchedOn), "now": .number(goal.progress),
    ]
    if let owner = goal.owner { values["person"] = .person(owner) }
    return values
  }

  private func update(_ goal: Goal) -> Phrase {
    guard let first = goal.keyResults.first else {
      return Phrase("goals.how", "`goal g{id} 60% why`", ["id": .number(goal.id)])
    }
    return Phrase(
      "goals.how.kr", "`goal g{id} kr{number}={value}`",
      [
        "id": .number(goal.id), "number": .number(first.number),
        "value": .text(first.value.description),
      ])
  }

  /// The owner is asked, once more five working days later, then the managers; after that nobody.
  /// Without an owner it is one line in the room.
  fileprivate func staleNudges(_ goal: Goal, _ now: Now) -> [Nudge] {
    let today = now.today(in: settings.zone)
    guard today.days(since: goal.touchedOn) >= staleDays - 1,
      !bell.isSnoozed("goal/\(goal.id)", on: today)
    else { return [] }
    let slot = "g\(goal.id)/\(goal.touchedOn)"
    var values = values(goal)
    values["how"] = .phrase(update(goal))
    guard let owner = ownerHere(goal) else {
      let day = workday(staleDays, after: goal.touchedOn)
      let line = Phrase(
        "goals.stale.nobody",
        "g{id} {title} is nobody's, quiet since {day}: `goal owner g{id} me`", values)
      return [
        Nudge(
          slot: slot + "/room", to: .room, [line], dueAt: morning(day, now),
          graceHours: Goals.graceHours)
      ]
    }
    let asks = (0...2).map {
      workday(staleDays + Goals.againDays * $0, after: goal.touchedOn, for: owner)
    }
    // Only the newest of what is due by now: a reminder that was missed is not caught up.
    guard let turn = asks.lastIndex(where: { morning($0, for: owner, now) <= now.instant }) else {
      return []
    }
    if turn < 2 {
      let line = Phrase(
        "goals.stale", "How is g{id} {title}? Last word {day}, {now}%: {how}", values)
      return [
        Nudge(
          slot: slot + "/\(turn + 1)", to: .person(owner), [line],
          dueAt: morning(asks[turn], for: owner, now), graceHours: Goals.graceHours)
      ]
    }
    let line = Phrase(
      "goals.stale.manager",
      "g{id} {title} ({person}) has been quiet since {day}. Talk about it, or `goal close g{id}`",
      values)
    return members.managers.map(\.id).filter { $0 != owner }.map { manager in
      Nudge(
        slot: slot + "/to/\(manager.number)", to: .person(manager), [line],
        dueAt: morning(asks[2], for: manager, now), graceHours: Goals.graceHours)
    }
  }

  /// At most once a week, and not within three working days of an update: then it is known.
  fileprivate func offPaceNudge(_ goal: Goal, _ now: Now) -> Nudge? {
    guard let owner = ownerHere(goal) else { return nil }
    let today = now.today(in: zone(of: owner))
    guard isOffPace(goal, on: today), !bell.isSnoozed("goal/\(goal.id)", on: today),
      isWorkday(today, for: owner), !isStale(goal, on: today),
      workingDays(since: goal.touchedOn, until: today) >= 3, !goal.isUntouched,
      let expected = goal.expected(on: today)
    else { return nil }
    var values = values(goal)
    values["expected"] = .number(expected)
    values["how"] = .phrase(update(goal))
    let line = Phrase(
      "goals.offpace",
      "g{id} {title}: {now}%, {expected}% expected. What would help? {how}", values)
    return Nudge(
      slot: "g\(goal.id)/\(today.monday)", to: .person(owner), [line],
      dueAt: morning(today, for: owner, now), graceHours: 24)
  }

  fileprivate func notStartedNudge(_ goal: Goal, _ now: Now) -> Nudge? {
    let week = goal.weekOld
    let today = now.today(in: settings.zone)
    guard goal.isUntouched, week <= today, !isStale(goal, on: today),
      !bell.isSnoozed("goal/\(goal.id)", on: today)
    else { return nil }
    var values = values(goal)
    values["how"] = .phrase(update(goal))
    let owner = ownerHere(goal)
    let day = isWorkday(week, for: owner) ? week : nextWorkday(after: week, for: owner)
    let line =
      owner == nil
      ? Phrase(
        "goals.notstarted.nobody",
        "g{id} {title} is a week old and nobody's: `goal owner g{id} me`", values)
      : Phrase(
        "goals.notstarted", "g{id} {title} is a week old and at 0%. Begun? {how}", values)
    return Nudge(
      slot: "g\(goal.id)", to: owner.map { .person($0) } ?? .room, [line],
      dueAt: morning(day, for: owner, now), graceHours: Goals.graceHours)
  }
}
