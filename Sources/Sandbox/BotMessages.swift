import Foundation

extension World {
  func sendMessage(_ arguments: Arguments) throws -> JSON {
    let (text, entities) = try wording(arguments)
    let place = try chat(arguments)
    guard arguments.text("message_thread_id") == nil else {
      throw APIError.badRequest("message thread not found")
    }
    let message = ChatMessage(
      id: nextID(place), from: bot.id, text: text, entities: entities, date: seconds,
      replyTo: try replied(arguments, place),
      isSilent: try arguments.flag("disable_notification"), revision: revision + 1)
    chats[place].messages.append(message)
    record(.message, message, place)
    return json(message, place)
  }

  func editMessageText(_ arguments: Arguments) throws -> JSON {
    let (text, entities) = try wording(arguments)
    let place = try chat(arguments)
    let number = try message(arguments, place, "message to edit")
    guard chats[place].messages[number].from == bot.id else {
      throw APIError.badRequest("message can't be edited")
    }
    guard
      chats[place].messages[number].text != text
        || chats[place].messages[number].entities != entities
    else {
      throw APIError.badRequest(
        "message is not modified: specified new message content and reply markup are exactly "
          + "the same as a current content and reply markup of the message")
    }
    chats[place].messages[number].text = text
    chats[place].messages[number].entities = entities
    chats[place].messages[number].editDate = seconds
    chats[place].messages[number].revision = revision + 1
    record(.edit, chats[place].messages[number], place)
    return json(chats[place].messages[number], place)
  }

  func setMessageReaction(_ arguments: Arguments) throws -> JSON {
    let reactions =
      try arguments.list("reaction", "can't parse reaction types JSON object") ?? []
    let emoji = try reactions.map { reaction in
      guard reaction["type"]?.string == "emoji" else {
        throw APIError.badRequest("can't parse ReactionType: invalid reaction type specified")
      }
      guard let emoji = reaction["emoji"]?.string, Self.reactions.contains(emoji) else {
        throw APIError.badRequest("REACTION_INVALID")
      }
      return emoji
    }
    guard emoji.count <= 1 else { throw APIError.badRequest("REACTIONS_TOO_MANY") }
    let place = try chat(arguments)
    let number = try message(arguments, place, "message to react")
    guard chats[place].messages[number].reaction != emoji.first else { return true }
    chats[place].messages[number].reaction = emoji.first
    chats[place].messages[number].revision = revision + 1
    var shown = chats[place].messages[number]
    shown.text = emoji.first ?? ""
    shown.entities = []
    record(.reaction, shown, place)
    return true
  }

  /// The emoji that the Bot API lists for ReactionTypeEmoji and that this sandbox has.
  private static let reactions: Set<String> = [
    "❤", "👍", "👎", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "😢", "🎉", "🤩", "🙏", "👌", "🕊",
    "🥱", "😍", "🐳", "💯", "⚡", "🏆", "💔", "😐", "🍓", "🍾", "😴", "😭", "🤓", "👻", "👀", "🎃",
    "😇", "🤝", "✍", "🤗", "🫡", "🎄", "☃", "🆒", "🦄", "😎",
  ]

  private func record(_ kind: Delivered.Kind, _ message: ChatMessage, _ place: Int) {
    delivered.append(
      Delivered(
        kind: kind, chat: chats[place].id, message: message.id, text: message.text,
        replyTo: message.replyTo, pings: pings(message), isSilent: message.isSilent,
        at: clock.milliseconds))
    changed()
  }

  /// Whose phones ring: those whose @name stands there, found by the server or set by hand.
  func pings(_ message: ChatMessage) -> [Int64] {
    let units = Array(message.text.utf16)
    return message.entities.compactMap { entity in
      guard entity.type == "mention" else { return entity.user }
      let name = String(decoding: units[entity.offset + 1..<entity.end], as: UTF16.self)
      return people.first { $0.username.lowercased() == name.lowercased() }?.id
    }
  }

  // MARK: - Arguments

  private func wording(_ arguments: Arguments) throws -> (String, [Entity]) {
    let text = arguments.text("text") ?? ""
    guard !text.allSatisfy(\.isWhitespace) else {
      throw APIError.badRequest("message text is empty")
    }
    guard text.utf16.count <= 4096 else { throw APIError.badRequest("message is too long") }
    _ = try arguments.object(
      "link_preview_options", "can't parse link preview options JSON object")
    let list = try arguments.list("entities", "can't parse entities JSON object") ?? []
    let entities = try list.map { try entity($0, text.utf16.count) }
    return (text, EntityFinder.find(in: text, among: entities))
  }

  private func entity(_ json: JSON, _ length: Int) throws -> Entity {
    guard let type = json["type"]?.string, let offset = json["offset"]?.int,
      let count = json["length"]?.int
    else { throw APIError.badRequest("can't parse MessageEntity: a field is missing") }
    guard Self.settable.contains(type) else {
      throw APIError.badRequest(
        "can't parse MessageEntity: unsupported type specified: \"\(type)\"")
    }
    guard offset >= 0, count > 0, offset <= Int64(length), count <= Int64(length) - offset else {
      throw APIError.badRequest("ENTITY_BOUNDS_INVALID")
    }
    let user = json["user"]?["id"]?.int
    guard type != "text_mention" || user != nil else {
      throw APIError.badRequest("can't parse MessageEntity: can't find field \"user\"")
    }
    return Entity(type: type, offset: Int(offset), length: Int(count), user: user)
  }

  private static let settable: Set<String> = [
    "bold", "italic", "underline", "strikethrough", "code", "pre", "text_mention", "blockquote",
    "spoiler",
  ]

  private func chat(_ arguments: Arguments) throws -> Int {
    guard let text = arguments.text("chat_id") else {
      throw APIError.badRequest("chat_id is empty")
    }
    guard let id = Int64(text), let place = index(of: id) else {
      throw APIError.badRequest("chat not found")
    }
    if let moved = chats[place].movedTo {
      throw APIError(
        400, "Bad Request: group chat was upgraded to a supergroup chat",
        ["migrate_to_chat_id": moved])
    }
    switch chats[place].kind {
    case .direct where chats[place].isBlocked:
      throw APIError(403, "Forbidden: bot was blocked by the user")
    case .direct where !chats[place].botIsIn:
      throw APIError(403, "Forbidden: bot can't initiate conversation with a user")
    case .group where !chats[place].botIsIn:
      throw APIError(403, "Forbidden: bot is not a member of the supergroup chat")
    default: return place
    }
  }

  private func message(_ arguments: Arguments, _ place: Int, _ what: String) throws -> Int {
    let id = try arguments.int("message_id") ?? 0
    guard let number = chats[place].messages.firstIndex(where: { $0.id == id }) else {
      throw APIError.badRequest("\(what) not found")
    }
    return number
  }

  private func replied(_ arguments: Arguments, _ place: Int) throws -> Int64? {
    guard
      let reply = try arguments.object(
        "reply_parameters", "can't parse reply parameters JSON object")
    else { return nil }
    if let id = reply["message_id"]?.int, chats[place].message(id) != nil { return id }
    guard reply["allow_sending_without_reply"] == true else {
      throw APIError.badRequest("message to be replied not found")
    }
    return nil
  }
}
