/// Roles: being built.
public struct Roles: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable { case none }

  mutating func apply(_ event: Event, at: Instant) {}
}

extension Roles {
  static let commands: [Command] = []
  static let reminders: [Reminder] = []
}
