import Crew
import Foundation

extension Zulip.Reading {
  mutating func take(message: JSON, flags: JSON) {
    guard let id = message["id"].integer, let sender = message["sender_id"].integer else {
      complaints.append("a message without its number or its sender")
      return
    }
    guard !memory.isKnown(message: id) else { return }
    let text = reading(of: message, id: id)
    memory.know(message: id)
    guard sender != memory.me else { return }
    guard var told = blank(message, id: id, sender: sender) else {
      complaints.append("message \(id) stands nowhere we know")
      return
    }
    told.body = text.pieces
    told.mentionsBot = text.mentionsBot
    told.replyTo = text.replyTo
    if Self.isEdited(message) { told.kind = .edit(of: String(id)) }
    if message["submessages"].array?.isEmpty == false { told.kind = .ignored("widget") }
    if message["content"].string == nil { told.kind = .ignored("no text") }
    if told.kind != .text { told.body = [] }
    invite(by: told, sender: sender)
    if told.kind == .text, told.mentionsBot, told.body.isEmpty, memory.rooms.contains(told.room.id)
    {
      told.kind = .ignored("only our name")
    }
    messages.append(told)
  }

  /// Changed before we first saw it, as history gives it: it may never have been what it says now.
  /// Another topic is no change of the words, where the history is there to tell.
  private static func isEdited(_ message: JSON) -> Bool {
    guard let history = message["edit_history"].array, !history.isEmpty else {
      return message["last_edit_timestamp"].integer != nil
    }
    return history.contains { $0["prev_content"].string != nil }
  }

  /// Who subscribed us nobody tells. So somebody's first mention of us is taken for the invitation,
  /// and the daemon looks whether they may.
  private mutating func invite(by message: Message, sender: Int64) {
    guard !message.isDirect, message.mentionsBot, message.senderKind == .person,
      message.kind == .text, !memory.rooms.contains(message.room.id)
    else { return }
    if zulip.isInviter(sender) { memory.enter(message.room.id) }
    var invitation = message
    invitation.id = "i\(message.id)"
    invitation.kind = .invited
    invitation.body = []
    messages.append(invitation)
  }

  private func blank(_ message: JSON, id: Int64, sender: Int64) -> Message? {
    guard let (room, name) = place(message) else { return nil }
    let others = message["display_recipient"].array?.count ?? 0
    return Message(
      id: String(id), room: room, isDirect: name == nil && others <= 2,
      sender: zulip.identity(sender), senderName: message["sender_full_name"].string ?? "",
      senderKind: memory.bots.contains(sender) ? .bot : .person,
      thread: name == nil ? nil : message["subject"].string, roomName: name,
      sentAt: Instant(seconds: message["timestamp"].integer ?? 0))
  }

  /// The channel and its name; nil for the name in a direct conversation.
  private func place(_ message: JSON) -> (Room, name: String?)? {
    switch message["type"].string {
    case "stream", "channel":
      guard let channel = message["stream_id"].integer else { return nil }
      return (zulip.room(channel: channel), message["display_recipient"].string ?? "")
    case "private", "direct":
      let people = (message["display_recipient"].array ?? []).compactMap { $0["id"].integer }
      let others = people.filter { $0 != memory.me }
      return others.isEmpty ? nil : (zulip.room(with: others), nil)
    default: return nil
    }
  }

  /// Somebody changed what they wrote, or moved it to another topic. Neither is a command.
  mutating func take(edit event: JSON) {
    guard let message = event["message_id"].integer else {
      complaints.append("an edit without the number of its message")
      return
    }
    // The server's own second rendering, with previews, is nobody's doing.
    guard let content = event["content"].string, event["rendering_only"].bool != true,
      let editor = event["user_id"].integer, editor != memory.me
    else { return }
    let at = event["edit_timestamp"].integer ?? 0
    let text = Zulip.Text(
      content, account: zulip.settings.account, me: memory.me ?? 0, name: memory.name, names: [:])
    messages.append(
      Message(
        id: "e\(message):\(at)",
        room: event["stream_id"].integer.map(zulip.room(channel:)) ?? zulip.room(with: [editor]),
        sender: zulip.identity(editor),
        senderKind: memory.bots.contains(editor) ? .bot : .person,
        kind: .edit(of: String(message)), body: text.pieces, sentAt: Instant(seconds: at)))
  }

  // MARK: - Who is where

  mutating func take(subscription event: JSON, _ id: Int64) {
    switch event["op"].string {
    case "remove": lose((event["subscriptions"].array ?? []).map { $0["stream_id"] }, id)
    case "peer_remove":
      let channels = event["stream_ids"].array ?? [event["stream_id"]]
      let people = event["user_ids"].array ?? [event["user_id"]]
      for channel in channels.compactMap(\.integer) {
        for user in people.compactMap(\.integer) { leave(user, String(channel), id) }
      }
    default: break
    }
  }

  /// Deactivated people are in no channel any more.
  mutating func take(user event: JSON, _ id: Int64) {
    let person = event["person"]
    guard let user = person["user_id"].integer else { return }
    if user == memory.me, let name = person["full_name"].string { memory.name = name }
    let isGone = event["op"].string == "remove" || person["is_active"].bool == false
    guard isGone, user != memory.me else { return }
    for room in memory.rooms { leave(user, room, id) }
  }

  private mutating func leave(_ user: Int64, _ room: String, _ event: Int64) {
    guard memory.rooms.contains(room), user != memory.me else { return }
    messages.append(
      Message(
        id: "l\(memory.queue ?? ""):\(event):\(room):\(user)",
        room: Room(account: zulip.settings.account, id: room), sender: zulip.identity(user),
        senderKind: memory.bots.contains(user) ? .bot : .person, kind: .left))
  }

  mutating func lose(_ channels: [JSON], _ event: Int64) {
    for channel in channels.compactMap(\.integer) {
      memory.rooms.removeAll { $0 == String(channel) }
      messages.append(
        Message(
          id: "r\(memory.queue ?? ""):\(event):\(channel)", room: zulip.room(channel: channel),
          sender: zulip.identity(memory.me ?? 0), senderKind: .bot, kind: .removed))
    }
  }
}
