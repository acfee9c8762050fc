import Crew

extension Instant: Written {
  func write(to json: inout JSONWriter) { json.plain(String(milliseconds)) }
}

extension Person: Written {
  func write(to json: inout JSONWriter) { json.plain(String(number)) }
}

extension Day: Written {
  func write(to json: inout JSONWriter) { json.quoted(description) }
}

extension TimeOfDay: Written {
  func write(to json: inout JSONWriter) { json.quoted(description) }
}

extension Amount: Written {
  func write(to json: inout JSONWriter) { json.quoted(description) }
}

extension Weekday: Written {}

extension Identity: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("account", account)
      json.member("user", user)
    }
  }
}

extension Room: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("account", account)
      json.member("id", id)
    }
  }
}
