/// What the team wants to reach: a share in percent, or key results with numbers, an owner, a day,
/// and how confident the owner is.
public struct Goals: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable {
    case added(
      id: Int, title: String, owner: Person?, due: Day?, target: Int, by: Person, on: Day)
    case progressed(id: Int, percent: Int, why: String, by: Person, on: Day)
    case keyResultAdded(
      id: Int, number: Int, title: String, start: Amount, target: Amount, by: Person, on: Day)
    /// `percent` is what the goal came to with the new value.
    case keyResultSet(
      id: Int, number: Int, value: Amount, percent: Int, why: String, by: Person, on: Day)
    case confidenceSaid(id: Int, Confidence, why: String, by: Person, on: Day)
    case ownerChanged(id: Int, Person?)
    case dueChanged(id: Int, Day?)
    case closed(id: Int, Outcome, by: Person, on: Day)
    case evaluated(id: Int, text: String)
    /// It was a mistake: as if it had never been, but its id is not given again.
    case removed(id: Int)
    /// How a goal was before a change that was taken back.
    case restored(Goal)
  }

  public enum Confidence: String, Codable, Sendable { case red, amber, green }
  public enum Outcome: String, Codable, Sendable { case done, dropped }

  /// In the order in which they were added, which is that of their ids; closed ones too.
  public private(set) var list: [Goal] = []
  private var lastID = 0
  /// Follows from the list, so it is not stored; nil looks at all open ones.
  var index: Index? = Index()

  private enum CodingKeys: String, CodingKey { case list, lastID }

  init() {}

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    list = try values.decode([Goal].self, forKey: .list).sorted { $0.id < $1.id }
    lastID = try values.decode(Int.self, forKey: .lastID)
    for goal in list { index?.add(goal) }
  }

  var nextID: Int { lastID + 1 }
  public var open: [Goal] { list.filter { $0.closed == nil } }

  public subscript(_ id: Int) -> Goal? {
    let place = place(id)
    return place < list.count && list[place].id == id ? list[place] : nil
  }

  mutating func apply(_ event: Event, at: Instant) {
    switch event {
    case .added(let id, let title, let owner, let due, let target, let by, let on):
      guard self[id] == nil else { return }
      put(Goal(id, title, owner, due, target, by, on))
      lastID = max(lastID, id)
    case .removed(let id):
      guard let goal = self[id] else { return }
      index?.remove(goal)
      list.remove(at: place(id))
    case .restored(let goal): put(goal)
    default:
      guard var goal = self[event.id] else { return }
      goal.apply(event)
      put(goal)
    }
  }

  private mutating func put(_ goal: Goal) {
    let place = place(goal.id)
    if place < list.count, list[place].id == goal.id {
      index?.remove(list[place])
      list[place] = goal
    } else {
      list.insert(goal, at: place)
    }
    index?.add(goal)
  }

  /// Where a goal of that id stands, or would stand.
  private func place(_ id: Int) -> Int {
    if let last = list.last, last.id < id { return list.count }
    var (low, high) = (0, list.count)
    while low < high {
      let middle = (low + high) / 2
      if list[middle].id < id { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// A goal as it stands. Its stored form is part of the events (`restored`): later fields are
/// optional.
public struct Goal: Codable, Sendable, Equatable {
  public struct KeyResult: Codable, Sendable, Equatable {
    public let number: Int
    public let title: String
    public let start: Amount
    public let target: Amount
    public internal(set) var value: Amount

    /// How far from start to target, 0 to 100.
    public var percent: Int { value.percent(from: start, to: target) }
  }

  public struct Update: Codable, Sendable, Equatable {
    public let on: Day
    public let by: Person
    public let percent: Int
    public let why: String
  }

  public struct Closing: Codable, Sendable, Equatable {
    public let outcome: Goals.Outcome
    public let on: Day
    public let by: Person
  }

  static let updatesMax = 400

  public let id: Int
  public let title: String
  public let by: Person
  public let startsOn: Day
  public private(set) var due: Day?
  /// The percentage that counts as reached.
  public let target: Int
  public private(set) var owner: Person?
  public private(set) var keyResults: [KeyResult] = []
  public private(set) var updates: [Update] = []
  public private(set) var confidence: Goals.Confidence?
  public private(set) var confidenceWhy = ""
  /// When anybody last said anything about it.
  public private(set) var touchedOn: Day
  public private(set) var closed: Closing?
  public private(set) var evaluation = ""

  init(
    _ id: Int, _ title: String, _ owner: Person?, _ due: Day?, _ target: Int, _ by: Person,
    _ on: Day
  ) {
    self.id = id
    self.title = title
    self.owner = owner
    self.due = due
    self.target = target
    self.by = by
    startsOn = on
    touchedOn = on
  }

  mutating func apply(_ event: Goals.Event) {
    switch event {
    case .progressed(_, let percent, let why, let by, let on): note(percent, why, by, on)
    case .keyResultAdded(_, let number, let title, let start, let target, _, let on):
      keyResults.append(
        KeyResult(number: number, title: title, start: start, target: target, value: start))
      touchedOn = on
    case .keyResultSet(_, let number, let value, let percent, let why, let by, let on):
      guard let index = keyResults.firstIndex(where: { $0.number == number }) else { return }
      keyResults[index].value = value
      note(percent, why, by, on)
    case .confidenceSaid(_, let confidence, let why, _, let on):
      self.confidence = confidence
      confidenceWhy = why
      touchedOn = on
    case .ownerChanged(_, let person): owner = person
    case .dueChanged(_, let day): due = day
    case .closed(_, let outcome, let by, let on):
      closed = Closing(outcome: outcome, on: on, by: by)
    case .evaluated(_, let text): evaluation = text
    case .added, .removed, .restored: break
    }
  }

  private mutating func note(_ percent: Int, _ why: String, _ by: Person, _ on: Day) {
    // Several numbers given in one message are one update.
    if let last = updates.last, last.on == on, last.by == by, last.why == why {
      updates.removeLast()
    }
    updates.append(Update(on: on, by: by, percent: percent, why: why))
    if updates.count > Self.updatesMax { updates.removeFirst() }
    touchedOn = on
  }

  /// 0 to 100: the mean of the key results where there are any, else what was last said.
  public var progress: Int {
    guard !keyResults.isEmpty else { return updates.last?.percent ?? 0 }
    return Amount.mean(keyResults.map(\.percent))
  }

  /// What was known of it at the end of that day; nil before it began.
  public func progress(on day: Day) -> Int? {
    guard startsOn <= day else { return nil }
    return updates.last { $0.on <= day }?.percent ?? 0
  }

  /// Where it should be on that day if it went evenly; nil without a day to be done by.
  public func expected(on day: Day) -> Int? {
    guard let due, due > startsOn else { return nil }
    let elapsed = min(max(0, day.days(since: startsOn)), due.days(since: startsOn))
    return (elapsed * target * 2 + due.days(since: startsOn)) / (2 * due.days(since: startsOn))
  }

  /// Points that it is behind what is expected; 0 if it is not.
  public func behind(on day: Day) -> Int { max(0, (expected(on: day) ?? 0) - progress) }

  /// `▂▃▄▅▆▇` of the last weeks: one letter for what was known at the end of each, the last one
  /// for `day`.
  public func trend(until day: Day, weeks: Int = 6) -> String {
    let letters: [Character] = ["▂", "▃", "▄", "▅", "▆", "▇"]
    let known = (0..<weeks).reversed().compactMap { progress(on: day.adding(days: -7 * $0)) }
    return String(known.map { letters[min($0, 100) * 5 / 100] })
  }
}

extension Goals.Event {
  /// The goal it is about.
  var id: Int {
    switch self {
    case .added(let id, _, _, _, _, _, _), .progressed(let id, _, _, _, _),
      .keyResultAdded(let id, _, _, _, _, _, _), .keyResultSet(let id, _, _, _, _, _, _),
      .confidenceSaid(let id, _, _, _, _), .ownerChanged(let id, _), .dueChanged(let id, _),
      .closed(let id, _, _, _), .evaluated(let id, _), .removed(let id):
      id
    case .restored(let goal): goal.id
    }
  }
}

/// A number as people write it, `4.6`, to the thousandth: exact, so that a replay gives the same.
public struct Amount: Codable, Sendable, Equatable, CustomStringConvertible {
  /// In thousandths.
  public let thousandths: Int

  init(thousandths: Int) { self.thousandths = thousandths }

  /// Nil for anything but digits with at most one point, nine digits before and three behind it.
  public init?(_ text: some StringProtocol) {
    var rest = text[...]
    let isNegative = rest.hasPrefix("-")
    if isNegative { rest = rest.dropFirst() }
    let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), (1...9).contains(parts[0].utf8.count),
      parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let whole = Int(parts[0])
    else { return nil }
    var fraction = 0
    if parts.count == 2 {
      guard parts[1].utf8.count <= 3, let digits = Int(parts[1]) else { return nil }
      fraction = digits * [0, 100, 10, 1][parts[1].utf8.count]
    }
    thousandths = (whole * 1000 + fraction) * (isNegative ? -1 : 1)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let amount = Amount(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a number")
    }
    self = amount
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  public var description: String {
    let size = thousandths.magnitude
    var fraction = padded(Int(size % 1000), 3)
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let sign = thousandths < 0 ? "-" : ""
    return sign + String(size / 1000) + (fraction.isEmpty ? "" : "." + fraction)
  }

  /// The nearest whole number.
  var rounded: Int { (thousandths + 500).flooredQuotient(by: 1000) }

  /// How far it is from `start` to `target`, 0 to 100, whichever of the two is larger.
  func percent(from start: Amount, to target: Amount) -> Int {
    let way = target.thousandths - start.thousandths
    guard way != 0 else { return thousandths == target.thousandths ? 100 : 0 }
    let gone = (thousandths - start.thousandths) * (way < 0 ? -1 : 1)
    let whole = abs(way)
    return min(100, max(0, (gone * 200 + whole).flooredQuotient(by: 2 * whole)))
  }

  /// The mean, to the nearest whole number; 0 of none.
  static func mean(_ numbers: [Int]) -> Int {
    guard !numbers.isEmpty else { return 0 }
    return (numbers.reduce(0, +) * 2 + numbers.count).flooredQuotient(by: 2 * numbers.count)
  }
}
