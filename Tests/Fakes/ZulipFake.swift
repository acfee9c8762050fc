import Crew
import Foundation
import Platforms

/// A small Zulip, as strict as the real one where it matters here: event queues that forget what is
/// acknowledged and die with the server, message ids that live for ever, Markdown and its HTML.
public struct ZulipFake: FakeChat {
  public static let key = "k3yk3yk3yk3yk3yk3yk3yk3yk3yk3yk3"
  public static let email = "crewbell-bot@zulip.example"

  struct User {
    var id: Int64
    var email: String
    var name: String
    var isBot = false
    /// Of whom we know the key; the others write through `write`.
    var key: String?
  }

  struct Entry {
    enum Place: Equatable {
      case channel(Int64, topic: String)
      case direct([Int64])
    }
    var id: Int64
    var sender: Int64
    var place: Place
    var content: String
    var at: Int64
    var readers: Set<Int64>
    var reactions: [String: Set<Int64>] = [:]
    var editedAt: Int64?
  }

  struct Queue {
    var user: Int64
    var types: Set<String>
    var events: [(id: Int64, event: JSON)] = []
    var nextID: Int64 = 0
    var prunedTo: Int64 = -1
  }

  static let bot: Int64 = 9
  static let channel: Int64 = 5

  var users: [User] = [
    User(id: 11, email: "ana@zulip.example", name: "Ana", key: "ana"),
    User(id: 12, email: "ben@zulip.example", name: "Ben"),
    User(id: 8, email: "news-bot@zulip.example", name: "News", isBot: true),
    User(id: bot, email: email, name: "crewbell", isBot: true, key: key),
  ]
  var subscribers: Set<Int64> = [11, 12, 8, bot]
  var entries: [Entry] = []
  var queues: [String: Queue] = [:]
  var queuesMade = 0
  var isWelcomed = false
  public internal(set) var delivered: [Delivered] = []
  /// Where people write, and the topic that they write in.
  public var room: String { String(Self.channel) }
  public var topic = "deploys"
  public var people: [String] { ["11", "12"] }

  public init() {}

  // MARK: - People

  public mutating func welcome(now: Instant) {
    guard !isWelcomed, queues.values.contains(where: { $0.user == Self.bot }) else { return }
    isWelcomed = true
    _ = write("@**crewbell**", by: people[0], in: room, now: now)
  }

  public mutating func write(
    _ text: String, by person: String, in room: String?, now: Instant
  ) -> String {
    let sender = Int64(person) ?? 0
    let place: Entry.Place =
      room == nil
      ? .direct([Self.bot, sender].sorted()) : .channel(Self.channel, topic: topic)
    return String(post(text, by: sender, to: place, now: now))
  }

  public mutating func writeAsBot(_ text: String, in room: String, now: Instant) -> String {
    write(text, by: "8", in: room, now: now)
  }

  public mutating func edit(_ message: String, to text: String, now: Instant) {
    guard let place = entries.firstIndex(where: { String($0.id) == message }) else { return }
    entries[place].content = text
    entries[place].editedAt = now.seconds
    let entry = entries[place]
    var event: JSON = [
      "type": "update_message", "user_id": .integer(entry.sender),
      "message_id": .integer(entry.id), "edit_timestamp": .integer(now.seconds),
      "content": .string(text), "orig_content": "", "rendering_only": false, "flags": [],
      "message_ids": [.integer(entry.id)],
    ]
    if case .channel(let id, _) = entry.place, case .object(var members) = event {
      members["stream_id"] = .integer(id)
      event = .object(members)
    }
    tell(event, entry.readers)
  }

  /// Somebody is taken out of the channel.
  public mutating func unsubscribe(_ user: String) {
    guard let id = Int64(user), subscribers.remove(id) != nil else { return }
    if id == Self.bot {
      let channels: JSON = [["stream_id": .integer(Self.channel), "name": "team"]]
      tell(["type": "subscription", "op": "remove", "subscriptions": channels], [id])
    } else {
      let event: JSON = [
        "type": "subscription", "op": "peer_remove", "stream_ids": [.integer(Self.channel)],
        "user_ids": [.integer(id)],
      ]
      tell(event, subscribers)
    }
  }

  /// Queues live in memory; messages do not.
  public mutating func restart() { queues = [:] }

  // MARK: - Inside

  mutating func post(_ text: String, by sender: Int64, to place: Entry.Place, now: Instant)
    -> Int64
  {
    let readers: Set<Int64> =
      switch place {
      case .channel: subscribers
      case .direct(let people): Set(people)
      }
    // Ids are of the whole server; what other organisations write is missing in ours.
    let id = (entries.last?.id ?? 100) + 3
    entries.append(
      Entry(
        id: id, sender: sender, place: place, content: text, at: now.seconds, readers: readers))
    for user in readers { tell(entries[entries.count - 1], to: user) }
    return id
  }

  private mutating func tell(_ entry: Entry, to user: Int64) {
    let isNamed = ZulipText(entry.content, users).pings.contains(String(user))
    let event: JSON = [
      "type": "message", "flags": isNamed ? ["mentioned"] : [],
      "message": json(entry, for: user, isHTML: false, withFlags: false),
    ]
    tell(event, [user])
  }

  mutating func tell(_ event: JSON, _ readers: Set<Int64>) {
    guard case .object(var members) = event else { return }
    for (name, queue) in queues
    where readers.contains(queue.user) && queue.types.contains(event["type"].string ?? "") {
      members["id"] = .integer(queue.nextID)
      queues[name]?.events.append((queue.nextID, .object(members)))
      queues[name]?.nextID += 1
    }
  }

  func user(_ id: Int64) -> User? { users.first { $0.id == id } }

  func json(_ entry: Entry, for user: Int64, isHTML: Bool, withFlags: Bool) -> JSON {
    let sender = self.user(entry.sender)
    var json: [String: JSON] = [
      "id": .integer(entry.id), "sender_id": .integer(entry.sender),
      "sender_full_name": .string(sender?.name ?? ""),
      "sender_email": .string(sender?.email ?? ""), "sender_realm_str": "zulip",
      "timestamp": .integer(entry.at), "client": "website", "recipient_id": 70,
      "avatar_url": .null, "is_me_message": false, "reactions": [], "submessages": [],
      "topic_links": [],
      "content": .string(isHTML ? ZulipText(entry.content, users).html : entry.content),
      "content_type": isHTML ? "text/html" : "text/x-markdown",
    ]
    if withFlags { json["flags"] = [] }
    if let at = entry.editedAt { json["last_edit_timestamp"] = .integer(at) }
    switch entry.place {
    case .channel(let id, let topic):
      json["type"] = "stream"
      json["stream_id"] = .integer(id)
      json["display_recipient"] = "team"
      json["subject"] = .string(topic)
    case .direct(let people):
      json["type"] = "private"
      json["subject"] = ""
      json["display_recipient"] = .array(
        people.compactMap { self.user($0) }.map { user in
          [
            "id": .integer(user.id), "email": .string(user.email),
            "full_name": .string(user.name), "is_mirror_dummy": false,
          ]
        })
    }
    return .object(json)
  }
}

extension FakePlatform {
  public static let zulip = FakePlatform(
    .zulip, base: ["site"], ["email": ZulipFake.email], secret: { _ in ZulipFake.key },
    post: "POST /api/v1/messages", poll: "GET /api/v1/events",
    mention: { $0 == "11" ? "@**Ana**" : "@**Ben**" }
  ) { ZulipFake() }
}
