import Crew
import Foundation
import Platforms

/// One platform's reading of any answers, in every state that its script leads to.
public struct PlatformFuzz: Sendable {
  let platform: any Platform
  /// The first is nil: nothing was ever asked.
  public let cursors: [Cursor?]
  /// How far a post can have come, and how far the looking for one; the first is nil each time.
  let ways: [Platforms.Progress?]
  let looks: [Platforms.Progress?]
  /// Answers of the script that were not understood: mistakes in it.
  public let unread: [String]
  /// The script as inputs: each row whole, and each answer in each state.
  let seeds: [[UInt8]]
  private static let credential = Credential(token: "999:canary-TOKEN")
  private static let statuses = [200, 200, 200, 200, 401, 403, 404, 409, 429, 500, 400, 413]
  private static let now = Instant(seconds: 1_766_000_000)
  /// Begins another answer: the record separator stands nowhere in JSON.
  private static let separator: UInt8 = 0x1E
  private static let answersMax = 8

  /// The platforms that are polled.
  public static let reading = PlatformKind.all.filter { $0.make($0.sample).abilities.reads }

  private static let posting = PlatformKind.all.filter { !$0.make($0.sample).abilities.reads }
    .map { PlatformFuzz($0) }

  /// Each that only posts, chosen by the first byte.
  static func places(_ bytes: [UInt8]) throws {
    guard let first = bytes.first, !posting.isEmpty else { return }
    try posting[Int(first) % posting.count].run(Array(bytes.dropFirst()))
  }

  public init(_ kind: PlatformKind) {
    let script = TestedPlatform.all.first { $0.kind == kind }?.script
    self.init(kind, script ?? PlatformScript(settings: kind.sample))
  }

  init(_ kind: PlatformKind, _ script: PlatformScript) {
    let platform = kind.make(script.settings)
    self.platform = platform
    var unread: [String] = []
    cursors = Self.states(script.polls, &unread) { answer, cursor in
      try platform.read(answer, after: cursor).cursor
    }
    ways = Self.states([script.sends], &unread) { answer, way in
      guard case .next(let next) = platform.delivery(of: answer, progress: way) else { return nil }
      return next
    }
    looks = Self.states([script.looks], &unread) { answer, look in
      let finding = platform.finding(
        in: answer, for: Self.post, key: "m1.7", since: Self.now, step: look)
      guard case .next(let next) = finding else { return nil }
      return next
    }
    self.unread = unread
    let rows = script.polls.map { row in
      [0] + Array(row.map(Self.bytes).joined(separator: [Self.separator]))
    }
    let answers = Set(script.polls.joined()).union(script.sends).union(script.looks).sorted()
    seeds =
      rows + cursors.indices.flatMap { state in answers.map { [UInt8(state)] + Self.bytes($0) } }
  }

  /// An answer of a script as a part of an input.
  private static func bytes(_ answer: String) -> [UInt8] {
    let response = PlatformScript.response(answer)
    return [UInt8(statuses.firstIndex(of: response.status) ?? 0)] + response.body
  }

  /// Where each row of answers leads, step by step, every state once.
  private static func states(
    _ rows: [[String]], _ unread: inout [String], _ read: (HTTPResponse, String?) throws -> String?
  ) -> [String?] {
    var states: [String?] = [nil]
    for row in rows {
      var state: String?
      for answer in row {
        guard let next = try? read(PlatformScript.response(answer), state) else {
          unread.append(answer)
          break
        }
        state = next
        if !states.contains(next) { states.append(next) }
      }
    }
    return states
  }

  private static let post = Post(text: Markup("done"))

  private static let target = Target.room(Room(account: "fuzz", id: "1"))

  /// The first byte chooses where the platform stands, the next one the status, the rest is the
  /// body. What follows a separator is the next answer.
  func run(_ bytes: [UInt8]) throws {
    var choices = Choices(bytes)
    let choice = choices.byte()
    var cursor = cursors[Int(choice) % cursors.count]
    let answers = choices.rest.split(
      separator: Self.separator, maxSplits: Self.answersMax, omittingEmptySubsequences: false)
    for (number, answer) in answers.enumerated() {
      let response = response(answer, choice)
      if number == 0 { try send(response, Int(choice)) }
      let intake = Meter.product { try? platform.read(response, after: cursor) }
      guard let intake else { continue }
      try check(intake)
      cursor = intake.cursor
    }
  }

  private func response(_ bytes: ArraySlice<UInt8>, _ choice: UInt8) -> HTTPResponse {
    var choices = Choices(Array(bytes))
    let status = Self.statuses[Int(choices.byte()) % Self.statuses.count]
    var headers = ["date": PlatformScript.date]
    // A number of seconds, or a date of 29 letters.
    if choice > 200 { headers["retry-after"] = choices.text(choice > 228 ? 29 : 4) }
    if choice > 244 { headers["date"] = choices.text(29) }
    return HTTPResponse(status: status, headers: headers, body: Data(choices.rest))
  }

  /// The same bytes as the answer to what we send, to the looking for it, and to a login.
  private func send(_ response: HTTPResponse, _ choice: Int) throws {
    let way = ways[choice % ways.count]
    let delivery = Meter.product { platform.delivery(of: response, progress: way) }
    if case .retry(let wish?) = delivery, !(0...3600).contains(wish) { throw Harm("waits \(wish)") }
    if case .next(let next) = delivery {
      let request = platform.request(
        for: Self.post, to: Self.target, key: "m1.7", progress: next, with: Self.credential)
      try check(request)
    }
    let look = looks[choice % looks.count]
    let finding = Meter.product {
      platform.finding(in: response, for: Self.post, key: "m1.7", since: Self.now, step: look)
    }
    if case .next(let next) = finding,
      let request = platform.lookup(
        for: Self.post, to: Self.target, key: "m1.7", sending: way, since: Self.now, step: next,
        with: Self.credential)
    {
      try check(request)
    }
    _ = Meter.product { try? platform.credential(from: response, now: Self.now) }
  }

  /// An answer in every state there is.
  public func take(_ response: HTTPResponse) throws {
    for cursor in cursors {
      if let intake = try? platform.read(response, after: cursor) { try check(intake) }
    }
    for choice in 0..<max(ways.count, looks.count) { try send(response, choice) }
  }

  private func check(_ request: HTTPRequest) throws {
    guard request.url.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
      throw Harm("asks \(request.url.debugDescription)")
    }
    for (name, value) in request.headers where !(name + value).utf8.allSatisfy({ $0 >= 0x20 }) {
      throw Harm("a header \(name.debugDescription): \(value.debugDescription)")
    }
  }

  private func check(_ intake: Intake) throws {
    guard intake.waitSeconds.isFinite, intake.waitSeconds >= 0 else {
      throw Harm("waits \(intake.waitSeconds)")
    }
    // The cursor that was made must be one that can be read, and asked with.
    guard !intake.complaints.contains(where: { $0.contains("cursor cannot be read") }) else {
      throw Harm("made a cursor that it cannot read")
    }
    try check(platform.poll(after: intake.cursor, with: Self.credential))
    for message in intake.messages {
      guard message.id.utf8.count <= 1024, !message.room.id.isEmpty else {
        throw Harm("an id of \(message.id.utf8.count) bytes in \(message.room.id)")
      }
    }
  }
}
