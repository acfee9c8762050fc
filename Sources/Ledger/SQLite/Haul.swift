import Crew
import GRDB
import Synchronization

/// What one look at a stream brought, made ready outside of the transaction.
struct Haul: Sendable {
  private struct Received: Sendable {
    let message: Message
    let body: String
    /// Nil where the table is to give one.
    var number: Int64?
  }

  let account: String
  let from: String?
  let to: String
  let now: Instant
  private var received: [Received]

  init(_ arrivals: [Arrival], account: String, from: String?, to: String, now: Instant) {
    (self.account, self.from, self.to, self.now) = (account, from, to, now)
    received = arrivals.map { Received(message: $0.message, body: JSONWriter.text($0.message)) }
  }

  var numbers: [Int64?] { received.map(\.number) }

  static func cursor(_ db: Database, of account: String) throws -> String? {
    try db.text("SELECT cursor FROM account WHERE id = ?", account)
  }

  /// - Parameter outcomes: by number, of those that are answered in the same commit.
  /// - Returns: the number of each update; nil where it was known.
  func store(_ db: Database, _ points: CrashPoints, _ outcomes: [Int64: Outcome] = [:]) throws
    -> [Int64?]
  {
    try moveCursor(db)
    if !received.isEmpty { points.pass(.midIngest) }
    return try received.map { update in
      let outcome = update.number.flatMap { outcomes[$0] } ?? update.message.outcome
      return try insert(update, outcome, db)
    }
  }

  /// Compare and set: whoever read the stream from another place must not store what it brought.
  private func moveCursor(_ db: Database) throws {
    let found = try expectCursor(db)
    // A quiet poll writes nothing, so it costs no sync.
    guard found != Coding.stored(to) else { return }
    try db.run(
      "INSERT INTO account(id, cursor) VALUES(?, ?)"
        + " ON CONFLICT(id) DO UPDATE SET cursor = excluded.cursor", account, to)
  }

  private func expectCursor(_ db: Database) throws -> String? {
    let found = try Self.cursor(db, of: account)
    try expect(found)
    return found
  }

  private func expect(_ cursor: String?) throws {
    guard cursor == from.map(Coding.stored) else {
      throw LedgerFault.overtaken(
        "the cursor of \(account) was moved by somebody else: nothing was stored")
    }
  }

  private func insert(_ update: Received, _ outcome: Outcome?, _ db: Database) throws -> Int64? {
    // UNIQUE is the promise; asking first only keeps a known update from using up a number.
    if update.number == nil, try Self.number(db, of: update.message.id, account) != nil {
      return nil
    }
    try db.run(
      """
      INSERT INTO inbox(number, account, ekey, received_ms, state, outcome, body)
      VALUES(?, ?, ?, ?, ?, ?, ?) ON CONFLICT(account, ekey) DO NOTHING
      """, update.number, account, update.message.id, now.milliseconds,
      (outcome?.state ?? InboxState.new).rawValue, outcome?.word,
      outcome == .confided ? nil : update.body)
    return db.changesCount == 1 ? db.lastInsertedRowID : nil
  }

  private static func number(_ db: Database, of id: String, _ account: String) throws -> Int64? {
    try db.number("SELECT number FROM inbox WHERE account = ? AND ekey = ?", account, id)
  }

  /// Leaves out what is known, and gives the rest the numbers that the table would give.
  /// - Throws: `.overtaken` if the cursor is not where it begins.
  mutating func number(_ db: Database) throws {
    // As a rule there is one, so the first is asked for with the rest.
    let found = try db.row(
      """
      SELECT (SELECT cursor FROM account WHERE id = ?1),
        (SELECT seq FROM sqlite_sequence WHERE name = 'inbox'),
        (SELECT number FROM inbox WHERE account = ?1 AND ekey = ?2)
      """, account, received.first?.message.id
    ) { (cursor: try $0[0] as String?, last: try $0[1] as Int64?, first: try $0[2] as Int64?) }
    try expect(found?.cursor)
    var last = found?.last ?? 0
    var known: Set<String> = []
    received = try received.enumerated().compactMap { place, update in
      let id = Coding.stored(update.message.id)
      guard known.insert(id).inserted else { return nil }
      let number =
        try place == 0
        ? found?.first
        : Self.number(db, of: id, account)
      guard number == nil else { return nil }
      last += 1
      var update = update
      update.number = last
      return update
    }
  }

  var waiting: [Waiting] { waiting(numbers) }

  /// What of it is to be answered.
  /// - Parameter numbers: of each update, nil where it was known.
  func waiting(_ numbers: [Int64?]) -> [Waiting] {
    zip(received, numbers).compactMap { update, number in
      guard let number, update.message.outcome == nil else { return nil }
      return Waiting(number: number, message: update.message, receivedAt: now, crashes: 0)
    }
  }
}

/// A haul that is stored in the next commit. No platform has been told of it, so what dies with the
/// process comes again.
final class Held: Sendable {
  private struct Content {
    var haul: Haul?
    /// Those that were stored with their outcome in the transaction under way.
    var answered: Set<Int64> = []
  }

  private let content = Mutex(Content())

  var haul: Haul? {
    get { content.withLock { $0.haul } }
    set { content.withLock { $0.haul = newValue } }
  }

  /// What of it is to be answered.
  var waiting: [Waiting] { haul?.waiting ?? [] }

  func store(_ db: Database, _ points: CrashPoints, _ outcomes: [Int64: Outcome]) throws {
    content.withLock { $0.answered = [] }
    guard let haul else { return }
    guard try haul.store(db, points, outcomes) == haul.numbers else {
      throw LedgerFault.overtaken("somebody else has stored the same updates: nothing was stored")
    }
    let numbers = Set(haul.waiting.map(\.number))
    content.withLock { $0.answered = numbers.intersection(outcomes.keys) }
  }

  /// - Returns: whether the update was stored with its outcome just now. True once.
  func takeAnswered(_ number: Int64) -> Bool {
    content.withLock { $0.answered.remove(number) != nil }
  }
}

extension Message {
  /// Of one that nobody is to answer; nil for all others.
  fileprivate var outcome: Outcome? {
    if case .ignored(let why) = kind { .refused(why) } else { nil }
  }
}
