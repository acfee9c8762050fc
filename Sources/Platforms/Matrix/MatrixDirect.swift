import Crew
import Foundation

extension Matrix {
  /// How far a direct post has come: who are we, which rooms are listed, is the listed room still
  /// ours alone, else open one, list it, send. Each step may be repeated; the send has our key.
  struct Opening: Stored, Equatable {
    var me: String
    /// What `m.direct` lists, once it was asked.
    var lists: [String: [String]]?
    /// The listed room that is being looked at, the newest first.
    var candidate = 0
    /// Who else is in it. Set where the bot is in there with one other account.
    var companion: String?
    /// No listed room will do: a new one may be made.
    var mayCreate = false
    /// The room that was made.
    var room: String?
    var isListed = false

    init(me: String) { self.me = me }

    /// The post itself is on its way, no preparation.
    var isSending: Bool { isListed || companion != nil }

    func candidates(for person: String) -> [String] {
      Array((lists?[person] ?? []).reversed().prefix(3))
    }
  }

  func getDirect(me: String, with credential: Credential) -> HTTPRequest {
    call(.get, ["user", me, "account_data", "m.direct"], with: credential)
  }

  /// The server replaces the whole list, so what it held is sent along.
  func putDirect(
    _ lists: [String: [String]], adding room: String, for person: String, me: String,
    with credential: Credential
  ) -> HTTPRequest {
    var lists = lists
    lists[person] = (lists[person] ?? []).filter { $0 != room } + [room]
    let content = JSON.object(lists.mapValues { .array($0.map(JSON.string)) })
    return call(
      .put, ["user", me, "account_data", "m.direct"], body: content, with: credential)
  }

  func direct(
    _ post: Post, to person: String, key: String, _ opening: Opening?,
    with credential: Credential
  ) -> HTTPRequest {
    guard let opening else { return call(.get, ["account", "whoami"], with: credential) }
    if let room = opening.room {
      return opening.isListed
        ? send(post, to: room, key: key, with: credential)
        : putDirect(
          opening.lists ?? [:], adding: room, for: person, me: opening.me, with: credential)
    }
    guard opening.lists != nil else { return getDirect(me: opening.me, with: credential) }
    let candidates = opening.candidates(for: person)
    if opening.mayCreate { return create(for: person, with: credential) }
    guard opening.candidate < candidates.count else {
      // Asked again for its answer alone: whatever fails from here on is the making of the room.
      return call(.get, ["account", "whoami"], with: credential)
    }
    let room = candidates[opening.candidate]
    if opening.companion == person { return send(post, to: room, key: key, with: credential) }
    return call(
      .get, ["rooms", room, "members"], query: [("not_membership", "leave")], with: credential)
  }

  private func create(for person: String, with credential: Credential) -> HTTPRequest {
    var request = call(
      .post, ["createRoom"],
      body: [
        "is_direct": true, "preset": "trusted_private_chat", "invite": [.string(person)],
      ], with: credential)
    // A second call would make a second room.
    request.isRepeatable = false
    return request
  }

  /// What one step of preparation brought. Nothing has been said yet, so all that may heal is
  /// tried again.
  func step(of opening: Opening, _ response: HTTPResponse, _ answer: JSON) -> Delivery {
    var next = opening
    let isKnown = response.status == 200 && answer.object != nil
    if opening.room != nil {
      // A list that cannot be kept is no reason to say nothing.
      if response.status == 429 || response.status >= 500 { return retry(response, answer) }
      next.isListed = true
    } else if opening.lists == nil {
      guard isKnown || response.status == 404 else { return retry(response, answer) }
      next.lists = isKnown ? Matrix.lists(in: answer) : [:]
    } else if opening.mayCreate {
      guard isKnown, let room = answer["room_id"].string else {
        return isKnown ? .retry(afterSeconds: nil) : notOpened(response, answer)
      }
      next.room = room
    } else if isKnown, answer["user_id"].string != nil {
      next.mayCreate = true
    } else if isKnown, let members = answer["chunk"].array {
      // Looked at a second time: the one in there is not who was meant.
      next.companion = opening.companion == nil ? companion(of: opening.me, in: members) : nil
      if next.companion == nil { next.candidate += 1 }
    } else if response.status == 403 || response.status == 404 {
      next.candidate += 1
    } else {
      return retry(response, answer)
    }
    return .next(next.text)
  }

  /// The one other account in a room that the bot is in. With three in it, it is no place for
  /// what is said in private.
  private func companion(of me: String, in members: [JSON]) -> String? {
    var present: [String: String] = [:]
    for member in members where member["type"] == "m.room.member" {
      guard let user = member["state_key"].string,
        let membership = member["content"]["membership"].string,
        membership == "join" || membership == "invite"
      else { continue }
      present[user] = membership
    }
    guard present[me] == "join", present.count == 2 else { return nil }
    return present.keys.first { $0 != me }
  }

  private func retry(_ response: HTTPResponse, _ answer: JSON) -> Delivery {
    .retry(afterSeconds: wait(in: response, answer))
  }

  private func notOpened(_ response: HTTPResponse, _ answer: JSON) -> Delivery {
    if case .refused = refusal(response, answer) {
      return .refused("the server does not open a direct room\(code(in: response))")
    }
    return retry(response, answer)
  }
}
