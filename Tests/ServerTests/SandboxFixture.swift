import Crew
import Foundation
import Platforms
import Sandbox

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A sandbox on a free port with a clock of its own, and a bot that talks to it with the very
/// code of the daemon.
struct SandboxFixture: Sendable {
  static let token = "7000:test-TOKEN"
  /// Monday 23 November 2026, 08:00 UTC.
  static let monday: Int64 = 1_795_420_800_000

  let sandbox: Sandbox
  let url: String
  let telegram: Telegram

  /// Starts one, hands it to `work` and stops it, whatever comes of it.
  static func with(
    zone: String = "UTC", _ work: @Sendable (SandboxFixture) async throws -> Void
  ) async throws {
    let sandbox = try Sandbox(
      token: token, zone: zone, realNow: { monday }, random: 123_456_789)
    let url = "http://127.0.0.1:\(try await sandbox.start())"
    let telegram = Telegram(.init(account: "telegram", baseURL: url, token: token))
    do {
      try await work(SandboxFixture(sandbox: sandbox, url: url, telegram: telegram))
    } catch {
      await sandbox.stop()
      throw error
    }
    await sandbox.stop()
  }

  func perform(_ request: Platforms.HTTPRequest) async throws -> HTTPResponse {
    guard let url = URL(string: request.url) else { throw URLError(.badURL) }
    var call = URLRequest(url: url)
    call.httpMethod = request.method.rawValue
    call.httpBody = request.body
    for (name, value) in request.headers { call.setValue(value, forHTTPHeaderField: name) }
    let (data, answer) = try await URLSession.shared.data(for: call)
    let status = (answer as? HTTPURLResponse)?.statusCode ?? 0
    return HTTPResponse(status: status, body: data)
  }

  func poll(_ cursor: Cursor?) async throws -> Intake {
    let request = telegram.poll(after: cursor, with: Credential(token: Self.token))
    return try telegram.read(try await perform(request), after: cursor)
  }

  /// Past getMe and the queue of before first contact.
  func settled() async throws -> Cursor {
    var cursor = try await poll(nil).cursor
    for _ in 1...10 where cursor.contains(#""isBaseline":true"#) {
      cursor = try await poll(cursor).cursor
    }
    return cursor
  }

  func send(_ post: Post, to target: Target? = nil) async throws -> Delivery {
    let room = Target.room(Room(account: "telegram", id: String(sandbox.group)))
    let request = telegram.request(
      for: post, to: target ?? room, key: "k", progress: nil,
      with: Credential(token: Self.token))
    return telegram.delivery(of: try await perform(request), progress: nil)
  }

  func direct(_ person: Int64) -> Target {
    .direct(Identity(account: "telegram", user: String(person)))
  }

  /// A plain call of the Bot API or of the page.
  func post(_ path: String, _ body: String, type: String = "application/json") async throws
    -> HTTPResponse
  {
    try await perform(
      Platforms.HTTPRequest(
        .post, url + path, headers: ["content-type": type], body: Data(body.utf8)))
  }
}
