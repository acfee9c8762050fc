import Crew
import Foundation
import Platforms

/// Google Chat as far as an app in one Workspace uses it: the endpoint for tokens, a Pub/Sub
/// subscription, and the Chat API. What is refused, and how, is from its documents and from the
/// discovery documents of both APIs.
public struct GoogleChatFake: FakeChat {
  struct Space {
    var id: String
    var name: String
    /// With whom the app is alone.
    var person: String?
    var hasApp = true
    var members: Set<String>
  }

  struct Written {
    var id: String
    var space: String
    var thread: String
    var author: String
    var text: String
    var isReply = false
    var at: Instant
    /// Our own name for it, and the request that made it.
    var clientID: String?
    var requestID: String?
    var viewer: String?
  }

  /// A message of the subscription.
  struct Queued {
    var id: String
    var body: JSON
    var publishedAt: Instant
    /// Until when nobody else gets it, and what acknowledges it then.
    var leasedUntil: Instant?
    var ackID: String?
    var attempts: Int64 = 0
  }

  public static let subscription = "projects/acme-chat/subscriptions/crewbell"
  public static let email = "bell@acme-chat.iam.gserviceaccount.com"
  public static let bell = "900000000000000000001"
  public static let ana = "100000000000000000001"
  public static let ben = "100000000000000000002"
  static let robot = "900000000000000000009"
  static let names = [bell: "Crewbell", ana: "Ana", ben: "Ben", robot: "Robot"]
  static let team = "AAAAteam-1"
  static let other = "AAAAother_1"
  public static var otherRoom: String { other }
  /// Commands that are registered for the app.
  static let commands: Set<String> = [
    "/task", "/help", "/kudos", "/mine", "/done", "/crewbell", "/checkin",
  ]
  /// The least that a subscription can have, and what it has unless set otherwise.
  static let leaseSeconds: Int64 = 10
  static let tokenSeconds: Int64 = 3599

  var spaces: [Space]
  var written: [Written] = []
  var queue: [Queued] = []
  /// Acknowledged lately: "at least once" means that some of them come again.
  var lately: [Queued] = []
  var tokens: [String: Instant] = [:]
  var ackIDs: Set<String> = []
  public internal(set) var delivered: [Delivered] = []
  /// The second one tells how events look for an app that is a Workspace add-on.
  public var isAddOn = false
  /// Gives out what waits in any order.
  public var isUnordered = false
  /// The service account may read the subscription, and not look at it.
  public var mayNotLook = false
  /// How the subscription itself is set up, beyond the usual.
  public var settings: [String: JSON] = [:]
  /// How often something was given out again.
  public internal(set) var redelivered = 0
  var lastID = 0

  /// - Parameter isAdded: whether Ana has put the app into the team's space.
  public init(isAdded: Bool = true) {
    spaces = [
      Space(id: Self.team, name: "Release team", members: [Self.ana, Self.ben]),
      Space(id: Self.other, name: "Board", hasApp: false, members: [Self.ana]),
    ]
    if isAdded { add(to: Self.team, by: Self.ana, now: Instant(seconds: 1_795_420_000)) }
  }

  public var room: String { Self.team }
  public var people: [String] { [Self.ana, Self.ben] }

  // MARK: - People

  /// Somebody adds the app to a space, or opens a chat with it.
  public mutating func add(to space: String, by person: String, now: Instant) {
    guard let place = spaces.firstIndex(where: { $0.id == space }) else { return }
    spaces[place].hasApp = true
    publish("ADDED_TO_SPACE", by: person, in: spaces[place], nil, now)
  }

  public mutating func remove(from space: String, by person: String, now: Instant) {
    guard let place = spaces.firstIndex(where: { $0.id == space }) else { return }
    spaces[place].hasApp = false
    publish("REMOVED_FROM_SPACE", by: person, in: spaces[place], nil, now)
  }

  @discardableResult
  public mutating func write(
    _ text: String, by person: String, in room: String?, now: Instant
  ) -> String {
    write(text, by: person, in: room, under: nil, now: now)
  }

  /// - Parameter head: a message in whose thread it stands.
  @discardableResult
  public mutating func write(
    _ text: String, by person: String, in room: String?, under head: String?, now: Instant
  ) -> String {
    let space = room.flatMap { room in spaces.first { $0.id == room } } ?? direct(person, now)
    var message = blank(text, by: person, in: space, now)
    if let head, let at = written.first(where: { self.id($0) == head }) {
      (message.thread, message.isReply) = (at.thread, true)
    }
    written.append(message)
    // In a space the app is told only of what is for it, and never of what another app writes.
    let first = text.split(separator: " ").first.map(String.init) ?? ""
    let isForApp =
      space.person != nil || text.contains("@Crewbell") || Self.commands.contains(first)
    if isForApp, space.hasApp, person != Self.robot {
      publish("MESSAGE", by: person, in: space, message, now)
    }
    return id(message)
  }

  @discardableResult
  public mutating func writeAsBot(_ text: String, in room: String, now: Instant) -> String {
    write(text, by: Self.robot, in: room, now: now)
  }

  /// An app is not told of edits.
  public mutating func edit(_ message: String, to text: String, now: Instant) {
    guard let place = written.firstIndex(where: { id($0) == message }) else { return }
    written[place].text = text
  }

  /// Nobody holds anything any more, and what was acknowledged lately comes again.
  public mutating func restart() {
    for place in queue.indices { queue[place].leasedUntil = nil }
    queue += lately
    lately = []
  }

  // MARK: - Inside

  mutating func blank(_ text: String, by author: String, in space: Space, _ now: Instant)
    -> Written
  {
    lastID += 1
    let head = "T\(lastID)"
    return Written(
      id: "\(head).\(head)", space: space.id, thread: head, author: author, text: text, at: now)
  }

  /// As the platform calls it; in a direct chat nothing is answered in a thread.
  func id(_ message: Written) -> String {
    let isDirect = spaces.first { $0.id == message.space }?.person != nil
    return "\(message.space)/\(message.id)" + (isDirect ? "" : "/\(message.thread)")
  }

  mutating func direct(_ person: String, _ now: Instant) -> Space {
    if let space = spaces.first(where: { $0.person == person }) { return space }
    let space = Space(id: "DM-\(person.suffix(4))", name: "", person: person, members: [person])
    spaces.append(space)
    publish("ADDED_TO_SPACE", by: person, in: space, nil, now)
    return space
  }

  mutating func publish(
    _ type: String, by person: String, in space: Space, _ message: Written?, _ now: Instant
  ) {
    lastID += 1
    // Events may have the same time; two of a kind in one space do not.
    let time = Self.time(now, micros: lastID % 1000)
    var body: [String: JSON] = [
      "type": .string(type), "eventTime": .string(time), "user": userJSON(person),
      "space": spaceJSON(space),
    ]
    if let message {
      body["message"] = json(message)
      body["thread"] = ["name": .string("spaces/\(space.id)/threads/\(message.thread)")]
    }
    queue.append(
      Queued(
        id: String(20_000_000_000 + lastID), body: isAddOn ? addOn(body) : .object(body),
        publishedAt: now))
  }

  private func addOn(_ event: [String: JSON]) -> JSON {
    let name =
      [
        "MESSAGE": "messagePayload", "ADDED_TO_SPACE": "addedToSpacePayload",
        "REMOVED_FROM_SPACE": "removedFromSpacePayload",
      ][event["type"]?.string ?? ""] ?? ""
    var payload: [String: JSON] = ["space": event["space"] ?? .null]
    if let message = event["message"] { payload["message"] = message }
    return [
      "commonEventObject": ["hostApp": "CHAT", "platform": "WEB"],
      "chat": .object([
        "user": event["user"] ?? .null, "eventTime": event["eventTime"] ?? .null,
        name: .object(payload),
      ]),
    ]
  }
}

extension GoogleChatFake {
  /// Nothing waits to be pulled or acknowledged.
  public var isEmpty: Bool { queue.isEmpty }

  /// The time for which a request is known is over.
  public mutating func forgetRequests() {
    for place in written.indices { written[place].requestID = nil }
  }
}

extension FakePlatform {
  /// In a space the app hears what mentions it and its own slash commands.
  public static let googleChat = FakePlatform(
    .googleChat, base: ["chat_url", "pubsub_url"],
    ["subscription": GoogleChatFake.subscription],
    secretKey: "key_file", secret: { GoogleKey.file(tokenURL: $0 + "/token") },
    post: "POST /v1/spaces/\(GoogleChatFake().room)/messages", poll: ":pull",
    prefix: "/crewbell ", mention: { $0 == GoogleChatFake.ana ? "@Ana" : "@Ben" }
  ) { GoogleChatFake() }
}
