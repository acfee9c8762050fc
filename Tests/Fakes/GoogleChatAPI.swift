import Crew
import Foundation
import Platforms

extension GoogleChatFake {
  struct Refusal: Error {
    var status: Int
    var word: String
    init(_ status: Int, _ word: String) { (self.status, self.word) = (status, word) }

    static let invalid = Refusal(400, "INVALID_ARGUMENT")
    static let forbidden = Refusal(403, "PERMISSION_DENIED")
    static let missing = Refusal(404, "NOT_FOUND")
  }

  public mutating func answer(_ request: FakeRequest, now: Instant) -> FakeAnswer {
    let date = ["date": now.httpDate]
    do {
      if request.path == ["token"] {
        return .json(200, try token(request, now), headers: date)
      }
      guard let token = request.headers["authorization"], token.hasPrefix("Bearer "),
        let end = tokens[String(token.dropFirst(7))], now < end
      else { throw Refusal(401, "UNAUTHENTICATED") }
      guard request.path.first == "v1" else { throw Refusal.missing }
      let path = Array(request.path.dropFirst())
      if path.first == "projects" {
        return try subscription(request, path.joined(separator: "/"), now, date)
      }
      return .json(200, try chat(request, path, now), headers: date)
    } catch let refusal as GoogleTokenRefusal {
      return .json(400, ["error": .string(refusal.word)], headers: date)
    } catch {
      let refusal = error as? Refusal ?? Refusal(500, "INTERNAL")
      return .json(
        refusal.status,
        [
          "error": [
            "code": .integer(Int64(refusal.status)), "message": "refused",
            "status": .string(refusal.word),
          ]
        ], headers: date)
    }
  }

  private mutating func token(_ request: FakeRequest, _ now: Instant) throws -> JSON {
    let form = request.form
    guard request.method == "POST",
      form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer",
      let assertion = form["assertion"]
    else { throw GoogleTokenRefusal("invalid_request") }
    try GoogleKey.check(assertion, email: Self.email, now: now)
    let token = "ya29.canary-\(tokens.count + 1)"
    tokens[token] = now.adding(seconds: Self.tokenSeconds)
    return [
      "access_token": .string(token), "expires_in": .integer(Self.tokenSeconds),
      "token_type": "Bearer",
    ]
  }

  // MARK: - Pub/Sub

  private mutating func subscription(
    _ request: FakeRequest, _ path: String, _ now: Instant, _ date: [String: String]
  ) throws -> FakeAnswer {
    switch (request.method, path) {
    case ("GET", Self.subscription):
      guard !mayNotLook else { throw Refusal.forbidden }
      let usual: [String: JSON] = [
        "name": .string(path), "topic": "projects/acme-chat/topics/chat", "pushConfig": [:],
        "ackDeadlineSeconds": .integer(Self.leaseSeconds), "state": "ACTIVE",
        "messageRetentionDuration": "604800s", "expirationPolicy": [:],
      ]
      return .json(200, .object(usual.merging(settings) { $1 }), headers: date)
    case ("POST", Self.subscription + ":pull"):
      guard settings["pushConfig"] == nil else { throw Refusal(400, "FAILED_PRECONDITION") }
      return try pull(request, now, date)
    case ("POST", Self.subscription + ":acknowledge"):
      return .json(200, try acknowledge(request, now), headers: date)
    default: throw Refusal.missing
    }
  }

  private mutating func pull(
    _ request: FakeRequest, _ now: Instant, _ date: [String: String]
  ) throws -> FakeAnswer {
    guard let body = request.json?.object, Set(body.keys) == ["maxMessages"],
      let most = body["maxMessages"]?.integer, (1...1000).contains(most)
    else { throw Refusal.invalid }
    var free = queue.indices.filter { queue[$0].leasedUntil.map { $0 <= now } ?? true }
    if isUnordered { free.reverse() }
    guard !free.isEmpty else {
      return .hold(seconds: 20, else: .json(200, [:], headers: date))
    }
    var received: [JSON] = []
    for place in free.prefix(Int(most)) {
      lastID += 1
      if queue[place].attempts > 0 { redelivered += 1 }
      queue[place].attempts += 1
      queue[place].leasedUntil = now.adding(seconds: Self.leaseSeconds)
      queue[place].ackID = "ack-\(lastID)=="
      ackIDs.insert("ack-\(lastID)==")
      received.append([
        "ackId": .string("ack-\(lastID)=="),
        "message": [
          "data": .string(queue[place].body.data.base64EncodedString()),
          "messageId": .string(queue[place].id),
          "publishTime": .string(Self.time(queue[place].publishedAt)),
        ],
      ])
    }
    return .json(200, ["receivedMessages": .array(received)], headers: date)
  }

  /// "Acknowledging a message whose ack deadline has expired may succeed, but such a message may be
  /// redelivered later": here it always is.
  private mutating func acknowledge(_ request: FakeRequest, _ now: Instant) throws -> JSON {
    guard let body = request.json?.object, Set(body.keys) == ["ackIds"],
      let ids = body["ackIds"]?.array?.compactMap(\.string), !ids.isEmpty,
      ids.allSatisfy(ackIDs.contains)
    else { throw Refusal.invalid }
    let done = queue.filter { message in
      message.ackID.map(ids.contains) == true && message.leasedUntil.map { now < $0 } == true
    }
    queue.removeAll { message in done.contains { $0.id == message.id } }
    lately = (lately + done).suffix(5)
    return [:]
  }

  // MARK: - Chat

  private mutating func chat(
    _ request: FakeRequest, _ path: [String], _ now: Instant
  ) throws -> JSON {
    switch (request.method, path.count) {
    case ("GET", 1) where path[0] == "spaces:findDirectMessage":
      let name = request.query["name"] ?? ""
      guard name.hasPrefix("users/") else { throw Refusal.invalid }
      guard let space = spaces.first(where: { $0.person == String(name.dropFirst(6)) }) else {
        throw Refusal.missing
      }
      return spaceJSON(space)
    case ("GET", 4): return json(try message(path))
    case ("PATCH", 4): return try patch(request, path)
    case ("POST", 3) where path[0] == "spaces" && path[2] == "messages":
      guard let space = spaces.first(where: { $0.id == path[1] }) else { throw Refusal.missing }
      guard space.hasApp else { throw Refusal.forbidden }
      return try create(request, in: space, now)
    default: throw Refusal.missing
    }
  }

  private func message(_ path: [String]) throws -> Written {
    guard path[0] == "spaces", path[2] == "messages",
      let found = written.first(where: {
        $0.space == path[1] && ($0.id == path[3] || $0.clientID == path[3])
      })
    else { throw Refusal.missing }
    return found
  }

  private func checked(_ body: JSON?, _ known: Set<String>) throws -> (JSON, text: String) {
    guard let body, let members = body.object, Set(members.keys).isSubset(of: known),
      let text = body["text"].string, !text.allSatisfy(\.isWhitespace), body.data.count <= 32_000
    else { throw Refusal.invalid }
    return (body, text)
  }

  private mutating func create(
    _ request: FakeRequest, in space: Space, _ now: Instant
  ) throws -> JSON {
    let query = request.query
    let known: Set<String> = ["messageId", "requestId", "messageReplyOption"]
    guard Set(query.keys).isSubset(of: known) else { throw Refusal.invalid }
    let (body, text) = try checked(request.json, ["text", "thread", "privateMessageViewer"])
    if let id = query["requestId"], let made = written.first(where: { $0.requestID == id }) {
      return json(made)
    }
    if let id = query["messageId"] {
      guard id.wholeMatch(of: /client-[a-z0-9-]{1,56}/) != nil else { throw Refusal.invalid }
      guard !written.contains(where: { $0.space == space.id && $0.clientID == id }) else {
        throw Refusal(409, "ALREADY_EXISTS")
      }
    }
    var message = blank(text, by: Self.bell, in: space, now)
    message.clientID = query["messageId"]
    message.requestID = query["requestId"]
    if let viewer = body["privateMessageViewer"]["name"].string {
      let person = String(viewer.dropFirst(6))
      guard viewer.hasPrefix("users/"), space.members.contains(person) else {
        throw Refusal.invalid
      }
      message.viewer = person
    }
    try put(&message, inThread: body["thread"]["name"].string, query["messageReplyOption"])
    written.append(message)
    note(message, space, .message)
    return json(message)
  }

  private func put(_ message: inout Written, inThread name: String?, _ option: String?) throws {
    guard let option else { return }
    guard ["REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD", "REPLY_MESSAGE_OR_FAIL"].contains(option)
    else { throw Refusal.invalid }
    let head = written.first { name == "spaces/\(message.space)/threads/\($0.thread)" }
    if let head {
      (message.thread, message.isReply) = (head.thread, true)
    } else if option == "REPLY_MESSAGE_OR_FAIL" {
      throw Refusal.missing
    }
  }

  private mutating func patch(_ request: FakeRequest, _ path: [String]) throws -> JSON {
    let old = try message(path)
    guard old.author == Self.bell else { throw Refusal.forbidden }
    guard request.query == ["updateMask": "text"] else { throw Refusal.invalid }
    let text = try checked(request.json, ["text"]).text
    guard let place = written.firstIndex(where: { $0.id == old.id && $0.space == old.space }),
      let space = spaces.first(where: { $0.id == old.space })
    else { throw Refusal.missing }
    written[place].text = text
    note(written[place], space, .edit)
    return json(written[place])
  }

  private mutating func note(_ message: Written, _ space: Space, _ kind: Delivered.Kind) {
    let (plain, pings) = Self.reading(message.text)
    delivered.append(
      Delivered(
        kind, id: id(message), room: space.person == nil ? space.id : nil,
        person: space.person ?? message.viewer, text: plain,
        under: message.isReply ? message.thread : nil, pings: pings))
  }
}
