import Crew
import Foundation
import Platforms

// The calls of the REST API.
extension ZulipFake {
  public mutating func answer(_ request: FakeRequest, now: Instant) -> FakeAnswer {
    guard request.path.starts(with: ["api", "v1"]) else {
      return .now(HTTPResponse(status: 404, body: Data("<html>".utf8)))
    }
    let path = Array(request.path.dropFirst(2))
    if path == ["server_settings"] {
      return success(["zulip_feature_level": 247, "zulip_version": "9.0"])
    }
    guard let user = caller(request) else {
      return refusal(401, "UNAUTHORIZED", "Invalid API key")
    }
    let fields = request.method == "GET" ? request.query : request.form
    switch (request.method, path.first ?? "", path.count) {
    case ("GET", "users", 2) where path[1] == "me": return success(profile(user))
    case ("GET", "users", 2): return who(path[1])
    case ("POST", "register", 1): return register(user, fields)
    case ("GET", "events", 1): return events(user, fields)
    case ("DELETE", "events", 1): return forget(user, fields)
    case ("GET", "messages", 1): return history(user, fields)
    case ("GET", "messages", 2): return one(user, path[1], fields)
    case ("POST", "messages", 1): return send(user, fields, now)
    case ("PATCH", "messages", 2): return change(user, path[1], fields)
    case ("POST", "messages", 3) where path[2] == "reactions": return react(user, path[1], fields)
    default: return refusal(404, "BAD_REQUEST", "No such call")
    }
  }

  private func caller(_ request: FakeRequest) -> User? {
    let parts = (request.headers["authorization"] ?? "").split(separator: " ")
    guard parts.count == 2, parts[0] == "Basic", let data = Data(base64Encoded: String(parts[1]))
    else { return nil }
    let pair = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1)
    guard pair.count == 2 else { return nil }
    return users.first { $0.email == pair[0] && $0.key == String(pair[1]) }
  }

  private func success(_ members: JSON = [:]) -> FakeAnswer {
    var all = members.object ?? [:]
    all["result"] = "success"
    all["msg"] = ""
    return .json(200, .object(all))
  }

  private func refusal(_ status: Int, _ code: String, _ message: String) -> FakeAnswer {
    .json(
      status, ["result": "error", "code": .string(code), "msg": .string(message)])
  }

  private func bad(_ message: String) -> FakeAnswer { refusal(400, "BAD_REQUEST", message) }

  // MARK: - People

  private func profile(_ user: User) -> JSON {
    [
      "user_id": .integer(user.id), "email": .string(user.email),
      "full_name": .string(user.name), "is_bot": .bool(user.isBot), "is_active": true,
    ]
  }

  private func who(_ text: String) -> FakeAnswer {
    guard let id = Int64(text), let user = user(id) else { return bad("No such user") }
    return success(["user": profile(user)])
  }

  // MARK: - Queues

  private mutating func register(_ user: User, _ fields: [String: String]) -> FakeAnswer {
    let types = JSON(text: fields["event_types"] ?? "")?.array?.compactMap(\.string)
    guard let types, !types.isEmpty else { return bad("event_types is not valid JSON") }
    guard fields["apply_markdown"] != "true" else { return bad("this fake speaks Markdown") }
    queuesMade += 1
    let name = "q\(queuesMade)"
    queues[name] = Queue(user: user.id, types: Set(types))
    return success([
      "queue_id": .string(name), "last_event_id": -1, "zulip_feature_level": 247,
      "zulip_version": "9.0", "max_message_id": .integer(entries.last?.id ?? -1),
    ])
  }

  private mutating func events(_ user: User, _ fields: [String: String]) -> FakeAnswer {
    guard let name = fields["queue_id"], let queue = queues[name], queue.user == user.id else {
      return .json(
        400,
        [
          "result": "error", "code": "BAD_EVENT_QUEUE_ID", "msg": "Falsche Warteschlange",
          "queue_id": .string(fields["queue_id"] ?? ""),
        ])
    }
    guard let last = Int64(fields["last_event_id"] ?? ""), last < queue.nextID else {
      return bad("Missing 'last_event_id' argument")
    }
    guard last >= queue.prunedTo else {
      return bad("An event newer than \(last) has already been pruned!")
    }
    queues[name]?.events.removeAll { $0.id <= last }
    queues[name]?.prunedTo = last
    let waiting = (queues[name]?.events ?? []).map(\.event)
    if !waiting.isEmpty || fields["dont_block"] == "true" {
      return success(["events": .array(waiting), "queue_id": .string(name)])
    }
    // A heartbeat has a number of its own, which no other event gets.
    let heartbeat = queue.nextID
    queues[name]?.nextID += 1
    let beat: JSON = ["type": "heartbeat", "id": .integer(heartbeat)]
    return .hold(
      seconds: 50,
      else: .json(
        200,
        [
          "result": "success", "msg": "", "events": [beat], "queue_id": .string(name),
        ]))
  }

  private mutating func forget(_ user: User, _ fields: [String: String]) -> FakeAnswer {
    guard let name = fields["queue_id"], queues[name]?.user == user.id else {
      return refusal(400, "BAD_EVENT_QUEUE_ID", "Bad event queue ID")
    }
    queues[name] = nil
    return success()
  }

  // MARK: - Messages

  private func history(_ user: User, _ fields: [String: String]) -> FakeAnswer {
    guard let before = Int(fields["num_before"] ?? ""), let after = Int(fields["num_after"] ?? ""),
      before >= 0, after >= 0, before + after <= 5000
    else { return bad("Missing 'num_before' argument") }
    let anchor: Int64
    switch fields["anchor"] ?? "" {
    case "newest": anchor = .max
    case "oldest": anchor = 0
    case let text:
      guard let id = Int64(text) else { return bad("Missing 'anchor' argument.") }
      anchor = id
    }
    let mine = entries.filter { $0.readers.contains(user.id) }
    guard let found = narrowed(mine, fields["narrow"]) else {
      return refusal(400, "BAD_NARROW", "Invalid narrow operator")
    }
    let older = found.filter { $0.id < anchor }
    let newer = found.filter { $0.id > anchor }
    let isIncluded = fields["include_anchor"] != "false"
    let page =
      older.suffix(before) + found.filter { $0.id == anchor && isIncluded } + newer.prefix(after)
    let isHTML = fields["apply_markdown"] != "false"
    return success([
      "messages": .array(page.map { json($0, for: user.id, isHTML: isHTML, withFlags: true) }),
      "found_newest": .bool(newer.count <= after), "found_oldest": .bool(older.count <= before),
      "found_anchor": .bool(found.contains { $0.id == anchor }), "history_limited": false,
      "anchor": .integer(anchor == .max ? 10_000_000_000_000_000 : anchor),
    ])
  }

  /// Nil for what the server refuses (BAD_NARROW).
  private func narrowed(_ entries: [Entry], _ narrow: String?) -> [Entry]? {
    guard let narrow else { return entries }
    guard let terms = JSON(text: narrow)?.array else { return nil }
    var found = entries
    for term in terms {
      let operand = term.array?.last ?? term["operand"]
      switch term.array?.first?.string ?? term["operator"].string {
      case "sender":
        guard let sender = users.first(where: { $0.email == operand.string }) else { return nil }
        found = found.filter { $0.sender == sender.id }
      case "stream", "channel":
        guard operand.integer == Self.channel || operand.string == "team" else { return nil }
        found = found.filter { if case .channel = $0.place { true } else { false } }
      case "topic":
        found = found.filter {
          if case .channel(_, let topic) = $0.place { topic == operand.string } else { false }
        }
      case "dm":
        let people = Set((operand.array ?? []).compactMap(\.integer) + [Self.bot]).sorted()
        found = found.filter { $0.place == .direct(people) }
      default: return nil
      }
    }
    return found
  }

  private func one(_ user: User, _ id: String, _ fields: [String: String]) -> FakeAnswer {
    guard let entry = entries.first(where: { String($0.id) == id && $0.readers.contains(user.id) })
    else { return bad("Invalid message(s)") }
    let isHTML = fields["apply_markdown"] != "false"
    return success([
      "raw_content": .string(entry.content),
      "message": json(entry, for: user.id, isHTML: isHTML, withFlags: true),
    ])
  }

  private mutating func send(_ user: User, _ fields: [String: String], _ now: Instant)
    -> FakeAnswer
  {
    guard let raw = fields["content"], let to = fields["to"] else {
      return bad("Missing 'content' argument")
    }
    let content = ZulipText.kept(raw)
    guard !content.isEmpty, !content.contains("\0") else {
      return bad("Message must not be empty")
    }
    let place: Entry.Place
    switch fields["type"] {
    case "stream", "channel":
      guard to == "team" || Int64(to) == Self.channel else {
        return refusal(400, "STREAM_DOES_NOT_EXIST", "Channel '\(to)' does not exist")
      }
      guard let topic = fields["topic"], (1...60).contains(topic.unicodeScalars.count) else {
        return bad("Topic can't be empty!")
      }
      place = .channel(Self.channel, topic: topic)
    case "direct", "private":
      let people = JSON(text: to)?.array?.compactMap(\.integer) ?? []
      guard !people.isEmpty, people.allSatisfy({ self.user($0) != nil }) else {
        return bad("Invalid user ID")
      }
      place = .direct(Set(people + [user.id]).sorted())
    default: return bad("Invalid type parameter")
    }
    let id = post(content, by: user.id, to: place, now: now)
    if user.id == Self.bot { record(.message, id, content, place) }
    return success(["id": .integer(id)])
  }

  private mutating func record(
    _ kind: Delivered.Kind, _ id: Int64, _ content: String, _ place: Entry.Place,
    under: String? = nil
  ) {
    let text = ZulipText(content, users)
    var told = Delivered(
      kind, id: String(id), room: nil, text: text.plain, under: under, pings: text.pings)
    switch place {
    case .channel(let channel, let topic):
      told.room = String(channel)
      if under == nil { told.under = topic }
    case .direct(let people):
      told.person = people.first { $0 != Self.bot }.map(String.init)
    }
    delivered.append(told)
  }

  private mutating func change(_ user: User, _ id: String, _ fields: [String: String])
    -> FakeAnswer
  {
    guard let place = entries.firstIndex(where: { String($0.id) == id }),
      entries[place].sender == user.id
    else { return bad("You don't have permission to edit this message") }
    guard let content = fields["content"], !content.isEmpty else {
      return bad("Nothing to change")
    }
    entries[place].content = ZulipText.kept(content)
    record(.edit, entries[place].id, content, entries[place].place)
    return success()
  }

  private mutating func react(_ user: User, _ id: String, _ fields: [String: String])
    -> FakeAnswer
  {
    guard let place = entries.firstIndex(where: { String($0.id) == id }),
      entries[place].readers.contains(user.id)
    else { return bad("Invalid message(s)") }
    let known = [
      "check": "✅", "check_mark": "✔", "+1": "👍", "-1": "👎", "eyes": "👀", "tada": "🎉",
      "cross_mark": "❌",
    ]
    guard let name = fields["emoji_name"], let emoji = known[name] else {
      return bad("Emoji '\(fields["emoji_name"] ?? "")' does not exist")
    }
    guard entries[place].reactions[name, default: []].insert(user.id).inserted else {
      return refusal(400, "REACTION_ALREADY_EXISTS", "Reaction already exists.")
    }
    if user.id == Self.bot {
      record(.reaction, entries[place].id, "", entries[place].place, under: id)
      delivered[delivered.count - 1].text = emoji
    }
    return success()
  }
}
