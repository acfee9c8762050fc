import Crew
import Foundation
import Ledger
import Logging
import Platforms
import Synchronization
import Testing

@testable import Daemon

/// What a platform sees of us while it is down: polls and posts together, for a day, on the real
/// platforms' requests and a clock of the test's own.
@Suite struct MannersTests {
  /// Ends every call in the same way and counts them, until it is well again.
  private final class DeadServer: Network {
    let answer: Mutex<Result<HTTPResponse, NetworkFailure>?>
    let requests = Mutex(0)

    init(_ answer: Result<HTTPResponse, NetworkFailure>) { self.answer = Mutex(answer) }

    private static let wellAnswers = [
      "/getMe": #"{"ok":true,"result":{"id":1,"is_bot":true,"first_name":"b","username":"b"}}"#,
      "/getUpdates": #"{"ok":true,"result":[]}"#, "/whoami": #"{"user_id":"@bell:example.org"}"#,
      "/sync": #"{"next_batch":"s1"}"#,
    ]

    func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
      requests.withLock { $0 += 1 }
      if let answer = answer.withLock({ $0 }) { return try answer.get() }
      let body = Self.wellAnswers.first { request.url.contains($0.key) }?.value ?? "{}"
      return HTTPResponse(status: 200, body: Data(body.utf8))
    }
  }

  private final class Lines: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }
    func add(_ line: String) { list.withLock { $0.append(line) } }

    struct Handler: LogHandler {
      let lines: Lines
      var metadata: Logger.Metadata = [:]
      var logLevel = Logger.Level.trace
      subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
      }
      func log(event: LogEvent) { lines.add("\(event.message)") }
    }
  }

  /// A day of one account, five seconds at a time.
  private struct Day {
    let world = World()
    let ledger = MemoryLedger()
    let server: DeadServer
    let lines = Lines()
    let gate = Gate()
    var poller: Poller
    let sender: Sender
    let name: String

    init(_ platform: any Platform, _ answer: Result<HTTPResponse, NetworkFailure>) {
      server = DeadServer(answer)
      name = "desk"
      let log = Logger(label: "manners") { [lines] _ in Lines.Handler(lines: lines) }
      let account = Account(name: name, platform: platform, credential: Credential(token: "1:t"))
      let credentials = Credentials(network: server, clock: world, folder: nil)
      poller = Poller(
        account: account, ledger: ledger, network: server, clock: world, chance: world,
        credentials: credentials, log: log)
      poller.gate = gate
      var sender = Sender(
        accounts: [name: account], ledger: ledger, network: server, clock: world, chance: world,
        credentials: credentials, buckets: Buckets(), speaker: .alone(Words(), language: "en"),
        log: log, cannotReach: { _ in })
      sender.gate = gate
      self.sender = sender
    }

    /// A post an hour to each of the rooms, of a class that is worth sending for a day.
    func write(_ rooms: Int, hour: Int) async throws {
      let drafts = (1...rooms).map { room in
        Draft(
          key: "\(hour).\(room)", target: .room(Room(account: name, id: "-100\(room)")),
          kind: .digest, post: Post(text: "hello"))
      }
      _ = try await ledger.record(
        [Ruling(cause: .own("test"), drafts: drafts)], now: world.now())
    }

    mutating func pass(hours: Int64, rooms: Int) async throws {
      let end = world.now().adding(hours: hours)
      var pollAt = world.now()
      var written = 0
      while world.now() < end {
        let hour = Int(24 * 3600 - end.seconds(since: world.now())) / 3600
        if hour >= written {
          try await write(rooms, hour: hour)
          written = hour + 1
        }
        if world.now() >= pollAt {
          pollAt = world.now().adding(seconds: Int64(try await poller.turn().waitSeconds))
        }
        for post in try await gate.claim(
          from: ledger, accounts: [name], limit: 16, now: world.now())
        { try await sender.deliver(post) }
        world.pass(5)
      }
    }
  }

  private static let platforms: [any Platform] = [
    Telegram(.init(account: "desk", baseURL: "https://example.org", token: "1:t")),
    Matrix(
      .init(
        account: "desk", homeserver: "https://example.org", user: "@bell:example.org",
        invitersAllowed: [])),
  ]

  @Test(arguments: [0, 1], [500, 502, 503, 504, 401, 0])
  func `a dead server sees few requests in a day, and the log two lines`(
    _ platform: Int, _ status: Int
  ) async throws {
    let answer: Result<HTTPResponse, NetworkFailure> =
      status == 0
      ? .failure(NetworkFailure(.connect, nothingSent: true, "refused"))
      : .success(HTTPResponse(status: status, body: Data("<html>no</html>".utf8)))
    var day = Day(Self.platforms[platform], answer)
    try await day.pass(hours: 24, rooms: 10)
    let requests = day.server.requests.withLock { $0 }
    #expect(requests <= 500, "\(status): \(requests)")
    #expect(requests > 90)
    #expect(day.lines.all.count == 1, "\(day.lines.all)")
    day.server.answer.withLock { $0 = nil }
    try await day.pass(hours: 1, rooms: 1)
    #expect(day.lines.all.filter { $0.contains("answers again") }.count == 1, "\(day.lines.all)")
  }

  /// Two daemons with one token, or a webhook that somebody set: asked again every few seconds at
  /// most, because after a restart it passes by itself.
  @Test func `a poller that is sent away asks again twelve times a minute at most`() async throws {
    let body = #"{"ok":false,"error_code":409,"description":"Conflict: terminated by other"}"#
    var day = Day(
      Self.platforms[0], .success(HTTPResponse(status: 409, body: Data(body.utf8))))
    // The day below goes by in steps of five seconds, so the pause is asked for itself.
    #expect(try await day.poller.turn().waitSeconds >= 5)
    try await day.pass(hours: 1, rooms: 1)
    #expect(day.server.requests.withLock { $0 } <= 12 * 60 + 10)
    #expect(day.lines.all.count == 1, "\(day.lines.all)")
  }

  @Test(arguments: [0, 1], ["1", "3600", "1000000000", "-1", "soon", "date"])
  func `the wish of a 429 is kept, between a second and an hour`(
    _ platform: Int, _ wish: String
  ) async throws {
    let dates = ["date": "Mon, 23 Nov 2026 08:00:00 GMT"]
    let header = wish == "date" ? "Mon, 23 Nov 2026 08:20:00 GMT" : wish
    var headers = dates
    headers["retry-after"] = header
    var day = Day(
      Self.platforms[platform], .success(HTTPResponse(status: 429, headers: headers)))
    let least = ["1": 1.0, "3600": 3600, "1000000000": 3600, "date": 1200]
    let turn = try await day.poller.turn()
    #expect(turn.waitSeconds >= least[wish] ?? 0.5 && turn.waitSeconds <= 3600)
    try await day.write(1, hour: 0)
    let claimed = try await day.ledger.claim(
      accounts: ["desk"], limit: 1, now: day.world.now())
    guard case .again(let at) = await day.sender.carry(claimed[0]) else {
      Issue.record("a 429 is certain: nothing was taken")
      return
    }
    let seconds = Double(at.milliseconds - day.world.now().milliseconds) / 1000
    #expect(seconds >= least[wish] ?? 0.5 && seconds <= 3600 * 1.1 + 1)
  }

  /// What is claimed and then dropped would hold its room back until the next start.
  @Test func `a disk that refuses a trial loses nothing that was claimed before it`() async throws {
    let gate = Gate()
    let ledger = MemoryLedger()
    let now = Instant(seconds: 1_795_420_800)
    let drafts = ["a", "b"].map { account in
      Draft(
        key: account, target: .room(Room(account: account, id: "room")), kind: .reply,
        post: Post(text: "hello"))
    }
    _ = try await ledger.record([Ruling(cause: .own("test"), drafts: drafts)], now: now)
    gate.polled("b", isAnswered: false)
    gate.sent("b", isAnswered: false, now: now)
    let claimed = try await gate.claim(
      from: FailingLedger(ledger, failing: "claim of b"), accounts: ["a", "b"], limit: 10,
      now: now.adding(seconds: 1800))
    #expect(claimed.map(\.key) == ["a"])
  }

  @Test func `posts wait while nothing can be fetched, and go once it can`() async throws {
    let gate = Gate()
    let ledger = MemoryLedger()
    let now = Instant(seconds: 1_795_420_800)
    func claimed(at seconds: Int64) async throws -> Int {
      let claimed = try await gate.claim(
        from: ledger, accounts: ["a", "b"], limit: 10, now: now.adding(seconds: seconds))
      try await ledger.settle(
        claimed.map { ($0.id, .again(at: now)) }, now: now.adding(seconds: seconds))
      return claimed.count
    }
    let drafts = ["a", "a", "b"].enumerated().map { number, account in
      Draft(
        key: "\(number)", target: .room(Room(account: account, id: "\(number)")), kind: .reply,
        post: Post(text: "hello"))
    }
    _ = try await ledger.record([Ruling(cause: .own("test"), drafts: drafts)], now: now)
    gate.sent("a", isAnswered: false, now: now)
    #expect(try await claimed(at: 0) == 3, "a post that fails alone holds nothing back")
    gate.polled("a", isAnswered: false)
    #expect(try await claimed(at: 1) == 3, "sending may work although fetching does not")
    gate.sent("a", isAnswered: false, now: now)
    #expect(try await claimed(at: 2) == 1, "the other account does not wait")
    #expect(gate.isHolding)
    #expect(try await claimed(at: 1799) == 1)
    #expect(try await claimed(at: 1800) == 2, "one tries")
    #expect(try await claimed(at: 1801) == 1)
    gate.polled("a", isAnswered: true)
    #expect(try await claimed(at: 1802) == 3)
  }
}
