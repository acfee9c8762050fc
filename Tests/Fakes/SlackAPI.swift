import Crew
import Foundation
import Platforms

extension SlackFake {
  private struct Refusal: Error { var error: String }

  public mutating func answer(_ request: FakeRequest, now: Instant) -> FakeAnswer {
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
      var answer: [String: JSON] = ["user_id": .string(me), "team_id": .string(Self.team)]
      if me == Self.bell { answer["bot_id"] = .string(Self.bot) }
      return answer
    case "users.conversations": return list(arguments, me)
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

  private func list(_ arguments: Arguments, _ me: String) -> [String: JSON] {
    let all = channels.filter { $0.members.contains(me) }
    return [
      "channels": .array(
        all.map { channel in
          [
            "id": .string(channel.id), "name": .string(channel.name),
            "is_im": .bool(channel.person != nil), "is_mpim": false, "is_archived": false,
          ]
        }), "response_metadata": ["next_cursor": ""],
    ]
  }

  private func user(_ id: String) throws -> JSON {
    guard let name = Self.names[id] else { throw Refusal(error: "user_not_found") }
    return [
      "id": .string(id), "name": .string(name.lowercased()), "team_id": .string(Self.team),
      "is_bot": .bool(id == Self.bell), "real_name": .string(name),
      "profile": ["display_name": .string(name), "real_name": .string(name)],
    ]
  }

  private func channel(_ arguments: Arguments, _ me: String) throws -> Channel {
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
    return page(Array(all.reversed()), arguments)
  }

  private func replies(_ arguments: Arguments, _ me: String) throws -> [String: JSON] {
    let channel = try channel(arguments, me)
    let ts = try arguments.needed("ts")
    let own = posted.filter { $0.channel == channel.id }
    guard let root = own.first(where: { $0.ts == ts }) else {
      throw Refusal(error: "thread_not_found")
    }
    let later = own.filter { $0.thread == ts && $0.ts > arguments["oldest"] }
    return page([root] + later, arguments)
  }

  private func page(_ all: [Posted], _ arguments: Arguments) -> [String: JSON] {
    let limit = min(max(Int(arguments["limit"]) ?? 100, 1), 999)
    let skip = Int(arguments["cursor"].dropFirst(5)) ?? 0
    let hasMore = all.count > skip + limit
    let isWhole = ["true", "1"].contains(arguments["include_all_metadata"])
    return [
      "messages": .array(all.dropFirst(skip).prefix(limit).map { json($0, isWhole: isWhole) }),
      "has_more": .bool(hasMore),
      "response_metadata": ["next_cursor": .string(hasMore ? "page:\(skip + limit)" : "")],
    ]
  }

  private func json(_ post: Posted, isWhole: Bool) -> JSON {
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
    let own = posted.filter { $0.channel == post.channel && $0.thread == post.ts }
    if let last = own.last {
      json["thread_ts"] = .string(post.ts)
      json["reply_count"] = .integer(Int64(own.count))
      json["latest_reply"] = .string(last.ts)
    }
    return .object(json)
  }

  // MARK: - Writing

  /// A message as it is seen; its plain text is for notifications where blocks are given.
  private func checked(_ arguments: Arguments) throws -> (text: String, blocks: JSON?) {
    let text = arguments["text"]
    let blocks = arguments.json("blocks")
    guard !text.isEmpty || blocks != nil else { throw Refusal(error: "no_text") }
    guard text.count <= 40_000 else { throw Refusal(error: "msg_too_long") }
    for block in blocks?.array ?? [] {
      guard block["type"].string == "rich_text", let elements = block["elements"].array,
        !elements.isEmpty, elements.allSatisfy(Self.isElement)
      else { throw Refusal(error: "invalid_blocks") }
    }
    return (text, blocks)
  }

  private static func isElement(_ element: JSON) -> Bool {
    let inside = element["elements"].array ?? []
    let isKnown =
      element["type"].string == "rich_text_section"
      || element["type"].string == "rich_text_preformatted"
    return isKnown && !inside.isEmpty
      && inside.allSatisfy { part in
        switch part["type"].string {
        case "text": part["text"].string?.isEmpty == false
        case "user": part["user_id"].string != nil
        default: false
        }
      }
  }

  private mutating func post(
    _ arguments: Arguments, _ me: String, _ now: Instant
  ) throws -> [String: JSON] {
    let channel = try channel(arguments, me)
    let (text, blocks) = try checked(arguments)
    let thread = arguments["thread_ts"]
    if !thread.isEmpty {
      guard let root = posted.first(where: { $0.channel == channel.id && $0.ts == thread }),
        root.thread == nil
      else { throw Refusal(error: "thread_not_found") }
    }
    let post = add(text, by: me, in: channel.id, now: now) {
      $0.thread = thread.isEmpty ? nil : thread
      $0.blocks = blocks
      $0.metadata = arguments.json("metadata")
      if me == Self.bell { $0.bot = Self.bot }
    }
    if me == Self.bell { note(post, channel, .message) }
    return [
      "channel": .string(channel.id), "ts": .string(post.ts),
      "message": json(post, isWhole: true),
    ]
  }

  private mutating func update(
    _ arguments: Arguments, _ me: String, _ now: Instant
  ) throws -> [String: JSON] {
    let channel = try channel(arguments, me)
    let ts = try arguments.needed("ts")
    let (text, blocks) = try checked(arguments)
    guard let place = posted.firstIndex(where: { $0.channel == channel.id && $0.ts == ts }) else {
      throw Refusal(error: "message_not_found")
    }
    guard posted[place].user == me else { throw Refusal(error: "cant_update_message") }
    posted[place].text = text
    posted[place].blocks = blocks
    posted[place].isEdited = true
    note(posted[place], channel, .edit)
    return ["channel": .string(channel.id), "ts": .string(ts), "text": .string(text)]
  }

  private mutating func react(_ arguments: Arguments, _ me: String) throws -> [String: JSON] {
    let channel = try channel(arguments, me)
    let (ts, name) = (try arguments.needed("timestamp"), try arguments.needed("name"))
    guard let post = posted.first(where: { $0.channel == channel.id && $0.ts == ts }) else {
      throw Refusal(error: "message_not_found")
    }
    guard name.allSatisfy({ $0.isASCII && !$0.isWhitespace && $0 != ":" }) else {
      throw Refusal(error: "invalid_name")
    }
    let reaction = (channel: channel.id, ts: ts, user: me, name: name)
    guard !reactions.contains(where: { $0 == reaction }) else {
      throw Refusal(error: "already_reacted")
    }
    reactions.append(reaction)
    note(post, channel, .reaction, text: name)
    return [:]
  }

  private mutating func note(
    _ post: Posted, _ channel: Channel, _ kind: Delivered.Kind, text: String? = nil
  ) {
    var shown = ""
    var pings: [String] = []
    for element in post.blocks?[0]["elements"].array ?? [] {
      for part in element["elements"].array ?? [] {
        shown += part["text"].string ?? ""
        if let user = part["user_id"].string {
          pings.append(user)
          shown += "@" + (Self.names[user] ?? user)
        }
      }
      shown += "\n"
    }
    delivered.append(
      Delivered(
        kind, id: "\(channel.id):\(post.ts)", room: channel.person == nil ? channel.id : nil,
        person: channel.person, text: text ?? (post.blocks == nil ? post.text : shown),
        under: text == nil ? post.thread : post.ts, pings: text == nil ? pings : []))
  }
}

extension JSON {
  fileprivate subscript(index: Int) -> JSON {
    guard let array, array.indices.contains(index) else { return .null }
    return array[index]
  }
}
