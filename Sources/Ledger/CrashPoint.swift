/// A place between two steps at which a process may end, named so that a test can end it just
/// there. Every place after which something on the disk or at a platform is different has one; a
/// test goes through all of them, and another one sees to it that each is passed in exactly one
/// line of the sources.
///
/// They stand in one list, those of the daemon too, because the ledger's are in the middle of its
/// transactions and the daemon cannot reach them there.
public enum CrashPoint: String, Sendable, CaseIterable {
  // Starting.
  case afterLock = "after-lock"
  /// Before each statement of a new schema, and before its number.
  case midMigration = "mid-migration"
  /// The run is begun and its claims are looked at, before the commit.
  case midBegin = "mid-begin"
  case afterBegin = "after-begin"
  /// The file that says that there once was a ledger is made, and not on the disk yet.
  case midMarker = "mid-marker"
  /// The teams are what their events add up to.
  case afterReplay = "after-replay"

  // Reading.
  /// An access token was earned by a password, and is kept nowhere.
  case afterLogin = "after-login"
  /// Its file is made and does not have its name yet.
  case midToken = "mid-token"
  case afterPoll = "after-poll"
  /// The cursor is moved and what it brought is not stored, before the commit.
  case midIngest = "mid-ingest"
  case afterIngest = "after-ingest"

  // Answering.
  case afterSuspect = "after-suspect"
  case beforeQuarantine = "before-quarantine"
  /// One update of a batch is answered and applied, in memory.
  case midAnswer = "mid-answer"
  case beforeRecord = "before-record"
  /// Events are stored and posts are not, before the commit.
  case midRecord = "mid-record"
  case afterRecord = "after-record"
  /// It is stored that a room has another id, and its posts do not know.
  case beforeMove = "before-move"
  case midMove = "mid-move"

  // Ringing.
  case beforeSlots = "before-slots"
  case afterSlots = "after-slots"

  // Sending.
  case midClaim = "mid-claim"
  case afterClaim = "after-claim"
  case beforeSend = "before-send"
  case afterSend = "after-send"
  /// A direct room is looked for or opened; the post is yet to come.
  case betweenSteps = "between-steps"
  case beforeSettle = "before-settle"
  case midSettle = "mid-settle"
  case afterSettle = "after-settle"

  // Around it.
  case whileAnnouncing = "while-announcing"
  /// The keys of old posts are put by and the posts are not gone, before the commit.
  case midPrune = "mid-prune"
  case midSnapshot = "mid-snapshot"
  case afterSnapshot = "after-snapshot"
  /// The old config's session has ended and the new one's has not begun.
  case atReload = "at-reload"
  case atStop = "at-stop"
  /// The run has nobody to blame any more, and its file is open.
  case midClose = "mid-close"
  case afterClose = "after-close"
}

/// Told of each point as it is passed. Told to nobody, it costs one comparison.
public struct CrashPoints: Sendable {
  private let passing: (@Sendable (CrashPoint) -> Void)?

  /// - Parameter passing: called on whatever thread passes the point, and may not return.
  public init(_ passing: (@Sendable (CrashPoint) -> Void)? = nil) { self.passing = passing }

  public func pass(_ point: CrashPoint) { passing?(point) }
}
