// Dates in Chinese, with or without spaces.
extension WhenReader {
  private static let numerals: [Character: Int] = [
    "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    "十": 10,
  ]

  /// Digits, or a Chinese number below a hundred (三, 十二, 三十一).
  mutating func number() -> Int? { digits()?.value ?? numeral() }

  private mutating func numeral() -> Int? {
    var value: Int?
    while let next, let numeral = Self.numerals[next], (value ?? 0) < 100 {
      at += 1
      guard let known = value else {
        value = numeral
        continue
      }
      value = numeral == 10 ? known * 10 : known + numeral
    }
    return value
  }

  mutating func chinese() throws(Refusal) -> Day? {
    if let day = attempt({ $0.chineseNamed() }) ?? attempt({ $0.chineseLater(bare: false) }) {
      return day
    }
    var reader = self
    if let day = try reader.chineseWeekday() {
      self = reader
      return day
    }
    return try chineseDate()
  }

  private mutating func chineseNamed() -> Day? {
    for (name, days) in [("大后天", 3), ("后天", 2), ("明天", 1), ("明日", 1), ("今天", 0), ("今日", 0)]
    where take(name) { return today.adding(days: days) }
    for (name, days) in [("今晚", 0), ("明晚", 1)] where take(name) {
      part = .evening
      return today.adding(days: days)
    }
    if takeAny("下个月底", "下月底") { return today.endOfMonth.adding(days: 1).endOfMonth }
    if takeAny("这个月底", "本月底", "月底", "月末") { return today.endOfMonth }
    if takeAny("下个月", "下月"), isAtEndOfWord { return today.endOfMonth.adding(days: 1) }
    if takeAny("年底") { return Day(year: today.year, month: 12, day: 31) }
    return nil
  }

  /// 周五, 下周五, 这个星期天, 周末; 下周 alone is its Monday.
  private mutating func chineseWeekday() throws(Refusal) -> Day? {
    let week = takeAny("下下个", "下下") ? 2 : takeAny("下个", "下") ? 1 : thisWeek()
    guard takeAny("周", "星期", "礼拜") else { return nil }
    if take("末") { return try day(.saturday, inWeek: week) }
    if let weekday = chineseWeekdayNumber() { return try day(weekday, inWeek: week) }
    guard let week, week > 0 else { return nil }
    return today.monday.adding(days: 7 * week)
  }

  mutating func chineseWeekdayNumber() -> Weekday? {
    if takeAny("日", "天") { return .sunday }
    guard let next, let number = Self.numerals[next], (1...6).contains(number) else { return nil }
    at += 1
    return Weekday(rawValue: number)
  }

  private mutating func thisWeek() -> Int? { takeAny("这个", "本", "这") ? 0 : nil }

  /// 3天后, 两周后, 一个月后.
  /// - Parameter bare: whether it is a length (3天) or a day so much later.
  mutating func chineseLater(bare: Bool) -> Day? {
    guard let count = number() else { return nil }
    skipBlank()
    let isCounted = take("个")
    let day: Day?
    let needsAfter: Bool
    if take("天") {
      (day, needsAfter) = (today.adding(days: count), false)
    } else if takeAny("周", "星期", "礼拜") {
      (day, needsAfter) = (today.adding(days: 7 * count), false)
    } else if take("日") {
      (day, needsAfter) = (today.adding(days: count), true)
    } else if take("月") {
      (day, needsAfter) = (adding(months: count), !isCounted)
    } else {
      return nil
    }
    let saidAfter = takeAny("之后", "以后", "后", "之内", "以内", "内")
    guard bare ? !saidAfter && !needsAfter : saidAfter || !needsAfter else { return nil }
    return day
  }

  /// Seconds of 2小时后, 半个小时, 30分钟后.
  mutating func chineseElapsed() -> Int64? {
    var halves = 0
    if take("半") {
      halves = 1
    } else if let count = number() {
      halves = 2 * count
    } else {
      return nil
    }
    skipBlank()
    _ = take("个")
    if take("半") { halves += 1 }
    let minutes: Int
    if takeAny("小时", "钟头") {
      minutes = 30 * halves
    } else if take("分钟") {
      minutes = halves / 2
    } else {
      return nil
    }
    _ = takeAny("之后", "以后", "后", "之内", "以内", "内")
    return Int64(60 * minutes)
  }

  /// 12月5日, 2026年12月5号, 15号.
  private mutating func chineseDate() throws(Refusal) -> Day? {
    let start = at
    var year: Int?
    guard var value = number() else { return nil }
    if take("年") {
      year = value
      guard let month = number() else { return nil }
      value = month
    }
    if take("月") {
      guard let day = number() else { return nil }
      _ = takeAny("日", "号")
      return try date(year, value, day, since: start)
    }
    guard year == nil, takeAny("日", "号") else { return nil }
    return try date(dayOfMonth: value, since: start)
  }

  /// What stands behind 点: 半, 一刻, 三刻, 整, 20分.
  mutating func chineseMinutes() -> Int {
    if take("半") { return 30 }
    if take("一刻") { return 15 }
    if take("三刻") { return 45 }
    if take("整") { return 0 }
    guard let minute = number() else { return 0 }
    _ = take("分")
    return minute
  }
}
