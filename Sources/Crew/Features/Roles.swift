/// Who answers for what. A role has a responsibility, a smallest number of holders and a history;
/// while it is being handed over it stays with its holder, so that it is never silently empty.
public struct Roles: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable {
    case defined(name: String, responsibility: String, minimum: Int, by: Person, on: Day)
    case redefined(name: String, responsibility: String, by: Person, on: Day)
    case minimumChanged(name: String, minimum: Int, by: Person, on: Day)
    /// The definition is gone, with whoever held it.
    case dropped(name: String)
    case claimed(name: String, by: Person, on: Day)
    case released(name: String, by: Person, on: Day)
    /// `from` was absent; `by` took over without waiting for them.
    case taken(name: String, by: Person, from: Person, on: Day)
    case offered(name: String, from: Person, to: Person, on: Day)
    case accepted(name: String, from: Person, to: Person, on: Day)
    /// The receiver does not want it, or the giver thought better of it (`by`).
    case declined(name: String, by: Person, on: Day)
    case covered(name: String, by: Person, from: Day, until: Day)
    case coverEnded(name: String, by: Person)
    case reviewed(name: String, by: Person, on: Day)
    /// Nil: it does not go round any more.
    case rotationChosen(name: String, to: Role.Rotation?, by: Person)
    /// A turn began.
    case rotated(name: String, from: Person?, to: Person, on: Day)
    /// How a role was before a change that was taken back.
    case restored(Role)
  }

  /// In the order in which they were defined.
  public private(set) var list: [Role] = []
  /// Follows from the list, so it is not stored.
  private(set) var index = Index()
  /// False makes every reminder look at all roles.
  var isIndexUsed = true

  private enum CodingKeys: String, CodingKey { case list }

  init() {}

  public init(from decoder: any Decoder) throws {
    list = try decoder.container(keyedBy: CodingKeys.self).decode([Role].self, forKey: .list)
    index = Index(list)
  }

  /// The role of that name; letter case and full-width forms make no difference.
  public func role(_ name: String) -> Role? { index.places[Text.folded(name)].map { list[$0] } }

  public func held(by person: Person) -> [Role] { list.filter { $0.holders.contains(person) } }

  /// Handovers that ended with an acceptance, both days included.
  public func handovers(from: Day, to: Day) -> Int {
    list.reduce(0) { sum, role in
      sum + role.history.count { $0.kind == .accepted && from <= $0.on && $0.on <= to }
    }
  }

  mutating func apply(_ event: Event, at: Instant) {
    switch event {
    case .defined(let name, let responsibility, let minimum, let by, let on):
      guard role(name) == nil else { return }
      var role = Role(name, responsibility, minimum, on)
      role.note(.defined, by, on)
      role.measure(at)
      put(role)
    case .dropped(let name):
      guard let place = index.places[name] else { return }
      list.remove(at: place)
      // Everybody behind it has another place now; a role is dropped seldom.
      index = Index(list)
    case .restored(let role): put(role)
    default:
      guard let place = index.places[event.name] else { return }
      var role = list[place]
      role.apply(event)
      role.measure(at)
      put(role)
    }
  }

  /// Where a role of its name stands, or as the last.
  private mutating func put(_ role: Role) {
    if let place = index.places[role.name] {
      index.remove(list[place], at: place)
      list[place] = role
      index.add(role, at: place)
    } else {
      index.add(role, at: list.count)
      list.append(role)
    }
  }

  /// Whoever leaves the team holds nothing any more; a linked account is the same person.
  mutating func follow(_ event: Members.Event, _ members: Members, at: Instant) {
    switch event {
    case .left(let person): for place in list.indices { list[place].lose(person, at) }
    case .linked(let person, _, let former?) where members[former]?.isHere == false:
      for place in list.indices { list[place].replace(former, by: person) }
    default: return
    }
    index = Index(list)
  }
}

/// A role as it stands. Its stored form is part of the events (`restored`): later fields are
/// optional.
public struct Role: Codable, Sendable, Equatable {
  public struct Offer: Codable, Sendable, Equatable {
    public let from: Person
    public let to: Person
    public let on: Day
  }

  /// Somebody who stands in, both days included.
  public struct Cover: Codable, Sendable, Equatable {
    public let by: Person
    public let from: Day
    public let until: Day
  }

  public struct Change: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
      case defined, redefined, claimed, released, taken, accepted, left, reviewed, rotated
    }

    public let kind: Kind
    public let person: Person
    /// Whom it came from, for `taken` and `accepted`.
    public let from: Person?
    public let on: Day
  }

  static let historyMax = 50

  /// Folded: `[a-z0-9-]` or Chinese letters.
  public let name: String
  public private(set) var responsibility: String
  public private(set) var minimum: Int
  public private(set) var holders: [Person] = []
  public private(set) var offer: Offer?
  public private(set) var covers: [Cover] = []
  /// When somebody last said that the definition still holds.
  public private(set) var reviewedOn: Day
  /// Since when it has had fewer holders than it needs.
  public private(set) var shortSince: Instant?
  public private(set) var history: [Change] = []
  public private(set) var rotation: Rotation?

  init(_ name: String, _ responsibility: String, _ minimum: Int, _ on: Day) {
    self.name = name
    self.responsibility = responsibility
    self.minimum = minimum
    reviewedOn = on
  }

  public var isShort: Bool { holders.count < minimum }

  /// Since when that person has held it.
  public func since(_ person: Person) -> Day? {
    history.last {
      $0.person == person && [.claimed, .taken, .accepted, .rotated].contains($0.kind)
    }?.on
  }

  mutating func note(_ kind: Change.Kind, _ person: Person, _ on: Day, from: Person? = nil) {
    history.append(Change(kind: kind, person: person, from: from, on: on))
    if history.count > Self.historyMax { history.removeFirst() }
  }

  mutating func measure(_ at: Instant) { shortSince = isShort ? shortSince ?? at : nil }

  mutating func apply(_ event: Roles.Event) {
    switch event {
    case .redefined(_, let text, let by, let on):
      responsibility = text
      reviewedOn = on
      note(.redefined, by, on)
    case .minimumChanged(_, let minimum, _, _): self.minimum = minimum
    case .claimed(_, let by, let on): hold(by, .claimed, on)
    case .released(_, let by, let on):
      holders.removeAll { $0 == by }
      if offer?.from == by { offer = nil }
      note(.released, by, on)
    case .taken(_, let by, let from, let on): hold(by, .taken, on, from: from)
    case .offered(_, let from, let to, let on): offer = Offer(from: from, to: to, on: on)
    case .accepted(_, let from, let to, let on): hold(to, .accepted, on, from: from)
    case .declined: offer = nil
    case .covered(_, let by, let from, let until):
      covers.removeAll { $0.by == by || $0.until < from }
      covers.append(Cover(by: by, from: from, until: until))
    case .coverEnded(_, let by): covers.removeAll { $0.by == by }
    case .reviewed(_, let by, let on):
      reviewedOn = on
      note(.reviewed, by, on)
    case .rotationChosen(_, let rotation, _): self.rotation = rotation
    case .rotated(_, let from, let to, let on): hold(to, .rotated, on, from: from)
    case .defined, .dropped, .restored: break
    }
  }

  /// `from` stops holding it at the same moment; an offer that this settles is gone.
  private mutating func hold(
    _ person: Person, _ kind: Change.Kind, _ on: Day, from: Person? = nil
  ) {
    holders.removeAll { $0 == person || $0 == from }
    holders.append(person)
    if let offer, offer.to == person || offer.from == from { self.offer = nil }
    note(kind, person, on, from: from)
  }

  mutating func lose(_ person: Person, _ at: Instant) {
    if offer?.to == person || offer?.from == person { offer = nil }
    covers.removeAll { $0.by == person }
    guard holders.contains(person) else { return }
    holders.removeAll { $0 == person }
    note(.left, person, Day(number: Int(at.seconds / 86_400)))
    measure(at)
  }

  mutating func replace(_ former: Person, by person: Person) {
    guard let index = holders.firstIndex(of: former) else { return }
    if holders.contains(person) { holders.remove(at: index) } else { holders[index] = person }
  }
}

extension Roles.Event {
  /// The role it is about.
  var name: String {
    switch self {
    case .defined(let name, _, _, _, _), .redefined(let name, _, _, _),
      .minimumChanged(let name, _, _, _), .dropped(let name), .claimed(let name, _, _),
      .released(let name, _, _), .taken(let name, _, _, _), .offered(let name, _, _, _),
      .accepted(let name, _, _, _), .declined(let name, _, _), .covered(let name, _, _, _),
      .coverEnded(let name, _), .reviewed(let name, _, _), .rotationChosen(let name, _, _),
      .rotated(let name, _, _, _):
      name
    case .restored(let role): role.name
    }
  }
}

extension Team {
  /// Not in the team any more, or on leave that day. A weekend is no absence.
  func isAbsent(_ person: Person, on day: Day) -> Bool {
    members[person]?.isHere != true || isAway(person, on: day)
  }

  /// Who answers for a role on that day: its holders who are not absent, whoever stands in for
  /// the role, and whoever an absent holder named when they went away.
  public func onDuty(_ role: Role, on day: Day) -> [Person] {
    var people = role.holders.filter { !isAbsent($0, on: day) }
    let covers = role.covers.filter { $0.from <= day && day <= $0.until }.map(\.by)
    let named = role.holders.compactMap { calendar.cover(of: $0, on: day) }
    for person in covers + named where !isAbsent(person, on: day) && !people.contains(person) {
      people.append(person)
    }
    return people
  }

  /// Who answers for the role of that name on that day; nobody for an unknown name.
  public func onDuty(_ name: String, on day: Day) -> [Person] {
    roles.role(name).map { onDuty($0, on: day) } ?? []
  }
}
