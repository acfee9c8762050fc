import Crew
import Crypto
import Foundation

extension GoogleChat {
  /// How far a post has come.
  struct Way: StoredMemory {
    /// The direct chat.
    var space: String?
    /// The message is there already: it is asked for by our own name for it.
    var isThere = false
    /// It was not taken as it was: no longer than the older limit, and outside of threads.
    var isPlain = false
  }

  public func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    let way = Way(progress)
    if case .edit(let id) = post.kind {
      let at = MessageID(id)
      return chat(
        .patch, ["spaces", at?.space ?? space(of: target), "messages", at?.message ?? id],
        query: [("updateMask", "text")], body: ["text": .string(text(of: post, way))],
        with: credential)
    }
    if case .direct(let person) = target, way.space == nil {
      return chat(
        .get, [Self.findDirect], query: [("name", "users/" + person.user)],
        with: credential)
    }
    let space = way.space ?? space(of: target)
    if way.isThere {
      return chat(.get, ["spaces", space, "messages", Self.name(key)], with: credential)
    }
    return message(post, in: space, key, way, with: credential)
  }

  private func space(of target: Target) -> String {
    if case .room(let room) = target { room.id } else { "" }
  }

  private func message(
    _ post: Post, in space: String, _ key: String, _ way: Way, with credential: Credential
  ) -> HTTPRequest {
    var query = [("messageId", Self.name(key)), ("requestId", Self.uuid(key))]
    var body: [String: JSON] = ["text": .string(text(of: post, way))]
    if let thread = thread(of: post, in: space), !way.isPlain {
      body["thread"] = ["name": .string("spaces/\(space)/threads/\(thread)")]
      query.append(("messageReplyOption", "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"))
    }
    if let person = post.seenBy, person.account == settings.account, Self.isUser(person.user) {
      body["privateMessageViewer"] = ["name": .string("users/" + person.user)]
    }
    return chat(
      .post, ["spaces", space, "messages"], query: query, body: .object(body), with: credential)
  }

  /// What is answered is answered beneath it, which is how apps answer there.
  private func thread(of post: Post, in space: String) -> String? {
    if let thread = post.thread {
      guard let head = MessageID(thread) else { return Self.isPart(thread) ? thread : nil }
      return head.space == space ? head.thread : nil
    }
    guard let asked = MessageID(post.inReplyTo), asked.space == space else { return nil }
    return asked.thread
  }

  /// Our own name for a message, unique in its space for ever: at most 63 of `[a-z0-9-]`, which a
  /// key is not.
  static func name(_ key: String) -> String {
    "client-" + digest(key).prefix(16).map(hex).joined()
  }

  /// "A random UUID is recommended": one that is the same for every copy (RFC 9562, version 8).
  static func uuid(_ key: String) -> String {
    var bytes = Array(digest(key).suffix(16))
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    let text = bytes.map(hex).joined()
    var parts: [Substring] = []
    var rest = text[...]
    for count in [8, 4, 4, 4, 12] {
      parts.append(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    return parts.joined(separator: "-")
  }

  private static func digest(_ key: String) -> [UInt8] { Array(SHA256.hash(data: Data(key.utf8))) }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// The limit of a text before it was told in bytes: 4096 characters.
  private static let plainMax = 4000

  private func text(of post: Post, _ way: Way) -> String {
    let account = settings.account
    let style = GoogleChatText.style(prefix: abilities.prefix) { identities in
      identities.sorted().first { $0.account == account && Self.isUser($0.user) }
        .map { "<users/\($0.user)>" }
    }
    let limit = way.isPlain ? Self.plainMax : abilities.lengthMax
    // What counts of a text is its bytes as it stands in JSON, though that is not told.
    let text = post.text.written(to: limit, as: style.text) { JSON.bytes(of: $0) }
    // A message without words is refused.
    return text.allSatisfy(\.isWhitespace) ? "…" : text
  }

  // MARK: - Answers

  public func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery {
    let answer = JSON(response.body) ?? .null
    var way = Way(progress)
    if response.status == 200 {
      if let id = MessageID(answer) { return .sent(id: id.text) }
      guard way.space == nil, let space = Self.last(of: answer["name"].string, ["spaces"]) else {
        return .unknown
      }
      way.space = space
      return .next(way.text)
    }
    guard let word = word(in: response) else {
      // It was somebody before Google, who has not passed it on.
      return [404, 405, 429].contains(response.status)
        ? .retry(afterSeconds: response.retryAfterSeconds) : .unknown
    }
    switch response.status {
    case 401: return .tokenExpired
    case 429: return .retry(afterSeconds: response.retryAfterSeconds)
    // Our own name for it is taken: by the copy that arrived.
    case 409 where !way.isThere: way.isThere = true
    case 400 where !way.isPlain: way.isPlain = true
    case 404 where way.isThere: return .sent(id: "")
    case 400, 403, 404, 409, 413: return .refused(refusal(response.status, word, way))
    default: return .unknown
    }
    return .next(way.text)
  }

  private func refusal(_ status: Int, _ word: String, _ way: Way) -> String {
    switch status {
    case 403:
      "the app may not write there (\(word)): it must be in the space, and the Chat API turned on "
        + "in its project"
    case 404: "there is no such space, or no direct chat with this person (\(word))"
    default: "Google Chat does not take the message (\(word))"
    }
  }
}
