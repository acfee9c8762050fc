// How a role changes hands: claimed, released, taken, handed over with two sides, covered.
extension Roles {
  static let claim = Command(
    "role claim", aliases: ["claim"], usage: "<role>", example: "claim billing",
    summary: "Take a role that has nobody."
  ) { (call: Call) throws(Refusal) -> Decision in
    let role = try call.onlyRole()
    try call.mayHold(role)
    let event = Event.claimed(name: role.name, by: call.sender.id, on: call.today)
    return call.notice(role, event) { role in call.holds(role) }
  }

  static let release = Command(
    "role release", aliases: ["release"], usage: "<role>", example: "release billing",
    summary: "Give a role back."
  ) { (call: Call) throws(Refusal) -> Decision in
    let role = try call.onlyRole()
    guard role.holders.contains(call.sender.id) else { throw call.notYours(role) }
    let event = Event.released(name: role.name, by: call.sender.id, on: call.today)
    var decision = call.notice(role, event) { role in
      let values: [String: Phrase.Value] = [
        "role": role.title, "name": .text(role.name),
        "people": .list(role.holders.map { .person($0) }),
      ]
      return role.holders.isEmpty
        ? Phrase("roles.released", "✓ Nobody has {role} now.  Take it: `claim {name}`", values)
        : Phrase("roles.released.shared", "✓ {people} has {role} now.", values)
    }
    if let open = call.openWork { decision.says.append(.discreet([open])) }
    return decision
  }

  static let take = Command(
    "role take", usage: "<role>", example: "role take billing",
    summary: "Take a role from somebody who is away."
  ) { (call: Call) throws(Refusal) -> Decision in
    let role = try call.onlyRole()
    if role.isShort { return try claim.answer(call) }
    if role.holders.contains(call.sender.id) { throw call.alreadyYours(role) }
    guard let absent = role.holders.first(where: { call.team.isAbsent($0, on: call.today) })
    else {
      throw Refusal(
        Phrase(
          "roles.take.here", "{role} is with {people}: ask them to hand it over.",
          ["role": role.title, "people": .list(role.holders.map { .person($0) })]),
        example: "who \(role.name)")
    }
    let event = Event.taken(name: role.name, by: call.sender.id, from: absent, on: call.today)
    let told = Phrase(
      "roles.taken.told", "{person} has {role} now, while you are away.  `who {name}`",
      ["person": .person(call.sender.id), "role": role.title, "name": .text(role.name)])
    return call.notice(role, event, tell: [.tell(absent, told)]) { role in
      Phrase(
        "roles.taken", "✓ {person} has {role} (from {from}, who is away).",
        ["person": .person(call.sender.id), "role": role.title, "from": .person(absent)])
    }
  }

  static let hand = Command(
    "role hand", aliases: ["hand"], usage: "<role> @person", example: "hand billing @ben",
    summary: "Hand a role over; it moves when they accept."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let role = try call.role(&arguments)
    let to = try call.person(&arguments)
    try call.mayHand(role, to)
    let event = Event.offered(name: role.name, from: call.sender.id, to: to, on: call.today)
    let values: [String: Phrase.Value] = [
      "role": role.title, "name": .text(role.name), "to": .person(to),
      "from": .person(call.sender.id), "text": .text(role.responsibility),
    ]
    let told = Phrase(
      "roles.offered.told",
      "{from} hands you {role}: {text}\nYours as soon as you say `accept {name}`; or "
        + "`decline {name}`.", values)
    var decision = call.changed(role, event, tell: [.tell(to, told)]) { role in
      role.holders.contains(call.sender.id)
        ? Phrase(
          "roles.offered", "✓ {role} goes to {to} once they accept; it stays with you until then.",
          values)
        : Phrase("roles.offered.free", "✓ {role} goes to {to} once they accept.", values)
    }
    if role.holders.contains(call.sender.id), let open = call.openWork {
      decision.says.append(.discreet([open]))
    }
    return decision
  }

  static let accept = Command(
    "role accept", aliases: ["accept"], usage: "[role]", example: "accept billing",
    summary: "Take a role that was handed to you."
  ) { (call: Call) throws(Refusal) -> Decision in
    // A task is accepted by taking it: `accept 12` means that.
    if call.isAboutTask { return try Tasks.take.answer(call) }
    let (role, offer) = try call.offered()
    let event = Event.accepted(
      name: role.name, from: offer.from, to: call.sender.id, on: call.today)
    let told = Phrase(
      "roles.accepted.told", "{to} has {role} now.",
      ["to": .person(call.sender.id), "role": role.title])
    return call.notice(role, event, tell: [.tell(offer.from, told)]) { role in call.holds(role) }
  }

  static let decline = Command(
    "role decline", aliases: ["decline"], usage: "[role]", example: "decline billing",
    summary: "Say no to a role that was handed to you, or keep it after all."
  ) { (call: Call) throws(Refusal) -> Decision in
    let (role, offer) = try call.offered(orByMe: true)
    let event = Event.declined(name: role.name, by: call.sender.id, on: call.today)
    let isGiver = offer.from == call.sender.id
    let values: [String: Phrase.Value] = [
      "role": role.title, "from": .person(offer.from), "to": .person(offer.to),
      "people": .list(role.holders.map { .person($0) }),
    ]
    let told =
      isGiver
      ? Phrase("roles.withdrawn.told", "{from} keeps {role} after all.", values)
      : Phrase("roles.declined.told", "{to} would rather not have {role}.", values)
    return call.changed(role, event, tell: [.tell(isGiver ? offer.to : offer.from, told)]) { role in
      role.holders.isEmpty
        ? Phrase("roles.declined.free", "✓ {role} stays with nobody.", values)
        : Phrase("roles.declined", "✓ {role} stays with {people}.", values)
    }
  }

  static let cover = Command(
    "role cover", aliases: ["cover"], usage: "<role> [until] <day>",
    example: "cover billing until fri", summary: "Stand in for a role for some days."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let role = try call.role(&arguments)
    if arguments.firstWord == "off" || arguments.firstWord == "取消" {
      return try call.uncover(role)
    }
    let (from, until) = try call.days(&arguments)
    guard until >= call.today else {
      throw call.wrong(Phrase("roles.cover.past", "{day} is over.", ["day": .day(until)]))
    }
    if role.holders.contains(call.sender.id) { throw call.alreadyYours(role) }
    let event = Event.covered(
      name: role.name, by: call.sender.id, from: max(from, call.today), until: until)
    let values: [String: Phrase.Value] = [
      "role": role.title, "person": .person(call.sender.id), "from": .day(max(from, call.today)),
      "until": .day(until), "name": .text(role.name),
    ]
    let told = Phrase(
      "roles.cover.told", "{person} stands in for {role}: {from} to {until}.", values)
    return call.notice(role, event, tell: role.holders.map { .tell($0, told) }) { _ in
      Phrase(
        "roles.cover",
        "✓ {person} stands in for {role}: {from} to {until}.  "
          + "End it: `cover {name} off`", values)
    }
  }
}

extension Call {
  /// A change of hands is told in the team's room, wherever it was made.
  func notice(
    _ role: Role, _ event: Roles.Event, tell: [Say] = [], _ line: (Role) -> Phrase
  ) -> Decision {
    var after = team.roles
    after.apply(event, at: now.instant)
    let said = line(after.role(role.name) ?? role)
    return changed(role, event, tell: (message.isDirect ? [.announce(said)] : []) + tell) { _ in
      said
    }
  }

  /// `ana has billing.`, and how many more it needs.
  func holds(_ role: Role) -> Phrase {
    var values: [String: Phrase.Value] = [
      "person": .person(sender.id), "role": role.title, "name": .text(role.name),
    ]
    guard role.isShort else { return Phrase("roles.claimed", "✓ {person} has {role}.", values) }
    values["more"] = .number(role.minimum - role.holders.count)
    return Phrase(
      "roles.claimed.more", "✓ {person} has {role}.  Needs {more} more: `claim {name}`", values)
  }

  func alreadyYours(_ role: Role) -> Refusal {
    Refusal(
      Phrase("roles.yours", "You have {role} already.", ["role": role.title]),
      example: "role \(role.name)")
  }

  func notYours(_ role: Role) -> Refusal {
    let values: [String: Phrase.Value] = [
      "role": role.title, "people": .list(role.holders.map { .person($0) }),
    ]
    return Refusal(
      role.holders.isEmpty
        ? Phrase("roles.nobodys", "Nobody has {role}.", values)
        : Phrase("roles.with", "{role} is with {people}.", values),
      example: role.holders.isEmpty ? "claim \(role.name)" : "who \(role.name)")
  }

  /// A role that needs one person is held by one; a role that needs several takes any number.
  func mayHold(_ role: Role) throws(Refusal) {
    if role.holders.contains(sender.id) { throw alreadyYours(role) }
    guard role.minimum == 1, !role.holders.isEmpty else { return }
    var refusal = notYours(role)
    let isAbsent = role.holders.allSatisfy { team.isAbsent($0, on: today) }
    refusal.example = isAbsent ? "role take \(role.name)" : nil
    throw refusal
  }

  /// Whoever has the role hands it over; a manager may offer one that is short of people.
  func mayHand(_ role: Role, _ to: Person) throws(Refusal) {
    let isMine = role.holders.contains(sender.id)
    guard isMine || (sender.isManager && role.isShort) else { throw notYours(role) }
    if to == sender.id { throw wrong(Phrase("roles.hand.self", "To somebody else, please.")) }
    if role.holders.contains(to) {
      throw wrong(
        Phrase(
          "roles.has", "{person} has {role} already.",
          ["person": .person(to), "role": role.title]))
    }
    if let offer = role.offer {
      throw Refusal(
        Phrase(
          "roles.offered.already", "{role} is offered to {person} already.",
          ["role": role.title, "person": .person(offer.to)]),
        example: "decline \(role.name)")
    }
  }

  /// The offer that is meant: of the named role, or the only one there is for the sender.
  func offered(orByMe: Bool = false) throws(Refusal) -> (Role, Role.Offer) {
    func concerns(_ role: Role) -> Bool {
      role.offer?.to == sender.id || (orByMe && role.offer?.from == sender.id)
    }
    let open = team.roles.list.filter(concerns)
    let role = try arguments.isEmpty && open.count == 1 ? open[0] : onlyRole()
    guard concerns(role), let offer = role.offer else {
      throw Refusal(
        Phrase("roles.offer.none", "{role} is not offered to you.", ["role": role.title]),
        example: "who \(role.name)")
    }
    return (role, offer)
  }

  func uncover(_ role: Role) throws(Refusal) -> Decision {
    guard role.covers.contains(where: { $0.by == sender.id }) else {
      throw Refusal(
        Phrase("roles.cover.none", "You don't stand in for {role}.", ["role": role.title]),
        example: Roles.cover.example)
    }
    return notice(role, .coverEnded(name: role.name, by: sender.id)) { role in
      Phrase(
        "roles.cover.over", "✓ {person} no longer stands in for {role}.",
        ["person": .person(sender.id), "role": role.title])
    }
  }

  /// The first argument is the number of a task, and no role's name.
  var isAboutTask: Bool {
    var arguments = arguments
    guard team.roles.role(arguments.firstWord) == nil, let id = arguments.takeNumber() else {
      return false
    }
    return team.tasks[id] != nil
  }

  /// What the sender still has open, so that nothing is left lying with the role.
  var openWork: Phrase? {
    let items = team.tasks.open(of: sender.id).map { item in
      Phrase.Value.text("#\(item.id) \(Text.shortened(item.text, to: 40))")
    }
    let blockers = team.checkins.blockers.open.filter { $0.owner == sender.id }.map { blocker in
      Phrase.Value.text("b\(blocker.id) \(Text.shortened(blocker.text, to: 40))")
    }
    let goals = team.goals.open.filter { $0.owner == sender.id }.map { goal in
      Phrase.Value.text("g\(goal.id) \(Text.shortened(goal.title, to: 40))")
    }
    let all = items + blockers + goals
    guard let first = team.tasks.open(of: sender.id).first?.id else {
      return all.isEmpty
        ? nil : Phrase("roles.open", "Still with you: {work}.", ["work": .list(all)])
    }
    let more = all.count - 8
    return Phrase(
      more > 0 ? "roles.open.more" : "roles.open.tasks",
      more > 0
        ? "Still with you: {work} + {more} more.  Hand on: `give {id} @…`"
        : "Still with you: {work}.  Hand on: `give {id} @…`",
      ["work": .list(Array(all.prefix(8))), "id": .number(first), "more": .number(more)])
  }
}
