import Crew
import Platforms

/// How fast one account may send where only the server knows its limit (`Rate.isOnlyBeginning`).
///
/// Faster with every post that was taken, half as fast after a 429, as TCP finds the width of its
/// way: steeply until the first 429 (a server that takes more gets more within seconds), and then
/// by small steps, so that about one post in twenty meets the limit. A post that meets it was
/// certainly not taken, so the search costs nobody a message.
struct Pace: Sendable, Equatable {
  /// Slower than this nobody limits: Synapse's default is 0.2 a second.
  static let leastPerSecond = 0.05
  /// Faster than this no homeserver takes messages from one user.
  static let mostPerSecond = 1000.0

  private(set) var perSecond: Double
  /// Whether a 429 was met: then the limit is near.
  private(set) var hasMetLimit = false

  /// - Parameter perSecond: where it begins.
  init(perSecond: Double) { self.perSecond = perSecond }

  /// The server took a post.
  mutating func taken() {
    let step = hasMetLimit ? min(0.05, perSecond / 20) : max(1, perSecond / 10)
    perSecond = min(Self.mostPerSecond, perSecond + step)
  }

  /// The server answered 429.
  mutating func refused() {
    hasMetLimit = true
    perSecond = max(Self.leastPerSecond, perSecond / 2)
  }
}
