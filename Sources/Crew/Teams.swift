/// What the operator allows, from the config file.
public struct Admission: Sendable, Equatable {
  /// Account → who may bring the bot into a room: user ids, `*:example.org`, or `*`.
  public var inviters: [String: [String]]
  public var zone: String
  public var language: String
  /// Where posts may go besides the chats.
  public var places: Places

  public init(
    inviters: [String: [String]], zone: String, language: String, places: Places = Places()
  ) {
    self.inviters = inviters
    self.zone = zone
    self.language = language
    self.places = places
  }

  /// Default deny: an account that is not listed lets nobody.
  public func allows(_ identity: Identity) -> Bool {
    (inviters[identity.account] ?? []).contains { pattern in
      pattern == "*" || pattern == identity.user
        || (pattern.hasPrefix("*") && identity.user.hasSuffix(pattern.dropFirst()))
    }
  }
}

/// All teams of one daemon, and which room and which person belongs to which.
public struct Teams: Sendable, Equatable {
  public private(set) var list: [String: Team]
  private var ofRoom: [Room: String]
  public let words: Words

  public init(words: Words, teams: [Team] = []) {
    self.words = words
    list = Dictionary(teams.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    ofRoom = [:]
    for team in teams {
      for room in team.settings.formerRooms + team.settings.rooms { ofRoom[room] = team.id }
    }
  }

  /// In the order of their ids, so that nothing depends on a dictionary's mood.
  public var sorted: [Team] { list.values.sorted { $0.id < $1.id } }

  public mutating func apply(_ event: Event, to id: String, at: Instant) {
    list[id, default: Team(id: id)].apply(event, at: at)
    switch event {
    case .team(.founded(_, let room, _, _)), .team(.roomMoved(_, let room)),
      .team(.roomJoined(let room, _)):
      ofRoom[room] = id
    case .team(.roomParted(let room)): ofRoom[room] = nil
    case .team(.dissolved):
      list[id] = nil
      ofRoom = ofRoom.filter { $0.value != id }
    default: break
    }
  }

  public func team(of room: Room) -> Team? { ofRoom[room].flatMap { list[$0] } }

  /// Teams that this identity is a member of, now.
  public func teams(of identity: Identity) -> [Team] {
    sorted.filter { $0.members.member(identity)?.isHere == true }
  }
}

/// What follows from a message for the whole daemon, ready for the ledger.
public struct Answer: Sendable {
  public struct Happening: Sendable, Equatable {
    public var team: String
    public var event: Event
  }

  public var events: [Happening] = []
  public var posts: [Outgoing] = []
  /// Why nothing was changed, in a word; nil if the message was a command that was carried out.
  public var refused: String?
}

extension Teams {
  /// - Parameters:
  ///   - now: when the message reached us; it decides what "tomorrow" means.
  ///   - handled: when it is answered; later than ten minutes and the reply says so.
  public func answer(
    _ message: Message, now: Now, handled: Instant, admission: Admission, chance: UInt64
  ) -> Answer {
    switch message.kind {
    case .text: return hear(message, Moment(now, handled, chance, admission.places))
    case .invited: return found(message, now: now, admission: admission)
    case .joined, .left, .removed, .moved: return follow(message, now)
    case .unreadable: return say(message, Self.unreadable)
    case .gap: return say(message, Self.gap)
    case .edit: return Answer(refused: "edit")
    case .ignored(let why): return Answer(refused: why)
    }
  }

  private static let unreadable = Phrase(
    "room.encrypted",
    "This room is encrypted and I cannot read it. Use a room without encryption for the team.")
  private static let gap = Phrase(
    "room.gap",
    "I was away too long: messages of that time may be missing. Please repeat what went unanswered."
  )

  /// A line to the team's room, whatever was asked.
  private func say(_ message: Message, _ phrase: Phrase) -> Answer {
    guard let team = team(of: message.room) else { return Answer(refused: "no team") }
    let text = team.speaker(words, for: nil).say(phrase)
    return Answer(posts: [Outgoing(.room(message.room), Post(text: text), .reply)])
  }
}

// Somebody wrote.
extension Teams {
  /// When and under which circumstances a message is answered.
  private struct Moment {
    var now: Now
    var handled: Instant
    var chance: UInt64
    var places: Places

    init(_ now: Now, _ handled: Instant, _ chance: UInt64, _ places: Places) {
      (self.now, self.handled, self.chance, self.places) = (now, handled, chance, places)
    }
  }

  private func hear(_ message: Message, _ moment: Moment) -> Answer {
    let now = moment.now
    guard message.senderKind == .person || message.senderKind == .bridged else {
      return Answer(refused: message.senderKind.rawValue)
    }
    if let answer = link(message, now) { return answer }
    if message.isDirect { return hearDirect(message, moment) }
    guard let team = team(of: message.room) else {
      return message.ephemeral == nil ? Answer(refused: "no team") : hearStranger(message)
    }
    if team.members.member(message.sender)?.isRemoved == true {
      return message.ephemeral == nil ? Answer(refused: "removed") : hearStranger(message)
    }
    let (member, events) = team.enter(message)
    var welcomed = team
    for event in events { welcomed.apply(event, at: now.instant) }
    let verdict = welcomed.answer(
      message, from: member.capped(message), now: now, words: words, chance: moment.chance,
      places: moment.places)
    // Plain chat of somebody new is no reason to write anything down.
    if case .silence(let why) = verdict { return Answer(refused: why) }
    if case .decided(let decision) = verdict, let move = decision.move {
      return follow(move, message, welcomed, member, now)
    }
    return carry(verdict, welcomed, member, message, events, now, moment.handled)
  }

  private func hearDirect(_ message: Message, _ moment: Moment) -> Answer {
    let teams = teams(of: message.sender)
    guard !teams.isEmpty else { return hearStranger(message) }
    // What concerns oneself counts in every team of the person; anything else in one.
    var whole = Answer(refused: "stranger")
    for (number, team) in (isPersonal(message) ? teams : [teams[0]]).enumerated() {
      let answer = answer(message, directIn: team, moment)
      if number == 0 { whole = answer } else { whole.events += answer.events }
    }
    return whole
  }

  private func answer(_ message: Message, directIn team: Team, _ moment: Moment) -> Answer {
    guard var member = team.members.member(message.sender) else { return Answer(refused: "gone") }
    var team = team
    var events: [Event] = []
    if !member.reachable.contains(message.sender.account) {
      events = [.members(.reachable(member.id, account: message.sender.account))]
      member.reachable.append(message.sender.account)
      team.apply(events[0], at: moment.now.instant)
    }
    let verdict = team.answer(
      message, from: member.capped(message), now: moment.now, words: words, chance: moment.chance,
      places: moment.places)
    return carry(verdict, team, member, message, events, moment.now, moment.handled)
  }

  private func isPersonal(_ message: Message) -> Bool {
    var tokens = Arguments(pieces: message.body).tokens
    if let first = tokens.first, let mark = first.folded.first, mark == "/" || mark == "!" {
      tokens[0].text = String(first.text.dropFirst())
    }
    guard
      case .command(let path, _) = words.find(
        words.splitGlued(words.splitUnderscored(tokens)).map(\.folded))
    else {
      return false
    }
    return Catalog.command(path)?.isPersonal ?? false
  }

  /// Nobody we know. The one thing they may do is to show a linking code; see `link`.
  private func hearStranger(_ message: Message) -> Answer {
    let text = Speaker(words: words, language: "en", members: Members()).say(
      Phrase(
        "stranger",
        "I only work for my teams. Write in your team's room first, or send {link} from there.",
        ["link": .markup(Markup([.command("link")]))]))
    // A slash command always wants its answer, and nobody else sees it.
    guard message.ephemeral == nil else {
      return Answer(posts: [reply(text, to: message)], refused: "stranger")
    }
    let post = Outgoing(
      .room(message.room), Post(text: text), .reply,
      onceAnHour: "stranger/\(message.sender.account)/\(message.sender.user)")
    return Answer(posts: [post], refused: "stranger")
  }
}

// The bot's rooms and who is in them.
extension Teams {
  private func found(_ message: Message, now: Now, admission: Admission) -> Answer {
    guard admission.allows(message.sender), message.senderKind == .person else {
      let text = Speaker(words: words, language: admission.language, members: Members()).say(
        Phrase(
          "invite.denied",
          "I may not work here: {user} is not on my list. Ask whoever runs me to add it.",
          ["user": .text(message.sender.user)]))
      let post = Outgoing(
        .room(message.room), Post(text: text), .reply,
        onceAnHour: "denied/\(message.room.account)/\(message.room.id)")
      return Answer(posts: [post], refused: "inviter not allowed")
    }
    if message.isDirect { return Answer(refused: "direct") }
    if let team = team(of: message.room) {
      return Answer(events: [.init(team: team.id, event: .team(.roomFound(message.room)))])
    }
    let id = "\(message.room.account):\(message.room.id)"
    let name = message.roomName.map { Text.shortened(Text.clean($0), to: 60) } ?? "Team"
    let person = Person(1)
    let events: [Event] = [
      .team(
        .founded(
          name: name, room: message.room, zone: admission.zone, language: admission.language)),
      .members(.joined(person, name: message.shownName, identity: message.sender)),
      .members(.madeManager(person)),
    ]
    var team = Team(id: id)
    for event in events { team.apply(event, at: now.instant) }
    let hello = Phrase(
      "hello",
      "I ring when something is nobody's or has gone quiet. {manager} manages this team here.\n"
        + "Begin with `task add renew cert due fri`, `checkin schedule daily 09:30` or `help`.",
      ["manager": .person(person)])
    return Answer(
      events: events.map { .init(team: id, event: $0) },
      posts: [
        Outgoing(
          .room(message.room), Post(text: team.speaker(words, for: nil).say(hello)), .reply)
      ])
  }

  private func follow(_ message: Message, _ now: Now) -> Answer {
    guard let team = team(of: message.room) else { return Answer(refused: "no team") }
    let events: [Event]
    switch message.kind {
    case .removed: events = [.team(.roomLost(message.room))]
    case .moved(let id):
      let room = Room(account: message.room.account, id: id)
      events = [.team(.roomMoved(from: message.room, to: room))]
    case .joined:
      guard message.senderKind == .person || message.senderKind == .bridged else {
        return Answer(refused: "not a person")
      }
      events = team.enter(message).events
    case .left:
      events =
        team.members.member(message.sender)
        .map { team.isReached($0, without: message.room) ? [] : team.departure(of: $0.id, now) }
        ?? []
    default: events = []
    }
    return Answer(events: events.map { .init(team: team.id, event: $0) })
  }
}

extension Team {
  /// The member that wrote, and what has to be recorded of them first: whoever is in the team's
  /// room belongs to it.
  func enter(_ message: Message) -> (member: Member, events: [Event]) {
    let name = message.shownName
    guard var member = members.member(message.sender) else {
      let person = members.nextPerson
      return (
        Member(id: person, name: name, identity: message.sender),
        [.members(.joined(person, name: name, identity: message.sender))]
      )
    }
    var events: [Event] = []
    if member.isRemoved { return (member, []) }
    if !member.isHere { events.append(.members(.came(member.id))) }
    if !message.senderName.isEmpty, member.name != name {
      events.append(.members(.renamed(member.id, name)))
    }
    member.isHere = true
    member.name = name
    return (member, events)
  }
}

extension Member {
  /// The member as this message may act: what comes over a bridge is never a manager's, whoever
  /// that account was linked to, because the bridge alone says who wrote it.
  fileprivate func capped(_ message: Message) -> Member {
    guard message.senderKind == .bridged else { return self }
    var member = self
    member.isManager = false
    return member
  }
}

extension Message {
  /// The display name without tricks, or the user id.
  var shownName: String {
    let name = Text.shortened(
      String(Text.clean(senderName).split(separator: "\n").joined(separator: " ").trimmed), to: 40)
    return name.isEmpty ? sender.user : name
  }
}
