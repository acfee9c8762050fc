import Crew
import Daemon
import Ledger

/// What the world itself knows of what was written, stored and shown. It compares that with what
/// the daemon promises, at each call; the first broken promise ends the run.
struct Witness: Sendable {
  /// What may follow from something that was written.
  enum Expectation: Sendable, Equatable {
    /// Nobody may act: a bot, a stranger, an edit, what was said before the bot came.
    case nothing
    /// A member who may not do that: at most their arrival is noted.
    case arrival
    /// Exactly one task with this word.
    case task(String)
    /// Anything, once.
    case any
  }

  /// A post that was promised in the same commit as what it tells of.
  struct Promised: Sendable {
    var target: Target
    var copies = 0
    var isSent = false
    var isDead = false
    var isDoubtful = false
    var isTold = false
    /// Its place owes a word about it.
    var isOwed: Bool { isDead || isDoubtful }
  }

  private(set) var failure: String?
  /// What the stored events add up to, beside the keeper's own.
  private(set) var teams = Teams(words: Simulation.words)
  private(set) var lastNumber: Int64 = 0
  /// Openings of the daily check-in that nobody has looked at yet.
  var openings: [Opened] = []
  private var opened: Set<String> = []
  private var answered: Set<String> = []
  /// Where a room's former ids lead.
  private var places: [String: String] = [:]
  private var expectations: [String: Expectation] = [:]
  private var updates: Set<String> = []
  private(set) var known: Set<String> = []
  /// Those that a death would take, because they are not stored yet.
  private var held: Set<String> = []
  private(set) var gone: Set<String> = []
  private var texts: [Int64: String] = [:]
  private var outcomes: [String: Outcome] = [:]
  private var words: [String: Int] = [:]
  private(set) var slots: Set<String> = []
  /// By team, what its own events call decided.
  private(set) var decided: Set<String> = []
  private var removed: Set<String> = []
  private(set) var posts: [String: Promised] = [:]
  private var draftOf: [Int64: String] = [:]
  private var tells: [Int64: [Int64]] = [:]
  private var answers: Set<String> = []
  private(set) var faults: [Fault: Int] = [:]
  private(set) var messages = 0
  private(set) var shown = 0
  private(set) var crashes = 0
  private(set) var doubts = 0
  private(set) var quarantined = 0

  mutating func fail(_ why: String) { if failure == nil { failure = why } }
  mutating func count(_ fault: Fault) { faults[fault, default: 0] += 1 }
  mutating func died() {
    crashes += 1
    known.subtract(held)
    held = []
  }

  // MARK: Coming in

  /// - Parameter isSure: whether it must arrive.
  mutating func wrote(
    _ update: String, _ expectation: Expectation, isMessage: Bool, isSure: Bool = true
  ) {
    if isSure { updates.insert(update) }
    expectations[update] = expectation
    if isMessage { messages += 1 }
  }

  mutating func ingested(_ arrivals: [Arrival], _ account: String, isStored: Bool) {
    let updates = Set(arrivals.map { "\(account)/\($0.message.id)" })
    if !isStored { held.formUnion(updates.subtracting(known)) }
    known.formUnion(updates)
    // A direct chat has an id of its own there, by which it is answered.
    for message in arrivals.map(\.message) where message.isDirect {
      let place = "dm-\(message.sender.user)"
      if message.room.id != place {
        places["\(account) \(message.room.id)"] = "\(account) \(place)"
      }
    }
  }

  mutating func storedAll() { held = [] }

  func isOpen(_ account: String, _ user: String) -> Bool {
    places.values.contains("\(account) dm-\(user)")
  }

  mutating func lost(_ lost: [String]) { gone.formUnion(lost.filter { !known.contains($0) }) }

  mutating func waiting(_ list: [Waiting]) {
    for waiting in list {
      texts[waiting.number] = "\(waiting.message.room.account)/\(waiting.message.id)"
    }
  }

  // MARK: Being decided

  /// A snapshot holds what the events before it add up to.
  mutating func snapshot(_ number: Int64, _ body: [UInt8]) {
    guard number == lastNumber else {
      return fail("a snapshot of event \(number) was made after event \(lastNumber)")
    }
    guard let kept = try? History.decode(body, words: Simulation.words) else {
      return fail("a snapshot cannot be read")
    }
    if let difference = Simulation.difference(teams, kept) {
      fail("the events give another team than the snapshot: \(difference)")
    }
  }

  mutating func stored(_ ruling: Ruling, _ now: Instant) {
    switch ruling.cause {
    case .update(let number, let outcome): ruled(number, outcome, ruling)
    case .slots(let keys):
      for key in keys where !slots.insert(key).inserted { fail("slot \(key) was decided twice") }
    case .own: break
    }
    for entry in ruling.entries { happened(entry) }
    for draft in ruling.drafts {
      if posts[draft.key] != nil { fail("two posts are called \(draft.key)") }
      posts[draft.key] = Promised(target: draft.target)
      if let id = draft.post.answers { answered.insert("\(draft.target.account)/\(id)") }
    }
  }

  private mutating func ruled(_ number: Int64, _ outcome: Outcome, _ ruling: Ruling) {
    let entries = ruling.entries
    guard let update = texts[number] else { return fail("update \(number) came from nowhere") }
    if outcomes[update] != nil { fail("\(update) was decided twice") }
    outcomes[update] = outcome
    if outcome == .quarantined { quarantined += 1 }
    if update.contains("/gap-"), ruling.drafts.isEmpty { fail("nobody is told of \(update)") }
    switch expectations[update] ?? .any {
    case .nothing:
      if !entries.isEmpty { fail("\(update) may change nothing: \(entries[0].event)") }
    case .arrival:
      for entry in entries where !entry.event.isArrival {
        fail("\(update) is not allowed: \(entry.event)")
      }
    case .task, .any: break
    }
  }

  private mutating func happened(_ entry: Entry) {
    teams.apply(entry.event, to: entry.team, at: entry.at)
    lastNumber += 1
    switch entry.event {
    case .checkins(.opened(let name, let day, _, _)):
      if !opened.insert("\(entry.team) \(name) \(day)").inserted {
        fail("the check-in \(name) of \(day) was opened twice")
      }
      if name == "daily" { openings.append(Opened(team: entry.team, day: day, at: entry.at)) }
    case .tasks(.added(_, let text, let by, _, _, _, _)):
      note(text)
      if removed.contains("\(entry.team) \(by.number)") { fail("\(by) was removed and acts") }
    case .kudos(.given(_, _, _, let reason, _, _)): note(reason)
    case .members(.removed(let person)): removed.insert("\(entry.team) \(person.number)")
    case .members(.readmitted(let person)): removed.remove("\(entry.team) \(person.number)")
    case .bell(.rang(_, _, let slots, _)), .bell(.expired(_, let slots)),
      .bell(.skipped(_, let slots)):
      for slot in slots where !decided.insert("\(entry.team)/\(slot)").inserted {
        fail("\(entry.team)/\(slot) was said twice")
      }
    default: break
    }
  }

  private mutating func note(_ text: String) {
    guard let word = text.split(separator: " ").first(where: { $0.hasPrefix("qz") }) else { return }
    words[String(word), default: 0] += 1
    if words[String(word)] != 1 { fail("\(word) was applied twice") }
  }

  // MARK: Going out

  mutating func claimed(_ list: [Claimed]) {
    for claimed in list {
      if let former = draftOf[claimed.id], former != claimed.key {
        fail("\(former) became another")
      }
      if posts[claimed.key] == nil { fail("nobody promised \(claimed.key)") }
      draftOf[claimed.id] = claimed.key
      tells[claimed.id] = claimed.undisclosed.map(\.id)
    }
  }

  mutating func saw(_ shown: Shown, _ account: String) {
    self.shown += 1
    guard let id = shown.key.split(separator: ".").last.flatMap({ Int64($0) }),
      let draft = draftOf[id]
    else { return fail("nobody claimed \(shown.key)") }
    posts[draft]?.copies += 1
    if posts[draft]?.copies != 1 { fail("\(draft) was shown twice") }
    if posts[draft]?.isDead == true { fail("\(draft) was shown after it was given up") }
    if let target = posts[draft]?.target, place(of: target) != newest("\(account) \(shown.place)") {
      fail("\(draft) is for \(target) and was shown in \(shown.place)")
    }
    if !shown.isReaction, !shown.replyTo.isEmpty,
      !answers.insert("\(account) \(shown.place) \(shown.replyTo) \(shown.text)").inserted
    {
      fail("\(shown.replyTo) was answered twice: \(shown.text)")
    }
    if shown.text.contains(Simulation.token) { fail("\(draft) shows the token") }
    let told = tells[id]?.count ?? 0
    if told > 0, !shown.text.contains("(\(told) earlier message") || shown.isReaction {
      fail("\(draft) should tell of \(told) others and says: \(shown.text)")
    }
  }

  mutating func settled(_ id: Int64, _ settlement: Settlement) {
    guard let draft = draftOf[id] else { return fail("post \(id) was never claimed") }
    switch settlement {
    case .sent:
      posts[draft]?.isSent = true
      if posts[draft]?.copies == 0 { fail("\(draft) is called sent and is nowhere") }
      for told in tells[id] ?? [] {
        if let other = draftOf[told] { posts[other]?.isTold = true }
      }
    case .dead:
      posts[draft]?.isDead = true
      if posts[draft]?.copies != 0 { fail("\(draft) is called dead and was shown") }
    case .absent:
      if posts[draft]?.copies != 0 { fail("\(draft) is called absent and was shown") }
    case .doubtful:
      posts[draft]?.isDoubtful = true
      doubts += 1
    case .again, .resend, .next: break
    }
  }

  /// Where a post for that target has to stand.
  private func place(of target: Target) -> String {
    switch target {
    case .room(let room): newest("\(room.account) \(room.id)")
    case .direct(let identity): "\(identity.account) dm-\(identity.user)"
    }
  }

  private func newest(_ place: String) -> String {
    var place = place
    while let next = places[place] { place = next }
    return place
  }

  mutating func roomWent(_ account: String, from old: String, to new: String) {
    places["\(account) \(old)"] = "\(account) \(new)"
  }

  mutating func moved(_ room: Room, to id: String) {
    for (key, post) in posts where post.target == .room(room) {
      posts[key]?.target = .room(Room(account: room.account, id: id))
    }
  }

  // MARK: The end

  /// Targets that are still owed a word.
  var owed: Set<Target> {
    Set(posts.values.filter { $0.isOwed && !$0.isTold }.map(\.target))
  }

  /// What is left undone when nothing goes wrong any more.
  func undone(except unreachable: (Target) -> Bool) -> String? {
    for update in updates.sorted() where !gone.contains(update) {
      if !known.contains(update) { return "\(update) never arrived" }
      guard let outcome = outcomes[update] else { return "\(update) was never decided" }
      guard case .task(let word) = expectations[update] else { continue }
      // Emil is taken out of the team now and then.
      let isExcused =
        outcome == .quarantined || outcome == .refused("rate_limited")
        || outcome == .refused("removed")
      if (words[word] ?? 0) != (isExcused ? 0 : 1) { return "\(update) \(word): \(outcome)" }
      if !isExcused, !answered.contains(update) { return "\(update) \(word) has no answer" }
    }
    for (key, post) in posts.sorted(by: { $0.key < $1.key }) where !unreachable(post.target) {
      if !post.isSent && !post.isOwed { return "\(key) was neither shown nor given up" }
      if post.isOwed && !post.isTold { return "\(key) is missing, and nobody was told" }
    }
    return nil
  }

  var hasGap: Bool { outcomes.keys.contains { $0.contains("/gap-") } }
}

/// An opening of the daily check-in.
struct Opened: Sendable {
  var team: String
  var day: Day
  var at: Instant
}

extension Post {
  /// The message that this answers, in words or by an emoji on it.
  var answers: String? {
    if case .reaction(_, let id) = kind { return id }
    return inReplyTo
  }
}

extension Event {
  /// What the presence of somebody alone may bring about.
  var isArrival: Bool {
    switch self {
    case .members(.joined), .members(.came), .members(.renamed), .members(.reachable): true
    default: false
    }
  }
}
