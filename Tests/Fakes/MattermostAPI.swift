import Crew
import Foundation
import Platforms

extension MattermostFake {
  /// A refusal in the server's form.
  private struct Refusal: Error {
    var status: Int
    var id: String
  }

  public mutating func answer(_ request: FakeRequest, now: Instant) -> FakeAnswer {
    if request.path.starts(with: ["hooks", "commands"]) { return .now(respond(request, now)) }
    do {
      guard request.path.starts(with: ["api", "v4"]) else { throw Refusal(status: 404, id: "api") }
      let me = try authorized(request)
      let (status, body) = try call(
        request.method, Array(request.path.dropFirst(2)), request, me, now)
      return .json(status, body, headers: ["date": now.httpDate])
    } catch {
      let refusal = error as? Refusal ?? Refusal(status: 500, id: "api.unknown")
      return .json(
        refusal.status,
        [
          "id": .string(refusal.id), "message": "refused", "detailed_error": "",
          "request_id": "r", "status_code": .integer(Int64(refusal.status)),
        ], headers: ["date": now.httpDate])
    }
  }

  private func authorized(_ request: FakeRequest) throws -> User {
    let header = request.headers["authorization"] ?? ""
    guard let user = users.first(where: { header == "Bearer \($0.token)" }) else {
      throw Refusal(status: 401, id: "api.context.session_expired.app_error")
    }
    return user
  }

  private mutating func call(
    _ method: String, _ path: [String], _ request: FakeRequest, _ me: User, _ now: Instant
  ) throws -> (Int, JSON) {
    switch (method, path.count, path.first) {
    case ("GET", _, "users"): return (200, try users(path, me))
    case ("POST", 2, "users"): return (200, try users(asked: request, by: path[1]))
    case ("GET", 2, "channels"): return (200, json(try channel(path[1], of: me)))
    case ("POST", 2, "channels") where path[1] == "direct":
      return (201, json(try openDirect(request, me, now)))
    case ("GET", 3, "channels") where path[2] == "posts":
      return (200, try posts(of: try channel(path[1], of: me), request.query))
    case ("POST", 1, "posts"): return (201, json(try create(request, me, now)))
    case ("GET", 2, "posts"): return (200, json(try post(path[1], of: me)))
    case ("GET", 3, "posts") where path[2] == "thread": return (200, try thread(path[1], me))
    case ("GET", 3, "posts") where path[2] == "reactions":
      return (200, .array(reactions.filter { $0.post == path[1] }.map { json($0, now) }))
    case ("PUT", 3, "posts") where path[2] == "patch":
      return (200, json(try patch(path[1], request, me, now)))
    case ("POST", 1, "reactions"): return (201, try react(request, me, now))
    default: throw Refusal(status: 404, id: "api.context.404.app_error")
    }
  }

  // MARK: - Users and channels

  private func users(_ path: [String], _ me: User) throws -> JSON {
    let id = path.count > 1 && path[1] == "me" ? me.id : path.dropFirst().first ?? ""
    if path.count == 3, path[1] == "username" {
      guard let user = users.first(where: { $0.username == path[2] }) else {
        throw Refusal(status: 404, id: "app.user.missing_account.const")
      }
      return json(user)
    }
    guard let user = users.first(where: { $0.id == id }) else {
      throw Refusal(status: 404, id: "app.user.missing_account.const")
    }
    switch path.dropFirst(2) {
    case []: return json(user)
    case ["channels"], ["teams", Self.team, "channels"]:
      guard user.id == me.id else {
        throw Refusal(status: 403, id: "api.context.permissions.app_error")
      }
      return .array(channels.filter { $0.members.contains(user.id) }.map(json))
    case ["teams"]: return [["id": .string(Self.team), "name": "team", "display_name": "Team"]]
    default: throw Refusal(status: 404, id: "api.context.404.app_error")
    }
  }

  private func users(asked request: FakeRequest, by what: String) throws -> JSON {
    guard let asked = request.json?.array?.compactMap(\.string), !asked.isEmpty,
      what == "ids" || what == "usernames"
    else { throw Refusal(status: 400, id: "api.context.invalid_body_param.app_error") }
    return .array(
      users.filter { asked.contains(what == "ids" ? $0.id : $0.username) }.map(json))
  }

  private func channel(_ id: String, of me: User) throws -> Channel {
    guard let channel = channels.first(where: { $0.id == id }) else {
      throw Refusal(status: 404, id: "app.channel.get.existing.app_error")
    }
    guard channel.members.contains(me.id) else {
      throw Refusal(status: 403, id: "api.context.permissions.app_error")
    }
    return channel
  }

  private mutating func openDirect(
    _ request: FakeRequest, _ me: User, _ now: Instant
  ) throws -> Channel {
    let ids = request.json?.array?.compactMap(\.string) ?? []
    guard ids.count == 2, ids.allSatisfy({ id in users.contains { $0.id == id } }) else {
      throw Refusal(status: 400, id: "api.context.invalid_body_param.app_error")
    }
    guard ids.contains(me.id), let other = ids.first(where: { $0 != me.id }) else {
      throw Refusal(status: 403, id: "api.context.permissions.app_error")
    }
    return direct(other, with: me.id, now: now)
  }

  // MARK: - Reading

  private func posts(of channel: Channel, _ query: [String: String]) throws -> JSON {
    let all = posts.filter { $0.channel == channel.id }
    let size = min(max(Int(query["per_page"] ?? "60") ?? 60, 1), 200)
    let skip = (Int(query["page"] ?? "0") ?? 0) * size
    if let since = query["since"] {
      guard let since = Int64(since), since > 0, query["page"] == nil, query["after"] == nil else {
        throw Refusal(status: 400, id: "api.context.invalid_url_param.app_error")
      }
      // Any thousand of them, in no order; deleted ones too.
      let changed = all.filter { $0.updatedAt > since }.sorted {
        String($0.id.reversed()) < String($1.id.reversed())
      }
      return list(Array(changed.prefix(1000)).sorted { $0.createdAt > $1.createdAt })
    }
    let kept = all.filter { $0.deletedAt == 0 }
    guard let after = query["after"] else {
      return list(Array(kept.reversed().dropFirst(skip).prefix(size)))
    }
    guard let anchor = all.first(where: { $0.id == after }) else { return list([]) }
    let later = kept.filter { $0.createdAt > anchor.createdAt }
    return list(later.dropFirst(skip).prefix(size).reversed())
  }

  private func post(_ id: String, of me: User) throws -> Post {
    guard let post = posts.first(where: { $0.id == id && $0.deletedAt == 0 }) else {
      throw Refusal(status: 404, id: "app.post.get.app_error")
    }
    _ = try channel(post.channel, of: me)
    return post
  }

  private func thread(_ id: String, _ me: User) throws -> JSON {
    let root = try post(id, of: me)
    return list(posts.filter { $0.id == root.id || $0.root == root.id }.reversed())
  }

  // MARK: - Writing

  private mutating func create(
    _ request: FakeRequest, _ me: User, _ now: Instant
  ) throws -> Post {
    guard let body = request.json, let id = body["channel_id"].string,
      let message = body["message"].string, !message.isEmpty
    else { throw Refusal(status: 400, id: "api.context.invalid_body_param.app_error") }
    let channel = try channel(id, of: me)
    guard message.unicodeScalars.count <= 16_383 else {
      throw Refusal(status: 400, id: "model.post.is_valid.message_length.app_error")
    }
    let key = body["pending_post_id"].string ?? ""
    if let known = pending[key], known.until > now.milliseconds,
      let post = posts.first(where: { $0.id == known.post })
    {
      return post
    }
    let root = body["root_id"].string ?? ""
    if !root.isEmpty {
      guard let head = posts.first(where: { $0.id == root }), head.root.isEmpty else {
        throw Refusal(status: 400, id: "api.post.create_post.root_id.app_error")
      }
      guard head.channel == id else {
        throw Refusal(status: 400, id: "api.post.create_post.channel_root_id.app_error")
      }
    }
    var props = body["props"].object ?? [:]
    if me.isBot { props["from_bot"] = "true" }
    let post = add(message, by: me.id, in: id, root: root, props: props, now: now)
    if !key.isEmpty { pending[key] = (post.id, now.milliseconds + 30_000) }
    if me.id == Self.bell { note(post, channel, .message) }
    return post
  }

  private mutating func patch(
    _ id: String, _ request: FakeRequest, _ me: User, _ now: Instant
  ) throws -> Post {
    let post = try post(id, of: me)
    guard post.user == me.id else {
      throw Refusal(status: 403, id: "api.context.permissions.app_error")
    }
    guard let message = request.json?["message"].string,
      message.unicodeScalars.count <= 16_383
    else { throw Refusal(status: 400, id: "api.context.invalid_body_param.app_error") }
    edit(id, to: message, now: now)
    let edited = try self.post(id, of: me)
    note(edited, try channel(post.channel, of: me), .edit)
    return edited
  }

  private mutating func react(
    _ request: FakeRequest, _ me: User, _ now: Instant
  ) throws -> JSON {
    guard let body = request.json, let id = body["post_id"].string,
      let emoji = body["emoji_name"].string, Self.isEmoji(emoji)
    else { throw Refusal(status: 400, id: "api.reaction.save_reaction.invalid.app_error") }
    guard body["user_id"].string == me.id else {
      throw Refusal(status: 403, id: "api.reaction.save_reaction.user_id.app_error")
    }
    let post = try post(id, of: me)
    let reaction = (post: id, user: me.id, emoji: emoji)
    if !reactions.contains(where: { $0 == reaction }) { reactions.append(reaction) }
    // A reaction is a change of the post.
    if let place = posts.firstIndex(where: { $0.id == id }) { posts[place].updatedAt = tick(now) }
    if me.id == Self.bell {
      note(post, try channel(post.channel, of: me), .reaction, text: emoji, under: id)
    }
    return json(reaction, now)
  }

  private static func isEmoji(_ name: String) -> Bool {
    (1...64).contains(name.count)
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_+-".contains($0)) }
  }

  private mutating func note(
    _ post: Post, _ channel: Channel, _ kind: Delivered.Kind, text: String? = nil,
    under: String? = nil
  ) {
    let shown = MattermostReader(post.message, names: users.map(\.username))
    delivered.append(
      Delivered(
        kind, id: post.id, room: channel.type == "D" ? nil : channel.id,
        person: channel.type == "D" ? channel.members.first { $0 != Self.bell } : nil,
        text: text ?? shown.text, under: under ?? (post.root.isEmpty ? nil : post.root),
        pings: text == nil ? shown.pings : []))
  }
}
