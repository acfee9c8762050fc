/// What managers look at once a week: first what needs them, each with the one command that settles
/// it, then how things went against the week before. Everything is counted from what the team
/// remembers, so the same events give the same digest.
public struct Digest: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable {
    case chosen(Person, Choice)
    /// A short one every working day as well, when something needs the person.
    case dailyChosen(Person, Bool)
    /// A one-time code went to an address that the person says is theirs.
    case mailboxAsked(Person, Identity, code: String, until: Instant)
    /// Digests go there from now on; nil for the chat.
    case mailboxChosen(Person, Identity?)
  }

  public enum Choice: String, Codable, Sendable { case on, off }

  private var off: [Person] = []
  private var daily: [Person] = []
  var mail = DigestMail()

  /// The weekly digest comes unless somebody does not want it.
  public func choice(of person: Person) -> Choice { off.contains(person) ? .off : .on }
  public func wantsDaily(_ person: Person) -> Bool { daily.contains(person) }

  mutating func apply(_ event: Event, at: Instant) {
    switch event {
    case .chosen(let person, let choice):
      off.removeAll { $0 == person }
      if choice == .off { off.append(person) }
    case .dailyChosen(let person, let isOn):
      daily.removeAll { $0 == person }
      if isOn { daily.append(person) }
    case .mailboxAsked, .mailboxChosen: mail.apply(event, at: at)
    }
  }
}

extension Digest {
  static let commands = [digest]
  static let reminders = [weekly, short, posted]
  static let graceHours: Int64 = 24

  static let digest = Command(
    "digest", usage: "[now|short|on|off|daily on|daily off|to <address>|to chat]",
    example: "digest short",
    summary: "What needs you, and how the week went."
  ) { (call: Call) throws(Refusal) -> Decision in
    guard call.sender.isManager else {
      throw Refusal(
        Phrase("digest.managers", "The digest is for managers of this team."),
        example: "report me last week", reason: "denied")
    }
    var arguments = call.arguments
    let view = DigestView(
      team: call.team, now: call.now, day: call.now.today(in: call.team.settings.zone))
    if arguments.isEmpty || arguments.take(anyOf: "now", "现在") {
      return Decision(say: [.discreet(view.whole)])
    }
    if arguments.take(anyOf: "short", "简短") { return Decision(say: [.discreet(view.short)]) }
    if arguments.take(anyOf: "to", "发到", "发给") { return try call.digestTo(arguments) }
    if arguments.take(anyOf: "code", "验证码") { return try call.digestCode(arguments) }
    let isDaily = arguments.take(anyOf: "daily", "每日", "每天")
    guard let isOn = Self.flag(arguments.firstWord) else {
      throw call.wrong(Phrase("digest.wrong", "Now, short, on or off?"))
    }
    return isDaily ? call.digestDaily(isOn) : call.digestWeekly(isOn)
  }

  private static func flag(_ word: String) -> Bool? {
    switch word {
    case "on", "开", "开启": true
    case "off", "关", "关闭": false
    default: nil
    }
  }

  static let weekly = Reminder("digest", summary: "The week's digest for managers.") { team, now in
    team.members.managers.compactMap { team.weeklyDigest(for: $0, now) }
  }

  static let short = Reminder(
    "digest.daily", summary: "The short digest of a working day, which you asked for."
  ) { team, now in
    team.members.managers.compactMap { team.dailyDigest(for: $0, now) }
  }

  static let posted = Reminder(
    "digest.posted", summary: "The week's digest, where the operator has it posted."
  ) { team, now in
    team.postedDigest(now).map { [$0] } ?? []
  }
}

extension Call {
  fileprivate func digestWeekly(_ isOn: Bool) -> Decision {
    let former = team.digest.choice(of: sender.id)
    let line =
      isOn
      ? Phrase("digest.on", "✓ Your digest comes on the first working day of a week, 09:00.")
      : Phrase("digest.off", "✓ No more weekly digests for you.  Ask for one: `digest`")
    return Decision(
      [.digest(.chosen(sender.id, isOn ? .on : .off))], say: [.reply(line)],
      undo: Undoable("digest/\(sender.id.number)", [.digest(.chosen(sender.id, former))]))
  }

  fileprivate func digestDaily(_ isOn: Bool) -> Decision {
    let former = team.digest.wantsDaily(sender.id)
    let line =
      isOn
      ? Phrase("digest.daily.on", "✓ On days when something needs you, I say so at 09:00.")
      : Phrase("digest.daily.off", "✓ No more daily digests for you.")
    return Decision(
      [.digest(.dailyChosen(sender.id, isOn))], say: [.reply(line)],
      undo: Undoable("digest/\(sender.id.number)", [.digest(.dailyChosen(sender.id, former))]))
  }
}

extension Team {
  /// The first day of that week on which a person works.
  func firstWorkday(ofWeek monday: Day, for person: Person) -> Day? {
    (0..<7).map { monday.adding(days: $0) }.first { isWorkday($0, for: person) }
  }

  /// At 09:00 on the manager's first working day of the week, about the week before.
  fileprivate func weeklyDigest(for manager: Member, _ now: Now) -> Nudge? {
    let zone = zone(of: manager.id)
    let monday = now.today(in: zone).monday
    let slot = "\(monday)/\(manager.id.number)"
    guard digest.choice(of: manager.id) == .on, !bell.isDecided("digest/\(slot)"),
      let day = firstWorkday(ofWeek: monday, for: manager.id)
    else { return nil }
    let dueAt = now.instant(of: day, .nine, in: zone)
    let view = DigestView(team: self, now: now, day: day, weekOf: monday.adding(days: -7))
    guard dueAt <= now.instant, view.hasHistory else { return nil }
    return Nudge(
      slot: slot, to: .person(manager.id), form: .whole, view.weekly(for: manager.id),
      dueAt: dueAt, graceHours: Digest.graceHours, isDigest: true)
  }

  /// At 09:00 of the team's first working day of the week, about the week before.
  fileprivate func postedDigest(_ now: Now) -> Nudge? {
    let zone = settings.zone
    let monday = now.today(in: zone).monday
    guard !bell.isDecided("digest.posted/\(monday)"),
      let day = (0..<7).map({ monday.adding(days: $0) }).first(where: { isWorkday($0) })
    else { return nil }
    let dueAt = now.instant(of: day, .nine, in: zone)
    let view = DigestView(team: self, now: now, day: day, weekOf: monday.adding(days: -7))
    guard dueAt <= now.instant, view.hasHistory else { return nil }
    return Nudge(
      slot: "\(monday)", to: .places, form: .whole, view.whole, dueAt: dueAt,
      graceHours: Digest.graceHours, isDigest: true)
  }

  /// Only when something needs the manager, and not on the day of the weekly one.
  fileprivate func dailyDigest(for manager: Member, _ now: Now) -> Nudge? {
    guard digest.wantsDaily(manager.id) else { return nil }
    let zone = zone(of: manager.id)
    let day = now.today(in: zone)
    let slot = "\(day)/\(manager.id.number)"
    let dueAt = now.instant(of: day, .nine, in: zone)
    guard dueAt <= now.instant, !bell.isDecided("digest.daily/\(slot)"),
      isWorkday(day, for: manager.id),
      digest.choice(of: manager.id) == .off
        || day != firstWorkday(ofWeek: day.monday, for: manager.id)
    else { return nil }
    let view = DigestView(team: self, now: now, day: day)
    guard !view.needs.isEmpty else { return nil }
    return Nudge(
      slot: slot, to: .person(manager.id), form: .whole,
      view.short + [Phrase("digest.daily.foot", "off: `digest daily off`")], dueAt: dueAt,
      graceHours: Digest.graceHours, isDigest: true)
  }
}
