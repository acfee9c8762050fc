import Crew
import Platforms

extension EncoderChecks {
  /// Each platform that there is.
  public static let all = TestedPlatform.all.map(\.encoder)

  /// Three of them for an input: all of them for every input would make the fuzzer slow. Which, it
  /// cannot choose.
  static func some(for bytes: [UInt8]) -> [EncoderChecks] {
    let first = Int(Choices.share(of: bytes, in: UInt64(all.count)))
    return (0..<3).map { all[(first + $0 * 5) % all.count] }
  }
}

/// Builds a tree from bytes: one says what comes, one how long it is.
struct EncoderFuzz {
  private var choices: Choices
  private var hasLongText = false

  static func run(_ bytes: [UInt8]) throws {
    var fuzz = EncoderFuzz(choices: Choices(bytes))
    let tree = fuzz.markup(depth: 0)
    for checks in EncoderChecks.some(for: bytes) {
      if let harm = checks.harms(of: tree).first { throw Harm("\(checks.account): \(harm)") }
    }
  }

  private mutating func markup(depth: Int) -> Markup {
    var nodes: [Markup.Node] = []
    while !choices.isEmpty, nodes.count < 40 {
      let kind = choices.byte()
      switch kind % 8 {
      case 0, 1: nodes.append(.text(text()))
      case 2 where depth < 2: nodes.append(.strong(markup(depth: depth + 1)))
      case 3: nodes.append(.command(text()))
      case 4: nodes.append(person(text(), pings: kind > 127))
      case 5: nodes.append(.table(text()))
      case 6: nodes.append(.lineBreak)
      case 7 where kind > 127:
        let seconds = Int64(choices.byte()) << 24 | Int64(choices.byte())
        nodes.append(
          .moment(
            words: text(), at: Instant(seconds: seconds), offsetSeconds: Int(kind) * 450 - 80_000))
      default: if depth > 0 { return Markup(nodes) }
      }
    }
    return Markup(nodes)
  }

  /// Up to 250 bytes, or some of them hundreds or thousands of times over. One such in a tree is
  /// enough to reach the limits of length (Mattermost's, which is higher, is met by
  /// `HostileText.lengths`), and more would only make the fuzzer slow.
  private mutating func text() -> String {
    let count = Int(choices.byte())
    guard count > 250, !hasLongText else { return choices.text(count) }
    hasLongText = true
    let piece = choices.text(Int(choices.byte() % 16))
    let times = count == 255 ? 10_500 / max(1, piece.utf8.count) : (count - 250) * 100
    return String(repeating: piece, count: times)
  }

  private func person(_ name: String, pings: Bool) -> Markup.Node {
    let identities = EncoderChecks.all.map { Identity(account: $0.account, user: $0.user) }
    return .person(name: name, identities: identities, pings: pings)
  }

  private init(choices: Choices) { self.choices = choices }
}
