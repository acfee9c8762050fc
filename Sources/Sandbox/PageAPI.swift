import Foundation

/// What the page asks for. Its answers hold ids and text; the page shows both as text only.
extension World {
  func pageState(after known: Int) -> JSON {
    let changed = chats.flatMap { chat in
      chat.messages.filter { $0.revision > known }.map { page($0, chat) }
    }
    return .fields([
      "revision": .int(Int64(revision)), "bot": bot.json,
      "people": .array(people.map(\.json)), "chats": .array(chats.map(page)),
      "messages": .array(changed),
      "commands": .object(
        menus.mapValues { entries in
          .array(
            entries.map { ["command": $0.command, "description": $0.description] }
              .map { .object($0.mapValues(JSON.string)) })
        }),
      "clock": .fields([
        "milliseconds": .int(clock.milliseconds), "zone": .string(clock.zoneName),
        "turned": .bool(clock.isTurned),
      ]),
    ])
  }

  private func page(_ chat: Chat) -> JSON {
    let title: String? = if case .group(let title) = chat.kind { title } else { nil }
    return .fields([
      "id": .int(chat.id), "title": title.map(JSON.string),
      "members": .array(chat.members.map(JSON.int)),
      "gone": .bool(chat.movedTo != nil), "started": .bool(chat.botIsIn),
    ])
  }

  private func page(_ message: ChatMessage, _ chat: Chat) -> JSON {
    let service: JSON? =
      switch message.service {
      case .joined(let ids)?: .object(["joined": .array(ids.map(JSON.int))])
      case .moved?: .object(["moved": true])
      case nil: nil
      }
    return .fields([
      "chat": .int(chat.id), "id": .int(message.id), "from": .int(message.from),
      "text": .string(message.text), "entities": .array(message.entities.map(json)),
      "date": .int(message.date), "edited": .bool(message.editDate != nil),
      "replyTo": message.replyTo.map(JSON.int), "reaction": message.reaction.map(JSON.string),
      "service": service, "pings": .array(pings(message).map(JSON.int)),
    ])
  }

  /// - Returns: the answer; nil for a call that is wrong.
  func pageCall(_ name: String, _ body: JSON) -> JSON? {
    switch name {
    case "messages":
      guard let person = body["person"]?.int, let chat = body["chat"]?.int,
        let text = body["text"]?.string,
        let id = write(text, as: person, in: chat, replyTo: body["replyTo"]?.int)
      else { return nil }
      return .object(["id": .int(id)])
    case "edits":
      guard let person = body["person"]?.int, let chat = body["chat"]?.int,
        let id = body["message"]?.int, let text = body["text"]?.string,
        edit(id, to: text, as: person, in: chat)
      else { return nil }
      return .object(["id": .int(id)])
    case "clock":
      guard let wanted = body["turn"]?.string.flatMap(Turn.init) else { return nil }
      turn(wanted)
      return .object(["milliseconds": .int(clock.milliseconds)])
    default: return nil
    }
  }
}
