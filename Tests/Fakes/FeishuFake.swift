import Crew
import Foundation
import Platforms

/// Feishu, as far as an app's bot and its people use it (Open API `im/v1`). What is refused, and
/// how, is from the vendor's documents and its SDK.
public struct FeishuFake: FakeChat {
  struct Place {
    var id: String
    /// Nil for a direct chat.
    var name: String?
    var members: [String]
  }

  struct Post {
    var id: String
    var chat: String
    /// An open id, or the id of an app.
    var sender: String
    var type = "text"
    /// As it stands in `body.content`.
    var content: JSON
    var parent: String?
    var at: Int64
    var isEdited = false
    var isDeleted = false
  }

  public static let app = "cli_a1b2c3d4e5f6g7h8"
  public static let secret = "dskLLdkasdjlasdKKdskLLdkasdjlasd"
  static let other = "cli_other0000000000"
  static let bell = "ou_bell00000000000000000000000000"
  public static let ana = "ou_ana000000000000000000000000000"
  public static let ben = "ou_ben000000000000000000000000000"
  /// What a person's own client writes with.
  public static let anaToken = "u-ana"
  static let names = [bell: "Crewbell", ana: "安娜", ben: "Ben"]

  var places: [Place]
  var posts: [Post] = []
  var reactions: [(post: String, type: String)] = []
  /// Token → until when, in milliseconds.
  var tokens: [String: Int64] = [:]
  /// `uuid` → message and until when.
  var known: [String: (post: String, until: Int64)] = [:]
  public internal(set) var delivered: [Delivered] = []
  /// How often an app asked for a token.
  public internal(set) var logins = 0
  /// The app may not read what does not mention it.
  public var lacksPermission = false
  private var clock: Int64 = 1_795_338_000_000
  private var count = 0

  public init() {
    places = [
      Place(id: "oc_room0001", name: "发布小组", members: [Self.ana, Self.ben, Self.app, Self.other])
    ]
    posts.append(
      Post(
        id: "om_system01", chat: "oc_room0001", sender: "", type: "system",
        content: [
          "template": "{from_user} invited {to_chatters} to this chat.", "from_user": ["安娜"],
          "to_chatters": ["Crewbell"],
        ], at: clock))
  }

  public var room: String { places[0].id }
  public var people: [String] { [Self.ana, Self.ben] }

  // MARK: - What happens in the chat

  mutating func add(
    _ content: JSON, type: String = "text", by sender: String, in chat: String,
    parent: String? = nil, now: Instant
  ) -> Post {
    count += 1
    clock = max(clock + 1, now.milliseconds)
    let post = Post(
      id: "om_post\(String(10_000 + count))", chat: chat, sender: sender, type: type,
      content: content, parent: parent, at: clock)
    posts.append(post)
    return post
  }

  /// `@Name` of somebody who is there becomes a mention, as a client makes it.
  @discardableResult
  public mutating func write(
    _ text: String, by person: String, in room: String?, now: Instant
  ) -> String {
    let chat = room ?? direct(person).id
    return add(["text": .string(text)], by: person, in: chat, now: now).id
  }

  @discardableResult
  public mutating func writeAsBot(_ text: String, in room: String, now: Instant) -> String {
    add(["text": .string(text)], by: Self.other, in: room, now: now).id
  }

  public mutating func edit(_ message: String, to text: String, now: Instant) {
    guard let place = posts.firstIndex(where: { $0.id == message }) else { return }
    posts[place].content = ["text": .string(text)]
    posts[place].isEdited = true
  }

  /// Tokens are kept by the gateway; a restart of anything of theirs ends them.
  public mutating func restart() { tokens = [:] }

  /// Nobody tells a bot by id who added it, so somebody speaks to it.
  public mutating func welcome(now: Instant) {
    guard logins > 0 else { return }
    write("@Crewbell 你好", by: Self.ana, in: room, now: now)
  }

  public mutating func takeBotOut(of room: String) {
    guard let place = places.firstIndex(where: { $0.id == room }) else { return }
    places[place].members.removeAll { $0 == Self.app }
  }

  mutating func direct(_ person: String) -> Place {
    let members = [person, Self.app].sorted()
    if let known = places.first(where: { $0.name == nil && $0.members == members }) { return known }
    let place = Place(id: "oc_direct\(places.count)", name: nil, members: members)
    places.append(place)
    return place
  }

  func place(of chat: String) -> Place? { places.first { $0.id == chat } }

  /// The text with placeholders, and what they stand for.
  func mentions(in text: String) -> (text: String, mentions: [JSON]) {
    var (text, mentions) = (text, [JSON]())
    for (id, name) in Self.names.sorted(by: { $0.key < $1.key }) where text.contains("@" + name) {
      let key = "@_user_\(mentions.count + 1)"
      text = text.replacing("@" + name, with: key)
      mentions.append([
        "key": .string(key), "id": .string(id), "id_type": "open_id", "name": .string(name),
        "tenant_key": "t1",
      ])
    }
    return (text, mentions)
  }
}

extension FakePlatform {
  public static let feishu = FakePlatform(
    .feishu, base: ["base_url"], ["app_id": FeishuFake.app],
    secretKey: "secret_file", secret: { _ in FeishuFake.secret },
    post: "POST /open-apis/im/v1/messages", poll: "GET /open-apis/im",
    mention: { $0 == FeishuFake.ana ? "@安娜" : "@Ben" }
  ) { FeishuFake() }
}
