// What is shown of goals.
extension Call {
  func line(for goal: Goal) -> Phrase {
    let owner: Phrase.Value =
      goal.owner.map { .person($0) } ?? .phrase(Phrase("goals.nobody", "nobody"))
    let values: [String: Phrase.Value] = [
      "id": .number(goal.id), "title": .text(Text.shortened(goal.title, to: 50)),
      "owner": owner, "state": .phrase(team.pace(of: goal, on: today)),
    ]
    return Phrase("goals.line", "g{id} {title}: {state} — {owner}", values)
  }

  /// A goal with its numbers and what was last said of it.
  func whole(_ goal: Goal) -> [Phrase] {
    var lines = [line(for: goal)]
    if let due = goal.due {
      lines.append(
        Phrase(
          "goals.span", "{from} to {due}", ["from": .day(goal.startsOn), "due": .day(due)]))
    }
    lines += goal.keyResults.prefix(4).map { result in
      Phrase(
        "goals.kr.line", "kr{number} {title}: {value} ({start} → {target}, {percent}%)",
        [
          "number": .number(result.number), "title": .text(result.title),
          "value": .text(result.value.description), "start": .text(result.start.description),
          "target": .text(result.target.description), "percent": .number(result.percent),
        ])
    }
    if !goal.confidenceWhy.isEmpty, let level = goal.confidence {
      lines.append(
        Phrase(
          "goals.confidence.line", "{level}: {why}",
          ["level": .phrase(level.phrase), "why": .text(goal.confidenceWhy)]))
    }
    lines += work(for: goal)
    lines += goal.updates.suffix(3).reversed().map { update in
      let values: [String: Phrase.Value] = [
        "day": .day(update.on), "person": .person(update.by),
        "percent": .number(update.percent), "why": .text(Text.shortened(update.why, to: 80)),
      ]
      return update.why.isEmpty
        ? Phrase("goals.update", "{day} {person}: {percent}%", values)
        : Phrase("goals.update.why", "{day} {person}: {percent}% {why}", values)
    }
    if !goal.evaluation.isEmpty { lines.append(.verbatim(goal.evaluation)) }
    return lines
  }

  /// The tasks that belong to it.
  private func work(for goal: Goal) -> [Phrase] {
    let items = team.tasks.items(of: goal.id)
    guard !items.isEmpty else { return [] }
    return [
      Phrase(
        "goals.tasks", "Tasks: {open} open, {done} done",
        [
          "open": .number(items.count { $0.state == .open }),
          "done": .number(items.count { $0.state == .done }),
        ])
    ]
  }
}

extension Goals.Confidence {
  var phrase: Phrase {
    switch self {
    case .red: Phrase("goals.red", "red")
    case .amber: Phrase("goals.amber", "amber")
    case .green: Phrase("goals.green", "green")
    }
  }
}

extension Team {
  /// `41% (expected 70%, off pace by 29) amber`.
  func pace(of goal: Goal, on today: Day) -> Phrase {
    var values: [String: Phrase.Value] = ["now": .number(goal.progress)]
    let level = goal.confidence.map {
      Phrase("goals.level.of", ", {level}", ["level": .phrase($0.phrase)])
    }
    values["level"] = level.map { .phrase($0) } ?? .text("")
    if let closed = goal.closed {
      values["day"] = .day(closed.on)
      return closed.outcome == .done
        ? Phrase("goals.pace.done", "reached on {day}, at {now}%", values)
        : Phrase("goals.pace.dropped", "dropped on {day}, at {now}%", values)
    }
    guard let expected = goal.expected(on: today) else {
      return Phrase("goals.pace.none", "{now}%{level}", values)
    }
    values["expected"] = .number(expected)
    guard isOffPace(goal, on: today) else {
      return Phrase("goals.pace", "{now}%, expected {expected}%{level}", values)
    }
    values["points"] = .number(goal.behind(on: today))
    return Phrase(
      "goals.pace.off", "{now}%, expected {expected}%, off pace by {points}{level}", values)
  }

  /// Behind an even pace by more points than the policy `goals.offpace` allows (usually 20).
  public func isOffPace(_ goal: Goal, on today: Day) -> Bool {
    goal.behind(on: today) > settings.policy("goals.offpace", usual: 20)
  }

  /// Nobody has said anything for as many working days as the policy `goals.stale` (usually 10).
  /// The days on which its owner is away are not counted.
  public func isStale(_ goal: Goal, on today: Day) -> Bool {
    workingDays(since: goal.touchedOn, until: today, for: goal.owner) >= staleDays
  }

  var staleDays: Int { min(max(1, settings.policy("goals.stale", usual: 10)), 250) }
}
