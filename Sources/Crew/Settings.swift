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

  /// The room that unprompted posts go to; nil while the bot is in none.
  public var home: Room? { rooms.first { !lostRooms.contains($0) } }

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
      formerRooms = formerRooms.filter { $0 != old && $0 != new } + [old]
    case .roomLost(let room): lostRooms.append(room)
    case .roomFound(let room): lostRooms.removeAll { $0 == room }
    case .zoneChosen(let zone): self.zone = zone
    case .languageChosen(let language): self.language = language
    case .workdaysChosen(let days): workdays = days
    case .hoursChosen(let from, let until): (hoursFrom, hoursUntil) = (from, until)
    case .policyChosen(let name, let number): policies[name] = number
    }
  }
}
