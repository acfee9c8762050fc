/// What the team has been reminded of: every slot is decided once, and every reminder can say why
/// it came.
public struct Bell: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable {
    /// A reminder went out; `number` is what `why` takes.
    case rang(number: Int, rule: String, slots: [String], to: Person?)
    /// Its time had passed by more than its grace (we were away); told in the next digest.
    case expired(rule: String, slots: [String])
    /// Nothing was left to say when the time came.
    case skipped(rule: String, slots: [String])
    /// No more of this subject until that day.
    case snoozed(subject: String, until: Day)
  }

  public struct Ring: Codable, Sendable, Equatable {
    public let number: Int
    public let rule: String
    public let at: Instant
    public let to: Person?
  }

  /// Reminders whose time had passed.
  private struct Expiry: Codable, Equatable {
    var at: Instant
    var count: Int
  }

  /// Slots are kept longer than any schedule looks back.
  static let keepDays = 400

  /// Slot → the UTC day it was decided on.
  private var decided: [String: Int] = [:]
  private var rings: [Ring] = []
  private var expiries: [Expiry] = []
  private var snoozes: [String: Day] = [:]
  /// Reminders that came too late, since the last digest asked.
  public private(set) var expiredCount = 0
  private var lastNumber = 0

  var nextNumber: Int { lastNumber + 1 }

  public func isDecided(_ slot: String) -> Bool { decided[slot] != nil }
  func snoozedUntil(_ subject: String) -> Day? { snoozes[subject] }

  /// The numbers of the tasks that were ever put off.
  var snoozedTasks: [Int] {
    snoozes.keys.compactMap { $0.hasPrefix("task/") ? Int($0.dropFirst(5)) : nil }.sorted()
  }

  /// True while `subject` shall not be mentioned on that day.
  public func isSnoozed(_ subject: String, on day: Day) -> Bool {
    snoozes[subject].map { day < $0 } ?? false
  }

  func ring(_ number: Int) -> Ring? { rings.last { $0.number == number } }
  /// The newest reminder to the room, or to this person.
  func lastRing(for person: Person) -> Ring? { rings.last { $0.to == nil || $0.to == person } }

  /// Reminders sent since an instant.
  public func rings(since: Instant) -> [Ring] { rings.filter { $0.at >= since } }

  /// How many subjects shall not be mentioned on that day.
  public func snoozedCount(on day: Day) -> Int { snoozes.values.count { day < $0 } }

  /// How many reminders came too late to be said, in that time.
  public func expired(from: Instant, to: Instant) -> Int {
    expiries.reduce(0) { $0 + (from <= $1.at && $1.at < to ? $1.count : 0) }
  }

  mutating func apply(_ event: Event, at: Instant) {
    switch event {
    case .rang(let number, let rule, let slots, let person):
      decide(slots, at)
      rings.append(Ring(number: number, rule: rule, at: at, to: person))
      if rings.count > 500 { rings.removeFirst(100) }
      lastNumber = number
      if rule == "digest" { expiredCount = 0 }
    case .expired(_, let slots):
      decide(slots, at)
      expiredCount += slots.count
      expiries.append(Expiry(at: at, count: slots.count))
      if expiries.count > 500 { expiries.removeFirst(100) }
    case .skipped(_, let slots): decide(slots, at)
    case .snoozed(let subject, let day): snoozes[subject] = day
    }
  }

  private mutating func decide(_ slots: [String], _ at: Instant) {
    let today = Int(at.seconds / 86_400)
    for slot in slots { decided[slot] = today }
    // Swept seldom, so that a reminder costs what it says and not what was ever said.
    if lastNumber.isMultiple(of: 256) {
      decided = decided.filter { today - $0.value <= Self.keepDays }
    }
  }
}
