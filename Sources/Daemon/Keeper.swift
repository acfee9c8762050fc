import Crew
import Ledger
import Logging
import Platforms

/// The one owner of every team. It answers what has arrived and rings what is due, each time as
/// decide → record → apply: the teams change only after the ledger has the change.
///
/// A value owned by one task, so that nothing else can touch a team between two steps.
struct Keeper {
  /// Group commit: the fsync is the cost, so up to this many answers share one.
  static let batchMax = 64
  /// An update is set aside when the deaths of the process while it alone was being answered add up
  /// to this: two that left a mark (`CrashMark`), or eight that did not.
  static let blameMax = 2 * CrashMark.blameMarked

  let ledger: any Ledger
  let clock: any Clock
  let chance: any Chance
  let zones: any Zones
  let abilities: [String: Abilities]
  let log: Logger
  /// By account and cursor, where people who must write first can do so.
  var contactLink: @Sendable (_ account: String, _ cursor: String?) -> String? = { _, _ in nil }
  var admission: Admission
  var limits: Limits
  var points = CrashPoints()
  var batchMax = Self.batchMax
  /// Stores answers, and says of each ruling whether it was stored. Reminders, for which nobody
  /// waits, go to the ledger itself.
  var record: @Sendable ([Ruling], Instant) async throws -> [Bool]
  private(set) var teams: Teams
  private(set) var lastNumber: Int64 = 0
  private var limiter = Limiter()
  /// Updates up to this number were left over from another process: they are answered one by one.
  private var carefulUntil: Int64?
  private var awaySince: Instant?
  /// When the backup was made that this run begins from, until that was told.
  private var backupOf: Instant?
  /// False once the last look found less than it could take: what comes later raises a signal.
  private(set) var mayHaveMore = true
  /// Rooms whose posts have yet to follow them to their new id.
  private var moves: [(room: Room, to: String)] = []

  init(
    ledger: any Ledger, clock: any Clock, chance: any Chance, zones: any Zones, words: Words,
    abilities: [String: Abilities], admission: Admission, limits: Limits, log: Logger
  ) {
    self.ledger = ledger
    self.clock = clock
    self.chance = chance
    self.zones = zones
    self.abilities = abilities
    self.admission = admission
    self.limits = limits
    self.log = log
    teams = Teams(words: words)
    record = { try await ledger.record($0, now: $1) }
  }

  /// Builds the teams from the newest snapshot and the events after it.
  mutating func open() async throws {
    (teams, lastNumber) = try await History.load(from: ledger, words: teams.words, log: log)
    if ledger.opening.epoch > 1 {
      carefulUntil = try await ledger.waiting(limit: 100_000).last?.number
    }
    if let alive = ledger.opening.lastAliveAt,
      clock.now().seconds(since: alive) >= Self.awaySecondsToldOf
    {
      awaySince = alive
    }
    backupOf = ledger.opening.restored?.madeAt
    // Whoever died between storing a move and moving the posts has left this to us.
    moves = teams.sorted.flatMap { team in
      team.settings.formerRooms.compactMap { former in
        team.settings.rooms.first { $0.account == former.account }.map { (former, $0.id) }
      }
    }
  }

  // MARK: Answering

  /// Answers what waits, as far as one look goes. False when nothing waited.
  mutating func answer() async throws -> Bool {
    try await follow()
    if try await answerLeftOver() { return true }
    let look = try await FairQueue.look(at: ledger)
    mayHaveMore = look.hasMore
    try await answer(look.updates)
    return !look.updates.isEmpty
  }

  private mutating func answerLeftOver() async throws -> Bool {
    guard let carefulUntil else { return false }
    guard let first = try await ledger.waiting(limit: 1).first, first.number <= carefulUntil else {
      self.carefulUntil = nil
      return false
    }
    mayHaveMore = true
    try await answerCarefully(first)
    return true
  }

  /// What was waiting when a process died may be what killed it. It is answered alone, after a note
  /// on the disk that says so; on the next start the note is the proof.
  private mutating func answerCarefully(_ update: Waiting) async throws {
    guard update.crashes < Self.blameMax else {
      log.error(
        "an update crashes the daemon and is set aside",
        metadata: ["account": "\(update.message.room.account)", "update": "\(update.message.id)"])
      points.pass(.beforeQuarantine)
      _ = try await ledger.record(
        [Ruling(cause: .update(update.number, .quarantined))], now: clock.now())
      return
    }
    try await ledger.suspect(update.number)
    points.pass(.afterSuspect)
    try await answer([update])
  }

  /// Goes on from what it decides, as if that were stored; where storing fails, it counts for
  /// nothing.
  private mutating func answer(_ updates: [Waiting]) async throws {
    var ahead = self
    var stored: [Batch] = []
    do {
      try await ahead.answer(updates, &stored)
    } catch {
      for batch in stored { adopt(batch) }
      throw error
    }
    (teams, lastNumber, limiter) = (ahead.teams, ahead.lastNumber, ahead.limiter)
    note(updates)
    try await follow()
  }

  /// In batches. While one is recorded the next is decided.
  private mutating func answer(_ updates: [Waiting], _ stored: inout [Batch]) async throws {
    let record = record
    var rest = updates[...]
    var decided = decide(&rest)
    while let batch = decided {
      points.pass(.beforeRecord)
      let outcome: [Bool]
      if rest.isEmpty {
        outcome = try await record(batch.rulings, batch.now)
        decided = nil
      } else {
        async let recorded = record(batch.rulings, batch.now)
        // Where both have one thread, the recording begins first.
        await Task.yield()
        decided = decide(&rest)
        outcome = try await recorded
      }
      points.pass(.afterRecord)
      guard outcome.allSatisfy({ $0 }) else {
        throw LedgerFault.overtaken("another daemon answers the same updates")
      }
      stored.append(batch)
    }
  }

  /// What was decided about some updates, and what is so once it is stored.
  private struct Batch {
    var now: Instant
    var rulings: [Ruling]
    var limiter: Limiter
  }

  /// Decides about the first of `rest` and takes them off.
  /// - Returns: nil where nothing is left.
  private mutating func decide(_ rest: inout ArraySlice<Waiting>) -> Batch? {
    guard !rest.isEmpty else { return nil }
    let now = clock.now()
    var rulings: [Ruling] = []
    var answered = 0
    for update in rest {
      guard answered < batchMax else { break }
      let answer = teams.answer(
        update.message, now: Now(update.receivedAt, zones: zones), handled: now,
        admission: admission, chance: chance.next())
      var ruling = rule(answer, update, now)
      ledger.prepare(&ruling)
      apply(ruling)
      rulings.append(ruling)
      // A refusal without a word costs next to nothing; a flood of them fits into one batch.
      if !ruling.entries.isEmpty || !ruling.drafts.isEmpty { answered += 1 }
      points.pass(.midAnswer)
    }
    rest = rest.dropFirst(rulings.count)
    return Batch(now: now, rulings: rulings, limiter: limiter)
  }

  private mutating func rule(_ answer: Answer, _ update: Waiting, _ now: Instant) -> Ruling {
    let message = update.message
    let isCostly = !answer.events.isEmpty || !answer.posts.isEmpty
    let writtenAt = message.sentAt.milliseconds > 0 ? message.sentAt : update.receivedAt
    if message.kind == .text, isCostly,
      !limiter.admits(message, at: writtenAt, limits: limits)
    {
      return tooMany(update, now)
    }
    if message.kind == .text, isCostly, answer.events.isEmpty,
      limiter.isLoop(message, isRefusal: answer.refused != nil, at: writtenAt)
    {
      return Ruling(cause: .update(update.number, .refused("loop")))
    }
    // In the life that a backup knows nothing of, this was answered already. In whole seconds, as
    // platforms count: what is written right after the start is no repetition.
    let isRepeated =
      ledger.opening.restored.map { writtenAt.seconds < $0.at.seconds } ?? false
    var posts =
      isRepeated
      ? []
      : answer.posts.filter { post in
        guard let key = post.onceAnHour else { return true }
        return limiter.once(key, at: now, perSeconds: 3600)
      }
    if message.ephemeral != nil, posts.isEmpty { posts = [bare(answer, message)] }
    return Ruling(
      cause: .update(update.number, answer.refused.map { .refused($0) } ?? .done),
      entries: answer.events.map { Entry(team: $0.team, at: update.receivedAt, event: $0.event) },
      drafts: drafts(posts, for: message))
  }

  /// Whoever gives a slash command sees not even their own: silence would look like a fault.
  private func bare(_ answer: Answer, _ message: Message) -> Outgoing {
    let text = Speaker.alone(teams.words, language: admission.language)
      .say(Answer.bare(isDone: answer.refused == nil))
    return Outgoing(.room(message.room), Post(text: text, inReplyTo: message.id), .reply)
  }

  private mutating func tooMany(_ update: Waiting, _ now: Instant) -> Ruling {
    let message = update.message
    var posts: [Outgoing] = []
    let key = "limit/\(message.sender.account)/\(message.sender.user)"
    if limiter.once(key, at: now, perSeconds: limits.warnSeconds) {
      let text = Speaker.alone(teams.words, language: admission.language).say(
        Phrase("limit", "That is more than I can take. Wait a minute; what came since is not done.")
      )
      posts = [Outgoing(.room(message.room), Post(text: text, inReplyTo: message.id), .reply)]
    }
    return Ruling(
      cause: .update(update.number, .refused("rate_limited")),
      drafts: drafts(posts, for: message))
  }

  private func drafts(_ posts: [Outgoing], for message: Message) -> [Draft] {
    drafts(message.aside(posts), from: message.room.account) {
      "r:\(message.room.account):\(message.id):\($0)"
    }.map { draft in
      // Where a direct chat bears the person's id, its two names are one place: one order of
      // posts, and one debt of what was lost there.
      guard draft.target == .room(message.room), message.room.id == message.sender.user else {
        return draft
      }
      var draft = draft
      draft.target = .direct(message.sender)
      return draft
    }
  }

  /// What nobody would receive is not drafted; what is too long for a place that is only posted to
  /// is drafted in parts, each a post with a fate of its own.
  /// - Parameter from: the account of the chat that commands can be typed in.
  private func drafts(
    _ posts: [Outgoing], from chat: String? = nil, key: (Int) -> String
  ) -> [Draft] {
    posts.enumerated().flatMap { number, outgoing -> [Draft] in
      guard canReach(outgoing.target) else { return [] }
      let whole = draft(outgoing, key: key(number))
      guard let abilities = abilities[whole.target.account], !abilities.reads else {
        return [whole]
      }
      let prefix = chat.flatMap { self.abilities[$0]?.prefix } ?? "!"
      // A quarter is left for what the place's own markup adds.
      let parts = whole.post.text.spelled(prefix: prefix)
        .parts(atMost: abilities.lengthMax * 3 / 4) { abilities.length(of: $0.plain(prefix: "")) }
      return parts.enumerated().map { number, text in
        var part = whole
        part.post.text = text
        if number > 0 { part.key += "/\(number + 1)" }
        return part
      }
    }
  }

  private static func name(of target: Target) -> String {
    switch target {
    case .room(let room): "\(room.account)/\(room.id)"
    case .direct(let identity): "\(identity.account)/\(identity.user)"
    }
  }

  /// What the platform cannot do is put another way.
  private func draft(_ outgoing: Outgoing, key: String) -> Draft {
    var post = outgoing.post
    if let abilities = abilities[outgoing.target.account] {
      if case .reaction = post.kind, !abilities.reactions { post.kind = .message }
      if !abilities.threads { post.thread = nil }
    }
    let kind: Draft.Class =
      switch outgoing.kind {
      case .reply: .reply
      case .reminder: .reminder
      case .digest: .digest
      }
    return Draft(key: key, target: current(outgoing.target), kind: kind, post: post)
  }

  /// The answer to something written at a room's former id goes to where the room is now.
  private func current(_ target: Target) -> Target {
    guard case .room(let room) = target, let settings = teams.team(of: room)?.settings,
      settings.formerRooms.contains(room),
      let now = settings.rooms.first(where: { $0.account == room.account })
    else { return target }
    return .room(now)
  }

  private mutating func note(_ updates: [Waiting]) {
    for update in updates {
      guard case .moved(let id) = update.message.kind, teams.team(of: update.message.room) != nil
      else { continue }
      moves.append((update.message.room, id))
    }
  }

  /// Posts that wait for a room follow it to its new id. In commits of their own, so what a disk
  /// refuses is tried again, and what a crash leaves is done by the next process.
  private mutating func follow() async throws {
    while let move = moves.first {
      points.pass(.beforeMove)
      try await ledger.moveRoom(move.room, to: move.to)
      moves.removeFirst()
    }
  }

  private mutating func adopt(_ batch: Batch) {
    for ruling in batch.rulings { apply(ruling) }
    limiter = batch.limiter
  }

  private mutating func apply(_ ruling: Ruling) {
    for entry in ruling.entries { teams.apply(entry.event, to: entry.team, at: entry.at) }
    lastNumber += Int64(ruling.entries.count)
  }

  // MARK: Ringing

  /// Rings everything that is due by now.
  mutating func ring() async throws {
    try await ring(at: clock.now())
  }

  mutating func ring(at instant: Instant) async throws {
    let now = Now(instant, zones: zones)
    var rulings: [Ruling] = []
    var unreached: [(team: String, identity: Identity)] = []
    for team in teams.sorted {
      let dues = team.due(now, words: teams.words, places: admission.places)
      rulings += dues.map { rule($0, team, instant) }
      rulings += away(team, dues, now) + putBack(team, now)
      for case .direct(let identity)? in dues.map(\.post?.target)
      where !canReach(.direct(identity)) {
        unreached.append((team.id, identity))
      }
    }
    try await store(rulings, at: instant)
    awaySince = nil
    backupOf = nil
    try await askForContact(unreached, at: instant)
  }

  private mutating func store(_ rulings: [Ruling], at instant: Instant) async throws {
    guard !rulings.isEmpty else { return }
    // Where the clock was turned, `instant` lies behind; what is said is said now all the same.
    points.pass(.beforeSlots)
    let stored = try await ledger.record(rulings, now: clock.now())
    points.pass(.afterSlots)
    for (ruling, isStored) in zip(rulings, stored) {
      guard isStored else {
        log.warning(
          "a reminder was decided before and is left out",
          metadata: ["slots": "\(ruling.cause)"])
        continue
      }
      apply(ruling)
    }
  }

  private func rule(_ due: Due, _ team: Team, _ now: Instant) -> Ruling {
    let cause = Ruling.Cause.slots(due.slots.map { "\(team.id)/\($0)" })
    let entries = due.events.map { Entry(team: team.id, at: now, event: $0) }
    // What fell due while the backup was old may have been said in the life that is lost.
    guard backupOf == nil else { return Ruling(cause: cause, entries: entries) }
    let home = team.settings.home?.account
    let key = team.postKey(due.slots[0])
    let posts = drafts(due.post.map { [$0] } ?? [], from: home) { _ in key }
    let copies = drafts(due.copies, from: home) { "\(key)@\(Self.name(of: due.copies[$0].target))" }
    return Ruling(cause: cause, entries: entries, drafts: posts + copies)
  }

  /// Longer than this and the rooms are told what was left out.
  static let awaySecondsToldOf: Int64 = 3600

  private func away(_ team: Team, _ dues: [Due], _ now: Now) -> [Ruling] {
    let missed = dues.filter { $0.post == nil }.reduce(0) { $0 + $1.slots.count }
    guard let since = awaySince, missed > 0, let home = team.settings.home else { return [] }
    let zone = team.settings.zone
    let (from, until) = (now.local(since, in: zone), now.local(in: zone))
    let phrase = Phrase(
      "gone.line",
      "I was away from {from} to {until}; {count} reminders of that time are left out.",
      [
        "from": .time(from.day, from.time), "until": .time(until.day, until.time),
        "count": .number(missed),
      ])
    let speaker = Speaker(
      words: teams.words, language: team.settings.language, members: team.members)
    return [notice(speaker.say(phrase), in: home, slot: "\(team.id)/away")]
  }

  private func putBack(_ team: Team, _ now: Now) -> [Ruling] {
    guard let backupOf, let home = team.settings.home else { return [] }
    let made = now.local(backupOf, in: team.settings.zone)
    let phrase = Phrase(
      "restored.line",
      "I was put back from a backup of {when}. My reminders and answers of the time since are left"
        + " out; what was written since is done again where the chat still has it.",
      ["when": .time(made.day, made.time)])
    let speaker = Speaker(
      words: teams.words, language: team.settings.language, members: team.members)
    return [notice(speaker.say(phrase), in: home, slot: "\(team.id)/restored")]
  }

  /// Said once in this run.
  private func notice(_ text: Markup, in home: Room, slot: String) -> Ruling {
    let slot = "\(slot)/\(ledger.opening.epoch)"
    let post = Outgoing(.room(home), Post(text: text), .reminder)
    return Ruling(cause: .slots([slot]), drafts: [draft(post, key: "s:\(slot)")])
  }

  // MARK: Housekeeping

  /// A snapshot makes the next start quick; it is never the only copy of anything.
  func saveSnapshot() async throws {
    guard lastNumber > 0 else { return }
    try await ledger.saveSnapshot(number: lastNumber, body: try History.encode(teams))
    points.pass(.afterSnapshot)
  }

  // MARK: Reaching people

  /// False for somebody who must write to the bot first on that platform, and has not.
  private func canReach(_ target: Target) -> Bool {
    guard case .direct(let identity) = target,
      abilities[identity.account]?.directNeedsContact == true
    else { return true }
    return teams.teams(of: identity).contains {
      $0.members.member(identity)?.reachable.contains(identity.account) == true
    }
  }

  /// A platform would not let us write to this person alone.
  mutating func cannotReach(_ identity: Identity) async throws {
    let now = clock.now()
    let affected = teams.teams(of: identity)
    let rulings = affected.compactMap { team -> Ruling? in
      guard let member = team.members.member(identity),
        member.reachable.contains(identity.account)
      else { return nil }
      let event = Event.members(.unreachable(member.id, account: identity.account))
      return Ruling(
        cause: .own("unreachable"), entries: [Entry(team: team.id, at: now, event: event)])
    }
    try await store(rulings + mailRefused(identity, at: now), at: now)
    try await askForContact(affected.map { ($0.id, identity) }, at: now)
  }

  /// A mail server would not take mail for that address.
  private func mailRefused(_ mailbox: Identity, at now: Instant) -> [Ruling] {
    guard admission.places.recipients[mailbox.account] != nil else { return [] }
    return teams.sorted.flatMap { team in
      team.mailRefused(mailbox, words: teams.words).map { event, post in
        Ruling(
          cause: .own("mail refused"), entries: [Entry(team: team.id, at: now, event: event)],
          drafts: drafts(post.map { [$0] } ?? []) { _ in
            "s:\(team.id)/mail refused/\(mailbox.user)/\(now.milliseconds)"
          })
      }
    }
  }

  /// Whoever misses something private is asked in the room, all in one line and each once a week,
  /// to open a chat with the bot.
  private mutating func askForContact(
    _ people: [(team: String, identity: Identity)], at instant: Instant
  ) async throws {
    for (id, group) in Dictionary(grouping: people, by: \.team).sorted(by: { $0.key < $1.key }) {
      guard let team = teams.list[id], let home = team.settings.home else { continue }
      let week = Now(instant, zones: zones).today(in: team.settings.zone).monday
      var persons: [Person] = []
      for identity in group.map(\.identity) {
        guard let person = team.members.member(identity)?.id, !persons.contains(person),
          !team.bell.isDecided(Self.contactSlot(person, week))
        else { continue }
        persons.append(person)
      }
      guard !persons.isEmpty else { continue }
      let slots = persons.map { Self.contactSlot($0, week) }
      let phrase = Self.asking(persons, link: try await link(for: group.map(\.identity)))
      let speaker = Speaker(
        words: teams.words, language: team.settings.language, members: team.members)
      let post = Outgoing(.room(home), Post(text: speaker.say(phrase)), .reminder)
      let event = Event.bell(.skipped(rule: "contact", slots: slots))
      let ruling = Ruling(
        cause: .slots(slots.map { "\(id)/\($0)" }),
        entries: [Entry(team: id, at: instant, event: event)],
        drafts: drafts([post]) { _ in team.postKey(slots[0]) })
      try await store([ruling], at: instant)
    }
  }

  private func link(for people: [Identity]) async throws -> String? {
    for account in Set(people.map(\.account)).sorted() {
      if let link = contactLink(account, try await ledger.cursor(of: account)) { return link }
    }
    return nil
  }

  private static func asking(_ persons: [Person], link: String?) -> Phrase {
    let people = Phrase.Value.list(persons.map { .calls($0) })
    guard let link else {
      return Phrase(
        "unreachable", "{people}: I have something for you alone. Open a chat with me first.",
        ["people": people])
    }
    return Phrase(
      "unreachable.link",
      "{people}: I have something for you alone. Open a chat with me first: {link}",
      ["people": people, "link": .text(link)])
  }

  private static func contactSlot(_ person: Person, _ week: Day) -> String {
    "contact/\(person.number)/\(week)"
  }
}
