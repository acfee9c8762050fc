// What the commands of roles read from a message.
extension Call {
  static let minimumMax = 20
  static let responsibilityMax = 300

  /// The role that the next argument names.
  func role(_ arguments: inout Arguments) throws(Refusal) -> Role {
    guard let token = arguments.take() else {
      throw wrong(Phrase("roles.which", "Which role?"))
    }
    let word = token.kind == .word ? token.folded : Text.folded(token.text)
    let name = word.hasPrefix("@") ? String(word.dropFirst()) : word
    if let role = team.roles.role(name) { return role }
    let known = team.roles.list.prefix(8).map(\.title)
    guard !known.isEmpty else {
      throw Refusal(
        Phrase("roles.none.yet", "There are no roles yet."),
        example: sender.isManager ? Roles.define.example : nil)
    }
    throw Refusal(
      Phrase(
        "roles.unknown", "There is no role “{name}”. There are: {roles}.",
        ["name": .text(Text.shortened(token.text, to: 32)), "roles": .list(known)]),
      example: "role list")
  }

  func onlyRole() throws(Refusal) -> Role {
    var arguments = arguments
    return try role(&arguments)
  }

  /// A name for a role: `[a-z0-9-]`, or Chinese letters, and no word that is a command of roles.
  func newRoleName(_ arguments: inout Arguments) throws(Refusal) -> String {
    guard let token = arguments.take() else {
      throw wrong(Phrase("roles.name.none", "Which name?"))
    }
    let name = token.folded
    let fits = name.unicodeScalars.allSatisfy { scalar in
      ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "-"
        || (Text.isCJK(scalar) && scalar.properties.isAlphabetic)
    }
    guard fits, (1...32).contains(name.count) else {
      throw wrong(
        Phrase(
          "roles.name.wrong",
          "A name is a–z, 0–9 and hyphens, or Chinese."))
    }
    // `role release` alone asks which role, so `release` may be a name; `role list` may not.
    if case .command(let path, _) = words.find(["role", name]), path != "role",
      Catalog.command(path)?.usage.hasPrefix("<") != true
    {
      throw wrong(
        Phrase(
          "roles.name.taken", "“{name}” is a command; another name, please.",
          ["name": .text(name)]))
    }
    return name
  }

  static func tidy(_ text: String) -> String {
    Text.shortened(
      text.split(whereSeparator: \.isWhitespace).joined(separator: " "), to: responsibilityMax)
  }

  /// The text, and the number behind a last `min`, if there is one.
  func responsibility(_ arguments: Arguments) throws(Refusal) -> (String, Int?) {
    var tokens = arguments.tokens
    var minimum: Int?
    if tokens.count >= 2, ["min", "最少", "至少"].contains(tokens[tokens.count - 2].folded) {
      minimum = Arguments.number(tokens[tokens.count - 1].folded, letter: nil)
      guard let minimum, (1...Self.minimumMax).contains(minimum) else {
        throw wrong(Phrase("roles.min.wrong", "A number from 1 to 20, please."))
      }
      tokens.removeLast(2)
    }
    let text = Self.tidy(Arguments(tokens).text)
    guard !text.isEmpty else {
      throw wrong(Phrase("roles.text.none", "What is it responsible for?"))
    }
    return (text, minimum)
  }

  func redefined(_ role: Role, _ text: String, _ minimum: Int?) -> Decision {
    var events: [Event] = [
      .roles(
        .redefined(name: role.name, responsibility: text, by: sender.id, on: today))
    ]
    if let minimum, minimum != role.minimum {
      events.append(
        .roles(.minimumChanged(name: role.name, minimum: minimum, by: sender.id, on: today)))
    }
    return Decision(
      events,
      say: [
        .reply(
          Phrase(
            "roles.redefined", "✓ {role} now: {text}",
            ["role": role.title, "text": .text(text)]))
      ], undo: Undoable("role/\(role.name)", [.roles(.restored(role))]))
  }

  /// One event, one line about it, and the way back.
  func changed(
    _ role: Role, _ event: Roles.Event, tell: [Say] = [], _ line: (Role) -> Phrase
  ) -> Decision {
    var after = team.roles
    after.apply(event, at: now.instant)
    return Decision(
      [.roles(event)], say: [.reply(line(after.role(role.name) ?? role))] + tell,
      undo: Undoable("role/\(role.name)", [.roles(.restored(role))]))
  }
}

// What is shown of a role.
extension Call {
  /// `ana since Mon 23 Nov`, `nobody: claim it`, `1 of 2: ana …`.
  func state(of role: Role) -> Phrase {
    let duty = team.onDuty(role, on: today)
    let people = role.holders.map { person -> Phrase.Value in
      if team.isAbsent(person, on: today) {
        return .phrase(Phrase("roles.away", "{person} (away)", ["person": .person(person)]))
      }
      guard let since = role.since(person) else { return .person(person) }
      return .phrase(
        Phrase(
          "roles.since", "{person} since {day}",
          ["person": .person(person), "day": .day(since)]))
    }
    let standIns = duty.filter { !role.holders.contains($0) }.map { person in
      Phrase.Value.phrase(
        Phrase("roles.standin", "{person} (stands in)", ["person": .person(person)]))
    }
    let all = people + standIns
    guard !all.isEmpty else {
      return Phrase("roles.nobody", "nobody: `claim {name}`", ["name": .text(role.name)])
    }
    var values: [String: Phrase.Value] = ["people": .list(all), "name": .text(role.name)]
    if role.isShort {
      values["have"] = .number(role.holders.count)
      values["need"] = .number(role.minimum)
      return Phrase("roles.short", "{people}; {have} of {need}: `claim {name}`", values)
    }
    if let offer = role.offer {
      values["to"] = .person(offer.to)
      return Phrase("roles.offered.state", "{people}; offered to {to}", values)
    }
    return Phrase("roles.held", "{people}", values)
  }

  /// A line of the list.
  func line(for role: Role) -> Phrase {
    let holders = role.holders.map { person -> Phrase.Value in
      team.isAbsent(person, on: today)
        ? .phrase(Phrase("roles.away", "{person} (away)", ["person": .person(person)]))
        : .person(person)
    }
    var values: [String: Phrase.Value] = [
      "role": role.title, "name": .text(role.name), "people": .list(holders),
      "text": .text(Text.shortened(role.responsibility, to: 60)),
    ]
    if holders.isEmpty {
      return Phrase("roles.line.nobody", "{role} nobody: `claim {name}` — {text}", values)
    }
    if role.isShort {
      values["have"] = .number(role.holders.count)
      values["need"] = .number(role.minimum)
      return Phrase("roles.line.short", "{role} {people} ({have} of {need}) — {text}", values)
    }
    return Phrase("roles.line", "{role} {people} — {text}", values)
  }

  /// The newest changes of hands, in one line.
  func history(of role: Role) -> [Phrase] {
    let moves = role.history.suffix(4).reversed().map { change in
      Phrase.Value.phrase(Self.phrase(for: change))
    }
    return moves.isEmpty
      ? [] : [Phrase("roles.history", "History: {moves}", ["moves": .list(moves)])]
  }

  private static func phrase(for change: Role.Change) -> Phrase {
    let values: [String: Phrase.Value] = [
      "person": .person(change.person), "day": .day(change.on),
      "from": change.from.map { .person($0) } ?? .text(""),
    ]
    switch change.kind {
    case .defined: return Phrase("roles.was.defined", "{day} defined by {person}", values)
    case .redefined: return Phrase("roles.was.redefined", "{day} reworded by {person}", values)
    case .claimed: return Phrase("roles.was.claimed", "{day} {person} claimed it", values)
    case .released: return Phrase("roles.was.released", "{day} {person} released it", values)
    case .taken: return Phrase("roles.was.taken", "{day} {person} took it from {from}", values)
    case .accepted: return Phrase("roles.was.accepted", "{day} {from} → {person}", values)
    case .left: return Phrase("roles.was.left", "{day} {person} left the team", values)
    case .reviewed: return Phrase("roles.was.reviewed", "{day} reviewed by {person}", values)
    case .rotated: return Phrase("roles.was.rotated", "{day} {person}’s turn", values)
    }
  }

  /// Definitions that are due for review, and those that nobody could review.
  func reviewList() -> Decision {
    let due = team.rolesToReview(on: today)
    guard !due.isEmpty else {
      return Decision(say: [
        .reply(Phrase("roles.review.none", "No definition is due for review."))
      ])
    }
    let lines = due.map { role in
      Phrase(
        role.holders.isEmpty ? "roles.review.orphan" : "roles.review.line",
        role.holders.isEmpty
          ? "{role} (nobody has it), last on {day}: `role review {name}` — {text}"
          : "{role} ({people}), last on {day}: `role review {name}` — {text}",
        [
          "role": role.title, "name": .text(role.name), "day": .day(role.reviewedOn),
          "people": .list(role.holders.map { .person($0) }),
          "text": .text(Text.shortened(role.responsibility, to: 60)),
        ])
    }
    return Decision(say: [.discreet(Team.folded(lines))])
  }
}
