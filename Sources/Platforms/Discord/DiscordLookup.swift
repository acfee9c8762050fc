import Crew
import Foundation

extension Discord {
  /// How far the looking for a post has come.
  private struct Search: Codable {
    var me: String
    var channel: String?
    var after: Snowflake?

    init(me: String) { self.me = me }

    init?(_ progress: Progress?) {
      guard let progress,
        let search = try? JSONDecoder().decode(Search.self, from: Data(progress.utf8))
      else { return nil }
      self = search
    }

    var progress: Progress {
      (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
  }

  /// Our clock and the server's may differ by so much.
  private static let skewMilliseconds: Int64 = 60_000

  /// Who we are (anybody can write our words), where the direct channel is, and then what was
  /// written since. Reactions and edits are simply made again.
  public func lookup(
    for post: Post, to target: Target, key: String, sending: Progress?, since: Instant,
    step: Progress?, with credential: Credential
  ) -> HTTPRequest? {
    guard case .message = post.kind else { return nil }
    guard let search = Search(step) else {
      return call(.get, ["users", "@me"], with: credential)
    }
    var way = Way(sending)
    way.channel = search.channel ?? way.channel
    guard let channel = channel(of: post, target, way) else {
      return open(person(of: target), with: credential)
    }
    let from = Snowflake(milliseconds: since.milliseconds - Self.skewMilliseconds)
    return messages(in: channel, after: search.after ?? from, with: credential)
  }

  public func finding(
    in response: HTTPResponse, for post: Post, key: String, since: Instant, step: Progress?
  ) -> Finding {
    guard response.status == 200, let answer = JSON(response.body) else { return .unknown }
    guard var search = Search(step) else {
      guard let me = answer["id"].string, Self.isID(me), answer["username"].string != nil
      else { return .unknown }
      return .next(Search(me: me).progress)
    }
    if answer["type"].integer == 1, let channel = answer["id"].string, Self.isID(channel) {
      search.channel = channel
      return .next(search.progress)
    }
    guard let messages = answer.array else { return .unknown }
    let words = Self.kept(text(of: post).text)
    let answered = post.inReplyTo.flatMap(Self.parts)?.message
    for message in messages where message["author"]["id"].string == search.me {
      guard let id = message["id"].string, let channel = message["channel_id"].string,
        Self.isID(id), Self.isID(channel)
      else { continue }
      // The nonce is not kept for long, so the words and what they answer are compared.
      let reference = message["message_reference"]["message_id"].string
      let isSame =
        message["content"].string.map(Self.kept) == words
        && (reference == nil || reference == answered)
      if message["nonce"].string == Self.nonce(key) || (message["nonce"] == .null && isSame) {
        return .found(id: "\(channel):\(id)")
      }
    }
    guard messages.count >= Self.pageSize,
      let last = messages.compactMap({ Snowflake($0["id"].string) }).max(), last != search.after
    else { return .absent }
    search.after = last
    return .next(search.progress)
  }

  /// As Discord keeps a text: without the white space around it.
  private static func kept(_ text: String) -> String {
    text.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
