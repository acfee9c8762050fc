import Crew
import Foundation
import Ledger
import Logging

/// The teams as their events add up.
public enum History {
  static let pageSize = 10_000

  /// From the newest snapshot, or from the first event if there is none or it cannot be read.
  static func load(
    from ledger: any Ledger, words: Words, log: Logger
  ) async throws -> (Teams, Int64) {
    var start = (teams: Teams(words: words), number: Int64(0))
    if let snapshot = try await ledger.snapshot() {
      do {
        start = (try decode(snapshot.body, words: words), snapshot.number)
      } catch {
        // Damaged, or in the shape of another version: the events have everything.
        log.notice("the snapshot cannot be read; reading all events instead")
      }
    }
    return try await replay(ledger, from: start, log: log)
  }

  static func replay(
    _ ledger: any Ledger, from start: (teams: Teams, number: Int64), log: Logger
  ) async throws -> (Teams, Int64) {
    var (teams, number) = start
    let last = try await ledger.lastEventNumber()
    while true {
      let page = try await ledger.events(after: number, limit: pageSize)
      for numbered in page {
        teams.apply(numbered.entry.event, to: numbered.entry.team, at: numbered.entry.at)
      }
      guard let end = page.last?.number else { return (teams, number) }
      number = end
      if last - start.number > Int64(pageSize) * 2 {
        log.info("reading events", metadata: ["read": "\(number)", "of": "\(last)"])
      }
    }
  }

  static func encode(_ teams: Teams) throws -> [UInt8] {
    try PackedEncoder.encode(teams.sorted)
  }

  /// The teams of a snapshot.
  /// - Throws: whatever is wrong with it; one that is damaged is never read as something else.
  public static func decode(_ body: [UInt8], words: Words) throws -> Teams {
    // The form that snapshots had before; the next one that is made has this one.
    let isJSON = body.first == UInt8(ascii: "[")
    let teams =
      isJSON
      ? try JSONDecoder().decode([Team].self, from: Data(body))
      : try PackedDecoder.decode([Team].self, from: body)
    return Teams(words: words, teams: teams)
  }
}
