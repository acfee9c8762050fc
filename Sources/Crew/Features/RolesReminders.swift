extension Roles {
  static let reminders = [vacant, forecast, handover, reviewDue, turns]

  /// How long the private and the weekly lines stay worth saying: they tell how things are now.
  static let graceHours: Int64 = 72
  /// Working days after which managers hear of a vacant role privately.
  static let vacantDaysUntilManagers = 3
  static let forecastDays = 7

  static let vacant = Reminder(
    "roles.vacant", summary: "A role has had fewer people than it needs for a working day."
  ) { team, now in
    team.roles.short.flatMap { team.vacantNudges($0, now) }
      .filter { $0.dueAt <= now.instant }
  }

  static let forecast = Reminder(
    "roles.forecast",
    summary: "Whoever has a role will be away within a week, and nobody stands in."
  ) { team, now in
    // Only somebody's leave can make a role that is filled anybody's concern.
    let today = now.today(in: team.settings.zone)
    let away = team.calendar.away(from: today, until: today.adding(days: forecastDays))
    return team.roles.held(byAnyOf: away).flatMap { team.forecastNudges($0, now) }
      .filter { $0.dueAt <= now.instant }
  }

  static let handover = Reminder(
    "roles.handover", summary: "A role was handed over and is not accepted yet."
  ) { team, now in
    team.roles.offered.flatMap { team.handoverNudges($0, now) }
      .filter { $0.dueAt <= now.instant }
  }

  static let reviewDue = Reminder(
    "roles.review", summary: "A role's definition has not been looked at for some weeks."
  ) { team, now in
    let today = now.today(in: team.settings.zone)
    return team.rolesToReview(on: today).flatMap { team.reviewNudges($0, now) }
      .filter { $0.dueAt <= now.instant }
  }
}

extension Team {
  /// After how many weeks a definition is looked at again (policy `roles.review`, usually 12; 0 for
  /// never).
  var reviewWeeks: Int { min(max(0, settings.policy("roles.review", usual: 12)), 520) }

  func rolesToReview(on today: Day) -> [Role] {
    guard reviewWeeks > 0 else { return [] }
    let last = today.adding(days: -7 * reviewWeeks)
    return roles.reviewed(until: last).filter { $0.reviewedOn <= last }
  }

  /// Roles that lack people, on that day's view of who is here.
  public func vacantRoles() -> [Role] { roles.list.filter(\.isShort) }

  /// When the working day of the team, or of a person, begins on that day.
  func morning(_ day: Day, for person: Person? = nil, _ now: Now) -> Instant {
    let zone = person.map { self.zone(of: $0) } ?? settings.zone
    return now.instant(of: day, max(settings.hoursFrom, .nine), in: zone)
  }

  private func state(_ role: Role) -> Phrase {
    let values: [String: Phrase.Value] = [
      "role": role.title, "name": .text(role.name), "have": .number(role.holders.count),
      "need": .number(role.minimum),
    ]
    return role.holders.isEmpty
      ? Phrase("roles.vacant", "{role} has nobody: `claim {name}`", values)
      : Phrase("roles.vacant.short", "{role} has {have} of {need}: `claim {name}`", values)
  }

  /// After one working day a line in the room, then weekly; after three one to each manager.
  fileprivate func vacantNudges(_ role: Role, _ now: Now) -> [Nudge] {
    guard let short = role.shortSince else { return [] }
    let today = now.today(in: settings.zone)
    guard !bell.isSnoozed("role/\(role.name)", on: today) else { return [] }
    let since = now.local(short, in: settings.zone).day
    let first = workday(1, after: since)
    guard first <= today else { return [] }
    // Weekly from the first line on; where that is no working day, on the next one.
    let week = today.days(since: first) / 7
    var day = first.adding(days: 7 * week)
    if !isWorkday(day) { day = nextWorkday(after: day) }
    var nudges: [Nudge] = []
    if day <= today {
      nudges.append(
        Nudge(
          slot: "\(role.name)/\(since)/\(week)", to: .room, [state(role)],
          dueAt: max(morning(day, now), short.adding(hours: 24)), graceHours: Roles.graceHours))
    }
    let third = workday(Roles.vacantDaysUntilManagers, after: since)
    guard third <= today else { return nudges }
    return nudges
      + members.managers.map { manager in
        Nudge(
          slot: "\(role.name)/\(since)/to/\(manager.id.number)", to: .person(manager.id),
          [
            Phrase(
              "roles.vacant.manager",
              "Since {since}: {state}, or `hand {name} @…`",
              ["since": .day(since), "state": .phrase(state(role)), "name": .text(role.name)])
          ], dueAt: morning(third, for: manager.id, now), graceHours: Roles.graceHours)
      }
  }

  /// The first working day within a week on which a role that is filled has nobody on duty.
  func gap(in role: Role, from today: Day) -> (day: Day, absent: Person)? {
    guard !role.isShort else { return nil }
    for offset in 0...Roles.forecastDays {
      let day = today.adding(days: offset)
      if isWorkday(day), onDuty(role, on: day).isEmpty,
        let absent = role.holders.first(where: { isAway($0, on: day) })
      {
        return (day, absent)
      }
    }
    return nil
  }

  fileprivate func forecastNudges(_ role: Role, _ now: Now) -> [Nudge] {
    let today = now.today(in: settings.zone)
    guard !bell.isSnoozed("role/\(role.name)", on: today),
      let (day, absent) = gap(in: role, from: today),
      let away = calendar.away(absent, on: day)
    else { return [] }
    let line = Phrase(
      "roles.forecast",
      "{role} has nobody on {day}, {person} is away: `cover {name} {days}`",
      [
        "role": role.title, "name": .text(role.name), "day": .day(day), "person": .person(absent),
        "days": .text(day == away.until ? "\(day)" : "\(day) - \(away.until)"),
      ])
    return members.managers.map { manager in
      Nudge(
        slot: "\(role.name)/away\(away.id)/\(manager.id.number)", to: .person(manager.id), [line],
        dueAt: morning(today, for: manager.id, now), graceHours: Roles.graceHours)
    }
  }

  /// The receiver is asked after one working day, the giver told after three.
  fileprivate func handoverNudges(_ role: Role, _ now: Now) -> [Nudge] {
    guard let offer = role.offer else { return [] }
    let values: [String: Phrase.Value] = [
      "role": role.title, "name": .text(role.name), "from": .person(offer.from),
      "to": .person(offer.to), "day": .day(offer.on),
    ]
    let asked = workday(1, after: offer.on, for: offer.to)
    let told = workday(3, after: offer.on, for: offer.from)
    let slot = "\(role.name)/\(offer.on)/\(offer.to.number)"
    let ask = Phrase(
      "roles.handover.ask",
      "{from} handed you {role} on {day}: `accept {name}` or `decline {name}`?", values)
    let tell = Phrase(
      "roles.handover.tell",
      "{to} has not answered about {role} yet. Keep it: `decline {name}`", values)
    return [
      Nudge(
        slot: slot + "/ask", to: .person(offer.to), [ask],
        dueAt: morning(asked, for: offer.to, now), graceHours: Roles.graceHours),
      Nudge(
        slot: slot + "/tell", to: .person(offer.from), [tell],
        dueAt: morning(told, for: offer.from, now), graceHours: Roles.graceHours),
    ]
  }

  /// The holders are asked; for a role without any, the managers.
  fileprivate func reviewNudges(_ role: Role, _ now: Now) -> [Nudge] {
    let due = role.reviewedOn.adding(days: 7 * reviewWeeks)
    let here = role.holders.filter { !isAbsent($0, on: now.today(in: zone(of: $0))) }
    return (here.isEmpty ? members.managers.map(\.id) : here).map { person in
      let day = isWorkday(due, for: person) ? due : nextWorkday(after: due, for: person)
      return Nudge(
        slot: "\(role.name)/\(role.reviewedOn)/\(person.number)", to: .person(person),
        [
          Phrase(
            "roles.review.ask",
            "Still right? {role}: {text}  `review {name}`, or with new words.",
            ["role": role.title, "name": .text(role.name), "text": .text(role.responsibility)])
        ], dueAt: morning(day, for: person, now), graceHours: Roles.graceHours)
    }
  }
}
