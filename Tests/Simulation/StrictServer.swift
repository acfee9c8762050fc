import Crew
import Fakes
import Platforms

/// The strict fake of a real platform as the simulation's server: the daemon's side is the
/// platform's own code, and what was delivered the fake alone says.
struct StrictServer: ChatServer {
  private let fake: FakePlatform
  private let address = "https://chat.example"
  private var chat: any FakeChat
  private var reactions: Set<String> = []
  let account: String
  let platform: any Platform
  let credential: Credential
  var isBotIn = true
  var closed: Set<String> = []

  init(_ fake: FakePlatform) {
    self.fake = fake
    let settings = fake.settings(address)
    chat = fake.chat()
    account = settings.account
    platform = Keyed(inner: fake.kind.make(settings))
    credential = settings.secrets["token_file"] ?? Credential(token: "")
  }

  var isStrict: Bool { true }
  var people: [String] { ["ana", "ben"] }
  var inviters: [String] { ["*"] }
  var room: String { chat.room }
  func user(_ who: String) -> String { chat.people[who == "ana" ? 0 : 1] }
  func serves(_ request: HTTPRequest) -> Bool { true }
  /// Rooms keep their ids here.
  mutating func moveRoom() -> (old: String, new: String) { (room, room) }

  mutating func serve(
    _ request: HTTPRequest, _ mood: ServerMood, now: Instant, isKnown: (String) -> Bool
  ) -> Served {
    // The server forgets what it keeps in memory. Mattermost keeps its posts' keys there, and what
    // it would take twice then is no fault of ours.
    if mood.forgets, fake.kind != .mattermost { chat.restart() }
    let before = chat.delivered.count
    var served = Served()
    switch chat.answer(FakeRequest(request), now: now) {
    case .now(let response): served.response = response
    case .hold(_, else: let response): served.response = mood.mayWait ? nil : response
    }
    let key = request.headers[Keyed.header] ?? ""
    served.shown = chat.delivered[before...].compactMap { shown($0, key) }
    return served
  }

  private mutating func shown(_ post: Delivered, _ key: String) -> Shown? {
    let isReaction = post.kind == .reaction
    // The same emoji once more changes nothing.
    if isReaction, !reactions.insert("\(post.id) \(post.text)").inserted { return nil }
    guard post.kind != .edit else { return nil }
    return Shown(
      key: key, place: post.room ?? "dm-\(post.person ?? "")", isReaction: isReaction,
      replyTo: "", text: post.text)
  }

  // MARK: People

  mutating func write(_ letter: Letter, at: Instant, back: Int) -> String {
    let text = words(letter.text)
    switch letter.kind {
    case .invited:
      chat.welcome(now: at)
      return ""
    case .edit:
      let id = chat.write("good morning", by: user(letter.user), in: room, now: at)
      chat.edit(id, to: text, now: at)
      return id
    default: break
    }
    if letter.sender == .bot { return chat.writeAsBot(text, in: room, now: at) }
    let isAlone = letter.isDirect
    return chat.write(
      isAlone ? plain(letter.text) : text, by: user(letter.user), in: isAlone ? nil : room,
      now: at)
  }

  /// A command as it is typed in a room there.
  private func words(_ text: String) -> String {
    guard let first = text.first, "/!！／".contains(first) else { return plain(text) }
    return fake.prefix + plain(String(text.dropFirst()))
  }

  /// With people mentioned as they are there.
  private func plain(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      word.hasPrefix("@") && word.count > 1
        ? fake.mention(user(String(word.dropFirst()))) : String(word)
    }.joined(separator: " ")
  }
}

/// A platform that says with each post whose it is, for whoever looks on; the servers do not read
/// that.
struct Keyed: Platform {
  static let header = "X-Simulation-Key"
  let inner: any Platform

  var abilities: Abilities { inner.abilities }
  func announce(_ commands: [Announcement]) -> [HTTPRequest] { inner.announce(commands) }
  func contactLink(after cursor: Cursor?) -> String? { inner.contactLink(after: cursor) }
  func ownCredential(now: Instant) -> Credential? { inner.ownCredential(now: now) }
  func credentialRequest(now: Instant) -> HTTPRequest? { inner.credentialRequest(now: now) }

  func credential(from response: HTTPResponse, now: Instant) throws(PollFailure) -> Credential {
    try inner.credential(from: response, now: now)
  }

  func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    inner.poll(after: cursor, with: credential)
  }

  func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    try inner.read(response, after: cursor)
  }

  func request(
    for post: Post, to target: Target, key: String, progress: Platforms.Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    var request = inner.request(
      for: post, to: target, key: key, progress: progress, with: credential)
    request.headers[Self.header] = key
    return request
  }

  func delivery(of response: HTTPResponse, progress: Platforms.Progress?) -> Delivery {
    inner.delivery(of: response, progress: progress)
  }

  func lookup(
    for post: Post, to target: Target, key: String, sending: Platforms.Progress?, since: Instant,
    step: Platforms.Progress?, with credential: Credential
  ) -> HTTPRequest? {
    inner.lookup(
      for: post, to: target, key: key, sending: sending, since: since, step: step,
      with: credential)
  }

  func finding(
    in response: HTTPResponse, for post: Post, key: String, step: Platforms.Progress?
  ) -> Finding { inner.finding(in: response, for: post, key: key, step: step) }

  func finding(
    in response: HTTPResponse, for post: Post, key: String, since: Instant,
    step: Platforms.Progress?
  ) -> Finding {
    inner.finding(in: response, for: post, key: key, since: since, step: step)
  }
}
