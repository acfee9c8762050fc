import Crew
import Fakes
import Foundation
import Platforms

/// A platform alone on its fake, on a clock of its own. Every call of ours and every answer of the
/// fake is kept as it went over the wire, to be held against what the vendor says of its API.
struct VendorTalk<Chat: FakeChat> {
  let platform: any Platform
  var chat: Chat
  var credential: Credential
  var cursor: Cursor?
  var now = ChatRun.start
  private(set) var messages: [Message] = []
  /// Each call as a line for the scripts that read descriptions.
  private(set) var calls: [JSON] = []

  /// Logs in where that takes a call, which is the first then.
  init(_ platform: any Platform, _ chat: Chat, _ credential: Credential = Credential(token: ""))
    throws
  {
    (self.platform, self.chat, self.credential) = (platform, chat, credential)
    if let login = platform.credentialRequest(now: now) {
      self.credential = try platform.credential(from: send(login), now: now)
    }
  }

  mutating func send(_ request: HTTPRequest) -> HTTPResponse {
    now = now.adding(seconds: 1)
    let call = FakeRequest(request)
    let response: HTTPResponse
    switch chat.answer(call, now: now) {
    case .now(let answer), .hold(_, else: let answer): response = answer
    }
    calls.append([
      "url": .string(request.url), "method": .string(call.method),
      "path": .string("/" + call.path.joined(separator: "/")),
      "query": .object(call.query.mapValues(JSON.string)), "request": call.json ?? .null,
      "status": .integer(Int64(response.status)), "response": JSON(response.body) ?? .null,
    ])
    return response
  }

  /// One call for news.
  @discardableResult
  mutating func poll() throws -> Intake {
    let response = send(platform.poll(after: cursor, with: credential))
    let intake = try platform.read(response, after: cursor)
    cursor = intake.cursor
    messages += intake.messages
    return intake
  }

  mutating func poll(_ times: Int) throws {
    for _ in 0..<times { try poll() }
  }

  /// - Returns: what the platform made of the last answer.
  @discardableResult
  mutating func say(_ post: Post, to target: Target, key: String? = nil) -> Delivery {
    var progress: Platforms.Progress?
    let key = key ?? "k\(calls.count)"
    for _ in 0..<8 {
      let response = send(
        platform.request(for: post, to: target, key: key, progress: progress, with: credential))
      let delivery = platform.delivery(of: response, progress: progress)
      guard case .next(let next) = delivery else { return delivery }
      progress = next
    }
    return .unknown
  }

  mutating func look(for post: Post, in target: Target) -> Finding {
    var step: Platforms.Progress?
    for _ in 0..<8 {
      guard
        let request = platform.lookup(
          for: post, to: target, key: "k0", sending: nil, since: now, step: step, with: credential)
      else { return .unknown }
      let finding = platform.finding(
        in: send(request), for: post, key: "k0", since: now, step: step)
      guard case .next(let next) = finding else { return finding }
      step = next
    }
    return .unknown
  }

  /// The last word of each path that was called.
  var paths: Set<String> {
    Set(calls.compactMap { $0["path"].string?.split(separator: "/").last.map(String.init) })
  }
  var statuses: Set<Int> { Set(calls.compactMap { $0["status"].integer.map { Int($0) } }) }
}

/// What the vendors say of their APIs, in the folder that `CREWBELL_VENDOR_DATA` names.
enum VendorData {
  static let folder = ProcessInfo.processInfo.environment["CREWBELL_VENDOR_DATA"].map {
    URL(filePath: $0)
  }

  /// Holds calls, a line of JSON each, against descriptions.
  /// - Returns: the last line of what the script says, and all of it.
  static func hold(
    _ calls: [JSON], by script: String, _ descriptions: String...
  ) async throws -> (last: String, all: String) {
    guard let folder else { return ("", "") }
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).jsonl")
    try Data(calls.map(\.text).joined(separator: "\n").utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let paths = descriptions.map { folder.appending(path: "specs/\($0)").path() }
    let said = try await Script.run(script, [file.path()] + paths)
    return (said.split(separator: "\n").last.map(String.init) ?? "", said)
  }
}
