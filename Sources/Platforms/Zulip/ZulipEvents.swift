import Crew
import Foundation

extension Zulip {
  /// One answer while it is read.
  struct Reading {
    let zulip: Zulip
    var memory: Memory
    var messages: [Message] = []
    var complaints: [String] = []
    var waitSeconds = 0.0

    init(zulip: Zulip, memory: Memory) {
      self.zulip = zulip
      self.memory = memory
    }
  }
}

extension Zulip.Reading {
  /// The answer to a question; a refusal is an answer too, or we would ask for ever. Whoever cannot
  /// be looked up is taken for no person, so that nothing of theirs is carried out.
  mutating func learn(_ ask: Zulip.Ask, from answer: JSON) {
    memory.asks.removeFirst()
    switch ask {
    case .who(let user):
      let isPerson = answer["user"]["is_bot"].bool == false
      memory.note(user, isPerson: isPerson && answer["user"]["user_id"].integer == user)
    case .mentions(let message):
      let html = answer["message"]["content"].string ?? ""
      memory.mentioned[String(message)] = Zulip.mentions(inHTML: html)
    }
  }

  // MARK: - Events

  /// Up to the first event that needs an answer first. What follows it is not acknowledged, so the
  /// server gives it again.
  mutating func takeEvents(_ events: [JSON]) {
    for (number, event) in events.enumerated() {
      guard let id = event["id"].integer else {
        complaints.append("an event without a number")
        continue
      }
      let asks = event["type"].string == "message" ? self.asks(event["message"]) : []
      guard asks.isEmpty else {
        return collect(events[number...].map { $0["message"] })
      }
      take(event, id)
      memory.lastEvent = max(memory.lastEvent, id)
    }
  }

  private mutating func take(_ event: JSON, _ id: Int64) {
    switch event["type"].string {
    case "message": take(message: event["message"], flags: event["flags"])
    case "update_message": take(edit: event)
    case "subscription": take(subscription: event, id)
    case "stream" where event["op"].string == "delete":
      let ids = (event["streams"].array ?? []).map { $0["stream_id"] }
      lose(ids + (event["stream_ids"].array ?? []), id)
    case "realm_user": take(user: event, id)
    default: break
    }
  }

  /// A page of what a lost queue may have held.
  mutating func takePage(_ answer: JSON, after anchor: Int64) {
    let page = answer["messages"].array ?? []
    var last = anchor
    for (number, message) in page.enumerated() {
      guard let id = message["id"].integer else {
        complaints.append("a message without a number")
        continue
      }
      if !memory.isHistory(id), !memory.isKnown(message: id) {
        guard asks(message).isEmpty else {
          memory.fill = last
          return collect(Array(page[number...]))
        }
        take(message: message, flags: message["flags"])
      }
      last = max(last, id)
    }
    if answer["history_limited"].bool == true { tellOfGap(anchor) }
    // Without a step forward the same page would come for ever.
    let isDone = answer["found_newest"].bool != false || last == anchor
    memory.fill = isDone ? nil : last
  }

  /// The organisation's plan keeps only the latest messages, so some may be missing.
  private mutating func tellOfGap(_ anchor: Int64) {
    messages += memory.rooms.map { room in
      Message(
        id: "gap:\(room):\(anchor)",
        room: Room(account: zulip.settings.account, id: room),
        sender: zulip.identity(memory.me ?? 0), senderKind: .bot, kind: .gap)
    }
  }

  // MARK: - Questions

  /// What must be known before this message can be read.
  private func asks(_ message: JSON) -> [Zulip.Ask] {
    guard let id = message["id"].integer, let sender = message["sender_id"].integer,
      sender != memory.me, !memory.isKnown(message: id), !memory.bots.contains(sender)
    else { return [] }
    var asks: [Zulip.Ask] = []
    if !memory.persons.contains(sender) { asks.append(.who(sender)) }
    if memory.mentioned[String(id)] == nil,
      reading(of: message, id: id).namesSomebody
    {
      asks.append(.mentions(id))
    }
    return asks
  }

  private mutating func collect(_ waiting: [JSON]) {
    for message in waiting {
      for ask in asks(message) where !memory.asks.contains(ask) {
        guard memory.asks.count < Zulip.Memory.asksMax else { return }
        memory.asks.append(ask)
      }
    }
  }

  func reading(of message: JSON, id: Int64) -> Zulip.Text {
    Zulip.Text(
      message["content"].string ?? "", account: zulip.settings.account, me: memory.me ?? 0,
      name: memory.name, names: memory.mentioned[String(id)] ?? [:])
  }
}
