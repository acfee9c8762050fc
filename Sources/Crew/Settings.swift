/// What a team has agreed on.
public struct Settings: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable {
    /// The bot was brought into a room, and a team began there.
    case founded(name: String, room: Room, zone: String, language: String)
    case renamed(String)
    case roomMoved(from: Room, to: Room)
    /// The bot is no longer in the room. The team is kept.
    case roomLost(Room)
    case roomFound(Room)
    /// A code was told by which another room can become one of this team's.
    case roomOffered(by: Person, code: String, until: Instant)
    /// One more room is the team's, on the same platform or another.
    case roomJoined(Room, name: String)
    /// The room is not the team's any more.
    case roomParted(Room)
    /// This team was one room's. The room is that team's now, and this one is no more.
    case dissolved(into: String)
    case zoneChosen(String)
    case languageChosen(String)
    case workdaysChosen([Weekday])
    case hoursChosen(from: TimeOfDay, until: TimeOfDay)
    /// A named switch, e.g. `kudos.top` on, or a number, e.g. `nudges` 5.
    case policyChosen(String, Int)
  }

  public private(set) var name = ""
  /// The rooms the team lives in; unprompted posts go to the first.
  public private(set) var rooms: [Room] = []
  public private(set) var lostRooms: [Room] = []
  /// Ids that the team's rooms had before: what was still written there belongs to it.
  public private(set) var formerRooms: [Room] = []
  public private(set) var zone = "UTC"
  public private(set) var language = "en"
  public private(set) var workdays: [Weekday] = [
    .monday, .tuesday, .wednesday, .thursday, .friday,
  ]
  /// Local hours in which the room may be spoken to unprompted.
  public private(set) var hoursFrom = TimeOfDay.nine
  public private(set) var hoursUntil = TimeOfDay.nine.adding(minutes: 9 * 60)
  private var policies: [String: Int] = [:]

  private var names: [RoomName] = []
  private var offers: [RoomOffer] = []

  /// What a room was called when it became the team's.
  private struct RoomName: Codable, Equatable {
    var room: Room
    var name: String
  }

  private struct RoomOffer: Codable, Equatable {
    var by: Person
    var code: String
    var until: Instant
  }

  /// The room that unprompted posts go to; nil while the bot is in none.
  public var home: Room? { openRooms.first }

  /// The rooms that the bot is in.
  public var openRooms: [Room] { rooms.filter { !lostRooms.contains($0) } }

  /// The first room bears the team's name.
  func name(of room: Room) -> String { names.first { $0.room == room }?.name ?? name }

  /// Who gave out the code by which a room may join now.
  func offer(_ code: String, at now: Instant) -> Person? {
    offers.first { $0.code == code && now < $0.until }?.by
  }

  /// The number chosen for a policy, or `usual`.
  public func policy(_ name: String, usual: Int) -> Int { policies[name] ?? usual }

  mutating func apply(_ event: Event) {
    switch event {
    case .founded(let name, let room, let zone, let language):
      self.name = name
      rooms = [room]
      self.zone = zone
      self.language = language
    case .renamed(let name): self.name = name
    case .roomMoved(let old, let new):
      rooms = rooms.map { $0 == old ? new : $0 }
      names = names.map { RoomName(room: $0.room == old ? new : $0.room, name: $0.name) }
      formerRooms = formerRooms.filter { $0 != old && $0 != new } + [old]
    case .roomLost(let room): lostRooms.append(room)
    case .roomFound(let room): lostRooms.removeAll { $0 == room }
    case .roomOffered, .roomJoined, .roomParted, .dissolved: applyRooms(event)
    case .zoneChosen(let zone): self.zone = zone
    case .languageChosen(let language): self.language = language
    case .workdaysChosen(let days): workdays = days
    case .hoursChosen(let from, let until): (hoursFrom, hoursUntil) = (from, until)
    case .policyChosen(let name, let number): policies[name] = number
    }
  }

  private mutating func applyRooms(_ event: Event) {
    switch event {
    case .roomOffered(let by, let code, let until):
      offers.removeAll { $0.by == by }
      offers.append(RoomOffer(by: by, code: code, until: until))
    case .roomJoined(let room, let name):
      rooms.append(room)
      names.append(RoomName(room: room, name: name))
      // A code counts once.
      offers = []
    case .roomParted(let room):
      rooms.removeAll { $0 == room }
      lostRooms.removeAll { $0 == room }
      names.removeAll { $0.room == room }
    default: break
    }
  }
}
