// A role that goes round: each turn lasts some weeks, whoever is away is passed over.
extension Role {
  /// Its stored form is part of the events; later fields are optional.
  public struct Rotation: Codable, Sendable, Equatable {
    public let people: [Person]
    public let weeks: Int
    /// The first day of the first turn.
    public let from: Day

    /// The number of the turn that `day` falls into; negative before the first.
    func turn(on day: Day) -> Int { day.days(since: from).flooredQuotient(by: 7 * max(1, weeks)) }

    func start(of turn: Int) -> Day { from.adding(days: 7 * weeks * turn) }

    /// In the order in which they are asked for that turn.
    func order(of turn: Int) -> [Person] {
      let first = turn.flooredRemainder(by: max(1, people.count))
      return Array(people[first...] + people[..<first])
    }
  }
}

extension Roles {
  static let weeksMax = 26
  /// A turn that begins while we are away still begins within these hours.
  static let turnGraceHours: Int64 = 144

  static let rotate = Command(
    "role rotate", aliases: ["rotate"], usage: "<role> [every 2 weeks] @a @b [from <day>]",
    example: "rotate duty @ana @ben from mon", summary: "Let a role go round.",
    permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let role = try call.role(&arguments)
    if arguments.take(anyOf: "off", "none", "stop", "停", "取消") {
      let event = Event.rotationChosen(name: role.name, to: nil, by: call.sender.id)
      return call.changed(role, event) { role in
        Phrase("roles.rotate.off", "✓ {role} does not go round any more.", ["role": role.title])
      }
    }
    let rotation = try call.rotation(arguments)
    let event = Event.rotationChosen(name: role.name, to: rotation, by: call.sender.id)
    return call.changed(role, event) { role in
      Phrase.counted(
        "roles.rotate", rotation.weeks,
        one: "✓ {role} goes round every week from {day}: {people}.  Undo: `undo`",
        many: "✓ {role} goes round every {count} weeks from {day}: {people}.  Undo: `undo`",
        [
          "role": role.title, "day": .day(rotation.from),
          "people": .list(rotation.people.map { .person($0) }),
        ])
    }
  }

  static let turns = Reminder(
    "roles.turn", summary: "A role goes round, and its next turn begins."
  ) { team, now in
    team.roles.rotating.flatMap { team.turnNudges($0, now) }.filter { $0.dueAt <= now.instant }
  }
}

extension Call {
  /// People, `every 2 weeks`, and `from <day>` in any order.
  fileprivate func rotation(_ arguments: Arguments) throws(Refusal) -> Role.Rotation {
    var rest = arguments
    var people: [Person] = []
    var weeks = 1
    var from = today.monday.adding(days: 7)
    while !rest.isEmpty {
      if rest.take(anyOf: "from", "从") {
        from = try when(&rest).day(now, in: zone)
      } else if rest.take(anyOf: "every", "每") {
        weeks = rest.takeNumber() ?? 1
        guard (1...Roles.weeksMax).contains(weeks), rest.take(anyOf: "week", "weeks", "周") else {
          throw wrong(Phrase("roles.rotate.weeks", "Every how many weeks (26 at most)?"))
        }
      } else if !rest.take(anyOf: "weekly", "每周") {
        let person = try person(&rest)
        if !people.contains(person) { people.append(person) }
      }
    }
    guard people.count >= 2 else {
      throw wrong(Phrase("roles.rotate.two", "It takes two people at least."))
    }
    guard from >= today else {
      throw wrong(Phrase("roles.cover.past", "{day} is over.", ["day": .day(from)]))
    }
    return Role.Rotation(people: people, weeks: weeks, from: from)
  }
}

extension Team {
  /// Whose turn it is: the first in order who is not absent when it begins.
  func next(in rotation: Role.Rotation, turn: Int) -> Person? {
    rotation.order(of: turn).first { !isAbsent($0, on: rotation.start(of: turn)) }
  }

  /// The room hears of a new turn when it begins; whoever is next, one working day before.
  fileprivate func turnNudges(_ role: Role, _ now: Now) -> [Nudge] {
    guard let rotation = role.rotation else { return [] }
    let today = now.today(in: settings.zone)
    let turn = rotation.turn(on: today)
    var values: [String: Phrase.Value] = ["role": role.title, "name": .text(role.name)]
    var nudges: [Nudge] = []
    if turn >= 0, let person = next(in: rotation, turn: turn) {
      let start = rotation.start(of: turn)
      let day = isWorkday(start) ? start : nextWorkday(after: start)
      let stays = role.holders.contains(person)
      let former =
        stays
        ? nil
        : role.holders.first { rotation.people.contains($0) }
          ?? (role.minimum == 1 ? role.holders.first : nil)
      values["person"] = .person(person)
      let event = Roles.Event.rotated(name: role.name, from: former, to: person, on: start)
      nudges.append(
        Nudge(
          slot: "\(role.name)/\(start)", to: .room,
          [
            stays
              ? Phrase("roles.turn.stays", "{role} stays with {person}.", values)
              : Phrase("roles.turn", "{role} is with {person} from today.", values)
          ],
          dueAt: morning(day, now), graceHours: Roles.turnGraceHours, events: [.roles(event)]))
    }
    let coming = rotation.start(of: turn + 1)
    guard coming.days(since: today) <= 7, let person = next(in: rotation, turn: turn + 1),
      !role.holders.contains(person)
    else { return nudges }
    // The last working day before it begins.
    let eve = (1...7).map { coming.adding(days: -$0) }.first { isWorkday($0, for: person) }
    values["day"] = .day(coming)
    let line = Phrase("roles.turn.soon", "You have {role} from {day}: `role {name}`", values)
    return nudges
      + (eve.map { eve in
        [
          Nudge(
            slot: "\(role.name)/\(coming)/\(person.number)", to: .person(person), [line],
            dueAt: morning(eve, for: person, now), graceHours: 24)
        ]
      } ?? [])
  }
}
