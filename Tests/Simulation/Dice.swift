import Crew

/// All chance of a run. Each use has a stream of its own, so that leaving one kind of fault out
/// disturbs the others as little as can be.
struct Dice: Sendable {
  private var state: UInt64

  init(_ seed: UInt64, stream: UInt64) { state = seed &* 0x2545_F491_4F6C_DD1D &+ stream }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }
  mutating func from(_ low: Int64, to high: Int64) -> Int64 {
    low + Int64(next() % UInt64(high - low + 1))
  }
  mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }
  mutating func isOne(in many: Int) -> Bool { below(many) == 0 }
}

/// What can go wrong. Each kind can be left out, to see which ones a failure needs.
package enum Fault: String, CaseIterable, Sendable {
  /// The connection is refused: nothing was sent.
  case refused
  /// The request is lost on its way, which nobody can tell from the next two.
  case dropped
  /// The request arrives long after it was given up.
  case late
  /// The request arrives, its answer does not.
  case answerLost
  /// The request and its answer take their time, and others overtake them.
  case slow
  /// 429, 5xx and 401, before or after the request was carried out.
  case status
  /// 200 with something that is no answer.
  case garbage
  /// Updates come in pieces, again, or in another order.
  case delayed, doubled, reordered
  /// The platform does not know the cursor any more.
  case forgotten
  /// A person, or a room the bot was put out of, cannot be written to.
  case unreachable
  /// The disk refuses one call, or is full for up to two hours.
  case disk
  /// The process dies before or after a call to the disk or the network.
  case crash
  /// The process is stopped, in good order, and is away for a while.
  case stopped
  /// The clock is wrong by hours, forwards or backwards.
  case clock
  /// The machine sleeps.
  case suspended
}

/// What happened, as sixteen figures that two equal runs share; and, for whoever reads a failing
/// run, as text.
struct Trace: Sendable {
  private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  private(set) var lines: [String] = []
  var isKept = false

  /// FNV-1a, a number at a time.
  mutating func add(_ number: Int64) {
    hash = (hash ^ UInt64(bitPattern: number)) &* 0x100_0000_01B3
    hash ^= hash >> 29
  }

  /// The text is made only where somebody will read it.
  mutating func note(_ time: Instant, _ text: @autoclosure () -> String) {
    guard isKept else { return }
    lines.append("\(time.seconds).\(time.milliseconds % 1000) \(text())")
  }
}
