import Crew
import Fakes
import Platforms

/// A platform with what the tests need of it.
public struct TestedPlatform: Sendable, CustomStringConvertible {
  public let kind: PlatformKind
  /// Shows what becomes of a text there.
  public let encoder: EncoderChecks
  /// Leads its cursor through its states; nil where nothing is read.
  public let script: PlatformScript?
  /// Its server in memory; nil where a real one is at hand (Matrix) or nothing is read.
  public let fake: FakePlatform?

  /// Every platform, in the order of `PlatformKind.all`. The tests name each of them here and
  /// nowhere else: hostile texts, fuzzing, examples of the vendor, kills, the
  /// fault proxy, the simulation and the secrets of the configs go by this list.
  public static let all: [TestedPlatform] = [
    TestedPlatform(.matrix, encoder: .matrix, script: .matrix, fake: nil),
    TestedPlatform(.telegram, encoder: .telegram, script: .telegram, fake: .telegram),
    TestedPlatform(.zulip, encoder: .zulip, script: .zulip, fake: .zulip),
    TestedPlatform(.mattermost, encoder: .mattermost, script: .mattermost, fake: .mattermost),
    TestedPlatform(.slack, encoder: .slack, script: .slack, fake: .slack),
    TestedPlatform(.discord, encoder: .discord, script: .discord, fake: .discord),
    TestedPlatform(.googleChat, encoder: .googleChat, script: .googleChat, fake: .googleChat),
    TestedPlatform(.rocketchat, encoder: .rocketchat, script: .rocketchat, fake: .rocketChat),
    TestedPlatform(.feishu, encoder: .feishu, script: .feishu, fake: .feishu),
    // What is only posted to.
    place(.email, looks: noBoldBlock, isReadByOthers: true, EmailReader.read),
    place(.webhook, looks: { _ in [] }, PlainReader.webhook),
    place(.slackWebhook, looks: noBoldBlock, SlackReader.read),
    place(.mattermostWebhook, looks: noBoldBlock, isReadByOthers: true, MattermostReader.webhook),
    place(.discordWebhook, looks: noBoldBlock, isReadByOthers: true, DiscordReader.read),
    place(.googleChatWebhook, looks: noBoldBlock, backtick: "ˋ", GoogleChatReader.webhook),
    place(
      .teamsWebhook,
      looks: { $0.contains(.block) ? $0.subtracting(.block).union(.code) : $0 }, PlainReader.teams),
    place(.dingTalkRobot, looks: { _ in [] }, PlainReader.robot),
    place(.weComRobot, looks: { _ in [] }, PlainReader.robot),
    place(.feishuRobot, looks: { _ in [] }, FeishuReader.robot),
  ]

  private init(
    _ kind: PlatformKind, encoder: EncoderChecks, script: PlatformScript?, fake: FakePlatform?
  ) {
    (self.kind, self.encoder, self.script, self.fake) = (kind, encoder, script, fake)
  }

  private static let noBoldBlock: @Sendable (Style) -> Style = { $0.contains(.block) ? .block : $0 }

  private static func place(
    _ kind: PlatformKind, looks: @escaping @Sendable (Style) -> Style, backtick: String = "`",
    isReadByOthers: Bool = false, _ read: @escaping @Sendable (HTTPRequest) throws -> [Seen]
  ) -> TestedPlatform {
    let encoder = EncoderChecks(
      kind.make(kind.sample), account: kind.name, room: "desk@example.org", user: "ana@example.org",
      credential: Credential(token: "1795424400000"), looks: looks, backtick: backtick,
      isReadByOthers: isReadByOthers, read: read)
    return TestedPlatform(kind, encoder: encoder, script: nil, fake: nil)
  }

  public var description: String { kind.name }

  /// As they stand in the files that `config/crewbell.yaml` names, by file.
  public var secrets: [String: String] {
    guard script != nil else { return [:] }
    let token = fake?.settings("https://chat.example").secrets.values.first?.token ?? "syt_good"
    return [kind.name: token].merging(fake?.slashSecrets ?? [:]) { $1 }
  }
}

extension FakePlatform {
  /// Each that is pulled but Matrix, for which there is a real server (Synapse).
  public static let all = TestedPlatform.all.compactMap(\.fake)
}
