/// A rule that speaks up by itself. `why` shows its summary.
public struct Reminder: Sendable {
  /// E.g. `tasks.unowned`; the first part of every slot of it.
  public let name: String
  /// Why it came, for whoever asks.
  public let summary: Phrase
  /// Everything that should be said by now; what was said already is left out by the caller.
  let due: @Sendable (Team, Now) -> [Nudge]

  public init(
    _ name: String, summary: String, due: @escaping @Sendable (Team, Now) -> [Nudge]
  ) {
    self.name = name
    self.summary = Phrase("rule.\(name)", summary)
    self.due = due
  }
}

/// One thing that should be said by now.
public struct Nudge: Sendable {
  public enum Audience: Sendable, Equatable {
    case room
    case person(Person)
    /// The places that the operator has digests posted to, and nobody where there is none.
    case places
  }

  /// How it is put together with others.
  public enum Form: Sendable, Equatable {
    /// A line that can stand in one post with others of its kind.
    case line
    /// A post of its own, such as a digest or a check-in's opening.
    case whole
    /// A post of its own in the thread under the post of that slot (of the same rule or another).
    case under(rule: String, slot: String)
  }

  /// Unique for ever within the rule, e.g. `2026-11-23/ana`; a local date, never an instant.
  public var slot: String
  public var audience: Audience
  public var form: Form
  public var lines: [Phrase]
  /// When it fell due. Later than `graceHours` it is not said any more, only counted.
  public var dueAt: Instant
  public var graceHours: Int64
  /// Recorded together with the post.
  public var events: [Event]
  /// True for what the room or person agreed to hear at that very time (a check-in): it does not
  /// wait for working hours.
  public var isAppointed: Bool
  public var isDigest: Bool

  public init(
    slot: String, to audience: Audience, form: Form = .line, _ lines: [Phrase], dueAt: Instant,
    graceHours: Int64 = 6, events: [Event] = [], isAppointed: Bool = false,
    isDigest: Bool = false
  ) {
    self.slot = slot
    self.audience = audience
    self.form = form
    self.lines = lines
    self.dueAt = dueAt
    self.graceHours = graceHours
    self.events = events
    self.isAppointed = isAppointed
    self.isDigest = isDigest
  }
}

/// What the bell says now: one post, the slots it settles, and the events that go with it. Without
/// a post it only settles slots (too late, or nothing left to say).
public struct Due: Sendable {
  /// `rule/slot`; the ledger takes each once.
  public var slots: [String]
  public var events: [Event]
  public var post: Outgoing?
  /// The same for other places, each a post with a fate of its own.
  public var copies: [Outgoing] = []
}

/// A post with its place to go, before the ledger gives it a key.
public struct Outgoing: Sendable, Equatable {
  public enum Class: Sendable { case reply, reminder, digest }

  public var target: Target
  public var post: Post
  public var kind: Class
  /// Posts with the same word are said once an hour (the answer to a stranger).
  public var onceAnHour: String?

  public init(_ target: Target, _ post: Post, _ kind: Class, onceAnHour: String? = nil) {
    self.target = target
    self.post = post
    self.kind = kind
    self.onceAnHour = onceAnHour
  }
}

extension Team {
  /// Everything that should be said by now. It may be called at any time and any number of times:
  /// a slot that was decided does not come again once its events are applied.
  public func due(_ now: Now, words: Words, places: Places = Places()) -> [Due] {
    let hasPlaces = !places.targets(.digests, of: self).isEmpty
    var dues: [Due] = []
    var waiting: [(rule: Reminder, nudge: Nudge)] = []
    // A digest that nobody will read would be made at every look, for it is never decided.
    for rule in Catalog.reminders where hasPlaces || rule.name != Digest.posted.name {
      for nudge in rule.due(self, now) {
        let slot = "\(rule.name)/\(nudge.slot)"
        if bell.isDecided(slot) { continue }
        if now.instant > nudge.dueAt.adding(hours: nudge.graceHours) {
          dues.append(
            Due(slots: [slot], events: [.bell(.expired(rule: rule.name, slots: [slot]))]))
        } else if mayRing(nudge, now) {
          waiting.append((rule, nudge))
        }
      }
    }
    return dues + grouped(waiting, now, words, places)
  }

  /// Whether this is a time at which the audience may be spoken to. If not, the nudge simply waits:
  /// it is due at or after its time.
  private func mayRing(_ nudge: Nudge, _ now: Now) -> Bool {
    switch nudge.audience {
    case .room, .places:
      let local = now.local(in: settings.zone)
      if nudge.isAppointed { return settings.home != nil && !isHoliday(local.day) }
      return settings.home != nil && isWorkday(local.day)
        && settings.hoursFrom <= local.time && local.time < settings.hoursUntil
    case .person(let person):
      guard let member = members[person], member.isHere else { return false }
      let local = now.local(in: zone(of: person))
      if nudge.isAppointed { return !isOff(person, on: local.day) }
      return isWorkday(local.day, for: person) && !quiet(of: member).covers(local.time)
    }
  }

  /// A person's own quiet hours, or the usual 19:00–08:00.
  func quiet(of member: Member) -> Quiet {
    member.quiet
      ?? Quiet(
        from: TimeOfDay.nine.adding(minutes: 600), until: TimeOfDay.midnight.adding(minutes: 480))
  }

  /// True in a person's quiet hours and on their days off, when no phone of theirs shall ring.
  func isQuiet(_ person: Person, _ now: Now) -> Bool {
    guard let member = members[person] else { return false }
    let local = now.local(in: zone(of: person))
    return !isWorkday(local.day, for: person) || quiet(of: member).covers(local.time)
  }

  /// Lines to one person become one post, lines of one rule to the room become one post.
  private func grouped(
    _ waiting: [(rule: Reminder, nudge: Nudge)], _ now: Now, _ words: Words, _ places: Places
  ) -> [Due] {
    var groups: [(key: String, items: [(rule: Reminder, nudge: Nudge)])] = []
    for item in waiting {
      let key: String
      switch (item.nudge.form, item.nudge.audience) {
      case (.line, .room): key = "room/\(item.rule.name)"
      case (.line, .person(let person)): key = "person/\(person.number)"
      default: key = "own/\(item.rule.name)/\(item.nudge.slot)"
      }
      if let index = groups.firstIndex(where: { $0.key == key }) {
        groups[index].items.append(item)
      } else {
        groups.append((key, [item]))
      }
    }
    var number = bell.nextNumber
    return groups.compactMap { group in
      guard mayNudge(group.items, now) else { return nil }
      let due = ring(group.items, number, words, places)
      if due?.post != nil { number += 1 }
      return due
    }
  }

  /// The budget: at most one post per rule and day to the room, and per day so many to a person
  /// (policy `nudges`, usually 5). Digests and appointed things are not counted.
  private func mayNudge(_ items: [(rule: Reminder, nudge: Nudge)], _ now: Now) -> Bool {
    guard let first = items.first, !items.contains(where: { $0.nudge.isAppointed }),
      first.nudge.form == .line
    else { return true }
    switch first.nudge.audience {
    case .places: return true
    case .room:
      let today = now.today(in: settings.zone)
      return !bell.rings(since: now.instant.adding(hours: -48)).contains {
        $0.to == nil && $0.rule == first.rule.name
          && now.local($0.at, in: settings.zone).day == today
      }
    case .person(let person):
      let zone = zone(of: person)
      let sent = bell.rings(since: now.instant.adding(hours: -48)).count {
        $0.to == person && now.local($0.at, in: zone).day == now.today(in: zone)
      }
      let usual = settings.policy("nudges", usual: 5)
      return sent < min(usual, members[person]?.nudgesMax ?? usual)
    }
  }

  private func ring(
    _ items: [(rule: Reminder, nudge: Nudge)], _ number: Int, _ words: Words,
    _ places: Places
  ) -> Due? {
    guard let first = items.first else { return nil }
    let slots = items.map { "\($0.rule.name)/\($0.nudge.slot)" }
    let person: Person? =
      if case .person(let person) = first.nudge.audience { person } else { nil }
    let targets = targets(first.nudge, places)
    guard let target = targets.first else { return nil }
    let speaker = speaker(words, for: person)
    var lines = items.flatMap(\.nudge.lines)
    if first.nudge.form == .line {
      lines = Self.folded(lines)
      let last = lines.removeLast()
      lines.append(
        Phrase(
          "bell.why", "{line}  (`why {number}`)",
          ["line": .phrase(last), "number": .number(number)]))
    }
    var post = Post(text: speaker.lines(lines))
    if case .under(let rule, let slot) = first.nudge.form {
      post.underPost = postKey("\(rule)/\(slot)")
    }
    let rang = Bell.Event.rang(
      number: number, rule: first.rule.name, slots: slots, to: person)
    let kind: Outgoing.Class = first.nudge.isDigest ? .digest : .reminder
    return Due(
      slots: slots, events: items.flatMap(\.nudge.events) + [.bell(rang)],
      post: Outgoing(target, post, kind),
      copies: targets.dropFirst().map { Outgoing($0, Post(text: post.text), kind) })
  }

  /// Where it is said: the first is the team's own, the others are copies.
  private func targets(_ nudge: Nudge, _ places: Places) -> [Target] {
    switch nudge.audience {
    case .places: return places.targets(.digests, of: self)
    case .person(let person):
      // A private digest goes to the address that the manager has shown to be theirs, or to the
      // one of their own chats that they chose.
      if nudge.isDigest, let mailbox = digest.mailbox(of: person),
        places.allows(mailbox) || members[person]?.identities.contains(mailbox) == true
      {
        return [.direct(mailbox)]
      }
      return directTarget(person).map { [$0] } ?? []
    case .room:
      guard let home = settings.home else { return [] }
      // What stands in a thread of the room makes no sense elsewhere.
      if case .under = nudge.form { return [.room(home)] }
      return settings.openRooms.map(Target.room) + places.targets(.reminders, of: self)
    }
  }

  /// At most 8 lines, then how many more there are.
  static func folded(_ lines: [Phrase]) -> [Phrase] {
    guard lines.count > 9 else { return lines }
    return lines.prefix(8) + [
      Phrase("list.more", "+ {count} more", ["count": .number(lines.count - 8)])
    ]
  }

  /// The key under which the post for a slot is sent; `Due` and threads under it agree on this.
  public func postKey(_ slot: String) -> String { "s:\(id)/\(slot)" }

  /// Where a person is written to alone: an account they wrote to the bot on, else their first.
  func directTarget(_ person: Person) -> Target? {
    guard let member = members[person] else { return nil }
    let identity =
      member.identities.first { member.reachable.contains($0.account) }
      ?? member.identities.first
    return identity.map { .direct($0) }
  }
}
