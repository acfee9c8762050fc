import Crew
import Foundation
import Platforms

extension SlackFake {
  struct Refusal: Error { var error: String }

  public mutating func answer(_ request: FakeRequest, now: Instant) -> FakeAnswer {
    if request.path.first == "commands" { return .now(respond(request, now)) }
    do {
      guard request.path.count == 2, request.path[0] == "api" else {
        return .now(HTTPResponse(status: 404))
      }
      let header = request.headers["authorization"] ?? ""
      let me = [Self.token: Self.bell, Self.anaToken: "U0ANA"].first {
        header == "Bearer " + $0.key
      }?.value
      guard let me else { throw Refusal(error: "invalid_auth") }
      var answer = try call(request.path[1], Arguments(request), me, now)
      answer["ok"] = true
      return .json(200, .object(answer), headers: ["date": now.httpDate])
    } catch {
      let name = (error as? Refusal)?.error ?? "internal_error"
      return .json(
        200, ["ok": false, "error": .string(name)], headers: ["date": now.httpDate])
    }
  }

  /// Query, form or JSON: the methods take each.
  struct Arguments {
    private var values: [String: JSON]

    init(_ request: FakeRequest) {
      values = request.query.mapValues(JSON.string)
      let isJSON = request.headers["content-type"]?.hasPrefix("application/json") == true
      let body = isJSON ? request.json?.object ?? [:] : request.form.mapValues(JSON.string)
      values.merge(body) { $1 }
    }

    subscript(name: String) -> String { values[name]?.string ?? "" }
    func json(_ name: String) -> JSON? {
      // A form carries JSON as text.
      if let text = values[name]?.string { JSON(text: text) } else { values[name] }
    }
    func needed(_ name: String) throws -> String {
      guard let text = values[name]?.string, !text.isEmpty else {
        throw Refusal(error: "invalid_arguments")
      }
      return text
    }
  }

  private mutating func call(
    _ method: String, _ arguments: Arguments, _ me: String, _ now: Instant
  ) throws -> [String: JSON] {
    switch method {
    case "auth.test":
      var answer: [String: JSON] = [
        "user_id": .string(me), "team_id": .string(Self.team), "team": "Release",
        "url": "https://release.slack.com/", "user": .string(Self.names[me]?.lowercased() ?? ""),
      ]
      if me == Self.bell { answer["bot_id"] = .string(Self.bot) }
      return answer
    case "users.conversations": return try list(arguments, me)
    case "users.info": return ["user": try user(arguments.needed("user"))]
    case "conversations.history": return try history(arguments, me)
    case "conversations.replies": return try replies(arguments, me)
    case "conversations.open":
      let person = try arguments.needed("users")
      guard Self.names[person] != nil else { throw Refusal(error: "user_not_found") }
      let channel = direct(me == Self.bell ? person : me)
      return ["channel": ["id": .string(channel.id)]]
    case "chat.postMessage": return try post(arguments, me, now)
    case "chat.update": return try update(arguments, me, now)
    case "reactions.add": return try react(arguments, me)
    default: throw Refusal(error: "unknown_method")
    }
  }

  private func list(_ arguments: Arguments, _ me: String) throws -> [String: JSON] {
    // All fit into one page, so no cursor was ever given.
    guard arguments["cursor"].isEmpty else { throw Refusal(error: "invalid_cursor") }
    let all = channels.filter { $0.members.contains(me) }
    return [
      "channels": .array(all.map { json($0, for: me) }), "response_metadata": ["next_cursor": ""],
    ]
  }

  private func json(_ channel: Channel, for me: String) -> JSON {
    var json: [String: JSON] = [
      "id": .string(channel.id), "created": 1_795_338_000, "is_archived": false,
      "is_im": .bool(channel.person != nil), "is_org_shared": false,
    ]
    if let person = channel.person {
      json["user"] = .string(me == Self.bell ? person : Self.bell)
      json["priority"] = 0
    } else {
      let nothing: JSON = ["value": "", "creator": "", "last_set": 0]
      let more: [String: JSON] = [
        "name": .string(channel.name), "name_normalized": .string(channel.name),
        "creator": "U0ANA", "is_channel": true, "is_general": false, "is_group": false,
        "is_mpim": false, "is_private": false, "is_shared": false, "topic": nothing,
        "purpose": nothing,
      ]
      json.merge(more) { $1 }
    }
    return .object(json)
  }

  private func user(_ id: String) throws -> JSON {
    guard let name = Self.names[id] else { throw Refusal(error: "user_not_found") }
    return [
      "id": .string(id), "name": .string(name.lowercased()), "team_id": .string(Self.team),
      "is_bot": .bool(id == Self.bell), "is_app_user": false, "updated": 1_795_338_000,
      "real_name": .string(name),
      "profile": [
        "display_name": .string(name), "display_name_normalized": .string(name),
        "real_name": .string(name), "real_name_normalized": .string(name), "avatar_hash": "g0",
        "title": "", "phone": "", "skype": "", "status_text": "", "status_emoji": "",
        "fields": [:],
      ],
    ]
  }

  func channel(_ arguments: Arguments, _ me: String) throws -> Channel {
    let id = try arguments.needed("channel")
    guard let channel = channels.first(where: { $0.id == id }) else {
      throw Refusal(error: "channel_not_found")
    }
    guard channel.members.contains(me) else { throw Refusal(error: "not_in_channel") }
    return channel
  }

  // MARK: - Reading

  private func history(_ arguments: Arguments, _ me: String) throws -> [String: JSON] {
    let channel = try channel(arguments, me)
    let all = posted.filter { $0.channel == channel.id && $0.thread == nil }
      .filter { $0.ts > arguments["oldest"] }
    var answer = try page(Array(all.reversed()), arguments) { $0 <= $1 }
    answer["pin_count"] = 0
    answer["channel_actions_count"] = 0
    answer["channel_actions_ts"] = .null
    return answer
  }

  private func replies(_ arguments: Arguments, _ me: String) throws -> [String: JSON] {
    let channel = try channel(arguments, me)
    let ts = try arguments.needed("ts")
    let own = posted.filter { $0.channel == channel.id }
    guard let root = own.first(where: { $0.ts == ts }) else {
      throw Refusal(error: "thread_not_found")
    }
    let later = own.filter { $0.thread == ts && $0.ts > arguments["oldest"] }
    return try page(later, arguments, head: [root]) { $0 >= $1 }
  }

  /// A cursor is a place in time, as Slack's are: what is written meanwhile moves no page but the
  /// newest.
  /// - Parameters:
  ///   - head: comes along with every page.
  ///   - isThere: whether a message of that time stands at that place or behind it.
  private func page(
    _ all: [Posted], _ arguments: Arguments, head: [Posted] = [],
    isThere: (_ ts: String, _ place: String) -> Bool
  ) throws -> [String: JSON] {
    let limit = min(max(Int(arguments["limit"]) ?? 100, 1), 999)
    var rest = all[...]
    if let place = try place(arguments["cursor"]) { rest = rest.drop { !isThere($0.ts, place) } }
    let next = rest.dropFirst(limit).first.map { cursor(at: $0.ts) }
    let isWhole = ["true", "1"].contains(arguments["include_all_metadata"])
    return [
      "messages": .array((head + rest.prefix(limit)).map { json($0, isWhole: isWhole) }),
      "has_more": .bool(next != nil),
      "response_metadata": ["next_cursor": .string(next ?? "")],
    ]
  }

  private func cursor(at ts: String) -> String {
    Data("next_ts:\(ts):\(cursorsGiven)".utf8).base64EncodedString()
  }

  private func place(_ cursor: String) throws -> String? {
    if cursor.isEmpty { return nil }
    let parts = Data(base64Encoded: cursor).map { String(decoding: $0, as: UTF8.self) }?
      .split(separator: ":").map(String.init)
    guard let parts, parts.count == 3, parts[0] == "next_ts", parts[2] == String(cursorsGiven)
    else { throw Refusal(error: "invalid_cursor") }
    return parts[1]
  }

  func json(_ post: Posted, isWhole: Bool) -> JSON {
    var json: [String: JSON] = [
      "type": "message", "user": .string(post.user), "text": .string(post.text),
      "ts": .string(post.ts),
    ]
    json["subtype"] = post.subtype.map(JSON.string)
    json["inviter"] = post.inviter.map(JSON.string)
    json["bot_id"] = post.bot.map(JSON.string)
    json["thread_ts"] = post.thread.map(JSON.string)
    json["blocks"] = post.blocks
    if isWhole { json["metadata"] = post.metadata }
    if post.isEdited { json["edited"] = ["user": .string(post.user), "ts": .string(post.ts)] }
    if let root = posted.first(where: { $0.channel == post.channel && $0.ts == post.thread }) {
      json["parent_user_id"] = .string(root.user)
    }
    let own = posted.filter { $0.channel == post.channel && $0.thread == post.ts }
    if let last = own.last {
      json["subscribed"] = false
      json["thread_ts"] = .string(post.ts)
      json["reply_count"] = .integer(Int64(own.count))
      json["latest_reply"] = .string(last.ts)
    }
    return .object(json)
  }
}
