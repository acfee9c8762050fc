import Crew

/// How far a post has come, and the rules by which that changes. Every ledger stores it in its own
/// way and changes it only here, so that all of them keep the same rules.
struct Fate: Sendable, Equatable {
  enum State: String, Sendable {
    case queued
    /// Claimed; `claimEpoch` says by which run.
    case sending
    /// Claimed by a run that died.
    case unknown
    case sent, dead, doubtful

    /// Still to be sent, so it holds back the posts behind it.
    var isActive: Bool { self == .queued || self == .sending || self == .unknown }
    /// Its room is owed a word about it.
    var isOwed: Bool { self == .dead || self == .doubtful }
  }

  var state = State.queued
  /// Long past where nothing holds the post back, so that a clock that is set back delays nothing.
  var notBefore = Instant(milliseconds: 0)
  var attempt = 0
  var claimEpoch: Int64?
  var claimedAt: Instant?
  var firstSentAt: Instant?
  var progress: String?
  var remoteID: String?
  var reason: String?
  var settledAt: Instant?

  /// Those that may have left already go before those that certainly have not.
  var rank: Int { firstSentAt == nil ? 1 : 0 }

  /// Nobody asks for a longer wait (the sender takes at most an hour from a platform, and a tenth):
  /// one that seems longer was reckoned by a clock that has been set back since.
  static let waitHoursMax: Int64 = 2

  /// Whether it may be claimed if it stands first for its target.
  func isClaimable(at now: Instant) -> Bool {
    (state == .queued || state == .unknown)
      && (notBefore <= now || notBefore > now.adding(hours: Self.waitHoursMax))
  }

  mutating func claim(epoch: Int64, now: Instant) {
    state = .sending
    attempt += 1
    claimEpoch = epoch
    claimedAt = now
  }

  /// The run that claimed it is dead: nobody knows whether it went out, and it is looked at first.
  mutating func orphan() {
    noteThatItMayHaveLeft()
    state = .unknown
    claimEpoch = nil
    notBefore = Instant(milliseconds: 0)
  }

  /// - Throws: `.overtaken` unless the post is claimed by the run of that epoch.
  mutating func settle(_ settlement: Settlement, id: Int64, epoch: Int64, now: Instant)
    throws(LedgerFault)
  {
    guard state == .sending, claimEpoch == epoch else {
      throw .overtaken("post \(id) is not claimed by this run: nothing was settled")
    }
    claimEpoch = nil
    switch settlement {
    case .sent(let id): end(.sent, at: now, remoteID: id)
    case .dead(let why): end(.dead, at: now, reason: why)
    case .doubtful(let why):
      noteThatItMayHaveLeft()
      end(.doubtful, at: now, reason: why)
    case .again(let at): queue(at)
    case .resend(let at):
      noteThatItMayHaveLeft()
      queue(at)
    case .absent(let at):
      firstSentAt = nil
      queue(at)
    case .next(let step, let at):
      // The step before is done, so no byte of what comes now has left and nothing has failed yet.
      (progress, firstSentAt, attempt) = (step, nil, 0)
      queue(at)
    }
  }

  private mutating func queue(_ at: Instant) { (state, notBefore) = (.queued, at) }

  private mutating func end(
    _ last: State, at now: Instant, remoteID: String? = nil, reason: String? = nil
  ) {
    (state, settledAt, self.remoteID, self.reason) = (last, now, remoteID, reason)
  }

  private mutating func noteThatItMayHaveLeft() {
    if firstSentAt == nil { firstSentAt = claimedAt }
  }
}

/// A post in the outbox.
struct OutboxRow: Sendable {
  /// Posts so near before and behind one are about as old.
  static let neighboursMax: Int64 = 1000

  var id: Int64
  var draft: Draft
  var createdAt: Instant
  var fate = Fate()

  func claimed(undisclosed: [Undisclosed]) -> Claimed {
    Claimed(
      id: id, key: draft.key, target: draft.target, kind: draft.kind, post: draft.post,
      progress: fate.progress, attempt: fate.attempt, createdAt: createdAt,
      firstSentAt: fate.firstSentAt, undisclosed: undisclosed)
  }
}

/// How an update stands in the inbox.
enum InboxState: String, Sendable {
  case new, done, refused, quarantined
}

extension Outcome {
  var state: InboxState {
    switch self {
    case .done, .confided: .done
    case .refused: .refused
    case .quarantined: .quarantined
    }
  }

  /// The word for the record.
  var word: String? {
    switch self {
    case .done, .confided, .quarantined: nil
    case .refused(let why): why
    }
  }
}

extension Target {
  /// The same target after `room` went on as `id`; nil if it is another one.
  func moved(from room: Room, to id: String) -> Target? {
    self == .room(room) ? .room(Room(account: room.account, id: id)) : nil
  }
}

/// How long things are kept, and from which moment on they go.
struct Keeping: Sendable {
  let bodies: Instant
  let updates: Instant
  let posts: Instant
  let slots: Instant

  init(now: Instant) {
    func before(days: Int64) -> Instant { now.adding(hours: -24 * days) }
    bodies = before(days: 7)
    updates = before(days: 90)
    posts = before(days: 90)
    slots = before(days: 400)
  }
}
