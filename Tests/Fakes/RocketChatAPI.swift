import Crew
import Foundation
import Platforms

extension RocketChatFake {
  /// A refusal in the server's form; `type` is empty for one without a name.
  private struct Refusal: Error {
    var status = 400
    var type = ""
    var words: String
  }

  public mutating func answer(_ request: FakeRequest, now: Instant) -> FakeAnswer {
    var headers = ["date": now.httpDate]
    do {
      guard request.path.starts(with: ["api", "v1"]), request.path.count == 3 else {
        return .json(404, ["success": false, "error": "Resource not found"], headers: headers)
      }
      let me = try authorized(request)
      try count(request, me, now, &headers)
      var body = try call(request.method, request.path[2], request, me, now)
      body["success"] = true
      return .json(200, .object(body), headers: headers)
    } catch {
      let refusal = error as? Refusal ?? Refusal(words: "\(error)")
      var body: [String: JSON] = ["success": false, "error": .string(refusal.words)]
      if refusal.status == 401 { body = ["status": "error", "message": .string(refusal.words)] }
      if !refusal.type.isEmpty { body["errorType"] = .string(refusal.type) }
      return .json(refusal.status, .object(body), headers: headers)
    }
  }

  private func authorized(_ request: FakeRequest) throws -> User {
    guard
      let user = users.first(where: {
        request.headers["x-auth-token"] == $0.token && request.headers["x-user-id"] == $0.id
      })
    else { throw Refusal(status: 401, words: "You must be logged in to do this.") }
    return user
  }

  private mutating func count(
    _ request: FakeRequest, _ me: User, _ now: Instant, _ headers: inout [String: String]
  ) throws {
    guard let most = callsPerMinute, me.id == Self.bell else { return }
    var minute = calls[request.path[2]] ?? (now.milliseconds, 0)
    if now.milliseconds - minute.since >= 60_000 { minute = (now.milliseconds, 0) }
    minute.count += 1
    calls[request.path[2]] = minute
    headers["x-ratelimit-limit"] = String(most)
    headers["x-ratelimit-remaining"] = String(max(0, most - minute.count))
    headers["x-ratelimit-reset"] = String(minute.since + 60_000)
    guard minute.count > most else { return }
    throw Refusal(
      status: 429, type: "error-too-many-requests", words: "Error, too many requests.")
  }

  private mutating func call(
    _ method: String, _ path: String, _ request: FakeRequest, _ me: User, _ now: Instant
  ) throws -> [String: JSON] {
    let query = request.query
    switch (method, path) {
    case ("GET", "me"): return json(me, isWhole: true)
    case ("GET", "users.info"):
      let found = users.first { $0.id == query["userId"] || $0.username == query["username"] }
      guard let found else { throw Refusal(words: "User not found.") }
      return ["user": .object(json(found, isWhole: false))]
    case ("GET", "rooms.get"): return try rooms(query["updatedSince"], of: me)
    case ("GET", "chat.syncMessages"): return ["result": try changes(query, of: me)]
    case ("GET", "chat.getMessage"):
      guard let id = query["msgId"] else { throw Refusal(words: "no msgId") }
      // Of one that is not there nothing is said.
      guard let post = posts.first(where: { $0.id == id }) else { throw Refusal(words: "") }
      _ = try room(post.room, of: me)
      return ["message": json(post)]
    case ("GET", "channels.history"), ("GET", "dm.history"):
      let place = try room(query["roomId"] ?? "", of: me)
      return ["messages": .array(posts.filter { $0.room == place.id }.reversed().map(json))]
    case ("POST", "chat.sendMessage"): return ["message": json(try send(request, me, now))]
    case ("POST", "chat.update"): return ["message": json(try update(request, me, now))]
    case ("POST", "chat.react"): return try react(request, me, now)
    case ("POST", "dm.create"): return ["room": try openDirect(request, me, now)]
    default: throw Refusal(status: 404, words: "Resource not found")
    }
  }

  // MARK: - Reading

  private func rooms(_ since: String?, of me: User) throws -> [String: JSON] {
    let from = try since.map { text -> Int64 in
      guard let time = Self.time(text) else {
        throw Refusal(type: "error-updatedSince-param-invalid", words: "no date")
      }
      return time
    }
    let mine = rooms.filter { $0.members.contains(me.id) && $0.updatedAt > from ?? -1 }
    return ["update": .array(mine.map(json)), "remove": []]
  }

  private func room(_ id: String, of me: User) throws -> Place {
    guard let place = rooms.first(where: { $0.id == id }) else {
      throw Refusal(words: "error-invalid-room")
    }
    guard place.members.contains(me.id) else {
      throw Refusal(type: "error-not-allowed", words: "Not allowed [error-not-allowed]")
    }
    return place
  }

  /// `handleCursorPagination`: forward what was changed after a time, back what was before it.
  private func changes(_ query: [String: String], of me: User) throws -> JSON {
    let known = ["roomId", "type", "count", "next", "previous"]
    guard query.keys.allSatisfy(known.contains), query["type"] == "UPDATED",
      let count = query["count"].flatMap(Int.init), count > 0,
      (query["next"] == nil) != (query["previous"] == nil)
    else { throw Refusal(type: "error-invalid-params", words: "invalid params") }
    let place = try room(query["roomId"] ?? "", of: me)
    let all = posts.filter { $0.room == place.id }
    let page: [Post]
    if let next = query["next"].flatMap(Int64.init) {
      page = Array(
        all.filter { $0.updatedAt > next }.sorted { $0.updatedAt < $1.updatedAt }.prefix(count))
    } else if let previous = query["previous"].flatMap(Int64.init) {
      page = Array(
        all.filter { $0.updatedAt < previous }.sorted { $0.updatedAt > $1.updatedAt }.prefix(count))
    } else {
      throw Refusal(words: "Invalid Date")
    }
    return [
      "updated": .array(page.map(json)), "deleted": [],
      "cursor": ["next": .null, "previous": .null],
    ]
  }

  // MARK: - Writing

  private mutating func send(_ request: FakeRequest, _ me: User, _ now: Instant) throws -> Post {
    guard let message = request.json?["message"], message.object != nil else {
      throw Refusal(
        type: "error-invalid-params", words: "The \"message\" parameter must be provided.")
    }
    let known = ["_id", "rid", "msg", "tmid"]
    guard message.object?.keys.allSatisfy(known.contains) == true else {
      throw Refusal(type: "error-invalid-params", words: "invalid params")
    }
    let text = message["msg"].string ?? ""
    guard text.utf16.count <= 5000 else {
      throw Refusal(type: "error-message-size-exceeded", words: "size exceeded")
    }
    let head = posts.first { $0.id == message["tmid"].string }
    let place = try room(head?.room ?? message["rid"].string ?? "", of: me)
    let id = message["_id"].string
    // What is there already is not stored again, and there is nothing to be shown.
    guard !posts.contains(where: { $0.id == id }) else {
      throw Refusal(words: "Cannot read properties of undefined (reading 'starred')")
    }
    let thread = head?.thread ?? message["tmid"].string
    let post = add(text, by: me.id, in: place.id, id: id, thread: thread, now: now)
    note(post, .message)
    return post
  }

  private mutating func update(_ request: FakeRequest, _ me: User, _ now: Instant) throws -> Post {
    let body = request.json ?? .null
    guard let post = posts.first(where: { $0.id == body["msgId"].string }) else {
      throw Refusal(words: "No message found with the id of \"x\".")
    }
    guard post.room == body["roomId"].string else {
      throw Refusal(words: "The room id provided does not match where the message is from.")
    }
    guard post.user == me.id, let text = body["text"].string else {
      throw Refusal(type: "error-action-not-allowed", words: "not allowed")
    }
    edit(post.id, to: text, now: now)
    let edited = posts.first { $0.id == post.id } ?? post
    note(edited, .edit)
    return edited
  }

  private mutating func react(
    _ request: FakeRequest, _ me: User, _ now: Instant
  ) throws -> [String: JSON] {
    let body = request.json ?? .null
    guard let post = posts.first(where: { $0.id == body["messageId"].string }) else {
      throw Refusal(type: "error-message-not-found", words: "no such message")
    }
    let known = ["white_check_mark", "eyes", "+1", "bell", "tada", "x"]
    guard let emoji = body["emoji"].string, known.contains(emoji) else {
      throw Refusal(type: "error-not-allowed", words: "Invalid emoji provided.")
    }
    _ = try room(post.room, of: me)
    guard post.reactions[":\(emoji):"]?.contains(me.username) != true else { return [:] }
    if let place = posts.firstIndex(where: { $0.id == post.id }) {
      posts[place].reactions[":\(emoji):", default: []].append(me.username)
      posts[place].updatedAt = tick(now)
    }
    note(post, .reaction, text: emoji, under: post.id)
    return [:]
  }

  private mutating func openDirect(
    _ request: FakeRequest, _ me: User, _ now: Instant
  ) throws -> JSON {
    let name = request.json?["username"].string
    guard let user = users.first(where: { $0.username == name }) else {
      throw Refusal(type: "error-invalid-user", words: "Invalid user [error-invalid-user]")
    }
    let place = direct([me.id, user.id], now: now)
    return [
      "t": "d", "rid": .string(place.id), "_id": .string(place.id),
      "usernames": [.string(me.username), .string(user.username)],
    ]
  }

  private mutating func note(
    _ post: Post, _ kind: Delivered.Kind, text: String? = nil, under: String? = nil
  ) {
    guard kind == .reaction || post.user == Self.bell,
      let place = rooms.first(where: { $0.id == post.room })
    else { return }
    let isDirect = place.type == "d"
    delivered.append(
      Delivered(
        kind, id: post.id, room: isDirect ? nil : place.id,
        person: isDirect ? place.members.first { $0 != Self.bell } : nil,
        text: text ?? Self.shown(post.text), under: under ?? post.thread,
        pings: text == nil ? mentioned(in: post.text).map(\.username) : []))
  }
}
