/// Digest: being built.
enum Digest {
  static let commands: [Command] = []
  static let reminders: [Reminder] = []
}
