import Crew

// The members stand in the order of their names: so the encoder sorts them.

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

extension Target: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .room(let room): json.enumCase("room", ("_0", room))
    case .direct(let identity): json.enumCase("direct", ("_0", identity))
    }
  }
}

extension Ephemeral: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("number", number)
      json.member("sealed", sealed)
      json.member("until", until)
    }
  }
}

extension Piece: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .text(let text): json.enumCase("text", ("_0", text))
    case .mention(let identity, let shown):
      json.enumCase("mention", ("_0", identity), ("shown", shown))
    }
  }
}

extension Message: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("body", body)
      json.member("ephemeral", ephemeral)
      json.member("id", id)
      json.member("isDirect", isDirect)
      json.member("kind", kind)
      json.member("mentionsBot", mentionsBot)
      json.member("replyTo", replyTo)
      json.member("room", room)
      json.member("roomName", roomName)
      json.member("sender", sender)
      json.member("senderKind", senderKind.rawValue)
      json.member("senderName", senderName)
      json.member("sentAt", sentAt)
      json.member("thread", thread)
    }
  }
}

extension Message.Kind: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .text: json.enumCase("text")
    case .edit(let original): json.enumCase("edit", ("of", original))
    case .invited: json.enumCase("invited")
    case .joined: json.enumCase("joined")
    case .left: json.enumCase("left")
    case .removed: json.enumCase("removed")
    case .moved(let id): json.enumCase("moved", ("to", id))
    case .unreadable: json.enumCase("unreadable")
    case .gap: json.enumCase("gap")
    case .ignored(let why): json.enumCase("ignored", ("_0", why))
    }
  }
}

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

extension Post.Kind: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .message: json.enumCase("message")
    case .reaction(let emoji, let id):
      json.enumCase("reaction", ("_0", emoji), ("on", id))
    case .edit(let id): json.enumCase("edit", ("of", id))
    }
  }
}

extension Markup: Written {
  func write(to json: inout JSONWriter) { json.object { $0.member("nodes", nodes) } }
}

extension Markup.Node: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .text(let text): json.enumCase("text", ("_0", text))
    case .strong(let inner): json.enumCase("strong", ("_0", inner))
    case .command(let words): json.enumCase("command", ("_0", words))
    case .person(let name, let identities, let pings):
      json.enumCase("person", ("identities", identities), ("name", name), ("pings", pings))
    case .table(let text): json.enumCase("table", ("_0", text))
    case .moment(let words, let at, let offsetSeconds):
      json.enumCase("moment", ("at", at), ("offsetSeconds", offsetSeconds), ("words", words))
    case .lineBreak: json.enumCase("lineBreak")
    }
  }
}
