/// Goals: being built.
public struct Goals: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable { case none }

  mutating func apply(_ event: Event, at: Instant) {}
}

extension Goals {
  static let commands: [Command] = []
  static let reminders: [Reminder] = []
}
