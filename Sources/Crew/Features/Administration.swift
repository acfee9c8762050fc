/// What a manager decides for the team, wholly in the chat.
enum Administration {
  static let commands: [Command] =
    [team, name, language, zone, hours, workdays] + Membership.commands + [policy, audit]

  static let team = Command(
    "team", aliases: ["team show"], summary: "The team and what it has agreed on."
  ) { (call: Call) throws(Refusal) -> Decision in
    let settings = call.team.settings
    let members = Phrase.counted(
      "team.members", call.team.members.present.count, one: "one member", many: "{count} members")
    let rooms = settings.openRooms.map { room in
      Phrase.Value.text("\(settings.name(of: room)) (\(room.account))")
    }
    return Decision(say: [
      .discreet(
        [
          Phrase(
            "team.show", "{name}: {members}, managed by {managers}",
            [
              "name": .text(settings.name), "members": .phrase(members),
              "managers": .list(call.team.members.managers.map { .person($0.id) }),
            ]),
          Phrase(
            "team.settings", "{language} · {zone} · {workdays} {hours}",
            [
              "language": .text(call.words.languages[settings.language]?.name ?? settings.language),
              "zone": .text(settings.zone),
              "workdays": .phrase(Personal.weekdays(settings.workdays)),
              "hours": .text("\(settings.hoursFrom)–\(settings.hoursUntil)"),
            ]),
        ]
          + (rooms.count > 1
            ? [Phrase("team.rooms", "Rooms: {rooms}", ["rooms": .list(rooms)])] : [])
          + [
            Phrase(
              "team.change",
              "Change: `team name` `team lang` `team tz` `team workdays` `team hours` `team room` "
                + "· `policy` · `member list`"
            )
          ])
    ])
  }

  static let name = Command(
    "team name", aliases: ["team rename"], usage: "<name>", example: "team name Service Desk",
    summary: "Name the team.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    let name = Text.shortened(Tasks.text(call.arguments.tokens), to: 60)
    guard !name.isEmpty else { throw call.wrong(Phrase("team.name.none", "What is its name?")) }
    return call.changedTeam(
      "name", .renamed(name), undo: .renamed(call.team.settings.name),
      Phrase("team.named", "✓ The team is {name} now.", ["name": .text(name)]))
  }

  static let language = Command(
    "team lang", aliases: ["team language"], usage: "en|zh", example: "team lang en",
    summary: "The language I speak in the room.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    let code = try call.languageCode(alsoNone: false) ?? "en"
    return call.changedTeam(
      "lang", .languageChosen(code), undo: .languageChosen(call.team.settings.language),
      Phrase(
        "team.lang.done", "✓ I speak {language} in the room.",
        ["language": .text(call.words.languages[code]?.name ?? code)]))
  }

  static let zone = Command(
    "team tz", aliases: ["team timezone", "team zone"], usage: "<zone or city>",
    example: "team tz Europe/Berlin", summary: "The team's time zone.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    let zone = try call.zoneNamed()
    return call.changedTeam(
      "tz", .zoneChosen(zone), undo: .zoneChosen(call.team.settings.zone),
      Phrase(
        "team.tz.done", "✓ The team's time is {zone}, {time} now.", call.clock(zone)))
  }

  static let hours = Command(
    "team hours", usage: "<from>-<until>", example: "team hours 09:00-18:00",
    summary: "When I may speak up in the room by myself.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    let hours = try call.hours(call.arguments)
    guard hours.from < hours.until else {
      throw call.wrong(Phrase("team.hours.night", "They have to lie within one day."))
    }
    let settings = call.team.settings
    return call.changedTeam(
      "hours", .hoursChosen(from: hours.from, until: hours.until),
      undo: .hoursChosen(from: settings.hoursFrom, until: settings.hoursUntil),
      Phrase(
        "team.hours.done", "✓ The team's hours: {hours} ({zone}).",
        ["hours": .text("\(hours.from)–\(hours.until)"), "zone": .text(settings.zone)]))
  }

  static let workdays = Command(
    "team workdays", usage: "<weekdays>", example: "team workdays mon-fri",
    summary: "The weekdays the team works.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    let days = try call.weekdays()
    return call.changedTeam(
      "workdays", .workdaysChosen(days), undo: .workdaysChosen(call.team.settings.workdays),
      Phrase(
        "team.workdays.done", "✓ The team works {days}.",
        ["days": .phrase(Personal.weekdays(days))]))
  }

  static let policy = Command(
    "policy", aliases: ["policies"], usage: "[<name> <number|on|off>]",
    example: "policy kudos.allowance 5", summary: "Limits and switches of the team."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    guard let word = arguments.take()?.folded else {
      return Decision(say: [.discreet(Policy.all.map { $0.line(call.team.settings) })])
    }
    guard let policy = Policy.all.first(where: { $0.name == word }) else {
      throw call.wrong(
        Phrase(
          "policy.unknown", "I know {names}.",
          ["names": .list(Policy.all.map { .text($0.name) })]))
    }
    if arguments.isEmpty { return Decision(say: [.discreet([policy.line(call.team.settings)])]) }
    guard call.sender.isManager else { throw Refusal.managersOnly }
    let value = try policy.value(arguments.firstWord, call)
    let before = call.team.settings.policy(policy.name, usual: policy.usual)
    return call.changedTeam(
      policy.name, .policyChosen(policy.name, value),
      undo: .policyChosen(policy.name, before),
      Phrase(
        "policy.done", "✓ {name}: {value}",
        ["name": .text(policy.name), "value": .phrase(policy.shown(value))]))
  }

  static let audit = Command(
    "audit", usage: "[#12|g3]", example: "audit #12", summary: "Who changed what, lately."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let subject: String?
    if let task = arguments.takeNumber() {
      subject = "task/\(task)"
    } else if let goal = arguments.takeNumber(letter: "g") {
      subject = "goal/\(goal)"
    } else {
      guard arguments.isEmpty else {
        throw call.wrong(Phrase("audit.which", "Of which task or goal?"))
      }
      // Anybody may see what became of a thing; what everybody did is for managers.
      guard call.sender.isManager else { throw Refusal.managersOnly }
      subject = nil
    }
    let entries = call.team.changes.log.reversed().filter { entry in
      subject.map { entry.subject == $0 } ?? !entry.subject.hasPrefix("me/")
    }
    guard !entries.isEmpty else {
      return Decision(say: [.discreet([Phrase("audit.none", "Nothing was changed.")])])
    }
    return Decision(say: [.discreet(entries.prefix(8).map { line($0, call) })])
  }

  private static func line(_ entry: Changes.Entry, _ call: Call) -> Phrase {
    let local = call.now.local(entry.at, in: call.zone)
    let values: [String: Phrase.Value] = [
      "when": .time(local.day, local.time), "person": .person(entry.by),
      "label": .text(entry.label),
    ]
    return entry.isUndone
      ? Phrase("audit.undone", "{when} {person}: {label} (undone)", values)
      : Phrase("audit.line", "{when} {person}: {label}", values)
  }
}

extension Call {
  func changedTeam(
    _ what: String, _ event: Settings.Event, undo: Settings.Event, _ line: Phrase
  ) -> Decision {
    Decision(
      [.team(event)], say: [.reply(line)], undo: Undoable("team/\(what)", [.team(undo)]))
  }
}

extension Refusal {
  static let managersOnly = Refusal(
    Phrase("denied", "That is for managers of this team."), reason: "denied")
}
