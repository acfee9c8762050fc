/// A date or a time as people write it in a chat: `fri`, `tomorrow at 9`, `5 Dec`, `下周五下午3点`.
///
/// What it means:
/// - A weekday is the next one after today; today itself is only `today`.
/// - `next fri` (下周五) is the Friday of next week, weeks beginning on Monday; `this fri` (本周五)
///   that of this week. `next week` is its Monday.
/// - A date without a year is the next such date, today included.
/// - A time alone is its next occurrence, today or tomorrow.
/// - A full date, `today 8:00` and the like are taken as written even if past: see `isPast`.
/// - `2h` and `30min` are elapsed time, so a clock change does not move them.
/// - `morning` is 09:00, `noon` 12:00, `afternoon` 15:00, `evening` and `tonight` 18:00.
///
/// Nothing is guessed: `05/06`, or five o'clock without a half of the day, is refused with a hint.
public enum When: Sendable, Equatable {
  case day(Day)
  case time(Day, TimeOfDay)
  case instant(Instant)
}

extension When {
  /// The longest date or time that the words begin with, and how many words it took; nil when they
  /// begin with none.
  /// - Parameter words: folded (`Arguments.foldedWords`).
  /// - Throws: a refusal with a hint for a date that does not exist or has two meanings.
  public static func read(
    _ words: [String], now: Now, zone: String
  ) throws(Refusal) -> (when: When, count: Int)? {
    var reader = WhenReader(words, now: now, zone: zone)
    guard let when = try reader.whole(), let count = reader.wordCount else { return nil }
    return (when, count)
  }

  /// The days, both included, that the words begin with: `mon-wed`, `until fri`, `25-27 nov`,
  /// `3 days` (today is the first), `next week`, `周一到周三`; one day alone is from and to.
  public static func range(
    _ words: [String], now: Now, zone: String
  ) throws(Refusal) -> (from: Day, to: Day, count: Int)? {
    var reader = WhenReader(words, now: now, zone: zone)
    guard let (from, to) = try reader.span(), let count = reader.wordCount else { return nil }
    guard from <= to else {
      throw Refusal(
        Phrase(
          "when.backwards", "{to} is before {from}.", ["from": .day(from), "to": .day(to)]))
    }
    return (from, to, count)
  }

  /// The local date it falls on.
  public func day(_ now: Now, in zone: String) -> Day {
    switch self {
    case .day(let day), .time(let day, _): day
    case .instant(let instant): now.local(instant, in: zone).day
    }
  }

  /// The moment it names; for a day without a time, when the wall shows `time`.
  public func instant(_ now: Now, in zone: String, at time: TimeOfDay = .midnight) -> Instant {
    switch self {
    case .day(let day): now.instant(of: day, time, in: zone)
    case .time(let day, let time): now.instant(of: day, time, in: zone)
    case .instant(let instant): instant
    }
  }

  /// A day before today, or a moment before now.
  public func isPast(_ now: Now, in zone: String) -> Bool {
    if case .day(let day) = self { return day < now.today(in: zone) }
    return instant(now, in: zone) < now.instant
  }

  /// As it is repeated to whoever wrote it: date, weekday, time and the zone they count in.
  public func phrase(_ now: Now, in zone: String) -> Phrase {
    let when: Phrase.Value
    switch self {
    case .day(let day): when = .day(day)
    case .time(let day, let time): when = .time(day, time)
    case .instant(let instant):
      let local = now.local(instant, in: zone)
      when = .time(local.day, local.time)
    }
    let words = Phrase("when.zone", "{when} ({zone})", ["when": when, "zone": .text(zone)])
    if case .day = self { return words }
    return .moment(words, instant(now, in: zone), now, in: zone)
  }
}

extension Call {
  /// The date that the next arguments name, taken from `arguments`.
  /// - Throws: a refusal that shows this command's example when they name none, and the reader's
  ///   own for one that is impossible or has two meanings.
  public func when(_ arguments: inout Arguments) throws(Refusal) -> When {
    guard let found = try When.read(arguments.foldedWords, now: now, zone: zone) else {
      throw wrong(Self.noDate(arguments))
    }
    arguments.drop(found.count)
    return found.when
  }

  /// The days, both included, that the next arguments name, taken from `arguments`.
  public func days(_ arguments: inout Arguments) throws(Refusal) -> (from: Day, to: Day) {
    guard let found = try When.range(arguments.foldedWords, now: now, zone: zone) else {
      throw wrong(Self.noDate(arguments))
    }
    arguments.drop(found.count)
    return (found.from, found.to)
  }

  private static func noDate(_ arguments: Arguments) -> Phrase {
    if arguments.isEmpty { return Phrase("when.missing", "When?") }
    return Phrase(
      "when.unknown", "I don't read “{text}” as a date.",
      ["text": .text(Text.shortened(arguments.text, to: 30))])
  }
}
