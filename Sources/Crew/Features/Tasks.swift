/// Tasks: being built.
public struct Tasks: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable { case none }

  mutating func apply(_ event: Event, at: Instant) {}
}

extension Tasks {
  static let commands: [Command] = []
  static let reminders: [Reminder] = []
}
