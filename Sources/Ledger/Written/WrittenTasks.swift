import Crew

extension Tasks.Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .added: "added"
    case .given: "given"
    case .taken: "taken"
    case .accepted: "accepted"
    case .handedBack: "handedBack"
    case .finished: "finished"
    case .dropped: "dropped"
    case .reopened: "reopened"
    case .dueChanged: "dueChanged"
    case .goalChanged: "goalChanged"
    case .textChanged: "textChanged"
    case .ownerLeft: "ownerLeft"
    case .merged: "merged"
    case .restored: "restored"
    case .removed: "removed"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .added(let id, let text, let by, let owners, let due, let goal, let on):
      json.member("by", by)
      json.member("due", due)
      json.member("goal", goal)
      json.member("id", id)
      json.member("on", on)
      json.member("owners", owners)
      json.member("text", text)
    case .given(let id, let to, let by, let on):
      json.member("by", by)
      json.member("id", id)
      json.member("on", on)
      json.member("to", to)
    case .taken(let id, let by, let on), .finished(let id, let by, let on):
      json.member("by", by)
      json.member("id", id)
      json.member("on", on)
    case .accepted(let id, let by):
      json.member("by", by)
      json.member("id", id)
    case .handedBack(let id, let by, let to, let why, let on):
      json.member("by", by)
      json.member("id", id)
      json.member("on", on)
      json.member("to", to)
      json.member("why", why)
    case .dropped(let id, let by, let why, let on):
      json.member("by", by)
      json.member("id", id)
      json.member("on", on)
      json.member("why", why)
    case .reopened(let id, let on):
      json.member("id", id)
      json.member("on", on)
    case .dueChanged(let id, let to):
      json.member("id", id)
      json.member("to", to)
    case .goalChanged(let id, let to):
      json.member("id", id)
      json.member("to", to)
    case .textChanged(let id, let to):
      json.member("id", id)
      json.member("to", to)
    case .ownerLeft(let person, let on):
      json.member("_0", person)
      json.member("on", on)
    case .merged(let person, let into):
      json.member("_0", person)
      json.member("into", into)
    case .restored(let item): json.member("_0", item)
    case .removed(let id): json.member("id", id)
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
