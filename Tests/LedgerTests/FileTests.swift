import Crew
import Foundation
import Synchronization
import Testing

@testable import Ledger

/// What only a ledger in a file can do wrong.
@Suite struct FileTests {
  /// SQLite syncs around checkpoints, `LogSync` syncs the commits.
  @Test func `commits are logged, without a memory map`() async throws {
    try await withLedger { ledger in
      let found = try await ledger.read { db in
        try ["synchronous", "mmap_size", "secure_delete", "cell_size_check"].map {
          try db.number("PRAGMA \($0)")
        }
      }
      #expect(found == [1, 0, 1, 1])
      #expect(try await ledger.read { try $0.text("PRAGMA journal_mode") } == "wal")
    }
  }

  @Test func `what is claimed is synced, and what went before`() async throws {
    try await withLedger { ledger in
      try await ledger.say(draft("a"))
      let claimed = try await ledger.claim(accounts: ["matrix"], limit: 9, now: at(1))
      #expect(claimed.count == 1)
      #expect(ledger.log.unsynced == 0)
      try await ledger.settle([(claimed[0].id, .sent(id: "1"))], now: at(1))
      try await ledger.sync()
      #expect(ledger.log.unsynced == 0)
    }
  }

  @Test func `what nobody waits for is synced soon`() async throws {
    try await withLedger { ledger in
      try await ledger.say(draft("a"))
      let end = ContinuousClock.now + .seconds(60)
      while ledger.log.unsynced > 0, ContinuousClock.now < end {
        try await Task.sleep(for: .milliseconds(1))
      }
      #expect(ledger.log.unsynced == 0)
    }
  }

  @Test func `a second daemon is refused and told who holds the file`() async throws {
    try await withLedger { ledger in
      let refusal = await fault { _ = try await open(ledger.path) }
      #expect(refusal?.sort == .held)
      #expect(refusal?.description.contains("pid \(getpid()) boot ") == true)
      await ledger.close()
      let next = try await open(ledger.path)
      #expect(next.opening.epoch == 2)
      await next.close()
    }
  }

  @Test func `a run that was taken over stores nothing any more`() async throws {
    try await withLedger { ledger in
      try await ledger.read { try $0.run("UPDATE meta SET epoch = epoch + 1") }
      let found = await fault { try await ledger.say(draft("a")) }
      #expect(found?.sort == .overtaken)
      #expect(try await ledger.counts().queued == 0)
    }
  }

  @Test(arguments: [false, true])
  func `a file of a newer program is refused and keeps its bytes`(inLogAlone: Bool) async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "old.db").path
      let ledger = try await open(path)
      try await ledger.read { try $0.run("PRAGMA user_version = 99") }
      let copy = folder.appending(path: "new.db").path
      if !inLogAlone { await ledger.close() }
      try run("/bin/cp", path, copy)
      if inLogAlone { try run("/bin/cp", path + "-wal", copy + "-wal") }
      await ledger.close()
      let before = try Data(contentsOf: URL(filePath: copy))
      let log = try? Data(contentsOf: URL(filePath: copy + "-wal"))
      #expect((log != nil) == inLogAlone)
      let refusal = await fault { _ = try await open(copy, allowCreate: true) }
      #expect(refusal?.sort == .newer)
      #expect(refusal?.description.contains("schema 99") == true)
      #expect(try Data(contentsOf: URL(filePath: copy)) == before)
      #expect((try? Data(contentsOf: URL(filePath: copy + "-wal"))) == log)
    }
  }

  @Test func `a ledger that is gone is not begun anew unless told to`() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "crewbell.db").path
      await (try open(path)).close()
      try FileManager.default.removeItem(atPath: path)
      #expect(await fault { _ = try await open(path) }?.sort == .missing)
      #expect(!FileManager.default.fileExists(atPath: path))
      try Data().write(to: URL(filePath: path))
      #expect(await fault { _ = try await open(path) }?.sort == .missing)
      let anew = try await open(path, allowCreate: true)
      #expect(anew.opening.epoch == 1)
      await anew.close()
    }
  }

  @Test func `an empty database where a ledger was is not begun anew either`() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "crewbell.db").path
      let ledger = try await open(path)
      try await ledger.read { db in
        try db.run("PRAGMA writable_schema = RESET")
        for table in ["outbox", "spent", "snapshot", "slot", "event", "inbox", "account", "meta"] {
          try db.run("DROP TABLE \(table)")
        }
        try db.run("DELETE FROM sqlite_sequence")
        try db.run("PRAGMA application_id = 0")
        try db.run("PRAGMA user_version = 0")
      }
      await ledger.close()
      #expect(await fault { _ = try await open(path) }?.sort == .missing)
      await (try open(path, allowCreate: true)).close()
    }
  }

  @Test func `what is no ledger is refused`() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "crewbell.db").path
      try Data("dear diary, ".utf8).write(to: URL(filePath: path))
      #expect(await fault { _ = try await open(path) }?.sort == .corrupt)
      try FileManager.default.removeItem(atPath: path)
      let ledger = try await open(path)
      try await ledger.read { try $0.run("PRAGMA application_id = 7") }
      await ledger.close()
      let refusal = await fault { _ = try await open(path) }
      #expect(refusal?.sort == .corrupt)
      #expect(refusal?.description.contains("another program") == true)
    }
  }

  @Test func `a folder that is not there is a fault of the disk`() async throws {
    #expect(await fault { _ = try await open("/nowhere/at/all.db") }?.sort == .disk)
  }

  @Test func `a page that is damaged anywhere is found at the start`() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "crewbell.db").path
      let ledger = try await open(path)
      try await fill(ledger, days: 40)
      await ledger.close()
      let whole = try Data(contentsOf: URL(filePath: path))
      let pages = whole.count / 4096
      #expect(pages > 20)
      for page in 0..<pages {
        var bad = whole
        // The head of a b-tree page says where its cells are; page 1 has the file's head before it.
        let head = page * 4096 + (page == 0 ? 100 : 0)
        bad.replaceSubrange(head..<head + 8, with: [0xFF, 1, 2, 3, 4, 5, 6, 7])
        try bad.write(to: URL(filePath: path))
        let refusal = await fault { await (try open(path)).close() }
        #expect(refusal?.sort == .corrupt, "page \(page + 1)")
      }
    }
  }

  @Test func `into a large file nothing is stored before it was found whole`() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "crewbell.db").path
      var ledger = try await open(path)
      try await fill(ledger, days: 40)
      await ledger.close()
      ledger = try await open(path, checkFirstBytesMax: 0)
      let events = try await ledger.lastEventNumber()
      try await ledger.saveSnapshot(number: events, body: [1])
      await ledger.close()
      let whole = try Data(contentsOf: URL(filePath: path))
      for page in 2..<whole.count / 4096 {
        var bad = whole
        bad.replaceSubrange(page * 4096..<page * 4096 + 8, with: [0xFF, 1, 2, 3, 4, 5, 6, 7])
        try bad.write(to: URL(filePath: path))
        let refusal = await fault {
          let ledger = try await open(path, checkFirstBytesMax: 0)
          do {
            _ = try await ledger.ingest([], account: "a", from: nil, to: "1", now: at(0))
          } catch {
            // It stays refused, and a read tells of it too.
            let again = await fault { _ = try await ledger.lastEventNumber() }
            #expect(again?.sort == .corrupt)
            await ledger.close()
            throw error
          }
          await ledger.close()
        }
        #expect(refusal?.sort == .corrupt, "page \(page + 1)")
      }
    }
  }

  @Test func `a claim that comes with what it claims is synced once that is asked for`()
    async throws
  {
    try await withLedger { ledger in
      let ruling = Ruling(cause: .own("test"), drafts: [draft("a")])
      let wish = ClaimWish(accounts: everywhere, limit: 1)
      let recorded = try await ledger.record([ruling], now: at(1), claiming: wish)
      #expect(recorded.claimed.count == 1)
      #expect(ledger.flush())
      #expect(ledger.log.unsynced == 0)
    }
  }

  @Test func `what waits is known without the file until it is too much`() async throws {
    try await withLedger { ledger in
      #expect(ledger.backlog.oldest(.max) == nil)
      #expect(try await ledger.waiting(limit: 9).isEmpty)
      for number in 1...Backlog.knownMax {
        try await ledger.receive(said("\(number)"), said("noise \(number)", kind: .ignored("x")))
        // Told again, it is not new.
        try await ledger.receive(said("\(number)"))
      }
      let all = try #require(ledger.backlog.oldest(.max))
      #expect(all.map(\.message.id) == (1...Backlog.knownMax).map { "\($0)" })
      let gone = Ruling(cause: .update(all[3].number, .done))
      _ = try await ledger.record([gone], now: at(1))
      #expect(ledger.backlog.oldest(.max)?.count == Backlog.knownMax - 1)
      try await ledger.receive(said("last"), said("too much"))
      #expect(ledger.backlog.oldest(.max) == nil)
      #expect(try await ledger.waiting(limit: 9).count == 9)
      #expect(ledger.backlog.oldest(.max) == nil)
      let rest = try await ledger.waiting(limit: 2000)
      #expect(rest.count == Backlog.knownMax + 1 && rest.last?.message.id == "too much")
    }
  }

  @Test func `the log has its length before anything is logged, and keeps it`() async throws {
    try await withLedger { ledger in
      func size() -> Int64? { LedgerFiles.size(ledger.path + "-wal") }
      // It is made inside of the first call that stores, before that logs anything.
      let seen = Mutex<[Int64?]>([])
      try await ledger.read { [path = ledger.path] db in
        db.watch { _ in seen.withLock { $0.append(LedgerFiles.size(path + "-wal")) } }
      }
      try await ledger.beat(now: at(0))
      try await ledger.read { $0.watch(nil) }
      #expect(seen.withLock { $0.first } == Int64(LogSync.reservedBytes))
      try await fill(ledger, days: 3)
      #expect(size() == Int64(LogSync.reservedBytes))
      try await ledger.prune(now: days(9))
      #expect(try usedLog(ledger.path).isEmpty)
      #expect(size() == Int64(LogSync.reservedBytes))
      try await ledger.receive(said("a"))
      #expect(size() == Int64(LogSync.reservedBytes))
    }
  }

  @Test func `a log that is cut off anywhere keeps whole commits`() async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "crewbell.db").path
      let ledger = try await open(path)
      try await fill(ledger, days: 2)
      let copy = folder.appending(path: "copy.db").path
      for end in ["", "-wal"] { try run("/bin/cp", path + end, copy + end) }
      await ledger.close()
      let base = try Data(contentsOf: URL(filePath: copy))
      let log = try usedLog(copy)
      var last: Int64 = 2
      for size in stride(from: log.count, through: 0, by: -512) {
        try base.write(to: URL(filePath: copy))
        try log.prefix(size).write(to: URL(filePath: copy + "-wal"))
        let cut = try await open(copy)
        let events = try await cut.verifyChain()
        #expect(events == (try await cut.counts()).queued)
        #expect(events <= last)
        last = events
        await cut.close()
      }
      #expect(last == 0)
    }
  }

  @Test(arguments: [false, true])
  func `a file that goes away while it is open is missed at the next beat`(replaced: Bool)
    async throws
  {
    try await withLedger { ledger in
      try await ledger.beat(now: at(1))
      try run("/bin/mv", ledger.path, ledger.path + ".away")
      if replaced { try run("/bin/cp", ledger.path + ".away", ledger.path) }
      #expect(await fault { try await ledger.beat(now: at(2)) }?.sort == .missing)
    }
  }

  @Test func `an event that is changed behind our back is found`() async throws {
    for change in [
      "UPDATE event SET body = replace(body, '3', '8') WHERE number = 3",
      "UPDATE event SET at_ms = at_ms + 1 WHERE number = 3",
      "DELETE FROM event WHERE number = 3",
      "UPDATE event SET prev_hash = hash WHERE number = 3",
    ] {
      try await withLedger { ledger in
        try await fill(ledger, days: 5)
        #expect(try await ledger.verifyChain() == 5)
        try await ledger.read { try $0.run(change) }
        let found = await fault { _ = try await ledger.verifyChain() }
        #expect(found?.sort == .corrupt)
        #expect(found?.description.contains("event 3 ") == true, "\(change)")
      }
    }
  }

  @Test func `a forged event breaks the chain behind it, however well it was forged`() async throws
  {
    try await withLedger { ledger in
      try await fill(ledger, days: 5)
      try await ledger.write { db in
        let event = try #require(
          try SQLiteLedger.links(db, after: 2, limit: 1).first)
        var forged = event.link
        forged.body = forged.body.replacing("3", with: "8")
        let hash = forged.hash(after: event.previous)
        try db.run("UPDATE event SET body = ?, hash = ? WHERE number = 3", forged.body, hash)
        try db.run("UPDATE event SET prev_hash = ? WHERE number = 4", hash)
      }
      let found = await fault { _ = try await ledger.verifyChain() }
      #expect(found?.description.contains("event 4 ") == true)
    }
  }

  @Test func `what was said in confidence, or long ago, is on the disk no more`() async throws {
    try await withLedger { ledger in
      try await ledger.receive(said("a", "canary one"), said("b", "canary two"), now: days(0))
      let numbers = try await ledger.waiting(limit: 2).map(\.number)
      _ = try await ledger.record([Ruling(cause: .update(numbers[0], .confided))], now: days(0))
      let bodies = try await ledger.read {
        try $0.rows("SELECT body FROM inbox") { try $0[0] as String? }
      }
      #expect(bodies.count == 2)
      #expect(
        try await ledger.read { try $0.number("SELECT count(*) FROM inbox WHERE body IS NULL") }
          == 1)
      _ = try await ledger.record([Ruling(cause: .update(numbers[1], .done))], now: days(0))
      try await ledger.prune(now: days(8))
      for end in ["", "-wal"] {
        #expect(try run("/bin/grep", "-q", "canary", ledger.path + end) == 1)
      }
    }
  }

  @Test func `a task that is cancelled still learns what became of its commit`() async throws {
    try await withLedger { ledger in
      let task = Task {
        withUnsafeCurrentTask { $0?.cancel() }
        try await ledger.say(draft("a"))
      }
      try await task.value
      #expect(try await ledger.counts().queued == 1)
    }
  }

  @Test func `the schema of version 1 is never changed`() {
    // FNV-1a. Add a migration instead.
    let hash = Schema.migrations[0].utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    #expect(hash == 15_640_520_508_270_992_126)
  }

  private func withLedger(_ body: (SQLiteLedger) async throws -> Void) async throws {
    try await Bench.with(.sqlite) { bench in
      try await body(try #require(bench.ledger as? SQLiteLedger))
    }
  }
}

/// A few days in the life of a team: an update, an event and a post each, in two commits a day.
func fill(_ ledger: any Ledger, days: Int) async throws {
  for day in 1...days {
    try await ledger.receive(said("day \(day)"), now: at(Int64(day)))
    let number = try #require(try await ledger.waiting(limit: 1).first?.number)
    let ruling = Ruling(
      cause: .update(number, .done), entries: [entry("day \(day)")], drafts: [draft("day \(day)")])
    _ = try await ledger.record([ruling], now: at(Int64(day)))
  }
}
