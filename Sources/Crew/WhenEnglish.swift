// Dates in English and in digits.
extension WhenReader {
  private static let weekdayNames = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]
  private static let monthNames = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
  ]

  /// The number, from 1, of the only name that `word` abbreviates to three letters or more.
  private static func index(of word: String, in names: [String]) -> Int? {
    guard word.count >= 3 else { return nil }
    return names.firstIndex { $0.hasPrefix(word) }.map { $0 + 1 }
  }

  mutating func named() -> Day? {
    switch letters() {
    case "today", "eod": return today
    case "tonight":
      part = .evening
      return today
    case "tomorrow", "tmr", "tmrw": return today.adding(days: 1)
    case "eom": return today.endOfMonth
    case "eow": return nextWeekday(.friday, from: today)
    case "end":
      guard takeWords("of", "month") || takeWords("of", "the", "month") else { return nil }
      return today.endOfMonth
    case "next":
      if takeWords("week") { return today.monday.adding(days: 7) }
      return takeWords("month") ? today.endOfMonth.adding(days: 1) : nil
    default: return nil
    }
  }

  private mutating func takeWords(_ words: String...) -> Bool {
    attempt { (reader: inout WhenReader) -> Bool? in
      for word in words {
        reader.skipBlank()
        guard reader.takeWord(word) else { return nil }
      }
      return true
    } ?? false
  }

  mutating func weekday() throws(Refusal) -> Day? {
    var week: Int?
    var word = letters()
    if word == "next" || word == "this" {
      week = word == "next" ? 1 : 0
      skipBlank()
      word = letters()
    }
    guard let weekday = englishWeekday(named: word) else { return nil }
    return try day(weekday, inWeek: week)
  }

  func englishWeekday(named word: String) -> Weekday? {
    if word == "weds" { return .wednesday }
    return Self.index(of: word, in: Self.weekdayNames).flatMap { Weekday(rawValue: $0) }
  }

  /// - Parameter inWeek: 0 for this week, 1 for the next; nil for whichever comes first.
  func day(_ weekday: Weekday, inWeek week: Int?) throws(Refusal) -> Day {
    guard let week else { return nextWeekday(weekday, from: weekdayFloor) }
    let day = today.monday.adding(days: 7 * week + weekday.rawValue - 1)
    guard day >= today else {
      throw Refusal(Phrase("when.past", "{day} is past.", ["day": .day(day)]))
    }
    return day
  }

  func nextWeekday(_ weekday: Weekday, from day: Day) -> Day {
    day.adding(days: (weekday.rawValue - day.weekday.rawValue).flooredRemainder(by: 7))
  }

  /// `in 3 days`, `3d`, `2 weeks`, `in a month`, counted from today.
  mutating func later() -> Day? {
    _ = takeWord("in")
    skipBlank()
    guard let count = count() else { return nil }
    skipBlank()
    return adding(count, letters())
  }

  private mutating func count() -> Int? {
    takeWord("a", "an", "one") ? 1 : digits()?.value
  }

  private func adding(_ count: Int, _ unit: String) -> Day? {
    switch unit {
    case "d", "day", "days": today.adding(days: count)
    case "w", "wk", "wks", "week", "weeks": today.adding(days: 7 * count)
    case "mo", "month", "months": adding(months: count)
    default: nil
    }
  }

  /// The same day of a later month, or that month's last.
  func adding(months: Int) -> Day? {
    let month = today.month - 1 + months
    let (year, number) = (today.year + month / 12, month % 12 + 1)
    return Day(year: year, month: number, day: today.day)
      ?? Day(year: year, month: number, day: 1)?.endOfMonth
  }

  /// `in 2 h`, `1hr`, `90min`, `1h 30min`, 两小时后.
  mutating func elapsed() -> Instant? {
    _ = takeWord("in")
    skipBlank()
    if let seconds = attempt({ $0.chineseElapsed() }) {
      return now.instant.adding(seconds: seconds)
    }
    guard let count = count() else { return nil }
    skipBlank()
    switch letters() {
    case "h", "hr", "hrs", "hour", "hours":
      let minutes = attempt { (reader: inout WhenReader) -> Int? in
        reader.skipBlank()
        guard let count = reader.digits()?.value else { return nil }
        reader.skipBlank()
        return ["m", "min", "mins", "minutes"].contains(reader.letters()) ? count : nil
      }
      return now.instant.adding(minutes: Int64(60 * count + (minutes ?? 0)))
    case "m", "min", "mins", "minute", "minutes": return now.instant.adding(minutes: Int64(count))
    default: return nil
    }
  }

  /// `5 Dec`, `Dec 5th`, `5 December 2027`, `the 15th`.
  mutating func dayAndMonth() throws(Refusal) -> Day? {
    _ = takeWord("the")
    skipBlank()
    let start = at
    if let day = dayNumber() {
      let month = attempt { (reader: inout WhenReader) -> Int? in
        reader.skipBlank()
        _ = reader.takeWord("of")
        reader.skipBlank()
        return reader.monthName()
      }
      if let month { return try date(year(), month, day.value, since: start) }
      return day.isOrdinal ? try date(dayOfMonth: day.value, since: start) : nil
    }
    guard let month = monthName() else { return nil }
    skipBlank()
    guard let day = dayNumber() else { return nil }
    _ = take(",")
    return try date(year(), month, day.value, since: start)
  }

  mutating func monthName() -> Int? { Self.index(of: letters(), in: Self.monthNames) }

  private mutating func dayNumber() -> (value: Int, isOrdinal: Bool)? {
    guard let (value, count) = digits(), count <= 2 else { return nil }
    return (value, takeWord("st", "nd", "rd", "th"))
  }

  private mutating func year() -> Int? {
    attempt { (reader: inout WhenReader) -> Int? in
      reader.skipBlank()
      guard let (value, count) = reader.digits(), count == 4, reader.next != ":" else { return nil }
      return value
    }
  }

  /// That date; without a year the next one, today included.
  func date(_ year: Int?, _ month: Int, _ day: Int, since start: Int) throws(Refusal) -> Day {
    // A stored date has a year of four digits; nobody plans further than this.
    if let year, !(today.year - 100...today.year + 100).contains(year) {
      throw impossible(since: start)
    }
    // Eight years hold a 29 February, even around 2100.
    let years = year.map { $0...$0 } ?? (dateFloor.year...dateFloor.year + 8)
    for year in years {
      if let date = Day(year: year, month: month, day: day),
        years.count == 1 || date >= dateFloor
      {
        return date
      }
    }
    throw impossible(since: start)
  }

  /// The next day of that number, in this month or a later one.
  func date(dayOfMonth day: Int, since start: Int) throws(Refusal) -> Day {
    for months in 0...12 {
      let month = dateFloor.month - 1 + months
      if let date = Day(year: dateFloor.year + month / 12, month: month % 12 + 1, day: day),
        date >= dateFloor
      {
        return date
      }
    }
    throw impossible(since: start)
  }

  func impossible(since start: Int) -> Refusal {
    Refusal(
      Phrase(
        "when.impossible", "There is no “{text}”. Write a date like 5 Dec, a time like 17:30.",
        ["text": since(start)]))
  }

  /// `2026-12-05`, `12-05`, `25/12`; with slashes only where one number can be no month.
  mutating func numeric() throws(Refusal) -> Day? {
    let start = at
    guard let first = digits(), let mark = next, "-/.".contains(mark), take(mark),
      let second = digits(), second.count <= 2
    else { return nil }
    let third = attempt { $0.take(mark) ? $0.digits() : nil }
    // Behind a version number or a path this is no date, and no reason to complain either.
    if let next, next.isLetter && next.isASCII || next.isNumber || next == mark { return nil }
    if first.count == 4 {
      return try third.map { (third) throws(Refusal) in
        try date(first.value, second.value, third.value, since: start)
      }
    }
    guard first.count <= 2, third == nil || third?.count == 4 else { return nil }
    switch (mark, third) {
    case ("-", nil): return try date(nil, first.value, second.value, since: start)
    case (".", nil): return nil
    case (".", let year): return try date(year?.value, second.value, first.value, since: start)
    default: return try twoNumbers(first.value, second.value, third?.value, since: start)
    }
  }

  /// Day and month in an unknown order.
  private func twoNumbers(
    _ first: Int, _ second: Int, _ year: Int?, since start: Int
  ) throws(Refusal) -> Day {
    if first > 12 || first == second { return try date(year, second, first, since: start) }
    if second > 12 { return try date(year, first, second, since: start) }
    let (one, other) = (
      try date(year, second, first, since: start), try date(year, first, second, since: start)
    )
    throw Refusal(
      Phrase(
        "when.ambiguous", "“{text}” could be {one} or {other}. Write {iso}, or the month's name.",
        [
          "text": since(start), "one": .day(one), "other": .day(other),
          "iso": .text(one.description),
        ]))
  }
}
