import Crew
import Foundation
import Outside
import Testing

@testable import Ledger

/// Every ledger that has to keep the contract.
enum LedgerKind: String, CaseIterable, Sendable { case memory, sqlite }

/// A ledger under test, and the folder it lies in.
struct Bench {
  fileprivate(set) var ledger: any Ledger
  private let root: URL
  private var folder: URL

  var path: String { Bench.path(in: folder) }

  private static func path(in folder: URL) -> String {
    folder.appending(path: "crewbell.db").path(percentEncoded: false)
  }

  /// Opens a fresh ledger, runs the test, closes and removes it.
  static func with(_ kind: LedgerKind, _ body: (inout Bench) async throws -> Void) async throws {
    try await withFolder { root in
      var bench: Bench
      switch kind {
      case .memory: bench = Bench(ledger: MemoryLedger(), root: root, folder: root)
      case .sqlite:
        let ledger = try await open(path(in: root))
        bench = Bench(ledger: ledger, root: root, folder: root)
      }
      do {
        try await body(&bench)
        await bench.ledger.close()
      } catch {
        await bench.ledger.close()
        throw error
      }
    }
  }

  /// The process dies now and the next run begins: of a file, only what was committed is there.
  mutating func crash() async throws {
    if let memory = ledger as? MemoryLedger {
      ledger = await memory.restarted()
      return
    }
    let next = root.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: next, withIntermediateDirectories: true)
    for name in ["crewbell.db", "crewbell.db-wal"] {
      // By a process of its own: to close the file here would drop the locks that SQLite has on it.
      try run("/bin/cp", folder.appending(path: name).path, next.appending(path: name).path)
    }
    let dead = ledger
    ledger = try await open(Bench.path(in: next))
    folder = next
    await dead.close()
  }
}

extension Bench {
  /// The process ends in good order and the next run begins.
  mutating func restart() async throws {
    await ledger.close()
    if let memory = ledger as? MemoryLedger {
      ledger = await memory.restarted()
    } else {
      ledger = try await open(path)
    }
  }
}

func open(
  _ path: String, now: Instant = at(0), allowCreate: Bool = false,
  checkFirstBytesMax: Int64 = 32 << 20
) async throws -> SQLiteLedger {
  try await SQLiteLedger.open(
    at: path, now: now, allowCreate: allowCreate, newInstance: "test",
    checkFirstBytesMax: checkFirstBytesMax)
}

func withFolder(_ body: (URL) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "ledger-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder)
}

/// The log of a database as far as it was used; behind stand the zeros that it was lengthened with.
func usedLog(_ path: String) throws -> Data {
  let log = try Data(contentsOf: URL(filePath: path + "-wal"))
  return log.prefix((log.lastIndex { $0 != 0 } ?? -1) + 1)
}

@discardableResult
func run(_ program: String, _ arguments: String...) throws -> Int32 {
  try Program.run([program] + arguments).status
}

/// The fault that a call throws, or nil if it goes well.
func fault(_ body: () async throws -> Void) async -> LedgerFault? {
  do {
    try await body()
    return nil
  } catch {
    return error as? LedgerFault
  }
}

/// A fault without its words, for comparing.
enum Sort: Equatable {
  case held, newer, corrupt, missing, overtaken, disk, unsynced
}

extension LedgerFault {
  var sort: Sort {
    switch self {
    case .held: .held
    case .newer: .newer
    case .corrupt: .corrupt
    case .missing: .missing
    case .overtaken: .overtaken
    case .disk: .disk
    case .unsynced: .unsynced
    }
  }
}

let lobby = Room(account: "matrix", id: "!lobby")
let kitchen = Room(account: "matrix", id: "!kitchen")
let office = Room(account: "zulip", id: "office")
let everywhere: Set<String> = ["matrix", "zulip"]

func at(_ seconds: Int64) -> Instant { Instant(seconds: 1_000_000 + seconds) }
func days(_ days: Int64) -> Instant { at(days * 86_400) }

func said(_ id: String, _ text: String = "/done 1", kind: Message.Kind = .text) -> Arrival {
  Arrival(
    Message(
      id: id, room: lobby, sender: Identity(account: "matrix", user: "@ana"), kind: kind,
      body: [.text(text)], sentAt: at(0)))
}

func draft(_ key: String, to room: Room = lobby, kind: Draft.Class = .reply) -> Draft {
  Draft(key: key, target: .room(room), kind: kind, post: Post(text: Markup(key)))
}

/// An event that needs no team: its content is the text, whatever the type says of it.
func entry(_ text: String, team: String = "kitchen", _ when: Instant = at(1)) -> Entry {
  Entry(team: team, at: when, event: .members(.renamed(Person(1), text)))
}

extension Ledger {
  /// Updates of the first account, with the cursor moved on by itself.
  @discardableResult
  func receive(_ arrivals: Arrival..., now: Instant = at(0), mayWait: Bool = false) async throws
    -> Int
  {
    let from = try await cursor(of: "matrix")
    return try await ingest(
      arrivals, account: "matrix", from: from, to: "\(from ?? "")+", now: now, mayWait: mayWait)
  }

  /// Drafts that nothing from outside asked for.
  func say(_ drafts: Draft..., now: Instant = at(0)) async throws {
    _ = try await record([Ruling(cause: .own("test"), drafts: drafts)], now: now)
  }

  func claimAll(now: Instant = at(1), limit: Int = 100) async throws -> [Claimed] {
    try await claim(accounts: everywhere, limit: limit, now: now)
  }

  func settle(_ claimed: Claimed?, _ settlement: Settlement, now: Instant = at(2)) async throws {
    let claimed = try #require(claimed)
    try await settle([(claimed.id, settlement)], now: now)
  }
}
