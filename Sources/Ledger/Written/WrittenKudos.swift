import Crew

extension Kudos.Event: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .given: "given"
    case .takenBack: "takenBack"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .given(let id, let from, let to, let reason, let values, let on):
      json.member("from", from)
      json.member("id", id)
      json.member("on", on)
      json.member("reason", reason)
      json.member("to", to)
      json.member("values", values)
    case .takenBack(let id): json.member("id", id)
    }
  }
}
