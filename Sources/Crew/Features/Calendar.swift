/// Which days are worked: holidays and make-up days of the team, and who is away. It stands above
/// the weekdays of `Settings` and `Member`, and every reminder asks it first.
public struct Calendar: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable {
    /// No `people` means everybody.
    case marked(days: [Day], as: Mark, name: String, people: [Person])
    /// Nothing special is known of these days any more.
    case cleared(days: [Day])
    /// Both days included.
    case wentAway(id: Int, person: Person, from: Day, until: Day, cover: Person?)
    case awayMoved(id: Int, from: Day, until: Day)
    case awayCancelled(id: Int)
  }

  public enum Mark: String, Codable, Sendable, Equatable {
    case holiday
    /// A make-up day (调休): worked, although its weekday is not.
    case workday
  }

  /// A day that differs from its weekday.
  public struct Special: Codable, Sendable, Equatable {
    public let day: Day
    public let mark: Mark
    public let name: String
    /// Whom it concerns; nobody named means everybody.
    public let people: [Person]
  }

  /// A stretch of days on which a person is not there, both ends included.
  public struct Away: Codable, Sendable, Equatable {
    public let id: Int
    public let person: Person
    public internal(set) var from: Day
    public internal(set) var until: Day
    public let cover: Person?

    public func covers(_ day: Day) -> Bool { from <= day && day <= until }
  }

  /// Leave that ended longer ago is forgotten: no rule looks further back.
  static let keepDays = 400

  /// By the number of the day; a person's own mark and everybody's may stand on the same day.
  private var specials: [Int: [Special]] = [:]
  public private(set) var aways: [Away] = []
  private var lastAway = 0

  var nextAway: Int { lastAway + 1 }

  mutating func apply(_ event: Event, at: Instant) {
    switch event {
    case .marked(let days, let mark, let name, let people):
      for day in days {
        specials[day.number, default: []].removeAll { $0.people == people }
        specials[day.number, default: []].append(
          Special(day: day, mark: mark, name: name, people: people))
      }
    case .cleared(let days): for day in days { specials[day.number] = nil }
    case .wentAway(let id, let person, let from, let until, let cover):
      let today = Int(at.seconds.flooredQuotient(by: 86_400))
      aways.removeAll { $0.id == id || today - $0.until.number > Self.keepDays }
      aways.append(Away(id: id, person: person, from: from, until: until, cover: cover))
      lastAway = max(lastAway, id)
    case .awayMoved(let id, let from, let until):
      guard let index = aways.firstIndex(where: { $0.id == id }) else { return }
      (aways[index].from, aways[index].until) = (from, until)
    case .awayCancelled(let id): aways.removeAll { $0.id == id }
    }
  }

  /// What is special about a day for a person, or for the team as a whole. A person's own mark
  /// stands above everybody's.
  public func special(on day: Day, for person: Person? = nil) -> Special? {
    guard let all = specials[day.number] else { return nil }
    if let person, let own = all.last(where: { $0.people.contains(person) }) { return own }
    return all.last { $0.people.isEmpty }
  }

  /// Everything that is marked on a day.
  func specials(on day: Day) -> [Special] { specials[day.number] ?? [] }

  /// Marked days, and those of a person's leave.
  func days(from: Day, to: Day, thatDifferFor person: Person?) -> Set<Day> {
    var days: Set<Day> = []
    for number in specials.keys where from.number <= number && number <= to.number {
      days.insert(Day(number: number))
    }
    for away in aways where away.person == person {
      let (first, last) = (max(from, away.from), min(to, away.until))
      guard first <= last else { continue }
      for number in first.number...last.number { days.insert(Day(number: number)) }
    }
    return days
  }

  /// Marked days from `day` on, by date.
  public func specials(from day: Day) -> [Special] {
    specials.filter { $0.key >= day.number }.sorted { $0.key < $1.key }.flatMap(\.value)
  }

  /// The leave that keeps a person away on that day; of several the one that ends last.
  public func away(_ person: Person, on day: Day) -> Away? {
    aways.filter { $0.person == person && $0.covers(day) }.max { $0.until < $1.until }
  }

  /// Everybody who is away on any of those days.
  func away(from: Day, until: Day) -> Set<Person> {
    Set(aways.filter { $0.from <= until && from <= $0.until }.map(\.person))
  }

  /// Who stands in for somebody who is away that day.
  public func cover(of person: Person, on day: Day) -> Person? { away(person, on: day)?.cover }
}

extension Team {
  /// Whether the team, or one person of it, works on that day: make-up days and holidays stand
  /// above weekdays, and who is away does not work.
  public func isWorkday(_ day: Day, for person: Person? = nil) -> Bool {
    if let person, isAway(person, on: day) { return false }
    return wouldWork(day, person)
  }

  /// A working day of that person, leave not looked at.
  func wouldWork(_ day: Day, _ person: Person? = nil) -> Bool {
    if let special = calendar.special(on: day, for: person) { return special.mark == .workday }
    return (person.flatMap { members[$0]?.workdays } ?? settings.workdays).contains(day.weekday)
  }

  public func isHoliday(_ day: Day, for person: Person? = nil) -> Bool {
    calendar.special(on: day, for: person)?.mark == .holiday
  }

  public func isAway(_ person: Person, on day: Day) -> Bool {
    calendar.away(person, on: day) != nil
  }

  /// True on a day on which a person must hear nothing at all: leave, or a holiday. A weekend is
  /// not meant: who agreed to a check-in on Sundays gets it.
  public func isOff(_ person: Person, on day: Day) -> Bool {
    isAway(person, on: day) || isHoliday(day, for: person)
  }

  /// Working days between two days, both included; 0 where `to` lies before `from`.
  public func workingDays(from: Day, to: Day, for person: Person? = nil) -> Int {
    guard from <= to else { return 0 }
    // Nobody waits longer than ten years; a wrong date must not keep the daemon busy.
    let last = Day(number: min(to.number, from.number + 3660))
    let weekdays = person.flatMap { members[$0]?.workdays } ?? settings.workdays
    // Every week has as many; only the days that differ from their weekday are looked at.
    let odd = calendar.days(from: from, to: last, thatDifferFor: person)
    let usual =
      Self.count(weekdays, from: from, to: last) - odd.count { weekdays.contains($0.weekday) }
    return usual + odd.count { isWorkday($0, for: person) }
  }

  private static func count(_ weekdays: [Weekday], from: Day, to: Day) -> Int {
    let days = to.days(since: from) + 1
    let rest = (0..<days % 7).count { weekdays.contains(from.adding(days: $0).weekday) }
    return days / 7 * Set(weekdays).count + rest
  }

  /// How many working days have gone by since `day`: 0 on the day itself, 1 on the next working
  /// day. What "nobody took it for 2 working days" counts.
  public func workingDays(since day: Day, until today: Day, for person: Person? = nil) -> Int {
    workingDays(from: day.adding(days: 1), to: today, for: person)
  }

  /// The first working day after `day`; `day` plus a year where there is none.
  public func nextWorkday(after day: Day, for person: Person? = nil) -> Day {
    workday(1, after: day, for: person)
  }

  /// The day that is `count` working days after `day`, at most a year on.
  public func workday(_ count: Int, after day: Day, for person: Person? = nil) -> Day {
    var left = count
    var current = day
    let end = day.adding(days: 366)
    while left > 0, current < end {
      current = current.adding(days: 1)
      if isWorkday(current, for: person) { left -= 1 }
    }
    return current
  }

  /// Those who are here at all but away on that day, in the order they came.
  public func awayPeople(on day: Day) -> [Person] {
    members.present.map(\.id).filter { isAway($0, on: day) }
  }
}
