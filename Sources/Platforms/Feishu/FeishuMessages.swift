import Crew

extension Feishu {
  /// A message as far as it matters here.
  struct Written {
    var id: String
    var sender: String
    var senderName: String
    var kind: SenderKind
    /// `text`, `post`, `system`, `image` …
    var type: String
    var content: JSON
    var mentions: [Mention]
    /// The message that it answers.
    var parent: String?
    var at: Int64
    var isEdited: Bool
    var isDeleted: Bool

    struct Mention {
      /// What stands for it in the text, `@_user_1`.
      var key: String
      var id: String
      var name: String
    }

    /// Nil where an id is missing or odd.
    init?(_ json: JSON) {
      let sender = json["sender"]
      let type = json["msg_type"].string ?? ""
      guard let id = json["message_id"].string, Feishu.isID(id),
        let at = json["create_time"].string.flatMap(Int64.init) ?? json["create_time"].integer,
        (0...253_402_300_799_999).contains(at)
      else { return nil }
      // Nobody has sent what the system says.
      let from = sender["id"].string.flatMap { Feishu.isID($0) ? $0 : nil }
      guard from != nil || type == "system" else { return nil }
      (self.id, self.at, self.type) = (id, at, String(type.prefix(40)))
      self.sender = from ?? ""
      senderName = String((sender["sender_name"].string ?? "").prefix(100))
      switch sender["sender_type"].string {
      case "user": kind = .person
      case "anonymous": kind = .anonymous
      default: kind = .bot
      }
      content = json["body"]["content"].string.flatMap { JSON(text: $0) } ?? .null
      mentions = (json["mentions"].array ?? []).prefix(100).compactMap { json in
        // An event tells three ids, a list one.
        guard let key = json["key"].string, key.hasPrefix("@"), key.utf8.count <= 40,
          let id = json["id"].string ?? json["id"]["open_id"].string, Feishu.isID(id)
        else { return nil }
        return Mention(key: key, id: id, name: String((json["name"].string ?? "").prefix(100)))
      }
      parent = json["parent_id"].string.flatMap { Feishu.isID($0) ? $0 : nil }
      isEdited = json["updated"].bool == true
      isDeleted = json["deleted"].bool == true
    }

    var isWords: Bool { type == "text" || type == "post" }

    /// The words, with `@_user_1` for whoever is mentioned.
    var text: String {
      if type == "text" { return content["text"].string ?? "" }
      // Only in what is sent the language stands around it.
      let post = content["content"].array == nil ? content.object?.values.first ?? .null : content
      let lines = (post["content"].array ?? []).map { line in
        (line.array ?? []).map { part in
          part["tag"] == "at" ? part["user_id"].string ?? "" : part["text"].string ?? ""
        }.joined()
      }
      let title = post["title"].string ?? ""
      return ((title.isEmpty ? [] : [title]) + lines).joined(separator: "\n")
    }

    /// Begins as a command does.
    var isCommand: Bool { text.first { !$0.isWhitespace }.map { "!！/／".contains($0) } ?? false }
  }

  /// What a text says once its mentions are read.
  struct Body: Equatable {
    private var said = MessageBody()
    var pieces: [Piece] { said.pieces }
    var mentionsBot: Bool { said.mentionsBot }

    init(_ post: Written, me: String, account: String) {
      // `@_user_1` begins `@_user_12` too.
      let mentions = post.mentions.sorted { ($1.key.count, $0.key) < ($0.key.count, $1.key) }
      var rest = post.text[...]
      while let sign = rest.firstIndex(of: "@") {
        let tail = rest[sign...]
        guard let mention = mentions.first(where: { tail.hasPrefix($0.key) }) else {
          let after = rest.index(after: sign)
          said.add(tail.hasPrefix("@_all") ? rest[..<sign] + "@all" : String(rest[..<after]))
          rest = tail.hasPrefix("@_all") ? tail.dropFirst(5) : rest[after...]
          continue
        }
        said.add(String(rest[..<sign]))
        if mention.id == me {
          said.mentionBot()
        } else {
          let identity = Identity(account: account, user: mention.id)
          said.mention(identity, shown: "@" + mention.name)
        }
        rest = tail.dropFirst(mention.key.count)
      }
      said.add(String(rest))
      said.end()
    }

  }
}

extension Feishu.Reading {
  typealias Written = Feishu.Written

  mutating func takeMessages(in id: String, _ list: [JSON], next: String?) {
    guard var place = memory.places[id] else { return }
    var page: [Written] = []
    var ids: Set<String> = []
    for json in list {
      if let post = Written(json) {
        if ids.insert(post.id).inserted { page.append(post) }
      } else {
        complaints.append("a message that cannot be read in \(id)")
      }
    }
    page.sort { ($0.at, $0.id) < ($1.at, $1.id) }
    let fresh = page.filter { $0.at > place.floor && !place.recent.contains($0.id) }
    if !fresh.isEmpty { place.busyAt = now ?? place.busyAt }
    advance(&place, page, next: next)
    place.readAt = memory.clock + 1
    place.closedAt = nil
    memory.places[id] = place
    for post in fresh where !post.isDeleted { hear(post, in: id) }
  }

  private func advance(_ place: inout Place, _ page: [Written], next: String?) {
    // The next page belongs to the same question.
    place.page = next
    let newest = page.last?.at ?? 0
    let high = max(place.high, newest)
    let edge = (high / 1000 - 2 * Feishu.overlapSeconds) * 1000
    place.recent = Array(
      (place.recent + page.filter { $0.at > edge && !place.recent.contains($0.id) }.map(\.id))
        .suffix(4 * Feishu.pageSize))
    // Where the question begins stays the same until its last page.
    guard next == nil else {
      place.pending = max(place.pending ?? 0, high)
      return
    }
    place.high = max(high, place.pending ?? 0)
    place.pending = nil
    place.floor = max(place.floor, edge)
  }

  private mutating func hear(_ post: Written, in id: String) {
    guard let place = memory.places[id], post.sender != settings.app, post.type != "system" else {
      return
    }
    let body = Feishu.Body(post, me: me, account: settings.account)
    var message = Message(
      id: post.id, room: Room(account: settings.account, id: id), isDirect: place.person != nil,
      sender: Identity(account: settings.account, user: post.sender), senderName: post.senderName,
      senderKind: post.kind, kind: .ignored(post.type), replyTo: post.parent,
      roomName: place.person == nil ? place.name : nil,
      sentAt: Instant(milliseconds: post.at))
    if post.isWords {
      message.body = body.pieces
      message.mentionsBot = body.mentionsBot
      // What was changed before we first saw it may never have been what it says now.
      message.kind = post.isEdited ? .edit(of: post.id) : .text
    }
    if !place.isOurs {
      // Who brought the bot in is told by name alone, so it begins where it is spoken to.
      guard message.kind == .text, body.mentionsBot, post.kind == .person else { return }
      messages.append(invitation(message))
      let isOurs = isAllowed(post.sender)
      memory.places[id]?.isOurs = isOurs
    }
    if message.kind == .text, post.kind == .person, place.person == nil,
      body.mentionsBot || post.isCommand
    {
      want(post.sender)
      for mention in post.mentions { want(mention.id) }
    }
    messages.append(message)
  }

  /// Somebody brought the bot into the group.
  private func invitation(_ message: Message) -> Message {
    Message(
      id: "invited/\(message.id)", room: message.room, sender: message.sender,
      senderName: message.senderName, senderKind: message.senderKind, kind: .invited,
      roomName: message.roomName, sentAt: message.sentAt)
  }
}
