/// Reads a date or time from its beginning on, one character after the other. It looks at the
/// first `charactersMax` characters only, and never goes back further than one form.
struct WhenReader {
  /// Longer than the longest date there is.
  static let charactersMax = 96

  /// A part of the day, said before the hour or instead of it.
  enum Part: Int {
    case earlyMorning = 3, morning = 9, noon = 12, afternoon = 15, evening = 18
  }

  private let text: [Character]
  let now: Now
  let zone: String
  let local: LocalTime
  /// A weekday is the first on or after this day.
  var weekdayFloor: Day
  /// A date without a year is the first on or after this day.
  var dateFloor: Day
  /// Where the next character is read.
  var at = 0
  /// What `tonight` or 今晚 said of the time, while the hour is still to come.
  var part: Part?

  init(_ words: [String], now: Now, zone: String) {
    var text: [Character] = []
    for word in words {
      // A mention folds to nothing: no date reaches over it.
      guard !word.isEmpty, text.count + word.count < Self.charactersMax else { break }
      if !text.isEmpty { text.append(" ") }
      text += word
    }
    self.text = text
    self.now = now
    self.zone = zone
    local = now.local(in: zone)
    weekdayFloor = local.day.adding(days: 1)
    dateFloor = local.day
  }

  var today: Day { local.day }
  var next: Character? { at < text.count ? text[at] : nil }
  var isAtEndOfWord: Bool { next == nil || next == " " }

  /// How many words were read, if the reading ended where a word ends.
  var wordCount: Int? {
    var end = at
    while end > 0, text[end - 1] == " " { end -= 1 }
    while end < text.count, ",.;!?)".contains(text[end]) { end += 1 }
    guard end > 0, end == text.count || text[end] == " " else { return nil }
    return text[..<end].count { $0 == " " } + 1
  }

  /// What was read since `start`, for an error.
  func since(_ start: Int) -> Phrase.Value { .text(String(text[start..<at])) }
}

// Characters and words.
extension WhenReader {
  mutating func skipBlank() { while next == " " { at += 1 } }

  mutating func take(_ character: Character) -> Bool {
    guard next == character else { return false }
    at += 1
    return true
  }

  /// Takes a piece of text that needs no word's end behind it (Chinese, `..`).
  mutating func take(_ piece: String) -> Bool {
    guard text[at...].starts(with: piece) else { return false }
    at += piece.count
    return true
  }

  mutating func takeAny(_ pieces: String...) -> Bool {
    for piece in pieces where take(piece) { return true }
    return false
  }

  /// Takes the whole run of letters if it is one of these words.
  mutating func takeWord(_ words: String...) -> Bool {
    attempt { (reader: inout WhenReader) -> Bool? in
      words.contains(reader.letters()) ? true : nil
    } ?? false
  }

  mutating func letters() -> String {
    let start = at
    while let next, next.isASCII, next.isLetter { at += 1 }
    return String(text[start..<at])
  }

  /// A number of at most four digits, and how many they were.
  mutating func digits() -> (value: Int, count: Int)? {
    let start = at
    while let next, next.isASCII, next.isNumber { at += 1 }
    guard (1...4).contains(at - start), let value = Int(String(text[start..<at])) else {
      at = start
      return nil
    }
    return (value, at - start)
  }

  /// Takes what `body` reads, or nothing.
  mutating func attempt<Value>(_ body: (inout WhenReader) -> Value?) -> Value? {
    var copy = self
    guard let value = body(&copy) else { return nil }
    self = copy
    return value
  }
}

// The whole.
extension WhenReader {
  mutating func whole() throws(Refusal) -> When? {
    _ = attempt { (reader: inout WhenReader) -> Bool? in
      guard reader.takeWord("on", "by", "before") else { return nil }
      reader.skipBlank()
      return true
    }
    let when = try moment()
    _ = takeAny("之前", "以前", "前")
    return when
  }

  private mutating func moment() throws(Refusal) -> When? {
    if let instant = attempt({ $0.elapsed() }) { return .instant(instant) }
    var reader = self
    if let day = try reader.date() {
      self = reader
      let time = try reader.timeBehindDate()
      if time != nil { self = reader }
      return time.map { .time(day, $0) } ?? .day(day)
    }
    guard let time = try time() else { return nil }
    reader = self
    reader.skipBlank()
    _ = reader.takeWord("on")
    reader.skipBlank()
    if let day = try reader.date() {
      self = reader
      return .time(day, time)
    }
    return .time(time > local.time ? today : today.adding(days: 1), time)
  }

  private mutating func timeBehindDate() throws(Refusal) -> TimeOfDay? {
    let start = at
    _ = take(",")
    skipBlank()
    if let time = try time() { return time }
    at = start
    return part.flatMap { TimeOfDay(hour: $0.rawValue, minute: 0) }
  }

  /// A day, in any of the forms.
  mutating func date() throws(Refusal) -> Day? {
    if let day = attempt({ $0.named() }) ?? attempt({ $0.later() }) { return day }
    var reader = self
    for form in 0...3 {
      if let day = try reader.date(form: form) {
        self = reader
        return day
      }
      reader = self
    }
    return nil
  }

  private mutating func date(form: Int) throws(Refusal) -> Day? {
    switch form {
    case 0: try weekday()
    case 1: try dayAndMonth()
    case 2: try numeric()
    default: try chinese()
    }
  }

  /// `mon-wed` and its like.
  mutating func span() throws(Refusal) -> (from: Day, to: Day)? {
    if attempt({ $0.takeWord("from", "for") ? true : nil }) == nil { _ = take("从") }
    skipBlank()
    var reader = self
    if let span = try reader.daysOfOneMonth() {
      self = reader
      return span
    }
    if let span = attempt({ $0.length() }) ?? attempt({ $0.week() }) { return span }
    var from = today
    if !takeUntil() {
      guard let day = try spanEnd() else { return nil }
      from = day
      let before = self
      guard takeTo() else {
        self = before
        return (from, from)
      }
      (dateFloor, weekdayFloor) = (from, from)
    }
    guard let to = try spanEnd() else { return nil }
    return (from, to)
  }

  private mutating func spanEnd() throws(Refusal) -> Day? {
    part = nil
    skipBlank()
    return try whole()?.day(now, in: zone)
  }

  private mutating func takeUntil() -> Bool {
    takeWord("until", "till", "til", "to", "through") || takeAny("直到", "到", "至")
  }

  mutating func takeTo() -> Bool {
    skipBlank()
    return takeUntil() || takeAny("...", "..", "-", "–", "—", "~", "～")
  }
}
