/// What becomes of a room that a manager speaks in.
enum RoomMove: Sendable, Equatable {
  /// It becomes one of the team's whose manager told this code.
  case joins(code: String)
  /// It becomes a team of its own.
  case leaves
}

/// One team in several rooms, on one platform or on several. Whoever writes in any of them belongs
/// to the team; what the bot says to the room by itself is said in all of them, and so is a kudos.
enum Rooms {
  static let commands = [offer, join, leave]

  /// Each reminder is a post in every room.
  static let most = 8
  static let minutes: Int64 = 10

  static let offer = Command(
    "team room", aliases: ["team rooms"],
    summary: "One more room for the team, on this platform or another.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    guard call.team.settings.rooms.count < most else { throw tooMany }
    let code = Linking.code(call.chance)
    let until = call.now.instant.adding(minutes: minutes)
    let told = Phrase(
      "room.code",
      "Bring me into the other room. Then write there, within {minutes} minutes: "
        + "`team join {code}`",
      ["code": .text(code), "minutes": .number(Int(minutes))])
    return Decision(
      [.team(.roomOffered(by: call.sender.id, code: code, until: until))],
      say: call.message.isDirect
        ? [.reply(told)]
        : [
          .acknowledge(Phrase("link.told", "✓ I sent you a code.")), .tell(call.sender.id, told),
        ])
  }

  static let join = Command(
    "team join", usage: "<code>", example: "team room",
    summary: "Make this room one of the team's that the code is from.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    guard !call.message.isDirect else { throw Refusal(inRoom) }
    var decision = Decision()
    decision.move = .joins(code: call.arguments.firstWord)
    return decision
  }

  static let leave = Command(
    "team leave", aliases: ["team part"],
    summary: "Make this room a team of its own again.", permission: .manager
  ) { (call: Call) throws(Refusal) -> Decision in
    guard !call.message.isDirect else { throw Refusal(inRoom) }
    var decision = Decision()
    decision.move = .leaves
    return decision
  }

  private static let inRoom = Phrase("room.here", "Write that in the room that you mean.")
  static let tooMany = Refusal(Phrase("room.many", "A team has eight rooms at most."))
  static let unknown = Refusal(
    Phrase("room.unknown", "That code is not valid, or not any more."), example: "team room")
  static let busy = Refusal(
    Phrase(
      "room.busy", "This room's team has work of its own, and I cannot put two teams together."))
  static let only = Refusal(Phrase("room.only", "This is the team's only room."))
  static let unmanaged = Refusal(
    Phrase("room.unmanaged", "Its other rooms need a manager first."),
    example: "member manager @ben")
}

extension Teams {
  /// A room joins a team or leaves it: what follows for both teams, and what each is told.
  func follow(
    _ move: RoomMove, _ message: Message, _ own: Team, _ sender: Member, _ now: Now
  ) -> Answer {
    do {
      switch move {
      case .joins(let code): return try join(message, code, own, now)
      case .leaves: return try leave(message, own, sender, now)
      }
    } catch {
      let line = own.speaker(words, for: sender.id).say(error.line)
      return Answer(posts: [reply(line, to: message)], refused: error.reason)
    }
  }

  private func join(
    _ message: Message, _ code: String, _ own: Team, _ now: Now
  ) throws(Refusal) -> Answer {
    // Only somebody who still manages that team speaks for it.
    let found = sorted.first { team in
      team.settings.offer(code, at: now.instant).flatMap { team.members[$0] }
        .map { $0.isHere && $0.isManager } ?? false
    }
    guard let team = found, team.id != own.id else { throw Rooms.unknown }
    guard own.isBlank else { throw Rooms.busy }
    guard team.settings.rooms.count < Rooms.most else { throw Rooms.tooMany }
    let name = message.roomName.map { Text.shortened(Text.clean($0), to: 60) } ?? own.settings.name
    let events = [.team(.roomJoined(message.room, name: name))] + team.welcoming(own.members)
    var after = team
    for event in events { after.apply(event, at: now.instant) }
    var answer = Answer()
    answer.events = [.init(team: own.id, event: .team(.dissolved(into: team.id)))]
    answer.events += events.map { .init(team: team.id, event: $0) }
    let here = Phrase(
      "room.joined",
      "✓ This room is one of {team}'s now: its tasks, goals and reminders are told here too.\n"
        + "Whoever is in several of its rooms: `link`",
      ["team": .text(team.settings.name)])
    answer.posts = [reply(after.speaker(words, for: nil).say(here), to: message)]
    let there = Phrase(
      "room.joined.there", "{room} ({account}) is one of this team's rooms now.",
      ["room": .text(name), "account": .text(message.room.account)])
    answer.posts += after.told(there, in: team.settings.openRooms, words)
    return answer
  }

  private func leave(
    _ message: Message, _ own: Team, _ sender: Member, _ now: Now
  ) throws(Refusal) -> Answer {
    let settings = own.settings
    guard settings.rooms.contains(message.room), settings.rooms.count > 1 else {
      throw Rooms.only
    }
    let gone = own.members.present.filter { !own.isReached($0, without: message.room) }
    guard own.members.managers.contains(where: { !gone.contains($0) }) else {
      throw Rooms.unmanaged
    }
    let name = settings.name(of: message.room)
    var answer = Answer()
    answer.events =
      ([.team(.roomParted(message.room))] + gone.flatMap { own.departure(of: $0.id, now) })
      .map { .init(team: own.id, event: $0) }
    // An id is never given again, and this room may have had a team before.
    let id = "\(message.room.account):\(message.room.id)@\(now.instant.seconds)"
    let first = Person(1)
    answer.events += [
      .team(
        .founded(
          name: name, room: message.room, zone: settings.zone, language: settings.language)),
      .members(.joined(first, name: sender.name, identity: message.sender)),
      .members(.madeManager(first)),
    ].map { .init(team: id, event: $0) }
    let here = Phrase(
      "room.left", "✓ This room has left {team} and is a team of its own. {manager} manages it.",
      ["team": .text(settings.name), "manager": .text(sender.name)])
    let there = Phrase(
      "room.left.there", "{room} ({account}) is not one of this team's rooms any more.",
      ["room": .text(name), "account": .text(message.room.account)])
    answer.posts = [reply(own.speaker(words, for: nil).say(here), to: message)]
    answer.posts += own.told(
      there, in: settings.openRooms.filter { $0 != message.room }, words)
    return answer
  }
}

extension Team {
  /// Nothing that anybody would miss.
  fileprivate var isBlank: Bool {
    settings.rooms.count == 1 && tasks.isEmpty && goals.list.isEmpty && roles.list.isEmpty
      && checkins.plans.isEmpty && kudos.given.isEmpty
  }

  /// Whether somebody is still in one of the team's rooms when this one does not count: as far as
  /// can be told, where an account of theirs has another one.
  func isReached(_ member: Member, without room: Room) -> Bool {
    settings.openRooms.contains { other in
      other != room && member.identities.contains { $0.account == other.account }
    }
  }

  /// The same words in some of the team's rooms.
  func told(_ phrase: Phrase, in rooms: [Room], _ words: Words) -> [Outgoing] {
    let text = speaker(words, for: nil).say(phrase)
    return rooms.map { Outgoing(.room($0), Post(text: text), .reply) }
  }

  /// Those who are in a room that joins become members, if they are none yet.
  fileprivate func welcoming(_ guests: Members) -> [Event] {
    var events: [Event] = []
    var next = members.nextPerson
    for guest in guests.present {
      if let known = guest.identities.lazy.compactMap(members.member).first {
        if !known.isHere, !known.isRemoved { events.append(.members(.came(known.id))) }
        continue
      }
      events += guest.identities.enumerated().map { number, identity in
        number == 0
          ? .members(.joined(next, name: guest.name, identity: identity))
          : .members(.linked(next, identity, former: nil))
      }
      events += guest.reachable.map { .members(.reachable(next, account: $0)) }
      next = Person(next.number + 1)
    }
    return events
  }
}
