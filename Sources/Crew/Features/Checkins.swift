/// What people say of their day: named check-ins on a schedule, the answers, and what stands in
/// the way.
public struct Checkins: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable {
    case scheduled(Plan)
    case stopped(name: String)
    case questionsChosen(name: String, questions: [String])
    /// `in` nil: in every check-in that has no choice of its own. `part` nil: as usual again.
    case partChosen(Person, part: Part?, in: String?)
    /// The room was asked; `expected` and `away` as things stood then.
    case opened(name: String, on: Day, expected: [Person], away: [Person])
    /// The summary was posted; the figures are those of this moment.
    case closed(name: String, on: Day, expected: [Person], away: [Person])
    /// Replaces what the same person said for the same day.
    case answered(Answer)
    case retracted(name: String, person: Person, on: Day)
    case blocked(id: Int, by: Person, text: String, needs: [Person], on: Day, answer: String?)
    case blockerReworded(id: Int, text: String, needs: [Person])
    case unblocked(id: Int, by: Person, on: Day)
    case reblocked(id: Int)
    case blockerWithdrawn(id: Int)
    /// The `nth` round of asking whether it still stands.
    case blockerAsked(id: Int, nth: Int)
  }

  /// How a person takes part.
  public enum Part: String, Codable, Sendable, Equatable {
    case required
    /// Asked like everybody, never missing.
    case optional
    /// Not asked at all. Anyone may answer nevertheless.
    case observer
  }

  /// Something said in one go.
  public struct Answer: Codable, Sendable, Equatable {
    public var name: String
    public var person: Person
    /// The day it is for, by the person's own calendar.
    public var on: Day
    public var at: Instant
    public var isLate: Bool
    /// Why nothing is said today; nil for a real answer.
    public var skipped: String?
    public var said: Said
  }

  /// The words of an answer, by question.
  public struct Said: Codable, Sendable, Equatable {
    public var done = ""
    public var doing = ""
    public var blocked = ""
    /// Answers to the team's own questions.
    public var notes: [Note] = []

    public var isEmpty: Bool {
      done.isEmpty && doing.isEmpty && blocked.isEmpty && notes.isEmpty
    }
  }

  public struct Note: Codable, Sendable, Equatable {
    public var question: String
    public var text: String
  }

  /// One day of one check-in that was opened.
  public struct Occurrence: Codable, Sendable, Equatable {
    public let name: String
    public let on: Day
    public let openedAt: Instant
    public internal(set) var isClosed = false
    public internal(set) var expected: [Person]
    public internal(set) var away: [Person]
  }

  private struct Choice: Codable, Equatable {
    var person: Person
    var part: Part
    var name: String?
  }

  /// The schedules, by name.
  public private(set) var plans: [Plan] = []
  private var choices: [Choice] = []
  /// Not yet closed; a few at any time.
  public private(set) var open: [Occurrence] = []
  /// Closed ones, oldest first.
  public private(set) var past: [Occurrence] = []
  /// By the number of the day, so that an answer is found without reading a year of them.
  private var answers: [Int: [Answer]] = [:]
  public internal(set) var blockers = Blockers()

  mutating func apply(_ event: Event, at: Instant) {
    switch event {
    case .scheduled(let plan):
      plans.removeAll { $0.name == plan.name }
      plans.append(plan)
      plans.sort { ($0.ask, $0.name) < ($1.ask, $1.name) }
    case .stopped(let name):
      plans.removeAll { $0.name == name }
      open.removeAll { $0.name == name }
    case .questionsChosen(let name, let questions):
      if let index = plans.firstIndex(where: { $0.name == name }) {
        plans[index].questions = questions
      }
    case .partChosen(let person, let part, let name):
      choices.removeAll { $0.person == person && $0.name == name }
      if let part { choices.append(Choice(person: person, part: part, name: name)) }
    case .opened(let name, let day, let expected, let away):
      open.append(
        Occurrence(name: name, on: day, openedAt: at, expected: expected, away: away))
    case .closed(let name, let day, let expected, let away):
      close(name, day, expected, away)
    case .answered(let answer):
      retract(answer.name, answer.person, answer.on)
      answers[answer.on.number, default: []].append(answer)
    case .retracted(let name, let person, let day): retract(name, person, day)
    default: blockers.apply(event, at: at)
    }
  }

  private mutating func close(
    _ name: String, _ day: Day, _ expected: [Person], _ away: [Person]
  ) {
    guard let index = open.firstIndex(where: { $0.name == name && $0.on == day }) else { return }
    var occurrence = open.remove(at: index)
    occurrence.isClosed = true
    occurrence.expected = expected
    occurrence.away = away
    past.append(occurrence)
    // What was opened long ago and never closed (its summary came too late to be said) goes too.
    open.removeAll { day.days(since: $0.on) > 7 }
  }

  private mutating func retract(_ name: String, _ person: Person, _ day: Day) {
    answers[day.number]?.removeAll { $0.name == name && $0.person == person }
    if answers[day.number]?.isEmpty == true { answers[day.number] = nil }
  }

  public func plan(_ name: String) -> Plan? { plans.first { $0.name == name } }

  /// How somebody takes part in a check-in.
  public func part(of person: Person, in name: String) -> Part {
    let mine = choices.filter { $0.person == person }
    return (mine.first { $0.name == name } ?? mine.first { $0.name == nil })?.part ?? .required
  }

  /// The choice that stands at exactly this place, for taking a change back.
  func choice(of person: Person, in name: String?) -> Part? {
    choices.first { $0.person == person && $0.name == name }?.part
  }

  public func answer(_ name: String, _ person: Person, on day: Day) -> Answer? {
    answers[day.number]?.first { $0.name == name && $0.person == person }
  }

  /// Answers for days of that span, by day, then by check-in and person.
  public func answers(from: Day, to: Day) -> [Answer] {
    answers.filter { from.number <= $0.key && $0.key <= to.number }
      .sorted { $0.key < $1.key }
      .flatMap { $0.value.sorted { ($0.name, $0.person) < ($1.name, $1.person) } }
  }

  func isOpen(_ name: String, on day: Day) -> Bool {
    open.contains { $0.name == name && $0.on == day }
  }

  /// Whether the room was asked, be it closed since or not.
  func wasOpened(_ name: String, on day: Day) -> Bool {
    occurrence(name, on: day) != nil
  }

  /// One day of one check-in, if the room was asked, be it closed since or not.
  func occurrence(_ name: String, on day: Day) -> Occurrence? {
    if let found = open.first(where: { $0.name == name && $0.on == day }) { return found }
    for occurrence in past.reversed() {
      if occurrence.name == name, occurrence.on == day { return occurrence }
      // They were closed nearly in the order of their days.
      if day.days(since: occurrence.on) > 30 { return nil }
    }
    return nil
  }

  /// Answered and expected over the closed check-ins of that span. Who was away, on holiday,
  /// optional, or skipped on purpose is not expected.
  public func participation(from: Day, to: Day) -> (answered: Int, expected: Int) {
    var answered = 0
    var expected = 0
    for occurrence in past where from <= occurrence.on && occurrence.on <= to {
      for person in occurrence.expected {
        let answer = answer(occurrence.name, person, on: occurrence.on)
        if answer?.skipped != nil { continue }
        expected += 1
        if answer != nil { answered += 1 }
      }
    }
    return (answered, expected)
  }
}
