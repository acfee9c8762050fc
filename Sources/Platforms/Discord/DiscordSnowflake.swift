import Crew

extension Discord {
  /// An id of Discord: a number that grows with time, written as a string of digits
  /// (reference, "Snowflakes").
  struct Snowflake: Codable, Hashable, Comparable {
    var value: Int64

    init(_ value: Int64) { self.value = value }

    /// Nil for what is no such number.
    init?(_ text: String?) {
      guard let text, (1...19).contains(text.utf8.count), text == "0" || text.utf8.first != 0x30,
        text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(text)
      else { return nil }
      self.value = value
    }

    /// The smallest id of that moment.
    init(milliseconds: Int64) {
      value = min(max(milliseconds - Self.epoch, 0), Int64.max >> 22) << 22
    }

    init(from decoder: any Decoder) throws {
      value = try decoder.singleValueContainer().decode(Int64.self)
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(value)
    }

    /// The first second of 2015, in milliseconds.
    private static let epoch: Int64 = 1_420_070_400_000

    var text: String { String(value) }
    var milliseconds: Int64 { (value >> 22) + Self.epoch }

    /// So much earlier, and never before the first one.
    func earlier(milliseconds: Int64) -> Snowflake {
      Snowflake(max(0, value - milliseconds << 22))
    }

    static func < (a: Self, b: Self) -> Bool { a.value < b.value }
  }

  static func isID(_ text: String) -> Bool { Snowflake(text) != nil }

  /// A message's id of ours: the channel and the message, `81384788765712384:334385199974967042`.
  static func parts(of id: String) -> (channel: String, message: String)? {
    let parts = id.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts.allSatisfy(isID) else { return nil }
    return (parts[0], parts[1])
  }
}
