import Crew
import Foundation

extension Zulip {
  public func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    switch post.kind {
    case .message:
      let fields = place(of: post, target) + [("content", content(post))]
      return send(.post, "messages", fields, with: credential, isRepeatable: false)
    case .edit(let id):
      return send(
        .patch, "messages/\(number(id))", [("content", content(post))], with: credential)
    case .reaction(let emoji, let id):
      return send(
        .post, "messages/\(number(id))/reactions", [("emoji_name", Self.name(of: emoji))],
        with: credential)
    }
  }

  private func content(_ post: Post) -> String {
    let text = Markdown(post.text, account: settings.account).text(codePointsMax: Self.lengthMax)
    return text.isEmpty ? "…" : text
  }

  /// `stream` and `direct` are the words that servers of today and of 2023 take alike.
  private func place(of post: Post, _ target: Target) -> [(String, String)] {
    if let people = people(target) {
      return [("type", "direct"), ("to", "[\(people)]")]
    }
    guard case .room(let room) = target else { return [] }
    return [("type", "stream"), ("to", number(room.id)), ("topic", topic(post))]
  }

  private func topic(_ post: Post) -> String { post.thread ?? settings.topic }

  /// The others of a direct conversation; nil for a channel.
  private func people(_ target: Target) -> String? {
    switch target {
    case .direct(let identity): number(identity.user)
    case .room(let room) where room.id.hasPrefix("dm:"):
      room.id.dropFirst(3).split(separator: ",").map { number(String($0)) }.joined(separator: ",")
    case .room: nil
    }
  }

  /// What is no number becomes 0, which nothing has: it is refused, and enters no path or list.
  private func number(_ id: String) -> String { String(Int64(id) ?? 0) }

  /// Zulip's own names of emoji (`emoji_names.py`); an unknown one would be refused.
  static func name(of emoji: String) -> String {
    let plain = String(emoji.unicodeScalars.filter { $0.value != 0xFE0F }.map(Character.init))
    return [
      "✅": "check", "✔": "check_mark", "✓": "check_mark", "❌": "cross_mark", "👍": "+1",
      "👎": "-1", "👀": "eyes", "🎉": "tada",
    ][plain] ?? "check"
  }

  // MARK: - What became of it

  public func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery {
    let answer = JSON(response.body) ?? .null
    let isZulip = answer["result"].string == "error"
    switch response.status {
    case 200 where answer["result"].string == "success":
      return .sent(id: answer["id"].integer.map(String.init) ?? "")
    case 429: return .retry(afterSeconds: wish(answer, response) ?? 5)
    // Nothing is wrong with the post; the account is in trouble, and polling tells of it.
    case 401, 403: return .retry(afterSeconds: 900)
    case 400 where answer["code"].string == "REACTION_ALREADY_EXISTS": return .sent(id: "")
    case 400..<500 where isZulip: return .refused(told(answer, response))
    // Something before Zulip answered, and Zulip never saw it.
    case 400, 404, 405, 411, 413, 414, 415, 431: return .retry(afterSeconds: nil)
    default: return .unknown
    }
  }

  // MARK: - Reading back

  /// Own messages of one place, newest first, as far back as the post can be.
  static let lookMax = 100
  /// How far the server's clock may be behind ours.
  static let clockSlackSeconds: Int64 = 300

  public func lookup(
    for post: Post, to target: Target, key: String, sending: Progress?, since: Instant,
    step: Progress?, with credential: Credential
  ) -> HTTPRequest? {
    guard case .message = post.kind else { return nil }
    var narrow: [JSON] = [Self.term("sender", .string(settings.email))]
    if let people = people(target) {
      let others = people.split(separator: ",").compactMap { Int64($0) }.map(JSON.integer)
      narrow.append(Self.term("dm", .array(others)))
    } else if case .room(let room) = target {
      narrow.append(Self.term("stream", .integer(Int64(room.id) ?? 0)))
      narrow.append(Self.term("topic", .string(topic(post))))
    }
    return get(
      "messages",
      [
        ("anchor", step ?? "newest"), ("num_before", String(Self.lookMax)), ("num_after", "0"),
        ("include_anchor", step == nil ? "true" : "false"), ("apply_markdown", "false"),
        ("client_gravatar", "true"), ("narrow", JSON.array(narrow).text),
      ], with: credential)
  }

  private static func term(_ name: String, _ operand: JSON) -> JSON {
    ["operator": .string(name), "operand": operand]
  }

  /// The same words, written since. What answers a message has a higher number than it, whatever
  /// the clocks say; for the rest the server's time is compared with ours.
  public func finding(
    in response: HTTPResponse, for post: Post, key: String, since: Instant, step: Progress?
  ) -> Finding {
    guard response.status == 200, let answer = JSON(response.body),
      answer["result"].string == "success", let messages = answer["messages"].array
    else { return .unknown }
    let words = content(post)
    let answered = post.inReplyTo.flatMap { Int64($0) }
    func isRecent(_ message: JSON) -> Bool {
      if let answered { return (message["id"].integer ?? 0) > answered }
      return (message["timestamp"].integer ?? 0) >= since.seconds - Self.clockSlackSeconds
    }
    let recent = messages.filter(isRecent)
    if let found = recent.last(where: { Markdown.stripped($0["content"].string ?? "") == words }),
      let id = found["id"].integer
    {
      return .found(id: String(id))
    }
    guard let oldest = messages.compactMap({ $0["id"].integer }).min(),
      recent.count == messages.count, answer["found_oldest"].bool != true
    else { return .absent }
    return .next(String(oldest))
  }
}
