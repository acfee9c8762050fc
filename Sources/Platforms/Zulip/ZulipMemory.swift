import Crew
import Foundation

extension Zulip {
  /// What the cursor holds: where we stand, and what must be asked before we go on.
  struct Memory: StoredMemory {
    /// Ourselves, from `users/me`.
    var me: Int64?
    var name = ""
    /// The queue, nil before the first one and after the server has lost it.
    var queue: String?
    /// The last event of this queue that is stored; asking with it acknowledges. Never carried
    /// over to another queue.
    var lastEvent: Int64 = -1
    /// Messages up to this id are known, or history of before the first contact. Nil before that.
    var floor: Int64?
    /// Known messages above `floor`, in order. Ids are handed out before messages are stored, so a
    /// lower one can come after a higher one; this is how far back a lost queue is made up for.
    var seen: [Int64] = []
    /// The next page of what a lost queue may have held begins after this id.
    var fill: Int64?
    /// Questions whose answers the next events need; these events are asked for again afterwards.
    var asks: [Ask] = []
    /// Who is a person and who is not, the latest last; that never changes.
    var persons: [Int64] = []
    var bots: [Int64] = []
    /// Whom a message mentions that names people without their numbers, by its id.
    var mentioned: [String: [String: Int64]] = [:]
    /// Channels and conversations into which somebody who may has brought us.
    var rooms: [String] = []

    static let seenMax = 100
    static let sendersMax = 1000
    static let roomsMax = 500
    static let asksMax = 32
  }

  enum Ask: Codable, Equatable {
    /// Whether this user is a person.
    case who(Int64)
    /// Whom this message mentions.
    case mentions(Int64)
  }
}

extension Zulip.Memory {
  enum Step: Equatable {
    case me
    case baseline
    case ask(Zulip.Ask)
    case register
    case fill(after: Int64)
    case events(queue: String)
  }

  /// What is asked next; `read` takes the answer by the same rule.
  var step: Step {
    if me == nil { return .me }
    if floor == nil { return .baseline }
    if let ask = asks.first { return .ask(ask) }
    // The new queue comes before the look back, so that nothing falls between the two.
    guard let queue else { return .register }
    if let fill { return .fill(after: fill) }
    return .events(queue: queue)
  }

  func isKnown(message id: Int64) -> Bool { seen.contains(id) }

  /// For what was read by its id and not from the queue: history is known too.
  func isHistory(_ id: Int64) -> Bool { id <= (floor ?? 0) }

  mutating func know(message id: Int64) {
    mentioned[String(id)] = nil
    guard let floor, id > floor, !seen.contains(id) else { return }
    seen.insert(id, at: seen.lastIndex { $0 < id }.map { $0 + 1 } ?? 0)
    if seen.count > Self.seenMax { self.floor = seen.removeFirst() }
  }

  mutating func note(_ user: Int64, isPerson: Bool) {
    persons.removeAll { $0 == user }
    bots.removeAll { $0 == user }
    if isPerson { persons.append(user) } else { bots.append(user) }
    if persons.count > Self.sendersMax { persons.removeFirst() }
    if bots.count > Self.sendersMax { bots.removeFirst() }
  }

  mutating func enter(_ room: String) {
    guard !rooms.contains(room) else { return }
    rooms.append(room)
    if rooms.count > Self.roomsMax { rooms.removeFirst() }
  }

  mutating func loseQueue() {
    queue = nil
    lastEvent = -1
  }
}
