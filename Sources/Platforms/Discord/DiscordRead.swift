import Crew
import Foundation

extension Discord {
  /// What one answer is being turned into.
  struct Reading {
    let settings: Settings
    var memory: Memory
    /// The server's clock, in milliseconds.
    var now: Int64?
    var messages: [Message] = []
    var complaints: [String] = []

    var me: String { memory.me ?? "" }

    func isAllowed(_ user: String) -> Bool {
      settings.invitersAllowed.allows(user)
    }
  }

  public func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    var reading = Reading(
      settings: settings, memory: Memory(cursor), now: Self.now(by: response))
    if let cursor, cursor != "", reading.memory == Memory() {
      reading.complaints.append("the stored cursor cannot be read: starting with a new baseline")
    }
    let errand = reading.memory.errand
    reading.memory.limits.learn(response, of: errand, now: reading.now)
    if try isClosed(errand, response, &reading) {
      return intake(&reading)
    }
    let answer = try answer(response)
    switch errand {
    case .whoami: try whoami(answer, &reading)
    case .guilds(let after):
      let list = try list(answer, response)
      if let next = reading.takeGuilds(list, after: after) {
        reading.memory.errand = .guilds(after: next)
        return Intake(
          messages: reading.messages, cursor: reading.memory.cursor,
          waitSeconds: Self.pauseSeconds, complaints: reading.complaints)
      }
    case .channels(let guild): reading.takeChannels(of: guild, try list(answer, response))
    case .threads(let guild):
      reading.takeThreads(of: guild, try list(answer["threads"], response))
    case .open(let person):
      guard let id = answer["id"].string, Self.isID(id), answer["type"].integer == 1 else {
        throw failure(of: response)
      }
      reading.opened(id, with: person, last: Snowflake(answer["last_message_id"].string))
    case .messages(let channel, let after):
      reading.takeMessages(in: channel, after: after, try list(answer, response))
    }
    return intake(&reading)
  }

  private func intake(_ reading: inout Reading) -> Intake {
    let wait = reading.memory.choose(now: reading.now)
    return Intake(
      messages: reading.messages, cursor: reading.memory.cursor, waitSeconds: wait,
      complaints: reading.complaints)
  }

  private func answer(_ response: HTTPResponse) throws(PollFailure) -> JSON {
    guard response.status == 200, let answer = JSON(response.body) else {
      throw failure(of: response)
    }
    return answer
  }

  private func list(_ json: JSON, _ response: HTTPResponse) throws(PollFailure) -> [JSON] {
    guard let list = json.array else { throw failure(of: response) }
    return list
  }

  private func whoami(_ answer: JSON, _ reading: inout Reading) throws(PollFailure) {
    guard let me = answer["id"].string, Self.isID(me), answer["username"].string != nil else {
      throw .retry(afterSeconds: nil, "\(settings.account): the answer is not one of Discord")
    }
    guard answer["bot"].bool == true else {
      throw .refused(
        "the token of account \(settings.account) belongs to a person: write the token of a bot "
          + "to `token_file`.")
    }
    reading.memory.me = me
  }

  // MARK: - What went wrong

  /// True where this one guild, channel or person is closed to us; the others are not.
  private func isClosed(
    _ errand: Errand, _ response: HTTPResponse, _ reading: inout Reading
  ) throws(PollFailure) -> Bool {
    guard [400, 403, 404].contains(response.status), let code = number(in: response) else {
      return false
    }
    switch errand {
    case .whoami, .guilds: return false
    case .channels(let guild), .threads(let guild):
      reading.complaints.append("guild \(guild) cannot be read (\(code))")
      reading.skip(guild)
    case .open(let person): reading.cannotOpen(person)
    case .messages(let channel, _):
      if reading.memory.isOurs(channel) {
        reading.complaints.append(
          "channel \(channel) cannot be read (\(code)): give the bot the rights View Channel and "
            + "Read Message History there")
      }
      reading.close(channel, isGone: code == 10_003)
    }
    return true
  }

  func failure(of response: HTTPResponse) -> PollFailure {
    let what = "\(settings.account): status \(response.status)" + code(in: response)
    switch response.status {
    case 401:
      return .refused(
        what + ": the token is not accepted; write the bot's token (Developer Portal, Bot, Reset "
          + "Token) to `token_file`.")
    case 403 where number(in: response) != nil:
      return .refused(what + ": Discord does not let this bot in.")
    // Ten thousand such answers within ten minutes shut an address out.
    case 403: return .retry(afterSeconds: 300, what)
    case 429: return .retry(afterSeconds: Self.wait(in: response), what)
    case 200:
      return .retry(afterSeconds: nil, "\(settings.account): the answer is not one of Discord")
    default: return .retry(afterSeconds: response.retryAfterSeconds, what)
    }
  }

  /// The number of the error (topics/opcodes-and-status-codes, "JSON Error Codes").
  func number(in response: HTTPResponse) -> Int64? {
    let answer = JSON(response.body)
    guard answer?["message"].string != nil else { return nil }
    return answer?["code"].integer
  }

  /// The number alone, ` (50001)`: the sentence could hold anything.
  func code(in response: HTTPResponse) -> String {
    number(in: response).map { " (\($0))" } ?? ""
  }
}
