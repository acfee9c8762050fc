/// Who may do a thing. Everything else is denied, and the denial is recorded.
public enum Permission: String, Sendable, Codable {
  case member, manager
}

/// A command as an entry of a table: help, permissions, menus and errors all come from here.
public struct Command: Sendable {
  /// What one types, e.g. `task add`. Also its key for other languages' names.
  public let path: String
  /// Other English names, e.g. `take` for `task take`.
  public let aliases: [String]
  /// What follows it, e.g. `<text> [@who] [due <when>]`.
  public let usage: String
  /// A call that works, shown in errors, e.g. `task add renew cert due fri`.
  public let example: String
  public let summary: Phrase
  public let permission: Permission
  /// True for a command about oneself: it counts in every team of the person.
  public let isPersonal: Bool
  let answer: @Sendable (Call) throws(Refusal) -> Decision

  public init(
    _ path: String, aliases: [String] = [], usage: String = "", example: String? = nil,
    summary: String, permission: Permission = .member, isPersonal: Bool = false,
    answer: @escaping @Sendable (Call) throws(Refusal) -> Decision
  ) {
    self.path = path
    self.aliases = aliases
    self.usage = usage
    self.example = example ?? path
    self.summary = Phrase("command.\(path)", summary)
    self.permission = permission
    self.isPersonal = isPersonal
    self.answer = answer
  }

  /// The first word: what `help <topic>` goes by.
  public var topic: String { String(path.prefix { $0 != " " }) }
}

/// Something that is recognised in plain words, without a command's prefix; nil means it is not it.
public struct Spoken: Sendable {
  let recognise: @Sendable (Call) throws(Refusal) -> Decision?
}

/// One command as somebody gave it, with everything it may look at. It never has to ask back.
public struct Call: Sendable {
  public let team: Team
  public let sender: Member
  public let arguments: Arguments
  public let message: Message
  /// All of the message, from the command's prefix on.
  let typed: Arguments
  /// When the message reached us: relative dates count from here, however late it is answered.
  public let now: Now
  public let words: Words
  /// The command that was found; nil for something said without one (`@ann++`).
  public let command: Command?
  /// Chance, handed in. Whatever it decides stands in the event.
  public let chance: UInt64
  public let places: Places

  /// The sender's own zone, or the team's.
  public var zone: String { team.zone(of: sender.id) }
  public var today: Day { now.today(in: zone) }
  public var language: String { team.language(of: sender.id) }

  /// The person that the next argument names, taken from `arguments`.
  /// - Throws: a refusal when nobody or several are called that.
  public func person(_ arguments: inout Arguments) throws(Refusal) -> Person {
    guard let token = arguments.first else { throw wrong(Phrase("person.none", "Who?")) }
    guard let person = try team.members.find(token, sender: sender.id) else {
      throw wrong(
        Phrase(
          "person.unknown", "I don't know {name} here.", ["name": .text(token.text)]))
    }
    arguments.take()
    return person
  }

  /// The person that the next argument names, if it names one: a mention or `@name`.
  public func personIfNamed(_ arguments: inout Arguments) throws(Refusal) -> Person? {
    guard let token = arguments.first else { return nil }
    if token.kind == .word, !token.folded.hasPrefix("@") { return nil }
    return try person(&arguments)
  }

  /// A refusal that shows this command's example.
  public func wrong(_ phrase: Phrase) -> Refusal { Refusal(phrase, example: command?.example) }
}

/// What follows from a message: what happened, and what is said.
public struct Decision: Sendable {
  public var events: [Event]
  public var says: [Say]
  public var change: Undoable?
  /// What becomes of the room, which concerns another team too.
  var move: RoomMove?

  public init(_ events: [Event] = [], say: [Say] = [], undo: Undoable? = nil) {
    self.events = events
    says = say
    change = undo
  }
}

/// How a decision is taken back: by whoever made it, within ten minutes, while nobody has changed
/// the same subject since.
public struct Undoable: Sendable, Equatable {
  /// What was changed, e.g. `task/41`.
  public var subject: String
  public var events: [Event]

  public init(_ subject: String, _ events: [Event]) {
    self.subject = subject
    self.events = events
  }
}

/// Something said in answer to a message.
public enum Say: Sendable, Equatable {
  /// Where it was asked, in its thread.
  case reply(Phrase)
  /// ✅ on the message; the words where a platform has no reactions.
  case acknowledge(Phrase)
  /// Something long or personal: to the sender alone where they can be reached, else as a reply.
  case discreet([Phrase])
  /// To one person alone, at once. Their phone rings outside their quiet hours.
  case tell(Person, Phrase)
  /// To the team's rooms.
  case announce(Phrase)
  /// To the room where it was asked, if nobody there saw the asking (a slash command).
  case announceUnseen(Phrase)
  /// To those of the team's rooms in which it was not said.
  case elsewhere(Phrase)
  /// To an address that somebody says is theirs.
  case mail(Identity, Phrase)
}

/// Why a message changed nothing: one line, and an example that works.
public struct Refusal: Error, Sendable, Equatable {
  public var phrase: Phrase
  public var example: String?
  /// For the record: `wrong`, `denied`.
  public var reason: String

  public init(_ phrase: Phrase, example: String? = nil, reason: String = "wrong") {
    self.phrase = phrase
    self.example = example
    self.reason = reason
  }

  var line: Phrase {
    guard let example else {
      return Phrase("refusal", "✗ {what}", ["what": .phrase(phrase)])
    }
    return Phrase(
      "refusal.example", "✗ {what} Try: `{example}`",
      ["what": .phrase(phrase), "example": .text(example)])
  }
}
