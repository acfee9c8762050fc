/// Checkins: being built.
public struct Checkins: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable { case none }

  mutating func apply(_ event: Event, at: Instant) {}
}

extension Checkins {
  static let commands: [Command] = []
  static let reminders: [Reminder] = []
}
