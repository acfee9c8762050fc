import Crew
import Ledger
import Logging

/// Rebuilds every team from its first event and compares the result with what the daemon would
/// start from.
public struct Proof: Sendable, Equatable {
  public var events: Int64
  public var teams: Int
  /// The teams that come out differently; empty when all are equal.
  public var unequal: [String]

  public static func make(
    from ledger: any Ledger, words: Words, log: Logger
  ) async throws -> Proof {
    let (kept, number) = try await History.load(from: ledger, words: words, log: log)
    let (rebuilt, _) = try await History.replay(
      ledger, from: (Teams(words: words), 0), log: log)
    let ids = Set(kept.list.keys).union(rebuilt.list.keys).sorted()
    return Proof(
      events: number, teams: ids.count, unequal: ids.filter { kept.list[$0] != rebuilt.list[$0] })
  }
}
