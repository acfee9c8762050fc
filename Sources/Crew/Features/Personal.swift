/// Personal: being built.
enum Personal {
  static let commands: [Command] = []
  static let reminders: [Reminder] = []
}
