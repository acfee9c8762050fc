import Crew

extension Checkins.Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .scheduled: "scheduled"
    case .stopped: "stopped"
    case .questionsChosen: "questionsChosen"
    case .partChosen: "partChosen"
    case .opened: "opened"
    case .closed: "closed"
    case .answered: "answered"
    case .retracted: "retracted"
    case .blocked: "blocked"
    case .blockerReworded: "blockerReworded"
    case .unblocked: "unblocked"
    case .reblocked: "reblocked"
    case .blockerWithdrawn: "blockerWithdrawn"
    case .blockerAsked: "blockerAsked"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .scheduled(let plan): json.member("_0", plan)
    case .stopped(let name): json.member("name", name)
    case .questionsChosen(let name, let questions):
      json.member("name", name)
      json.member("questions", questions)
    case .partChosen(let person, let part, let name):
      json.member("_0", person)
      json.member("in", name)
      json.member("part", part)
    case .opened(let name, let on, let expected, let away),
      .closed(let name, let on, let expected, let away):
      json.member("away", away)
      json.member("expected", expected)
      json.member("name", name)
      json.member("on", on)
    case .answered(let answer): json.member("_0", answer)
    case .retracted(let name, let person, let on):
      json.member("name", name)
      json.member("on", on)
      json.member("person", person)
    case .blocked(let id, let by, let text, let needs, let on, let answer):
      json.member("answer", answer)
      json.member("by", by)
      json.member("id", id)
      json.member("needs", needs)
      json.member("on", on)
      json.member("text", text)
    case .blockerReworded(let id, let text, let needs):
      json.member("id", id)
      json.member("needs", needs)
      json.member("text", text)
    case .unblocked(let id, let by, let on):
      json.member("by", by)
      json.member("id", id)
      json.member("on", on)
    case .reblocked(let id), .blockerWithdrawn(let id): json.member("id", id)
    case .blockerAsked(let id, let nth):
      json.member("id", id)
      json.member("nth", nth)
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
