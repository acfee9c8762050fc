extension Roles {
  static let commands = [
    show, listAll, who, define, claim, release, take, hand, accept, decline, cover, rotate, review,
    min, drop,
  ]

  static let show = Command(
    "role", usage: "<name>", example: "role billing", summary: "One role, with its history."
  ) { (call: Call) throws(Refusal) -> Decision in
    guard !call.arguments.isEmpty else { return try listAll.answer(call) }
    let role = try call.onlyRole()
    let lines = [
      Phrase(
        "roles.title", "{role} — {text}",
        ["role": role.title, "text": .text(role.responsibility)]),
      call.state(of: role),
    ]
    return Decision(say: [.discreet(lines + call.history(of: role))])
  }

  static let listAll = Command(
    "role list", aliases: ["roles"], summary: "All roles and who has them."
  ) { (call: Call) throws(Refusal) -> Decision in
    let roles = call.team.roles.list
    guard !roles.isEmpty else {
      return Decision(say: [
        .discreet([
          Phrase(
            "roles.none",
            "No roles yet. A manager begins with `role define billing answers invoices`.")
        ])
      ])
    }
    // Roles that nobody answers for come first: they are why one looks.
    let sorted = roles.filter(\.isShort) + roles.filter { !$0.isShort }
    return Decision(say: [.discreet(Team.folded(sorted.map { call.line(for: $0) }))])
  }

  static let who = Command(
    "role who", aliases: ["who"], usage: "<role>", example: "who billing",
    summary: "Who has a role today."
  ) { (call: Call) throws(Refusal) -> Decision in
    guard !call.arguments.isEmpty else { return try listAll.answer(call) }
    let role = try call.onlyRole()
    return Decision(say: [
      .reply(
        Phrase(
          "roles.who", "{role}: {state}",
          ["role": role.title, "state": .phrase(call.state(of: role))]))
    ])
  }

  static let define = Command(
    "role define", usage: "<name> <responsibility> [min 2]",
    example: "role define duty answers calls", summary: "Define a role, or change it.",
    permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let name = try call.newRoleName(&arguments)
    let (text, minimum) = try call.responsibility(arguments)
    if let role = call.team.roles.role(name) { return call.redefined(role, text, minimum) }
    let event = Event.defined(
      name: name, responsibility: text, minimum: minimum ?? 1, by: call.sender.id,
      on: call.today)
    return Decision(
      [.roles(event)],
      say: [
        .reply(
          Phrase(
            "roles.defined", "✓ {role} is defined, nobody has it yet.  Take it: `claim {name}`",
            ["role": title(name), "name": .text(name)]))
      ], undo: Undoable("role/\(name)", [.roles(.dropped(name: name))]))
  }

  static let min = Command(
    "role min", usage: "<role> <number>", example: "role min billing 2",
    summary: "How many people a role needs at least.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let role = try call.role(&arguments)
    guard let minimum = arguments.takeNumber(), (1...Call.minimumMax).contains(minimum) else {
      throw call.wrong(Phrase("roles.min.wrong", "A number from 1 to 20, please."))
    }
    let event = Event.minimumChanged(
      name: role.name, minimum: minimum, by: call.sender.id, on: call.today)
    return call.changed(role, event) { role in
      Phrase.counted(
        "roles.min", minimum, one: "✓ {role} needs {count} person; it has {have}.",
        many: "✓ {role} needs {count} people; it has {have}.",
        ["role": role.title, "have": .number(role.holders.count)])
    }
  }

  static let drop = Command(
    "role drop", usage: "<role>", example: "role drop billing", summary: "Remove a role for good.",
    permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    let role = try call.onlyRole()
    return call.changed(role, .dropped(name: role.name)) { role in
      Phrase(
        "roles.dropped", "✓ {role} is no role any more.  Undo: `undo`", ["role": role.title])
    }
  }

  static let review = Command(
    "role review", aliases: ["review"], usage: "[<role> [new responsibility]]",
    example: "role review billing", summary: "Confirm or reword what a role is for."
  ) { (call: Call) throws(Refusal) -> Decision in
    guard !call.arguments.isEmpty else { return call.reviewList() }
    var arguments = call.arguments
    let role = try call.role(&arguments)
    guard call.sender.isManager || role.holders.contains(call.sender.id) else {
      throw Refusal(
        Phrase(
          "roles.review.not", "That is for who has {role}, or a manager.", ["role": role.title]),
        example: "who \(role.name)")
    }
    let event: Event
    if arguments.isEmpty {
      event = .reviewed(name: role.name, by: call.sender.id, on: call.today)
    } else {
      event = .redefined(
        name: role.name, responsibility: Call.tidy(arguments.text), by: call.sender.id,
        on: call.today)
    }
    let weeks = call.team.reviewWeeks
    return call.changed(role, event) { role in
      guard weeks > 0 else {
        return Phrase("roles.reviewed", "✓ {role} is reviewed.", ["role": role.title])
      }
      return Phrase(
        "roles.reviewed.next", "✓ {role} is reviewed, next on {day}.",
        ["role": role.title, "day": .day(call.today.adding(days: 7 * weeks))])
    }
  }
}

extension Role {
  /// Its name as it is shown.
  var title: Phrase.Value { Roles.title(name) }
}

extension Roles {
  static func title(_ name: String) -> Phrase.Value {
    .markup(Markup([.strong(Markup(name))]))
  }
}
