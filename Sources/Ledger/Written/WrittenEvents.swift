import Crew

// The members stand in the order of their names: so the encoder sorts them.

extension Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .team(let event): json.enumCase("team", ("_0", event))
    case .members(let event): json.enumCase("members", ("_0", event))
    case .bell(let event): json.enumCase("bell", ("_0", event))
    case .changes(let event): json.enumCase("changes", ("_0", event))
    case .calendar(let event): json.enumCase("calendar", ("_0", event))
    case .checkins(let event): json.enumCase("checkins", ("_0", event))
    case .roles(let event): json.enumCase("roles", ("_0", event))
    case .tasks(let event): json.enumCase("tasks", ("_0", event))
    case .goals(let event): json.enumCase("goals", ("_0", event))
    case .kudos(let event): json.enumCase("kudos", ("_0", event))
    case .digest(let event): json.enumCase("digest", ("_0", event))
    }
  }
}

extension Settings.Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .founded(let name, let room, let zone, let language):
      json.enumCase(
        "founded", ("language", language), ("name", name), ("room", room), ("zone", zone))
    case .renamed(let text): json.enumCase("renamed", ("_0", text))
    case .roomMoved(let from, let to): json.enumCase("roomMoved", ("from", from), ("to", to))
    case .roomLost(let room): json.enumCase("roomLost", ("_0", room))
    case .roomFound(let room): json.enumCase("roomFound", ("_0", room))
    case .roomOffered(let by, let code, let until):
      json.enumCase("roomOffered", ("by", by), ("code", code), ("until", until))
    case .roomJoined(let room, let name): json.enumCase("roomJoined", ("_0", room), ("name", name))
    case .roomParted(let room): json.enumCase("roomParted", ("_0", room))
    case .dissolved(let into): json.enumCase("dissolved", ("into", into))
    case .zoneChosen(let text): json.enumCase("zoneChosen", ("_0", text))
    case .languageChosen(let text): json.enumCase("languageChosen", ("_0", text))
    case .workdaysChosen(let days): json.enumCase("workdaysChosen", ("_0", days))
    case .hoursChosen(let from, let until):
      json.enumCase("hoursChosen", ("from", from), ("until", until))
    case .policyChosen(let text, let number):
      json.enumCase("policyChosen", ("_0", text), ("_1", number))
    }
  }
}

extension Members.Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .joined(let person, let name, let identity):
      json.enumCase("joined", ("_0", person), ("identity", identity), ("name", name))
    case .came(let person): json.enumCase("came", ("_0", person))
    case .left(let person): json.enumCase("left", ("_0", person))
    case .renamed(let person, let text): json.enumCase("renamed", ("_0", person), ("_1", text))
    case .madeManager(let person): json.enumCase("madeManager", ("_0", person))
    case .unmadeManager(let person): json.enumCase("unmadeManager", ("_0", person))
    case .reachable(let person, let account):
      json.enumCase("reachable", ("_0", person), ("account", account))
    case .unreachable(let person, let account):
      json.enumCase("unreachable", ("_0", person), ("account", account))
    case .linkOffered(let person, let code, let until):
      json.enumCase("linkOffered", ("_0", person), ("code", code), ("until", until))
    case .linked(let person, let identity, let former):
      json.enumCase("linked", ("_0", person), ("_1", identity), ("former", former))
    case .languageChosen(let person, let text):
      json.enumCase("languageChosen", ("_0", person), ("_1", text))
    case .zoneChosen(let person, let text):
      json.enumCase("zoneChosen", ("_0", person), ("_1", text))
    case .quietChosen(let person, let quiet):
      json.enumCase("quietChosen", ("_0", person), ("_1", quiet))
    case .workdaysChosen(let person, let days):
      json.enumCase("workdaysChosen", ("_0", person), ("_1", days))
    case .nudgesChosen(let person, let number):
      json.enumCase("nudgesChosen", ("_0", person), ("_1", number))
    case .removed(let person): json.enumCase("removed", ("_0", person))
    case .readmitted(let person): json.enumCase("readmitted", ("_0", person))
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

extension Bell.Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .rang(let number, let rule, let slots, let to):
      json.enumCase("rang", ("number", number), ("rule", rule), ("slots", slots), ("to", to))
    case .expired(let rule, let slots): json.enumCase("expired", ("rule", rule), ("slots", slots))
    case .skipped(let rule, let slots): json.enumCase("skipped", ("rule", rule), ("slots", slots))
    case .snoozed(let subject, let until):
      json.enumCase("snoozed", ("subject", subject), ("until", until))
    }
  }
}

extension Changes.Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .made(let id, let by, let subject, let label, let undo):
      json.enumCase(
        "made", ("by", by), ("id", id), ("label", label), ("subject", subject), ("undo", undo))
    case .undone(let id): json.enumCase("undone", ("id", id))
    }
  }
}

extension Calendar.Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .marked(let days, let mark, let name, let people):
      json.enumCase("marked", ("as", mark), ("days", days), ("name", name), ("people", people))
    case .cleared(let days): json.enumCase("cleared", ("days", days))
    case .wentAway(let id, let person, let from, let until, let cover):
      json.enumCase(
        "wentAway", ("cover", cover), ("from", from), ("id", id), ("person", person),
        ("until", until))
    case .awayMoved(let id, let from, let until):
      json.enumCase("awayMoved", ("from", from), ("id", id), ("until", until))
    case .awayCancelled(let id): json.enumCase("awayCancelled", ("id", id))
    }
  }
}

extension Calendar.Mark: Written {}

extension Kudos.Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .given(let id, let from, let to, let reason, let values, let on):
      json.enumCase(
        "given", ("from", from), ("id", id), ("on", on), ("reason", reason), ("to", to),
        ("values", values))
    case .takenBack(let id): json.enumCase("takenBack", ("id", id))
    }
  }
}

extension Digest.Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .chosen(let person, let choice): json.enumCase("chosen", ("_0", person), ("_1", choice))
    case .dailyChosen(let person, let isOn):
      json.enumCase("dailyChosen", ("_0", person), ("_1", isOn))
    case .mailboxAsked(let person, let identity, let code, let until):
      json.enumCase(
        "mailboxAsked", ("_0", person), ("_1", identity), ("code", code), ("until", until))
    case .mailboxChosen(let person, let identity):
      json.enumCase("mailboxChosen", ("_0", person), ("_1", identity))
    }
  }
}

extension Digest.Choice: Written {}
