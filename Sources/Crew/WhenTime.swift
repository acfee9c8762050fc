// Times of the day, in any language, and stretches of days.
extension WhenReader {
  /// `17:30`, `5pm`, `at 9`, `noon`, 下午5点半.
  /// - Parameter bare: whether an hour alone counts, as it does behind `at`.
  mutating func time(bare: Bool = false) throws(Refusal) -> TimeOfDay? {
    var saidAt = takeWord("at") || bare
    skipBlank()
    let start = at
    if let named = attempt({ $0.partOfDay() }) {
      part = named
      skipBlank()
      if takeWord("at") {
        saidAt = true
        skipBlank()
      }
    }
    var reader = self
    if let time = try reader.clock(bare: saidAt, since: start) {
      self = reader
      return time
    }
    return part.flatMap { TimeOfDay(hour: $0.rawValue, minute: 0) }
  }

  private mutating func partOfDay() -> Part? {
    if takeAny("凌晨") { return .earlyMorning }
    if takeAny("早上", "早晨", "上午", "早") { return .morning }
    if takeAny("中午") { return .noon }
    if takeAny("下午") { return .afternoon }
    if takeAny("傍晚", "晚上", "夜里", "晚") { return .evening }
    switch letters() {
    case "morning": return .morning
    case "noon", "midday": return .noon
    case "afternoon": return .afternoon
    case "evening": return .evening
    default: return nil
    }
  }

  /// - Parameter bare: whether an hour alone counts, because `at` stood before it.
  private mutating func clock(bare: Bool, since start: Int) throws(Refusal) -> TimeOfDay? {
    guard let hour = number(), hour < 100 else { return nil }
    var minute = 0
    var isExact = false
    if take(":") {
      guard let (value, count) = digits(), count == 2 else { return nil }
      (minute, isExact) = (value, true)
    } else if takeAny("点钟", "点", "时") {
      minute = chineseMinutes()
    } else if !bare, !isHalfNext {
      return nil
    }
    if let next, next.isNumber || next == ":" { return nil }
    return try time(hour, minute, isExact: isExact, since: start)
  }

  /// Whether `am` or `pm` comes.
  private var isHalfNext: Bool {
    var reader = self
    reader.skipBlank()
    return reader.takeWord("am", "pm")
  }

  private mutating func time(
    _ hour: Int, _ minute: Int, isExact: Bool, since start: Int
  ) throws(Refusal) -> TimeOfDay? {
    var hour = hour
    if isHalfNext {
      skipBlank()
      let isAfternoon = letters() == "pm"
      guard (1...12).contains(hour) else { throw impossible(since: start) }
      hour = hour % 12 + (isAfternoon ? 12 : 0)
    } else if let part {
      hour = try self.hour(hour, in: part, since: start)
    } else if !isExact, (1...6).contains(hour) {
      throw Refusal(
        Phrase(
          "when.half", "{hour} in the morning or in the afternoon? Write {night} or {day}.",
          [
            "hour": .number(hour), "night": .text("\(padded(hour, 2)):00"),
            "day": .text("\(hour + 12):00"),
          ]))
    }
    guard let time = TimeOfDay(hour: hour, minute: minute) else { throw impossible(since: start) }
    return time
  }

  private func hour(_ hour: Int, in part: Part, since start: Int) throws(Refusal) -> Int {
    switch part {
    case .earlyMorning, .morning: return hour
    case .noon: return hour < 10 ? hour + 12 : hour
    case .afternoon: return hour < 12 ? hour + 12 : hour
    case .evening:
      // Midnight and after belong to the next date: which one is meant should be written.
      guard (5...11).contains(hour) || (17...23).contains(hour) else {
        throw impossible(since: start)
      }
      return hour < 12 ? hour + 12 : hour
    }
  }

  /// `3 days`, `2 weeks`, 3天: so many days, today being the first.
  mutating func length() -> (from: Day, to: Day)? {
    let until = attempt { $0.chineseLater(bare: true) } ?? attempt { $0.englishLength() }
    guard let until, until > today else { return nil }
    return (today, until.adding(days: -1))
  }

  private mutating func englishLength() -> Day? {
    var reader = self
    // `in 3 days` is a day, not three.
    if reader.takeWord("in") { return nil }
    return later()
  }

  /// This or the next week or month, as far as it is still to come.
  mutating func week() -> (from: Day, to: Day)? {
    let nextMonday = today.monday.adding(days: 7)
    let nextMonth = today.endOfMonth.adding(days: 1)
    let isNext = takeWord("next")
    if isNext || takeWord("this") {
      skipBlank()
      switch letters() {
      case "week":
        return isNext
          ? (nextMonday, nextMonday.adding(days: 6)) : (today, nextMonday.adding(days: -1))
      case "month":
        return isNext ? (nextMonth, nextMonth.endOfMonth) : (today, today.endOfMonth)
      default: return nil
      }
    }
    if takeAny("下周", "下个星期", "下星期", "下礼拜"), isAtEndOfWord {
      return (nextMonday, nextMonday.adding(days: 6))
    }
    if takeAny("本周", "这周", "这个星期", "这星期"), isAtEndOfWord {
      return (today, nextMonday.adding(days: -1))
    }
    if takeAny("下个月", "下月"), isAtEndOfWord { return (nextMonth, nextMonth.endOfMonth) }
    return nil
  }

  /// `25-27 nov`, `nov 25-27`, 12月5-8日: the month is said once.
  mutating func daysOfOneMonth() throws(Refusal) -> (from: Day, to: Day)? {
    let start = at
    let month = attempt { $0.monthBeforeDays() }
    skipBlank()
    guard let first = dayOfRange(), takeTo() else { return nil }
    skipBlank()
    guard let second = dayOfRange() else { return nil }
    if let month {
      guard isAtEndOfWord || next == "," else { return nil }
      return try days(month, first, second, since: start)
    }
    skipBlank()
    guard let month = monthName() else { return nil }
    return try days(month, first, second, since: start)
  }

  private mutating func monthBeforeDays() -> Int? {
    if let month = monthName() { return month }
    guard let month = number(), take("月") else { return nil }
    return month
  }

  private mutating func dayOfRange() -> Int? {
    guard let day = number(), day <= 31 else { return nil }
    _ = takeAny("日", "号") || takeWord("st", "nd", "rd", "th")
    return day
  }

  private mutating func days(
    _ month: Int, _ first: Int, _ second: Int, since start: Int
  ) throws(Refusal) -> (from: Day, to: Day) {
    // The end decides the year: on the 26th, `25-27 nov` is this year's.
    let to = try date(nil, month, second, since: start)
    return (try date(to.year, month, first, since: start), to)
  }
}
