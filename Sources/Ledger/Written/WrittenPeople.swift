import Crew

// The members stand in the order of their names: so the encoder sorts them.

extension Checkins.Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .scheduled(let plan): json.enumCase("scheduled", ("_0", plan))
    case .stopped(let name): json.enumCase("stopped", ("name", name))
    case .questionsChosen(let name, let questions):
      json.enumCase("questionsChosen", ("name", name), ("questions", questions))
    case .partChosen(let person, let part, let name):
      json.enumCase("partChosen", ("_0", person), ("in", name), ("part", part))
    case .opened(let name, let on, let expected, let away):
      json.enumCase("opened", ("away", away), ("expected", expected), ("name", name), ("on", on))
    case .closed(let name, let on, let expected, let away):
      json.enumCase("closed", ("away", away), ("expected", expected), ("name", name), ("on", on))
    case .answered(let answer): json.enumCase("answered", ("_0", answer))
    case .retracted(let name, let person, let on):
      json.enumCase("retracted", ("name", name), ("on", on), ("person", person))
    case .blocked(let id, let by, let text, let needs, let on, let answer):
      json.enumCase(
        "blocked", ("answer", answer), ("by", by), ("id", id), ("needs", needs), ("on", on),
        ("text", text))
    case .blockerReworded(let id, let text, let needs):
      json.enumCase("blockerReworded", ("id", id), ("needs", needs), ("text", text))
    case .unblocked(let id, let by, let on):
      json.enumCase("unblocked", ("by", by), ("id", id), ("on", on))
    case .reblocked(let id): json.enumCase("reblocked", ("id", id))
    case .blockerWithdrawn(let id): json.enumCase("blockerWithdrawn", ("id", id))
    case .blockerAsked(let id, let nth): json.enumCase("blockerAsked", ("id", id), ("nth", nth))
    }
  }
}

extension Checkins.Part: Written {}

extension Checkins.Plan: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("ask", ask)
      json.member("everyWeeks", everyWeeks)
      json.member("freshDays", freshDays)
      json.member("from", from)
      json.member("name", name)
      json.member("questions", questions)
      json.member("until", until)
      json.member("untilZone", untilZone)
      json.member("weekdays", weekdays)
    }
  }
}

extension Checkins.Answer: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("at", at)
      json.member("isLate", isLate)
      json.member("name", name)
      json.member("on", on)
      json.member("person", person)
      json.member("said", said)
      json.member("skipped", skipped)
    }
  }
}

extension Checkins.Said: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("blocked", blocked)
      json.member("doing", doing)
      json.member("done", done)
      json.member("notes", notes)
    }
  }
}

extension Checkins.Note: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("question", question)
      json.member("text", text)
    }
  }
}

extension Roles.Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .defined(let name, let responsibility, let minimum, let by, let on):
      json.enumCase(
        "defined", ("by", by), ("minimum", minimum), ("name", name), ("on", on),
        ("responsibility", responsibility))
    case .redefined(let name, let responsibility, let by, let on):
      json.enumCase(
        "redefined", ("by", by), ("name", name), ("on", on), ("responsibility", responsibility))
    case .minimumChanged(let name, let minimum, let by, let on):
      json.enumCase("minimumChanged", ("by", by), ("minimum", minimum), ("name", name), ("on", on))
    case .dropped(let name): json.enumCase("dropped", ("name", name))
    case .claimed(let name, let by, let on):
      json.enumCase("claimed", ("by", by), ("name", name), ("on", on))
    case .released(let name, let by, let on):
      json.enumCase("released", ("by", by), ("name", name), ("on", on))
    case .taken(let name, let by, let from, let on):
      json.enumCase("taken", ("by", by), ("from", from), ("name", name), ("on", on))
    case .offered(let name, let from, let to, let on):
      json.enumCase("offered", ("from", from), ("name", name), ("on", on), ("to", to))
    case .accepted(let name, let from, let to, let on):
      json.enumCase("accepted", ("from", from), ("name", name), ("on", on), ("to", to))
    case .declined(let name, let by, let on):
      json.enumCase("declined", ("by", by), ("name", name), ("on", on))
    case .covered(let name, let by, let from, let until):
      json.enumCase("covered", ("by", by), ("from", from), ("name", name), ("until", until))
    case .coverEnded(let name, let by): json.enumCase("coverEnded", ("by", by), ("name", name))
    case .reviewed(let name, let by, let on):
      json.enumCase("reviewed", ("by", by), ("name", name), ("on", on))
    case .rotationChosen(let name, let to, let by):
      json.enumCase("rotationChosen", ("by", by), ("name", name), ("to", to))
    case .rotated(let name, let from, let to, let on):
      json.enumCase("rotated", ("from", from), ("name", name), ("on", on), ("to", to))
    case .restored(let role): json.enumCase("restored", ("_0", role))
    }
  }
}

extension Role: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("covers", covers)
      json.member("history", history)
      json.member("holders", holders)
      json.member("minimum", minimum)
      json.member("name", name)
      json.member("offer", offer)
      json.member("responsibility", responsibility)
      json.member("reviewedOn", reviewedOn)
      json.member("rotation", rotation)
      json.member("shortSince", shortSince)
    }
  }
}

extension Role.Offer: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("from", from)
      json.member("on", on)
      json.member("to", to)
    }
  }
}

extension Role.Cover: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("by", by)
      json.member("from", from)
      json.member("until", until)
    }
  }
}

extension Role.Change: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("from", from)
      json.member("kind", kind)
      json.member("on", on)
      json.member("person", person)
    }
  }
}

extension Role.Rotation: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("from", from)
      json.member("people", people)
      json.member("weeks", weeks)
    }
  }
}

extension Role.Change.Kind: Written {}
