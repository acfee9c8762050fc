import Crew
import Foundation
import Platforms

/// A Rocket.Chat server, as far as a bot and its people use it (REST v1). What is refused, and how,
/// is from the server's source (`apps/meteor/app/api/server/v1`, `app/lib/server`).
public struct RocketChatFake: FakeChat {
  struct User {
    var id: String
    var username: String
    var name: String
    var type = "user"
    var roles = ["user"]
    var token: String
  }

  struct Place {
    var id: String
    /// `c`, `p` or `d`.
    var type: String
    var name: String
    var members: [String]
    var creator: String
    var createdAt: Int64
    var updatedAt: Int64
    var lastAt: Int64 = 0
    var count: Int64 = 0
  }

  struct Post {
    var id: String
    var room: String
    var user: String
    var text: String
    var type = ""
    var thread: String?
    var at: Int64
    var updatedAt: Int64
    var editedAt: Int64?
    var reactions: [String: [String]] = [:]
  }

  static let createdAt: Int64 = 1_795_338_000_000
  public static let botToken = "crewbell0crewbell0crewbell0crewbell0crewb00"
  public static let anaToken = "anaanaanaanaanaanaanaanaanaanaanaanaanaan00"

  public static let bell = id("ub", 1)
  public static let ana = id("ua", 1)
  static let ben = id("ua", 2)
  static let other = id("ub", 2)

  var users: [User]
  var rooms: [Place]
  var posts: [Post] = []
  public internal(set) var delivered: [Delivered] = []
  /// The limiter that every server has as long as nobody turns it off: calls of a minute, for each
  /// address; nil where the bot has the role that passes it.
  var callsPerMinute: Int?
  var calls: [String: (since: Int64, count: Int)] = [:]
  private var clock: Int64 = createdAt
  private var count = 0

  /// - Parameters:
  ///   - isAdded: Ana has added the bot; else it was in the channel from the start.
  ///   - callsPerMinute: ten is what a server begins with.
  public init(isAdded: Bool = true, callsPerMinute: Int? = nil) {
    self.callsPerMinute = callsPerMinute
    users = [
      User(
        id: Self.bell, username: "crewbell", name: "Crewbell", type: "bot", roles: ["bot"],
        token: Self.botToken),
      User(id: Self.ana, username: "ana", name: "Ana", token: Self.anaToken),
      User(id: Self.ben, username: "ben", name: "Ben", token: "ben"),
      User(id: Self.other, username: "otherbot", name: "Other", type: "bot", token: "other"),
    ]
    rooms = [
      Place(
        id: Self.id("rm", 1), type: "c", name: "release-team",
        members: [Self.ana, Self.ben, Self.bell, Self.other], creator: Self.ben,
        createdAt: Self.createdAt - 86_400_000, updatedAt: Self.createdAt)
    ]
    guard isAdded else {
      // A room with a history in which nobody tells of the bot's coming.
      for number in 1...60 {
        add("day \(number)", by: Self.ben, in: room, now: Instant(milliseconds: Self.createdAt))
      }
      return
    }
    add(
      "crewbell", by: Self.ana, in: room, type: "au", now: Instant(milliseconds: Self.createdAt))
  }

  public var room: String { rooms[0].id }
  public var people: [String] { [Self.ana, Self.ben] }

  static func id(_ kind: String, _ number: Int) -> String {
    let digits = String(number, radix: 36)
    return kind + String(repeating: "x", count: 15 - digits.count) + digits
  }

  // MARK: - What happens in the chat

  /// - Parameter id: whoever writes may choose it.
  @discardableResult
  mutating func add(
    _ text: String, by user: String, in room: String, type: String = "", id: String? = nil,
    thread: String? = nil, now: Instant
  ) -> Post {
    count += 1
    let at = tick(now)
    let post = Post(
      id: id ?? Self.id("po", count), room: room, user: user, text: text, type: type,
      thread: thread, at: at, updatedAt: at)
    posts.append(post)
    if let head = posts.firstIndex(where: { $0.id == thread }) { posts[head].updatedAt = tick(now) }
    touch(room, now) { place in
      place.count += 1
      if thread == nil { place.lastAt = at }
    }
    return post
  }

  mutating func touch(_ room: String, _ now: Instant, _ change: (inout Place) -> Void) {
    guard let place = rooms.firstIndex(where: { $0.id == room }) else { return }
    change(&rooms[place])
    rooms[place].updatedAt = tick(now)
  }

  /// No two changes of one small server share their millisecond.
  mutating func tick(_ now: Instant) -> Int64 {
    clock = max(clock + 1, now.milliseconds)
    return clock
  }

  @discardableResult
  public mutating func write(
    _ text: String, by person: String, in room: String?, now: Instant
  ) -> String {
    let place = room ?? direct([person, Self.bell], now: now).id
    return add(text, by: person, in: place, now: now).id
  }

  @discardableResult
  public mutating func writeAsBot(_ text: String, in room: String, now: Instant) -> String {
    add(text, by: Self.other, in: room, now: now).id
  }

  public mutating func edit(_ message: String, to text: String, now: Instant) {
    guard let place = posts.firstIndex(where: { $0.id == message }) else { return }
    let at = tick(now)
    posts[place].text = text
    (posts[place].editedAt, posts[place].updatedAt) = (at, at)
  }

  /// Somebody's reaction is a change of the message, however old.
  public mutating func react(to message: String, by person: String, now: Instant) {
    guard let place = posts.firstIndex(where: { $0.id == message }) else { return }
    posts[place].reactions[":tada:", default: []].append(person)
    posts[place].updatedAt = tick(now)
  }

  public mutating func restart() { calls = [:] }

  public mutating func takeBotOut(of room: String, now: Instant) {
    add("crewbell", by: Self.ana, in: room, type: "ru", now: now)
    touch(room, now) { $0.members.removeAll { $0 == Self.bell } }
  }

  /// Somebody makes a private channel with the bot in it from the start: no message tells of that.
  public mutating func makeRoom(by person: String, now: Instant) -> String {
    count += 1
    let at = tick(now)
    rooms.append(
      Place(
        id: Self.id("rm", count + 1), type: "p", name: "made", members: [person, Self.bell],
        creator: person, createdAt: at, updatedAt: at))
    return rooms[rooms.count - 1].id
  }

  mutating func direct(_ people: [String], now: Instant) -> Place {
    let members = people.sorted()
    if let known = rooms.first(where: { $0.type == "d" && $0.members == members }) { return known }
    let at = tick(now)
    let place = Place(
      id: members.joined(), type: "d", name: "", members: members, creator: "", createdAt: at,
      updatedAt: at)
    rooms.append(place)
    return place
  }
}

extension FakePlatform {
  public static let rocketChat = FakePlatform(
    .rocketchat, base: ["server"], ["user": RocketChatFake.bell],
    secret: { _ in RocketChatFake.botToken },
    post: "chat.sendMessage", poll: "rooms.get",
    mention: { $0 == RocketChatFake.ana ? "@ana" : "@ben" }
  ) { RocketChatFake() }
}
