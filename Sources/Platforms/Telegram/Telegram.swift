import Crew
import Foundation

/// Telegram's Bot API by long poll. Facts and limits are from core.telegram.org/bots/api (10.1) and
/// from the source of the server itself, tdlib/telegram-bot-api.
public struct Telegram: Platform {
  public struct Settings: Sendable, CustomStringConvertible {
    /// The name of this bot account in the config file.
    public var account: String
    /// Without a slash at its end.
    public var baseURL: String
    var token: Credential
    /// A real token needs no escaping; a slip in the file must not become another path.
    let tokenInPath: String

    /// - Parameter token: what @BotFather gave, `123456:ABC…`. White space around it is dropped.
    public init(account: String, baseURL: String = "https://api.telegram.org", token: String) {
      self.account = account
      self.baseURL = baseURL
      self.token = Credential(token: token.trimmingCharacters(in: .whitespacesAndNewlines))
      tokenInPath =
        self.token.token.addingPercentEncoding(withAllowedCharacters: Self.tokenCharacters) ?? ""
    }

    private static let tokenCharacters = CharacterSet(
      charactersIn: "0123456789:_-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

    public var description: String { "Telegram account \(account)" }
  }

  public let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  /// The FAQ of the Bot API asks for at most 20 messages a minute in a group and about 30 a second
  /// in all. The sender uses 80 % of a rate, so with what may go at once it keeps both: 4 and 16 in
  /// a minute, 6 and 24 in a second. No key of ours is deduplicated and a bot cannot read back what
  /// it said, so a post in doubt is never sent again.
  public var abilities: Abilities {
    Abilities(
      threads: true, reactions: true, edits: true, directNeedsContact: true, resend: .never,
      lengthMax: Self.lengthMax, lengthUnit: .utf16,
      roomRate: .init(perSecond: 20.0 / 60, burst: 4),
      accountRate: .init(perSecond: 30, burst: 6), prefix: "/")
  }

  /// "1-4096 characters after entities parsing" (sendMessage), counted in UTF-16 units.
  static let lengthMax = 4096

  /// A deep link: the app opens the chat with the bot and shows the button that starts it.
  public func contactLink(after cursor: Cursor?) -> String? {
    // Behind an unencrypted address is a chat of this machine (the demo), whose bot has the name of
    // somebody else's on Telegram: that link would lead to a stranger.
    guard settings.baseURL.hasPrefix("https://"),
      let name = Memory(cursor)?.username, !name.isEmpty
    else { return nil }
    return "https://t.me/\(name)?start=hello"
  }

  public func credentialRequest(now: Instant) -> HTTPRequest? { nil }
  public func credential(from response: HTTPResponse, now: Instant) throws(PollFailure)
    -> Credential
  {
    settings.token
  }

  /// The menu that opens on `/`: one list for everybody, one more for each language told.
  /// setMyCommands takes at most 100 commands, names of 1-32 `[a-z0-9_]`, 1-256 letters of text.
  public func announce(_ commands: [Announcement]) -> [HTTPRequest] {
    let good = commands.filter { Self.isCommandName($0.name) && !$0.summary.isEmpty }
    let languages = good.compactMap { $0.language.map(Self.twoLetters) }
    return ([nil] + Set(languages).sorted().map(Optional.some)).compactMap { language in
      let list = good.filter { $0.language.map(Self.twoLetters) == language }.prefix(100)
      guard !list.isEmpty else { return nil }
      let menu = list.map { entry -> JSON in
        ["command": .string(entry.name), "description": .string(Self.cut(entry.summary, 256))]
      }
      return call(
        "setMyCommands",
        ["commands": .array(menu), "language_code": language.map(JSON.string)])
    }
  }

  private static func isCommandName(_ name: String) -> Bool {
    (1...32).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F
      }
  }

  /// ISO 639-1, as setMyCommands wants it: `zh` of `zh-Hans`.
  private static func twoLetters(_ language: String) -> String {
    String(language.lowercased().prefix(2))
  }

  /// A call of a method, its arguments as JSON.
  func call(
    _ method: String, _ arguments: KeyValuePairs<String, JSON?>, timeoutSeconds: Double = 30,
    responseBytesMax: Int = 256 * 1024, isRepeatable: Bool = true
  ) -> HTTPRequest {
    HTTPRequest(
      .post, "\(settings.baseURL)/bot\(settings.tokenInPath)/\(method)",
      headers: ["content-type": "application/json"], body: JSON.fields(arguments).data,
      timeoutSeconds: timeoutSeconds, responseBytesMax: responseBytesMax,
      isRepeatable: isRepeatable)
  }

  func identity(_ user: Int64) -> Identity {
    Identity(account: settings.account, user: String(user))
  }

  func room(_ chat: Int64) -> Room { Room(account: settings.account, id: String(chat)) }
}
