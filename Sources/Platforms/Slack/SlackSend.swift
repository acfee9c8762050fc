import Crew
import Foundation

extension Slack {
  /// How far a post has come.
  struct Way: StoredMemory {
    var channel: String?
    /// The thread's head is none: said in the channel itself.
    var isUnrooted = false
  }

  public func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    let way = Way(progress)
    var channel = way.channel ?? ""
    switch target {
    case .room(let room): channel = room.id
    case .direct(let person):
      if case .message = post.kind, way.channel == nil {
        return open(person.user, with: credential)
      }
    }
    switch post.kind {
    case .message: return message(post, in: channel, key, way, with: credential)
    case .edit(let id):
      let at = Self.parts(of: id)
      var body = content(post)
      body["channel"] = .string(at?.channel ?? channel)
      body["ts"] = .string(at?.time ?? id)
      return call("chat.update", .object(body), with: credential)
    case .reaction(let emoji, let id):
      let at = Self.parts(of: id)
      return call(
        "reactions.add",
        [
          "channel": .string(at?.channel ?? channel), "timestamp": .string(at?.time ?? id),
          "name": .string(Mattermost.emojiName(emoji)),
        ], with: credential)
    }
  }

  /// Gives the same channel however often it is asked for.
  func open(_ person: String, with credential: Credential) -> HTTPRequest {
    call("conversations.open", ["users": .string(person)], with: credential)
  }

  private func message(
    _ post: Post, in channel: String, _ key: String, _ way: Way, with credential: Credential
  ) -> HTTPRequest {
    var body = content(post)
    body["channel"] = .string(channel)
    body["unfurl_links"] = false
    body["unfurl_media"] = false
    // What is read back after a doubt.
    body["metadata"] = ["event_type": "crewbell", "event_payload": ["k": .string(key)]]
    if let thread = post.thread, !way.isUnrooted { body["thread_ts"] = .string(Self.root(thread)) }
    var request = call("chat.postMessage", .object(body), with: credential)
    request.isRepeatable = false
    return request
  }

  /// A thread is the `ts` of its head, or the whole id of a message of ours.
  static func root(_ thread: String) -> String { parts(of: thread)?.time ?? thread }

  func content(_ post: Post) -> [String: JSON] {
    func said(_ markup: Markup) -> SlackText {
      SlackText(markup, account: settings.account, prefix: abilities.prefix)
    }
    let text = post.text.written(to: Self.lengthMax, as: said, by: \.length)
    return [
      "text": .string(text.escaped), "blocks": text.blocks, "parse": "none", "link_names": false,
    ]
  }

  // MARK: - Answers

  public func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery {
    if response.status == 429 { return .retry(afterSeconds: response.retryAfterSeconds ?? 30) }
    guard response.status == 200, let answer = JSON(response.body), let isOK = answer["ok"].bool
    else { return uncertain(response) }
    guard isOK else { return refusal(response, Way(progress)) }
    if let channel = answer["channel"]["id"].string, Self.isID(channel) {
      var way = Way(progress)
      way.channel = channel
      return .next(way.text)
    }
    if let channel = answer["channel"].string, let ts = answer["ts"].string {
      return .sent(id: "\(channel):\(ts)")
    }
    // reactions.add says no more than that it is well.
    return .sent(id: "")
  }

  private func uncertain(_ response: HTTPResponse) -> Delivery {
    switch response.status {
    case 401: .retry(afterSeconds: nil)
    // It never came to the method.
    case 400, 403, 404, 405: .retry(afterSeconds: nil)
    case 413: .refused("Slack finds the message too long")
    default: .unknown
    }
  }

  /// `ok` is false: in most cases nothing was done, and the name of the error tells.
  private func refusal(_ response: HTTPResponse, _ way: Way) -> Delivery {
    let error = error(in: response)
    switch error {
    case "already_reacted", "message_not_modified": return .sent(id: "")
    case "ratelimited", "rate_limited":
      return .retry(afterSeconds: response.retryAfterSeconds ?? 30)
    case "", "internal_error", "fatal_error", "service_unavailable", "request_timeout",
      "team_added_to_org":
      return .unknown
    case _ where Self.tokenErrors.contains(error): return .retry(afterSeconds: 900)
    case "thread_not_found", "invalid_thread_ts", "cannot_reply_to_message":
      if way.isUnrooted { break }
      var way = way
      way.isUnrooted = true
      return .next(way.text)
    case "not_in_channel", "channel_not_found", "is_archived":
      return .refused("the bot may not write there (\(error)): invite it again")
    case "missing_scope":
      return .refused(
        "the app lacks a right: give it the scopes of config/slack-manifest.yaml")
    default: break
    }
    return .refused("Slack does not take the message (\(error))")
  }
}
