import Crew
import Foundation

/// Where a platform stands in its stream of updates. It is the platform's whole memory, opaque to
/// everybody else, and stored in the same commit as what it brought. Never holds a secret.
public typealias Cursor = String

/// How far a post in several steps has come (open a direct room, then send).
public typealias Progress = String

/// What one answer of the platform brought.
public struct Intake: Sendable, Equatable {
  public var messages: [Message]
  public var cursor: Cursor
  /// How soon the next request may follow; 0 at once.
  public var waitSeconds: Double
  /// What could not be read, one line each, for the log. The rest was read all the same.
  public var complaints: [String]
  /// What is right as it is and good to know for whoever sets the account up; `doctor` tells it.
  public var remarks: [String] = []

  public init(
    messages: [Message] = [], cursor: Cursor, waitSeconds: Double = 0, complaints: [String] = []
  ) {
    self.messages = messages
    self.cursor = cursor
    self.waitSeconds = waitSeconds
    self.complaints = complaints
  }
}

/// Why an answer to a poll could not be used. The cursor stays where it was.
public enum PollFailure: Error, Sendable, Equatable {
  /// It will heal: try again after the platform's own wish, or with our backoff.
  case retry(afterSeconds: Double?, String)
  /// The account is not accepted. Told once with what to do, tried again every 15 minutes.
  case refused(String)
  /// The access token has run out: ask for a new one, then go on.
  case tokenExpired(String)
}

/// What became of a post.
public enum Delivery: Sendable, Equatable {
  /// Accepted; the platform's id for it.
  case sent(id: String)
  /// One step done; ask `request` again with this.
  case next(Progress)
  /// Not taken, certainly. The platform's own wish in seconds, where it gave one.
  case retry(afterSeconds: Double?)
  /// Not taken, certainly, because the account is in trouble and not the post: told in the log,
  /// tried again after that time.
  case held(String, afterSeconds: Double)
  /// Not taken and never will be.
  case refused(String)
  /// The room has another id now; send it there.
  case moved(to: String)
  /// The access token has run out, so nothing was taken: earn another and send again.
  case tokenExpired
  /// It may have arrived.
  case unknown
}

/// What looking for a post of unknown fate brought.
public enum Finding: Sendable, Equatable {
  /// It is there; the platform's id for it.
  case found(id: String)
  /// It is not there.
  case absent
  /// Not all was looked at: ask `lookup` again with this.
  case next(Progress)
  /// No answer that tells.
  case unknown
}

/// What may be done with a post whose fate is unknown.
public enum Resend: Sendable, Equatable {
  /// The platform takes our key once: send the same again while younger than this.
  case sameKey(forSeconds: Int)
  /// What was posted can be read back with our key in it (or, where no key can be kept, by its
  /// text): after `quietSeconds`, longer than any queue on the way, look for it, and send it again
  /// if it is not there. `sameKeySeconds`: while younger than this the platform takes our key once,
  /// and it is sent again without looking; 0 where it does not.
  case readBack(afterSeconds: Int, sameKeySeconds: Int)
  /// Sent again while younger than this: it carries an id that stays the same, by which most
  /// receivers show two copies as one (e-mail's Message-ID).
  case sameID(forSeconds: Int)
  /// Nothing tells: disclose it, never send it again.
  case never
}

/// What a platform can do, declared as a value. The core asks for "acknowledge", "privately",
/// "in the thread"; whoever wires it looks here.
public struct Abilities: Sendable, Equatable {
  public enum LengthUnit: String, Sendable { case utf16, codePoints, bytes }

  public var threads: Bool
  /// True where any message can become the head of a thread, by its id (Matrix, Slack); false where
  /// threads are topics with ids of their own (Telegram).
  public var threadsUnderMessages: Bool
  public var reactions: Bool
  public var edits: Bool
  /// True where a person must write to the bot first (Telegram) before it may write to them.
  public var directNeedsContact: Bool
  public var resend: Resend
  public var lengthMax: Int
  public var lengthUnit: LengthUnit
  /// Messages a second, and at once, that the platform publishes.
  public var roomRate: Rate
  public var accountRate: Rate
  /// What stands before a command there.
  public var prefix: String
  /// False where the bot can only post (an incoming webhook, e-mail): nobody is polled.
  public var reads = true
  /// True where posts that wait for the same place are put into one: its limit is so low that the
  /// last of them would come much later (a group robot's 20 a minute).
  public var merges = false

  /// How long a text is, in the platform's unit.
  public func length(of text: String) -> Int {
    switch lengthUnit {
    case .utf16: text.utf16.count
    case .codePoints: text.codePoints
    case .bytes: text.utf8.count
    }
  }

  public struct Rate: Sendable, Equatable {
    public var perSecond: Double
    public var burst: Double
    /// True where every server sets its own limit and tells it by 429 alone: then this is only
    /// where the sender begins, and what the server takes decides (see `Pace`).
    public var isOnlyBeginning: Bool
    public init(perSecond: Double, burst: Double, isOnlyBeginning: Bool = false) {
      self.perSecond = perSecond
      self.burst = burst
      self.isOnlyBeginning = isOnlyBeginning
    }
  }

  public init(
    threads: Bool, reactions: Bool, edits: Bool, directNeedsContact: Bool, resend: Resend,
    lengthMax: Int, lengthUnit: LengthUnit, roomRate: Rate, accountRate: Rate, prefix: String,
    threadsUnderMessages: Bool = false
  ) {
    self.threads = threads
    self.threadsUnderMessages = threadsUnderMessages
    self.reactions = reactions
    self.edits = edits
    self.directNeedsContact = directNeedsContact
    self.resend = resend
    self.lengthMax = lengthMax
    self.lengthUnit = lengthUnit
    self.roomRate = roomRate
    self.accountRate = accountRate
    self.prefix = prefix
  }
}

/// A short-lived or once-fetched secret that a platform works with. Kept in its own file, mode
/// 0600.
public struct Credential: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  public var token: String
  /// When it runs out; nil where it lives until it is revoked. One that runs out is never written
  /// to a file.
  public var expiresAt: Instant?

  public init(token: String, expiresAt: Instant? = nil) {
    self.token = token
    self.expiresAt = expiresAt
  }

  public var description: String { "***" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// One chat platform: pure functions over values, no sockets, no clock, no files.
public protocol Platform: Sendable {
  var abilities: Abilities { get }

  /// Commands the platform shows while one types (Telegram's menu), in the order of the catalog.
  /// Returns the requests that announce them, none where there is no such thing.
  func announce(_ commands: [Announcement]) -> [HTTPRequest]

  /// Where a person who must write to the bot first can do so; nil where nobody must, or where it
  /// is not known yet.
  func contactLink(after cursor: Cursor?) -> String?

  /// A credential that the platform makes of the time alone, because what it sends is signed or
  /// dated; nil where the config's or an earned one is used.
  func ownCredential(now: Instant) -> Credential?

  /// The request that earns a credential, nil where the config's token is used as it is.
  func credentialRequest(now: Instant) -> HTTPRequest?
  func credential(from response: HTTPResponse, now: Instant) throws(PollFailure) -> Credential

  /// The next request of the inbound stream. `cursor` is nil on the very first contact. Where
  /// nothing is read (`Abilities.reads`), it shows whether the place can be reached, and posts
  /// nothing.
  func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest
  func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake

  /// The next request that brings `post` nearer to `target`.
  /// - Parameter key: ours, unique and stable over resends; short, `[A-Za-z0-9._-]`.
  func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest
  func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery

  /// The request that looks for a post whose fate is unknown; nil where nothing tells.
  /// - Parameters:
  ///   - sending: how far the post itself had come when it was sent.
  ///   - since: before its first byte left.
  ///   - step: how far the looking has come.
  func lookup(
    for post: Post, to target: Target, key: String, sending: Progress?, since: Instant,
    step: Progress?, with credential: Credential
  ) -> HTTPRequest?
  func finding(
    in response: HTTPResponse, for post: Post, key: String, step: Progress?
  ) -> Finding
  /// The same for a platform that keeps no key of ours and has only words and times to compare.
  func finding(
    in response: HTTPResponse, for post: Post, key: String, since: Instant, step: Progress?
  ) -> Finding
}

extension Platform {
  public func announce(_ commands: [Announcement]) -> [HTTPRequest] { [] }
  public func contactLink(after cursor: Cursor?) -> String? { nil }
  public func ownCredential(now: Instant) -> Credential? { nil }
  public func credentialRequest(now: Instant) -> HTTPRequest? { nil }
  public func credential(from response: HTTPResponse, now: Instant) throws(PollFailure)
    -> Credential
  {
    throw .refused("this platform has no login")
  }
  public func lookup(
    for post: Post, to target: Target, key: String, sending: Progress?, since: Instant,
    step: Progress?, with credential: Credential
  ) -> HTTPRequest? { nil }
  public func finding(
    in response: HTTPResponse, for post: Post, key: String, step: Progress?
  ) -> Finding { .unknown }
  public func finding(
    in response: HTTPResponse, for post: Post, key: String, since: Instant, step: Progress?
  ) -> Finding { finding(in: response, for: post, key: key, step: step) }
}

/// A command as a platform's menu shows it.
public struct Announcement: Sendable, Equatable {
  /// `[a-z0-9_]`, at most 32.
  public var name: String
  public var summary: String
  public var language: String?
  public init(name: String, summary: String, language: String? = nil) {
    self.name = name
    self.summary = summary
    self.language = language
  }
}
