import Crew
import Foundation

extension Matrix {
  /// What the cursor holds: where we stand in the stream, and what must still be asked before the
  /// stream goes on. It is written as JSON and stored with every answer, so a crash in the middle
  /// of a gap resumes in the middle of the gap.
  struct Memory: StoredMemory {
    var version = 1
    /// Our own user id, once `whoami` has told it.
    var me: String?
    /// Our own display name, empty where there is none.
    var name: String?
    /// Nil before the first sync, and after the server refused the token.
    var since: String?
    /// The token was refused: the next sync starts anew, each room is filled from its last event.
    var isRecovering = false
    var rooms: [String: KnownRoom] = [:]
    /// Rooms that our `m.direct` account data lists, sorted.
    var direct: [String] = []
    /// Gaps, asked for before anything else.
    var fills: [Fill] = []
    /// Small things to do on the side: joins, refusals, room upgrades.
    var errands: [Errand] = []
    /// Rooms that a tombstone named and that we could not enter yet: new id to the move.
    var awaited: [String: Move] = [:]
    /// Who wrote the latest messages, so that an edit by somebody else is known as such.
    var authors: [Author] = []
    /// The server's clock at the last answer, while errands or a new start wait.
    var serverSeconds: Int64?

    static let authorsMax = 64
  }

  struct KnownRoom: Codable, Equatable {
    var name: String?
    /// The invitation said so.
    var isDirect = false
    var joined: Int64?
    var invited: Int64?
    /// The last event seen, and the server's time of it in milliseconds.
    var last: String?
    var lastAt: Int64?
    var saidUnreadable = false
  }

  /// A gap of one room, filled page by page from new to old.
  struct Fill: Codable, Equatable {
    var room: String
    /// Where the next page begins.
    var from: String
    /// The sync token up to which everything is known.
    var to: String?
    /// The last event that is known.
    var stop: String?
    var stopAt: Int64?
    /// We came into this room only now: our own join is where it begins for us.
    var isNew: Bool
    /// What was read so far, newest first.
    var held: [Message]
    var newestAt: Int64
    var events = 0
    var pages = 0
    var failures = 0
  }

  struct Errand: Codable, Equatable {
    var kind: Kind
    var failures = 0
    /// By the server's clock.
    var notBeforeSeconds: Int64?

    enum Kind: Codable, Equatable {
      case join(Invite)
      case refuse(room: String)
      /// Enter the room that a tombstone names.
      case follow(Move)
      /// Look whether the new room names the old one too.
      case prove(Move, wasIn: Bool)
      /// Keep `room` as the direct one with `person`; `lists` is what the server holds.
      case list(room: String, person: String, lists: [String: [String]]?)
    }
  }

  struct Invite: Codable, Equatable {
    var room: String
    var inviter: String
    var inviterName: String
    var roomName: String?
    var isDirect: Bool
    /// The sync token that brought it: tells two invitations into one room apart.
    var token: String
  }

  struct Move: Codable, Equatable {
    var old: String
    var new: String
    var sender: String
    var senderName: String
    /// The tombstone's id.
    var event: String
  }

  struct Author: Codable, Equatable {
    var event: String
    var user: String
  }
}

extension Matrix.Memory {
  enum Step {
    case whoami
    case profile(me: String)
    case fill(Matrix.Fill)
    case errand(Int)
    case sync
  }

  /// What is asked next; `read` takes the answer by the same rule.
  var step: Step {
    guard let me else { return .whoami }
    guard name != nil else { return .profile(me: me) }
    guard since != nil else { return .sync }
    if let fill = fills.first { return .fill(fill) }
    if let due = errands.firstIndex(where: isDue) { return .errand(due) }
    return .sync
  }

  private func isDue(_ errand: Matrix.Errand) -> Bool {
    guard let notBefore = errand.notBeforeSeconds, let now = serverSeconds else { return true }
    return notBefore <= now
  }

  /// How long a sync may be held open: until news, or until a waiting errand is due.
  var syncTimeoutMilliseconds: Int64 {
    // A first sync is never held, but Synapse keeps its answer for two minutes and gives it again
    // to the very same question: a new start would begin at an old place. So the question differs
    // from second to second.
    guard since != nil else { return (serverSeconds ?? 0) % 1000 }
    guard let now = serverSeconds else { return 30_000 }
    let waits = errands.compactMap { $0.notBeforeSeconds.map { $0 - now } }
    return min(max(waits.min() ?? 30, 1), 30) * 1000
  }

  func isDirect(_ room: String) -> Bool {
    let known = rooms[room]
    let people = (known?.joined ?? 0).addingReportingOverflow(known?.invited ?? 0).partialValue
    // A third person makes it a room like others: what is said in private may not be said there.
    return (known?.isDirect == true || direct.contains(room)) && people <= 2
  }

  mutating func remember(author user: String, of event: String) {
    authors.append(Matrix.Author(event: event, user: user))
    if authors.count > Self.authorsMax { authors.removeFirst() }
  }
}
