/// How long to wait after failures in a row: 1 s, doubled up to 300 s, between half and the whole
/// of it by chance, so that a dead server sees fewer than 500 requests a day from one account.
struct Backoff: Sendable {
  static let firstSeconds = 1.0
  static let mostSeconds = 300.0

  private(set) var failures = 0

  mutating func succeeded() { failures = 0 }

  mutating func failed(_ chance: any Chance) -> Double {
    failures += 1
    return Self.seconds(failures: failures, chance)
  }

  static func seconds(failures: Int, _ chance: any Chance) -> Double {
    let whole = min(mostSeconds, firstSeconds * Double(1 << min(failures - 1, 10)))
    return whole / 2 + whole / 2 * chance.fraction()
  }
}
