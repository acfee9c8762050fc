import Crew

extension Goals.Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .added: "added"
    case .progressed: "progressed"
    case .keyResultAdded: "keyResultAdded"
    case .keyResultSet: "keyResultSet"
    case .confidenceSaid: "confidenceSaid"
    case .ownerChanged: "ownerChanged"
    case .dueChanged: "dueChanged"
    case .closed: "closed"
    case .evaluated: "evaluated"
    case .removed: "removed"
    case .restored: "restored"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .added(let id, let title, let owner, let due, let target, let by, let on):
      json.member("by", by)
      json.member("due", due)
      json.member("id", id)
      json.member("on", on)
      json.member("owner", owner)
      json.member("target", target)
      json.member("title", title)
    case .progressed(let id, let percent, let why, let by, let on):
      json.member("by", by)
      json.member("id", id)
      json.member("on", on)
      json.member("percent", percent)
      json.member("why", why)
    case .keyResultAdded(let id, let number, let title, let start, let target, let by, let on):
      json.member("by", by)
      json.member("id", id)
      json.member("number", number)
      json.member("on", on)
      json.member("start", start)
      json.member("target", target)
      json.member("title", title)
    case .keyResultSet(let id, let number, let value, let percent, let why, let by, let on):
      json.member("by", by)
      json.member("id", id)
      json.member("number", number)
      json.member("on", on)
      json.member("percent", percent)
      json.member("value", value)
      json.member("why", why)
    case .confidenceSaid(let id, let confidence, let why, let by, let on):
      json.member("_1", confidence)
      json.member("by", by)
      json.member("id", id)
      json.member("on", on)
      json.member("why", why)
    case .ownerChanged(let id, let person):
      json.member("_1", person)
      json.member("id", id)
    case .dueChanged(let id, let day):
      json.member("_1", day)
      json.member("id", id)
    case .closed(let id, let outcome, let by, let on):
      json.member("_1", outcome)
      json.member("by", by)
      json.member("id", id)
      json.member("on", on)
    case .evaluated(let id, let text):
      json.member("id", id)
      json.member("text", text)
    case .removed(let id): json.member("id", id)
    case .restored(let goal): json.member("_0", goal)
    }
  }
}

extension Goals.Confidence: Written {}

extension Goals.Outcome: Written {}

extension Goal: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("by", by)
      json.member("closed", closed)
      json.member("confidence", confidence)
      json.member("confidenceWhy", confidenceWhy)
      json.member("due", due)
      json.member("evaluation", evaluation)
      json.member("id", id)
      json.member("keyResults", keyResults)
      json.member("owner", owner)
      json.member("startsOn", startsOn)
      json.member("target", target)
      json.member("title", title)
      json.member("touchedOn", touchedOn)
      json.member("updates", updates)
    }
  }
}

extension Goal.KeyResult: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("number", number)
      json.member("start", start)
      json.member("target", target)
      json.member("title", title)
      json.member("value", value)
    }
  }
}

extension Goal.Update: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("by", by)
      json.member("on", on)
      json.member("percent", percent)
      json.member("why", why)
    }
  }
}

extension Goal.Closing: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("by", by)
      json.member("on", on)
      json.member("outcome", outcome)
    }
  }
}
