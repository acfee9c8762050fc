extension Checkins {
  /// What stands in somebody's way, until it is closed.
  public struct Blockers: Codable, Sendable, Equatable {
    public private(set) var list: [Blocker] = []
    private var lastID = 0
    /// The places of the open ones in the list, in order. It follows from the list, so it is not
    /// stored; nil looks at all of them.
    var openPlaces: [Int]? = []

    private enum CodingKeys: String, CodingKey { case list, lastID }

    init() {}

    public init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      list = try values.decode([Blocker].self, forKey: .list)
      lastID = try values.decode(Int.self, forKey: .lastID)
      index()
    }

    private mutating func index() {
      guard openPlaces != nil else { return }
      openPlaces = list.indices.filter { list[$0].closedOn == nil }
    }

    var nextID: Int { lastID + 1 }

    /// Oldest first.
    public var open: [Blocker] {
      openPlaces?.map { list[$0] } ?? list.filter { $0.closedOn == nil }
    }

    public subscript(_ id: Int) -> Blocker? { list.first { $0.id == id } }

    mutating func apply(_ event: Event, at: Instant) {
      switch event {
      case .blocked(let id, let by, let text, let needs, let day, let answer):
        withdraw(id)
        openPlaces?.append(list.count)
        list.append(
          Blocker(id: id, owner: by, text: text, needs: needs, on: day, answer: answer))
        lastID = max(lastID, id)
      case .blockerReworded(let id, let text, let needs):
        change(id) { ($0.text, $0.needs) = (text, needs) }
      case .unblocked(let id, let by, let day):
        change(id) { ($0.closedBy, $0.closedOn) = (by, day) }
      case .reblocked(let id): change(id) { ($0.closedBy, $0.closedOn) = (nil, nil) }
      case .blockerWithdrawn(let id): withdraw(id)
      case .blockerAsked(let id, let nth): change(id) { $0.asked = max($0.asked, nth) }
      default: break
      }
    }

    private mutating func change(_ id: Int, _ body: (inout Blocker) -> Void) {
      guard let place = list.lastIndex(where: { $0.id == id }) else { return }
      body(&list[place])
      openPlaces?.removeSorted(place)
      if list[place].closedOn == nil { openPlaces?.insertSorted(place) }
    }

    private mutating func withdraw(_ id: Int) {
      guard let place = list.lastIndex(where: { $0.id == id }) else { return }
      list.remove(at: place)
      index()
    }
  }

  /// `b5`.
  public struct Blocker: Codable, Sendable, Equatable {
    public let id: Int
    public let owner: Person
    public internal(set) var text: String
    /// Whose help it takes.
    public internal(set) var needs: [Person]
    public let on: Day
    /// The check-in it was said in; nil for `block`.
    public let answer: String?
    public internal(set) var closedOn: Day?
    public internal(set) var closedBy: Person?
    /// How many rounds of asking there were.
    public internal(set) var asked = 0
  }
}

extension Checkins {
  /// Working days between two rounds of asking about a blocker.
  static let blockerEveryDays = 2
  /// After so many rounds the managers are told once, and then nobody any more.
  static let blockerRoundsMax = 3
  static let blockerTextMax = 200

  static let blockerCommands = [block, unblock, blocks]

  static let block = Command(
    "block", aliases: ["blocked", "block add"], usage: "<text> [@who]",
    example: "block waiting for the VPN key @ben",
    summary: "Something stands in your way; I ask after it until it is closed."
  ) { (call: Call) throws(Refusal) -> Decision in
    let segment = Reader.plain(call.arguments)
    guard !segment.text.isEmpty else {
      throw call.wrong(Phrase("block.text", "What stands in the way?"))
    }
    let needs = helpers(segment.people, call)
    let (events, blocker) = opening(segment.text, needs, nil, call)
    guard let blocker else {
      throw Refusal(Phrase("block.known", "I know that one already."), example: "blocks")
    }
    return Decision(
      events, say: [.reply(opened(blocker, call))] + tells(blocker, call),
      undo: Undoable(
        "blocker/\(blocker.id)", [.checkins(.blockerWithdrawn(id: blocker.id))]))
  }

  /// Those of the people mentioned that are members, apart from the sender.
  static func helpers(_ tokens: [Token], _ call: Call) -> [Person] {
    var people: [Person] = []
    for token in tokens {
      let found = try? call.team.members.find(token, sender: call.sender.id)
      if let person = found ?? nil, person != call.sender.id, !people.contains(person) {
        people.append(person)
      }
    }
    return people
  }

  /// The event that opens a blocker, unless the same one is open already: who writes "waiting for
  /// the key" three days running has one blocker, not three.
  static func opening(
    _ text: String, _ needs: [Person], _ answer: String?, _ call: Call
  ) -> (events: [Crew.Event], blocker: Blocker?) {
    let text = Text.shortened(text, to: blockerTextMax)
    let blockers = call.team.checkins.blockers
    let isKnown = blockers.open.contains {
      $0.owner == call.sender.id && Text.folded($0.text) == Text.folded(text)
    }
    guard !isKnown else { return ([], nil) }
    let blocker = Blocker(
      id: blockers.nextID, owner: call.sender.id, text: text, needs: needs, on: call.today,
      answer: answer)
    let event = Event.blocked(
      id: blocker.id, by: blocker.owner, text: text, needs: needs, on: blocker.on, answer: answer)
    return ([.checkins(event)], blocker)
  }

  static func opened(_ blocker: Blocker, _ call: Call) -> Phrase {
    guard !blocker.needs.isEmpty else {
      return Phrase(
        "block.opened", "✓ b{id} is open.  When it is solved: `unblock b{id}`",
        ["id": .number(blocker.id)])
    }
    let values: [String: Phrase.Value] = [
      "id": .number(blocker.id), "people": .list(blocker.needs.map { .person($0) }),
    ]
    let gone = blocker.needs.compactMap { call.team.calendar.away($0, on: call.today) }
    guard let away = gone.first else {
      return Phrase(
        "block.opened.needs", "✓ b{id} needs {people}.  When it is solved: `unblock b{id}`",
        values)
    }
    return Phrase(
      "block.opened.away",
      "✓ b{id} needs {people}, but {person} is away {when}.  Solved: `unblock b{id}`",
      values.merging([
        "person": .person(away.person), "when": Calendar.span(away.from, away.until),
      ]) { $1 })
  }

  /// Whoever was named in the room has seen it; said in private, it has to be told.
  static func tells(_ blocker: Blocker, _ call: Call) -> [Say] {
    guard call.message.isDirect else { return [] }
    return blocker.needs.filter { person in
      !call.team.isOff(person, on: call.now.today(in: call.team.zone(of: person)))
    }
    .map { person in
      .tell(
        person,
        Phrase(
          "block.told", "{owner} waits for you: {text} (b{id})\nSolved? `unblock b{id}`",
          values(blocker)))
    }
  }

  static func values(_ blocker: Blocker) -> [String: Phrase.Value] {
    [
      "id": .number(blocker.id), "owner": .person(blocker.owner), "text": .text(blocker.text),
      "people": .list(blocker.needs.map { .person($0) }),
    ]
  }

  static let unblock = Command(
    "unblock", aliases: ["unblocked", "block done", "block close"], usage: "<b5> [how]",
    example: "unblock b5", summary: "It does not stand in the way any more."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    let blockers = call.team.checkins.blockers
    let mine = blockers.open.filter { $0.owner == call.sender.id }
    let id =
      arguments.takeNumber(letter: "b") ?? arguments.takeNumber()
      ?? (arguments.isEmpty && mine.count == 1 ? mine[0].id : nil)
    guard let id else { throw call.wrong(Phrase("unblock.which", "Which one? See `blocks`.")) }
    guard let blocker = blockers[id] else {
      throw call.wrong(Phrase("unblock.unknown", "There is no b{id}.", ["id": .number(id)]))
    }
    guard blocker.closedOn == nil else {
      throw Refusal(
        Phrase("unblock.closed", "b{id} is closed already.", ["id": .number(id)]),
        example: "blocks")
    }
    var says: [Say] = [
      .acknowledge(Phrase("unblock.done", "✓ b{id} is closed.", ["id": .number(id)]))
    ]
    if blocker.owner != call.sender.id {
      let phrase = Phrase(
        "unblock.told", "✓ {by} closed b{id}: {text}",
        values(blocker).merging(["by": .person(call.sender.id)]) { $1 })
      says = [.reply(phrase), .tell(blocker.owner, phrase)]
    }
    return Decision(
      [.checkins(.unblocked(id: id, by: call.sender.id, on: call.today))], say: says,
      undo: Undoable("blocker/\(id)", [.checkins(.reblocked(id: id))]))
  }

  static let blocks = Command(
    "blocks", aliases: ["blockers", "block list", "report blockers", "report blocks"],
    summary: "What stands in whose way, and since when."
  ) { (call: Call) throws(Refusal) -> Decision in
    let open = call.team.openBlockers
    guard !open.isEmpty else {
      return Decision(say: [.discreet([Phrase("blocks.none", "Nothing stands in the way.")])])
    }
    return Decision(say: [
      .discreet(Team.folded(open.map { line($0, call.team, call.today) }))
    ])
  }

  static func line(_ blocker: Blocker, _ team: Team, _ today: Day) -> Phrase {
    let needs =
      blocker.needs.isEmpty
      ? Phrase.verbatim("")
      : Phrase("blocks.needs", " — needs {people}", values(blocker))
    let age = team.ageLine(blocker, today)
    return Phrase(
      "blocks.line", "b{id} {owner}: {text}{needs}, {age}",
      values(blocker).merging(["needs": .phrase(needs), "age": .phrase(age)]) { $1 })
  }
}

extension Team {
  /// Oldest first; of people who left the team nothing is waited for.
  public var openBlockers: [Checkins.Blocker] {
    checkins.blockers.open.filter { members[$0.owner]?.isHere == true }
  }

  /// For how many of the team's working days it has been open.
  public func age(of blocker: Checkins.Blocker, on day: Day) -> Int {
    workingDays(since: blocker.on, until: day)
  }
}
