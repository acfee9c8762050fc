extension World {
  func enqueue(_ kind: String, _ body: JSON) {
    defer { nextUpdate += 1 }
    if let allowedUpdates, !allowedUpdates.isEmpty, !allowedUpdates.contains(kind) { return }
    queue.append((nextUpdate, .object(["update_id": .int(nextUpdate), kind: body])))
    wake(.poll, .news)
  }

  /// What getUpdates brings. A positive offset confirms all before it; one that the queue does not
  /// know starts at its head again; a negative one forgets all but the last.
  /// - Parameter seconds: how long to wait for the first update.
  func updates(from offset: Int64, limit: Int, waitSeconds seconds: Int) async throws -> JSON {
    var batch = take(offset, limit)
    if batch.isEmpty, seconds > 0 {
      wake(.poll, .replaced)
      switch await wait(.poll, seconds: seconds) {
      case .news: batch = take(offset, limit)
      case .timeout: break
      case .replaced:
        throw APIError(
          409,
          "Conflict: terminated by other getUpdates request; make sure that only one bot "
            + "instance is running")
      case .closing: throw APIError(500, "Internal Server Error: restart")
      }
    }
    return .array(batch)
  }

  private func take(_ offset: Int64, _ limit: Int) -> [JSON] {
    if offset < 0 {
      queue.removeFirst(max(0, queue.count + Int(max(offset, -1000))))
    } else if offset > 0, offset <= nextUpdate {
      queue.removeAll { $0.id < offset }
    }
    return queue.prefix(limit).map(\.update)
  }

  /// As if the bot had been away for longer than Telegram keeps updates.
  func forgetUpdates() { queue = [] }

  /// Until something new is there for a page that knows that revision.
  func waitForChange(after known: Int, seconds: Int) async {
    guard revision <= known, seconds > 0 else { return }
    _ = await wait(.page, seconds: seconds)
  }

  func wait(_ kind: Wait, seconds: Int) async -> Wake {
    guard !isClosed else { return .closing }
    waitCount += 1
    let ticket = waitCount
    let end = ContinuousClock.now + .seconds(seconds)
    wakeUp(by: end)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { waiting[ticket] = Waiter(kind: kind, end: end, wake: $0) }
    } onCancel: {
      Task { await self.finish(ticket, .closing) }
    }
  }

  /// One sleeper for all who wait. Whoever has their news leaves it asleep: to end a timer with
  /// each answer took longer than the answer.
  private func wakeUp(by end: ContinuousClock.Instant) {
    if let sleeper, sleeper.end <= end { return }
    sleeper?.task.cancel()
    let task = Task {
      try? await Task.sleep(until: end, clock: .continuous)
      if !Task.isCancelled { self.expire() }
    }
    sleeper = (end, task)
  }

  private func expire() {
    sleeper = nil
    let now = ContinuousClock.now
    for (ticket, waiter) in waiting.sorted(by: { $0.key < $1.key })
    where waiter.end <= now {
      finish(ticket, .timeout)
    }
    if let next = waiting.values.map(\.end).min() { wakeUp(by: next) }
  }

  private func finish(_ ticket: Int, _ why: Wake) {
    waiting.removeValue(forKey: ticket)?.wake.resume(returning: why)
  }

  func wake(_ kind: Wait, _ why: Wake) {
    for ticket in waiting.filter({ $0.value.kind == kind }).keys.sorted() { finish(ticket, why) }
  }

  func close() {
    isClosed = true
    sleeper?.task.cancel()
    wake(.poll, .closing)
    wake(.page, .closing)
  }

  // MARK: - In the words of the Bot API

  func user(_ id: Int64) -> JSON? { id == bot.id ? bot.json : person(id)?.json }

  func standing(of chat: Chat, by person: Person, from old: String, to new: String) -> JSON {
    func member(_ status: String) -> JSON {
      .fields([
        "status": .string(status), "user": bot.json,
        "until_date": status == "kicked" ? .int(0) : nil,
      ])
    }
    return .fields([
      "chat": chat.json, "from": person.json, "date": .int(seconds),
      "old_chat_member": member(old), "new_chat_member": member(new),
    ])
  }

  func json(_ message: ChatMessage, _ place: Int, isNested: Bool = false) -> JSON {
    let chat = chats[place]
    let replied = isNested ? nil : message.replyTo.flatMap(chat.message)
    var joined: JSON?
    var from: JSON?
    switch message.service {
    case .joined(let ids): joined = .array(ids.compactMap(user))
    case .moved(let old): from = .int(old)
    case nil: break
    }
    return .fields([
      "message_id": .int(message.id), "from": user(message.from), "chat": chat.json,
      "date": .int(message.date), "edit_date": message.editDate.map(JSON.int),
      "text": message.text.isEmpty ? nil : .string(message.text),
      "entities": message.entities.isEmpty ? nil : .array(message.entities.map(json)),
      "reply_to_message": replied.map { json($0, place, isNested: true) },
      "new_chat_members": joined, "migrate_from_chat_id": from,
    ])
  }

  func json(_ entity: Entity) -> JSON {
    .fields([
      "type": .string(entity.type), "offset": .int(Int64(entity.offset)),
      "length": .int(Int64(entity.length)), "user": entity.user.flatMap(user),
      "url": entity.url.map(JSON.string),
    ])
  }
}
