/// Work that somebody has to do. Every task has an owner or is called out until it has one.
///
/// A task that is given is its receiver's at once, marked as not yet accepted: so it is never
/// nobody's in between. Taking or finishing it accepts it; `drop` hands it back to whoever had it.
public struct Tasks: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable {
    case added(
      id: Int, text: String, by: Person, owners: [Person], due: Deadline?, goal: Int?, on: Day)
    /// To other people than `by`: they have yet to accept.
    case given(id: Int, to: [Person], by: Person, on: Day)
    /// From nobody, or from people who are away: `by` is the only owner now.
    case taken(id: Int, by: Person, on: Day)
    case accepted(id: Int, by: Person)
    /// `by` is no owner any more; `to` is who has it instead, if anybody.
    case handedBack(id: Int, by: Person, to: [Person], why: String, on: Day)
    case finished(id: Int, by: Person, on: Day)
    /// Closed without being done.
    case dropped(id: Int, by: Person, why: String, on: Day)
    case reopened(id: Int, on: Day)
    case dueChanged(id: Int, to: Deadline?)
    case goalChanged(id: Int, to: Int?)
    case textChanged(id: Int, to: String)
    /// Somebody left the team: their open tasks have an owner less.
    case ownerLeft(Person, on: Day)
    /// Two members turned out to be one.
    case merged(Person, into: Person)
    /// As it was before a change that is taken back. Fields that `Item` gets later are optional.
    case restored(Item)
    /// Never existed: adding it was taken back. Its number is not given again.
    case removed(id: Int)
  }

  /// A local date, and a time on the wall of `zone` where one was given.
  public struct Deadline: Codable, Sendable, Equatable {
    public let day: Day
    public let time: TimeOfDay?
    public let zone: String
  }

  /// From `from` on nobody had it; `until` is the day somebody did.
  public struct Gap: Codable, Sendable, Equatable {
    public let from: Day
    public internal(set) var until: Day?
  }

  public struct Item: Codable, Sendable, Equatable, Identifiable {
    public enum State: String, Codable, Sendable { case open, done, dropped }

    public internal(set) var id: Int
    public internal(set) var text: String
    public internal(set) var addedBy: Person
    public internal(set) var addedOn: Day
    public internal(set) var addedAt: Instant
    public internal(set) var state = State.open
    public internal(set) var owners: [Person]
    /// Who gave it, while the receivers have not accepted.
    public internal(set) var givenBy: Person?
    /// Who had it before that.
    public internal(set) var givenFrom: [Person] = []
    /// When the present owners got it.
    public internal(set) var ownersSince: Instant
    public internal(set) var ownersOn: Day
    /// The first owner of a task that began without one.
    public internal(set) var firstOwnedAt: Instant?
    public internal(set) var firstOwnedOn: Day?
    public internal(set) var gaps: [Gap] = []
    public internal(set) var due: Deadline?
    public internal(set) var dueSetAt: Instant
    public internal(set) var goal: Int?
    public internal(set) var closedOn: Day?
    public internal(set) var closedBy: Person?
    /// Why it was dropped or handed back last.
    public internal(set) var why: String?
    /// Who handed it back last, and is not asked again.
    public internal(set) var handedBackBy: Person?

    public var isOpen: Bool { state == .open }
    /// The day since which nobody has it.
    public var unownedSince: Day? {
      isOpen && owners.isEmpty ? gaps.last?.from ?? addedOn : nil
    }
    public func isOverdue(on day: Day) -> Bool { isOpen && due.map { $0.day < day } ?? false }
  }

  private var items = Numbered<Item>()
  private var openIDs: [Int] = []
  /// In the order they were closed.
  private var closedIDs: [Int] = []
  private var lastID = 0
  /// Follows from the open items, so it is not stored; nil looks at all of them.
  var index: Index? = Index()

  private enum CodingKeys: String, CodingKey {
    case numbers, words, items, openIDs, closedIDs, lastID
  }

  init() {}

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    if values.contains(.numbers) {
      var fields = FieldStream(
        numbers: try values.decode([Int].self, forKey: .numbers),
        words: try values.decode([String].self, forKey: .words))
      var filling = Numbered<Item>.Filling()
      try fields.each { filling.add($0) }
      items = filling.end()
    } else if let list = try? values.decode([Item].self, forKey: .items) {
      // So they were stored before, and by number before that.
      items = Numbered(list)
    } else {
      items = Numbered(try values.decode([Int: Item].self, forKey: .items).values)
    }
    openIDs = try values.decode([Int].self, forKey: .openIDs)
    closedIDs = try values.decode([Int].self, forKey: .closedIDs)
    lastID = try values.decode(Int.self, forKey: .lastID)
    for item in open { index?.add(item) }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    var (fields, list) = (FieldStream(), items.all)
    try fields.stream(&list)
    try values.encode(fields.numbers, forKey: .numbers)
    try values.encode(fields.words, forKey: .words)
    try values.encode(openIDs, forKey: .openIDs)
    try values.encode(closedIDs, forKey: .closedIDs)
    try values.encode(lastID, forKey: .lastID)
  }

  /// Closed longer ago than this, a task stands in the events alone: no list or digest looks so far
  /// back, and a team of ten years starts as quickly as one of two.
  static let keepClosedDays = 400

  public var nextID: Int { lastID + 1 }
  public subscript(_ id: Int) -> Item? { items[id] }
  /// In the order they were added.
  public var open: [Item] { openIDs.compactMap { items[$0] } }
  public var all: [Item] { items.all }
  /// Some of those that were added first.
  var first: [Item] { items.firstPage }
  public var isEmpty: Bool { items.isEmpty }

  mutating func apply(_ event: Event, at: Instant) {
    switch event {
    case .added: if let item = Item(event, at: at) { put(item) }
    case .restored(let item): put(item)
    case .removed(let id):
      if let item = items.remove(id) { index?.remove(item) }
      openIDs.removeSorted(id)
    case .merged(let former, let person): merge(former, into: person)
    case .ownerLeft(let person, let on):
      for id in openIDs where items[id]?.owners.contains(person) == true {
        change(id) { item in
          item.own(item.owners.filter { $0 != person }, on: on, at: at)
        }
      }
    default: applyChange(event, at: at)
    }
  }

  private mutating func applyChange(_ event: Event, at: Instant) {
    switch event {
    case .given(let id, let to, let by, let on):
      change(id) {
        let from = $0.owners
        $0.own(to, on: on, at: at)
        if !to.contains(by) { ($0.givenBy, $0.givenFrom) = (by, from) }
      }
    case .taken(let id, let by, let on): change(id) { $0.own([by], on: on, at: at) }
    case .accepted(let id, _): change(id) { $0.givenBy = nil }
    case .handedBack(let id, let by, let to, let why, let on):
      change(id) {
        $0.own(to, on: on, at: at)
        $0.handedBackBy = by
        $0.why = why.isEmpty ? nil : why
      }
    case .dueChanged(let id, let due):
      change(id) { ($0.due, $0.dueSetAt) = (due, at) }
    case .goalChanged(let id, let goal): change(id) { $0.goal = goal }
    case .textChanged(let id, let text): change(id) { $0.text = text }
    default: applyEnd(event, at: at)
    }
  }

  private mutating func applyEnd(_ event: Event, at: Instant) {
    switch event {
    case .finished(let id, let by, let on):
      change(id) {
        if $0.owners.isEmpty { $0.own([by], on: on, at: at) }
        $0.close(.done, by: by, on: on)
      }
      noteClosed(id, on: on)
    case .dropped(let id, let by, let why, let on):
      change(id) {
        $0.close(.dropped, by: by, on: on)
        $0.why = why
      }
      noteClosed(id, on: on)
    case .reopened(let id, let on):
      change(id) {
        $0.state = .open
        $0.closedOn = nil
        $0.closedBy = nil
        if $0.owners.isEmpty { $0.gaps.append(Gap(from: on)) }
      }
    default: break
    }
  }

  private mutating func noteClosed(_ id: Int, on day: Day) {
    guard items[id] != nil else { return }
    closedIDs.append(id)
    let old = closedIDs.prefix { id in
      // Reopened ones only leave the queue.
      items[id]?.closedOn.map { day.days(since: $0) > Self.keepClosedDays } ?? true
    }
    for id in old where items[id]?.isOpen == false { items.remove(id) }
    closedIDs.removeFirst(old.count)
  }

  private mutating func merge(_ former: Person, into person: Person) {
    for id in openIDs where items[id]?.owners.contains(former) == true {
      change(id) { item in
        item.owners = item.owners.filter { $0 != former && $0 != person } + [person]
      }
    }
  }

  private mutating func put(_ item: Item) {
    if let former = items.update(item) { index?.remove(former) }
    if item.isOpen {
      openIDs.insertSorted(item.id)
      index?.add(item)
    } else {
      openIDs.removeSorted(item.id)
    }
    lastID = max(lastID, item.id)
  }

  private mutating func change(_ id: Int, _ body: (inout Item) -> Void) {
    guard var item = items[id] else { return }
    body(&item)
    put(item)
  }
}

extension Tasks.Item {
  /// A task as it is when it is added; nil for any other event.
  init?(_ event: Tasks.Event, at: Instant) {
    guard case .added(let id, let text, let by, let owners, let due, let goal, let on) = event
    else { return nil }
    self.init(
      id: id, text: text, addedBy: by, addedOn: on, addedAt: at, owners: owners,
      ownersSince: at, ownersOn: on, due: due, dueSetAt: at, goal: goal)
    if owners.isEmpty { gaps = [Tasks.Gap(from: on)] }
    if owners.contains(where: { $0 != by }) { givenBy = by }
  }

  fileprivate mutating func own(_ people: [Person], on day: Day, at: Instant) {
    if owners.isEmpty, !people.isEmpty {
      if let last = gaps.indices.last, gaps[last].until == nil { gaps[last].until = day }
      if firstOwnedAt == nil { (firstOwnedAt, firstOwnedOn) = (at, day) }
    }
    if !owners.isEmpty, people.isEmpty { gaps.append(Tasks.Gap(from: day)) }
    owners = people
    (givenBy, givenFrom) = (nil, [])
    (ownersSince, ownersOn) = (at, day)
  }

  fileprivate mutating func close(_ state: State, by person: Person, on day: Day) {
    self.state = state
    (closedOn, closedBy, givenBy) = (day, person, nil)
    if let last = gaps.indices.last, gaps[last].until == nil { gaps[last].until = day }
  }
}
