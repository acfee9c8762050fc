/// A member of one team, by a number that is never given again.
public struct Person: Codable, Sendable, Hashable, Comparable {
  public let number: Int

  public init(_ number: Int) { self.number = number }
  public init(from decoder: any Decoder) throws {
    number = try decoder.singleValueContainer().decode(Int.self)
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(number)
  }
  public static func < (a: Person, b: Person) -> Bool { a.number < b.number }
}

public struct Member: Codable, Sendable, Equatable {
  public let id: Person
  /// For show, and to be called by; never a proof of who somebody is.
  public var name: String
  public var identities: [Identity]
  public var isManager = false
  /// False for somebody who left or was removed: kept for what they did, may do nothing.
  public var isHere = true
  public var language: String?
  public var zone: String?
  /// No private nudges between these local times; nil means the usual 19:00–08:00.
  public var quiet: Quiet?
  /// Working weekdays where they differ from the team's.
  public var workdays: [Weekday]?
  /// Accounts on which this person has written to the bot alone, so that it may write back.
  public var reachable: [String] = []
  /// The most reminders a day where the person chose fewer than the team's usual.
  public var nudgesMax: Int?
  /// A manager took them out: being in the room does not bring them back.
  public var isRemoved = false

  init(id: Person, name: String, identity: Identity) {
    self.id = id
    self.name = name
    identities = [identity]
  }
}

/// Local hours in which a person's phone stays silent.
public struct Quiet: Codable, Sendable, Equatable {
  public var from: TimeOfDay
  public var until: TimeOfDay

  public init(from: TimeOfDay, until: TimeOfDay) {
    self.from = from
    self.until = until
  }

  func covers(_ time: TimeOfDay) -> Bool {
    from <= until ? (from <= time && time < until) : (time >= from || time < until)
  }
}

/// Who belongs to a team.
public struct Members: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable {
    /// Somebody came into the team's room, or wrote there for the first time.
    case joined(Person, name: String, identity: Identity)
    case came(Person)
    case left(Person)
    case renamed(Person, String)
    case madeManager(Person)
    case unmadeManager(Person)
    /// The person wrote to the bot alone on this account.
    case reachable(Person, account: String)
    case unreachable(Person, account: String)
    /// A one-time code, valid for ten minutes, that lets another identity become this person.
    case linkOffered(Person, code: String, until: Instant)
    /// `identity` is this person from now on, and no longer `former`, if it was anybody.
    case linked(Person, Identity, former: Person?)
    case languageChosen(Person, String?)
    case zoneChosen(Person, String?)
    case quietChosen(Person, Quiet?)
    case workdaysChosen(Person, [Weekday]?)
    case nudgesChosen(Person, Int?)
    /// A manager took somebody out of the team.
    case removed(Person)
    /// A manager let them in again.
    case readmitted(Person)
  }

  public private(set) var list: [Member] = []
  private var offers: [LinkOffer] = []

  private struct LinkOffer: Codable, Equatable {
    var person: Person
    var code: String
    var until: Instant
  }

  /// Those who are here, in the order they came.
  public var present: [Member] { list.filter(\.isHere) }
  public var managers: [Member] { present.filter(\.isManager) }
  public var nextPerson: Person { Person(list.count + 1) }

  public subscript(_ person: Person) -> Member? {
    list.indices.contains(person.number - 1) ? list[person.number - 1] : nil
  }

  public func member(_ identity: Identity) -> Member? {
    list.first { $0.identities.contains(identity) }
  }

  public func name(_ person: Person) -> String { self[person]?.name ?? "?" }

  func node(for person: Person, pings: Bool) -> Markup.Node {
    .person(
      name: Text.isolated(name(person)), identities: self[person]?.identities ?? [], pings: pings)
  }

  /// Whether anybody was told a code that is good now.
  func hasOffer(at now: Instant) -> Bool { offers.contains { $0.until > now } }

  /// Whom a code typed now links to.
  func offer(_ code: String, at now: Instant) -> Person? {
    offers.first { $0.code == code && $0.until > now }?.person
  }

  mutating func apply(_ event: Event) {
    switch event {
    case .joined(let person, let name, let identity):
      guard person == nextPerson else { return }
      list.append(Member(id: person, name: name, identity: identity))
    case .linked(let person, let identity, let former):
      if let former {
        change(former) { member in
          member.identities.removeAll { $0 == identity }
          if member.identities.isEmpty { member.isHere = false }
        }
      }
      change(person) { $0.identities.append(identity) }
      offers.removeAll { $0.person == person }
    case .linkOffered(let person, let code, let until):
      offers.removeAll { $0.person == person }
      offers.append(LinkOffer(person: person, code: code, until: until))
    default: applySetting(event)
    }
  }

  private mutating func applySetting(_ event: Event) {
    switch event {
    case .came(let person): change(person) { $0.isHere = true }
    case .left(let person): change(person) { $0.isHere = false }
    case .renamed(let person, let name): change(person) { $0.name = name }
    case .madeManager(let person): change(person) { $0.isManager = true }
    case .unmadeManager(let person): change(person) { $0.isManager = false }
    case .reachable(let person, let account):
      change(person) { if !$0.reachable.contains(account) { $0.reachable.append(account) } }
    case .unreachable(let person, let account):
      change(person) { $0.reachable.removeAll { $0 == account } }
    case .languageChosen(let person, let language): change(person) { $0.language = language }
    case .zoneChosen(let person, let zone): change(person) { $0.zone = zone }
    case .quietChosen(let person, let quiet): change(person) { $0.quiet = quiet }
    case .workdaysChosen(let person, let days): change(person) { $0.workdays = days }
    case .nudgesChosen(let person, let most): change(person) { $0.nudgesMax = most }
    case .removed(let person):
      change(person) { ($0.isHere, $0.isRemoved, $0.isManager) = (false, true, false) }
    case .readmitted(let person):
      change(person) { ($0.isHere, $0.isRemoved) = (true, false) }
    case .joined, .linked, .linkOffered: break
    }
  }

  private mutating func change(_ person: Person, _ body: (inout Member) -> Void) {
    guard list.indices.contains(person.number - 1) else { return }
    body(&list[person.number - 1])
  }

  /// Who is meant by a mention, `@name`, `name` or `me`. Several of that name: a refusal that says
  /// so, because the bot never guesses.
  func find(_ token: Token, sender: Person) throws(Refusal) -> Person? {
    if case .mention(let identity) = token.kind {
      return member(identity).flatMap { $0.isHere ? $0.id : nil }
    }
    var word = token.folded[...]
    if word.hasPrefix("@") { word = word.dropFirst() }
    if ["me", "我"].contains(word) { return sender }
    while let last = word.last, ",;:.+".contains(last) { word = word.dropLast() }
    let found = present.filter { $0.isCalled(String(word)) }
    guard found.count < 2 else {
      throw Refusal(
        Phrase(
          "person.several", "Which {name}? {people}: use a mention.",
          [
            "name": .text(String(word)),
            "people": .list(
              found.map { .text("\($0.name) (\($0.identities.first?.user ?? "?"))") }),
          ]))
    }
    return found.first?.id
  }
}

extension Member {
  /// By the whole name, its first word, or the user id with or without its server.
  func isCalled(_ word: String) -> Bool {
    guard !word.isEmpty else { return false }
    let name = Text.folded(name)
    if name == word || name.prefix(while: { !$0.isWhitespace }) == word[...] { return true }
    return identities.contains { identity in
      var user = Text.folded(identity.user)[...]
      if user.hasPrefix("@") { user = user.dropFirst() }
      return user == word[...] || user.prefix(while: { $0 != ":" }) == word[...]
    }
  }
}
