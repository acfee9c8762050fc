import Crew
import Platforms

/// A platform that is pulled and its fake, as everything that runs over each of them takes it: the
/// kills, the fault proxy, the simulation.
public struct FakePlatform: Sendable, CustomStringConvertible {
  public let kind: PlatformKind
  /// What the config says of the account, with the fake at that address.
  public let settings: @Sendable (_ base: String) -> AccountSettings
  /// Fresh, with the bot in its room.
  public let chat: @Sendable () -> any FakeChat
  /// What the first line holds of a call that posts a message, and of one that asks for news.
  public let postLine: String
  public let pollLine: String
  /// How somebody is mentioned there.
  public let mention: @Sendable (_ person: String) -> String
  /// What stands before a command that is written in a room.
  public var prefix: String

  public var description: String { kind.name }

  /// All of them but Matrix, for which there is a real server (Synapse).
  public static let all = [
    telegram, zulip, mattermost, slack, discord, rocketChat, feishu, googleChat,
  ]

  private init(
    _ kind: PlatformKind, base: [String], _ texts: [String: String] = [:], token: String,
    secret: String = "token_file",
    post: String, poll: String, prefix: String? = nil,
    mention: @escaping @Sendable (String) -> String, chat: @escaping @Sendable () -> any FakeChat
  ) {
    self.kind = kind
    settings = { address in
      AccountSettings(
        account: kind.name,
        texts: texts.merging(base.map { ($0, address) }) { $1 },
        secrets: [secret: Credential(token: token)], invite: ["*"])
    }
    self.chat = chat
    (postLine, pollLine, self.mention) = (post, poll, mention)
    self.prefix = prefix ?? kind.make(settings("https://chat.example")).abilities.prefix
  }

  static let telegram = FakePlatform(
    .telegram, base: ["base_url"], token: TelegramFake.token, post: "/sendMessage",
    poll: "/getUpdates", mention: { $0 == "101" ? "@ana" : "@ben" }
  ) { TelegramFake() }

  static let zulip = FakePlatform(
    .zulip, base: ["site"], ["email": ZulipFake.email], token: ZulipFake.key,
    post: "POST /api/v1/messages", poll: "GET /api/v1/events",
    mention: { $0 == "11" ? "@**Ana**" : "@**Ben**" }
  ) { ZulipFake() }

  static let mattermost = FakePlatform(
    .mattermost, base: ["server"], token: MattermostFake.botToken, post: "POST /api/v4/posts",
    poll: "/posts?", mention: { $0 == MattermostFake.ana ? "@ana" : "@ben" }
  ) { MattermostFake() }

  static let slack = FakePlatform(
    .slack, base: ["base_url"], token: SlackFake.token, post: "chat.postMessage",
    poll: "conversations.history", mention: { "<@\($0)>" }
  ) { SlackFake() }

  static let rocketChat = FakePlatform(
    .rocketchat, base: ["server"], ["user": RocketChatFake.bell], token: RocketChatFake.botToken,
    post: "chat.sendMessage", poll: "rooms.get",
    mention: { $0 == RocketChatFake.ana ? "@ana" : "@ben" }
  ) { RocketChatFake() }

  static let feishu = FakePlatform(
    .feishu, base: ["base_url"], ["app_id": FeishuFake.app], token: FeishuFake.secret,
    secret: "secret_file", post: "POST /open-apis/im/v1/messages", poll: "GET /open-apis/im",
    mention: { $0 == FeishuFake.ana ? "@安娜" : "@Ben" }
  ) { FeishuFake() }

  static let discord = FakePlatform(
    .discord, base: ["base_url"], token: DiscordFake.token,
    post: "POST /api/v10/channels/\(DiscordFake().room)/messages", poll: "/messages?after",
    mention: { "<@\($0)>" }
  ) { DiscordFake() }

  /// In a space the app hears what mentions it and its own slash commands.
  static let googleChat = FakePlatform(
    .googleChat, base: ["chat_url", "pubsub_url"],
    ["subscription": GoogleChatFake.subscription], token: "",
    post: "POST /v1/spaces/\(GoogleChatFake().room)/messages", poll: ":pull",
    prefix: "/crewbell ", mention: { $0 == GoogleChatFake.ana ? "@Ana" : "@Ben" }
  ) { GoogleChatFake() }.withKey()

  /// A key instead of a token, and its endpoint on the fake.
  private func withKey() -> FakePlatform {
    let plain = settings
    return FakePlatform(
      kind: kind,
      settings: { address in
        var settings = plain(address)
        settings.secrets = [
          "key_file": Credential(token: GoogleKey.file(tokenURL: address + "/token"))
        ]
        return settings
      }, chat: chat, postLine: postLine, pollLine: pollLine, mention: mention, prefix: prefix)
  }

  private init(
    kind: PlatformKind, settings: @escaping @Sendable (String) -> AccountSettings,
    chat: @escaping @Sendable () -> any FakeChat, postLine: String, pollLine: String,
    mention: @escaping @Sendable (String) -> String, prefix: String
  ) {
    (self.kind, self.settings, self.chat) = (kind, settings, chat)
    (self.postLine, self.pollLine, self.mention) = (postLine, pollLine, mention)
    self.prefix = prefix
  }
}
