import Crew

extension Feishu.Reading {
  typealias Place = Feishu.Place

  // MARK: - Groups

  /// - Parameters:
  ///   - next: where the next page of the list begins; nil at its end.
  ///   - now: by the server's clock, in seconds.
  /// - Returns: whether another page is to be read.
  mutating func takeChats(_ list: [JSON], next: String?, isFirst: Bool, now: Int64) -> Bool {
    if isFirst { memory.listed = [] }
    for json in list {
      guard let id = json["chat_id"].string, Feishu.isID(id) else {
        complaints.append("a group without an id")
        continue
      }
      // One that was dissolved stays in the list for a while.
      guard (json["chat_status"].string ?? "normal") == "normal" else { continue }
      memory.listed.append(id)
      let name = String((json["name"].string ?? "").prefix(100))
      if memory.places[id] == nil { memory.places[id] = begin(now: now) }
      memory.places[id]?.name = name.isEmpty ? nil : name
      memory.places[id]?.absences = 0
    }
    if let next, memory.listed.count < Self.chatsMax {
      memory.errand = .chats(page: next)
      return true
    }
    let listed = Set(memory.listed)
    for (id, place) in memory.places.sorted(by: { $0.key < $1.key })
    where place.person == nil && !listed.contains(id) {
      missed(id)
    }
    memory.listed = []
    if memory.listedAt == nil {
      memory.bornAt = (now + 1) * 1000
      // Whoever may bring the bot in may speak with it alone at once.
      for person in settings.invitersAllowed { want(person) }
    }
    memory.listedAt = now
    return false
  }

  private static let chatsMax = 5000

  /// At the first list everything that stands in a group is history; later, what was written before
  /// the list before. A second of the server's clock has a thousand milliseconds.
  private func begin(now: Int64) -> Place {
    let since = memory.listedAt.map { ($0 - Feishu.overlapSeconds) * 1000 } ?? (now + 1) * 1000
    return Place(high: since, floor: since)
  }

  /// One list alone may be a slip.
  private mutating func missed(_ id: String) {
    memory.places[id]?.absences += 1
    if memory.places[id]?.absences ?? 0 >= Place.absencesMax { remove(id) }
  }

  private mutating func remove(_ id: String) {
    guard let place = memory.places.removeValue(forKey: id), place.isOurs else { return }
    messages.append(
      Message(
        id: "removed/\(id)/\(place.high)", room: Room(account: settings.account, id: id),
        sender: Identity(account: settings.account, user: me), senderKind: .bot, kind: .removed))
  }

  /// It cannot be read now.
  mutating func close(_ id: String, code: Int64) {
    // Where a page begins is not known for ever.
    if memory.places[id]?.page != nil {
      memory.places[id]?.page = nil
      return
    }
    let why = Feishu.isOutside(code) ? "the bot is not in it" : FeishuCode.permissions
    complaints.append("chat \(id) cannot be read (code \(code)): \(why)")
    memory.places[id]?.closedAt = now ?? memory.listedAt ?? 0
    memory.places[id]?.readAt = memory.clock + 1
  }

  // MARK: - Direct chats

  /// No list tells of them, so those of people who speak with the bot are opened and read in turn.
  mutating func want(_ person: String) {
    let isKnown = memory.places.contains { $0.value.person == person }
    guard !isKnown, Feishu.isID(person), person != me, !memory.wanted.contains(person),
      !memory.silent.contains(person), memory.wanted.count < Feishu.Memory.wantedMax
    else { return }
    memory.wanted.append(person)
  }

  mutating func opened(_ id: String, with person: String) {
    memory.wanted.removeAll { $0 == person }
    guard memory.places[id] == nil else { return }
    // Somebody who got no answer there asks in the group, and then both are for us; what was
    // written before our first look at anything is history.
    let now = now ?? memory.listedAt ?? 0
    let since = max((now - Self.directSeconds) * 1000, memory.bornAt ?? 0)
    var place = Place(high: since, floor: since)
    place.person = person
    place.isOurs = true
    place.busyAt = now
    memory.places[id] = place
    let directs = memory.places.filter { $0.value.person != nil }
    guard directs.count > Feishu.Memory.directsMax else { return }
    let idle = directs.min { ($0.value.busyAt ?? 0, $0.key) < ($1.value.busyAt ?? 0, $1.key) }
    if let idle { memory.places[idle.key] = nil }
  }

  private static let directSeconds: Int64 = 600

  mutating func cannotOpen(_ person: String) {
    memory.wanted.removeAll { $0 == person }
    memory.silent = memory.silent.suffix(49) + [person]
  }
}

extension Feishu {
  /// The bot is no member there, or the chat is gone.
  static func isOutside(_ code: Int64) -> Bool { [230_002, 232_009, 232_011].contains(code) }
}
