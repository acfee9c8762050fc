import Crew

/// One update of a platform, as `ingest` stores it.
public struct Arrival: Sendable, Equatable {
  public var message: Message
  public init(_ message: Message) { self.message = message }
}

/// A stored update that has not been answered yet.
public struct Waiting: Sendable, Equatable {
  /// Rises in the order of arrival; this is the order commands are applied in.
  public var number: Int64
  public var message: Message
  public var receivedAt: Instant
  /// How heavily it is suspected of killing the process; see `suspect`.
  public var crashes: Int

  public init(number: Int64, message: Message, receivedAt: Instant, crashes: Int) {
    self.number = number
    self.message = message
    self.receivedAt = receivedAt
    self.crashes = crashes
  }
}

/// What became of a stored update.
public enum Outcome: Sendable, Equatable {
  case done
  /// Done, and said in confidence: what was written is removed from beside its author at once, and
  /// only the id and the outcome stay.
  case confided
  /// Not a command, not allowed, or wrong; the reason in a word for the record.
  case refused(String)
  /// It crashed the process twice and is set aside.
  case quarantined
}

/// A post on its way to the outbox.
public struct Draft: Sendable, Equatable {
  /// The class decides how long a post that cannot be delivered stays worth sending
  /// (reply 1 h, reminder 6 h, digest 24 h).
  public enum Class: String, Sendable, Codable { case reply, reminder, digest }

  /// Unique for ever: a second draft with the same key is dropped without a word.
  public var key: String
  public var target: Target
  public var kind: Class
  public var post: Post

  public init(key: String, target: Target, kind: Class, post: Post) {
    self.key = key
    self.target = target
    self.kind = kind
    self.post = post
  }
}

/// An event with the team it happened in and the moment it was decided.
public struct Entry: Sendable, Equatable {
  public var team: String
  public var at: Instant
  public var event: Event

  public init(team: String, at: Instant, event: Event) {
    self.team = team
    self.at = at
    self.event = event
  }
}

/// One thing decided: about a stored update, or about slots that fell due. All of it is stored in
/// one commit or none of it.
public struct Ruling: Sendable {
  public enum Cause: Sendable, Equatable {
    case update(Int64, Outcome)
    /// Slot keys; the ruling stands only if none of them was decided before.
    case slots([String])
    /// Nothing from outside (a setting from the config file, a room made by the operator).
    case own(String)
  }

  public let cause: Cause
  public let entries: [Entry]
  public let drafts: [Draft]
  /// Set once it is ready to be stored.
  var prepared: Prepared?

  public init(cause: Cause, entries: [Entry] = [], drafts: [Draft] = []) {
    self.cause = cause
    self.entries = entries
    self.drafts = drafts
  }
}

/// A stored event with its place in the order of all events, from 1, without gaps.
public struct Numbered: Sendable, Equatable {
  public var number: Int64
  public var entry: Entry

  public init(number: Int64, entry: Entry) {
    self.number = number
    self.entry = entry
  }
}

/// A post that this process has claimed and must settle.
public struct Claimed: Sendable, Equatable {
  public var id: Int64
  public var key: String
  public var target: Target
  public var kind: Draft.Class
  public var post: Post
  public var progress: String?
  /// 1 on the first try.
  public var attempt: Int
  public var createdAt: Instant
  /// When the first byte of this post may first have left; nil where none has.
  public var firstSentAt: Instant?
  /// Posts to the same target whose fate was never learned and which no later post has told of.
  /// The sender names them in this one, and settling it as sent marks them as told.
  public var undisclosed: [Undisclosed]

  public init(
    id: Int64, key: String, target: Target, kind: Draft.Class, post: Post, progress: String?,
    attempt: Int, createdAt: Instant, firstSentAt: Instant?, undisclosed: [Undisclosed]
  ) {
    self.id = id
    self.key = key
    self.target = target
    self.kind = kind
    self.post = post
    self.progress = progress
    self.attempt = attempt
    self.createdAt = createdAt
    self.firstSentAt = firstSentAt
    self.undisclosed = undisclosed
  }
}

public struct Undisclosed: Sendable, Equatable {
  public var id: Int64
  public var kind: Draft.Class
  public var createdAt: Instant
  /// True if it may have arrived; false if it certainly did not and was given up.
  public var isDoubtful: Bool

  public init(id: Int64, kind: Draft.Class, createdAt: Instant, isDoubtful: Bool) {
    self.id = id
    self.kind = kind
    self.createdAt = createdAt
    self.isDoubtful = isDoubtful
  }
}

/// The sender's word on a claimed post.
public enum Settlement: Sendable, Equatable {
  /// Accepted under the platform's id.
  case sent(id: String)
  /// A step done: back to the queue with what `request` needs next.
  case next(String, at: Instant)
  /// Certainly not taken: back to the queue, not before `at`.
  case again(at: Instant)
  /// The same key may be sent again although the fate is unknown (the platform takes it once).
  case resend(at: Instant)
  /// It was looked for and is not there: back to the queue as if no byte of it had ever left.
  case absent(at: Instant)
  /// Certainly not taken and given up; told with the next post to that target.
  case dead(String)
  /// Perhaps taken; never sent again; told with the next post to that target.
  case doubtful(String)
}

public enum LedgerFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// Another daemon holds the file.
  case held(String)
  /// The file was written by a newer program.
  case newer(String)
  case corrupt(String)
  /// There once was a ledger here and it is gone.
  case missing(String)
  /// Somebody else moved the cursor, or took over: nothing was stored.
  case overtaken(String)
  /// The disk refused (full, read-only, an I/O error): nothing was stored.
  case disk(String)
  /// The disk failed to sync: what is on it is known only to a fresh start. Never tried again in
  /// this process.
  case unsynced(String)

  /// One line that says what is wrong and what to do.
  public var description: String {
    switch self {
    case .held(let line), .newer(let line), .corrupt(let line), .missing(let line),
      .overtaken(let line), .disk(let line), .unsynced(let line):
      line
    }
  }
}

/// What was found when a ledger was opened.
public struct Opening: Sendable, Equatable {
  /// Rises by one with each start; a claim of an older one is a claim of a dead process.
  public var epoch: Int64
  /// Random, made with the file and kept: part of every key a platform sees.
  public var instance: String
  /// The last moment the previous run was known to live, nil on the first start.
  public var lastAliveAt: Instant?
  /// Claims of dead processes, which are now of unknown fate.
  public var unknown: Int
  /// Set where this ledger was once put back from a backup.
  public var restored: Restored?

  public init(
    epoch: Int64, instance: String, lastAliveAt: Instant?, unknown: Int, restored: Restored? = nil
  ) {
    self.epoch = epoch
    self.instance = instance
    self.lastAliveAt = lastAliveAt
    self.unknown = unknown
    self.restored = restored
  }

  /// A backup knows nothing of what was said after it was made.
  public struct Restored: Sendable, Equatable {
    /// What was written before may have been answered already, in the life that is lost.
    public var at: Instant
    /// When the backup was made; nil on every start but the first after it was put back.
    public var madeAt: Instant?

    public init(at: Instant, madeAt: Instant?) {
      self.at = at
      self.madeAt = madeAt
    }
  }
}

/// The disk. Every throwing call throws `LedgerFault`, and then has stored nothing.
///
/// Kept for all implementations by one test suite. What a call has stored is seen by every later
/// call, and nothing less than a power cut takes it away again; it is on the platter a few
/// milliseconds later, or, where it claims, when that is asked for. `sync` and `flush` wait for
/// that, and `claim` returns only then, so whoever tells the outside of something asks one of them
/// first.
public protocol Ledger: Sendable {
  var opening: Opening { get }

  // Inbound.

  /// Where the account's stream stands; nil before the first contact. All up to there is stored:
  /// what may wait waits no longer, because to ask for what follows confirms it.
  func cursor(of account: String) async throws -> String?
  /// T1: stores updates and moves the cursor in one commit. An update whose `(account, id)` is
  /// known is dropped. Updates of kind `.ignored` are stored as refused at once. To be synced
  /// before the platform is told that they have arrived.
  /// - Parameter mayWait: a few updates may be stored in the commit of the next call that stores
  ///   something, or by `sync` or `cursor`: an answer then needs one commit less. Every call sees
  ///   them all the same; but until then a death of the process takes them away, as if this had not
  ///   been called.
  /// - Throws: `.overtaken` if the cursor is not at `from` any more.
  /// - Returns: how many updates were new.
  func ingest(
    _ arrivals: [Arrival], account: String, from: String?, to: String, now: Instant, mayWait: Bool
  ) async throws -> Int
  /// Updates that wait for an answer, oldest first.
  func waiting(limit: Int) async throws -> [Waiting]
  /// Notes, in a commit of its own, that this update is about to be answered alone: if the process
  /// dies before it is answered or the ledger closed, `crashes` has risen by one at the next start.
  func suspect(_ update: Int64) async throws

  /// Returns when all that was stored before is on the platter.
  /// - Throws: `.unsynced`, and then so does every later call.
  func sync() async throws

  /// The same, keeping the thread. For whoever is about to send what `record` has claimed.
  /// - Returns: false where the disk failed: then every other call says so.
  func flush() -> Bool

  // Deciding.

  /// Does already what `record` would have to do first, if anything, while another one is stored.
  func prepare(_ ruling: inout Ruling)
  /// T2: stores rulings in one commit, in order: events, posts, slots and the updates' outcomes.
  /// An `.update` that is not waiting any more, or `.slots` of which one was decided before, is
  /// left out whole.
  /// - Parameter wish: what is claimed in the same commit, if a ruling drafts anything: a reply
  ///   then needs one commit less. These claims are on the platter when `flush` says so, and not
  ///   before.
  func record(_ rulings: [Ruling], now: Instant, claiming wish: ClaimWish?) async throws
    -> Recorded
  /// Stored events above `number`, oldest first.
  func events(after number: Int64, limit: Int) async throws -> [Numbered]
  func lastEventNumber() async throws -> Int64

  // Outbound.

  /// Claims posts whose time has come, in one commit: at most one per target, none whose target
  /// has a claim under way, older before newer, the same target strictly in order (a post that
  /// waits for its retry holds back those behind it). Claims of unknown fate come first, with
  /// `firstSentAt` set.
  /// Claims are on the platter, with everything stored before them, when this returns.
  /// - Parameter accounts: those that may send now.
  func claim(accounts: Set<String>, limit: Int, now: Instant) async throws -> [Claimed]
  /// Claims posts that wait right behind one that this run has claimed, oldest first, so that they
  /// can go out with it as one: only those of which no byte has ever left. On the platter when it
  /// returns, as with `claim`. Each is settled for
  /// itself.
  func claimBehind(_ post: Int64, limit: Int, now: Instant) async throws -> [Claimed]
  /// Says in one commit what became of posts that this run has claimed.
  /// - Throws: `.overtaken` if it has not claimed one of them.
  func settle(_ settlements: [(id: Int64, Settlement)], now: Instant) async throws
  /// The platform's id of a sent post, by its key.
  func sentID(ofKey key: String) async throws -> String?
  /// Whether the platform's id is that of another post of this account, from about the same time as
  /// `post`: then what was found is not `post`, whatever it says.
  func isAnothers(_ sentID: String, than post: Int64) async throws -> Bool
  /// When the next waiting post may be claimed (long past if at once); nil when none waits.
  func nextSendAt() async throws -> Instant?
  /// Rewrites the room of posts that wait, are under way or are yet to be told of (a room that goes
  /// on under another id).
  func moveRoom(_ room: Room, to id: String) async throws

  // Housekeeping.

  /// The newest snapshot: state as the owner encoded it, with the number of its last event.
  func snapshot() async throws -> (number: Int64, body: [UInt8])?
  func saveSnapshot(number: Int64, body: [UInt8]) async throws
  /// Notes that the process lives; checks that the file under it is still the one it opened.
  func beat(now: Instant) async throws
  /// Removes what is older than its keeping time: bodies of updates 7 days, their keys 90 days,
  /// settled posts 90 days, slots 400 days. What still waits stays, and so does a post that is yet
  /// to be told of; and the key of a post stays taken for ever.
  func prune(now: Instant) async throws
  func counts() async throws -> LedgerCounts
  func close() async
}

extension Ledger {
  public func prepare(_ ruling: inout Ruling) {}

  /// The same, stored when it returns.
  public func ingest(
    _ arrivals: [Arrival], account: String, from: String?, to: String, now: Instant
  ) async throws -> Int {
    try await ingest(arrivals, account: account, from: from, to: to, now: now, mayWait: false)
  }

  /// The same without a claim.
  /// - Returns: for each ruling, whether it was stored.
  public func record(_ rulings: [Ruling], now: Instant) async throws -> [Bool] {
    try await record(rulings, now: now, claiming: nil).stored
  }
}

extension Arrival {
  /// No more than this wait to be stored with what comes next: more are a commit of their own.
  static let waitingMax = 7
}

/// Which posts, and how many, whoever records could send right away.
public struct ClaimWish: Sendable, Equatable {
  public var accounts: Set<String>
  public var limit: Int

  public init(accounts: Set<String>, limit: Int) {
    self.accounts = accounts
    self.limit = limit
  }
}

/// What came of recording.
public struct Recorded: Sendable, Equatable {
  /// For each ruling, whether it was stored.
  public var stored: [Bool]
  public var claimed: [Claimed]

  public init(stored: [Bool], claimed: [Claimed] = []) {
    self.stored = stored
    self.claimed = claimed
  }
}

/// What operators look at.
public struct LedgerCounts: Sendable, Equatable {
  public var waiting: Int
  public var quarantined: Int
  public var queued: Int
  /// Claimed, and not settled yet.
  public var sending: Int
  /// Claimed by a run that died; the sender decides about them next.
  public var unknown: Int
  public var events: Int64

  public init(
    waiting: Int, quarantined: Int, queued: Int, sending: Int, unknown: Int, events: Int64
  ) {
    self.waiting = waiting
    self.quarantined = quarantined
    self.queued = queued
    self.sending = sending
    self.unknown = unknown
    self.events = events
  }
}
