/// Calendar: being built.
public struct Calendar: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable { case none }

  mutating func apply(_ event: Event, at: Instant) {}
}

extension Calendar {
  static let commands: [Command] = []
  static let reminders: [Reminder] = []
}

extension Team {
  /// Whether the team, or one person of it, works on that day.
  public func isWorkday(_ day: Day, for person: Person? = nil) -> Bool {
    (person.flatMap { members[$0]?.workdays } ?? settings.workdays).contains(day.weekday)
  }
}
