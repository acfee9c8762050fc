import Crew
import Foundation

extension Matrix {
  public func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    var reading = Reading(settings: settings, memory: Memory(cursor))
    reading.complaints = reading.memory.complaints(about: cursor)
    switch reading.memory.step {
    case .whoami: try whoami(response, &reading)
    case .profile: try profile(response, &reading)
    case .fill: try reading.takePage(try definite(response))
    case .errand(let index): try reading.takeErrand(index, try definite(response))
    case .sync: try sync(response, &reading)
    }
    let isClockNeeded = reading.memory.since == nil || !reading.memory.errands.isEmpty
    reading.memory.serverSeconds = isClockNeeded ? response.serverSeconds : nil
    return Intake(
      messages: reading.messages, cursor: reading.memory.text,
      waitSeconds: reading.waitSeconds, complaints: reading.complaints)
  }

  private func whoami(_ response: HTTPResponse, _ reading: inout Reading) throws(PollFailure) {
    let answer = try success(response)
    guard let me = answer["user_id"].string, me.hasPrefix("@") else { throw garbage }
    if let user = settings.user, user.hasPrefix("@"), user != me {
      throw .refused(
        "the token of account \(settings.account) belongs to \(me), the config says \(user): "
          + "correct `user` or `token_file`.")
    }
    reading.memory.me = me
  }

  private func profile(_ response: HTTPResponse, _ reading: inout Reading) throws(PollFailure) {
    let answer = try definite(response)
    // No name is no fault: many bots have none.
    if response.status != 200, response.status != 404, response.status != 403 {
      throw failure(of: response)
    }
    reading.memory.name = answer["displayname"].string ?? ""
  }

  private func sync(_ response: HTTPResponse, _ reading: inout Reading) throws(PollFailure) {
    if response.status == 400, reading.memory.since != nil, isTokenRefusal(response) {
      reading.memory.since = nil
      reading.memory.isRecovering = true
      reading.complaints.append("the server refused the sync token: filling from the last events")
      return
    }
    let answer = try success(response)
    guard let next = answer["next_batch"].string, !next.isEmpty else { throw garbage }
    reading.takeSync(answer, next: next)
  }

  /// Synapse says `M_UNKNOWN` "Invalid stream token", or `M_INVALID_PARAM` for a part of it.
  private func isTokenRefusal(_ response: HTTPResponse) -> Bool {
    let code = JSON(response.body)?["errcode"].string
    return code == "M_UNKNOWN" || code == "M_INVALID_PARAM"
  }

  /// A successful answer's object.
  private func success(_ response: HTTPResponse) throws(PollFailure) -> JSON {
    let answer = JSON(response.body)
    guard response.status == 200, let answer, answer.object != nil else {
      throw failure(of: response)
    }
    return answer
  }

  /// An answer that surely comes from the homeserver: success, or an error with its code. What a
  /// proxy or a captive portal says is none, and so is a refused token.
  private func definite(_ response: HTTPResponse) throws(PollFailure) -> Reply {
    let answer = JSON(response.body)
    guard let answer, answer.object != nil, response.status != 401,
      response.status == 200 || answer["errcode"].string != nil
    else { throw failure(of: response) }
    return Reply(status: response.status, answer: answer, response: response)
  }

  private var garbage: PollFailure {
    .retry(afterSeconds: nil, "\(settings.account): the answer is not one of a Matrix server")
  }

  func failure(of response: HTTPResponse) -> PollFailure {
    let answer = JSON(response.body) ?? .null
    let what = "\(settings.account): status \(response.status)" + code(in: response)
    switch response.status {
    case 401 where isExpired(answer):
      return .tokenExpired(what)
    case 401:
      return .refused(
        what + ": the access token is not valid any more; write a new one to `token_file`.")
    case 403 where answer["errcode"].string != nil:
      return .refused(what + ": the server does not let this account in; ask its administrator.")
    case 429:
      return .retry(afterSeconds: wait(in: response, answer), what)
    case 200:
      return garbage
    default:
      return .retry(afterSeconds: response.retryAfterSeconds, what)
    }
  }

  private func isExpired(_ answer: JSON) -> Bool {
    if answer["soft_logout"].bool == true { return true }
    guard case .password = settings.login else { return false }
    return answer["errcode"].string == "M_UNKNOWN_TOKEN"
      || answer["errcode"].string == "M_MISSING_TOKEN"
  }

  /// The header is the rule and `retry_after_ms` what older servers say.
  func wait(in response: HTTPResponse, _ answer: JSON) -> Double? {
    response.retryAfterSeconds
      ?? answer["retry_after_ms"].number.flatMap { HTTPResponse.wish($0 / 1000) }
  }

  /// The error code alone, ` (M_FORBIDDEN)`: the server's sentence could hold anything.
  func code(in response: HTTPResponse) -> String {
    guard let code = JSON(response.body)?["errcode"].string, code.utf8.count <= 64,
      code.utf8.allSatisfy({ byte in
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
          || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      })
    else { return "" }
    return " (\(code))"
  }
}

extension Matrix {
  /// One answer of the homeserver to a fill or an errand.
  struct Reply {
    let status: Int
    let answer: JSON
    let response: HTTPResponse

    subscript(key: String) -> JSON { answer[key] }
    var isSuccess: Bool { status == 200 }
    /// It may go well another time.
    var mayHeal: Bool { status == 429 || status == 408 || status >= 500 }
  }

  /// What one answer is being turned into.
  struct Reading {
    let settings: Settings
    var memory: Memory
    var messages: [Message] = []
    var complaints: [String] = []
    var waitSeconds = 0.0

    var me: String { memory.me ?? "" }
  }
}
