import Crew
import Foundation
import GRDB

extension SQLiteLedger {
  public func prepare(_ ruling: inout Ruling) { ruling.prepared = Prepared(ruling) }

  public func record(
    _ rulings: [Ruling], now: Instant, claiming wish: ClaimWish?
  ) async throws -> Recorded {
    let prepared = rulings.map { $0.prepared ?? Prepared($0) }
    let hasDrafts = prepared.contains { !$0.drafts.isEmpty }
    let claim = hasDrafts ? wish.map { Claim($0, epoch: opening.epoch, now) } : nil
    let outcomes = Dictionary(
      rulings.compactMap(\.outcome), uniquingKeysWith: { first, _ in first })
    return try await write(isShort: prepared.count < 8, isAwaited: true, outcomes: outcomes) {
      [points, held] db in
      var chain = try Chain(db)
      var outbox = try Outlet(db, claim, now: now)
      let stored = try prepared.map { ruling in
        guard try Self.take(ruling.cause, db, held, now: now) else { return false }
        let cause = ruling.causeText(first: chain.number + 1)
        for (ord, event) in ruling.events.enumerated() {
          try chain.append(event, cause: cause, ord: ord, to: db)
        }
        points.pass(.midRecord)
        for draft in ruling.drafts { try outbox.insert(draft, db) }
        return true
      }
      return Recorded(stored: stored, claimed: outbox.end(points))
    } end: { [backlog] recorded in
      backlog.went(Set(outcomes.keys))
      return recorded.claimed.isEmpty ? .soon : .begun
    }
  }

  /// Takes what the ruling is about out of the open. Changes nothing if it was decided before.
  private static func take(
    _ cause: Ruling.Cause, _ db: Database, _ held: Held, now: Instant
  ) throws -> Bool {
    switch cause {
    case .update(let number, let outcome):
      if held.takeAnswered(number) { return true }
      try db.run(
        "UPDATE inbox SET state = ?, outcome = ?, suspect = 0 WHERE number = ? AND state = 'new'",
        outcome.state.rawValue, outcome.word, number)
      guard db.changesCount == 1 else { return false }
      // By itself: naming the body has its index written anew, even where it stays as it is.
      if outcome == .confided {
        try db.run("UPDATE inbox SET body = NULL WHERE number = ?", number)
      }
      return true
    case .slots(let keys):
      for key in keys where try db.number("SELECT 1 FROM slot WHERE key = ?", key) != nil {
        return false
      }
      for key in Set(keys) {
        try db.run("INSERT INTO slot(key, decided_ms) VALUES(?, ?)", key, now.milliseconds)
      }
      return true
    case .own: return true
    }
  }

  public func events(after number: Int64, limit: Int) async throws -> [Numbered] {
    let links = try await read { try Self.links($0, after: number, limit: limit).map(\.link) }
    return try links.map { link in
      Numbered(
        number: link.number,
        entry: Entry(
          team: link.team, at: link.at,
          event: try Coding.value(link.body, place: "event \(link.number)")))
    }
  }

  public func lastEventNumber() async throws -> Int64 {
    try await read { try $0.number("SELECT max(number) FROM event") ?? 0 }
  }

  static func links(_ db: Database, after number: Int64, limit: Int) throws
    -> [(link: Link, previous: [UInt8], hash: [UInt8])]
  {
    try db.rows(
      "SELECT number, cause, ord, team, at_ms, type, body, prev_hash, hash FROM event"
        + " WHERE number > ? ORDER BY number LIMIT ?", number, max(limit, 0)
    ) { row in
      let link = Link(
        number: try row[0], cause: try row[1], ord: try row[2], team: try row[3],
        at: Instant(milliseconds: try row[4]), type: try row[5], body: try row[6])
      return (link, try row[7], try row[8])
    }
  }

  /// Checks every event against the hash chain.
  /// - Returns: how many events there are.
  /// - Throws: `.corrupt` with the first event that was changed, added or taken out behind the
  ///   ledger's back.
  public func verifyChain() async throws -> Int64 {
    var number: Int64 = 0
    var hash = Link.root
    while true {
      let (after, previous) = (number, hash)
      let page = try await read { [path] db in
        try Self.verify(db, after: after, previous: previous, path: path)
      }
      guard let page else { return number }
      (number, hash) = page
    }
  }

  /// - Returns: the last event of the page and its hash; nil behind the last page.
  private static func verify(_ db: Database, after: Int64, previous: [UInt8], path: String) throws
    -> (Int64, [UInt8])?
  {
    var (number, hash) = (after, previous)
    for (link, stored, own) in try links(db, after: after, limit: 1000) {
      guard link.number == number + 1, stored == hash, own == link.hash(after: hash) else {
        throw LedgerFiles.corrupt(path, "event \(number + 1) is not the one that was stored")
      }
      (number, hash) = (link.number, own)
    }
    return number == after ? nil : (number, hash)
  }
}

/// The end of the hash chain while a transaction lengthens it.
private struct Chain {
  var number: Int64 = 0
  var hash = Link.root

  init(_ db: Database) throws {
    let last = try db.row(
      "SELECT number, hash FROM event WHERE number = (SELECT max(number) FROM event)"
    ) { (number: try $0[0] as Int64, hash: try $0[1] as [UInt8]) }
    if let last { (number, hash) = last }
  }

  mutating func append(_ event: Prepared.Event, cause: String, ord: Int, to db: Database) throws {
    let link = Link(
      number: number + 1, cause: cause, ord: ord, team: event.team, at: event.at, type: event.type,
      body: event.body)
    let next = link.hash(after: hash)
    try db.run(
      "INSERT INTO event(number, cause, ord, team, at_ms, type, body, prev_hash, hash)"
        + " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
      link.number, cause, ord, link.team, link.at.milliseconds, link.type, link.body, hash, next)
    (number, hash) = (link.number, next)
  }
}

extension Ruling {
  /// The update that it is about, and what became of that.
  fileprivate var outcome: (Int64, Outcome)? {
    if case .update(let number, let outcome) = cause { (number, outcome) } else { nil }
  }
}
