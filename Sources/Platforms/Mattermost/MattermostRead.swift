import Crew
import Foundation

extension Mattermost {
  /// What one answer is being turned into.
  struct Reading {
    let settings: Settings
    var memory: Memory
    /// The server's clock, in seconds.
    var now: Int64?
    var messages: [Message] = []
    var complaints: [String] = []

    var me: String { memory.me ?? "" }
  }

  public func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    var reading = Reading(
      settings: settings, memory: Memory(cursor), now: response.serverSeconds)
    reading.complaints = reading.memory.complaints(about: cursor)
    var wait = 0.0
    switch reading.memory.step {
    case .whoami: try whoami(response, &reading)
    case .people(let ids): try takePeople(response, asked: ids, &reading)
    case .names(let names): try takePeople(response, asked: names, &reading)
    case .read(let errand): try takePosts(response, errand, &reading)
    case .list:
      guard response.status == 200, let list = JSON(response.body)?.array else {
        throw failure(of: response)
      }
      reading.takeChannels(list)
      if reading.memory.errands.isEmpty { wait = Self.pauseSeconds }
    }
    return Intake(
      messages: reading.messages, cursor: reading.memory.text, waitSeconds: wait,
      complaints: reading.complaints)
  }

  private func whoami(_ response: HTTPResponse, _ reading: inout Reading) throws(PollFailure) {
    guard response.status == 200, let answer = JSON(response.body),
      let me = answer["id"].string, Self.isID(me), let name = answer["username"].string
    else { throw failure(of: response) }
    reading.memory.me = me
    reading.memory.username = name.lowercased()
  }

  /// Whoever is not in the answer is nobody. That the question itself is refused must not stop the
  /// stream: people then go by their ids.
  private func takePeople(
    _ response: HTTPResponse, asked: [String], _ reading: inout Reading
  ) throws(PollFailure) {
    let answer = JSON(response.body)
    let isAnswer = response.status == 200 && answer?.array != nil
    guard isAnswer || isRefusal(response) else { throw failure(of: response) }
    if !isAnswer { reading.complaints.append("users cannot be looked up\(code(in: response))") }
    let found = (answer?.array ?? []).compactMap { Self.person($0, at: reading.now) }
    for person in found { reading.memory.learn(person) }
    for one in asked where !found.contains(where: { $0.answers(to: one) }) {
      reading.memory.nobody.append(one)
      // Whoever had this name has another one now.
      if isAnswer { reading.memory.people.removeAll { $0.username == one } }
    }
    if reading.memory.wantedIDs.isEmpty {
      reading.memory.wantedNames = []
    } else {
      reading.memory.wantedIDs = []
    }
  }

  static func person(_ user: JSON, at now: Int64?) -> Person? {
    guard let id = user["id"].string, isID(id), let username = user["username"].string,
      !username.isEmpty, username.utf8.count <= 64
    else { return nil }
    let whole = [user["first_name"].string ?? "", user["last_name"].string ?? ""]
      .filter { !$0.isEmpty }.joined(separator: " ")
    let names = [user["nickname"].string ?? "", whole, username]
    // `remote_id`: an account of another server, shown here through a shared channel.
    let isRemote = user["remote_id"].string.map { !$0.isEmpty } ?? false
    return Person(
      id: id, username: username.lowercased(),
      name: String((names.first { !$0.isEmpty } ?? username).prefix(100)),
      kind: user["is_bot"].bool == true ? .bot : isRemote ? .ghost : .person, at: now)
  }

  private func takePosts(
    _ response: HTTPResponse, _ errand: Errand, _ reading: inout Reading
  ) throws(PollFailure) {
    if isRefusal(response) {
      // We were taken out since the list was made, or the channel is gone; the next list tells.
      reading.complaints.append(
        "\(errand.channel) cannot be read: status \(response.status)\(code(in: response))")
      return reading.abandon(errand)
    }
    let answer = JSON(response.body) ?? .null
    guard response.status == 200, let order = answer["order"].array,
      answer["posts"].object != nil || order.isEmpty
    else { throw failure(of: response) }
    reading.takePage(errand, order, answer["posts"])
  }

  /// A refusal of this one question, told by the server itself.
  private func isRefusal(_ response: HTTPResponse) -> Bool {
    [400, 403, 404].contains(response.status) && !code(in: response).isEmpty
  }

  func failure(of response: HTTPResponse) -> PollFailure {
    let what = "\(settings.account): status \(response.status)" + code(in: response)
    switch response.status {
    case 401:
      return .refused(
        what + ": the access token is not valid; write the bot's token to `token_file`.")
    case 403 where !code(in: response).isEmpty:
      return .refused(what + ": the server does not let this account in; ask its administrator.")
    case 429: return .retry(afterSeconds: wait(in: response) ?? 5, what)
    case 200:
      return .retry(
        afterSeconds: nil, "\(settings.account): the answer is not one of a Mattermost server")
    default: return .retry(afterSeconds: response.retryAfterSeconds, what)
    }
  }

  /// The limiter says how long in `Retry-After`, and in `X-RateLimit-Reset` the seconds that are
  /// left (its documents say a time, its source the seconds).
  func wait(in response: HTTPResponse) -> Double? {
    response.retryAfterSeconds
      ?? response.headers["x-ratelimit-reset"].flatMap(Double.init).flatMap {
        $0 <= 3600 ? HTTPResponse.wish($0) : nil
      }
  }

  /// The error's id alone, ` (api.context.session_expired.app_error)`: the server's sentence could
  /// hold anything.
  func code(in response: HTTPResponse) -> String {
    guard let code = JSON(response.body)?["id"].string, code.contains("."), code.utf8.count <= 128,
      code.utf8.allSatisfy({ byte in
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
          || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      })
    else { return "" }
    return " (\(code))"
  }
}

extension Mattermost.Person {
  func answers(to asked: String) -> Bool { id == asked || username == asked }
}
