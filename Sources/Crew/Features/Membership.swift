/// Who belongs to the team and who manages it. Whoever is in the team's room belongs to it.
enum Membership {
  static let commands = [list, promote, demote, remove, readmit]

  static let list = Command(
    "member list", aliases: ["members", "member"], summary: "Who is in the team."
  ) { (call: Call) throws(Refusal) -> Decision in
    let lines = call.team.members.present.map { member in
      let values: [String: Phrase.Value] = ["person": .person(member.id)]
      if call.team.isAway(member.id, on: call.today) {
        return Phrase("member.away", "{person} (away)", values)
      }
      return member.isManager
        ? Phrase("member.manager", "{person} (manager)", values)
        : Phrase("member.line", "{person}", values)
    }
    // A team of thirty fits into one message, and a list of it is read as a whole.
    return Decision(say: [
      .discreet([
        Phrase("member.list", "{people}", ["people": .list(lines.map { .phrase($0) })])
      ])
    ])
  }

  static let promote = Command(
    "member manager", aliases: ["member promote"], usage: "@person",
    example: "member manager @ben", summary: "Make somebody a manager.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let person = try call.person(&arguments)
    guard call.team.members[person]?.isManager == false else {
      throw Refusal(
        Phrase(
          "member.is.manager", "{person} is a manager already.", ["person": .person(person)]))
    }
    return call.changedMember(
      person, [.members(.madeManager(person))], undo: [.members(.unmadeManager(person))],
      Phrase(
        "member.made", "✓ {person} manages the team too.  Undo: `undo`",
        ["person": .person(person)]))
  }

  static let demote = Command(
    "member unmanager", aliases: ["member demote"], usage: "@person",
    example: "member unmanager @ben", summary: "Somebody is no longer a manager.",
    permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let person = try call.person(&arguments)
    guard call.team.members[person]?.isManager == true else {
      throw Refusal(
        Phrase("member.not.manager", "{person} is no manager.", ["person": .person(person)]))
    }
    try call.needsAnotherManager(than: person)
    return call.changedMember(
      person, [.members(.unmadeManager(person))], undo: [.members(.madeManager(person))],
      Phrase(
        "member.unmade", "✓ {person} is no manager any more.  Undo: `undo`",
        ["person": .person(person)]))
  }

  static let remove = Command(
    "member remove", usage: "@person", example: "member remove @ben",
    summary: "Take somebody out of the team; what they did stays.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let person = try call.person(&arguments)
    try call.needsAnotherManager(than: person)
    let items = call.team.tasks.open(of: person)
    var undo: [Event] = [.members(.readmitted(person))]
    if call.team.members[person]?.isManager == true { undo.append(.members(.madeManager(person))) }
    undo += items.map { .tasks(.restored($0)) }
    let line =
      items.isEmpty
      ? Phrase(
        "member.removed", "✓ {person} is out of the team.  Undo: `undo`",
        ["person": .person(person)])
      : Phrase(
        "member.removed.tasks",
        "✓ {person} is out of the team. Nobody has {tasks} now.  Undo: `undo`",
        [
          "person": .person(person), "tasks": .list(items.prefix(8).map { .text("#\($0.id)") }),
        ])
    var events = call.team.departure(of: person, call.now)
    events.append(.members(.removed(person)))
    return call.changedMember(person, events, undo: undo, line)
  }

  static let readmit = Command(
    "member back", aliases: ["member readmit"], usage: "@person", example: "member back @ben",
    summary: "Let somebody in again.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    guard let token = call.arguments.first else { throw call.wrong(Phrase("person.none", "Who?")) }
    let found = call.team.members.list.filter { $0.isRemoved && $0.isMeant(by: token) }
    guard found.count == 1, let member = found.first else {
      throw call.wrong(
        Phrase(
          "member.back.unknown", "I took nobody called {name} out.",
          ["name": .text(Text.shortened(token.text, to: 40))]))
    }
    return call.changedMember(
      member.id, [.members(.readmitted(member.id))], undo: [.members(.removed(member.id))],
      Phrase(
        "member.back", "✓ {person} is in the team again.  Undo: `undo`",
        ["person": .person(member.id)]))
  }
}

extension Member {
  fileprivate func isMeant(by token: Token) -> Bool {
    if case .mention(let identity) = token.kind { return identities.contains(identity) }
    let word = token.folded
    return isCalled(word.hasPrefix("@") ? String(word.dropFirst()) : word)
  }
}

extension Call {
  fileprivate func needsAnotherManager(than person: Person) throws(Refusal) {
    guard team.members.managers.map(\.id) != [person] else {
      throw Refusal(
        Phrase(
          "member.last", "A team needs a manager: make somebody else one first."),
        example: "member manager @ben")
    }
  }

  fileprivate func changedMember(
    _ person: Person, _ events: [Event], undo: [Event], _ line: Phrase
  ) -> Decision {
    Decision(events, say: [.reply(line)], undo: Undoable("member/\(person.number)", undo))
  }
}

extension Team {
  /// What follows when somebody leaves the team's room, or is taken out.
  func departure(of person: Person, _ now: Now) -> [Event] {
    var events: [Event] = [.members(.left(person))]
    if !tasks.open(of: person).isEmpty {
      events.append(.tasks(.ownerLeft(person, on: now.today(in: settings.zone))))
    }
    return events
  }
}
