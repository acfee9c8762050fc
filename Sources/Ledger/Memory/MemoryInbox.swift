import Crew

struct MemoryInbox: Sendable {
  private struct Key: Hashable {
    var account: String
    var id: String
  }

  private struct Row {
    var key: Key
    /// Nil once it is no longer kept.
    var message: Message?
    var receivedAt: Instant
    var state: InboxState
    var crashes = 0
    var isSuspected = false
  }

  private var rows: [Int64: Row] = [:]
  private var numbers: [Key: Int64] = [:]
  private(set) var lastNumber: Int64 = 0
  /// Numbers in order of arrival, from `firstOpen` on; those answered meanwhile are skipped.
  private var open: [Int64] = []
  private var firstOpen = 0
  private var counts: [InboxState: Int] = [:]

  func count(_ state: InboxState) -> Int { counts[state, default: 0] }

  /// - Returns: whether it was new.
  mutating func add(_ message: Message, account: String, now: Instant) -> Bool {
    let key = Key(account: account, id: message.id)
    guard numbers[key] == nil else { return false }
    lastNumber += 1
    numbers[key] = lastNumber
    let state: InboxState = if case .ignored = message.kind { .refused } else { .new }
    rows[lastNumber] = Row(key: key, message: message, receivedAt: now, state: state)
    counts[state, default: 0] += 1
    if state == .new { open.append(lastNumber) }
    return true
  }

  /// As if what came later never had. Nothing of it is answered yet.
  mutating func forget(after number: Int64) {
    while lastNumber > number {
      if let row = rows.removeValue(forKey: lastNumber) {
        numbers[row.key] = nil
        counts[row.state, default: 0] -= 1
        if row.state == .new { open.removeLast() }
      }
      lastNumber -= 1
    }
  }

  func waiting(limit: Int) -> [Waiting] {
    var found: [Waiting] = []
    for number in open[firstOpen...] {
      guard found.count < limit else { break }
      guard let row = rows[number], row.state == .new, let message = row.message else { continue }
      found.append(
        Waiting(
          number: number, message: message, receivedAt: row.receivedAt, crashes: row.crashes))
    }
    return found
  }

  mutating func suspect(_ number: Int64) {
    guard rows[number]?.state == .new else { return }
    rows[number]?.isSuspected = true
  }

  /// The run died: what it suspected is guilty by so much more.
  mutating func blameSuspects(_ blame: Int) {
    for number in open[firstOpen...] where rows[number]?.isSuspected == true {
      rows[number]?.crashes += blame
    }
    acquit()
  }

  /// The run ends in good order, so nobody is to blame.
  mutating func acquit() {
    for number in open[firstOpen...] { rows[number]?.isSuspected = false }
  }

  /// - Returns: false if that update is not waiting.
  mutating func end(_ number: Int64, _ outcome: Outcome) -> Bool {
    guard let row = rows[number], row.state == .new else { return false }
    counts[.new, default: 0] -= 1
    counts[outcome.state, default: 0] += 1
    rows[number]?.state = outcome.state
    rows[number]?.isSuspected = false
    if outcome == .confided { rows[number]?.message = nil }
    forgetAnswered()
    return true
  }

  /// Moves `firstOpen` on, and gives the room back now and then.
  private mutating func forgetAnswered() {
    while firstOpen < open.count, rows[open[firstOpen]]?.state != .new { firstOpen += 1 }
    guard firstOpen > 1024, firstOpen * 2 > open.count else { return }
    open.removeFirst(firstOpen)
    firstOpen = 0
  }

  mutating func prune(_ keeping: Keeping) {
    for (number, row) in rows where row.state != .new {
      if row.receivedAt < keeping.updates {
        counts[row.state, default: 0] -= 1
        numbers[row.key] = nil
        rows[number] = nil
      } else if row.receivedAt < keeping.bodies {
        rows[number]?.message = nil
      }
    }
  }
}
