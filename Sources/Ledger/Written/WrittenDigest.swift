import Crew

extension Digest.Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .chosen: "chosen"
    case .dailyChosen: "dailyChosen"
    case .mailboxAsked: "mailboxAsked"
    case .mailboxChosen: "mailboxChosen"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .chosen(let person, let choice):
      json.member("_0", person)
      json.member("_1", choice)
    case .dailyChosen(let person, let isOn):
      json.member("_0", person)
      json.member("_1", isOn)
    case .mailboxAsked(let person, let identity, let code, let until):
      json.member("_0", person)
      json.member("_1", identity)
      json.member("code", code)
      json.member("until", until)
    case .mailboxChosen(let person, let identity):
      json.member("_0", person)
      json.member("_1", identity)
    }
  }
}

extension Digest.Choice: Written {}
