/// A digest about a span of days, as seen on one day: a pure function of the team.
struct DigestView {
  let team: Team
  let now: Now
  /// The day on which it is read; what needs somebody is as of this day.
  let day: Day
  /// The days it counts, both included; the seven before them are "was".
  let from: Day
  let to: Day
  /// The ISO week it is about; nil for the last seven days.
  let week: Int?

  /// About a whole week.
  init(team: Team, now: Now, day: Day, weekOf monday: Day) {
    (self.team, self.now, self.day) = (team, now, day)
    (from, to) = (monday, monday.adding(days: 6))
    week = monday.isoWeek
  }

  /// About the last seven days, `day` included.
  init(team: Team, now: Now, day: Day) {
    (self.team, self.now, self.day) = (team, now, day)
    (from, to) = (day.adding(days: -6), day)
    week = nil
  }

  private var fromBefore: Day { from.adding(days: -7) }
  private var toBefore: Day { to.adding(days: -7) }

  /// Whether there was anything to report on at the end of the span. Everything stands in the order
  /// in which it came, so the first of each tell it: a new team is asked at every look.
  var hasHistory: Bool {
    team.goals.list.prefix(64).contains { $0.startsOn <= to }
      || team.tasks.first.contains { $0.addedOn <= to }
      || team.roles.list.prefix(64).contains { $0.history.first.map { $0.on <= to } ?? false }
      || team.kudos.given.prefix(64).contains { $0.on <= to }
      || team.checkins.past.prefix(64).contains { $0.on <= to }
  }

  /// Everything, for the asking.
  var whole: [Phrase] {
    guard !(needs.isEmpty && goals.isEmpty && work.isEmpty && roles.isEmpty) else {
      return [nothing]
    }
    return [head] + needsLines + goals + work + roles + checkins + people + rules
  }

  /// Everything, with when the next one comes.
  func weekly(for person: Person) -> [Phrase] {
    let monday = day.monday.adding(days: 7)
    let next = team.firstWorkday(ofWeek: monday, for: person) ?? monday
    return whole + [
      Phrase(
        "digest.next", "Next: {next} · shorter: `digest short` · off: `digest off`",
        ["next": .time(next, .nine)])
    ]
  }

  /// Only what needs somebody.
  var short: [Phrase] { needs.isEmpty ? [nothing] : needsLines }

  private var title: [String: Phrase.Value] {
    var values: [String: Phrase.Value] = [
      "team": .text(team.settings.name), "from": .day(from), "to": .day(to),
      "members": .number(team.members.present.count),
      "away": .number(team.awayPeople(on: day).count),
    ]
    if let week { values["week"] = .number(week) }
    return values
  }

  private var nothing: Phrase {
    Phrase("digest.nothing", "{team}: nothing needs you.", title)
  }

  private var head: Phrase {
    week == nil
      ? Phrase(
        "digest.head.days", "{team} — {from} – {to} · {members} members, {away} away", title)
      : Phrase(
        "digest.head",
        "{team} — week {week} ({from} – {to}) · {members} members, {away} away", title)
  }

  private var needsLines: [Phrase] {
    guard !needs.isEmpty else { return [Phrase("digest.needs.none", "Nothing needs you.")] }
    let head = Phrase("digest.needs", "NEEDS YOU ({count})", ["count": .number(needs.count)])
    let lines = needs.enumerated().map { number, need in
      Phrase(
        "digest.need", " {number} {what} → {how}",
        ["number": .number(number + 1), "what": .phrase(need.what), "how": .phrase(need.how)])
    }
    return [head] + Team.folded(lines)
  }
}

// GOALS: where each is, where it should be, and how it came there.
extension DigestView {
  /// A telephone shows some 38 letters of equal width in a line.
  static let titleColumns = 13
  static let goalsMax = 8

  var goals: [Phrase] {
    let open = team.goals.open
    guard !open.isEmpty else { return [] }
    let head: [Phrase.Value] = [
      ("title", "GOALS"), ("now", "now"), ("expected", "exp."), ("confidence", "conf."),
      ("trend", "6 wk"),
    ].map { .phrase(Phrase("digest.goals.\($0)", $1)) }
    let rows = open.prefix(Self.goalsMax).map { goal -> [Phrase.Value] in
      let expected = goal.expected(on: day).map { "\($0)%" } ?? "–"
      return [
        .text(Columns.cut("g\(goal.id) \(goal.title)", to: Self.titleColumns)),
        .text("\(goal.progress)%"), .text(expected),
        goal.confidence.map { .phrase($0.phrase) } ?? .text(""), .text(goal.trend(until: day)),
      ]
    }
    var lines = [Phrase("digest.table", "{table}", ["table": .table([head] + rows)])]
    if open.count > Self.goalsMax {
      lines.append(
        Phrase("list.more", "+ {count} more", ["count": .number(open.count - Self.goalsMax)]))
    }
    let late = open.filter { team.isOffPace($0, on: day) }
    guard !late.isEmpty else { return lines }
    let list = late.map { goal in
      Phrase.Value.phrase(
        Phrase(
          "digest.offpace.by", "g{id} by {points}",
          ["id": .number(goal.id), "points": .number(goal.behind(on: day))]))
    }
    return lines + [
      Phrase("digest.offpace", " off pace (points): {goals}", ["goals": .list(list)])
    ]
  }
}

// WORK, ROLES, CHECK-INS, PEOPLE and the rules, each against the week before.
extension DigestView {
  var work: [Phrase] {
    guard !team.tasks.isEmpty else { return [] }
    let tasks = team.tasks
    var lines = [
      Phrase(
        "digest.work",
        "WORK  opened {opened} (was {openedBefore}) · done {done} (was {doneBefore}) · "
          + "overdue {overdue} (was {overdueBefore}) · unowned {unowned} (was {unownedBefore})",
        [
          "opened": .number(tasks.opened(from: from, to: to)),
          "openedBefore": .number(tasks.opened(from: fromBefore, to: toBefore)),
          "done": .number(tasks.done(from: from, to: to)),
          "doneBefore": .number(tasks.done(from: fromBefore, to: toBefore)),
          "overdue": .number(tasks.overdue(on: to).count),
          "overdueBefore": .number(tasks.overdue(on: toBefore).count),
          "unowned": .number(tasks.unowned(on: to).count),
          "unownedBefore": .number(tasks.unowned(on: toBefore).count),
        ])
    ]
    var more: [Phrase] = []
    if let seconds = tasks.medianSecondsToOwner(from: from, to: to) {
      var values = ["time": Phrase.Value.phrase(Self.duration(seconds))]
      if let before = tasks.medianSecondsToOwner(from: fromBefore, to: toBefore) {
        values["before"] = .phrase(Self.duration(before))
      }
      more.append(
        values["before"] == nil
          ? Phrase("digest.median", "median time to owner {time}", values)
          : Phrase("digest.median.was", "median time to owner {time} (was {before})", values))
    }
    if let oldest = tasks.oldestOpen {
      more.append(
        .counted(
          "digest.oldest", day.days(since: oldest.addedOn),
          one: "oldest open #{id}, {count} day", many: "oldest open #{id}, {count} days",
          ["id": .number(oldest.id)]))
    }
    if !more.isEmpty { lines.append(.joined([.verbatim(" "), .dotted(more)])) }
    return lines
  }

  /// `35min`, `5h`, `3d`.
  static func duration(_ seconds: Int64) -> Phrase {
    let minutes = Int(seconds / 60)
    func phrase(_ key: String, _ english: String, _ count: Int) -> Phrase {
      Phrase("digest.time.\(key)", english, ["count": .number(count)])
    }
    if minutes < 90 { return phrase("minutes", "{count}min", minutes) }
    if minutes < 48 * 60 { return phrase("hours", "{count}h", (minutes + 30) / 60) }
    return phrase("days", "{count}d", (minutes + 12 * 60) / (24 * 60))
  }

  var roles: [Phrase] {
    let roles = team.roles.list
    guard !roles.isEmpty else { return [] }
    var parts = [
      Phrase(
        "digest.roles", "ROLES  {filled} of {all} filled",
        ["filled": .number(roles.count { !$0.isShort }), "all": .number(roles.count)])
    ]
    let handed = team.roles.handovers(from: from, to: to)
    if handed > 0 {
      parts.append(
        .counted(
          "digest.handovers", handed, one: "{count} handover done",
          many: "{count} handovers done"))
    }
    let review = team.rolesToReview(on: day)
    if !review.isEmpty {
      parts.append(
        Phrase(
          "digest.review", "due for review: {roles}",
          ["roles": .list(review.prefix(5).map(\.title))]))
    }
    return [.dotted(parts)]
  }

  var checkins: [Phrase] {
    let was = team.checkins.participation(from: fromBefore, to: toBefore)
    let held = team.checkins.participation(from: from, to: to)
    let open = team.checkins.blockers.open.count
    guard held.expected + was.expected > 0 || open > 0 else { return [] }
    let blockers = Phrase.counted(
      "digest.blockers", open, one: "{count} open blocker", many: "{count} open blockers")
    guard held.expected > 0 else {
      return [Phrase("digest.checkins.none", "CHECK-INS  {open}", ["open": .phrase(blockers)])]
    }
    var values: [String: Phrase.Value] = [
      "answered": .number(held.answered), "expected": .number(held.expected),
      "open": .phrase(blockers), "answeredBefore": .number(was.answered),
      "expectedBefore": .number(was.expected),
    ]
    let before =
      was.expected > 0
      ? Phrase("digest.checkins.was", " (was {answeredBefore} of {expectedBefore})", values)
      : .verbatim("")
    values["before"] = .phrase(before)
    return [
      Phrase(
        "digest.checkins", "CHECK-INS  {answered} of {expected} expected{before} · {open}", values)
    ]
  }

  /// How much was said, never who was thanked most.
  var people: [Phrase] {
    func thanks(_ from: Day, _ to: Day) -> [Kudos.Thanks] {
      team.kudos.given.filter { from <= $0.on && $0.on <= to }
    }
    let given = thanks(from, to)
    let before = thanks(fromBefore, toBefore)
    guard !given.isEmpty || !before.isEmpty else { return [] }
    return [
      Phrase.counted(
        "digest.people", Set(given.map(\.from)).count,
        one: "PEOPLE  kudos {kudos} from {count} giver (was {before})",
        many: "PEOPLE  kudos {kudos} from {count} givers (was {before})",
        ["kudos": .number(given.count), "before": .number(before.count)])
    ]
  }

  var rules: [Phrase] {
    let zone = team.settings.zone
    let start = now.instant(of: from, .midnight, in: zone)
    let end = now.instant(of: to.adding(days: 1), .midnight, in: zone)
    let sent = team.bell.rings(since: start).count {
      $0.at < end && !["digest", "digest.posted"].contains($0.rule)
    }
    let expired = team.bell.expired(from: start, to: end)
    var parts = [
      Phrase.counted(
        "digest.rules", sent, one: "CHANGED BY RULES  {count} reminder sent",
        many: "CHANGED BY RULES  {count} reminders sent")
    ]
    if expired > 0 {
      parts.append(
        Phrase("digest.expired", "{count} too late to say", ["count": .number(expired)]))
    }
    let snoozed = team.bell.snoozedCount(on: day)
    if snoozed > 0 {
      parts.append(Phrase("digest.snoozed", "{count} snoozed", ["count": .number(snoozed)]))
    }
    parts.append(Phrase("digest.why", "why: `why`"))
    return [.dotted(parts)]
  }
}
