// NEEDS YOU: what waits for a decision, the most urgent first, each with the one command for it.
extension DigestView {
  struct Need {
    var what: Phrase
    var how: Phrase
  }

  /// Working days that work may lie about, or a blocker stand, before a manager hears of it.
  static let patienceDays = 2

  var needs: [Need] { roleNeeds + unowned + overdue + blockers + goalNeeds + offers }

  private var roleNeeds: [Need] {
    team.roles.list.compactMap { role in
      var values: [String: Phrase.Value] = ["role": role.title, "name": .text(role.name)]
      if let short = role.shortSince {
        let since = now.local(short, in: team.settings.zone).day
        guard team.workingDays(since: since, until: day) >= 1 else { return nil }
        values["since"] = .day(since)
        values["have"] = .number(role.holders.count)
        values["need"] = .number(role.minimum)
        return Need(
          what: role.holders.isEmpty
            ? Phrase("digest.role.nobody", "{role} has nobody since {since}", values)
            : Phrase("digest.role.short", "{role} has {have} of {need} since {since}", values),
          how: Phrase("digest.role.hand", "`hand {name} @…`", values))
      }
      guard let (gap, absent) = team.gap(in: role, from: day) else { return nil }
      values["day"] = .day(gap)
      values["person"] = .person(absent)
      values["date"] = .text("\(gap)")
      return Need(
        what: Phrase(
          "digest.role.gap", "{role} has nobody on {day} ({person} away)", values),
        how: Phrase("digest.role.cover", "`cover {name} {date}`", values))
    }
  }

  private func values(_ item: Tasks.Item) -> [String: Phrase.Value] {
    [
      "id": .number(item.id), "text": .text(Text.shortened(item.text, to: 40)),
      "people": .list(item.owners.map { .person($0) }),
    ]
  }

  private var unowned: [Need] {
    team.tasks.unowned(on: day).compactMap { item, _ in
      let days = team.workingDaysUnowned(item, on: day)
      guard days >= Self.patienceDays, !team.bell.isSnoozed("task/\(item.id)", on: day) else {
        return nil
      }
      return Need(
        what: .counted(
          "digest.unowned", days, one: "#{id} “{text}” unowned {count} working day",
          many: "#{id} “{text}” unowned {count} working days", values(item)),
        how: Phrase("digest.give", "`give {id} @…`", values(item)))
    }
  }

  private var overdue: [Need] {
    team.tasks.overdue(on: day).compactMap { item in
      guard !item.owners.isEmpty, let due = item.due?.day,
        team.workingDays(since: due, until: day) >= Self.patienceDays,
        !team.bell.isSnoozed("task/\(item.id)", on: day)
      else { return nil }
      return Need(
        what: Phrase(
          "digest.overdue", "#{id} “{text}” ({people}) was due {day}",
          values(item).merging(["day": .day(due)]) { $1 }),
        how: Phrase("digest.due", "`due {id} fri`", values(item)))
    }
  }

  private var blockers: [Need] {
    team.checkins.blockers.open.compactMap { blocker in
      let age = team.age(of: blocker, on: day)
      guard age >= Self.patienceDays else { return nil }
      let values: [String: Phrase.Value] = [
        "id": .number(blocker.id), "owner": .person(blocker.owner),
        "text": .text(Text.shortened(blocker.text, to: 50)),
        "people": .list(blocker.needs.map { .person($0) }), "asked": .number(blocker.asked),
      ]
      let what = Phrase.counted(
        "digest.blocker", age, one: "b{id} {owner}: {text}, {count} working day, asked {asked}×",
        many: "b{id} {owner}: {text}, {count} working days, asked {asked}×", values)
      return Need(
        what: what,
        how: blocker.needs.isEmpty
          ? Phrase("digest.talk.owner", "talk to {owner}, then `unblock b{id}`", values)
          : Phrase("digest.talk", "talk to {people}, then `unblock b{id}`", values))
    }
  }

  private var goalNeeds: [Need] {
    team.goals.open.compactMap { goal in
      guard !team.bell.isSnoozed("goal/\(goal.id)", on: day) else { return nil }
      var values: [String: Phrase.Value] = [
        "id": .number(goal.id), "title": .text(Columns.cut(goal.title, to: 40)),
        "day": .day(goal.touchedOn), "points": .number(goal.behind(on: day)),
      ]
      guard let owner = goal.owner, team.members[owner]?.isHere == true else {
        guard team.workingDays(since: goal.startsOn, until: day) >= 1 else { return nil }
        return Need(
          what: Phrase("digest.goal.nobody", "g{id} “{title}” is nobody's", values),
          how: Phrase("digest.goal.owner", "`goal owner g{id} @…`", values))
      }
      values["person"] = .person(owner)
      let how = Phrase("digest.goal.look", "`goal g{id}`", values)
      if team.isStale(goal, on: day) {
        return Need(
          what: Phrase(
            "digest.goal.stale", "g{id} “{title}” quiet since {day} ({person})", values), how: how)
      }
      if team.isOffPace(goal, on: day) {
        return Need(
          what: Phrase(
            "digest.goal.offpace", "g{id} “{title}” off pace by {points} points ({person})",
            values), how: how)
      }
      guard goal.confidence == .red else { return nil }
      values["why"] = .text(Text.shortened(goal.confidenceWhy, to: 60))
      return Need(
        what: Phrase("digest.goal.red", "g{id} “{title}” is red: {why} ({person})", values),
        how: how)
    }
  }

  /// Handovers that nobody has answered.
  private var offers: [Need] {
    team.roles.list.compactMap { role in
      guard let offer = role.offer,
        team.workingDays(since: offer.on, until: day) >= Self.patienceDays
      else { return nil }
      let values: [String: Phrase.Value] = [
        "role": role.title, "name": .text(role.name), "from": .person(offer.from),
        "to": .person(offer.to), "day": .day(offer.on),
      ]
      return Need(
        what: Phrase(
          "digest.offer", "{role}: {to} has not answered {from} since {day}", values),
        how: Phrase("digest.offer.look", "`role {name}`", values))
    }
  }
}
