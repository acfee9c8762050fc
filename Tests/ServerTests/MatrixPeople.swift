import Crew
import Curl
import Foundation
import Platforms
import Synchronization

/// A person at a plain Matrix client of our own.
struct Account: Sendable {
  let user: String
  let token: String
  let url: String
  let network: Curl
  /// The homeserver is one Python process, and the machine may have other things to do.
  private static let patienceSeconds = 120.0

  static func login(
    _ name: String, password: String, url: String, network: Curl
  ) async throws -> Account {
    let nobody = Account(user: "", token: "", url: url, network: network)
    let answer = try await nobody.call(
      .post, "login",
      [
        "type": "m.login.password", "password": .string(password),
        "identifier": ["type": "m.id.user", "user": .string(name)],
      ])
    return Account(
      user: answer["user_id"].string ?? "", token: answer["access_token"].string ?? "", url: url,
      network: network)
  }

  @discardableResult
  func call(_ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil) async throws -> JSON
  {
    let response = try await network.perform(
      HTTPRequest(
        method, url + "/_matrix/client/v3/" + path,
        headers: [
          "Authorization": "Bearer " + token, "Content-Type": "application/json",
        ], body: body?.data, timeoutSeconds: Self.patienceSeconds,
        responseBytesMax: 8 * 1024 * 1024))
    guard response.status == 200, let answer = JSON(response.body) else {
      throw Synapse.Fault(
        "\(method) \(path): \(response.status) \(String(decoding: response.body, as: UTF8.self))")
    }
    return answer
  }

  /// Until the server tells another second than now.
  func untilTheClockTicks() async throws {
    let versions = HTTPRequest(.get, url + "/_matrix/client/versions")
    let now = try await network.perform(versions).headers["date"]
    try await wait(seconds: 10, for: "another second") {
      try await network.perform(versions).headers["date"] != now
    }
  }

  private func part(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }

  func createRoom(
    _ name: String? = nil, inviting users: [String] = [], isDirect: Bool = false,
    more: [String: JSON] = [:]
  ) async throws -> String {
    var body = more
    body["name"] = name.map(JSON.string)
    body["invite"] = .array(users.map(JSON.string))
    body["is_direct"] = .bool(isDirect)
    body["preset"] = body["preset"] ?? "private_chat"
    return try await call(.post, "createRoom", .object(body))["room_id"].string ?? ""
  }

  func join(_ room: String) async throws { try await call(.post, "join/\(part(room))", [:]) }

  func invite(_ user: String, to room: String) async throws {
    try await call(.post, "rooms/\(part(room))/invite", ["user_id": .string(user)])
  }

  func kick(_ user: String, from room: String) async throws {
    try await call(.post, "rooms/\(part(room))/kick", ["user_id": .string(user)])
  }

  func leave(_ room: String) async throws {
    try await call(.post, "rooms/\(part(room))/leave", [:])
  }

  /// - Returns: the event's id.
  @discardableResult
  func say(_ text: String, in room: String, more: [String: JSON] = [:]) async throws -> String {
    var content = more
    content["msgtype"] = content["msgtype"] ?? "m.text"
    content["body"] = .string(text)
    return try await send("m.room.message", .object(content), in: room)
  }

  @discardableResult
  func send(_ type: String, _ content: JSON, in room: String) async throws -> String {
    let path = "rooms/\(part(room))/send/\(type)/\(UUID().uuidString)"
    return try await call(.put, path, content)["event_id"].string ?? ""
  }

  func edit(_ event: String, to text: String, in room: String) async throws {
    try await say(
      "* " + text, in: room,
      more: [
        "m.new_content": ["msgtype": "m.text", "body": .string(text)],
        "m.relates_to": ["rel_type": "m.replace", "event_id": .string(event)],
      ])
  }

  func redact(_ event: String, in room: String) async throws {
    try await call(.put, "rooms/\(part(room))/redact/\(part(event))/\(UUID().uuidString)", [:])
  }

  func state(_ type: String, _ content: JSON, in room: String) async throws {
    try await call(.put, "rooms/\(part(room))/state/\(type)/", content)
  }

  /// - Returns: the new room's id.
  func upgrade(_ room: String) async throws -> String {
    try await call(.post, "rooms/\(part(room))/upgrade", ["new_version": "11"])["replacement_room"]
      .string ?? ""
  }

  /// The latest hundred events, oldest first.
  func timeline(of room: String) async throws -> [JSON] {
    let page = try await call(.get, "rooms/\(part(room))/messages?dir=b&limit=100")
    return (page["chunk"].array ?? []).reversed()
  }

  func members(of room: String) async throws -> [String: String] {
    let events = try await call(.get, "rooms/\(part(room))/members")["chunk"].array ?? []
    return Dictionary(
      events.map { ($0["state_key"].string ?? "", $0["content"]["membership"].string ?? "") }
    ) { $1 }
  }

  private static let questions = Mutex(0)

  /// Rooms to which this person is invited.
  func invitations() async throws -> [String] {
    // For two minutes, Synapse gives the same answer again to the same first question, so no two
    // questions are alike (a first sync never waits).
    let number = Self.questions.withLock { number in
      number += 1
      return number
    }
    let answer = try await call(.get, "sync?timeout=\(number)")
    return answer["rooms"]["invite"].object.map { Array($0.keys) } ?? []
  }
}

/// The platform at work: what the daemon's poller and sender do, without anything else.
final class MatrixBot {
  let matrix: Matrix
  let network: Curl
  let credential: Credential
  let user: String
  var cursor: Cursor?
  /// All that was told, in order, as the ledger would be asked to take it.
  var heard: [Message] = []
  var complaints: [String] = []

  init(_ settings: Matrix.Settings, user: String, network: Curl) async throws {
    matrix = Matrix(settings)
    self.network = network
    self.user = user
    guard let request = matrix.credentialRequest(now: Instant(seconds: 0)) else {
      throw Synapse.Fault("no password")
    }
    credential = try await matrix.credential(
      from: network.perform(request), now: Instant(seconds: 0))
  }

  /// A bot with an account of its own that has seen its baseline.
  static func started(
    _ name: String, on synapse: Synapse, inviters: [String] = ["*:hs.test"]
  ) async throws -> MatrixBot {
    let account = try await synapse.account(name, displayName: "Bell")
    let settings = Matrix.Settings(
      account: "matrix", homeserver: synapse.url, user: name,
      login: .password(Credential(token: "secret")), invitersAllowed: inviters)
    let bot = try await MatrixBot(settings, user: account.user, network: synapse.network)
    try await bot.start()
    return bot
  }

  func start() async throws { for _ in 0..<3 { try await poll() } }

  /// One request and its answer; the wish to wait is kept to a second.
  func poll() async throws {
    let response = try await network.perform(matrix.poll(after: cursor, with: credential))
    do {
      let intake = try matrix.read(response, after: cursor)
      cursor = intake.cursor
      heard += intake.messages
      complaints += intake.complaints
      try await Task.sleep(for: .seconds(min(intake.waitSeconds, 1)))
    } catch {
      guard let failure = error as? PollFailure, case .retry = failure else { throw error }
      try await Task.sleep(for: .seconds(1))
    }
  }

  /// Polls until something is told that fits.
  @discardableResult
  func hear(
    _ what: String, where condition: (Message) -> Bool
  ) async throws -> Message {
    let end = ContinuousClock.now + .seconds(90)
    while true {
      if let message = heard.first(where: condition) { return message }
      guard ContinuousClock.now < end else { throw Synapse.Fault("the bot did not hear \(what)") }
      try await poll()
    }
  }

  @discardableResult
  func hear(text: String) async throws -> Message {
    try await hear(text) { $0.kind == .text && $0.line.contains(text) }
  }

  /// Sends as the daemon's sender does, step by step; waits when asked to.
  @discardableResult
  func post(_ post: Post, to target: Target, key: String) async throws -> String {
    var progress: Platforms.Progress?
    for _ in 0..<40 {
      let request = matrix.request(
        for: post, to: target, key: key, progress: progress, with: credential)
      let response = try await network.perform(request)
      switch matrix.delivery(of: response, progress: progress) {
      case .sent(let id): return id
      case .next(let next): progress = next
      case .retry(let seconds): try await Task.sleep(for: .seconds(seconds ?? 1))
      case let other: throw Synapse.Fault("\(other)")
      }
    }
    throw Synapse.Fault("never sent")
  }

  func room(_ id: String) -> Target { .room(Room(account: "matrix", id: id)) }
}

extension Message {
  /// The plain words, a mention as its id in brackets.
  var line: String {
    body.map { piece in
      switch piece {
      case .text(let text): text
      case .mention(let who, _): "[\(who.user)]"
      }
    }.joined()
  }
}
