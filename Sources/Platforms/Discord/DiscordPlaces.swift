import Crew

extension Discord.Reading {
  typealias Snowflake = Discord.Snowflake
  typealias Place = Discord.Place

  // MARK: - Guilds

  /// - Returns: after which id the next page begins; nil where this was the last one.
  mutating func takeGuilds(_ list: [JSON], after: Snowflake) -> Snowflake? {
    if after == Snowflake(0) { memory.listed = [] }
    let ids = list.compactMap { Snowflake($0["id"].string) }
    if ids.count < list.count { complaints.append("a guild without an id") }
    memory.listed += ids.map(\.text)
    if list.count >= Discord.guildsPageSize, let last = ids.max(), last > after { return last }
    for id in memory.listed {
      if memory.guilds[id] == nil {
        memory.guilds[id] = Discord.Guild(since: memory.guildsTime)
      }
      memory.guilds[id]?.absences = 0
    }
    let listed = Set(memory.listed)
    for id in memory.guilds.keys.sorted() where !listed.contains(id) { missed(guild: id) }
    memory.listed = []
    memory.guildsAt = memory.clock + 1
    memory.guildsTime = now ?? memory.guildsTime ?? 0
    return nil
  }

  private mutating func missed(guild id: String) {
    guard let absences = memory.guilds[id]?.absences else { return }
    memory.guilds[id]?.absences = absences + 1
    guard absences + 1 >= Discord.Guild.absencesMax else { return }
    memory.guilds[id] = nil
    for (channel, place) in memory.places.sorted(by: { $0.key < $1.key })
    where place.kind == .room && place.of == id {
      remove(channel)
    }
  }

  /// Its lists cannot be read now; the list of guilds tells whether it is still ours.
  mutating func skip(_ guild: String) {
    memory.guilds[guild]?.channelsAt = memory.clock + 1
    memory.guilds[guild]?.threadsAt = memory.clock + 1
    let known = memory.guilds[guild]
    memory.guilds[guild]?.channelsTime = known?.channelsTime ?? now ?? 0
    memory.guilds[guild]?.threadsTime = known?.threadsTime ?? known?.channelsTime ?? now ?? 0
    memory.guildsAt = memory.clock - Discord.Memory.guildsTurns
  }

  // MARK: - Channels

  /// Of text, voice, announcements and stages: those that hold messages of their own
  /// (resources/channel, "Channel Types").
  private static let roomTypes: Set<Int64> = [0, 2, 5, 13]
  private static let threadTypes: Set<Int64> = [10, 11, 12]

  mutating func takeChannels(of guild: String, _ list: [JSON]) {
    guard let known = memory.guilds[guild] else { return }
    var present: Set<String> = []
    for json in list {
      guard let type = json["type"].integer, let id = Snowflake(json["id"].string) else {
        complaints.append("a channel that cannot be read in guild \(guild)")
        continue
      }
      guard Self.roomTypes.contains(type) else { continue }
      present.insert(id.text)
      take(
        json, id, Place(kind: .room, of: guild, high: id), since: known.channelsTime ?? known.since)
    }
    for (id, place) in memory.places.sorted(by: { $0.key < $1.key })
    where place.kind == .room && place.of == guild && !present.contains(id) {
      let absences = (place.absences ?? 0) + 1
      memory.places[id]?.absences = absences
      if absences >= Place.absencesMax { remove(id) }
    }
    memory.guilds[guild]?.channelsAt = memory.clock + 1
    memory.guilds[guild]?.channelsTime = now ?? known.channelsTime ?? 0
  }

  /// The active ones; an archived one comes back as soon as somebody writes there.
  mutating func takeThreads(of guild: String, _ list: [JSON]) {
    guard let known = memory.guilds[guild] else { return }
    var present: Set<String> = []
    for json in list {
      guard let type = json["type"].integer, let id = Snowflake(json["id"].string),
        let parent = json["parent_id"].string
      else {
        complaints.append("a thread that cannot be read in guild \(guild)")
        continue
      }
      // The threads of a forum stand in no room.
      guard Self.threadTypes.contains(type), memory.places[parent]?.kind == .room else { continue }
      present.insert(id.text)
      take(
        json, id, Place(kind: .thread, of: parent, high: id),
        since: known.threadsTime ?? known.since)
    }
    for (id, place) in memory.places
    where place.kind == .thread && memory.places[place.of]?.of == guild && !present.contains(id)
      && !place.isWaiting
    {
      memory.places[id] = nil
    }
    memory.guilds[guild]?.threadsAt = memory.clock + 1
    memory.guilds[guild]?.threadsTime = now ?? known.threadsTime ?? 0
  }

  /// - Parameter since: when it was certainly not known yet; nil at the baseline.
  private mutating func take(_ json: JSON, _ id: Snowflake, _ new: Place, since: Int64?) {
    let last = Snowflake(json["last_message_id"].string) ?? id
    var place = memory.places[id.text] ?? new
    if memory.places[id.text] == nil {
      let begin = since.map {
        max(id, Snowflake(milliseconds: $0 - Place.overlapMilliseconds))
      }
      place.high = begin ?? max(last, id)
      place.floor = place.high
    }
    place.absences = nil
    if last > place.high, last != place.passed { place.told = last }
    if place.kind == .room, place.isOurs == true || place.told != nil {
      place.name = json["name"].string.map { String($0.prefix(100)) }
    }
    memory.places[id.text] = place
  }

  private mutating func remove(_ id: String) {
    guard let place = memory.places.removeValue(forKey: id) else { return }
    memory.places = memory.places.filter { $0.value.kind != .thread || $0.value.of != id }
    guard place.isOurs == true else { return }
    messages.append(
      Message(
        id: "removed/\(id)/\(place.high.text)", room: Room(account: settings.account, id: id),
        sender: Identity(account: settings.account, user: me), senderKind: .bot, kind: .removed))
  }

  /// It cannot be read now.
  mutating func close(_ id: String, isGone: Bool) {
    if isGone, memory.places[id]?.kind != .room {
      memory.places[id] = nil
      return
    }
    memory.places[id]?.closedAt = memory.clock
    memory.places[id]?.isPaging = nil
    memory.places[id]?.readAt = memory.clock + 1
  }

  // MARK: - Direct chats

  /// No list tells of them, so those of people who speak with the bot are opened and read in turn.
  mutating func want(_ person: String) {
    let isKnown = memory.places.contains { $0.value.kind == .direct && $0.value.of == person }
    guard !isKnown, person != me, Discord.isID(person), !memory.wanted.contains(person),
      !memory.silent.contains(person), memory.wanted.count < Discord.Memory.wantedMax
    else { return }
    memory.wanted.append(person)
  }

  mutating func opened(_ id: String, with person: String, last: Snowflake?) {
    answered(person)
    guard memory.places[id] == nil else { return }
    // Somebody who got no answer there asks in the channel, and then both are for us.
    let recent = max(memory.bornAt ?? 0, (now ?? 0) - Self.directMilliseconds)
    var place = Place(kind: .direct, of: person, high: Snowflake(milliseconds: recent))
    place.floor = place.high
    place.busyAt = memory.clock
    if let last, last > place.high { place.told = last }
    memory.places[id] = place
    let directs = memory.places.filter { $0.value.kind == .direct }
    guard directs.count > Discord.Memory.directsMax else { return }
    let idle = directs.min { ($0.value.busyAt ?? 0, $0.key) < ($1.value.busyAt ?? 0, $1.key) }
    if let idle { memory.places[idle.key] = nil }
  }

  private static let directMilliseconds: Int64 = 600_000

  mutating func cannotOpen(_ person: String) {
    answered(person)
    memory.silent = memory.silent.suffix(49) + [person]
  }

  private mutating func answered(_ person: String) {
    memory.wanted.removeAll { $0 == person }
    memory.openedAt = memory.clock
  }
}
