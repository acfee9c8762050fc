import Crew
import Foundation

extension Feishu {
  /// How far a post has come: what it answers may be gone.
  struct Way: StoredMemory {
    var isPlain = false
  }

  /// 30 KB are taken of a `post` (230025).
  static let bodyBytesMax = 29_000

  public func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    switch post.kind {
    case .message:
      return message(post, to: target, key: key, Way(progress), with: credential)
    case .edit(let id):
      return call(
        .put, "im/v1/messages/" + Percent.encoded(id), body: .object(content(post)),
        with: credential)
    case .reaction(let emoji, let id):
      return call(
        .post, "im/v1/messages/\(Percent.encoded(id))/reactions",
        body: ["reaction_type": ["emoji_type": .string(Self.emojiType(emoji))]], with: credential)
    }
  }

  private func message(
    _ post: Post, to target: Target, key: String, _ way: Way, with credential: Credential
  ) -> HTTPRequest {
    var body = content(post)
    body["uuid"] = .string(Self.uuid(key))
    if let answered = post.inReplyTo, Self.isID(answered), !way.isPlain {
      // In a thread it stays there.
      return call(
        .post, "im/v1/messages/\(answered)/reply", body: .object(body), with: credential)
    }
    let kind: String
    switch target {
    case .room(let room): (kind, body["receive_id"]) = ("chat_id", .string(room.id))
    case .direct(let person): (kind, body["receive_id"]) = ("open_id", .string(person.user))
    }
    return call(
      .post, "im/v1/messages", query: [("receive_id_type", kind)], body: .object(body),
      with: credential)
  }

  /// At most 50 letters; what is counted up stands at the end of a key.
  static func uuid(_ key: String) -> String { String(key.suffix(50)) }

  private func content(_ post: Post) -> [String: JSON] {
    func content(_ markup: Markup) -> FeishuPost {
      FeishuPost(markup, account: settings.account, prefix: abilities.prefix)
    }
    let whole = post.text.written(to: Self.bodyBytesMax - 200, as: content) {
      Self.frameBytes + $0.bytes(isQuoted: true)
    }
    return ["msg_type": "post", "content": .string(whole.json.text)]
  }

  private static let frameBytes = JSON.object(["msg_type": "post", "content": ""]).data.count

  /// Reactions go by name; one that has none here is `OK`.
  static func emojiType(_ emoji: String) -> String {
    let plain = String(emoji.unicodeScalars.filter { $0.value != 0xFE0F }.map(Character.init))
    return ["✅": "DONE", "✔": "DONE", "👍": "THUMBSUP"][plain] ?? "OK"
  }

  // MARK: - Answers

  public func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery {
    let answer = JSON(response.body) ?? .null
    guard let code = answer["code"].integer else {
      switch response.status {
      case 429: return .retry(afterSeconds: FeishuCode.wait(in: response))
      // Somebody before Feishu said it, who has not passed it on.
      case 401, 403, 404, 405: return .retry(afterSeconds: nil)
      default: return .unknown
      }
    }
    if code == 0, response.status == 200 {
      let data = answer["data"]
      if let id = data["message_id"].string, Self.isID(id) { return .sent(id: id) }
      return data["reaction_id"].string == nil ? .unknown : .sent(id: "")
    }
    return refusal(code, response, Way(progress))
  }

  private func refusal(_ code: Int64, _ response: HTTPResponse, _ way: Way) -> Delivery {
    if response.status == 429 || FeishuCode.isLimit(code) {
      return .retry(afterSeconds: FeishuCode.wait(in: response))
    }
    guard (200..<500).contains(response.status), response.status != 408, code != 0 else {
      return .unknown
    }
    if FeishuCode.isToken(code) { return .tokenExpired }
    if FeishuCode.isPermission(code) || code == 230_027 {
      return .held(
        "the app lacks a permission (\(code)): " + FeishuCode.permissions, afterSeconds: 900)
    }
    switch code {
    // What is answered was taken back or is gone.
    case 230_011 where !way.isPlain, 230_050 where !way.isPlain, 230_110 where !way.isPlain:
      var way = way
      way.isPlain = true
      return .next(way.text)
    case 230_002: return .refused("the bot is not in the group (230002): add it again")
    case 230_013:
      return .refused(
        "the app is not available to this person (230013): widen its 可用范围 in the console")
    case 230_017, 230_018, 230_035: return .refused("the bot may not speak there (\(code))")
    case 230_025: return .refused("Feishu finds the message too long (230025)")
    case _ where FeishuCode.isInner(code): return .unknown
    default: return .refused("Feishu does not take the message (\(code))")
    }
  }
}
