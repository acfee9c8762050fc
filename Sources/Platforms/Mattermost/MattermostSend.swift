import Crew
import Foundation

extension Mattermost {
  /// How far a post has come: whom it pings must be known by name, who we are, and where the
  /// direct channel is. All of it may be asked twice.
  struct Way: StoredMemory {
    var me: String?
    var channel: String?
    /// User id → name of those who are pinged.
    var names: [String: String]?
    /// The thread's head is none: said in the channel itself.
    var isUnrooted = false
  }

  public func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    let way = Way(progress)
    if let step = preparation(of: post, target, way, with: credential) { return step }
    switch post.kind {
    case .message:
      var body: [String: JSON] = [
        "channel_id": .string(channel(of: target, way)),
        "message": .string(text(of: post, way)), "pending_post_id": .string(key),
        // What is read back after a doubt.
        "props": ["crewbell_id": .string(key)],
      ]
      if let root = post.thread, !way.isUnrooted { body["root_id"] = .string(root) }
      var request = call(.post, ["posts"], body: .object(body), with: credential)
      // The server forgets the key after half a minute.
      request.isRepeatable = false
      return request
    case .edit(let id):
      return call(
        .put, ["posts", id, "patch"], body: ["message": .string(text(of: post, way))],
        with: credential)
    case .reaction(let emoji, let id):
      return call(
        .post, ["reactions"],
        body: [
          "user_id": .string(way.me ?? ""), "post_id": .string(id),
          "emoji_name": .string(Self.emojiName(emoji)),
        ], with: credential)
    }
  }

  private func preparation(
    of post: Post, _ target: Target, _ way: Way, with credential: Credential
  ) -> HTTPRequest? {
    var isReaction = false
    if case .reaction = post.kind { isReaction = true }
    let pinged = post.text.pinged(in: settings.account).filter(Self.isID)
    if way.names == nil, !pinged.isEmpty, !isReaction {
      return lookup(people: Array(pinged.prefix(100)), with: credential)
    }
    var person: String?
    if case .direct(let identity) = target, case .message = post.kind { person = identity.user }
    guard let me = way.me else {
      return isReaction || (person != nil && way.channel == nil)
        ? call(.get, ["users", "me"], with: credential) : nil
    }
    guard let person, way.channel == nil else { return nil }
    return openDirect(me, person, with: credential)
  }

  /// Gives the same channel however often it is asked for.
  func openDirect(_ me: String, _ person: String, with credential: Credential) -> HTTPRequest {
    call(
      .post, ["channels", "direct"], body: [.string(me), .string(person)], with: credential)
  }

  private func channel(of target: Target, _ way: Way) -> String {
    switch target {
    case .room(let room): room.id
    case .direct: way.channel ?? ""
    }
  }

  func text(of post: Post, _ way: Way) -> String {
    func said(_ markup: Markup) -> MattermostText {
      MattermostText(
        markup, account: settings.account, names: way.names ?? [:], prefix: abilities.prefix)
    }
    return post.text.written(to: Self.lengthMax, as: said, by: \.length).text
  }

  /// Reactions go by name. One that has none here is the sign for "seen".
  static func emojiName(_ emoji: String) -> String {
    let plain = String(emoji.unicodeScalars.filter { $0.value != 0xFE0F }.map(Character.init))
    return names[plain] ?? "eyes"
  }

  private static let names = [
    "✅": "white_check_mark", "✔": "heavy_check_mark", "❌": "x", "👍": "+1", "👎": "-1",
    "👀": "eyes", "🎉": "tada", "🔔": "bell", "⏰": "alarm_clock", "⭐": "star", "❤": "heart",
    "🙏": "pray", "👏": "clap", "🔥": "fire", "⚠": "warning", "❓": "question",
  ]

  // MARK: - Answers

  /// What was asked shows in the answer: a list of users, oneself, a channel, a post, a reaction.
  public func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery {
    let answer = JSON(response.body) ?? .null
    var way = Way(progress)
    guard response.status == 200 || response.status == 201 else {
      return refusal(response, way) ?? .unknown
    }
    if let users = answer.array, way.names == nil {
      way.names = Dictionary(
        users.compactMap { Self.person($0, at: nil) }.map { ($0.id, $0.username) },
        uniquingKeysWith: { $1 })
      return .next(way.text)
    }
    if answer["post_id"].string != nil, answer["emoji_name"].string != nil { return .sent(id: "") }
    guard let id = answer["id"].string, Self.isID(id) else { return .unknown }
    if answer["channel_id"].string != nil { return .sent(id: id) }
    if way.me == nil, answer["username"].string != nil {
      way.me = id
      return .next(way.text)
    }
    if way.channel == nil, answer["type"].string == "D" {
      way.channel = id
      return .next(way.text)
    }
    return .unknown
  }

  /// A refusal that surely means "not taken"; nil where it may have been.
  private func refusal(_ response: HTTPResponse, _ way: Way) -> Delivery? {
    let code = code(in: response)
    switch response.status {
    case 429: return .retry(afterSeconds: wait(in: response) ?? 5)
    // The poller sees the same answer and tells of it.
    case 401: return .retry(afterSeconds: nil)
    case 400 where code.contains("root_id") && !way.isUnrooted:
      var way = way
      way.isUnrooted = true
      return .next(way.text)
    case 400 where !code.isEmpty:
      return .refused("the server does not accept the message\(code)")
    case 403 where !code.isEmpty:
      return .refused("the bot may not write there\(code): add it to the channel again")
    case 404 where !code.isEmpty:
      return .refused("the server does not know the channel or the message\(code)")
    case 413: return .refused("the server finds the message too long\(code)")
    case 501 where !code.isEmpty: return .refused("the server does not allow it\(code)")
    // Without an id of the error it was somebody before the server, who has not passed it on.
    case 400, 403, 404, 405: return .retry(afterSeconds: nil)
    default: return nil
    }
  }
}
