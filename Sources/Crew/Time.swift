/// A moment, in milliseconds since 1970-01-01 UTC. Where it comes from is nobody's business here.
public struct Instant: Codable, Sendable, Hashable, Comparable {
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }
  /// Seconds that somebody outside made up may be any number: the end of time is near enough.
  public init(seconds: Int64) {
    let (product, isTooMuch) = seconds.multipliedReportingOverflow(by: 1000)
    milliseconds = isTooMuch ? (seconds < 0 ? .min : .max) : product
  }

  public init(from decoder: any Decoder) throws {
    milliseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(milliseconds)
  }

  /// Whole seconds, rounded down.
  public var seconds: Int64 { milliseconds.flooredQuotient(by: 1000) }
  public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }
  public func adding(seconds: Int64) -> Instant {
    Instant(milliseconds: milliseconds &+ seconds &* 1000)
  }
  public func adding(minutes: Int64) -> Instant { adding(seconds: minutes * 60) }
  public func adding(hours: Int64) -> Instant { adding(seconds: hours * 3600) }
  public func seconds(since other: Instant) -> Int64 {
    let (difference, isTooMuch) = milliseconds.subtractingReportingOverflow(other.milliseconds)
    let capped = isTooMuch ? (milliseconds < 0 ? Int64.min : .max) : difference
    return capped.flooredQuotient(by: 1000)
  }
}

extension FixedWidthInteger {
  func flooredQuotient(by divisor: Self) -> Self {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
  func flooredRemainder(by divisor: Self) -> Self { self - flooredQuotient(by: divisor) * divisor }
}

public enum Weekday: Int, Codable, Sendable, CaseIterable, Comparable {
  case monday = 1, tuesday, wednesday, thursday, friday, saturday, sunday

  public static func < (a: Weekday, b: Weekday) -> Bool { a.rawValue < b.rawValue }
}

/// A date of the Gregorian calendar, without a zone. Written and stored as `2026-11-23`.
public struct Day: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01.
  public let number: Int

  public init(number: Int) { self.number = number }

  /// Nil for a date that does not exist, such as 31 April.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else {
      return nil
    }
    self.init(number: Self.count(year: year, month: month, day: day))
    guard self.day == day else { return nil }
  }

  /// Byte by byte, because a long history has hundreds of thousands of them.
  public init?(_ text: String) {
    var numbers = (year: 0, month: 0, day: 0)
    var place = 0
    for byte in text.utf8 {
      switch place {
      case 4, 7: guard byte == UInt8(ascii: "-") else { return nil }
      default:
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte), place < 10 else { return nil }
        let digit = Int(byte - UInt8(ascii: "0"))
        switch place {
        case ..<4: numbers.year = numbers.year * 10 + digit
        case ..<7: numbers.month = numbers.month * 10 + digit
        default: numbers.day = numbers.day * 10 + digit
        }
      }
      place += 1
    }
    guard place == 10 else { return nil }
    self.init(year: numbers.year, month: numbers.month, day: numbers.day)
  }

  // Days from civil and back, after Howard Hinnant's public-domain note "chrono-Compatible
  // Low-Level Date Algorithms": a year begins in March, so the leap day is its last.
  private static func count(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = year.flooredQuotient(by: 400)
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private var civil: (year: Int, month: Int, day: Int) {
    let shifted = number + 719_468
    let era = shifted.flooredQuotient(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  public var year: Int { civil.year }
  public var month: Int { civil.month }
  public var day: Int { civil.day }
  public var weekday: Weekday {
    Weekday(rawValue: (number + 3).flooredRemainder(by: 7) + 1) ?? .monday
  }
  public static func < (a: Day, b: Day) -> Bool { a.number < b.number }
  public func adding(days: Int) -> Day { Day(number: number + days) }
  public func days(since other: Day) -> Int { number - other.number }
  /// The Monday of this day's week.
  public var monday: Day { adding(days: 1 - weekday.rawValue) }
  public var endOfMonth: Day {
    var last = self
    while last.adding(days: 1).month == month { last = last.adding(days: 1) }
    return last
  }

  /// Week number after ISO 8601: the week belongs to the year that holds its Thursday.
  public var isoWeek: Int {
    let thursday = monday.adding(days: 3)
    let first = Day(number: Self.count(year: thursday.year, month: 1, day: 1))
    return thursday.days(since: first) / 7 + 1
  }
}

extension Day: Codable, CustomStringConvertible {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let day = Day(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a date")
    }
    self = day
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  public var description: String {
    "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}

/// A time on the clock on the wall, in minutes since midnight. Written and stored as `09:30`.
public struct TimeOfDay: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  public let minutes: Int

  public init?(hour: Int, minute: Int) {
    guard (0...23).contains(hour), (0...59).contains(minute) else { return nil }
    minutes = hour * 60 + minute
  }

  private init(minutes: Int) { self.minutes = minutes }
  public static let midnight = TimeOfDay(minutes: 0)
  public static let nine = TimeOfDay(minutes: 9 * 60)

  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
      let hour = Int(parts[0]), let minute = Int(parts[1])
    else { return nil }
    self.init(hour: hour, minute: minute)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let time = TimeOfDay(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time")
    }
    self = time
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  public var description: String { "\(padded(minutes / 60, 2)):\(padded(minutes % 60, 2))" }
  public static func < (a: TimeOfDay, b: TimeOfDay) -> Bool { a.minutes < b.minutes }

  /// Later the same day; 23:59 is the end.
  public func adding(minutes more: Int) -> TimeOfDay {
    TimeOfDay(minutes: Swift.min(minutes + more, 24 * 60 - 1))
  }
}

func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}

/// What is known of time zones, handed in from outside: Foundation's data in the daemon.
public protocol Zones: Sendable {
  /// Seconds east of UTC at that instant; nil for a zone that does not exist.
  func offsetSeconds(of zone: String, at instant: Instant) -> Int?
  /// The zone whose name this is in any letter case, or whose city it is (`berlin`).
  func named(_ text: String) -> String?
}

/// The present, as a value. Nothing in this module reads a clock.
public struct Now: Sendable {
  public var instant: Instant
  public var zones: any Zones

  public init(_ instant: Instant, zones: any Zones) {
    self.instant = instant
    self.zones = zones
  }

  /// The wall clock of `zone`. A zone that is unknown (removed from the data) reads as UTC.
  public func local(in zone: String) -> LocalTime { local(instant, in: zone) }

  public func local(_ instant: Instant, in zone: String) -> LocalTime {
    LocalTime(
      secondsOnWall: instant.seconds + Int64(zones.offsetSeconds(of: zone, at: instant) ?? 0))
  }

  public func today(in zone: String) -> Day { local(in: zone).day }

  /// When the wall clock of `zone` shows that day and time. A time that a clock change skips is
  /// the first instant after the gap; one that comes twice is the first of the two.
  public func instant(of day: Day, _ time: TimeOfDay, in zone: String) -> Instant {
    let wall = Int64(day.number) * 86_400 + Int64(time.minutes) * 60
    func offset(_ seconds: Int64) -> Int64 {
      Int64(zones.offsetSeconds(of: zone, at: Instant(seconds: seconds)) ?? 0)
    }
    // No zone is further than 26 h from its neighbour's day, so both sides of any change that
    // can matter are seen from here.
    let before = offset(wall - 26 * 3600)
    let after = offset(wall + 26 * 3600)
    let candidates = [before, after, offset(wall - before), offset(wall - after)]
      .map { wall - $0 }.filter { $0 + offset($0) == wall }
    if let first = candidates.min() { return Instant(seconds: first) }
    return Instant(seconds: firstAfterGap(wall: wall, offset: offset))
  }

  /// The change itself, found by halving: before it the wall shows less than `wall`, after it more.
  private func firstAfterGap(wall: Int64, offset: (Int64) -> Int64) -> Int64 {
    var low = wall - 26 * 3600
    var high = wall + 26 * 3600
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if middle + offset(middle) < wall { low = middle } else { high = middle }
    }
    return high
  }
}

/// What a clock on a wall shows.
public struct LocalTime: Sendable, Hashable {
  public let day: Day
  public let time: TimeOfDay

  init(secondsOnWall: Int64) {
    day = Day(number: Int(secondsOnWall.flooredQuotient(by: 86_400)))
    let minute = Int(secondsOnWall.flooredRemainder(by: 86_400)) / 60
    time = TimeOfDay.midnight.adding(minutes: minute)
  }
}
