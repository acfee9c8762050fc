import Crew

extension Roles.Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .defined: "defined"
    case .redefined: "redefined"
    case .minimumChanged: "minimumChanged"
    case .dropped: "dropped"
    case .claimed: "claimed"
    case .released: "released"
    case .taken: "taken"
    case .offered: "offered"
    case .accepted: "accepted"
    case .declined: "declined"
    case .covered: "covered"
    case .coverEnded: "coverEnded"
    case .reviewed: "reviewed"
    case .rotationChosen: "rotationChosen"
    case .rotated: "rotated"
    case .restored: "restored"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .defined(let name, let responsibility, let minimum, let by, let on):
      json.member("by", by)
      json.member("minimum", minimum)
      json.member("name", name)
      json.member("on", on)
      json.member("responsibility", responsibility)
    case .redefined(let name, let responsibility, let by, let on):
      json.member("by", by)
      json.member("name", name)
      json.member("on", on)
      json.member("responsibility", responsibility)
    case .minimumChanged(let name, let minimum, let by, let on):
      json.member("by", by)
      json.member("minimum", minimum)
      json.member("name", name)
      json.member("on", on)
    case .dropped(let name): json.member("name", name)
    case .claimed(let name, let by, let on), .released(let name, let by, let on),
      .declined(let name, let by, let on), .reviewed(let name, let by, let on):
      json.member("by", by)
      json.member("name", name)
      json.member("on", on)
    case .taken(let name, let by, let from, let on):
      json.member("by", by)
      json.member("from", from)
      json.member("name", name)
      json.member("on", on)
    case .offered(let name, let from, let to, let on),
      .accepted(let name, let from, let to, let on):
      json.member("from", from)
      json.member("name", name)
      json.member("on", on)
      json.member("to", to)
    case .rotated(let name, let from, let to, let on):
      json.member("from", from)
      json.member("name", name)
      json.member("on", on)
      json.member("to", to)
    case .covered(let name, let by, let from, let until):
      json.member("by", by)
      json.member("from", from)
      json.member("name", name)
      json.member("until", until)
    case .coverEnded(let name, let by):
      json.member("by", by)
      json.member("name", name)
    case .rotationChosen(let name, let to, let by):
      json.member("by", by)
      json.member("name", name)
      json.member("to", to)
    case .restored(let role): json.member("_0", role)
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
