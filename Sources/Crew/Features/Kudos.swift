/// Thanks in public: `@ana++ for the 2am rollback #customer`. Never negative, never for oneself,
/// never a ranking unless the team asks for one.
public struct Kudos: Codable, Sendable, Equatable {
  public enum Event: Codable, Sendable, Equatable {
    case given(id: Int, from: Person, to: [Person], reason: String, values: [String], on: Day)
    case takenBack(id: Int)
  }

  public struct Thanks: Codable, Sendable, Equatable {
    public let id: Int
    public let from: Person
    public let to: [Person]
    public let reason: String
    /// Without their `#`.
    public let values: [String]
    public let on: Day
  }

  /// How many people one person can thank a day (policy `kudos.allowance`).
  static let usualAllowance = 5
  /// Days before the same person can be thanked again by the same (policy `kudos.cooldown`).
  static let usualCooldownDays = 1
  /// The most people in one kudos, as `RELIABILITY` row 29 of bad input asks.
  static let peopleMax = 20

  public private(set) var given: [Thanks] = []
  private var lastID = 0

  mutating func apply(_ event: Event, at: Instant) {
    switch event {
    case .given(let id, let from, let to, let reason, let values, let on):
      given.append(
        Thanks(id: id, from: from, to: to, reason: reason, values: values, on: on))
      lastID = max(lastID, id)
    case .takenBack(let id): given.removeAll { $0.id == id }
    }
  }

  /// Thanks given from `day` on.
  public func since(_ day: Day) -> [Thanks] { given.filter { $0.on >= day } }

  private func spent(by person: Person, on day: Day) -> Int {
    given.filter { $0.from == person && $0.on == day }.reduce(0) { $0 + $1.to.count }
  }

  private func isCooling(_ from: Person, _ to: Person, on day: Day, days: Int) -> Bool {
    given.contains {
      $0.from == from && $0.to.contains(to) && day.days(since: $0.on) < days
    }
  }
}

extension Kudos {
  static let commands = [give, undo, mine, top]

  static let give = Command(
    "kudos", usage: "@person [@more] for <reason> [#value]",
    example: "kudos @ben for the 2am rollback #customer", summary: "Thank teammates in public."
  ) { (call: Call) throws(Refusal) -> Decision in
    var arguments = call.arguments
    var people: [Person] = []
    while let person = try call.personIfNamed(&arguments) {
      if !people.contains(person) { people.append(person) }
    }
    if people.isEmpty { people = [try call.person(&arguments)] }
    return try thank(people, arguments, call)
  }

  /// `@ana++ for …` and `@ana @ben ++ for …`, directly behind real members; anything else is chat.
  static let spoken = Spoken { (call: Call) throws(Refusal) -> Decision? in
    guard call.arguments.tokens.contains(where: { $0.folded.hasSuffix("++") }) else { return nil }
    var arguments = call.arguments
    var people: [Person] = []
    while var token = arguments.first {
      if token.kind == .word, token.text == "++" || token.text == "＋＋" {
        arguments.take()
        return people.isEmpty ? nil : try thank(people, arguments, call)
      }
      let endsInPlus = token.kind == .word && token.folded.hasSuffix("++")
      if endsInPlus { token.text = String(token.text.dropLast(2)) }
      if token.kind == .word, !token.folded.hasPrefix("@") { return nil }
      guard let person = try call.team.members.find(token, sender: call.sender.id) else {
        return nil
      }
      arguments.take()
      if !people.contains(person) { people.append(person) }
      if endsInPlus { return try thank(people, arguments, call) }
    }
    return nil
  }

  private static func thank(
    _ people: [Person], _ arguments: Arguments, _ call: Call
  ) throws(Refusal) -> Decision {
    var arguments = arguments
    _ = arguments.take(anyOf: "for", "因为", "因", "为")
    let reason = arguments.text
    try check(people, reason, call)
    let values = arguments.tokens.map(\.folded)
      .filter { $0.hasPrefix("#") && $0.count > 1 && $0.dropFirst().first?.isNumber == false }
      .map { String($0.dropFirst()) }
    let id = call.team.kudos.lastID + 1
    let event = Event.given(
      id: id, from: call.sender.id, to: people, reason: Text.shortened(reason, to: 500),
      values: values, on: call.today)
    let allowance = call.team.settings.policy("kudos.allowance", usual: usualAllowance)
    let left = allowance - call.team.kudos.spent(by: call.sender.id, on: call.today) - people.count
    let line = Phrase(
      "kudos.given", "✓ k{id} {people} +1{values} (you have {left} left today).  Undo: `undo`",
      [
        "id": .number(id), "people": .list(people.map { .person($0) }), "left": .number(left),
        "values": .text(values.map { " #" + $0 }.joined()),
      ])
    let seen = Phrase(
      "kudos.seen", "{from} → {people} +1{values}: {reason}",
      [
        "from": .person(call.sender.id), "people": .list(people.map { .person($0) }),
        "values": .text(values.map { " #" + $0 }.joined()),
        "reason": .text(Text.shortened(reason, to: 200)),
      ])
    return Decision(
      [.kudos(event)],
      say: [.reply(line), .announceUnseen(seen), .elsewhere(told(event, call))],
      undo: Undoable("kudos/\(id)", [.kudos(.takenBack(id: id))]))
  }

  /// What those read who sit in another room.
  private static func told(_ event: Event, _ call: Call) -> Phrase {
    guard case .given(_, let from, let to, let reason, _, _) = event else { return .verbatim("") }
    return Phrase(
      "kudos.told", "{from} thanks {people}: {reason}  ({room})",
      [
        "from": .person(from), "people": .list(to.map { .calls($0) }), "reason": .text(reason),
        "room": .text(call.team.settings.name(of: call.message.room)),
      ])
  }

  private static func check(
    _ people: [Person], _ reason: String, _ call: Call
  ) throws(Refusal) {
    let example = give.example
    if people.contains(call.sender.id) {
      throw Refusal(Phrase("kudos.self", "Kudos are for others."), example: example)
    }
    if people.count > peopleMax {
      throw Refusal(Phrase("kudos.many", "That is too many people at once (20 at most)."))
    }
    if reason.isEmpty {
      throw Refusal(Phrase("kudos.reason", "What for?"), example: example)
    }
    let team = call.team
    let days = team.settings.policy("kudos.cooldown", usual: usualCooldownDays)
    for person in people
    where team.kudos.isCooling(call.sender.id, person, on: call.today, days: days) {
      throw Refusal(
        Phrase(
          "kudos.cooling", "You thanked {person} already; give it a day.",
          ["person": .person(person)]))
    }
    let allowance = team.settings.policy("kudos.allowance", usual: usualAllowance)
    let left = allowance - team.kudos.spent(by: call.sender.id, on: call.today)
    if people.count > left {
      throw Refusal(
        Phrase("kudos.spent", "You have {left} left today.", ["left": .number(max(0, left))]))
    }
  }

  static let undo = Command(
    "kudos undo", summary: "Take your last kudos back (10 minutes)."
  ) { (call: Call) throws(Refusal) -> Decision in
    let change = call.team.changes.last(by: call.sender.id, now: call.now.instant)
    guard change?.subject.hasPrefix("kudos/") == true else {
      throw Refusal(
        Phrase("kudos.undo.nothing", "No kudos of yours from the last 10 minutes."))
    }
    return try Help.undo.answer(call)
  }

  static let mine = Command(
    "kudos mine", summary: "Thanks you were given lately."
  ) { (call: Call) throws(Refusal) -> Decision in
    let mine = call.team.kudos.given.filter { $0.to.contains(call.sender.id) }
    guard !mine.isEmpty else {
      return Decision(say: [.discreet([Phrase("kudos.mine.none", "None yet. Give some?")])])
    }
    let head = Phrase.counted(
      "kudos.mine", mine.count, one: "{count} kudos so far:", many: "{count} kudos so far:")
    let lines = mine.reversed().map { thanks in
      Phrase(
        "kudos.mine.line", "k{id} {person}: {reason}",
        [
          "id": .number(thanks.id), "person": .person(thanks.from),
          "reason": .text(Text.shortened(thanks.reason, to: 80)),
        ])
    }
    return Decision(say: [.discreet([head] + Team.folded(lines))])
  }

  static let top = Command(
    "kudos top", summary: "Who was thanked most this month, where the team wants to see it."
  ) { (call: Call) throws(Refusal) -> Decision in
    guard call.team.settings.policy("kudos.top", usual: 0) == 1 else {
      throw Refusal(
        Phrase("kudos.top.off", "This team keeps no ranking. A manager can change that."),
        example: "policy kudos.top on")
    }
    var counts: [Person: Int] = [:]
    for thanks in call.team.kudos.since(call.today.adding(days: -30)) {
      for person in thanks.to { counts[person, default: 0] += 1 }
    }
    let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let lines = ranked.prefix(8).map { person, count in
      Phrase(
        "kudos.top.line", "{count} {person}", ["count": .number(count), "person": .person(person)])
    }
    let head = Phrase("kudos.top.head", "Thanked most in 30 days:")
    return Decision(say: [.discreet([head] + lines)])
  }
}
