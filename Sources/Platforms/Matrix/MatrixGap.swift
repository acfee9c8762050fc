import Crew
import Foundation

extension Matrix {
  /// Fifty of the largest events are less than we take in one answer.
  static let pageMax: Int64 = 50
  /// A gap is read back this far and no further; what is older is told as a gap.
  static let gapEventsMax = 1000
  static let gapMilliseconds: Int64 = 24 * 3600 * 1000
  /// Pages may be empty and still not be the last (the spec says so), but not for ever.
  static let gapPagesMax = 60
  static let gapHeldBytesMax = 4 * 1024 * 1024
  static let gapFailuresMax = 8
  /// Clocks of servers differ.
  static let clockSlackMilliseconds: Int64 = 3600 * 1000

  func request(for fill: Fill, with credential: Credential) -> HTTPRequest {
    var query = [
      ("dir", "b"), ("from", fill.from), ("limit", String(Self.pageMax)),
      ("filter", Self.eventFilter.text),
    ]
    if let to = fill.to { query.append(("to", to)) }
    var request = call(.get, ["rooms", fill.room, "messages"], query: query, with: credential)
    request.responseBytesMax = Self.syncBytesMax
    return request
  }
}

extension Matrix.Reading {
  /// One page of a gap. Nothing is told before the gap is filled, because the order counts.
  mutating func takePage(_ reply: Matrix.Reply) throws(PollFailure) {
    guard var fill = memory.fills.first else { return }
    guard reply.isSuccess, let chunk = reply["chunk"].array else {
      try missedPage(fill, reply)
      return
    }
    fill.pages += 1
    let names = Matrix.names(in: (reply["state"].array ?? []) + chunk)
    if isTooOld(chunk, fill) { return close(fill, isWhole: false) }
    if take(chunk, names: names, into: &fill) { return close(fill, isWhole: true) }
    guard let end = reply["end"].string, !end.isEmpty, end != fill.from else {
      // Nothing is older. For a room that was known, the token was the end of it.
      return close(fill, isWhole: true)
    }
    fill.from = end
    let held = fill.held.reduce(0) { $0 + $1.sizeBytes }
    if fill.events >= Matrix.gapEventsMax || fill.pages >= Matrix.gapPagesMax
      || held > Matrix.gapHeldBytesMax
    {
      return close(fill, isWhole: false)
    }
    memory.fills[0] = fill
  }

  /// Takes events, newest first, until one that is known or our own join.
  /// - Returns: true when that was reached: nothing is missing.
  mutating func take(
    _ events: [JSON], names: [String: String], into fill: inout Matrix.Fill
  ) -> Bool {
    var taken: [JSON] = []
    var isWhole = false
    for event in events {
      if let stop = fill.stop, event["event_id"].string == stop { isWhole = true }
      if isOwnArrival(event, isNew: fill.isNew) { isWhole = true }
      if isWhole { break }
      taken.append(event)
    }
    fill.events += taken.count
    var messages: [Message] = []
    for event in taken.reversed() {
      guard let message = message(from: event, in: fill.room, names: names) else { continue }
      messages.append(message)
    }
    fill.held += messages.reversed()
    return isWhole
  }

  /// Our own way into the room; a change of our name is a member event too.
  private func isOwnArrival(_ event: JSON, isNew: Bool) -> Bool {
    guard event["type"] == "m.room.member", event["state_key"].string == me,
      event["content"]["membership"] == "join"
    else { return false }
    guard let before = event["unsigned"]["prev_content"]["membership"].string else { return isNew }
    return before != "join"
  }

  /// By the whole page: one event with a forged time must not end the search.
  private func isTooOld(_ chunk: [JSON], _ fill: Matrix.Fill) -> Bool {
    guard !chunk.isEmpty else { return false }
    let newest = chunk.map { $0["origin_server_ts"].integer ?? 0 }.max() ?? 0
    if newest < fill.newestAt.subtracting(Matrix.gapMilliseconds) { return true }
    // After a new start no token says where the known part begins, so the time does.
    guard fill.to == nil, let stopAt = fill.stopAt else { return false }
    return newest < stopAt.subtracting(Matrix.clockSlackMilliseconds)
  }

  private mutating func missedPage(
    _ fill: Matrix.Fill, _ reply: Matrix.Reply
  ) throws(PollFailure) {
    let platform = Matrix(settings)
    if reply.status == 429 || reply.isSuccess { throw platform.failure(of: reply.response) }
    guard reply.mayHeal, fill.failures < Matrix.gapFailuresMax else {
      complaints.append(
        "a gap in \(fill.room) cannot be filled: status \(reply.status)"
          + platform.code(in: reply.response))
      return close(fill, isWhole: false)
    }
    memory.fills[0].failures += 1
    waitSeconds = Double(1 << min(fill.failures, 6))
  }

  private mutating func close(_ fill: Matrix.Fill, isWhole: Bool) {
    if !isWhole { gap(in: fill.room, token: fill.from) }
    messages += fill.held.reversed()
    memory.fills.removeFirst()
  }
}

extension Message {
  /// About what it takes in the cursor.
  fileprivate var sizeBytes: Int {
    body.reduce(300) { sum, piece in
      switch piece {
      case .text(let text): sum + text.utf8.count
      case .mention(_, let shown): sum + shown.utf8.count + 100
      }
    }
  }
}

extension Int64 {
  fileprivate func subtracting(_ other: Int64) -> Int64 { subtractingReportingOverflow(other).0 }
}
