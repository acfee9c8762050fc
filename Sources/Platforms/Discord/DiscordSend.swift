import Crew
import Foundation

extension Discord {
  /// How far a post has come.
  struct Way: Codable, Equatable {
    /// The direct channel.
    var channel: String?
    /// The thread is closed or gone: said in the channel itself.
    var isUnthreaded = false
    /// What is answered may not be named.
    var isPlain = false

    init() {}

    init(_ progress: Progress?) {
      let data = Data((progress ?? "").utf8)
      self = (try? JSONDecoder().decode(Way.self, from: data)) ?? Way()
    }

    var progress: Progress {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
  }

  public func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    let way = Way(progress)
    switch post.kind {
    case .message:
      guard let channel = channel(of: post, target, way) else {
        return open(person(of: target), with: credential)
      }
      var request = call(
        .post, ["channels", channel, "messages"], body: message(post, in: channel, key, way),
        with: credential)
      // The key is known for minutes only.
      request.isRepeatable = false
      return request
    case .edit(let id):
      let at = Self.parts(of: id)
      var body = content(post)
      body["flags"] = .integer(Self.noEmbeds)
      return call(
        .patch,
        ["channels", at?.channel ?? room(of: target), "messages", at?.message ?? id],
        body: .object(body), with: credential)
    case .reaction(let emoji, let id):
      let at = Self.parts(of: id)
      return call(
        .put,
        [
          "channels", at?.channel ?? room(of: target), "messages", at?.message ?? id, "reactions",
          emoji, "@me",
        ], with: credential)
    }
  }

  /// SUPPRESS_EMBEDS and SUPPRESS_NOTIFICATIONS (resources/message, "Message Flags").
  static let noEmbeds: Int64 = 1 << 2
  static let silent: Int64 = 1 << 12

  /// Where it is written; nil where the direct channel must be opened first.
  func channel(of post: Post, _ target: Target, _ way: Way) -> String? {
    if let channel = way.channel { return channel }
    guard case .room(let room) = target else { return nil }
    guard let thread = post.thread, !way.isUnthreaded, Self.isID(thread) else { return room.id }
    return thread
  }

  private func room(of target: Target) -> String {
    if case .room(let room) = target { room.id } else { "0" }
  }

  func person(of target: Target) -> String {
    if case .direct(let person) = target { person.user } else { "" }
  }

  private func message(_ post: Post, in channel: String, _ key: String, _ way: Way) -> JSON {
    var body = content(post)
    body["flags"] = .integer(Self.noEmbeds | (post.isSilent ? Self.silent : 0))
    body["nonce"] = .string(Self.nonce(key))
    body["enforce_nonce"] = true
    // Only a message of the same channel can be answered.
    if let at = post.inReplyTo.flatMap(Self.parts), at.channel == channel, !way.isPlain {
      body["message_reference"] = [
        "message_id": .string(at.message), "fail_if_not_exists": false,
      ]
    }
    return .object(body)
  }

  /// At most 25 characters; what is counted up stands at the end of a key.
  static func nonce(_ key: String) -> String { String(key.suffix(25)) }

  /// The words, and whom they ring for: nobody but those who are named here.
  func content(_ post: Post) -> [String: JSON] {
    let text = text(of: post)
    return [
      "content": .string(text.text),
      "allowed_mentions": [
        "parse": [], "users": .array(text.pinged.map(JSON.string)), "replied_user": false,
      ],
    ]
  }

  func text(of post: Post) -> DiscordText {
    func said(_ markup: Markup) -> DiscordText {
      DiscordText(markup, account: settings.account, prefix: abilities.prefix)
    }
    return post.text.written(to: Self.lengthMax, as: said, by: \.length)
  }

  // MARK: - Answers

  public func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery {
    // A reaction is answered by nothing; that it is Discord who says so, its headers tell.
    if response.status == 204, response.headers["x-ratelimit-bucket"] != nil {
      return .sent(id: "")
    }
    let answer = JSON(response.body) ?? .null
    guard response.status == 200 || response.status == 201 else {
      return refusal(response, Way(progress)) ?? .unknown
    }
    guard let id = answer["id"].string, Self.isID(id) else { return .unknown }
    if let channel = answer["channel_id"].string, Self.isID(channel),
      answer["author"]["id"].string != nil
    {
      return .sent(id: "\(channel):\(id)")
    }
    guard answer["type"].integer == 1 else { return .unknown }
    var way = Way(progress)
    way.channel = id
    return .next(way.progress)
  }

  /// A refusal that surely means "not taken"; nil where it may have been.
  private func refusal(_ response: HTTPResponse, _ way: Way) -> Delivery? {
    let code = code(in: response)
    switch response.status {
    case 429: return .retry(afterSeconds: Self.wait(in: response))
    // The poller sees the same answer and tells of it; too many of them shut the address out.
    case 401: return .retry(afterSeconds: 900)
    case 400, 403, 404: break
    case 405: return .retry(afterSeconds: nil)
    case 413: return .refused("Discord finds the message too long\(code)")
    default: return nil
    }
    var way = way
    switch number(in: response) {
    // Without a number it was somebody before Discord, who has not passed it on.
    case nil: return .retry(afterSeconds: response.status == 403 ? 300 : nil)
    // The write limits of a channel or a server, slow mode, and direct chats opened too fast.
    case 20_016, 20_022, 20_028, 20_029, 40_003:
      return .retry(afterSeconds: max(Self.wait(in: response), 30))
    case 160_002 where !way.isPlain: way.isPlain = true
    case 50_035 where !way.isPlain && namesReference(response): way.isPlain = true
    case 50_083 where !way.isUnthreaded, 10_003 where !way.isUnthreaded: way.isUnthreaded = true
    case 10_003:
      return .refused("Discord does not know the channel\(code)")
    case 50_001, 50_013:
      return .refused(
        "the bot may not write there\(code): give it the rights View Channel, Send Messages, Send "
          + "Messages in Threads, Add Reactions and Read Message History")
    case 50_007: return .refused("this person takes no direct messages from the bot\(code)")
    default: return .refused("Discord does not take the message\(code)")
    }
    return .next(way.progress)
  }

  private func namesReference(_ response: HTTPResponse) -> Bool {
    JSON(response.body)?["errors"]["message_reference"].object != nil
  }
}
