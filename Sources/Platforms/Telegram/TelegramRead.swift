import Crew
import Foundation

extension Telegram {
  /// The most that getUpdates brings at once.
  private static let updatesMax = 100

  /// getMe first, then getUpdates for ever. The kinds are named each time, because the server
  /// keeps the last choice of whoever asked before. 50 s is the longest poll that it grants.
  public func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    guard let memory = Memory(cursor) else { return call("getMe", [:]) }
    let fetch: KeyValuePairs<String, JSON?> = [
      "offset": memory.offset.map(JSON.integer), "limit": .integer(Int64(Self.updatesMax)),
      "timeout": memory.isBaseline ? 0 : 50,
      "allowed_updates": ["message", "edited_message", "my_chat_member"],
    ]
    return call("getUpdates", fetch, timeoutSeconds: 65, responseBytesMax: 8 << 20)
  }

  public func read(
    _ response: HTTPResponse, after cursor: Cursor?
  ) throws(PollFailure) -> Intake {
    guard let memory = Memory(cursor) else { return try readSelf(response) }
    guard response.status == 200, let updates = Self.updates(in: response.body) else {
      throw pollFailure(response)
        ?? .retry(afterSeconds: nil, "getUpdates brought no list of updates")
    }
    return read(updates, at: response.headers["date"], memory)
  }

  private func readSelf(_ response: HTTPResponse) throws(PollFailure) -> Intake {
    if let failure = pollFailure(response) { throw failure }
    let answer = JSON(response.body)?["result"] ?? .null
    guard let me = try? User(answer), let name = me.username else {
      throw .retry(afterSeconds: nil, "getMe brought no bot")
    }
    var memory = Memory(bot: me.id, username: name)
    memory.bornAt = response.headers["date"].flatMap(Self.seconds(ofHTTPDate:))
    var intake = Intake(cursor: memory.cursor)
    if let readsAll = answer["can_read_all_group_messages"].bool {
      intake.remarks = [Self.privacy(readsAll: readsAll)]
    }
    return intake
  }

  /// `can_read_all_group_messages` of getMe: how @BotFather's `/setprivacy` stands.
  private static func privacy(readsAll: Bool) -> String {
    readsAll
      ? "its privacy mode is off: it reads every word of its groups"
      : "its privacy mode is on: of its groups it reads commands and replies to it, nothing else "
        + "(unless it is an administrator there)"
  }

  private func read(_ updates: [Update], at date: String?, _ before: Memory) -> Intake {
    var memory = before
    var intake = Intake(cursor: "")
    if let since = memory.hear(date.flatMap(Self.seconds(ofHTTPDate:))) {
      intake.messages = memory.groups.map { gap(in: $0, since: since, memory) }
    }
    for update in updates {
      if case .unreadable(let why) = update.body {
        intake.complaints.append("update \(update.id.map(String.init) ?? "without id"): \(why)")
      }
      intake.messages += messages(from: update, &memory)
    }
    // Ids of this answer alone: after a quiet week the server starts again at a random one.
    if let last = updates.compactMap(\.id).max() { memory.offset = last &+ 1 }
    // Short polls until nothing is left: only an empty answer proves that the queue is drained.
    if updates.isEmpty { memory.isBaseline = false }
    if memory.isBaseline, updates.count < Self.updatesMax { memory.hasReadAll = true }
    if !updates.isEmpty, memory.offset == before.offset { intake.waitSeconds = 5 }
    intake.cursor = memory.cursor
    return intake
  }

  /// The server drops updates after 24 hours, so something may be missing in every group.
  private func gap(in chat: Int64, since: Int64, _ memory: Memory) -> Message {
    Message(
      id: "gap:\(chat):\(since)", room: room(chat), sender: identity(memory.bot),
      senderKind: .bot, kind: .gap, sentAt: Instant(seconds: since))
  }

  // MARK: - One update

  private func messages(from update: Update, _ memory: inout Memory) -> [Message] {
    let id = "u\(update.id ?? 0)"
    switch update.body {
    case .message(let content):
      learn(from: content, &memory)
      return written(content, memory)
    case .edited(let content):
      learn(from: content, &memory)
      return [edited(content, id: id, memory)]
    case .standing(let standing):
      memory.remember(standing.from)
      return [stood(standing, id: id, &memory)]
    case .other(let name, let chat, let from):
      return [
        Message(
          id: id, room: room(chat?.id ?? 0), sender: identity(from?.id ?? 0),
          senderName: from?.name ?? "", kind: .ignored(name))
      ]
    case .unreadable: return []
    }
  }

  private func learn(from content: Content, _ memory: inout Memory) {
    let people = [content.from, content.replyTo?.from, content.left] + content.joined
    for user in people.compactMap({ $0 }) { memory.remember(user) }
    if content.chat.isGroup { memory.enter(content.chat.id) }
    if let chat = content.movedTo {
      memory.leave(content.chat.id)
      memory.enter(chat)
    }
  }

  private func written(_ content: Content, _ memory: Memory) -> [Message] {
    var message = blank(content)
    if let chat = content.movedTo {
      message.kind = .moved(to: String(chat))
      return [message]
    }
    if let left = content.left { return [came(left, .left, message, memory)] }
    if !content.joined.isEmpty {
      return content.joined.map { came($0, .joined, message, memory) }
    }
    fill(&message, content, memory)
    if memory.isHistory(content.date), message.kind != .text || !isStart(content) {
      message.kind = .ignored("before first contact")
      message.body = []
    }
    return [message]
  }

  /// Pressing Start is what opens a direct chat, so it counts although it came before us. What the
  /// link carried (`/start hello`) says only where it was pressed.
  private func isStart(_ content: Content) -> Bool {
    guard content.chat.isPrivate, let text = content.text else { return false }
    return text == "/start" || text.hasPrefix("/start ")
  }

  /// Somebody else than the writer came or went; several can come in one service message. Our own
  /// coming and going is told by `my_chat_member`.
  private func came(
    _ user: User, _ kind: Message.Kind, _ base: Message, _ memory: Memory
  ) -> Message {
    var message = base
    message.id += "/\(user.id)"
    message.kind = user.id == memory.bot ? .ignored("told by my_chat_member") : kind
    message.sender = identity(user.id)
    message.senderName = user.name
    message.senderKind = user.isBot ? .bot : .person
    return message
  }

  private func edited(_ content: Content, id: String, _ memory: Memory) -> Message {
    var message = blank(content)
    let original = message.id
    fill(&message, content, memory)
    message.id = "\(id)@\(content.editDate ?? content.date)"
    if message.kind == .text { message.kind = .edit(of: original) }
    return message
  }

  private func stood(_ standing: Standing, id: String, _ memory: inout Memory) -> Message {
    let chat = standing.chat
    let kind: Message.Kind
    switch (standing.before.isIn, standing.after.isIn) {
    case (_, false):
      kind = .removed
      memory.leave(chat.id)
    case (false, true) where chat.isGroup:
      kind = .invited
      memory.enter(chat.id)
    case (false, true): kind = .ignored(chat.isPrivate ? "unblocked" : "not a group")
    case (true, true): kind = .ignored("rights changed")
    }
    return Message(
      id: "\(id)@\(standing.date)", room: room(chat.id), isDirect: chat.isPrivate,
      sender: identity(standing.from.id), senderName: standing.from.name,
      senderKind: kindOfSender(standing.from, nil), kind: kind, roomName: chat.title,
      sentAt: Instant(seconds: standing.date))
  }

  // MARK: - What was written

  private func blank(_ content: Content) -> Message {
    Message(
      id: MessageID(chat: content.chat.id, message: content.id).description,
      room: room(content.chat.id), isDirect: content.chat.isPrivate,
      sender: identity(content.from?.id ?? content.senderChat?.id ?? 0),
      senderName: content.from?.name ?? content.senderChat?.title ?? "",
      senderKind: kindOfSender(content.from, content.senderChat),
      thread: content.topic.map(String.init), roomName: content.chat.title,
      sentAt: Instant(seconds: content.date))
  }

  /// An administrator who hides writes as the group itself. Who that is nobody can tell.
  private func kindOfSender(_ user: User?, _ chat: Chat?) -> SenderKind {
    if user?.id == Self.anonymousAdmin || chat != nil { return .anonymous }
    return user?.isBot == true ? .bot : .person
  }

  private func fill(_ message: inout Message, _ content: Content, _ memory: Memory) {
    if let reply = content.replyTo, !reply.opensTopic {
      message.replyTo = MessageID(chat: content.chat.id, message: reply.id).description
    }
    let reading = Reading(content.text ?? "", content.entities, memory, settings.account)
    message.body = isStart(content) ? [.text("/start")] : reading.pieces
    message.mentionsBot = reading.mentionsBot
    message.kind = ignored(content, reading).map(Message.Kind.ignored) ?? .text
    if message.kind != .text { message.body = [] }
  }

  /// Why these words are not for us, or not the sender's own.
  private func ignored(_ content: Content, _ reading: Reading) -> String? {
    if content.chat.type == "channel" { return "channel post" }
    if let chat = content.senderChat, chat.id != content.chat.id { return "sent as a channel" }
    if let borrowed = content.borrowed { return borrowed }
    if content.text == nil { return "no text" }
    if content.from == nil { return "no sender" }
    return reading.isForAnotherBot ? "for another bot" : nil
  }
}
