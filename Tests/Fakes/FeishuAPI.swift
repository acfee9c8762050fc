import Crew
import Foundation
import Platforms

extension FeishuFake {
  /// A refusal in Feishu's form.
  private struct Refusal: Error {
    var status = 400
    var code: Int64
    var words = "refused"
  }

  public mutating func answer(_ request: FakeRequest, now: Instant) -> FakeAnswer {
    do {
      guard request.path.first == "open-apis" else { throw Refusal(status: 404, code: 99_991_404) }
      let path = Array(request.path.dropFirst())
      if path == ["auth", "v3", "tenant_access_token", "internal"] {
        return .json(200, try login(request, now), headers: ["date": now.httpDate])
      }
      let me = try authorized(request, now)
      var body = try call(request.method, path, request, me, now)
      body["code"] = 0
      body["msg"] = "success"
      return .json(200, .object(body), headers: ["date": now.httpDate])
    } catch {
      let refusal = error as? Refusal ?? Refusal(status: 500, code: 1500)
      return .json(
        refusal.status, ["code": .integer(refusal.code), "msg": .string(refusal.words)],
        headers: ["date": now.httpDate])
    }
  }

  private mutating func login(_ request: FakeRequest, _ now: Instant) throws -> JSON {
    guard request.json?["app_id"].string == Self.app,
      request.json?["app_secret"].string == Self.secret
    else { return ["code": 10014, "msg": "app secret invalid"] }
    logins += 1
    let token = "t-\(logins)"
    tokens[token] = now.milliseconds + 7_200_000
    return ["code": 0, "msg": "ok", "tenant_access_token": .string(token), "expire": 7200]
  }

  /// - Returns: the app, or the person whose token it is.
  private func authorized(_ request: FakeRequest, _ now: Instant) throws -> String {
    let header = request.headers["authorization"] ?? ""
    guard header.hasPrefix("Bearer ") else { throw Refusal(code: 99_991_661) }
    let token = String(header.dropFirst(7))
    if token == Self.anaToken { return Self.ana }
    guard let end = tokens[token], end > now.milliseconds else { throw Refusal(code: 99_991_663) }
    return Self.app
  }

  private mutating func call(
    _ method: String, _ path: [String], _ request: FakeRequest, _ me: String, _ now: Instant
  ) throws -> [String: JSON] {
    switch (method, path.joined(separator: "/"), path.count) {
    case ("GET", "bot/v3/info", _):
      return [
        "bot": [
          "activate_status": 2, "app_name": "Crewbell", "open_id": .string(Self.bell),
          "ip_white_list": [],
        ]
      ]
    case ("GET", "im/v1/chats", _): return ["data": try chats(request.query, of: me)]
    case ("GET", "chat/v4/p2p/id", _):
      guard let person = request.query["open_id"], Self.names[person] != nil, person != Self.bell
      else { throw Refusal(code: 10003) }
      return ["data": ["chat_id": .string(direct(person).id)]]
    case ("GET", "im/v1/messages", _): return ["data": try messages(request.query, of: me)]
    case ("POST", "im/v1/messages", _): return ["data": try create(request, me, now)]
    case ("POST", _, 5) where path[4] == "reply":
      return ["data": try reply(to: path[3], request, me, now)]
    case ("POST", _, 5) where path[4] == "reactions":
      return ["data": try react(to: path[3], request, me)]
    case ("PUT", _, 4): return ["data": try update(path[3], request, me)]
    default: throw Refusal(status: 404, code: 99_991_404)
    }
  }

  // MARK: - Reading

  /// Groups only: an app cannot list its direct chats.
  private func chats(_ query: [String: String], of me: String) throws -> JSON {
    guard let size = query["page_size"].flatMap(Int.init), (1...100).contains(size) else {
      throw Refusal(code: 230_001)
    }
    let mine = places.filter { $0.name != nil && $0.members.contains(me) }
    let skip = query["page_token"].flatMap(Int.init) ?? 0
    let page = mine.dropFirst(skip).prefix(size)
    return [
      "items": .array(
        page.map {
          [
            "chat_id": .string($0.id), "name": .string($0.name ?? ""), "description": "",
            "owner_id": .string(Self.ben), "owner_id_type": "open_id", "external": false,
            "tenant_key": "t1", "chat_status": "normal", "avatar": "",
          ]
        }), "has_more": .bool(skip + page.count < mine.count),
      "page_token": .string(String(skip + page.count)),
    ]
  }

  private func messages(_ query: [String: String], of me: String) throws -> JSON {
    let known = [
      "container_id_type", "container_id", "start_time", "sort_type", "page_size", "page_token",
      "with_sender_name",
    ]
    guard query.keys.allSatisfy(known.contains), query["container_id_type"] == "chat",
      let size = query["page_size"].flatMap(Int.init), (1...50).contains(size),
      query["sort_type"] == nil || query["sort_type"] == "ByCreateTimeAsc"
    else { throw Refusal(code: 230_001) }
    guard let chat = place(of: query["container_id"] ?? ""), chat.members.contains(me) else {
      throw Refusal(code: 230_002)
    }
    if lacksPermission, chat.name != nil { throw Refusal(code: 230_027) }
    let from = (query["start_time"].flatMap(Int64.init) ?? 0) * 1000
    let all = posts.filter { $0.chat == chat.id && $0.at >= from }
    let skip = query["page_token"].flatMap(Int.init) ?? 0
    let page = all.dropFirst(skip).prefix(size)
    return [
      "items": .array(page.map(json)), "has_more": .bool(skip + page.count < all.count),
      "page_token": .string(String(skip + page.count)),
    ]
  }

  func json(_ post: Post) -> JSON {
    let isApp = post.sender.hasPrefix("cli_")
    let (text, mentions) = mentions(in: post.content["text"].string ?? "")
    let content: JSON = post.type == "text" ? ["text": .string(text)] : post.content
    var sender: [String: JSON] = [
      "id": .string(post.sender), "id_type": isApp ? "app_id" : "open_id",
      "sender_type": isApp ? "app" : "user", "tenant_key": "t1",
    ]
    if let name = Self.names[post.sender] { sender["sender_name"] = .string(name) }
    if post.type == "system" { sender = ["id": "", "id_type": "", "sender_type": "unknown"] }
    var told: [String: JSON] = [
      "message_id": .string(post.id), "msg_type": .string(post.type),
      "create_time": .string(String(post.at)), "update_time": .string(String(post.at)),
      "deleted": .bool(post.isDeleted), "updated": .bool(post.isEdited),
      "chat_id": .string(post.chat), "sender": .object(sender),
      "body": ["content": .string(content.text)],
    ]
    if !mentions.isEmpty { told["mentions"] = .array(mentions) }
    if let parent = post.parent {
      told["parent_id"] = .string(parent)
      told["root_id"] = .string(parent)
    }
    return .object(told)
  }

  // MARK: - Writing

  private mutating func create(
    _ request: FakeRequest, _ me: String, _ now: Instant
  ) throws -> JSON {
    let whom = request.json?["receive_id"].string ?? ""
    let chat: Place
    switch request.query["receive_id_type"] {
    case "chat_id":
      guard let known = place(of: whom) else { throw Refusal(code: 230_001) }
      chat = known
    case "open_id":
      guard Self.names[whom] != nil, whom != Self.bell else { throw Refusal(code: 230_013) }
      chat = direct(whom)
    default: throw Refusal(code: 99_992_402)
    }
    return try post(request, in: chat, parent: nil, me, now)
  }

  private mutating func reply(
    to id: String, _ request: FakeRequest, _ me: String, _ now: Instant
  ) throws -> JSON {
    guard let answered = posts.first(where: { $0.id == id }), let chat = place(of: answered.chat)
    else { throw Refusal(code: 230_001) }
    guard !answered.isDeleted else { throw Refusal(code: 230_011) }
    return try post(request, in: chat, parent: id, me, now)
  }

  private mutating func post(
    _ request: FakeRequest, in chat: Place, parent: String?, _ me: String, _ now: Instant
  ) throws -> JSON {
    guard chat.members.contains(me) else { throw Refusal(code: 230_002) }
    let uuid = request.json?["uuid"].string ?? ""
    guard uuid.count <= 50 else { throw Refusal(code: 230_001) }
    if let known = known[uuid], known.until > now.milliseconds,
      let post = posts.first(where: { $0.id == known.post })
    {
      return json(post)
    }
    let (type, content) = try content(of: request)
    let post = add(content, type: type, by: me, in: chat.id, parent: parent, now: now)
    if !uuid.isEmpty { known[uuid] = (post.id, now.milliseconds + 3_600_000) }
    if me == Self.app { note(post, .message) }
    return json(post)
  }

  private func content(of request: FakeRequest) throws -> (String, JSON) {
    guard let body = request.json, let type = body["msg_type"].string,
      let content = body["content"].string.flatMap({ JSON(text: $0) })
    else { throw Refusal(code: 230_001) }
    guard request.body.count <= 30 * 1024 else { throw Refusal(code: 230_025) }
    switch type {
    case "text":
      guard content["text"].string?.isEmpty == false else { throw Refusal(code: 230_001) }
      return (type, content)
    case "post":
      guard let lines = content["zh_cn"]["content"].array, !lines.isEmpty,
        lines.allSatisfy({ $0.array?.isEmpty == false })
      else { throw Refusal(code: 230_001) }
      // The language is no more around what is listed.
      return (type, content["zh_cn"])
    default: throw Refusal(code: 230_001)
    }
  }

  private mutating func update(_ id: String, _ request: FakeRequest, _ me: String) throws -> JSON {
    guard let place = posts.firstIndex(where: { $0.id == id }) else { throw Refusal(code: 230_001) }
    guard posts[place].sender == me else { throw Refusal(code: 230_012) }
    (posts[place].type, posts[place].content) = try content(of: request)
    posts[place].isEdited = true
    note(posts[place], .edit)
    return json(posts[place])
  }

  private mutating func react(to id: String, _ request: FakeRequest, _ me: String) throws -> JSON {
    guard let post = posts.first(where: { $0.id == id }) else { throw Refusal(code: 231_003) }
    guard let type = request.json?["reaction_type"]["emoji_type"].string,
      ["DONE", "OK", "THUMBSUP"].contains(type)
    else { throw Refusal(code: 231_001) }
    if !reactions.contains(where: { $0.post == id && $0.type == type }) {
      reactions.append((id, type))
      if me == Self.app { note(post, .reaction, text: type, under: id) }
    }
    return [
      "reaction_id": .string("r\(id)\(type)"), "reaction_type": ["emoji_type": .string(type)],
      "operator": ["operator_id": .string(me), "operator_type": "app"], "action_time": "1",
    ]
  }

  private mutating func note(
    _ post: Post, _ kind: Delivered.Kind, text: String? = nil, under: String? = nil
  ) {
    guard let chat = place(of: post.chat) else { return }
    let shown = Self.shown(post.content)
    delivered.append(
      Delivered(
        kind, id: post.id, room: chat.name == nil ? nil : chat.id,
        person: chat.name == nil ? chat.members.first { $0 != Self.app } : nil,
        text: text ?? shown.text, under: under ?? post.parent, pings: text == nil ? shown.pings : []
      ))
  }

  /// What a reader sees of a rich text, and whom it pings.
  static func shown(_ content: JSON) -> (text: String, pings: [String]) {
    var (lines, pings) = ([String](), [String]())
    for line in content["content"].array ?? [] {
      var words = ""
      for part in line.array ?? [] {
        if part["tag"] == "at" {
          let id = part["user_id"].string ?? ""
          pings.append(id)
          words += "@" + (names[id] ?? id)
        } else {
          words += part["text"].string ?? ""
        }
      }
      lines.append(words)
    }
    return (lines.joined(separator: "\n"), pings)
  }
}
