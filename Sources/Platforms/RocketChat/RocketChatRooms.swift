import Crew

extension RocketChat.Reading {
  typealias Place = RocketChat.Place
  typealias Errand = RocketChat.Errand
  typealias ISOTime = RocketChat.ISOTime

  // MARK: - Rooms

  /// The rooms in which something has changed, or all of them.
  mutating func takeRooms(_ list: [JSON], removed: [JSON], isWhole: Bool) {
    let before = memory.since
    memory.pages = 0
    var present: Set<String> = []
    for json in list {
      guard let id = json["_id"].string, RocketChat.isID(id),
        let moved = ISOTime.milliseconds(json["_updatedAt"].string)
      else {
        complaints.append("a room that cannot be read")
        continue
      }
      memory.since = max(memory.since ?? 0, moved)
      guard let type = json["t"].string, ["c", "p", "d"].contains(type) else { continue }
      present.insert(id)
      take(id, json, isDirect: type == "d", moved: moved, before: before)
    }
    memory.since = memory.since ?? 0
    for id in removed.compactMap({ $0["_id"].string }) where memory.rooms[id] != nil { remove(id) }
    guard isWhole else { return }
    memory.wholeAt = now ?? memory.wholeAt ?? 0
    for id in memory.rooms.keys.sorted() where !present.contains(id) { missed(id) }
  }

  /// - Parameter before: the newest change that was known before this list; nil at the first one,
  ///   where everything is history.
  private mutating func take(
    _ id: String, _ json: JSON, isDirect: Bool, moved: Int64, before: Int64?
  ) {
    let created = ISOTime.milliseconds(json["ts"].string) ?? 0
    var errand = Errand(
      kind: .read(from: nil), room: id,
      name: String((json["fname"].string ?? json["name"].string ?? "").prefix(100)),
      movedAt: moved, lastAt: ISOTime.milliseconds(json["lm"].string) ?? 0,
      count: json["msgs"].integer ?? 0)
    if let known = memory.rooms[id] {
      memory.rooms[id]?.absences = 0
      guard moved != known.movedAt || errand.count != known.count else { return }
      return renew(errand)
    }
    let people = max(json["uids"].array?.count ?? 0, Int(json["usersCount"].integer ?? 0))
    let kind: Place.Kind = isDirect ? (people > 2 ? .group : .direct) : .room
    if let creator = json["u"]["_id"].string, RocketChat.isID(creator), creator != me {
      (errand.creator, errand.createdAt) = (creator, created)
    }
    guard let before else {
      // What stands there is history, whatever it says.
      let floor = max(moved, errand.lastAt)
      memory.rooms[id] = Place(
        kind: kind, movedAt: moved, count: errand.count, high: moved, last: errand.lastAt,
        floor: floor, isOurs: kind == .direct)
      guard kind == .room else { return }
      errand.kind = .enter
      return memory.errands.append(errand)
    }
    // Nobody is added to a direct chat: all that stands there was written to us. A room would have
    // been in the list before, had we been in it then.
    let start = max(0, kind == .room ? before - Place.lateMilliseconds : created - 1)
    if created < start { errand.creator = nil }
    memory.rooms[id] = Place(kind: kind, high: start, floor: start, isOurs: kind == .direct)
    errand.kind = .read(from: start)
    memory.errands.append(errand)
  }

  /// One errand a room.
  private mutating func renew(_ errand: Errand) {
    guard let place = memory.errands.firstIndex(where: { $0.room == errand.room }) else {
      return memory.errands.append(errand)
    }
    // Looking for who brought us in goes back from where the list stood.
    guard memory.errands[place].kind != .enter else { return }
    memory.errands[place].movedAt = errand.movedAt
    memory.errands[place].lastAt = errand.lastAt
    memory.errands[place].count = errand.count
  }

  /// One list alone may be the server's slip.
  private mutating func missed(_ id: String) {
    memory.rooms[id]?.absences += 1
    if memory.rooms[id]?.absences ?? 0 >= Place.absencesMax { remove(id) }
  }

  private mutating func remove(_ id: String) {
    memory.errands.removeAll { $0.room == id }
    guard let room = memory.rooms.removeValue(forKey: id), room.isOurs else { return }
    messages.append(
      Message(
        id: "removed/\(id)/\(room.high)", room: Room(account: settings.account, id: id),
        isDirect: room.kind == .direct, sender: Identity(account: settings.account, user: me),
        senderKind: .bot, kind: .removed))
  }

  /// It could not be read, now or ever: the next change there is the next chance.
  mutating func abandon(_ errand: Errand) {
    memory.errands.removeFirst()
    memory.pages += 1
    memory.rooms[errand.room]?.movedAt = errand.movedAt
    memory.rooms[errand.room]?.count = errand.count
  }

  // MARK: - Pages

  mutating func takePage(_ errand: Errand, _ list: [JSON]) {
    guard var room = memory.rooms[errand.room] else {
      memory.errands.removeFirst()
      return
    }
    var page: [RocketChat.Written] = []
    var ids: Set<String> = []
    for json in list {
      if let post = RocketChat.Written(json, in: errand.room) {
        if ids.insert(post.id).inserted { page.append(post) }
      } else {
        complaints.append("a message that cannot be read in \(errand.room)")
      }
    }
    let isFull = list.count >= RocketChat.pageSize && !page.isEmpty
    if errand.kind == .enter { return enter(errand, page, isFull: isFull) }
    let fresh = page.filter { $0.at > room.floor && $0.user != me }
      .sorted { ($0.at, $0.id) < ($1.at, $1.id) }
    guard isKnown(everybodyIn: fresh, room) else {
      complaints = []
      return
    }
    begin(errand, fresh, &room)
    for post in fresh where post.at > room.floor { hear(post, errand.name, &room) }
    memory.nobody = []
    memory.pages += 1
    goOn(errand, page, isFull: isFull, room)
  }

  /// A room that was made with us in it: nothing there tells of our being added.
  private mutating func begin(
    _ errand: Errand, _ fresh: [RocketChat.Written], _ room: inout Place
  ) {
    guard let creator = errand.creator, room.kind == .room, !room.isOurs,
      !fresh.contains(where: { isEntry($0) })
    else { return }
    messages.append(invitation(by: creator, errand))
    room.isOurs = isAllowed(creator)
  }

  /// After a page: another one, or the end of this errand.
  private mutating func goOn(
    _ errand: Errand, _ page: [RocketChat.Written], isFull: Bool, _ old: Place
  ) {
    memory.errands.removeFirst()
    var room = old
    defer { memory.rooms[errand.room] = room }
    let newest = page.map(\.changedAt).max() ?? 0
    room.high = max(room.high, newest)
    room.last = max(room.last, page.map(\.at).max() ?? 0)
    var next = errand
    next.creator = nil
    if isFull {
      // Some of the same millisecond may stand beyond the end of the page, unless it is full of
      // them (a person's new name changes all that they ever wrote).
      let from: Int64 = if case .read(let from?) = errand.kind { from } else { 0 }
      next.kind = .read(from: max(newest - 1, from + 1))
      // To the end of the queue, so that one full room does not hold up the others.
      return memory.errands.append(next)
    }
    // Only now: while pages are left, somebody's reaction may have put an old message, that is
    // not told yet, behind new ones.
    room.floor = max(room.floor, room.last - Place.lateMilliseconds)
    let isBehind = room.last < errand.lastAt && room.misses < Place.missesMax
    room.misses = isBehind ? room.misses + 1 : 0
    guard !isBehind else { return }
    room.movedAt = errand.movedAt
    room.count = errand.count
  }

  /// Where the bot was when it first came here: who brought it in is looked for in the newest page
  /// alone, and else whoever may brings it in by a mention.
  private mutating func enter(_ errand: Errand, _ page: [RocketChat.Written], isFull: Bool) {
    let entry = page.filter { isEntry($0) }.max { $0.at < $1.at }
    if let entry, !isKnown(everybodyIn: [entry], nil) { return }
    memory.errands.removeFirst()
    memory.nobody = []
    memory.pages += 1
    if let entry {
      let isOurs = isAllowed(entry.user)
      memory.rooms[errand.room]?.isOurs = isOurs
      messages.append(invitation(by: entry, errand.name, id: entry.id))
    } else if let creator = errand.creator, !isFull {
      let isOurs = isAllowed(creator)
      memory.rooms[errand.room]?.isOurs = isOurs
      messages.append(invitation(by: creator, errand))
    }
  }
}
