import Crew
import Foundation
import Platforms

/// A bot on a Discord server and the JSON that Discord would send, written by hand; the state of a
/// conversation with it.
final class DiscordDesk {
  static let token = "MTIz.canary.0123456789abcdefghijklmnopq"
  static let discord = Discord(.init(account: "discord", invitersAllowed: [ana]))
  static let credential = Credential(token: token)
  static let bell = "1001"
  static let ana = "2001"
  static let ben = "2002"
  /// 2025-12-17 19:33:20 UTC.
  static let start: Int64 = 1_766_000_000_000

  var cursor: Cursor?
  var complaints: [String] = []
  var waitSeconds = 0.0
  /// Behind the first lists, in milliseconds.
  var now: Int64 = 0

  // MARK: - Discord's words

  /// The id of something that came about so many milliseconds after the first lists.
  static func id(_ at: Int64, _ number: Int64 = 0) -> String {
    String((start + at - 1_420_070_400_000) << 22 | number)
  }

  static func user(_ id: String, isBot: Bool = false) -> JSON {
    let name = [ana: "Ana", ben: "Ben", bell: "crewbell"][id] ?? "user \(id)"
    return [
      "id": .string(id), "username": .string(name.lowercased()), "global_name": .string(name),
      "bot": .bool(isBot || id == bell),
    ]
  }

  static func message(
    _ at: Int64, _ text: String, by author: String = ana, in channel: String = "51",
    mentioning users: [String] = [], _ more: [String: JSON] = [:]
  ) -> JSON {
    let own: [String: JSON] = [
      "id": .string(id(at)), "channel_id": .string(channel), "type": 0, "content": .string(text),
      "author": user(author), "mentions": .array(users.map { user($0) }),
      "edited_timestamp": .null, "attachments": [], "embeds": [],
    ]
    return .object(own.merging(more) { $1 })
  }

  static func channel(_ id: String, last: Int64? = nil, type: Int64 = 0) -> JSON {
    [
      "id": .string(id), "type": .integer(type), "name": .string("room \(id)"),
      "last_message_id": last.map { .string(Self.id($0)) } ?? .null,
    ]
  }

  static func thread(_ id: String, under parent: String = "51", last: Int64? = nil) -> JSON {
    [
      "id": .string(id), "type": 11, "name": "a thread", "parent_id": .string(parent),
      "last_message_id": last.map { .string(Self.id($0)) } ?? .null,
    ]
  }

  static func threads(_ list: JSON...) -> JSON {
    ["threads": .array(list), "members": [], "has_more": false]
  }

  func response(
    _ json: JSON, status: Int = 200, _ headers: [String: String] = [:]
  ) -> HTTPResponse {
    let seconds = (Self.start + now) / 1000 - 1_765_929_600
    func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + String(number) }
    let date =
      "Wed, 17 Dec 2025 \(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)) GMT"
    return HTTPResponse(
      status: status, headers: headers.merging(["date": date]) { $1 }, body: json.data)
  }

  // MARK: - Turns

  /// What stands after `/api/v10/`.
  var path: String {
    Self.discord.poll(after: cursor, with: Self.credential).url
      .components(separatedBy: "/api/v10/").last ?? ""
  }

  @discardableResult
  func take(
    _ json: JSON, status: Int = 200, _ headers: [String: String] = [:]
  ) throws -> [Message] {
    let intake = try Self.discord.read(response(json, status: status, headers), after: cursor)
    cursor = intake.cursor
    complaints += intake.complaints
    waitSeconds = intake.waitSeconds
    now += Int64(intake.waitSeconds * 1000)
    return intake.messages
  }

  /// Answers what is asked with nothing new.
  func pass(channels: [JSON] = []) throws {
    let path = path
    if path.hasPrefix("users/@me/guilds") {
      try take([["id": "41"]])
    } else if path.hasPrefix("users/@me/channels") {
      try take(["message": "no", "code": 50007], status: 403)
    } else if path.hasSuffix("/channels") {
      try take(.array(channels))
    } else if path.hasSuffix("/threads/active") {
      try take(Self.threads())
    } else {
      try take([])
    }
  }

  /// The same until this is asked for.
  func turn(to wanted: String, channels: [JSON] = []) throws {
    for _ in 0..<200 where !path.hasPrefix(wanted) { try pass(channels: channels) }
  }

  /// Everything up to second 0 is history.
  static func listed(_ channels: JSON..., threads list: JSON = threads()) throws -> DiscordDesk {
    let desk = DiscordDesk()
    try desk.take(user(bell))
    try desk.take([["id": "41"]])
    try desk.take(.array(channels))
    try desk.take(list)
    return desk
  }

  /// In channel 51, where Ana mentioned the bot in the first second.
  static func begun() throws -> (desk: DiscordDesk, told: [Message]) {
    let desk = try listed(channel("51", last: 0))
    try desk.turn(to: "guilds/41/channels")
    try desk.take([channel("51", last: 1000)])
    try desk.turn(to: "channels/51")
    let told = try desk.take([message(1000, "<@1001> hello", mentioning: [bell])])
    return (desk, told)
  }

  /// A page of channel 51, as soon as it is its turn.
  func hear(_ messages: [JSON], in channel: String = "51") throws -> [String] {
    try turn(to: "channels/\(channel)/", channels: [Self.channel("51", last: 1000)])
    return try take(.array(messages.reversed())).map(\.said)
  }
}
