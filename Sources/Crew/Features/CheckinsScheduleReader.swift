extension Checkins {
  /// Reads `daily 09:30 mon-fri until 17:00 every 2 weeks`, in any order behind the name.
  struct ScheduleReader {
    private var arguments: Arguments
    private let call: Call
    private var ask: TimeOfDay?
    private var until: TimeOfDay?
    private var untilZone: String?
    private var weekdays: [Weekday]?
    private var everyWeeks = 1
    private var freshDays = 0

    /// No check-in can be called what is a verb, or short for one.
    private static let verbs = [
      "edit", "skip", "for", "schedule", "list", "questions", "optional", "required", "observer",
      "off", "stop", "every", "until", "unless", "修改", "跳过",
    ]

    init(_ arguments: Arguments, _ call: Call) {
      self.arguments = arguments
      self.call = call
    }
  }
}

extension Checkins.ScheduleReader {
  /// The name, or `daily` where none is given.
  mutating func name() throws(Refusal) -> String {
    let word = arguments.firstWord
    guard Self.time(word, call) == nil, Weekday.several(word) == nil, !isEvery(word) else {
      return "daily"
    }
    let isProper = word.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
    let isVerb = Self.verbs.contains { $0 == word || (word.count > 1 && $0.hasPrefix(word)) }
    guard isProper, !isVerb, !word.isEmpty, word.count <= Checkins.nameMax else {
      throw call.wrong(
        Phrase(
          "checkins.name", "“{name}” cannot be a check-in's name: one word of up to 20 letters.",
          ["name": .text(Text.shortened(word, to: 30))]))
    }
    arguments.take()
    return word
  }

  var isOff: Bool {
    arguments.count == 1 && ["off", "stop", "关闭", "停止", "停"].contains(arguments.firstWord)
  }

  private func isEvery(_ word: String) -> Bool {
    ["every", "每天", "每日", "每周", "每两周", "隔周", "工作日", "weekdays"].contains(word)
  }

  mutating func plan(_ name: String) throws(Refusal) -> Checkins.Plan {
    while !arguments.isEmpty { try clause() }
    guard let ask else { throw call.wrong(Phrase("checkins.when", "At what time?")) }
    let until = until ?? Self.usualEnd(ask)
    guard until.minutes >= ask.minutes + Checkins.gapMinutes || untilZone != nil else {
      throw call.wrong(
        Phrase(
          "checkins.short", "It would close at {until}: at least {count} minutes after {ask}.",
          [
            "until": .text(until.description), "ask": .text(ask.description),
            "count": .number(Checkins.gapMinutes),
          ]))
    }
    return Checkins.Plan(
      name: name, ask: ask, until: until, untilZone: untilZone, weekdays: weekdays,
      everyWeeks: everyWeeks, freshDays: freshDays, from: first(name, ask),
      questions: call.team.checkins.plan(name)?.questions ?? [])
  }

  /// 17:00, or three hours after a question asked in the afternoon.
  private static func usualEnd(_ ask: TimeOfDay) -> TimeOfDay {
    let five = TimeOfDay.nine.adding(minutes: 8 * 60)
    return ask.minutes + 120 <= five.minutes ? five : ask.adding(minutes: 180)
  }

  /// Today, unless its time is over: a change never asks for the past.
  private func first(_ name: String, _ ask: TimeOfDay) -> Day {
    let local = call.now.local(in: call.team.settings.zone)
    let isPast = local.time >= ask && !call.team.checkins.wasOpened(name, on: local.day)
    return isPast ? local.day.adding(days: 1) : local.day
  }

  private mutating func clause() throws(Refusal) {
    let word = arguments.firstWord
    if ["at", "on", "from", "and", "from:", "ask", "于", "在"].contains(word) {
      arguments.take()
    } else if let days = Weekday.several(word) {
      arguments.take()
      weekdays = (weekdays ?? []) + days.filter { weekdays?.contains($0) != true }
    } else if ["weekdays", "workdays", "weekday", "daily", "工作日", "每天", "每日"].contains(word) {
      arguments.take()
      weekdays = nil
    } else if arguments.take(anyOf: "until", "till", "til", "closes", "close", "截止", "到", "至") {
      until = try time()
      zoneOfEnd()
    } else if word.hasPrefix("截止") || word.hasPrefix("到"),
      let time = Self.time(String(word.drop { "截止到至".contains($0) }), call)
    {
      arguments.take()
      until = time
    } else if arguments.take(anyOf: "unless", "除非") {
      try fresh()
    } else if word == "every" || word.hasPrefix("每") || word == "隔周" || word == "weekly" {
      try every()
    } else {
      ask = try time()
    }
  }

  private mutating func time() throws(Refusal) -> TimeOfDay {
    guard let time = Self.time(arguments.firstWord, call) else {
      throw call.wrong(
        Phrase(
          "checkins.unread", "I don't read “{text}” in a schedule.",
          ["text": .text(Text.shortened(arguments.text, to: 30))]))
    }
    arguments.take()
    return time
  }

  static func time(_ word: String, _ call: Call) -> TimeOfDay? {
    if let time = TimeOfDay(word) { return time }
    let read = try? When.read([word], now: call.now, zone: call.zone)
    guard let found = read ?? nil, case .time(_, let time) = found.when else { return nil }
    return time
  }

  /// `until 17:00 Berlin`: one hour for all, by that clock.
  private mutating func zoneOfEnd() {
    guard let word = arguments.first?.text, word.count > 2,
      Weekday.several(arguments.firstWord) == nil,
      let zone = call.now.zones.named(word)
    else { return }
    arguments.take()
    untilZone = zone
  }

  /// `every 2 weeks`, `every week`, `every fri`, 每两周.
  private mutating func every() throws(Refusal) {
    let word = arguments.firstWord
    if let weeks = ["weekly": 1, "每周": 1, "隔周": 2, "每两周": 2, "每2周": 2, "每隔一周": 2, "每三周": 3][word] {
      arguments.take()
      everyWeeks = weeks
      return
    }
    if word.hasPrefix("每周"), let days = Weekday.several(String(word.dropFirst())) {
      arguments.take()
      weekdays = days
      return
    }
    let whole = arguments
    arguments.take()
    if arguments.take(anyOf: "day", "weekday", "workday") { return }
    if Weekday.several(arguments.firstWord) != nil { return }
    let number = arguments.firstWord == "other" ? 2 : Int(arguments.firstWord)
    if number != nil { arguments.take() }
    guard arguments.take(anyOf: "week", "weeks"), (1...Checkins.everyWeeksMax).contains(number ?? 1)
    else {
      throw call.wrong(
        Phrase(
          "checkins.every",
          "“{text}” is not possible: once a day at most, every {count} weeks at least.",
          [
            "text": .text(Text.shortened(whole.text, to: 30)),
            "count": .number(Checkins.everyWeeksMax),
          ]))
    }
    everyWeeks = number ?? 1
  }

  /// `unless answered within 3 days`, 除非 3天.
  private mutating func fresh() throws(Refusal) {
    _ = arguments.take(anyOf: "answered", "done")
    _ = arguments.take(anyOf: "within", "in")
    let word = arguments.firstWord
    let digits = String(word.prefix { $0.isASCII && $0.isNumber })
    let unit = word.dropFirst(digits.count)
    guard let days = Int(digits), (1...Checkins.freshDaysMax).contains(days) else {
      throw call.wrong(Phrase("checkins.unless", "Unless answered within how many days?"))
    }
    arguments.take()
    if unit.isEmpty { _ = arguments.take(anyOf: "day", "days", "天") }
    freshDays = days
  }
}

extension Checkins.Plan {
  /// Asked on a common weekday within minutes of each other: people would be asked twice at once.
  func isNear(_ other: Self) -> Bool {
    guard abs(ask.minutes - other.ask.minutes) < Checkins.gapMinutes else { return false }
    guard let weekdays, let others = other.weekdays else { return true }
    return weekdays.contains { others.contains($0) }
  }
}

extension Weekday {
  private static let names = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]

  /// `fri`, `friday`, 周五, 星期五.
  static func named(_ word: some StringProtocol) -> Weekday? {
    for prefix in ["周", "星期", "礼拜"] where word.hasPrefix(prefix) {
      let rest = String(word.dropFirst(prefix.count))
      let number = ["一", "二", "三", "四", "五", "六", "日"].firstIndex(of: rest == "天" ? "日" : rest)
      return number.flatMap { Weekday(rawValue: $0 + 1) }
    }
    guard word.count >= 3 else { return nil }
    return names.firstIndex { $0.hasPrefix(word) || $0 + "s" == word }
      .flatMap { Weekday(rawValue: $0 + 1) }
  }

  /// `mon-fri`, `mon,wed`, `fri`, 周一至周五, 周一、周三: in the order written; a stretch may run over
  /// the weekend.
  static func several(_ word: String) -> [Weekday]? {
    var days: [Weekday] = []
    let parts = word.split(omittingEmptySubsequences: true) { ",，、/+".contains($0) }
    for part in parts {
      guard let stretch = stretch(part) else { return nil }
      days += stretch.filter { !days.contains($0) }
    }
    return days.isEmpty ? nil : days
  }

  private static func stretch(_ text: Substring) -> [Weekday]? {
    let ends = text.split(omittingEmptySubsequences: false) { "-–—~到至".contains($0) }
    guard ends.count <= 2, let first = named(ends[0]) else { return nil }
    guard ends.count == 2 else { return [first] }
    guard let last = named(ends[1]) ?? named("周" + ends[1]) else { return nil }
    let count = (last.rawValue - first.rawValue + 7) % 7
    return (0...count).compactMap { Weekday(rawValue: (first.rawValue - 1 + $0) % 7 + 1) }
  }
}
