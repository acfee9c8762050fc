import Crew
import Foundation

extension RocketChat {
  /// What one answer is being turned into.
  struct Reading {
    let settings: Settings
    var memory: Memory
    /// The server's clock, in seconds.
    var now: Int64?
    var messages: [Message] = []
    var complaints: [String] = []
    var remarks: [String] = []

    var me: String { settings.user }

    func isAllowed(_ user: String) -> Bool {
      settings.invitersAllowed.allows(user)
    }
  }

  public func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    var reading = Reading(
      settings: settings, memory: Memory(cursor), now: response.serverSeconds)
    reading.complaints = reading.memory.complaints(about: cursor)
    let step = reading.memory.step
    switch step {
    case .whoami: try whoami(response, &reading)
    case .person(let asked): try takePerson(response, asked, &reading)
    case .list(let since):
      let answer = try answer(response)
      guard let list = answer["update"].array else { throw failure(of: response) }
      reading.takeRooms(list, removed: answer["remove"].array ?? [], isWhole: since == nil)
    case .read(let errand): try takeMessages(response, errand, &reading)
    }
    let limit = Limit(response)
    if let limit, limit.remaining == 0 { reading.memory.rests[step.path] = limit.reset }
    let pause = limit.flatMap { $0.pause(now: reading.now) } ?? 0
    let wait = reading.memory.choose(
      now: reading.now.map { $0 * 1000 }, pause: max(Self.pauseSeconds, pause))
    var intake = Intake(
      messages: reading.messages, cursor: reading.memory.text, waitSeconds: wait,
      complaints: reading.complaints)
    intake.remarks = reading.remarks
    return intake
  }

  private func answer(_ response: HTTPResponse) throws(PollFailure) -> JSON {
    guard response.status == 200, let answer = JSON(response.body), answer["success"].bool == true
    else { throw failure(of: response) }
    return answer
  }

  private func whoami(_ response: HTTPResponse, _ reading: inout Reading) throws(PollFailure) {
    let answer = try answer(response)
    guard let me = answer["_id"].string, let name = answer["username"].string else {
      throw failure(of: response)
    }
    guard me == settings.user else {
      throw .refused(
        "\(settings.account): the token belongs to another user; write the user id that was shown "
          + "with it to `user`.")
    }
    reading.memory.username = name
    let roles = (answer["roles"].array ?? []).compactMap(\.string)
    if !roles.contains("bot"), !roles.contains("admin") {
      reading.remarks.append(
        "the account has not the role bot, so its server may let it make only ten calls a minute "
          + "of each kind: it hears and answers slowly")
    }
  }

  /// Whoever is not found is nobody. That the question itself is refused must not stop the stream.
  private func takePerson(
    _ response: HTTPResponse, _ asked: String, _ reading: inout Reading
  ) throws(PollFailure) {
    let answer = JSON(response.body) ?? .null
    if let person = Self.person(answer["user"], at: reading.now), response.status == 200 {
      reading.memory.learn(person)
    } else if !isRefusal(response) {
      throw failure(of: response)
    }
    reading.memory.wanted.removeAll { $0 == asked }
    if reading.memory.person(asked) == nil { reading.memory.nobody.append(asked) }
  }

  static func person(_ user: JSON, at now: Int64?) -> Person? {
    guard let id = user["_id"].string, isID(id), let username = user["username"].string,
      !username.isEmpty, username.utf8.count <= 200
    else { return nil }
    let roles = (user["roles"].array ?? []).compactMap(\.string)
    let isBot = ["bot", "app"].contains(user["type"].string) || roles.contains("bot")
    let names = [user["name"].string ?? "", username]
    return Person(
      id: id, username: username, name: String((names.first { !$0.isEmpty } ?? "").prefix(100)),
      kind: isBot ? .bot : user["federated"].bool == true ? .ghost : .person, at: now)
  }

  private func takeMessages(
    _ response: HTTPResponse, _ errand: Errand, _ reading: inout Reading
  ) throws(PollFailure) {
    if isRefusal(response) {
      // We were taken out since the list was made, or the room is gone; a whole list tells.
      reading.complaints.append(
        "\(errand.room) cannot be read: status \(response.status)\(code(in: response)); a server "
          + "before 7.1 cannot be read at all")
      return reading.abandon(errand)
    }
    guard let list = try answer(response)["result"]["updated"].array else {
      throw failure(of: response)
    }
    reading.takePage(errand, list)
  }

  // MARK: - What went wrong

  /// A refusal of this one question, told by the server itself.
  private func isRefusal(_ response: HTTPResponse) -> Bool {
    [400, 403, 404].contains(response.status) && JSON(response.body)?["success"].bool == false
  }

  func failure(of response: HTTPResponse) -> PollFailure {
    let what = "\(settings.account): status \(response.status)" + code(in: response)
    switch response.status {
    case 401:
      return .refused(
        what + ": the access token is not accepted; write the bot's personal access token to "
          + "`token_file` and the user id shown with it to `user`.")
    case 403 where isRefusal(response):
      return .refused(what + ": the server does not let this account in; ask its administrator.")
    case 429: return .retry(afterSeconds: wait(in: response), what)
    case 200:
      return .retry(
        afterSeconds: nil, "\(settings.account): the answer is not one of a Rocket.Chat server")
    default: return .retry(afterSeconds: response.retryAfterSeconds, what)
    }
  }

  /// The end of the limiter's minute stands in a header, in milliseconds since 1970.
  func wait(in response: HTTPResponse) -> Double {
    if let wish = response.retryAfterSeconds { return wish }
    guard let reset = Limit(response)?.reset, let now = response.serverSeconds else { return 10 }
    return HTTPResponse.wish(Double(max(0, reset - now * 1000)) / 1000) ?? 10
  }

  /// The error's name alone, ` (error-not-allowed)`: the server's sentence could hold anything.
  func code(in response: HTTPResponse) -> String {
    let answer = JSON(response.body) ?? .null
    let names = [answer["errorType"].string, answer["error"].string]
    return names.compactMap { $0 }.first { Self.isCode($0) }.map { " (\($0))" } ?? ""
  }

  private static func isCode(_ text: String) -> Bool {
    if ["You_have_been_muted", "room_is_archived", "room_is_blocked"].contains(text) {
      return true
    }
    return text.hasPrefix("error-") && text.utf8.count <= 64
      && text.utf8.allSatisfy { (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D }
  }
}

extension RocketChat {
  /// What the server's limiter tells with each answer it counts (`ApiClass.enforceRateLimit`).
  struct Limit: Equatable {
    var remaining: Int64
    /// In milliseconds since 1970, by the server's clock.
    var reset: Int64

    /// Nil where nothing is counted: the limiter is off, or the bot's role passes it.
    init?(_ response: HTTPResponse) {
      guard let remaining = response.headers["x-ratelimit-remaining"].flatMap(Int64.init),
        let reset = response.headers["x-ratelimit-reset"].flatMap(Int64.init),
        remaining >= 0, (0...253_402_300_799_999).contains(reset)
      else { return nil }
      self.remaining = remaining
      self.reset = reset
    }

    /// What is left of it, spread over what is left of the time.
    func pause(now: Int64?) -> Double? {
      guard let now else { return nil }
      let left = Double(min(max(0, reset - now * 1000), 3_600_000)) / 1000
      return left / Double(max(remaining, 1))
    }
  }
}
