import Crew
import Foundation

extension Mattermost {
  /// How far the looking for a post has come.
  private struct Search: Stored {
    var me: String
    var channel: String?
    /// What was changed since the first send does not hold it: the newest page is looked at too,
    /// because `since=` now and then gives nothing at all (mattermost/mattermost#34055).
    var isSecondLook = false

    init(me: String) { self.me = me }
  }

  /// Our clock and the server's may differ by so much.
  private static let skewMilliseconds: Int64 = 600_000

  /// Who we are (anybody can write our key into a post), where the direct channel is, and then the
  /// channel's posts. Reactions and edits are simply made again.
  public func lookup(
    for post: Post, to target: Target, key: String, sending: Progress?, since: Instant,
    step: Progress?, with credential: Credential
  ) -> HTTPRequest? {
    guard case .message = post.kind else { return nil }
    guard let search = Search(stored: step) else {
      return call(.get, ["users", "me"], with: credential)
    }
    let channel: String
    switch target {
    case .room(let room): channel = room.id
    case .direct(let identity):
      guard let opened = search.channel else {
        return openDirect(search.me, identity.user, with: credential)
      }
      channel = opened
    }
    let from = max(1, since.milliseconds - Self.skewMilliseconds)
    var request = call(
      .get, ["channels", channel, "posts"],
      query: search.isSecondLook
        ? [("page", "0"), ("per_page", String(Self.pageSize))] : [("since", String(from))],
      with: credential)
    request.responseBytesMax = Self.pollBytesMax
    return request
  }

  public func finding(
    in response: HTTPResponse, for post: Post, key: String, step: Progress?
  ) -> Finding {
    guard response.status == 200 || response.status == 201, let answer = JSON(response.body)
    else { return .unknown }
    guard var search = Search(stored: step) else {
      guard let me = answer["id"].string, Self.isID(me), answer["username"].string != nil
      else { return .unknown }
      return .next(Search(me: me).text)
    }
    if answer["type"].string == "D", let id = answer["id"].string, Self.isID(id) {
      search.channel = id
      return .next(search.text)
    }
    guard let order = answer["order"].array, let posts = answer["posts"].object else {
      return .unknown
    }
    return look(at: order.compactMap(\.string).compactMap { posts[$0] }, key, &search)
  }

  private func look(at posts: [JSON], _ key: String, _ search: inout Search) -> Finding {
    for post in posts where post["user_id"].string == search.me {
      guard post["props"]["crewbell_id"].string == key, let id = post["id"].string else { continue }
      return .found(id: id)
    }
    if search.isSecondLook { return .absent }
    // Any thousand of more: it may be among the others.
    guard posts.count < Self.changesMax else { return .unknown }
    search.isSecondLook = true
    return .next(search.text)
  }
}
