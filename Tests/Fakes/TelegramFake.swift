import Crew
import Foundation
import Platforms

/// A group of Telegram and a bot that is in it, in the words of Telegram's own server
/// (tdlib/telegram-bot-api): a queue of updates that an offset confirms, topics, the privacy mode,
/// the upgrade to a supergroup, nothing that takes a key of ours once.
///
/// The sandbox has a fuller world with a page; this one is a value, so that it dies and forgets as
/// a test wants.
public struct TelegramFake: FakeChat {
  public static let token = "7000:telegram-token"
  static let bot: Int64 = 7000
  static let username = "crewbell_bot"

  struct Entry {
    var id: Int64
    var chat: Int64
    var from: Int64
    var text: String
    var topic: Int64?
  }

  var group: Int64 = -1001
  var formerGroups: Set<Int64> = []
  var names: [Int64: String] = [101: "Ana", 102: "Ben", 900: "News"]
  /// Who has pressed Start.
  var started: Set<Int64> = []
  /// Topics of the group; General has no number.
  public var topics: Set<Int64> = [77]
  /// Where people write; nil is General.
  public var topic: Int64?
  /// On, the bot gets commands, answers to it, mentions of it and service messages, nothing else.
  public var isPrivate = true
  var entries: [Entry] = []
  var lastID: [Int64: Int64] = [:]
  var queue: [(id: Int64, at: Int64, update: JSON)] = []
  var nextUpdate: Int64 = 500_000
  var allowed: Set<String> = []
  var reactions: [String: String] = [:]
  public internal(set) var delivered: [Delivered] = []

  public var room: String { String(group) }
  public var people: [String] { ["101", "102"] }

  public init() {
    let bot = user(Self.bot)
    enqueue(
      "my_chat_member",
      [
        "chat": chat(group), "from": user(101), "date": 0,
        "old_chat_member": ["status": "left", "user": bot],
        "new_chat_member": ["status": "member", "user": bot],
      ], at: 0)
  }

  // MARK: - People

  public mutating func write(
    _ text: String, by person: String, in room: String?, now: Instant
  ) -> String {
    let from = Int64(person) ?? 0
    let chat = room == nil ? from : group
    if room == nil { started.insert(from) }
    let topic = room == nil ? nil : self.topic
    let entry = post(text, from: from, in: chat, topic: topic)
    let isHeard =
      room == nil || !isPrivate || text.hasPrefix("/") || text.contains("@\(Self.username)")
    // One bot never sees another.
    if isHeard, from != 900 { enqueue("message", json(entry, now), at: now.seconds) }
    return "\(chat):\(entry.id)"
  }

  public mutating func writeAsBot(_ text: String, in room: String, now: Instant) -> String {
    write(text, by: "900", in: room, now: now)
  }

  public mutating func edit(_ message: String, to text: String, now: Instant) {
    guard let place = entries.firstIndex(where: { "\($0.chat):\($0.id)" == message }) else {
      return
    }
    entries[place].text = text
    var fields = json(entries[place], now).object ?? [:]
    fields["edit_date"] = .integer(now.seconds)
    enqueue("edited_message", .object(fields), at: now.seconds)
  }

  /// The group becomes a supergroup: another number, and its messages counted anew.
  public mutating func upgrade(now: Instant) {
    let old = group
    var moved = json(post("", from: 101, in: old, topic: nil), now).object ?? [:]
    formerGroups.insert(old)
    group = old - 1
    moved["migrate_to_chat_id"] = .integer(group)
    enqueue("message", .object(moved), at: now.seconds)
    var new = json(post("", from: 101, in: group, topic: nil), now).object ?? [:]
    new["migrate_from_chat_id"] = .integer(old)
    enqueue("message", .object(new), at: now.seconds)
  }

  /// The queue of updates outlives the server.
  public mutating func restart() {}

  // MARK: - Inside

  mutating func post(_ text: String, from: Int64, in chat: Int64, topic: Int64?) -> Entry {
    lastID[chat, default: 0] += 1
    let entry = Entry(
      id: lastID[chat] ?? 0, chat: chat, from: from, text: text, topic: topic)
    entries.append(entry)
    return entry
  }

  mutating func enqueue(_ kind: String, _ body: JSON, at seconds: Int64) {
    nextUpdate += 1
    if !allowed.isEmpty, !allowed.contains(kind) { return }
    queue.append(
      (nextUpdate, seconds, .object(["update_id": .integer(nextUpdate), kind: body])))
  }

  func user(_ id: Int64) -> JSON {
    id == Self.bot
      ? [
        "id": .integer(id), "is_bot": true, "first_name": "Crewbell",
        "username": .string(Self.username), "can_join_groups": true,
        "can_read_all_group_messages": .bool(!isPrivate), "supports_inline_queries": false,
      ]
      : [
        "id": .integer(id), "is_bot": .bool(id == 900),
        "first_name": .string(names[id] ?? ""), "username": .string(names[id]?.lowercased() ?? ""),
      ]
  }

  func chat(_ id: Int64) -> JSON {
    id > 0
      ? ["id": .integer(id), "type": "private", "first_name": .string(names[id] ?? "")]
      : ["id": .integer(id), "type": "supergroup", "title": "Service Desk", "is_forum": true]
  }

  func json(_ entry: Entry, _ now: Instant) -> JSON {
    var fields: [String: JSON] = [
      "message_id": .integer(entry.id), "from": user(entry.from), "chat": chat(entry.chat),
      "date": .integer(now.seconds),
    ]
    if !entry.text.isEmpty {
      fields["text"] = .string(entry.text)
      if entry.text.hasPrefix("/") {
        let end = entry.text.utf16.firstIndex(of: 0x20) ?? entry.text.utf16.endIndex
        let length = entry.text.utf16.distance(from: entry.text.utf16.startIndex, to: end)
        fields["entities"] = [
          ["type": "bot_command", "offset": 0, "length": .integer(Int64(length))]
        ]
      }
    }
    if let topic = entry.topic {
      fields["message_thread_id"] = .integer(topic)
      fields["is_topic_message"] = true
    }
    return .object(fields)
  }
}

extension FakePlatform {
  public static let telegram = FakePlatform(
    .telegram, base: ["base_url"], secret: { _ in TelegramFake.token }, post: "/sendMessage",
    poll: "/getUpdates", mention: { $0 == "101" ? "@ana" : "@ben" }
  ) { TelegramFake() }
}
