import Crew
import Platforms

extension EncoderChecks {
  public static let matrix = EncoderChecks(
    Matrix(.init(account: "matrix", homeserver: "https://hs.example")), account: "matrix",
    room: "!team:hs.example", user: "@ana:hs.example", credential: Credential(token: "t"),
    read: MatrixReader.read)

  public static let telegram = EncoderChecks(
    Telegram(.init(account: "telegram", token: "999:t")), account: "telegram", room: "-1001",
    user: "1", credential: Credential(token: "999:t"), read: TelegramReader.read)

  static let mattermostAna = "ana00000000000000000000000"

  public static let mattermost = EncoderChecks(
    Mattermost(.init(account: "mattermost", server: "https://mm.example")), account: "mattermost",
    room: "room0000000000000000000000", user: mattermostAna,
    credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0 },
    progress: #"{"isUnrooted":false,"names":{"\#(mattermostAna)":"ana"}}"#,
    read: MattermostReader.read)

  public static let slack = EncoderChecks(
    Slack(.init(account: "slack")), account: "slack", room: "C012AB3CD", user: "U012AB3CD",
    credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0 }, read: SlackReader.read)

  public static let discord = EncoderChecks(
    Discord(.init(account: "discord")), account: "discord", room: "613425648685547541",
    user: "80351110224678912", credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0 }, read: DiscordReader.read)

  static let rocketChatAna = "rbAXPnMktTFbNpwtJ"

  public static let rocketchat = EncoderChecks(
    RocketChat(
      .init(account: "rocketchat", server: "https://rc.example", user: "bellbellbellbell1")),
    account: "rocketchat", room: "GENERAL", user: rocketChatAna,
    credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0.contains(.code) ? .code : $0 },
    // Within bold there is no way to write one of its marks.
    isBold: { run in
      run.person == nil && !run.text.unicodeScalars.contains { "*_~`".unicodeScalars.contains($0) }
    }, backtick: "ˋ",
    progress: #"{"isChecking":false,"lost":0,"names":{"\#(rocketChatAna)":"ana"}}"#,
    read: RocketChatReader.read)

  public static let zulip = EncoderChecks(
    Zulip(
      .init(
        account: "zulip", site: "https://zulip.example", email: "bell@zulip.example",
        key: Credential(token: "t"))),
    account: "zulip", room: "5", user: "12", credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0 }, backtick: "ˋ", read: ZulipReader.read)

  public static let googleChat = EncoderChecks(
    GoogleChat(
      .init(account: "googlechat", subscription: "projects/p/subscriptions/sub"),
      key: Credential(token: "")),
    account: "googlechat", room: "AAAAteam", user: "103456789012345678901",
    credential: Credential(token: "t"), mention: "@ana",
    looks: { $0.contains(.block) ? .block : $0 }, backtick: "ˋ", read: GoogleChatReader.app)

  public static let feishu = EncoderChecks(
    Feishu(.init(account: "feishu", app: "cli_app", secret: Credential(token: "s"))),
    account: "feishu", room: "oc_room0001", user: "ou_ana0001", credential: Credential(token: "t"),
    mention: "@ana", looks: { $0.contains(.block) ? .block : $0.subtracting(.code) },
    isBold: { $0.person == nil }, read: FeishuReader.bot)

  /// Each platform that there is.
  public static let all =
    [matrix, telegram, mattermost, slack, zulip, discord, googleChat, rocketchat, feishu] + places

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
