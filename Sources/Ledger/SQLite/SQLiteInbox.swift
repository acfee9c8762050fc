import Crew
import GRDB

extension SQLiteLedger {
  public func cursor(of account: String) async throws -> String? {
    try await storeHeld()
    return try await read(isShort: true) { try Haul.cursor($0, of: account) }
  }

  public func ingest(
    _ arrivals: [Arrival], account: String, from: String?, to: String, now: Instant, mayWait: Bool
  ) async throws -> Int {
    let haul = Haul(arrivals, account: account, from: from, to: to, now: now)
    let isSmall = arrivals.count <= Arrival.waitingMax
    if mayWait, isSmall, !arrivals.isEmpty, let new = try await hold(haul) { return new }
    let new = try await write(isShort: isSmall, isAwaited: true) { [points] db in
      try haul.store(db, points)
    } end: { [backlog] new in
      backlog.came(haul.waiting(new))
      return .soon
    }
    return new.count { $0 != nil }
  }

  /// Keeps it in memory until something is stored.
  /// - Returns: how many updates are new; nil where something else is kept already.
  private func hold(_ haul: Haul) async throws -> Int? {
    try await read(isShort: true) { [held, backlog] db in
      guard held.haul == nil else { return nil }
      var haul = haul
      try haul.number(db)
      held.haul = haul
      backlog.came(held.waiting)
      return haul.numbers.count
    }
  }

  public func waiting(limit: Int) async throws -> [Waiting] {
    try expectTrust()
    if let known = backlog.oldest(max(limit, 0)) { return known }
    return try await read(isShort: limit <= 64) { [backlog, held] db in
      let found = try db.rows(
        "SELECT number, received_ms, crashes, body FROM inbox WHERE state = 'new'"
          + " ORDER BY number LIMIT ?", max(limit, 0)
      ) { row in
        let (number, body): (Int64, String?) = (try row[0], try row[3])
        return Waiting(
          number: number, message: try Coding.value(body ?? "", place: "update \(number)"),
          receivedAt: Instant(milliseconds: try row[1]), crashes: try row[2])
      }
      let all = found + held.waiting
      if found.count < limit { backlog.isAll(all) }
      return Array(all.prefix(max(limit, 0)))
    }
  }

  public func suspect(_ update: Int64) async throws {
    try await write {
      try $0.run("UPDATE inbox SET suspect = 1 WHERE number = ? AND state = 'new'", update)
    }
  }
}
