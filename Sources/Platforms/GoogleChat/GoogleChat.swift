import Crew
import Foundation

/// Google Chat (https://developers.google.com/workspace/chat) as an app whose connection is Cloud
/// Pub/Sub: what people write to it waits in a subscription and is pulled from there, and what it
/// writes goes to the Chat API. Nobody has to reach the daemon.
///
/// A message of the subscription comes again until it is acknowledged, and that is done by the call
/// after the one that brought it: by then the daemon has stored it and synced the disk. So none is
/// lost, and one that comes twice is known by its own id.
public struct GoogleChat: Platform {
  public struct Settings: Sendable, Equatable {
    /// The account's name in the config file.
    public var account: String
    /// `projects/<project>/subscriptions/<subscription>`.
    public var subscription: String
    public var chatURL: String
    public var pubsubURL: String
    /// User ids of those who may bring the bot into a space; `*` is everybody.
    public var invitersAllowed: [String]

    public init(
      account: String, subscription: String, chatURL: String = Self.chat,
      pubsubURL: String = Self.pubsub, invitersAllowed: [String] = []
    ) {
      self.account = account
      self.subscription = subscription
      self.chatURL = chatURL
      self.pubsubURL = pubsubURL
      self.invitersAllowed = invitersAllowed
    }

    public static let chat = "https://chat.googleapis.com"
    public static let pubsub = "https://pubsub.googleapis.com"
  }

  public let settings: Settings
  /// Nil where the key could not be read, which the config does not let through.
  let serviceAccount: ServiceAccount?

  /// - Parameter key: the JSON file of the service account's key.
  public init(_ settings: Settings, key: Credential) {
    self.settings = settings
    serviceAccount = ServiceAccount(key.token)
  }

  /// Messages of one pull: even when all are as long as they can be, they fit into the answer.
  static let pullMax: Int64 = 50
  static let pollBytesMax = 8 * 1024 * 1024
  /// A pull waits "for a bounded amount of time", which is not told; some 90 seconds were seen.
  static let pullSeconds = 115.0
  /// Between two pulls of which the first brought nothing.
  static let pauseSeconds = 1.0

  public var abilities: Abilities {
    Abilities(
      // Reactions are for users alone, not for apps.
      threads: true, reactions: false, edits: true, directNeedsContact: true,
      // `requestId` is taken once, for a time that is not told; `messageId` once for ever.
      resend: .sameKey(forSeconds: 24 * 3600),
      // "The maximum message size is 32,000 bytes", marks and all.
      lengthMax: 30_000, lengthUnit: .bytes,
      // One write a second in a space, 3000 a minute in a project (limits-and-quotas).
      roomRate: .init(perSecond: 1, burst: 1), accountRate: .init(perSecond: 50, burst: 50),
      prefix: "/", threadsUnderMessages: true)
  }

  public func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    let memory = Memory(cursor)
    if memory.startedAt == nil { return subscription(with: credential) }
    if !memory.acks.isEmpty {
      return call(
        .post, subscriptionURL + ":acknowledge",
        body: ["ackIds": .array(memory.acks.map(JSON.string))], with: credential)
    }
    var pull = call(
      .post, subscriptionURL + ":pull", body: ["maxMessages": .integer(Self.pullMax)],
      with: credential)
    pull.timeoutSeconds = Self.pullSeconds
    pull.responseBytesMax = Self.pollBytesMax
    return pull
  }

  /// Asks what it is, which takes nothing out of it.
  private func subscription(with credential: Credential) -> HTTPRequest {
    call(.get, subscriptionURL, with: credential)
  }

  private var subscriptionURL: String {
    let path = settings.subscription.split(separator: "/").map { Percent.encoded(String($0)) }
    return settings.pubsubURL + "/v1/" + path.joined(separator: "/")
  }

  static let findDirect = "spaces:findDirectMessage"

  /// One call of the Chat API. Everything that stands in the path is encoded here.
  func chat(
    _ method: HTTPRequest.Method, _ path: [String], query: [(String, String)] = [],
    body: JSON? = nil, with credential: Credential
  ) -> HTTPRequest {
    var url = settings.chatURL + "/v1/"
    url += path.map { $0 == Self.findDirect ? $0 : Percent.encoded($0) }.joined(separator: "/")
    if !query.isEmpty {
      url += "?" + query.map { $0 + "=" + Percent.encoded($1) }.joined(separator: "&")
    }
    return call(method, url, body: body, with: credential)
  }

  func call(
    _ method: HTTPRequest.Method, _ url: String, body: JSON? = nil, with credential: Credential
  ) -> HTTPRequest {
    var headers = ["Authorization": "Bearer " + credential.token]
    if body != nil { headers["Content-Type"] = "application/json" }
    return HTTPRequest(method, url, headers: headers, body: body?.data)
  }

  // MARK: - Ids

  /// A part of a resource's name.
  static func isPart(_ text: some StringProtocol) -> Bool {
    (1...200).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
      }
  }

  /// A person's number; what else can stand there (`all`, an address) is no identity.
  static func isUser(_ text: some StringProtocol) -> Bool {
    (1...40).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// `C` of `spaces/A/threads/C`, asked for as `["spaces", "threads"]`; nil for another name.
  static func last(of name: String?, _ kinds: [String]) -> String? {
    let parts = (name ?? "").split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == kinds.count * 2, parts.allSatisfy(isPart) else { return nil }
    for (at, kind) in kinds.enumerated() where parts[at * 2] != kind { return nil }
    return parts.last.map(String.init)
  }

  /// A message by its space, its own id and its thread, where it has one that can be written to:
  /// `AAAA/BBBB.CCCC/BBBB`. All of it stays as it is for ever.
  struct MessageID: Equatable {
    var space: String
    var message: String
    var thread: String?

    init(space: String, message: String, thread: String? = nil) {
      (self.space, self.message, self.thread) = (space, message, thread)
    }

    /// Of a `Message` resource; nil where it has no name.
    init?(_ json: JSON, isThreaded: Bool = true) {
      let name = json["name"].string
      guard let message = GoogleChat.last(of: name, ["spaces", "messages"]),
        let space = name?.split(separator: "/").dropFirst().first
      else { return nil }
      (self.space, self.message) = (String(space), message)
      if isThreaded {
        thread = GoogleChat.last(of: json["thread"]["name"].string, ["spaces", "threads"])
      }
    }

    /// Nil for what is none of ours.
    init?(_ text: String?) {
      let parts = (text ?? "").split(separator: "/", omittingEmptySubsequences: false)
      guard (2...3).contains(parts.count), parts.allSatisfy(GoogleChat.isPart) else { return nil }
      (space, message) = (String(parts[0]), String(parts[1]))
      thread = parts.count == 3 ? String(parts[2]) : nil
    }

    var text: String { [space, message, thread].compactMap { $0 }.joined(separator: "/") }
  }
}
