extension Discord.Memory {
  typealias Errand = Discord.Errand
  typealias Place = Discord.Place

  /// In turns, of a second where nothing waits: how often lists are read, how long a place counts
  /// as busy, how long one that is closed to us is left alone.
  static let listTurns = 5
  static let guildsTurns = 60
  static let busyTurns = 600
  static let openTurns = 5
  static let closedTurns = 3600

  /// Decides what is asked next.
  /// - Returns: in how many seconds.
  mutating func choose(now: Int64?) -> Double {
    clock += 1
    if bornAt == nil, me != nil, firstLists == nil { bornAt = now ?? 0 }
    for wish in wishes {
      if limits.rest(of: wish.errand, now: now) <= Int64(wish.waitSeconds * 1000) {
        errand = wish.errand
        return wish.waitSeconds
      }
    }
    // Every limit is used up: whatever is free first.
    let first = wishes.map { ($0.errand, limits.rest(of: $0.errand, now: now)) }
      .min { $0.1 < $1.1 }
    guard let (errand, rest) = first else { return Discord.pauseSeconds }
    self.errand = errand
    return Double(rest) / 1000
  }

  private struct Wish {
    var errand: Errand
    var waitSeconds: Double
  }

  /// What could be asked, the best first.
  private var wishes: [Wish] {
    guard me != nil else { return [Wish(errand: .whoami, waitSeconds: 0)] }
    if let first = firstLists { return [Wish(errand: first, waitSeconds: Discord.quickSeconds)] }
    let quick = waiting + opening
    let turn = rotation(in: quick.isEmpty ? Discord.pauseSeconds : Discord.quickSeconds)
    // Every fourth turn goes round, so that a flood in some channels hides no other: an odd one,
    // because the even ones belong to where the flood is.
    return clock % 4 == 1 ? turn + quick : quick + turn
  }

  /// A guild that has not been looked at, and the list of guilds that was not read to its end.
  private var firstLists: Errand? {
    if guildsTime == nil { return .guilds(after: Discord.Snowflake(0)) }
    for id in guilds.keys.sorted() {
      if guilds[id]?.channelsTime == nil { return .channels(guild: id) }
      if guilds[id]?.threadsTime == nil { return .threads(guild: id) }
    }
    return nil
  }

  private func isOpen(_ place: Place) -> Bool {
    place.closedAt.map { clock - $0 >= Self.closedTurns } ?? true
  }

  private func read(_ id: String, _ place: Place, in seconds: Double) -> Wish {
    Wish(errand: .messages(in: id, after: place.after), waitSeconds: seconds)
  }

  /// Where something is known to be new; who has waited longest comes first.
  private var waiting: [Wish] {
    places.filter { $0.value.isWaiting && isOpen($0.value) }
      .sorted { ($0.value.readAt ?? -1, $0.key) < ($1.value.readAt ?? -1, $1.key) }
      .map { read($0.key, $0.value, in: Discord.quickSeconds) }
  }

  private var opening: [Wish] {
    guard let person = wanted.first, clock - openedAt >= Self.openTurns else { return [] }
    return [Wish(errand: .open(person: person), waitSeconds: Discord.quickSeconds)]
  }

  /// Ours in turn, and the lists that are due. Every second turn belongs to where something was
  /// written lately.
  private func rotation(in seconds: Double) -> [Wish] {
    let ours = places.filter { isOurs($0.key) && isOpen($0.value) }
    let busy = ours.filter { place in place.value.busyAt.map { clock - $0 < Self.busyTurns } == true
    }
    var turns = (clock.isMultiple(of: 2) && !busy.isEmpty ? busy : ours).map {
      (at: $0.value.readAt ?? -1, name: $0.key, errand: read($0.key, $0.value, in: 0).errand)
    }
    if !clock.isMultiple(of: 2) || busy.isEmpty { turns += lists(isDue: true) }
    if turns.isEmpty { turns = lists(isDue: false) }
    return turns.sorted { ($0.at, $0.name) < ($1.at, $1.name) }
      .map { Wish(errand: $0.errand, waitSeconds: seconds) }
  }

  private func lists(isDue: Bool) -> [(at: Int, name: String, errand: Errand)] {
    var lists: [(at: Int, name: String, errand: Errand)] = []
    for (id, guild) in guilds {
      lists.append((guild.channelsAt, id, .channels(guild: id)))
      lists.append((guild.threadsAt, id + "t", .threads(guild: id)))
    }
    if isDue { lists.removeAll { clock - $0.at < Self.listTurns } }
    if !isDue || clock - guildsAt >= Self.guildsTurns {
      lists.append((guildsAt, "", .guilds(after: Discord.Snowflake(0))))
    }
    return lists
  }
}
