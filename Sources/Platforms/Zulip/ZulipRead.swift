import Crew
import Foundation

extension Zulip {
  /// The server answers within its own `event_queue_longpoll_timeout_seconds`, 90 s; a heartbeat
  /// comes each minute.
  static let pollSeconds = 100.0
  /// Messages in a page: even of 10,000 characters of four bytes each they stay below 8 MiB.
  static let pageMax = 150

  public func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    switch Memory(cursor).step {
    case .me: return get("users/me", with: credential)
    case .baseline:
      return get("messages", page("newest", before: 1, after: 0), with: credential)
    case .ask(.who(let user)): return get("users/\(user)", with: credential)
    case .ask(.mentions(let message)):
      return get("messages/\(message)", [("apply_markdown", "true")], with: credential)
    case .register:
      return send(
        .post, "register",
        [
          ("event_types", #"["message","update_message","subscription","stream","realm_user"]"#),
          // Nothing of the state is needed, and of a large organisation it would be megabytes.
          ("fetch_event_types", #"["message"]"#), ("apply_markdown", "false"),
          ("client_gravatar", "true"), ("include_subscribers", "false"),
        ], with: credential)
    case .fill(let id):
      let query = page(String(id), before: 0, after: Self.pageMax)
      return get("messages", query + [("include_anchor", "false")], with: credential)
    case .events(let queue):
      let last = Memory(cursor).lastEvent
      return get(
        "events", [("queue_id", queue), ("last_event_id", String(last))], with: credential,
        timeoutSeconds: Self.pollSeconds)
    }
  }

  /// `apply_markdown` is true where nobody says otherwise, and then the text would be HTML.
  private func page(_ anchor: String, before: Int, after: Int) -> [(String, String)] {
    [
      ("anchor", anchor), ("num_before", String(before)), ("num_after", String(after)),
      ("apply_markdown", "false"), ("client_gravatar", "true"),
    ]
  }

  public func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    var reading = Reading(zulip: self, memory: Memory(cursor))
    reading.complaints = reading.memory.complaints(about: cursor)
    switch reading.memory.step {
    case .me: try readMe(success(response), &reading)
    case .baseline: try readBaseline(success(response), &reading)
    case .ask(let ask): reading.learn(ask, from: try definite(response))
    case .register: try readQueue(success(response), &reading)
    case .fill(let id): reading.takePage(try list("messages", of: success(response)), after: id)
    case .events:
      let answer = try definite(response)
      if answer["result"].string == "success" {
        reading.takeEvents(try list("events", of: answer)["events"].array ?? [])
      } else {
        // BAD_EVENT_QUEUE_ID (the message is translated, so the code alone counts), or a queue that
        // will not give what we ask of it: no queue is worth keeping, the ids tell all.
        if answer["code"].string != "BAD_EVENT_QUEUE_ID" {
          reading.complaints.append("a new queue, because: \(told(answer, response))")
        }
        reading.memory.loseQueue()
        reading.waitSeconds = 1
      }
    }
    return Intake(
      messages: reading.messages, cursor: reading.memory.text,
      waitSeconds: reading.waitSeconds, complaints: reading.complaints)
  }

  private func readMe(_ answer: JSON, _ reading: inout Reading) throws(PollFailure) {
    guard let me = answer["user_id"].integer else { throw garbage }
    if answer["is_bot"].bool == false {
      reading.complaints.append(
        "\(settings.account): the key is a person's; make a bot of its own, or the two will be "
          + "taken for each other")
    }
    reading.memory.me = me
    reading.memory.name = answer["full_name"].string ?? ""
  }

  /// The baseline comes before the first queue, so that what is written between the two is read.
  private func readBaseline(_ answer: JSON, _ reading: inout Reading) throws(PollFailure) {
    let messages = try list("messages", of: answer)["messages"].array ?? []
    reading.memory.floor = messages.compactMap { $0["id"].integer }.max() ?? 0
  }

  private func readQueue(_ answer: JSON, _ reading: inout Reading) throws(PollFailure) {
    guard let queue = answer["queue_id"].string, !queue.isEmpty else { throw garbage }
    reading.memory.queue = queue
    reading.memory.lastEvent = answer["last_event_id"].integer ?? -1
    reading.memory.fill = reading.memory.floor
  }

  private func list(_ key: String, of answer: JSON) throws(PollFailure) -> JSON {
    guard answer[key].array != nil else { throw garbage }
    return answer
  }

  // MARK: - What went wrong

  private func success(_ response: HTTPResponse) throws(PollFailure) -> JSON {
    guard let answer = JSON(response.body), response.status == 200,
      answer["result"].string == "success"
    else { throw failure(of: response) }
    return answer
  }

  /// An answer that surely comes from Zulip and is about this very call: success, or its refusal.
  private func definite(_ response: HTTPResponse) throws(PollFailure) -> JSON {
    let answer = JSON(response.body) ?? .null
    let isSuccess = response.status == 200 && answer["result"].string == "success"
    let isRefusal =
      answer["result"].string == "error"
      && (response.status == 400 || response.status == 404) && !isAccountTrouble(answer)
    guard isSuccess || isRefusal else { throw failure(of: response) }
    return answer
  }

  private var garbage: PollFailure {
    .retry(afterSeconds: nil, "\(settings.account): the answer is not one of a Zulip server")
  }

  private func isAccountTrouble(_ answer: JSON) -> Bool {
    [
      "UNAUTHORIZED", "INVALID_API_KEY", "USER_DEACTIVATED", "REALM_DEACTIVATED",
      "RATE_LIMIT_HIT",
    ].contains(answer["code"].string)
  }

  func failure(of response: HTTPResponse) -> PollFailure {
    let answer = JSON(response.body) ?? .null
    let what = "\(settings.account): \(told(answer, response))"
    switch response.status {
    case 429: return .retry(afterSeconds: wish(answer, response) ?? 5, what)
    case _ where [401, 403].contains(response.status) || isAccountTrouble(answer):
      return .refused(
        what + ": Zulip does not accept the bot; check `email` and `token_file` (Personal "
          + "settings → Bots shows both), and that the bot is not deactivated.")
    case 404:
      return .retry(
        afterSeconds: nil, what + ": there is no Zulip at \(settings.site); check `site`")
    case 200: return garbage
    default: return .retry(afterSeconds: response.retryAfterSeconds, what)
    }
  }

  /// `retry-after` stands in the body as a fraction of seconds, and in the header.
  func wish(_ answer: JSON, _ response: HTTPResponse) -> Double? {
    answer["retry-after"].number.flatMap(HTTPResponse.wish) ?? response.retryAfterSeconds
  }

  /// The server's own words in one line, short, and without our key in them.
  func told(_ answer: JSON, _ response: HTTPResponse) -> String {
    let words = [answer["code"].string, answer["msg"].string].compactMap { $0 }
      .joined(separator: ": ")
    guard !words.isEmpty else { return "status \(response.status)" }
    let line = String(
      words.unicodeScalars.prefix(200).map { $0.value < 0x20 ? " " : Character($0) })
    let key = settings.key.token
    return key.isEmpty ? line : line.replacingOccurrences(of: key, with: "***")
  }
}
