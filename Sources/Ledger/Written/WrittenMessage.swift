import Crew

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

extension Message.Kind: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .text: "text"
    case .edit: "edit"
    case .invited: "invited"
    case .joined: "joined"
    case .left: "left"
    case .removed: "removed"
    case .moved: "moved"
    case .unreadable: "unreadable"
    case .gap: "gap"
    case .ignored: "ignored"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .text, .invited, .joined, .left, .removed, .unreadable, .gap: break
    case .edit(let original): json.member("of", original)
    case .moved(let id): json.member("to", id)
    case .ignored(let why): json.member("_0", why)
    }
  }
}

extension Piece: WrittenCase {
  var caseName: StaticString {
    switch self {
    case .text: "text"
    case .mention: "mention"
    }
  }

  func writeCarried(to json: inout JSONWriter) {
    switch self {
    case .text(let text): json.member("_0", text)
    case .mention(let identity, let shown):
      json.member("_0", identity)
      json.member("shown", shown)
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
