import Crew

// The members stand in the order of their names: so the encoder sorts them.

extension Tasks.Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .added(let id, let text, let by, let owners, let due, let goal, let on):
      json.enumCase(
        "added", ("by", by), ("due", due), ("goal", goal), ("id", id), ("on", on),
        ("owners", owners), ("text", text))
    case .given(let id, let to, let by, let on):
      json.enumCase("given", ("by", by), ("id", id), ("on", on), ("to", to))
    case .taken(let id, let by, let on): json.enumCase("taken", ("by", by), ("id", id), ("on", on))
    case .accepted(let id, let by): json.enumCase("accepted", ("by", by), ("id", id))
    case .handedBack(let id, let by, let to, let why, let on):
      json.enumCase("handedBack", ("by", by), ("id", id), ("on", on), ("to", to), ("why", why))
    case .finished(let id, let by, let on):
      json.enumCase("finished", ("by", by), ("id", id), ("on", on))
    case .dropped(let id, let by, let why, let on):
      json.enumCase("dropped", ("by", by), ("id", id), ("on", on), ("why", why))
    case .reopened(let id, let on): json.enumCase("reopened", ("id", id), ("on", on))
    case .dueChanged(let id, let to): json.enumCase("dueChanged", ("id", id), ("to", to))
    case .goalChanged(let id, let to): json.enumCase("goalChanged", ("id", id), ("to", to))
    case .textChanged(let id, let to): json.enumCase("textChanged", ("id", id), ("to", to))
    case .ownerLeft(let person, let on): json.enumCase("ownerLeft", ("_0", person), ("on", on))
    case .merged(let person, let into): json.enumCase("merged", ("_0", person), ("into", into))
    case .restored(let item): json.enumCase("restored", ("_0", item))
    case .removed(let id): json.enumCase("removed", ("id", id))
    }
  }
}

extension Tasks.Deadline: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("day", day)
      json.member("time", time)
      json.member("zone", zone)
    }
  }
}

extension Tasks.Gap: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("from", from)
      json.member("until", until)
    }
  }
}

extension Tasks.Item: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("addedAt", addedAt)
      json.member("addedBy", addedBy)
      json.member("addedOn", addedOn)
      json.member("closedBy", closedBy)
      json.member("closedOn", closedOn)
      json.member("due", due)
      json.member("dueSetAt", dueSetAt)
      json.member("firstOwnedAt", firstOwnedAt)
      json.member("firstOwnedOn", firstOwnedOn)
      json.member("gaps", gaps)
      json.member("givenBy", givenBy)
      json.member("givenFrom", givenFrom)
      json.member("goal", goal)
      json.member("handedBackBy", handedBackBy)
      json.member("id", id)
      json.member("owners", owners)
      json.member("ownersOn", ownersOn)
      json.member("ownersSince", ownersSince)
      json.member("state", state)
      json.member("text", text)
      json.member("why", why)
    }
  }
}

extension Tasks.Item.State: Written {}

extension Goals.Event: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .added(let id, let title, let owner, let due, let target, let by, let on):
      json.enumCase(
        "added", ("by", by), ("due", due), ("id", id), ("on", on), ("owner", owner),
        ("target", target), ("title", title))
    case .progressed(let id, let percent, let why, let by, let on):
      json.enumCase(
        "progressed", ("by", by), ("id", id), ("on", on), ("percent", percent), ("why", why))
    case .keyResultAdded(let id, let number, let title, let start, let target, let by, let on):
      json.enumCase(
        "keyResultAdded", ("by", by), ("id", id), ("number", number), ("on", on), ("start", start),
        ("target", target), ("title", title))
    case .keyResultSet(let id, let number, let value, let percent, let why, let by, let on):
      json.enumCase(
        "keyResultSet", ("by", by), ("id", id), ("number", number), ("on", on),
        ("percent", percent), ("value", value), ("why", why))
    case .confidenceSaid(let id, let confidence, let why, let by, let on):
      json.enumCase(
        "confidenceSaid", ("_1", confidence), ("by", by), ("id", id), ("on", on), ("why", why))
    case .ownerChanged(let id, let person):
      json.enumCase("ownerChanged", ("_1", person), ("id", id))
    case .dueChanged(let id, let day): json.enumCase("dueChanged", ("_1", day), ("id", id))
    case .closed(let id, let outcome, let by, let on):
      json.enumCase("closed", ("_1", outcome), ("by", by), ("id", id), ("on", on))
    case .evaluated(let id, let text): json.enumCase("evaluated", ("id", id), ("text", text))
    case .removed(let id): json.enumCase("removed", ("id", id))
    case .restored(let goal): json.enumCase("restored", ("_0", goal))
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
