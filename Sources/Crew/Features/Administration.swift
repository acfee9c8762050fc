/// Administration: being built.
enum Administration {
  static let commands: [Command] = []
  static let reminders: [Reminder] = []
}
