import Crew
import Foundation

extension Slack {
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
    if isLostPage(response), reading.leavePage() {
      return Intake(
        messages: [], cursor: reading.memory.text, waitSeconds: Self.lostPageSeconds,
        complaints: reading.complaints)
    }
    switch reading.memory.step {
    case .whoami: try whoami(try answer(response), &reading)
    case .list:
      let answer = try answer(response)
      guard let channels = answer["channels"].array else { throw failure(of: response) }
      reading.takeList(channels, next: answer["response_metadata"]["next_cursor"].string ?? "")
      if reading.memory.channels.isEmpty { wait = 10 }
    case .person(let id): try takePerson(id, response, &reading)
    case .history(let channel, let page):
      wait = Self.pauseSeconds
      guard let answer = try answer(response, in: channel, &reading) else { break }
      guard let messages = answer["messages"].array else { throw failure(of: response) }
      reading.takeHistory(
        channel, page: page, messages, next: Self.next(answer))
    case .thread(let thread):
      guard let answer = try answer(response, in: thread.channel, &reading) else {
        reading.memory.threads.removeFirst()
        break
      }
      guard let messages = answer["messages"].array else { throw failure(of: response) }
      wait = Self.pauseSeconds
      reading.takeReplies(thread, messages, next: Self.next(answer))
    }
    return Intake(
      messages: reading.messages, cursor: reading.memory.text, waitSeconds: wait,
      complaints: reading.complaints)
  }

  /// A long answer is a page; only a short one is read twice.
  private func isLostPage(_ response: HTTPResponse) -> Bool {
    response.body.count < 4096 && error(in: response) == "invalid_cursor"
  }

  /// Before a list is begun anew: its pages might be refused again.
  private static let lostPageSeconds = 10.0

  /// Empty where this was the last page. Both marks are heeded: pages may be short.
  private static func next(_ answer: JSON) -> String {
    guard answer["has_more"].bool == true else { return "" }
    return answer["response_metadata"]["next_cursor"].string ?? ""
  }

  private func whoami(_ answer: JSON, _ reading: inout Reading) throws(PollFailure) {
    guard let me = answer["user_id"].string, Self.isID(me) else {
      throw .retry(
        afterSeconds: nil, "\(settings.account): the answer is not one of Slack")
    }
    guard let bot = answer["bot_id"].string, Self.isID(bot) else {
      throw .refused(
        "the token of account \(settings.account) belongs to a person: write the Bot User OAuth "
          + "Token, xoxb-…, to `token_file`.")
    }
    reading.memory.me = me
    reading.memory.bot = bot
    reading.memory.team = answer["team_id"].string ?? ""
  }

  private func takePerson(
    _ id: String, _ response: HTTPResponse, _ reading: inout Reading
  ) throws(PollFailure) {
    reading.memory.wanted.removeFirst()
    let answer = JSON(response.body) ?? .null
    guard response.status == 200, let isOK = answer["ok"].bool else {
      throw failure(of: response)
    }
    if !isOK {
      guard ["user_not_found", "user_not_visible"].contains(answer["error"].string) else {
        throw failure(of: response)
      }
      reading.memory.nobody.append(id)
      return
    }
    let user = answer["user"]
    let profile = user["profile"]
    let names = [
      profile["display_name"].string, profile["real_name"].string, user["real_name"].string,
      user["name"].string,
    ]
    let isElsewhere = user["team_id"].string.map { $0 != reading.memory.team } ?? false
    reading.memory.learn(
      Person(
        id: id, name: String((names.compactMap { $0 }.first { !$0.isEmpty } ?? id).prefix(100)),
        // Somebody of another workspace, shown here through a shared channel.
        kind: user["is_bot"].bool == true ? .bot : isElsewhere ? .ghost : .person,
        at: reading.now))
  }

  // MARK: - What went wrong

  /// A good answer's object.
  private func answer(_ response: HTTPResponse) throws(PollFailure) -> JSON {
    let answer = JSON(response.body) ?? .null
    guard response.status == 200, answer["ok"].bool == true else { throw failure(of: response) }
    return answer
  }

  /// Nil where this one channel cannot be read; the next list tells more.
  private func answer(
    _ response: HTTPResponse, in channel: String, _ reading: inout Reading
  ) throws(PollFailure) -> JSON? {
    let gone = ["channel_not_found", "not_in_channel", "is_archived", "thread_not_found"]
    let answer = JSON(response.body) ?? .null
    if response.status == 200, answer["ok"].bool == false, let error = answer["error"].string,
      gone.contains(error)
    {
      reading.complaints.append("\(channel) cannot be read: \(error)")
      reading.memory.walk = nil
      reading.memory.turns = Memory.turnsMax
      reading.memory.channels[channel]?.readAt = reading.memory.clock
      reading.finishTurn()
      return nil
    }
    return try self.answer(response)
  }

  static let tokenErrors = [
    "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
    "org_login_required", "team_access_not_granted",
  ]

  func failure(of response: HTTPResponse) -> PollFailure {
    let error = error(in: response)
    let what =
      "\(settings.account): status \(response.status)" + (error.isEmpty ? "" : " (\(error))")
    if response.status == 429 || error == "ratelimited" {
      return .retry(afterSeconds: response.retryAfterSeconds ?? 30, what)
    }
    if Self.tokenErrors.contains(error) || response.status == 401 {
      return .refused(
        what + ": the token is not accepted; write the Bot User OAuth Token of the app to "
          + "`token_file`.")
    }
    if error == "missing_scope" {
      return .refused(
        what + ": the app lacks a right; give it the scopes of config/slack-manifest.yaml and "
          + "install it again.")
    }
    if response.status == 403 { return .refused(what + ": Slack does not let this app in.") }
    if response.status == 200, error.isEmpty {
      return .retry(afterSeconds: nil, "\(settings.account): the answer is not one of Slack")
    }
    return .retry(afterSeconds: response.retryAfterSeconds, what)
  }

  /// The error's name, of small letters; empty where there is none.
  func error(in response: HTTPResponse) -> String {
    guard let error = JSON(response.body)?["error"].string, error.utf8.count <= 64,
      error.utf8.allSatisfy({ (0x61...0x7A).contains($0) || $0 == 0x5F })
    else { return "" }
    return error
  }
}
