import Crew
import Foundation

extension Matrix.Reading {
  /// One event in our words. An odd one becomes `.ignored`, or a complaint where it has no id; it
  /// never hides the others. Nil for what says nothing to a team.
  mutating func message(
    from event: JSON, in room: String, names: [String: String]
  ) -> Message? {
    guard let id = event["event_id"].string, !id.isEmpty, id.utf8.count <= 255,
      let type = event["type"].string
    else {
      complaints.append("an event without id or type in \(room)")
      return nil
    }
    let sender = event["sender"].string ?? ""
    var message = Message(
      id: id, room: Room(account: settings.account, id: room), isDirect: memory.isDirect(room),
      sender: Identity(account: settings.account, user: sender),
      senderName: names[sender] ?? Matrix.localpart(of: sender),
      senderKind: Matrix.senderKind(of: sender, trusted: settings.trustedBridges),
      kind: .ignored(String(type.prefix(64))), roomName: memory.rooms[room]?.name,
      sentAt: Matrix.instant(event["origin_server_ts"]))
    let content = event["content"]
    switch type {
    case "m.room.message" where !sender.isEmpty: takeText(content, into: &message)
    case "m.room.encrypted", "m.room.encryption": takeEncryption(into: &message)
    case "m.room.member": takeMember(event, names, into: &message)
    case "m.room.tombstone" where event["state_key"] == "":
      follow(event, in: room, names: names)
    case "m.room.name": return nil
    default: break
    }
    return message
  }

  private mutating func takeText(_ content: JSON, into message: inout Message) {
    guard message.sender.user != me else {
      message.kind = .ignored("own message")
      return
    }
    let relation = content["m.relates_to"]
    if relation["rel_type"] == "m.replace" {
      return takeEdit(of: relation["event_id"].string ?? "", content, into: &message)
    }
    memory.remember(author: message.sender.user, of: message.id)
    guard let msgtype = content["msgtype"].string else {
      message.kind = .ignored("message without msgtype")
      return
    }
    // An emote is told about oneself ("/me waves"), so it is no command.
    guard msgtype == "m.text" || msgtype == "m.notice" else {
      message.kind = .ignored(String(msgtype.prefix(64)))
      return
    }
    guard content["body"].string != nil else {
      message.kind = .ignored("message without body")
      return
    }
    if msgtype == "m.notice" { message.senderKind = .bot }
    message.kind = .text
    takeRelation(relation, into: &message)
    takeBody(content, into: &message)
  }

  private func takeRelation(_ relation: JSON, into message: inout Message) {
    let reply = relation["m.in_reply_to"]["event_id"].string
    if relation["rel_type"] == "m.thread", let root = relation["event_id"].string {
      message.thread = root
      // Clients without threads show the fallback as a reply; it is none.
      if relation["is_falling_back"].bool == true { return }
    }
    message.replyTo = reply
  }

  /// Only the sender may change a message; the server does not see to it (MSC2676).
  private func takeEdit(of original: String, _ content: JSON, into message: inout Message) {
    guard !original.isEmpty else {
      message.kind = .ignored("edit of nothing")
      return
    }
    if let author = memory.authors.last(where: { $0.event == original }),
      author.user != message.sender.user
    {
      message.kind = .ignored("edit by another sender")
      return
    }
    message.kind = .edit(of: original)
    takeBody(content["m.new_content"], into: &message)
  }

  private func takeBody(_ content: JSON, into message: inout Message) {
    let body = Matrix.Body(
      content, account: settings.account, me: me, name: memory.name ?? "",
      isReply: message.replyTo != nil || message.thread != nil)
    message.body = body.pieces
    message.mentionsBot = body.mentionsBot
  }

  private mutating func takeEncryption(into message: inout Message) {
    let room = message.room.id
    guard memory.rooms[room]?.saidUnreadable != true else { return }
    memory.rooms[room]?.saidUnreadable = true
    message.kind = .unreadable
  }

  private func takeMember(_ event: JSON, _ names: [String: String], into message: inout Message) {
    guard let user = event["state_key"].string, !user.isEmpty else { return }
    if user == me {
      if Matrix.isOwnLeave(event, me: me) { message.kind = .removed }
      return
    }
    let before = event["unsigned"]["prev_content"]["membership"].string
    switch event["content"]["membership"].string {
    case "join" where before != "join": message.kind = .joined
    case "leave" where before == nil || before == "join": message.kind = .left
    case "ban" where before == nil || before == "join": message.kind = .left
    default: return
    }
    message.sender = Identity(account: settings.account, user: user)
    message.senderName = names[user] ?? Matrix.localpart(of: user)
    message.senderKind = Matrix.senderKind(of: user, trusted: settings.trustedBridges)
  }
}

extension Matrix {
  /// Namespaces that the bridges of mautrix and matrix.org take for the people of other networks.
  private static let bridges = [
    "_", "bluesky_", "discord_", "facebook_", "gmessages_", "googlechat_", "gvoice_", "imessage_",
    "instagram_", "irc_", "linkedin_", "messenger_", "meta_", "signal_", "slack_", "telegram_",
    "twitter_", "whatsapp_", "zulip_",
  ]

  /// A trusted pattern comes first: it may name accounts outside the known namespaces as well.
  static func senderKind(of user: String, trusted: [String]) -> SenderKind {
    if matches(user, trusted) { return .bridged }
    let name = localpart(of: user)
    return bridges.contains { name.hasPrefix($0) } ? .ghost : .person
  }

  /// `ana` of `@ana:example.org`.
  static func localpart(of user: String) -> String {
    guard user.hasPrefix("@") else { return "" }
    return String(user.dropFirst().prefix { $0 != ":" }.prefix(255))
  }

  static func server(of user: String) -> String {
    user.firstIndex(of: ":").map { String(user[user.index(after: $0)...]) } ?? ""
  }

  /// Kept between 1970 and the year 9999, so that nobody's arithmetic overflows.
  static func instant(_ value: JSON) -> Instant {
    Instant(milliseconds: min(max(value.integer ?? 0, 0), 253_402_300_799_999))
  }
}
