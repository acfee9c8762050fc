import Crew
import Foundation

/// Slack's Web API (https://docs.slack.dev/apis/web-api) by polling, for an internal app: those
/// keep 50 calls a minute of `conversations.history` (tier 3), where apps that are distributed
/// have one.
public struct Slack: Platform {
  public struct Settings: Sendable, Equatable {
    /// The account's name in the config file.
    public var account: String
    public var baseURL: String
    /// User ids of those who may bring the bot into a channel; `*` is everybody.
    public var invitersAllowed: [String]

    public init(
      account: String, baseURL: String = "https://slack.com", invitersAllowed: [String] = []
    ) {
      self.account = account
      self.baseURL = baseURL
      self.invitersAllowed = invitersAllowed
    }
  }

  public let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  /// 50 calls of a method a minute, and a little in hand.
  static let pauseSeconds = 1.25
  /// "Text should be limited to 4,000 characters" (chat.postMessage).
  static let lengthMax = 4000
  /// A message has up to 40,000 characters, in `text` and again in `blocks`: a page of the longest
  /// holds 2.4 million. And it never speaks of more people than are remembered.
  static let pageSize = 30
  /// The page at the end of a walk: what was written in the meantime has room.
  static let lastPageSize = 45
  static let pollBytesMax = 8 * 1024 * 1024

  public var abilities: Abilities {
    Abilities(
      threads: true, reactions: true, edits: true, directNeedsContact: false,
      // No key is taken once (slackapi/slack-api-specs#10), but what was posted can be read back.
      resend: .readBack(afterSeconds: 120, sameKeySeconds: 0), lengthMax: Self.lengthMax,
      lengthUnit: .utf16, roomRate: .init(perSecond: 1, burst: 2),
      // "Several hundred messages per minute" for all of a workspace.
      accountRate: .init(perSecond: 3, burst: 10),
      // The clients keep an unknown `/word` to themselves.
      prefix: "!", threadsUnderMessages: true)
  }

  public func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    let memory = Memory(cursor)
    switch memory.step {
    case .whoami: return call("auth.test", [], with: credential)
    case .list(let page):
      return call(
        "users.conversations",
        [
          ("types", "public_channel,private_channel,mpim,im"), ("exclude_archived", "true"),
          ("limit", "200"), ("cursor", page),
        ], with: credential)
    case .person(let id): return call("users.info", [("user", id)], with: credential)
    case .history(let channel, let page):
      let size = memory.walk?.pages == [""] ? Self.lastPageSize : Self.pageSize
      return call(
        "conversations.history",
        [("channel", channel), ("limit", String(size)), ("cursor", page)], with: credential)
    case .thread(let thread):
      return call(
        "conversations.replies",
        [
          ("channel", thread.channel), ("ts", thread.root), ("oldest", thread.after),
          ("inclusive", "false"), ("limit", String(Self.pageSize)), ("cursor", thread.page),
        ], with: credential)
    }
  }

  /// A call that reads. An empty argument is left out.
  func call(
    _ method: String, _ arguments: [(String, String)], with credential: Credential
  ) -> HTTPRequest {
    let query = arguments.filter { !$0.1.isEmpty }
      .map { $0 + "=" + Percent.encoded($1) }.joined(separator: "&")
    return HTTPRequest(
      .get, settings.baseURL + "/api/" + method + (query.isEmpty ? "" : "?" + query),
      headers: ["Authorization": "Bearer " + credential.token],
      responseBytesMax: Self.pollBytesMax)
  }

  /// A call that changes something.
  func call(_ method: String, _ body: JSON, with credential: Credential) -> HTTPRequest {
    HTTPRequest(
      .post, settings.baseURL + "/api/" + method,
      headers: [
        "Authorization": "Bearer " + credential.token,
        "Content-Type": "application/json; charset=utf-8",
      ], body: body.data)
  }

  /// Ids are capital letters and digits.
  static func isID(_ text: String) -> Bool {
    (2...32).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) }
  }
}
