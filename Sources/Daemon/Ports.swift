import Crew
import Platforms

/// The clock, handed in. The daemon's is the system's; the demo's can be turned; a test's stands
/// still until it is told to move.
public protocol Clock: Sendable {
  func now() -> Instant
  /// Returns early, by throwing, when the task is cancelled.
  func sleep(seconds: Double) async throws
}

/// Chance, handed in.
public protocol Chance: Sendable {
  func next() -> UInt64
}

extension Chance {
  /// Somewhere in `0..<1`.
  func fraction() -> Double { Double(next() >> 11) / Double(1 << 53) }
}

public struct SystemChance: Chance {
  public init() {}
  public func next() -> UInt64 { UInt64.random(in: .min ... .max) }
}

/// One bot account: a platform with the name that the config gives it.
public struct Account: Sendable {
  public let name: String
  public let platform: any Platform
  /// The token from the config; empty where the platform earns one by a password.
  public let credential: Credential
  /// Discloses what could not be confirmed instead of looking for it and sending it again.
  public let isStrict: Bool
  /// Nil where the account takes no native slash commands.
  public var slash: (any SlashCommands)?

  public init(
    name: String, platform: any Platform, credential: Credential, isStrict: Bool = false
  ) {
    self.name = name
    self.platform = platform
    self.credential = credential
    self.isStrict = isStrict
  }
}
