/// A limit or a switch that the team may set. A feature that reads one lists it here.
struct Policy: Sendable {
  /// What is typed, and what `Settings.policy` is asked for.
  let name: String
  /// What counts while nobody has chosen.
  let usual: Int
  let range: ClosedRange<Int>
  let summary: Phrase

  private init(_ name: String, usual: Int, _ range: ClosedRange<Int>, _ summary: Phrase) {
    self.name = name
    self.usual = usual
    self.range = range
    self.summary = summary
  }

  static let all = [
    Policy(
      "kudos.allowance", usual: Kudos.usualAllowance, 0...100,
      Phrase("policy.kudos.allowance", "how many a person can thank a day")),
    Policy(
      "kudos.cooldown", usual: Kudos.usualCooldownDays, 0...365,
      Phrase("policy.kudos.cooldown", "days before thanking the same person again")),
    Policy("kudos.top", usual: 0, 0...1, Phrase("policy.kudos.top", "whether there is a ranking")),
    Policy("nudges", usual: 5, 0...20, Phrase("policy.nudges", "reminders to one person a day")),
    Policy(
      "roles.review", usual: 12, 1...104,
      Phrase("policy.roles.review", "weeks between reviews of a role")),
    Policy(
      "goals.stale", usual: 10, 1...90,
      Phrase("policy.goals.stale", "working days until a goal counts as quiet")),
    Policy(
      "goals.offpace", usual: 20, 1...100,
      Phrase("policy.goals.offpace", "points behind its pace that are mentioned")),
  ]

  private var isSwitch: Bool { range == 0...1 }

  func shown(_ value: Int) -> Phrase {
    if isSwitch { return value == 1 ? Phrase("policy.on", "on") : Phrase("policy.off", "off") }
    return .verbatim(String(value))
  }

  func line(_ settings: Settings) -> Phrase {
    Phrase(
      "policy.line", "{name}: {value} — {summary}",
      [
        "name": .text(name), "summary": .phrase(summary),
        "value": .phrase(shown(settings.policy(name, usual: usual))),
      ])
  }

  func value(_ word: String, _ call: Call) throws(Refusal) -> Int {
    if ["on", "yes", "开", "开启"].contains(word), isSwitch { return 1 }
    if ["off", "no", "关", "关闭"].contains(word), range.contains(0) { return 0 }
    if let number = Int(word), range.contains(number) { return number }
    let allowed =
      isSwitch
      ? Phrase("policy.on.off", "on or off")
      : .verbatim("\(range.lowerBound)–\(range.upperBound)")
    throw Refusal(
      Phrase(
        "policy.range", "{name} can be {allowed}.",
        ["name": .text(name), "allowed": .phrase(allowed)]),
      example: "policy \(name) \(isSwitch ? "on" : String(usual))")
  }
}
