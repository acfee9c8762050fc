import Crew
import Platforms

/// A platform that is pulled and its fake, as everything that runs over each of them takes it: the
/// kills, the fault proxy, the simulation.
public struct FakePlatform: Sendable, CustomStringConvertible {
  public let kind: PlatformKind
  /// What the config says of the account, with the fake at that address.
  public let settings: @Sendable (_ base: String) -> AccountSettings
  /// What its slash commands need besides, by the file's name in `config/crewbell.yaml`.
  public let slashSecrets: [String: String]
  /// Fresh, with the bot in its room.
  public let chat: @Sendable () -> any FakeChat
  /// What the first line holds of a call that posts a message, and of one that asks for news.
  public let postLine: String
  public let pollLine: String
  /// How somebody is mentioned there.
  public let mention: @Sendable (_ person: String) -> String
  /// What stands before a command that is written in a room.
  public let prefix: String

  public var description: String { kind.name }

  /// - Parameters:
  ///   - base: the keys of its config that hold the address, and `texts` what else is needed.
  ///   - secretKey: the key that names the file of the secret.
  ///   - secret: what stands in that file, with the fake at an address.
  init(
    _ kind: PlatformKind, base: [String], _ texts: [String: String] = [:],
    secretKey: String = "token_file", secret: @escaping @Sendable (_ base: String) -> String,
    slashSecrets: [String: String] = [:], post: String, poll: String, prefix: String? = nil,
    mention: @escaping @Sendable (String) -> String, chat: @escaping @Sendable () -> any FakeChat
  ) {
    self.kind = kind
    let settings: @Sendable (String) -> AccountSettings = { address in
      AccountSettings(
        account: kind.name, texts: texts.merging(base.map { ($0, address) }) { $1 },
        secrets: [secretKey: Credential(token: secret(address))], invite: ["*"])
    }
    (self.settings, self.slashSecrets, self.chat) = (settings, slashSecrets, chat)
    (postLine, pollLine, self.mention) = (post, poll, mention)
    self.prefix = prefix ?? kind.make(settings("https://chat.example")).abilities.prefix
  }
}
