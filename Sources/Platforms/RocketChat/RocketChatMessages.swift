import Crew

extension RocketChat {
  /// A message as far as it matters here.
  struct Written: Equatable {
    var id: String
    var room: String
    var user: String
    var username: String
    var name: String
    /// Empty for what a person wrote, else what happened (`message-types`).
    var type: String
    var text: String
    /// The head of the thread it stands in; nil where it is one itself.
    var thread: String?
    var at: Int64
    var changedAt: Int64
    var isEdited: Bool
    /// Written by an integration.
    var isAutomatic: Bool
    /// Whom the server found mentioned: name → user id.
    var mentioned: [String: String]

    /// Nil where an id or a time is missing or odd.
    init?(_ json: JSON, in room: String) {
      guard let id = json["_id"].string, RocketChat.isID(id), json["rid"].string == room,
        let user = json["u"]["_id"].string, RocketChat.isID(user),
        let at = ISOTime.milliseconds(json["ts"].string),
        let changedAt = ISOTime.milliseconds(json["_updatedAt"].string)
      else { return nil }
      (self.id, self.room, self.user, self.at, self.changedAt) = (id, room, user, at, changedAt)
      username = json["u"]["username"].string ?? ""
      let name = json["u"]["name"].string ?? ""
      self.name = String((name.isEmpty ? username : name).prefix(100))
      type = String((json["t"].string ?? "").prefix(64))
      text = json["msg"].string ?? ""
      thread = json["tmid"].string.flatMap { RocketChat.isID($0) ? $0 : nil }
      isEdited = json["editedAt"] != .null
      isAutomatic = json["bot"].object != nil
      mentioned = [:]
      for mention in (json["mentions"].array ?? []).prefix(100) {
        guard let id = mention["_id"].string, RocketChat.isID(id), mention["type"] != "team",
          let name = mention["username"].string, !name.isEmpty, !["all", "here"].contains(id)
        else { continue }
        mentioned[name] = id
      }
    }

    /// Somebody was added by somebody else.
    var isAddition: Bool { ["au", "added-user-to-team"].contains(type) }
    var isRemoval: Bool { ["ru", "removed-user-from-team"].contains(type) }
  }

  /// What a text says once its mentions are read.
  struct Body: Equatable {
    private var said = MessageBody()
    var pieces: [Piece] { said.pieces }
    var mentionsBot: Bool { said.mentionsBot }

    init(_ post: Written, me: String, account: String) {
      let names = post.mentioned.keys.sorted { ($1.count, $0) < ($0.count, $1) }
      var rest = post.text[...]
      while let sign = rest.firstIndex(of: "@") {
        let after = rest[rest.index(after: sign)...]
        guard let name = names.first(where: { after.hasPrefix($0) }), let id = post.mentioned[name]
        else {
          said.add(rest[...sign])
          rest = after
          continue
        }
        said.add(rest[..<sign])
        if id == me {
          said.mentionBot()
        } else {
          said.mention(Identity(account: account, user: id), shown: "@" + name)
        }
        rest = after.dropFirst(name.count)
      }
      said.add(rest)
      said.end()
    }

  }
}

extension RocketChat.Reading {
  typealias Written = RocketChat.Written

  /// True where the senders, and those who came or went, are known; else they are asked for first.
  mutating func isKnown(everybodyIn posts: [Written], _ room: Place?) -> Bool {
    var wanted: [String] = []
    for post in posts {
      guard let asked = subject(of: post, room), !wanted.contains(asked),
        !memory.nobody.contains(asked),
        memory.person(asked)?.isFresh(now, asName: asked.hasPrefix("@")) != true
      else { continue }
      wanted.append(asked)
    }
    memory.wanted = wanted
    return wanted.isEmpty
  }

  /// Whose account is looked at before that is told: by it alone is seen who is a bot.
  private func subject(of post: Written, _ room: Place?) -> String? {
    if isEntry(post) { return post.user }
    let isHeard = room.map { $0.isOurs || $0.kind == .direct } ?? true
    switch post.type {
    case "":
      let isForUs = isHeard || post.mentioned.values.contains(me)
      return isForUs && !post.isAutomatic ? post.user : nil
    case _ where post.isAddition || post.isRemoval:
      return isHeard && post.text != memory.username && !post.text.isEmpty ? "@" + post.text : nil
    default: return nil
    }
  }

  /// Somebody added the bot.
  func isEntry(_ post: Written) -> Bool {
    post.isAddition && post.text == memory.username && post.user != me
  }

  /// One message in our words.
  mutating func hear(_ post: Written, _ roomName: String, _ room: inout Place) {
    if isEntry(post) {
      room.isOurs = isAllowed(post.user)
      // What was written before was not written to us.
      room.floor = max(room.floor, post.at)
      return messages.append(invitation(by: post, roomName, id: post.id))
    }
    var message = message(post, roomName, room)
    if post.isRemoval, post.text == memory.username {
      guard room.isOurs else { return }
      // What is written until somebody adds us again is not written to us.
      room.isOurs = false
      message.kind = .removed
      return messages.append(message)
    }
    switch post.type {
    case "":
      let body = RocketChat.Body(post, me: me, account: settings.account)
      message.body = body.pieces
      message.mentionsBot = body.mentionsBot
      // What was changed before we first saw it may never have been what it says now.
      message.kind = post.isEdited ? .edit(of: post.id) : .text
      if !room.isOurs {
        guard message.kind == .text, body.mentionsBot, message.senderKind == .person else { return }
        messages.append(invitation(by: post, roomName, id: "invited/\(post.id)"))
        room.isOurs = isAllowed(post.user)
      }
    case "e2e":
      guard room.isOurs, !room.isUnreadable else { return }
      room.isUnreadable = true
      message.kind = .unreadable
    case "uj", "ujt", "ut": message.kind = .joined
    case "ul", "ult": message.kind = .left
    default:
      guard post.isAddition || post.isRemoval,
        let person = memory.person("@" + post.text), person.id != me
      else { return }
      message.sender = Identity(account: settings.account, user: person.id)
      message.senderName = person.name
      message.senderKind = person.kind
      message.kind = post.isAddition ? .joined : .left
    }
    if room.isOurs || message.kind == .text { messages.append(message) }
  }

  private func message(_ post: Written, _ roomName: String, _ room: Place) -> Message {
    let isDirect = room.kind == .direct
    // Whoever cannot be looked up is no person.
    let kind = memory.person(post.user)?.kind ?? (post.type.isEmpty ? .ghost : .person)
    return Message(
      id: post.id, room: Room(account: settings.account, id: post.room), isDirect: isDirect,
      sender: Identity(account: settings.account, user: post.user), senderName: post.name,
      senderKind: post.isAutomatic ? .bot : kind, thread: post.thread, replyTo: post.thread,
      roomName: isDirect || roomName.isEmpty ? nil : roomName,
      sentAt: Instant(milliseconds: post.at))
  }

  /// Somebody brought the bot into the room.
  func invitation(by post: Written, _ roomName: String, id: String) -> Message {
    Message(
      id: id, room: Room(account: settings.account, id: post.room),
      sender: Identity(account: settings.account, user: post.user), senderName: post.name,
      senderKind: memory.person(post.user)?.kind ?? .person, kind: .invited,
      roomName: roomName.isEmpty ? nil : roomName, sentAt: Instant(milliseconds: post.at))
  }

  /// Somebody made the room with the bot in it.
  func invitation(by creator: String, _ errand: Errand) -> Message {
    Message(
      id: "created/\(errand.room)", room: Room(account: settings.account, id: errand.room),
      sender: Identity(account: settings.account, user: creator), kind: .invited,
      roomName: errand.name.isEmpty ? nil : errand.name,
      sentAt: Instant(milliseconds: errand.createdAt))
  }
}
