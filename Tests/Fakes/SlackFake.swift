import Crew
import Foundation
import Platforms

/// A Slack workspace, as far as an internal app and its people use it. What is refused, and how, is
/// from the reference of each method (docs.slack.dev/reference/methods).
public struct SlackFake: FakeChat {
  struct Channel {
    var id: String
    var name: String
    var members: [String]
    /// With whom, in a direct chat with the bot.
    var person: String?
  }

  struct Posted {
    var channel: String
    var ts: String
    var user: String
    var text: String
    var subtype: String?
    var thread: String?
    var inviter: String?
    var bot: String?
    var isEdited = false
    var metadata: JSON?
    var blocks: JSON?
  }

  public static let token = "xoxb-1-crewbell"
  public static let anaToken = "xoxp-1-ana"
  static let bell = "U0BELL"
  static let bot = "B0BELL0001"
  static let team = "T0TEAM0001"
  static let names = ["U0BELL": "crewbell", "U0ANA": "Ana", "U0BEN": "Ben"]

  var channels: [Channel]
  var posted: [Posted] = []
  var reactions: [(channel: String, ts: String, user: String, name: String)] = []
  public internal(set) var delivered: [Delivered] = []
  /// Where slash commands may be answered, by the last part of the address.
  var ways: [String: SlashWay] = [:]
  /// Of which restart the cursors are that are still taken.
  var cursorsGiven = 0
  private var clock: Int64 = 1_795_338_000_000_000

  /// - Parameter isAdded: whether Ana invited the bot into the channel, so that this can be read.
  public init(isAdded: Bool = true) {
    channels = [
      Channel(id: "C0TEAM0001", name: "release-team", members: ["U0ANA", "U0BEN", "U0BELL"])
    ]
    add("has joined the channel", by: Self.bell, in: "C0TEAM0001", now: Instant(milliseconds: 0)) {
      $0.subtype = "channel_join"
      $0.inviter = isAdded ? "U0ANA" : nil
    }
  }

  public var room: String { channels[0].id }
  public var people: [String] { ["U0ANA", "U0BEN"] }

  @discardableResult
  mutating func add(
    _ text: String, by user: String, in channel: String, now: Instant,
    _ change: (inout Posted) -> Void = { _ in }
  ) -> Posted {
    clock = max(clock + 100, now.milliseconds * 1000)
    let rest = String(clock % 1_000_000)
    let ts = "\(clock / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
    var post = Posted(channel: channel, ts: ts, user: user, text: text)
    change(&post)
    posted.append(post)
    return post
  }

  @discardableResult
  public mutating func write(
    _ text: String, by person: String, in room: String?, now: Instant
  ) -> String {
    let channel = room ?? direct(person).id
    return "\(channel):" + add(Self.escaped(text), by: person, in: channel, now: now).ts
  }

  /// In the thread under a message.
  @discardableResult
  public mutating func write(
    _ text: String, by person: String, under message: String, now: Instant
  ) -> String {
    let parts = message.split(separator: ":").map(String.init)
    return "\(parts[0]):"
      + add(Self.escaped(text), by: person, in: parts[0], now: now) { $0.thread = parts[1] }.ts
  }

  public mutating func writeAsBot(_ text: String, in room: String, now: Instant) -> String {
    let post = add(Self.escaped(text), by: "U0OTHER", in: room, now: now) {
      $0.subtype = "bot_message"
      $0.bot = "B0OTHER0001"
    }
    return "\(room):\(post.ts)"
  }

  /// As the clients do, except that `<@U1>` stays the mention that the client makes of a name.
  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;")
  }

  public mutating func edit(_ message: String, to text: String, now: Instant) {
    let parts = message.split(separator: ":").map(String.init)
    guard let place = posted.firstIndex(where: { $0.channel == parts[0] && $0.ts == parts[1] })
    else { return }
    posted[place].text = text
    posted[place].isEdited = true
  }

  /// Slack keeps everything but the places in its lists, which are good for a while only.
  public mutating func restart() { cursorsGiven += 1 }

  mutating func direct(_ person: String) -> Channel {
    if let known = channels.first(where: { $0.person == person }) { return known }
    let channel = Channel(
      id: "D0000000" + person.dropFirst(2), name: "", members: [person, Self.bell], person: person)
    channels.append(channel)
    return channel
  }
}

extension FakePlatform {
  public static let slack = FakePlatform(
    .slack, base: ["base_url"], secret: { _ in SlackFake.token },
    slashSecrets: ["slack-signing": SlackFake.signingSecret],
    post: "chat.postMessage",
    poll: "conversations.history", mention: { "<@\($0)>" }
  ) { SlackFake() }
}
