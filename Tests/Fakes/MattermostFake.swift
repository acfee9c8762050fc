import Crew
import Foundation
import Platforms

/// A Mattermost server of one team, as far as a bot and its people use it (REST v4). What is
/// refused, and how, is from the server's source (`server/channels/api4`, `model/post.go`).
public struct MattermostFake: FakeChat {
  struct User {
    var id: String
    var username: String
    var first = ""
    var isBot = false
    var token: String
  }

  struct Channel {
    var id: String
    /// `O`, `P` or `D`.
    var type: String
    var name: String
    var members: [String]
    var createdAt: Int64
  }

  struct Post {
    var id: String
    var channel: String
    var user: String
    var message: String
    var type = ""
    var root = ""
    var props: [String: JSON] = [:]
    var createdAt: Int64
    var updatedAt: Int64
    var editedAt: Int64 = 0
    var deletedAt: Int64 = 0
  }

  static let createdAt: Int64 = 1_795_338_000_000
  public static let botToken = "crewbellcrewbellcrewbell00"
  public static let anaToken = "anaanaanaanaanaanaanaana00"

  static let bell = id("ub", 1)
  static let ana = id("ua", 1)
  static let ben = id("ua", 2)
  static let other = id("ub", 2)
  public static let team = id("tt", 1)

  var users: [User]
  var channels: [Channel]
  var posts: [Post] = []
  var reactions: [(post: String, user: String, emoji: String)] = []
  /// `pending_post_id` → post, for 30 seconds, in memory.
  var pending: [String: (post: String, until: Int64)] = [:]
  public internal(set) var delivered: [Delivered] = []
  /// Where slash commands may be answered, by the last part of the address.
  var ways: [String: SlashWay] = [:]
  private var clock: Int64 = createdAt
  private var count = 0

  /// - Parameter isPublic: the bot was added to the channel; else it is only in the one that
  ///   everybody of the team is in, and nobody has added it.
  public init(isAdded: Bool = true) {
    users = [
      User(id: Self.bell, username: "crewbell", isBot: true, token: Self.botToken),
      User(id: Self.ana, username: "ana", first: "Ana", token: Self.anaToken),
      User(id: Self.ben, username: "ben", first: "Ben", token: "benbenbenbenbenbenbenben00"),
      User(id: Self.other, username: "otherbot", isBot: true, token: "other"),
    ]
    channels = [
      Channel(
        id: Self.id("ch", 1), type: "O", name: "Release team",
        members: [Self.ana, Self.ben, Self.bell, Self.other], createdAt: Self.createdAt)
    ]
    guard isAdded else { return }
    add(
      "@ana added @crewbell.", by: Self.ana, in: Self.id("ch", 1), type: "system_add_to_channel",
      props: [
        "userId": .string(Self.ana), "username": "ana", "addedUserId": .string(Self.bell),
        "addedUsername": "crewbell",
      ], now: Instant(milliseconds: Self.createdAt))
  }

  public var room: String { channels[0].id }
  public var people: [String] { [Self.ana, Self.ben] }

  static func id(_ kind: String, _ number: Int) -> String {
    let digits = String(number, radix: 36)
    return kind + String(repeating: "0", count: 24 - digits.count) + digits
  }

  // MARK: - What happens in the chat

  @discardableResult
  mutating func add(
    _ message: String, by user: String, in channel: String, type: String = "", root: String = "",
    props: [String: JSON] = [:], now: Instant
  ) -> Post {
    count += 1
    let at = tick(now)
    let post = Post(
      id: Self.id("po", count), channel: channel, user: user, message: message, type: type,
      root: root, props: props, createdAt: at, updatedAt: at)
    posts.append(post)
    return post
  }

  /// No two posts of one small server share their millisecond.
  mutating func tick(_ now: Instant) -> Int64 {
    clock = max(clock + 1, now.milliseconds)
    return clock
  }

  @discardableResult
  public mutating func write(
    _ text: String, by person: String, in room: String?, now: Instant
  ) -> String {
    let channel = room ?? direct(person, now: now).id
    return add(text, by: person, in: channel, now: now).id
  }

  /// In the thread under a message.
  @discardableResult
  public mutating func write(
    _ text: String, by person: String, under root: String, now: Instant
  ) -> String {
    let channel = posts.first { $0.id == root }?.channel ?? room
    return add(text, by: person, in: channel, root: root, now: now).id
  }

  @discardableResult
  public mutating func writeAsBot(_ text: String, in room: String, now: Instant) -> String {
    add(text, by: Self.other, in: room, props: ["from_bot": "true"], now: now).id
  }

  public mutating func edit(_ message: String, to text: String, now: Instant) {
    guard let place = posts.firstIndex(where: { $0.id == message }) else { return }
    let at = tick(now)
    posts[place].message = text
    (posts[place].editedAt, posts[place].updatedAt) = (at, at)
  }

  public mutating func restart() { pending = [:] }

  /// An administrator erases a post for good, as a retention policy does.
  public mutating func erase(_ post: String) { posts.removeAll { $0.id == post } }

  public mutating func takeBotOut(of room: String, now: Instant) {
    guard let place = channels.firstIndex(where: { $0.id == room }) else { return }
    channels[place].members.removeAll { $0 == Self.bell }
  }

  mutating func direct(_ person: String, with bot: String = bell, now: Instant) -> Channel {
    let name = [bot, person].sorted().joined(separator: "__")
    if let known = channels.first(where: { $0.name == name }) { return known }
    count += 1
    let channel = Channel(
      id: Self.id("dm", count), type: "D", name: name, members: [bot, person],
      createdAt: tick(now))
    channels.append(channel)
    return channel
  }
}

extension FakePlatform {
  public static let mattermost = FakePlatform(
    .mattermost, base: ["server"], secret: { _ in MattermostFake.botToken },
    slashSecrets: ["mattermost-slash": MattermostFake.slashToken],
    post: "POST /api/v4/posts",
    poll: "/posts?", mention: { $0 == MattermostFake.ana ? "@ana" : "@ben" }
  ) { MattermostFake() }
}
