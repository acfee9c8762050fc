// Hours of the day and days of the week, as settings take them.
extension When {
  /// `19:00-09:00`, `7pm to 9`, 19点到9点.
  /// - Throws: a refusal for a time that does not exist or has two meanings.
  static func hours(
    _ words: [String], now: Now
  ) throws(Refusal) -> (from: TimeOfDay, until: TimeOfDay)? {
    var reader = WhenReader(words, now: now, zone: "UTC")
    _ = reader.takeWord("from")
    reader.skipBlank()
    guard let from = try reader.time(bare: true), reader.takeTo() else { return nil }
    reader.part = nil
    reader.skipBlank()
    guard let until = try reader.time(bare: true), reader.wordCount == words.count else {
      return nil
    }
    return (from, until)
  }

  /// `mon-fri`, `sun - thu`, `mon, wed and fri`, 周一到周五; in the order of the week.
  static func weekdays(_ words: [String], now: Now) -> [Weekday]? {
    var reader = WhenReader(words, now: now, zone: "UTC")
    var days: Set<Weekday> = []
    repeat {
      guard let first = reader.weekdayName() else { return nil }
      days.insert(first)
      guard let last = reader.attempt({ $0.takeTo() ? $0.weekdayName() : nil }) else { continue }
      var day = first
      while day != last {
        day = Weekday(rawValue: day.rawValue % 7 + 1) ?? last
        days.insert(day)
      }
    } while reader.takeAnd()
    return reader.wordCount == words.count ? days.sorted() : nil
  }
}

extension WhenReader {
  fileprivate mutating func weekdayName() -> Weekday? {
    skipBlank()
    if let day = attempt({ $0.englishWeekday(named: $0.letters()) }) { return day }
    _ = takeAny("周", "星期", "礼拜")
    return chineseWeekdayNumber()
  }

  fileprivate mutating func takeAnd() -> Bool {
    let start = at
    skipBlank()
    _ = takeAny(",", "、") || takeWord("and") || takeAny("和")
    skipBlank()
    return at > start && next != nil
  }
}
