import Crew
import Foundation

extension Matrix {
  static let textBytesMax = 30_000
  /// An edit carries its text twice: once for clients that know no edits.
  static let editBytesMax = 20_000

  public func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    switch target {
    case .room(let room): send(post, to: room.id, key: key, with: credential)
    case .direct(let person):
      direct(post, to: person.user, key: key, Opening(stored: progress), with: credential)
    }
  }

  /// The same key on the same path is taken once by the server.
  func send(
    _ post: Post, to room: String, key: String, with credential: Credential
  ) -> HTTPRequest {
    let type: String
    let content: JSON
    switch post.kind {
    case .message: (type, content) = ("m.room.message", message(post))
    case .edit(let original): (type, content) = ("m.room.message", edit(post, of: original))
    case .reaction(let emoji, let event):
      type = "m.reaction"
      content = [
        "m.relates_to": [
          "rel_type": "m.annotation", "event_id": .string(event), "key": .string(emoji),
        ]
      ]
    }
    return call(.put, ["rooms", room, "send", type, key], body: content, with: credential)
  }

  private func message(_ post: Post) -> JSON {
    let text = MatrixText(post.text, account: settings.account, bytesMax: Self.textBytesMax)
    var content = self.content(text)
    if let relation = relation(of: post) { content["m.relates_to"] = relation }
    return .object(content)
  }

  private func edit(_ post: Post, of original: String) -> JSON {
    let text = MatrixText(post.text, account: settings.account, bytesMax: Self.editBytesMax)
    // The fallback says the new text again, and pings nobody a second time.
    return [
      "msgtype": "m.notice", "body": .string("* " + text.plain), "m.mentions": [:],
      "m.new_content": .object(content(text)),
      "m.relates_to": ["rel_type": "m.replace", "event_id": .string(original)],
    ]
  }

  /// A bot says `m.notice`, so that no other bot answers it; `m.mentions` is always there, so that
  /// no word of the text rings a phone (MSC3952).
  private func content(_ text: MatrixText) -> [String: JSON] {
    let pinged = text.pinged.sorted().map(JSON.string)
    return [
      "msgtype": "m.notice", "body": .string(text.plain),
      "format": "org.matrix.custom.html", "formatted_body": .string(text.html),
      "m.mentions": pinged.isEmpty ? [:] : ["user_ids": .array(pinged)],
    ]
  }

  private func relation(of post: Post) -> JSON? {
    if let root = post.thread {
      // Within a thread a reply to the root is what clients without threads are shown.
      let answered = post.inReplyTo ?? root
      return [
        "rel_type": "m.thread", "event_id": .string(root),
        "is_falling_back": .bool(answered == root),
        "m.in_reply_to": ["event_id": .string(answered)],
      ]
    }
    return post.inReplyTo.map { ["m.in_reply_to": ["event_id": .string($0)]] }
  }

  public func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery {
    let answer = JSON(response.body) ?? .null
    // The first step of a direct post asks who we are; nothing else is answered like this.
    if progress == nil, response.status == 200, answer["event_id"] == .null,
      let me = answer["user_id"].string
    {
      return .next(Opening(me: me).text)
    }
    if let opening = Opening(stored: progress), !opening.isSending || answer["chunk"].array != nil {
      return step(of: opening, response, answer)
    }
    return sent(response, answer)
  }

  /// What became of the send itself.
  func sent(_ response: HTTPResponse, _ answer: JSON) -> Delivery {
    if response.status == 200 {
      return answer["event_id"].string.map { .sent(id: $0) } ?? .unknown
    }
    if answer["errcode"] == "M_DUPLICATE_ANNOTATION" { return .sent(id: "") }
    return refusal(response, answer) ?? .unknown
  }

  /// A refusal that surely means "not taken". Nil where it may have been.
  func refusal(_ response: HTTPResponse, _ answer: JSON) -> Delivery? {
    let code = code(in: response)
    switch response.status {
    case 429: return .retry(afterSeconds: wait(in: response, answer))
    // The poller sees the same answer and gets a new token; the post waits for it.
    case 401: return .retry(afterSeconds: nil)
    case 413: return .refused("the server finds the message too long\(code)")
    case 403 where answer["errcode"] == "M_RESOURCE_LIMIT_EXCEEDED":
      return .retry(afterSeconds: 900)
    case 400 where !code.isEmpty:
      return .refused("the server does not accept the message\(code)")
    case 403 where !code.isEmpty:
      return .refused("the bot may not write there\(code): invite it again or give it the right")
    case 404 where !code.isEmpty:
      return .refused("the server does not know the room\(code)")
    // Without a code it was somebody before the server, a proxy perhaps: it has not seen the post.
    case 400, 403, 404, 405: return .retry(afterSeconds: nil)
    case 406..<500 where ![408, 409, 425].contains(response.status):
      return .refused("the server does not take the message: status \(response.status)\(code)")
    default: return nil
    }
  }
}
