import Crew

extension Discord {
  /// A message as far as it matters here.
  struct Written {
    var json: JSON
    var id: Snowflake
    var author: String
    var name: String
    var kind: SenderKind
    var type: Int64
    var content: String
    var isEdited: Bool
    /// The message that it answers.
    var reply: String?

    /// Nil where an id is missing or odd.
    init?(_ json: JSON, in channel: String) {
      let user = json["author"]
      guard let id = Snowflake(json["id"].string), let author = user["id"].string,
        Discord.isID(author), let type = json["type"].integer
      else { return nil }
      (self.json, self.id, self.author, self.type) = (json, id, author, type)
      content = json["content"].string ?? ""
      name = Discord.name(of: user)
      let isAutomatic =
        user["bot"].bool == true || user["system"].bool == true
        || json["webhook_id"].string != nil || json["application_id"].string != nil
      kind = isAutomatic ? .bot : .person
      isEdited = json["edited_timestamp"].string != nil
      let reference = json["message_reference"]
      if type == 19, let message = reference["message_id"].string, Discord.isID(message) {
        let place = reference["channel_id"].string ?? channel
        reply = Discord.isID(place) ? "\(place):\(message)" : nil
      }
    }

    /// What a person writes is of type 0, or 19 for a reply; all others tell what happened
    /// (resources/message, "Message Types").
    var isWords: Bool { type == 0 || type == 19 }

    /// Words were written, and Discord does not show them to us.
    var isBlank: Bool {
      let others = [
        "attachments", "embeds", "sticker_items", "stickers", "components", "message_snapshots",
      ]
      return isWords && kind == .person && content.isEmpty && json["poll"].object == nil
        && others.allSatisfy { (json[$0].array ?? []).isEmpty }
    }
  }

  /// For show: names can be changed.
  static func name(of user: JSON) -> String {
    let names = [user["global_name"].string, user["username"].string]
    return String((names.compactMap { $0 }.first { !$0.isEmpty } ?? "").prefix(100))
  }
}

extension Discord.Reading {
  mutating func takeMessages(in id: String, after: Snowflake, _ list: [JSON]) {
    guard var place = memory.places[id] else { return }
    var page: [Discord.Written] = []
    for json in list {
      if let post = Discord.Written(json, in: id) {
        page.append(post)
      } else {
        complaints.append("a message that cannot be read in \(id)")
      }
    }
    // Whatever order they come in (discord/discord-api-docs#2816).
    page.sort { $0.id < $1.id }
    let recent = Set(place.recent ?? [])
    let fresh = page.filter { $0.id > after && !recent.contains($0.id) }
    if !fresh.isEmpty { place.busyAt = memory.clock }
    advance(&place, page, isFull: list.count >= Discord.pageSize && !page.isEmpty)
    place.readAt = memory.clock + 1
    place.closedAt = nil
    memory.places[id] = place
    for post in fresh { hear(post, in: id) }
    tidy(id)
  }

  private func advance(_ place: inout Place, _ page: [Discord.Written], isFull: Bool) {
    place.high = max(place.high, page.last?.id ?? place.high)
    let edge = place.high.earlier(milliseconds: Place.overlapMilliseconds)
    let seen = Set((place.recent ?? []) + page.map(\.id)).filter { $0 > edge }.sorted()
    place.recent = seen.isEmpty ? nil : seen.suffix(Discord.pageSize)
    if let floor = place.floor, floor <= edge { place.floor = nil }
    place.isPaging = isFull ? true : nil
    guard let told = place.told else { return }
    if told <= place.high {
      (place.told, place.passed, place.misses) = (nil, nil, nil)
    } else if !isFull {
      place.misses = (place.misses ?? 0) + 1
      guard place.misses ?? 0 >= Place.missesMax else { return }
      (place.told, place.passed, place.misses) = (nil, told, nil)
    }
  }

  /// Of a channel that is none of ours only the place of the newest message is kept.
  private mutating func tidy(_ id: String) {
    guard let place = memory.places[id], !place.isWaiting, !memory.isOurs(id) else { return }
    memory.places[id]?.name = nil
    memory.places[id]?.busyAt = nil
  }

  private mutating func hear(_ post: Discord.Written, in id: String) {
    guard post.author != me, let place = memory.places[id] else { return }
    let isDirect = place.kind == .direct
    let room = memory.room(of: id)
    var message = message(post, in: id, room, isDirect: isDirect)
    let body = Discord.Body(post, me: me, account: settings.account)
    if post.isWords {
      noteBlindness(post, isDirect: isDirect, mentionsBot: body.mentionsBot)
      message.body = body.pieces
      message.mentionsBot = body.mentionsBot
      message.kind = post.isEdited ? .edit(of: message.id) : .text
    } else if post.type == 7 {
      message.kind = .joined
    }
    if !memory.isOurs(id) {
      // Nothing tells who brought the bot into a guild, so it begins where it is spoken to.
      guard message.kind == .text, body.mentionsBot, post.kind == .person else { return }
      messages.append(invitation(message))
      let isOurs = isAllowed(post.author)
      memory.places[room]?.isOurs = isOurs ? true : nil
    }
    if message.kind == .text, post.kind == .person, !isDirect { noteSpeaker(post, body) }
    messages.append(message)
  }

  private func message(
    _ post: Discord.Written, in id: String, _ room: String, isDirect: Bool
  ) -> Message {
    Message(
      id: "\(id):\(post.id.text)", room: Room(account: settings.account, id: room),
      isDirect: isDirect, sender: Identity(account: settings.account, user: post.author),
      senderName: post.name, senderKind: post.kind, kind: .ignored("type \(post.type)"),
      thread: room == id ? nil : id, replyTo: post.reply,
      roomName: isDirect ? nil : memory.places[room]?.name,
      sentAt: Instant(milliseconds: post.id.milliseconds))
  }

  /// Somebody brought the bot into the channel.
  private func invitation(_ message: Message) -> Message {
    Message(
      id: "invited/\(message.id)", room: message.room, sender: message.sender,
      senderName: message.senderName, senderKind: message.senderKind, kind: .invited,
      roomName: message.roomName, sentAt: message.sentAt)
  }

  /// Whoever speaks with the bot, and whom they speak of, may answer it alone.
  private mutating func noteSpeaker(_ post: Discord.Written, _ body: Discord.Body) {
    guard body.mentionsBot || body.isCommand else { return }
    want(post.author)
    for user in post.json["mentions"].array ?? [] where user["bot"].bool != true {
      if let id = user["id"].string { want(id) }
    }
  }

  /// Told once, until words are seen again.
  private mutating func noteBlindness(
    _ post: Discord.Written, isDirect: Bool, mentionsBot: Bool
  ) {
    guard !isDirect, !mentionsBot, post.kind == .person else { return }
    if post.isBlank, !memory.isBlind {
      memory.isBlind = true
      complaints.append(
        "messages come without their words: turn on Message Content Intent (Developer Portal, Bot);"
          + " where it is on, turn it off and on again")
    } else if !post.content.isEmpty {
      memory.isBlind = false
    }
  }
}
