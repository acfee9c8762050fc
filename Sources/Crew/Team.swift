/// What happened in a team, in the past tense, with everything that was decided: replaying it needs
/// no clock, no zone, no chance. Written once it is a promise for years: add cases, change none.
public enum Event: Codable, Sendable, Equatable {
  case team(Settings.Event)
  case members(Members.Event)
  case bell(Bell.Event)
  case changes(Changes.Event)
  case calendar(Calendar.Event)
  case checkins(Checkins.Event)
  case roles(Roles.Event)
  case tasks(Tasks.Event)
  case goals(Goals.Event)
  case kudos(Kudos.Event)
  case digest(Digest.Event)
}

/// One team: what its events add up to.
public struct Team: Codable, Sendable, Equatable {
  /// Never changes and is never given again.
  public let id: String
  public var settings = Settings()
  public var members = Members()
  public var bell = Bell()
  public var changes = Changes()
  public var calendar = Calendar()
  public var checkins = Checkins()
  public var roles = Roles()
  public var tasks = Tasks()
  public var goals = Goals()
  public var kudos = Kudos()
  public var digest = Digest()

  public init(id: String) { self.id = id }

  /// - Parameter at: when it was decided.
  public mutating func apply(_ event: Event, at: Instant) {
    switch event {
    case .team(let event): settings.apply(event)
    case .members(let event):
      members.apply(event)
      roles.follow(event, members, at: at)
    case .bell(let event): bell.apply(event, at: at)
    case .changes(let event): changes.apply(event, at: at)
    case .calendar(let event): calendar.apply(event, at: at)
    case .checkins(let event): checkins.apply(event, at: at)
    case .roles(let event): roles.apply(event, at: at)
    case .tasks(let event): tasks.apply(event, at: at)
    case .goals(let event): goals.apply(event, at: at)
    case .kudos(let event): kudos.apply(event, at: at)
    case .digest(let event): digest.apply(event, at: at)
    }
  }

  public func zone(of person: Person) -> String { members[person]?.zone ?? settings.zone }

  public func language(of person: Person) -> String {
    members[person]?.language ?? settings.language
  }

  func speaker(_ words: Words, for person: Person?) -> Speaker {
    Speaker(
      words: words, language: person.map { language(of: $0) } ?? settings.language,
      members: members)
  }
}

/// Every command and every reminder there is. A new one is its feature's file, its tests and one
/// name here.
public enum Catalog {
  public static let commands: [Command] =
    [Help.help, Help.why, Help.undo]
    + Checkins.commands + Calendar.commands + Roles.commands + Tasks.commands + Goals.commands
    + Kudos.commands + Digest.commands + Snooze.commands + Personal.commands
    + Administration.commands + Rooms.commands

  /// What is recognised without a command's prefix; the first that answers wins.
  static let spoken: [Spoken] = [Kudos.spoken, Checkins.spoken]

  public static let reminders: [Reminder] =
    Checkins.reminders + Roles.reminders + Tasks.reminders + Goals.reminders + Digest.reminders
}
