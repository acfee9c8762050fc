import Crew

extension Post: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("ephemeral", ephemeral)
      json.member("inReplyTo", inReplyTo)
      json.member("isSilent", isSilent)
      json.member("kind", kind)
      json.member("seenBy", seenBy)
      json.member("text", text)
      json.member("thread", thread)
      json.member("underPost", underPost)
    }
  }
}

extension Post.Kind: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .message: "message"
    case .reaction: "reaction"
    case .edit: "edit"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .message: break
    case .reaction(let emoji, let id):
      json.member("_0", emoji)
      json.member("on", id)
    case .edit(let id): json.member("of", id)
    }
  }
}

extension Target: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .room: "room"
    case .direct: "direct"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .room(let room): json.member("_0", room)
    case .direct(let identity): json.member("_0", identity)
    }
  }
}

extension Markup: Written {
  func write(to json: inout JSONWriter) { json.object { $0.member("nodes", nodes) } }
}

extension Markup.Node: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .text: "text"
    case .strong: "strong"
    case .command: "command"
    case .person: "person"
    case .table: "table"
    case .moment: "moment"
    case .lineBreak: "lineBreak"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .text(let text), .table(let text): json.member("_0", text)
    case .strong(let inner): json.member("_0", inner)
    case .command(let words): json.member("_0", words)
    case .person(let name, let identities, let pings):
      json.member("identities", identities)
      json.member("name", name)
      json.member("pings", pings)
    case .moment(let words, let at, let offsetSeconds):
      json.member("at", at)
      json.member("offsetSeconds", offsetSeconds)
      json.member("words", words)
    case .lineBreak: break
    }
  }
}
