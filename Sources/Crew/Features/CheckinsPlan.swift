extension Checkins {
  /// When a check-in is asked for, as local time: everybody is asked by their own clock.
  public struct Plan: Codable, Sendable, Equatable {
    public var name: String
    public var ask: TimeOfDay
    public var until: TimeOfDay
    /// Whose clock `until` means; nil: each person's own, so the last zone closes it.
    public var untilZone: String?
    /// Nil: each person's own working days.
    public var weekdays: [Weekday]?
    /// 1 for every week; counted from the week of `from`.
    public var everyWeeks: Int
    /// Not asked of those who answered within so many days; 0 for always asking.
    public var freshDays: Int
    /// The first day it can take place.
    public var from: Day
    /// The team's own questions; none for the usual done, doing, blocked.
    public var questions: [String]

    /// Asking later than this is pointless: it has closed, or half the day is gone.
    static let graceHours: Int64 = 6

    /// Whether the week and weekday are this plan's; holidays and leave are not looked at.
    func fits(_ day: Day) -> Bool {
      guard day >= from else { return false }
      if let weekdays, !weekdays.contains(day.weekday) { return false }
      let weeks = day.monday.days(since: from.monday) / 7
      return everyWeeks <= 1 || weeks.isMultiple(of: everyWeeks)
    }
  }
}

extension Team {
  /// Whether a check-in takes place for a person on a day of theirs.
  func takesPlace(_ plan: Checkins.Plan, on day: Day, for person: Person? = nil) -> Bool {
    guard plan.fits(day), !isHoliday(day) else { return false }
    // Weekdays that the team chose for it stand above those that people work on.
    if plan.weekdays == nil { return isWorkday(day, for: person) }
    return person.map { !isOff($0, on: day) } ?? true
  }

  /// Who is asked on that day: here, not away, not only watching, and not done already.
  func asked(_ plan: Checkins.Plan, on day: Day) -> [Person] {
    members.present.map(\.id).filter { person in
      checkins.part(of: person, in: plan.name) != .observer
        && takesPlace(plan, on: day, for: person) && !isFresh(plan, person, on: day)
    }
  }

  /// Those whose silence is mentioned.
  func expected(_ plan: Checkins.Plan, on day: Day) -> [Person] {
    asked(plan, on: day).filter { checkins.part(of: $0, in: plan.name) == .required }
  }

  /// Those whose silence on an opened day is mentioned: who came, or came back, since it was opened
  /// was not asked.
  func expected(_ plan: Checkins.Plan, _ occurrence: Checkins.Occurrence) -> [Person] {
    if occurrence.isClosed { return occurrence.expected }
    return expected(plan, on: occurrence.on).filter { occurrence.expected.contains($0) }
  }

  /// Those who would be asked if they were not away.
  func away(_ plan: Checkins.Plan, on day: Day) -> [Person] {
    members.present.map(\.id).filter { person in
      isAway(person, on: day) && checkins.part(of: person, in: plan.name) != .observer
        && plan.fits(day) && (plan.weekdays != nil || wouldWork(day, person))
    }
  }

  /// Answered so lately that asking again would be noise.
  private func isFresh(_ plan: Checkins.Plan, _ person: Person, on day: Day) -> Bool {
    guard plan.freshDays > 0 else { return false }
    return (1...plan.freshDays).contains { back in
      let answer = checkins.answer(plan.name, person, on: day.adding(days: -back))
      return answer != nil && answer?.skipped == nil
    }
  }

  func askInstant(_ plan: Checkins.Plan, on day: Day, in zone: String, _ now: Now) -> Instant {
    now.instant(of: day, plan.ask, in: zone)
  }

  /// When it is too late for a person in that zone: never before they were asked.
  func closeInstant(_ plan: Checkins.Plan, on day: Day, in zone: String, _ now: Now) -> Instant {
    let close = now.instant(of: day, plan.until, in: plan.untilZone ?? zone)
    return max(close, askInstant(plan, on: day, in: zone, now))
  }

  /// When the summary is due: the hour stated for all, or the latest zone's.
  func summaryInstant(_ plan: Checkins.Plan, on day: Day, _ now: Now) -> Instant {
    if let zone = plan.untilZone { return now.instant(of: day, plan.until, in: zone) }
    let zones = Set(asked(plan, on: day).map { zone(of: $0) })
    let closes = zones.map { closeInstant(plan, on: day, in: $0, now) }
    return closes.max() ?? now.instant(of: day, plan.until, in: settings.zone)
  }

  /// The first day from `day` on, at most half a year, on which it takes place for a person.
  func nextDay(_ plan: Checkins.Plan, from day: Day, for person: Person) -> Day? {
    (0..<190).map { day.adding(days: $0) }.first { candidate in
      takesPlace(plan, on: candidate, for: person)
    }
  }
}
