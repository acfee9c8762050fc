import Crew

extension Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .team: "team"
    case .members: "members"
    case .bell: "bell"
    case .changes: "changes"
    case .calendar: "calendar"
    case .checkins: "checkins"
    case .roles: "roles"
    case .tasks: "tasks"
    case .goals: "goals"
    case .kudos: "kudos"
    case .digest: "digest"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .team(let event): json.member("_0", event)
    case .members(let event): json.member("_0", event)
    case .bell(let event): json.member("_0", event)
    case .changes(let event): json.member("_0", event)
    case .calendar(let event): json.member("_0", event)
    case .checkins(let event): json.member("_0", event)
    case .roles(let event): json.member("_0", event)
    case .tasks(let event): json.member("_0", event)
    case .goals(let event): json.member("_0", event)
    case .kudos(let event): json.member("_0", event)
    case .digest(let event): json.member("_0", event)
    }
  }
}

extension Settings.Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .founded: "founded"
    case .renamed: "renamed"
    case .roomMoved: "roomMoved"
    case .roomLost: "roomLost"
    case .roomFound: "roomFound"
    case .roomOffered: "roomOffered"
    case .roomJoined: "roomJoined"
    case .roomParted: "roomParted"
    case .dissolved: "dissolved"
    case .zoneChosen: "zoneChosen"
    case .languageChosen: "languageChosen"
    case .workdaysChosen: "workdaysChosen"
    case .hoursChosen: "hoursChosen"
    case .policyChosen: "policyChosen"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .founded(let name, let room, let zone, let language):
      json.member("language", language)
      json.member("name", name)
      json.member("room", room)
      json.member("zone", zone)
    case .renamed(let text), .zoneChosen(let text), .languageChosen(let text):
      json.member("_0", text)
    case .roomMoved(let from, let to):
      json.member("from", from)
      json.member("to", to)
    case .roomLost(let room), .roomFound(let room), .roomParted(let room): json.member("_0", room)
    case .roomOffered(let by, let code, let until):
      json.member("by", by)
      json.member("code", code)
      json.member("until", until)
    case .roomJoined(let room, let name):
      json.member("_0", room)
      json.member("name", name)
    case .dissolved(let into): json.member("into", into)
    case .workdaysChosen(let days): json.member("_0", days)
    case .hoursChosen(let from, let until):
      json.member("from", from)
      json.member("until", until)
    case .policyChosen(let text, let number):
      json.member("_0", text)
      json.member("_1", number)
    }
  }
}

extension Members.Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .joined: "joined"
    case .came: "came"
    case .left: "left"
    case .renamed: "renamed"
    case .madeManager: "madeManager"
    case .unmadeManager: "unmadeManager"
    case .reachable: "reachable"
    case .unreachable: "unreachable"
    case .linkOffered: "linkOffered"
    case .linked: "linked"
    case .languageChosen: "languageChosen"
    case .zoneChosen: "zoneChosen"
    case .quietChosen: "quietChosen"
    case .workdaysChosen: "workdaysChosen"
    case .nudgesChosen: "nudgesChosen"
    case .removed: "removed"
    case .readmitted: "readmitted"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .joined(let person, let name, let identity):
      json.member("_0", person)
      json.member("identity", identity)
      json.member("name", name)
    case .came(let person), .left(let person), .madeManager(let person), .unmadeManager(let person),
      .removed(let person), .readmitted(let person):
      json.member("_0", person)
    case .renamed(let person, let text):
      json.member("_0", person)
      json.member("_1", text)
    case .languageChosen(let person, let text), .zoneChosen(let person, let text):
      json.member("_0", person)
      json.member("_1", text)
    case .reachable(let person, let account), .unreachable(let person, let account):
      json.member("_0", person)
      json.member("account", account)
    case .linkOffered(let person, let code, let until):
      json.member("_0", person)
      json.member("code", code)
      json.member("until", until)
    case .linked(let person, let identity, let former):
      json.member("_0", person)
      json.member("_1", identity)
      json.member("former", former)
    case .quietChosen(let person, let quiet):
      json.member("_0", person)
      json.member("_1", quiet)
    case .workdaysChosen(let person, let days):
      json.member("_0", person)
      json.member("_1", days)
    case .nudgesChosen(let person, let number):
      json.member("_0", person)
      json.member("_1", number)
    }
  }
}

extension Quiet: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("from", from)
      json.member("until", until)
    }
  }
}

extension Bell.Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .rang: "rang"
    case .expired: "expired"
    case .skipped: "skipped"
    case .snoozed: "snoozed"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .rang(let number, let rule, let slots, let to):
      json.member("number", number)
      json.member("rule", rule)
      json.member("slots", slots)
      json.member("to", to)
    case .expired(let rule, let slots), .skipped(let rule, let slots):
      json.member("rule", rule)
      json.member("slots", slots)
    case .snoozed(let subject, let until):
      json.member("subject", subject)
      json.member("until", until)
    }
  }
}

extension Changes.Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .made: "made"
    case .undone: "undone"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .made(let id, let by, let subject, let label, let undo):
      json.member("by", by)
      json.member("id", id)
      json.member("label", label)
      json.member("subject", subject)
      json.member("undo", undo)
    case .undone(let id): json.member("id", id)
    }
  }
}
