import Crew
import Platforms

/// A platform as it stands outside: it takes requests, and it alone says what it really delivered.
///
/// The simulation drives whatever keeps this, so a platform is simulated by writing its server; the
/// daemon's side is the platform's own code.
protocol ChatServer: Sendable {
  var account: String { get }
  /// The daemon's side of it.
  var platform: any Platform { get }
  var credential: Credential { get }
  /// User ids of those who may bring the bot in.
  var inviters: [String] { get }
  /// Who writes there, and their user ids.
  var people: [String] { get }
  func user(_ who: String) -> String
  /// Whether it is a real platform's fake, which does what that does and nothing more.
  var isStrict: Bool { get }
  /// The room of the team, under its newest id.
  var room: String { get }
  var isBotIn: Bool { get set }
  /// Places of people who closed their chat with the bot, as `place(of:)` calls them.
  var closed: Set<String> { get set }

  func serves(_ request: HTTPRequest) -> Bool
  /// - Parameter isKnown: whether the daemon has stored that message; only for telling what is lost
  ///   for ever when the server forgets its history.
  mutating func serve(
    _ request: HTTPRequest, _ mood: ServerMood, now: Instant, isKnown: (String) -> Bool
  ) -> Served

  // What people do.

  /// - Parameter back: how many places ahead of others it slips in, if those are still its own.
  /// - Returns: the message's id.
  mutating func write(_ letter: Letter, at: Instant, back: Int) -> String
  mutating func moveRoom() -> (old: String, new: String)
}

/// What the server is up to with one request.
struct ServerMood: Sendable {
  /// It does not know the cursor any more.
  var forgets = false
  /// How many updates from before the cursor come again.
  var repeats = 0
  /// How many of the new ones are held back.
  var heldBack = 0
  /// Whether a question for news may wait for some.
  var mayWait = true
}

struct Served: Sendable {
  /// Nil where a question for news waits for some.
  var response: HTTPResponse?
  /// What stands in the chat since then.
  var shown: [Shown] = []
  /// Messages that the server has let go and nobody will ever read.
  var lost: [String] = []
}

/// Something that now stands in the chat.
struct Shown: Sendable {
  var key: String
  /// A room's id, or `dm-` and a user.
  var place: String
  var isReaction: Bool
  var replyTo: String
  var text: String
}

/// Something that somebody wrote or did.
struct Letter: Sendable {
  /// Empty until the server gives it one.
  var id: String
  var room: String
  var isDirect: Bool
  var user: String
  var sender: SenderKind
  var kind: Message.Kind
  var sentAt: Instant
  /// Words; those that begin with `@` are mentions of the user so called.
  var text: String
}
