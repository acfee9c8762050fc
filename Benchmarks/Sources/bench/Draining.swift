import Crew
import Daemon
import Foundation
import Ledger
import Logging
import Platforms
import Synchronization

/// A whole session with 100,000 commands waiting and nobody to write more: how long until every
/// one is answered, over ten times the same with 10,000.
enum Draining {
  static func measure() async throws {
    let few = try await drain(10_000)
    let many = try await drain(100_000)
    row(
      "drain", many / (10 * few),
      "100,000 in \(many.shown(1)) s: \(Int(100_000 / many)) answered a second;"
        + " 10,000 in \(few.shown(1)) s")
  }

  private static func drain(_ count: Int) async throws -> Double {
    try await withFolder { folder in
      let ledger = try await SQLiteLedger.open(
        at: folder + "/ledger.db", now: Town.start, allowCreate: true, newInstance: "bench")
      var arrivals = [Arrival(Town.message(0, "", .invited))]
      arrivals += (1...count).map { Arrival(Town.message($0, "/kudos mine")) }
      var cursor: String?
      for start in stride(from: 0, to: arrivals.count, by: 100) {
        let part = Array(arrivals[start..<min(start + 100, arrivals.count)])
        _ = try await ledger.ingest(
          part, account: Town.account, from: cursor, to: "\(start)", now: Town.start)
        cursor = "\(start)"
      }
      var setup = Session.Setup(
        accounts: [Account(name: Town.account, platform: Silent(), credential: .init(token: "t"))],
        words: Words(), admission: Town.admission)
      setup.limits.user = .init(perSecond: 1e9, burst: 1e9)
      setup.limits.room = .init(perSecond: 1e9, burst: 1e9)
      let session = Session(
        setup,
        Session.Ports(
          ledger: ledger, network: Nowhere(), clock: Standing(), zones: FoundationZones(),
          log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }))
      let running = Task { try await session.run() }
      let time = try await seconds { try await untilAnswered(ledger) }
      session.stop()
      running.cancel()
      try? await running.value
      await ledger.close()
      return time
    }
  }

  /// Nothing waits, and every answer was taken. Asked seldom: the question itself goes through the
  /// ledger.
  private static func untilAnswered(_ ledger: SQLiteLedger) async throws {
    while try await !ledger.waiting(limit: 1).isEmpty {
      try await Task.sleep(for: .milliseconds(50))
    }
    while true {
      let counts = try await ledger.counts()
      if counts.queued + counts.sending == 0 { return }
      try await Task.sleep(for: .milliseconds(200))
    }
  }
}

/// Its clock stands at the moment everything was written; its sleeps are real.
private struct Standing: Clock {
  func now() -> Instant { Town.start }
  func sleep(seconds: Double) async throws { try await Task.sleep(for: .seconds(seconds)) }
}

/// Takes every post at once; holds every poll.
private struct Nowhere: Network {
  func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
    if request.method == .get {
      try? await Task.sleep(for: .seconds(3600))
      throw NetworkFailure(.cancelled, nothingSent: true, "the end")
    }
    return HTTPResponse(status: 200)
  }
}

private struct Silent: Platform {
  var abilities: Abilities {
    let rate = Abilities.Rate(perSecond: 1e9, burst: 1e9)
    return Abilities(
      threads: false, reactions: true, edits: true, directNeedsContact: false, resend: .never,
      lengthMax: 4096, lengthUnit: .utf16, roomRate: rate, accountRate: rate, prefix: "/")
  }
  func announce(_ commands: [Announcement]) -> [HTTPRequest] { [] }
  func credentialRequest() -> HTTPRequest? { nil }
  func credential(from response: HTTPResponse) throws(PollFailure) -> Credential {
    throw .refused("none")
  }
  func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    HTTPRequest(.get, "http://silent/")
  }
  func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    throw .retry(afterSeconds: 3600, "silent")
  }
  func request(
    for post: Post, to target: Target, key: String, progress: Platforms.Progress?,
    with credential: Credential
  ) -> HTTPRequest { HTTPRequest(.post, "http://silent/", isRepeatable: false) }
  func delivery(of response: HTTPResponse, progress: Platforms.Progress?) -> Delivery {
    .sent(id: "1")
  }
}
