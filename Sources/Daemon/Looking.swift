import Crew
import Foundation
import Ledger
import Logging

/// A look at the ledger on a copy, whether or not a daemon is running on it.
enum Looking {
  /// - Returns: nil where there is no ledger yet.
  static func atCopy<Value>(
    of config: Config, _ body: (SQLiteLedger) async throws -> Value
  ) async throws -> Value? {
    try await atCopy(ofLedger: Program.ledgerPath(config), body)
  }

  static func atCopy<Value>(
    ofLedger path: String, _ body: (SQLiteLedger) async throws -> Value
  ) async throws -> Value? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "crewbell-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    let copy = folder.appending(path: "crewbell.db").path
    try SQLiteLedger.copy(of: path, to: copy)
    let ledger = try await SQLiteLedger.open(
      at: copy, now: SystemClock().now(), allowCreate: true, newInstance: "copy")
    let value = try await body(ledger)
    await ledger.close()
    return value
  }
}

extension Program {
  /// Copies the ledger to a file that can be put back, whether or not a daemon is running on it.
  /// - Returns: how many events the file holds, each checked against the hash chain.
  public func backup(_ config: Config, to destination: String) async throws -> Int64 {
    try SQLiteLedger.backup(
      of: Self.ledgerPath(config), to: destination, now: SystemClock().now())
    return try await Looking.atCopy(ofLedger: destination) { try await $0.verifyChain() } ?? 0
  }
}

extension Forecast {
  /// What `crewbell simulate` prints, line by line.
  public static func make(
    _ program: Program, _ loaded: Program.Loaded, days: Int
  ) async throws -> [String] {
    let (log, _) = program.logger(level: .error)
    let now = SystemClock().now()
    let zones = FoundationZones()
    let kept = try await Looking.atCopy(of: loaded.config) { ledger in
      try await History.load(from: ledger, words: loaded.words, log: log).0
    }
    let teams: Teams
    var lines: [String] = []
    if let kept, !kept.list.isEmpty {
      teams = kept
    } else {
      teams = Sample.team(words: loaded.words, now: Now(now, zones: zones))
      lines = ["There is no team yet; this is what an example team would read."]
    }
    let posts = self.lines(
      teams, from: now, days: days, zones: zones, places: loaded.config.admission.places)
    for post in posts { lines += ["", heading(post, zones)] + body(post) }
    lines += ["", "\(posts.count) posts in \(days) days, if nobody writes anything."]
    return lines
  }

  private static func heading(_ line: Line, _ zones: any Zones) -> String {
    let local = Now(line.at, zones: zones).local(in: line.zone)
    return "\(local.day) \(local.time) (\(line.zone)) → \(line.to)"
  }

  private static func body(_ line: Line) -> [String] {
    line.text.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
  }
}

extension Proof {
  /// Also walks the hash chain over all events.
  /// - Throws: `LedgerFault.corrupt` where an event was changed.
  public static func make(_ program: Program, _ loaded: Program.Loaded) async throws -> Proof {
    let (log, _) = program.logger(level: .info)
    let proof = try await Looking.atCopy(of: loaded.config) { ledger in
      _ = try await ledger.verifyChain()
      return try await make(from: ledger, words: loaded.words, log: log)
    }
    guard let proof else {
      throw LedgerFault.missing("there is no ledger at \(Program.ledgerPath(loaded.config)) yet")
    }
    return proof
  }

  public var lines: [String] {
    ["\(events) events, every one as it was written (hash chain)"]
      + (unequal.isEmpty
        ? ["\(teams) teams rebuilt from the first event: all equal"]
        : unequal.map { "✗ team \($0) comes out differently from its snapshot" })
  }
}
