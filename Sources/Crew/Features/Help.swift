/// Finding one's way: what can be typed, why a reminder came, and taking a change back.
enum Help {
  static let help = Command(
    "help", aliases: ["?", "start"], usage: "[topic]", example: "help task",
    summary: "What you can type."
  ) { (call: Call) throws(Refusal) -> Decision in
    let topic = call.arguments.firstWord
    guard !topic.isEmpty else { return Decision(say: [.discreet(overview())]) }
    if ["all", "全部"].contains(topic) {
      return Decision(say: [.discreet([topicsLine(everyTopic)])])
    }
    let found = call.words.find([topic])
    let name: String
    switch found {
    case .command(let path, _): name = String(path.prefix { $0 != " " })
    case .topic(let path): name = path
    case .several, .nothing: name = topic
    }
    let commands = Catalog.commands.filter { $0.topic == name }
    guard !commands.isEmpty else {
      throw call.wrong(
        Phrase(
          "help.unknown", "There is no help about “{topic}”.",
          ["topic": .text(Text.shortened(topic, to: 30))]))
    }
    return Decision(say: [.discreet(commands.flatMap { lines(for: $0, call) })])
  }

  /// What a team uses from its first day; the rest is behind `help all`.
  private static let firstTopics = ["task", "checkin", "role", "goal", "kudos", "away", "lang"]

  private static var everyTopic: [String] {
    Catalog.commands.map(\.topic).reduce(into: []) { topics, topic in
      if !topics.contains(topic), topic != "help" { topics.append(topic) }
    }
  }

  private static func overview() -> [Phrase] {
    [
      Phrase(
        "help.overview",
        "I keep check-ins, roles, tasks, goals and kudos, and ring when one goes quiet."),
      Phrase("help.try", "Try: `task add renew cert due fri` · `checkin` · `role list` · `goals`"),
      Phrase(
        "help.topics", "More: `help <topic>` about {topics}; every topic: `help all`",
        ["topics": .list(firstTopics.map { .text($0) })]),
    ]
  }

  private static func topicsLine(_ topics: [String]) -> Phrase {
    Phrase(
      "help.all", "`help <topic>` about {topics}",
      ["topics": .list(topics.map { .text($0) })])
  }

  private static func lines(for command: Command, _ call: Call) -> [Phrase] {
    let own = call.words.languages[call.language]?.commands[command.path]?.first
    let typed = (own ?? command.path) + (command.usage.isEmpty ? "" : " " + command.usage)
    return [
      Phrase(
        "help.line", "`{typed}` — {summary}",
        ["typed": .text(typed), "summary": .phrase(command.summary)])
    ]
  }

  static let why = Command(
    "why", usage: "[number]", example: "why 34",
    summary: "Which rule sent a reminder."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let ring =
      arguments.isEmpty
      ? call.team.bell.lastRing(for: call.sender.id)
      : arguments.takeNumber().flatMap { call.team.bell.ring($0) }
    // Somebody else's private reminder is nobody's business: the same answer as for none.
    guard let ring, ring.to == nil || ring.to == call.sender.id,
      let rule = Catalog.reminders.first(where: { $0.name == ring.rule })
    else { throw call.wrong(Phrase("why.unknown", "I know no such reminder.")) }
    let local = call.now.local(ring.at, in: call.zone)
    return Decision(say: [
      .reply(
        Phrase(
          "why.answer", "{when}: {rule}",
          ["when": .time(local.day, local.time), "rule": .phrase(rule.summary)]))
    ])
  }

  static let undo = Command(
    "undo", summary: "Take your last change back (10 minutes)."
  ) { (call: Call) throws(Refusal) -> Decision in
    guard let change = call.team.changes.last(by: call.sender.id, now: call.now.instant) else {
      throw Refusal(
        Phrase("undo.nothing", "Nothing of yours from the last 10 minutes to take back."))
    }
    if let other = call.team.changes.changedSince(change) {
      throw Refusal(
        Phrase(
          "undo.changed", "{person} has changed that since: I leave it as it is.",
          ["person": .person(other)]))
    }
    return Decision(
      change.undo + [.changes(.undone(id: change.id))],
      say: [
        .reply(Phrase("undo.done", "↶ Undone: {label}", ["label": .text(change.label)]))
      ])
  }
}
