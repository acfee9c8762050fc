import Crew
import Foundation

extension Slack {
  /// How far the looking for a post has come.
  private struct Search: Stored {
    var me: String
    var bot: String
    var channel: String?
    var page = ""

    init(me: String, bot: String) { (self.me, self.bot) = (me, bot) }
  }

  /// Who we are (any app can write our key into a message), where the direct channel is, and then
  /// what was written there since, with its metadata. Reactions and edits are simply made again.
  public func lookup(
    for post: Post, to target: Target, key: String, sending: Progress?, since: Instant,
    step: Progress?, with credential: Credential
  ) -> HTTPRequest? {
    guard case .message = post.kind else { return nil }
    guard let search = Search(stored: step) else { return call("auth.test", [], with: credential) }
    var channel = search.channel ?? ""
    switch target {
    case .room(let room): channel = room.id
    case .direct(let person):
      if search.channel == nil { return open(person.user, with: credential) }
    }
    // Our clock and theirs may differ by so much.
    let from = Time(microseconds: max(0, (since.milliseconds - 600_000) * 1000)).text
    var arguments = [
      ("channel", channel), ("oldest", from), ("limit", "100"), ("include_all_metadata", "true"),
      ("cursor", search.page),
    ]
    guard let thread = post.thread else {
      return call("conversations.history", arguments, with: credential)
    }
    arguments.append(("ts", Self.root(thread)))
    return call("conversations.replies", arguments, with: credential)
  }

  public func finding(
    in response: HTTPResponse, for post: Post, key: String, step: Progress?
  ) -> Finding {
    guard response.status == 200, let answer = JSON(response.body), answer["ok"].bool == true
    else { return .unknown }
    guard var search = Search(stored: step) else {
      guard let me = answer["user_id"].string, let bot = answer["bot_id"].string else {
        return .unknown
      }
      return .next(Search(me: me, bot: bot).text)
    }
    if let channel = answer["channel"]["id"].string, Self.isID(channel) {
      search.channel = channel
      return .next(search.text)
    }
    guard let messages = answer["messages"].array else { return .unknown }
    for message in messages {
      let isOurs =
        message["user"].string == search.me || message["bot_id"].string == search.bot
      guard isOurs, message["metadata"]["event_payload"]["k"].string == key,
        let ts = message["ts"].string
      else { continue }
      return .found(id: ts)
    }
    let next = answer["response_metadata"]["next_cursor"].string ?? ""
    guard answer["has_more"].bool == true, !next.isEmpty else { return .absent }
    search.page = next
    return .next(search.text)
  }
}
