import Crew
import Foundation

extension RocketChat {
  /// How far a post has come: whom it pings must be known by name, and so must whoever a direct
  /// chat is opened with. All of it may be asked twice.
  struct Way: StoredMemory {
    /// User id → name.
    var names: [String: String] = [:]
    /// How many of those asked for are not there: they stand first among those without a name.
    var lost = 0
    /// The direct chat.
    var room: String?
    /// The server took nothing and said nothing of why: it may hold the message already.
    var isChecking = false
  }

  static let pingsMax = 5

  public func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    let way = Way(progress)
    if way.isChecking, case .message = post.kind {
      return call(
        .get, "chat.getMessage", query: [("msgId", Self.messageID(for: key, with: credential))],
        with: credential)
    }
    if let step = preparation(of: post, target, way, with: credential) { return step }
    switch post.kind {
    case .message:
      var message: [String: JSON] = [
        "_id": .string(Self.messageID(for: key, with: credential)),
        "rid": .string(room(of: target, way)), "msg": .string(text(of: post, way)),
      ]
      if let thread = post.thread { message["tmid"] = .string(thread) }
      return call(
        .post, "chat.sendMessage",
        // No picture of a page that somebody wrote the address of.
        body: ["message": .object(message), "previewUrls": []], with: credential)
    case .edit(let id):
      return call(
        .post, "chat.update",
        body: [
          "roomId": .string(room(of: target, way)), "msgId": .string(id),
          "text": .string(text(of: post, way)), "previewUrls": [],
        ], with: credential)
    case .reaction(let emoji, let id):
      return call(
        .post, "chat.react",
        body: [
          "messageId": .string(id), "emoji": .string(Mattermost.emojiName(emoji)),
          "shouldReact": true,
        ], with: credential)
    }
  }

  private func preparation(
    of post: Post, _ target: Target, _ way: Way, with credential: Credential
  ) -> HTTPRequest? {
    if case .reaction = post.kind { return nil }
    let pinged = post.text.pinged(in: settings.account).filter(Self.isID)
    var people = Array(pinged.prefix(Self.pingsMax))
    if case .direct(let person) = target, way.room == nil {
      people.insert(person.user, at: 0)
    }
    if let unknown = people.filter({ way.names[$0] == nil }).dropFirst(way.lost).first {
      return lookup(person: unknown, with: credential)
    }
    guard case .direct(let person) = target, way.room == nil else { return nil }
    // Gives the same room however often it is asked for.
    return call(
      .post, "dm.create", body: ["username": .string(way.names[person.user] ?? "")],
      with: credential)
  }

  private func room(of target: Target, _ way: Way) -> String {
    switch target {
    case .room(let room): room.id
    case .direct: way.room ?? ""
    }
  }

  private func text(of post: Post, _ way: Way) -> String {
    abilities.fitting(post.text) {
      RocketChatText($0, account: settings.account, names: way.names, prefix: abilities.prefix).text
    }
  }

  // MARK: - Answers

  /// What was asked shows in the answer: a user, a room, a message, or nothing at all (a reaction).
  public func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery {
    let answer = JSON(response.body) ?? .null
    var way = Way(progress)
    guard response.status == 200, answer["success"].bool == true else {
      return refusal(response, answer, way)
    }
    if let person = Self.person(answer["user"], at: nil) {
      // Asked again for the same one it would go round for ever.
      guard way.names[person.id] == nil else { return .unknown }
      way.names[person.id] = person.username
      return .next(way.text)
    }
    if let room = answer["room"].object {
      guard let id = room["rid"]?.string ?? room["_id"]?.string, Self.isID(id), way.room == nil
      else { return .unknown }
      way.room = id
      return .next(way.text)
    }
    if let message = answer["message"].object {
      guard let id = message["_id"]?.string, Self.isID(id) else { return .unknown }
      // The id is ours alone, but who knows.
      guard message["u"]?["_id"].string == settings.user else {
        return .refused("another user has written a message of the same id")
      }
      return .sent(id: id)
    }
    guard answer.object?.count == 1 else { return .unknown }
    // Nothing is all that a reaction brings. A message that brings nothing is looked for; to react
    // once more changes nothing.
    if way.isChecking { return .sent(id: "") }
    way.isChecking = true
    return .next(way.text)
  }

  private func refusal(_ response: HTTPResponse, _ answer: JSON, _ way: Way) -> Delivery {
    let code = code(in: response)
    switch response.status {
    case 429: return .retry(afterSeconds: wait(in: response))
    // The poller sees the same answer and tells of it.
    case 401: return .retry(afterSeconds: nil)
    case 413: return .refused("the server finds the message too long\(code)")
    case 400, 403, 404: break
    case 405: return .retry(afterSeconds: nil)
    default: return .unknown
    }
    // Somebody before the server said it, who has not passed it on.
    guard answer["success"].bool == false else { return .retry(afterSeconds: nil) }
    if way.isChecking { return .refused("the server does not take the message\(code)") }
    if !code.isEmpty || answer["errorType"].string != nil {
      return .refused("the server does not take the message\(code)")
    }
    return unnamed(answer, way)
  }

  /// A refusal without a name. A message that is there already is answered so: nothing is stored,
  /// and the server stumbles over the nothing that it would show. So it is looked for.
  private func unnamed(_ answer: JSON, _ way: Way) -> Delivery {
    var way = way
    if answer["error"].string?.hasPrefix("User not found") == true {
      // Whoever is to be pinged goes by the name we have; a direct chat is refused in the end.
      way.lost += 1
    } else {
      way.isChecking = true
    }
    return .next(way.text)
  }
}
