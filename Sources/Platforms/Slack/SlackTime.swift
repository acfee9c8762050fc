import Crew

extension Slack {
  /// The `ts` of a message, `1512085950.000216`: its id within the channel and its place in time.
  /// Never a floating number, which would lose the last digits.
  struct Time: Codable, Hashable, Comparable {
    var microseconds: Int64

    init(microseconds: Int64) { self.microseconds = microseconds }

    init?(_ text: String?) {
      guard let parts = text?.split(separator: ".", omittingEmptySubsequences: false),
        parts.count == 2, parts[1].utf8.count == 6, (1...11).contains(parts[0].utf8.count),
        parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
        let seconds = Int64(parts[0]), let rest = Int64(parts[1])
      else { return nil }
      microseconds = seconds * 1_000_000 + rest
    }

    var text: String {
      let rest = String(microseconds % 1_000_000)
      return "\(microseconds / 1_000_000)."
        + String(repeating: "0", count: 6 - rest.utf8.count) + rest
    }

    var instant: Instant { Instant(milliseconds: microseconds / 1000) }

    static func < (a: Self, b: Self) -> Bool { a.microseconds < b.microseconds }
  }

  /// A message's id of ours: the channel and the `ts`, `C1:1512085950.000216`.
  static func parts(of id: String) -> (channel: String, time: String)? {
    let parts = id.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, isID(String(parts[0])), Time(String(parts[1])) != nil else {
      return nil
    }
    return (String(parts[0]), String(parts[1]))
  }
}
