extension Event {
  /// Whether it can change how something is said or to whom: who people are, how they are spoken
  /// to, and when they are there. All else is left out of the copy that words are chosen by, so
  /// that a change to much is not made twice.
  fileprivate var changesWords: Bool {
    switch self {
    case .team, .members, .calendar: true
    case .bell, .changes, .checkins, .roles, .tasks, .goals, .kudos, .digest: false
    }
  }
}

// From what a team decided to what is stored and sent.
extension Teams {
  func carry(
    _ verdict: Verdict, _ team: Team, _ member: Member, _ message: Message, _ before: [Event],
    _ now: Now, _ handled: Instant
  ) -> Answer {
    var answer = Answer(events: before.map { .init(team: team.id, event: $0) })
    let speaker = team.speaker(words, for: member.id)
    switch verdict {
    case .silence(let why): answer.refused = why
    case .refused(let refusal):
      answer.refused = refusal.reason
      answer.posts = [reply(speaker.say(refusal.line), to: message)]
    case .decided(let decision):
      answer.events += decision.events.map { .init(team: team.id, event: $0) }
      // Words are chosen by the team as it is after the decision (a new language, a new name).
      var after = team
      for event in decision.events where event.changesWords { after.apply(event, at: now.instant) }
      answer.posts = decision.says.flatMap { posts($0, after, member, message, now) }
    }
    if handled.seconds(since: now.instant) > 600, !answer.posts.isEmpty {
      answer.posts[0] = late(answer.posts[0], speaker, team, now, handled)
    }
    return answer
  }

  private func posts(
    _ say: Say, _ team: Team, _ member: Member, _ message: Message, _ now: Now
  ) -> [Outgoing] {
    let rooms = team.settings.openRooms
    switch say {
    case .announce(let phrase): return team.told(phrase, in: rooms, words)
    case .elsewhere(let phrase):
      // What was said to the bot alone stays there.
      guard rooms.contains(message.room) else { return [] }
      return team.told(phrase, in: rooms.filter { $0 != message.room }, words)
    case .reply, .acknowledge, .discreet, .tell, .mail, .announceUnseen:
      return post(say, team, member, message, now).map { [$0] } ?? []
    }
  }

  private func post(
    _ say: Say, _ team: Team, _ member: Member, _ message: Message, _ now: Now
  ) -> Outgoing? {
    let speaker = team.speaker(words, for: member.id)
    switch say {
    case .reply(let phrase): return reply(speaker.say(phrase), to: message)
    case .acknowledge(let phrase):
      let post = Post(
        kind: .reaction("✅", on: message.id), text: speaker.say(phrase), inReplyTo: message.id,
        thread: message.thread)
      return Outgoing(.room(message.room), post, .reply)
    case .discreet(let lines):
      let text = speaker.lines(lines)
      let reachable = team.members[member.id]?.reachable ?? []
      if !message.isDirect, reachable.contains(message.sender.account) {
        return Outgoing(.direct(message.sender), Post(text: text), .reply)
      }
      var answer = reply(text, to: message)
      if !message.isDirect { answer.post.seenBy = message.sender }
      return answer
    case .tell(let person, let phrase):
      guard let target = team.directTarget(person) else { return nil }
      let text = team.speaker(words, for: person).say(phrase)
      return Outgoing(
        target, Post(text: text, isSilent: team.isQuiet(person, now)), .reminder)
    case .mail(let identity, let phrase):
      return Outgoing(.direct(identity), Post(text: speaker.say(phrase)), .reply)
    case .announceUnseen(let phrase):
      guard message.ephemeral != nil, !message.isDirect else { return nil }
      return Outgoing(
        .room(message.room), Post(text: team.speaker(words, for: nil).say(phrase)), .reply)
    case .announce, .elsewhere: return nil
    }
  }

  func reply(_ text: Markup, to message: Message) -> Outgoing {
    Outgoing(
      .room(message.room),
      Post(text: text, inReplyTo: message.id, thread: message.thread), .reply)
  }

  private func late(
    _ outgoing: Outgoing, _ speaker: Speaker, _ team: Team, _ now: Now, _ handled: Instant
  ) -> Outgoing {
    let zone = team.settings.zone
    let note = speaker.say(
      Phrase(
        "late", " (received {received}, handled {handled})",
        [
          "received": .text(now.local(in: zone).time.description),
          "handled": .text(now.local(handled, in: zone).time.description),
        ]))
    var outgoing = outgoing
    // A bare ✅ cannot say how late it is.
    if case .reaction = outgoing.post.kind { outgoing.post.kind = .message }
    outgoing.post.text = outgoing.post.text + note
    return outgoing
  }
}
