extension Team {
  /// How a message begins when it means us: what is left of it, and how sure that is.
  private struct Address {
    var tokens: [Token]
    /// False where `!word` may be plain chat: then only a known command is answered.
    var isCertain: Bool
  }

  /// What follows from something that a member wrote. Pure: the same team, message and moment give
  /// the same decision.
  public func answer(
    _ message: Message, from sender: Member, now: Now, words: Words, chance: UInt64,
    places: Places = Places()
  ) -> Verdict {
    let typed = Arguments(pieces: message.body)
    guard let address = address(typed.tokens, message) else {
      return spoken(message, sender, typed, now, words, chance)
    }
    guard message.body.reduce(0, { $0 + $1.bytes }) <= Text.messageBytesMax else {
      return refuse(Refusal(Self.tooLong, reason: "too long"))
    }
    let split = words.splitGlued(words.splitUnderscored(address.tokens))
    switch words.find(split.map(\.folded)) {
    case .command(let path, let taken):
      guard let command = Catalog.command(path) else { return .silence("unknown") }
      var arguments = Arguments(split)
      arguments.drop(taken)
      return run(
        Call(
          team: self, sender: sender, arguments: arguments, message: message, typed: typed,
          now: now, words: words, command: command, chance: chance, places: places))
    case .several(let paths):
      return address.isCertain ? refuse(Self.ambiguous(paths)) : .silence("unknown")
    case .topic(let topic): return refuse(Self.unknownVerb(topic))
    case .nothing:
      let heard = spoken(message, sender, typed, now, words, chance)
      if case .silence = heard, address.isCertain { return refuse(Self.unknown) }
      return heard
    }
  }

  private func address(_ tokens: [Token], _ message: Message) -> Address? {
    guard let first = tokens.first, first.kind == .word else {
      return message.mentionsBot || message.isDirect
        ? Address(tokens: tokens, isCertain: true) : nil
    }
    let folded = first.folded
    if let mark = folded.first, mark == "/" || mark == "!" {
      var stripped = tokens
      let word = String(first.text.dropFirst())
      if word.isEmpty { stripped.removeFirst() } else { stripped[0].text = word }
      return Address(tokens: stripped, isCertain: message.isDirect || message.mentionsBot)
    }
    let name = folded.hasPrefix("@") ? String(folded.dropFirst()) : folded
    if ["crewbell", "crewbell:", "crewbell,"].contains(name) {
      return Address(tokens: Array(tokens.dropFirst()), isCertain: true)
    }
    guard message.isDirect || message.mentionsBot else { return nil }
    return Address(tokens: tokens, isCertain: true)
  }

  private func run(_ call: Call) -> Verdict {
    guard let command = call.command else { return .silence("unknown") }
    if command.permission == .manager, !call.sender.isManager {
      return refuse(
        Refusal(
          Phrase("denied", "That is for managers of this team."), reason: "denied"))
    }
    do {
      return .decided(settled(try command.answer(call), call))
    } catch {
      return refuse(error)
    }
  }

  /// Adds the record that `undo` needs.
  private func settled(_ decision: Decision, _ call: Call) -> Decision {
    guard let change = decision.change else { return decision }
    var decision = decision
    let label = Text.shortened(call.typed.text, to: 60)
    decision.events.append(
      .changes(
        .made(
          id: changes.nextID, by: call.sender.id, subject: change.subject, label: label,
          undo: change.events)))
    return decision
  }

  private func spoken(
    _ message: Message, _ sender: Member, _ arguments: Arguments, _ now: Now, _ words: Words,
    _ chance: UInt64
  ) -> Verdict {
    let call = Call(
      team: self, sender: sender, arguments: arguments, message: message, typed: arguments,
      now: now, words: words, command: nil, chance: chance, places: Places())
    for spoken in Catalog.spoken {
      do throws(Refusal) {
        if let decision = try spoken.recognise(call) { return .decided(settled(decision, call)) }
      } catch {
        return refuse(error)
      }
    }
    return .silence("not for us")
  }

  private func refuse(_ refusal: Refusal) -> Verdict { .refused(refusal) }

  private static let tooLong = Phrase(
    "too.long", "That is too long for me (4,096 bytes at most). Nothing was changed.")
  private static let unknown = Refusal(
    Phrase("unknown", "I don't know that one."), example: "help", reason: "unknown")

  private static func unknownVerb(_ topic: String) -> Refusal {
    Refusal(
      Phrase("unknown.verb", "I don't know that one about {topic}.", ["topic": .text(topic)]),
      example: "help \(topic)", reason: "unknown")
  }

  private static func ambiguous(_ paths: [String]) -> Refusal {
    Refusal(
      Phrase(
        "unknown.several", "That could be {commands}.",
        ["commands": .list(paths.prefix(5).map { .text($0) })]),
      example: paths.first, reason: "unknown")
  }
}

/// What a team makes of a message.
public enum Verdict: Sendable {
  case decided(Decision)
  case refused(Refusal)
  /// Plain chat: nothing is said.
  case silence(String)
}

extension Piece {
  var bytes: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .mention(_, let shown): shown.utf8.count
    }
  }
}
