import Crew

extension Calendar.Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .marked: "marked"
    case .cleared: "cleared"
    case .wentAway: "wentAway"
    case .awayMoved: "awayMoved"
    case .awayCancelled: "awayCancelled"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .marked(let days, let mark, let name, let people):
      json.member("as", mark)
      json.member("days", days)
      json.member("name", name)
      json.member("people", people)
    case .cleared(let days): json.member("days", days)
    case .wentAway(let id, let person, let from, let until, let cover):
      json.member("cover", cover)
      json.member("from", from)
      json.member("id", id)
      json.member("person", person)
      json.member("until", until)
    case .awayMoved(let id, let from, let until):
      json.member("from", from)
      json.member("id", id)
      json.member("until", until)
    case .awayCancelled(let id): json.member("id", id)
    }
  }
}

extension Calendar.Mark: Written {}
