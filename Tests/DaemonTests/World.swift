import Crew
import Foundation
import Ledger
import Logging
import Platforms
import Synchronization

@testable import Daemon

/// A platform of three lines, so that the daemon is tested and not a vendor's protocol.
struct Plain: Platform {
  var resend = Resend.never
  var reactions = true
  var rate = Abilities.Rate(perSecond: 1000, burst: 1000)
  var merges = false

  var abilities: Abilities {
    var abilities = Abilities(
      threads: false, reactions: reactions, edits: true, directNeedsContact: false, resend: resend,
      lengthMax: 4096, lengthUnit: .utf16, roomRate: rate, accountRate: rate, prefix: "/")
    abilities.merges = merges
    return abilities
  }

  struct Sent: Codable, Equatable {
    var key: String
    var target: Target
    var post: Post
  }

  struct Updates: Codable {
    var messages: [Message]
    var next: Int
  }

  func announce(_ commands: [Announcement]) -> [HTTPRequest] { [] }
  func credentialRequest(now: Instant) -> HTTPRequest? { nil }
  func credential(from response: HTTPResponse, now: Instant) throws(PollFailure)
    -> Credential
  {
    throw .refused("none")
  }

  func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    HTTPRequest(.get, "http://plain/updates?after=\(cursor ?? "0")")
  }

  func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    guard response.status == 200 else {
      throw .retry(afterSeconds: nil, "status \(response.status)")
    }
    guard let updates = try? JSONDecoder().decode(Updates.self, from: response.body) else {
      throw .retry(afterSeconds: nil, "not updates")
    }
    return Intake(messages: updates.messages, cursor: String(updates.next))
  }

  func request(
    for post: Post, to target: Target, key: String, progress: Platforms.Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    let body = try? JSONEncoder().encode(Sent(key: key, target: target, post: post))
    let isRepeatable = if case .sameKey = resend { true } else { false }
    return HTTPRequest(.post, "http://plain/send", body: body, isRepeatable: isRepeatable)
  }

  func lookup(
    for post: Post, to target: Target, key: String, sending: Platforms.Progress?, since: Instant,
    step: Platforms.Progress?, with credential: Credential
  ) -> HTTPRequest? { HTTPRequest(.get, "http://plain/find?key=\(key)&page=\(step ?? "1")") }

  func finding(
    in response: HTTPResponse, for post: Post, key: String, step: Platforms.Progress?
  ) -> Finding {
    guard response.status == 200 else { return .unknown }
    // What is looked for stands on the second page, if anywhere.
    if step == nil { return .next("2") }
    return response.body.isEmpty
      ? .absent : .found(id: String(decoding: response.body, as: UTF8.self))
  }

  func delivery(of response: HTTPResponse, progress: Platforms.Progress?) -> Delivery {
    switch response.status {
    case 200: .sent(id: String(decoding: response.body, as: UTF8.self))
    case 403: .refused("may not")
    case 429: .retry(afterSeconds: 2)
    case 500...599: .unknown
    default: .refused("status \(response.status)")
    }
  }
}

/// What can go wrong with one call.
enum Trouble {
  case status(Int)
  /// Arrives, but the answer is lost.
  case answerLost
  /// Never leaves.
  case nothingSent
}

/// The other side: keeps what was written, and what was really delivered.
final class World: Network, Clock, Chance {
  struct State {
    var now = Instant(seconds: 1_795_420_800)  // Monday 2026-11-23 08:00 UTC
    var updates: [Message] = []
    var delivered: [Plain.Sent] = []
    var byKey: [String: Int] = [:]
    var requests = 0
    var trouble: @Sendable (HTTPRequest) -> Trouble? = { _ in nil }
    var dedupes = false
    /// Whoever looks for a post is shown the last one, as where only words are compared.
    var findsNewest = false
    var seed: UInt64 = 1
  }

  let state = Mutex(State())

  func now() -> Instant { state.withLock { $0.now } }
  /// Nobody waits here: time passes at once.
  func sleep(seconds: Double) async throws { pass(seconds) }
  func pass(_ seconds: Double) {
    state.withLock { $0.now = Instant(milliseconds: $0.now.milliseconds + Int64(seconds * 1000)) }
  }

  func next() -> UInt64 {
    state.withLock { state in
      state.seed = state.seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state.seed
    }
  }

  func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
    let result: Result<HTTPResponse, NetworkFailure> = state.withLock { state in
      state.requests += 1
      let trouble = state.trouble(request)
      if case .nothingSent = trouble {
        return .failure(NetworkFailure(.connect, nothingSent: true, "refused"))
      }
      if case .status(let status) = trouble { return .success(HTTPResponse(status: status)) }
      let response = Self.serve(request, &state)
      if case .answerLost = trouble {
        return .failure(NetworkFailure(.interrupted, nothingSent: false, "reset"))
      }
      return .success(response)
    }
    return try result.get()
  }

  private static func serve(_ request: HTTPRequest, _ state: inout State) -> HTTPResponse {
    if request.url.contains("/updates") {
      let after = Int(request.url.split(separator: "=").last ?? "0") ?? 0
      let new = Plain.Updates(
        messages: Array(state.updates.dropFirst(after)), next: state.updates.count)
      return HTTPResponse(status: 200, body: (try? JSONEncoder().encode(new)) ?? Data())
    }
    if request.url.contains("/find") {
      let key = request.url.split(separator: "=")[1].split(separator: "&")[0]
      let newest = state.findsNewest && !state.delivered.isEmpty ? state.delivered.count : nil
      let known = (newest ?? state.byKey[String(key)]).map(String.init) ?? ""
      return HTTPResponse(status: 200, body: Data(known.utf8))
    }
    guard let body = request.body, let sent = try? JSONDecoder().decode(Plain.Sent.self, from: body)
    else { return HTTPResponse(status: 400) }
    if state.dedupes, let known = state.byKey[sent.key] {
      return HTTPResponse(status: 200, body: Data("\(known)".utf8))
    }
    state.delivered.append(sent)
    state.byKey[sent.key] = state.delivered.count
    return HTTPResponse(status: 200, body: Data("\(state.delivered.count)".utf8))
  }

  // MARK: Writing to it

  static let room = Room(account: "plain", id: "desk")

  func write(_ who: String, _ text: String, kind: Message.Kind = .text) {
    state.withLock { state in
      state.updates.append(
        Message(
          id: "m\(state.updates.count + 1)", room: Self.room,
          sender: Identity(account: "plain", user: who), senderName: who, kind: kind,
          body: [.text(text)], roomName: "Desk", sentAt: state.now))
    }
  }

  var requests: Int { state.withLock { $0.requests } }
  var texts: [String] {
    state.withLock { state in
      state.delivered.map { sent in
        if case .reaction(let emoji, _) = sent.post.kind { return emoji }
        return sent.post.text.plain(prefix: "/")
      }
    }
  }

  var delivered: [Plain.Sent] { state.withLock { $0.delivered } }
  func trouble(_ trouble: @escaping @Sendable (HTTPRequest) -> Trouble?) {
    state.withLock { $0.trouble = trouble }
  }
}

/// The daemon's own parts on a world, one step at a time.
struct Bench {
  let world: World
  let ledger: any Ledger
  var keeper: Keeper
  var poller: Poller
  var sender: Sender
  let unreachable = Unreachable()

  init(
    _ world: World, _ ledger: any Ledger, platform: Plain = Plain(), isStrict: Bool = false,
    limits: Limits = Limits(), slash: (any SlashCommands)? = nil
  ) async throws {
    self.world = world
    self.ledger = ledger
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var account = Account(
      name: "plain", platform: platform, credential: Credential(token: "t"),
      isStrict: isStrict)
    account.slash = slash
    let credentials = Credentials(network: world, clock: world, folder: nil)
    keeper = Keeper(
      ledger: ledger, clock: world, chance: world, zones: FoundationZones(), words: Words(),
      abilities: ["plain": platform.abilities],
      admission: Admission(inviters: ["plain": ["ana"]], zone: "Europe/Berlin", language: "en"),
      limits: limits, log: log)
    poller = Poller(
      account: account, ledger: ledger, network: world, clock: world, chance: world,
      credentials: credentials, log: log)
    let unreachable = unreachable
    sender = Sender(
      accounts: ["plain": account], ledger: ledger, network: world, clock: world, chance: world,
      credentials: credentials, buckets: Buckets(), speaker: .alone(Words(), language: "en"),
      log: log, cannotReach: { unreachable.add($0) })
    try await keeper.open()
  }

  /// A team with Ana and Ben, its greeting out of the way.
  static func team(
    platform: Plain = Plain(), isStrict: Bool = false, limits: Limits = Limits()
  ) async throws -> Bench {
    let world = World()
    var bench = try await Bench(
      world, MemoryLedger(), platform: platform, isStrict: isStrict, limits: limits)
    world.write("ana", "", kind: .invited)
    world.write("ben", "", kind: .joined)
    try await bench.run()
    world.state.withLock { $0.delivered = [] }
    return bench
  }

  mutating func poll() async throws { _ = try await poller.turn() }

  mutating func answer() async throws { while try await keeper.answer() {} }

  /// Sends what may be sent now; returns how many posts were tried.
  @discardableResult
  func send() async throws -> Int {
    var tried = 0
    while true {
      let claimed = try await ledger.claim(accounts: ["plain"], limit: 16, now: world.now())
      if claimed.isEmpty { return tried }
      for post in claimed { try await sender.deliver(post) }
      tried += claimed.count
    }
  }

  mutating func run() async throws {
    try await poll()
    try await answer()
    try await send()
  }

  /// As after a crash: the same disk, another process.
  func restarted(
    platform: Plain = Plain(), blame: Int = CrashMark.blameMarked
  ) async throws -> Bench {
    guard let memory = ledger as? MemoryLedger else { throw LedgerFault.missing("memory only") }
    return try await Bench(world, await memory.restarted(blame: blame), platform: platform)
  }
}
