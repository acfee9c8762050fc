import Crew
import Foundation
import Platforms

/// Discord as far as a bot that is added to one server uses it. What is refused, and how, is from
/// its documents (discord.com/developers/docs); its limits are of the size that its answers tell.
public struct DiscordFake: FakeChat {
  struct Channel {
    var id: String
    /// 0 a text channel, 11 a thread, 1 a direct chat, 15 a forum.
    var type: Int64
    var name: String
    var parent: String?
    /// With whom the bot is alone.
    var person: String?
    var isHidden = false
    var isArchived = false
    var isLocked = false
  }

  struct Posted {
    var id: Int64
    var channel: String
    var author: String
    var content: String
    var type: Int64 = 0
    var isEdited = false
    var reference: String?
    var flags: Int64 = 0
    /// Whom it rings for; `*` is everybody.
    var pings: [String] = []
  }

  struct Nonce: Hashable {
    var author: String
    var nonce: String
  }

  public static let token = "MTAwMDAwMDAwMDAwMDAwMDAwMQ.canary.0123456789abcdefghijklmnopq"
  public static let anaToken = "ODAzNTExMTAyMjQ2Nzg5MTI.ana.0123456789abcdefghijklmnopqrst"
  public static let bell = "1000000000000000001"
  public static let ana = "80351110224678912"
  public static let ben = "80351110224678913"
  static let robot = "80351110224678999"
  static let names = [bell: "crewbell", ana: "Ana", ben: "Ben", robot: "Robot"]
  static let guild = "613425648685547540"
  static let hidden = "613425648685547542"
  public static var hiddenRoom: String { hidden }
  static let forum = "613425648685547543"
  /// "in the past few minutes"
  static let nonceSeconds: Int64 = 180

  var channels: [Channel]
  var posted: [Posted] = []
  var reactions: [(message: Int64, emoji: String)] = []
  var nonces: [Nonce: (message: Int64, at: Instant)] = [:]
  var limiter: DiscordLimiter
  /// Words are hidden, as they are without the intent.
  public var isBlind = false
  public internal(set) var delivered: [Delivered] = []
  /// Calls of the bot by their first words, with those of others in between: `GET messages`.
  public internal(set) var isListening = false
  /// Interactions that may be answered, by their token.
  var ways: [String: Way] = [:]
  /// Names of the commands that the bot has made known.
  public internal(set) var commands: [String] = []
  private var hasWelcomed = false
  var lastID: Int64 = 0

  /// - Parameters:
  ///   - isLimited: whether calls are counted and too many refused.
  ///   - others: channels beside the team's.
  public init(isLimited: Bool = false, others: Int = 1) {
    limiter = DiscordLimiter(isOn: isLimited)
    channels = [
      Channel(id: "613425648685547541", type: 0, name: "release-team"),
      Channel(id: Self.hidden, type: 0, name: "board", isHidden: true),
      Channel(id: Self.forum, type: 15, name: "ideas"),
    ]
    for number in 0..<others {
      channels.append(
        Channel(id: String(613_425_648_685_548_000 + number), type: 0, name: "other-\(number)"))
    }
  }

  public var room: String { channels[0].id }
  public var otherRooms: [String] { channels.filter { $0.name.hasPrefix("other") }.map(\.id) }
  public var people: [String] { [Self.ana, Self.ben] }

  // MARK: - People

  @discardableResult
  mutating func add(
    _ content: String, by author: String, in channel: String, now: Instant,
    _ change: (inout Posted) -> Void = { _ in }
  ) -> Posted {
    lastID = max(lastID + 1, (now.milliseconds - 1_420_070_400_000) << 22)
    var post = Posted(id: lastID, channel: channel, author: author, content: content)
    change(&post)
    posted.append(post)
    if let place = channels.firstIndex(where: { $0.id == channel }) {
      channels[place].isArchived = false
    }
    return post
  }

  @discardableResult
  public mutating func write(
    _ text: String, by person: String, in room: String?, now: Instant
  ) -> String {
    let channel = room ?? direct(person).id
    return "\(channel):\(add(text, by: person, in: channel, now: now).id)"
  }

  @discardableResult
  public mutating func writeAsBot(_ text: String, in room: String, now: Instant) -> String {
    "\(room):\(add(text, by: Self.robot, in: room, now: now).id)"
  }

  /// What happened, as Discord itself writes it.
  public mutating func happen(_ type: Int64, to person: String, in room: String, now: Instant) {
    add("", by: person, in: room, now: now) { $0.type = type }
  }

  public mutating func edit(_ message: String, to text: String, now: Instant) {
    guard let place = posted.firstIndex(where: { message.hasSuffix(":\($0.id)") }) else { return }
    posted[place].content = text
    posted[place].isEdited = true
  }

  public mutating func delete(_ message: String) {
    posted.removeAll { message.hasSuffix(":\($0.id)") }
  }

  /// A thread under a message has that message's id.
  @discardableResult
  public mutating func thread(under message: String, now: Instant) -> String {
    let parts = message.split(separator: ":").map(String.init)
    channels.append(Channel(id: parts[1], type: 11, name: "a thread", parent: parts[0]))
    return parts[1]
  }

  public mutating func archive(_ thread: String, isLocked: Bool = false) {
    guard let place = channels.firstIndex(where: { $0.id == thread }) else { return }
    channels[place].isArchived = true
    channels[place].isLocked = isLocked
  }

  public mutating func erase(_ channel: String) { channels.removeAll { $0.id == channel } }

  /// Its memory of limits is gone. Nonces are not: for a few minutes they are what it promises.
  public mutating func restart() {
    limiter = DiscordLimiter(isOn: limiter.isOn)
  }

  /// Once the bot knows where history ends, Ana mentions it.
  public mutating func welcome(now: Instant) {
    guard isListening, !hasWelcomed else { return }
    hasWelcomed = true
    write("<@\(Self.bell)>", by: Self.ana, in: room, now: now)
  }

  mutating func direct(_ person: String) -> Channel {
    if let known = channels.first(where: { $0.person == person }) { return known }
    let id = String((Int64(person) ?? 0) + 500_000)
    channels.append(Channel(id: id, type: 1, name: "", person: person))
    return channels[channels.count - 1]
  }
}

extension FakePlatform {
  public static let discord = FakePlatform(
    .discord, base: ["base_url"], secret: { _ in DiscordFake.token },
    post: "POST /api/v10/channels/\(DiscordFake().room)/messages", poll: "/messages?after",
    mention: { "<@\($0)>" }
  ) { DiscordFake() }
}
