import Crew
import Foundation
import Platforms

extension DiscordFake {
  struct Refusal: Error {
    var status: Int
    var code: Int64
    var errors: JSON?
    init(_ status: Int, _ code: Int64, errors: JSON? = nil) {
      (self.status, self.code, self.errors) = (status, code, errors)
    }
  }

  /// How often a call was refused because there were too many, of one kind and of all.
  public var refusedCalls: (ofBucket: Int, ofAll: Int) {
    (limiter.refused, limiter.globallyRefused)
  }

  public mutating func answer(_ request: FakeRequest, now: Instant) -> FakeAnswer {
    guard request.path.starts(with: ["api", "v10"]),
      request.headers["user-agent"]?.hasPrefix("DiscordBot (") == true
    else { return .now(HTTPResponse(status: 403, body: Data("<html>Cloudflare".utf8))) }
    let path = Array(request.path.dropFirst(2))
    let route =
      request.method + " " + (path.last { !$0.allSatisfy(\.isNumber) && $0 != "@me" } ?? "me")
    let (headers, refusal) = limiter.count(
      path.contains("reactions") ? "PUT reactions" : route,
      path.count > 2 || path.first == "channels" ? path[1] : "", now: now)
    if let refusal { return .now(refusal) }
    if path.first == "webhooks" { return .now(respond(request, path, now)) }
    do {
      let tokens = ["Bot " + Self.token: Self.bell, "Bot " + Self.anaToken: Self.ana]
      guard let me = request.headers["authorization"].flatMap({ tokens[$0] }) else {
        throw Refusal(401, 0)
      }
      guard let body = try call(request, path, me, now) else {
        return .now(HTTPResponse(status: 204, headers: headers))
      }
      return .json(200, body, headers: headers)
    } catch {
      let refusal = error as? Refusal ?? Refusal(500, 0)
      var body: [String: JSON] = ["message": "refused", "code": .integer(refusal.code)]
      body["errors"] = refusal.errors
      return .json(refusal.status, .object(body), headers: headers)
    }
  }

  /// - Returns: nil for an answer without a body.
  private mutating func call(
    _ request: FakeRequest, _ path: [String], _ me: String, _ now: Instant
  ) throws -> JSON? {
    switch (request.method, path.count, path.first, path.last) {
    case ("GET", 2, "users", "@me"): return ownJSON(me)
    case ("GET", 2, "applications", "@me"), ("GET", 3, "oauth2", "@me"): return applicationJSON(me)
    case ("GET", 2, "users", let person?):
      guard Self.names[person] != nil else { throw Refusal(404, 10_013) }
      return .object(userJSON(person))
    case ("POST", 3, "applications", "commands"): return try command(request, path[1], me)
    case ("GET", 3, "users", "guilds"): return guilds(request)
    case ("POST", 3, "users", "channels"):
      // Ids may be sent as numbers too.
      let id = request.json?["recipient_id"]
      guard let person = id?.string ?? id?.integer.map(String.init), Self.names[person] != nil
      else {
        throw Refusal(400, 50_033)
      }
      return channelJSON(direct(me == Self.bell ? person : me))
    case ("GET", 3, "guilds", "channels"):
      try expectGuild(path[1])
      // All of them, also those that are hidden from the bot.
      return .array(channels.filter { [0, 15].contains($0.type) }.map(channelJSON))
    case ("GET", 4, "guilds", "active"):
      try expectGuild(path[1])
      if me == Self.bell { isListening = true }
      let active = channels.filter { $0.type == 11 && !$0.isArchived }
      return ["threads": .array(active.map(channelJSON)), "members": [], "has_more": false]
    default: break
    }
    guard path.first == "channels", path.count > 1 else { throw Refusal(404, 0) }
    let channel = try channel(path[1])
    return try call(request, path, channel, me, now)
  }

  private mutating func call(
    _ request: FakeRequest, _ path: [String], _ channel: Channel, _ me: String, _ now: Instant
  ) throws -> JSON? {
    switch (request.method, path.count) {
    case ("GET", 2): return channelJSON(channel)
    case ("GET", 3) where path[2] == "messages": return try history(channel, request)
    case ("POST", 3) where path[2] == "messages": return try post(request, channel, me, now)
    case ("GET", 4) where path[2] == "messages": return json(try message(path[3], in: channel))
    case ("PATCH", 4) where path[2] == "messages": return try patch(request, path[3], channel, me)
    case ("POST", 5) where path[4] == "threads":
      let head = try message(path[3], in: channel)
      let id = thread(under: "\(channel.id):\(head.id)", now: now)
      return channelJSON(try self.channel(id))
    case ("PUT", 7) where path[4] == "reactions" && path[6] == "@me":
      let target = try message(path[3], in: channel)
      guard path[5].unicodeScalars.allSatisfy({ !$0.isASCII }) else { throw Refusal(400, 10_014) }
      reactions.append((target.id, path[5]))
      if me == Self.bell { note(target, channel, .reaction, text: path[5]) }
      return nil
    default: throw Refusal(404, 0)
    }
  }

  private func expectGuild(_ id: String) throws {
    guard id == Self.guild else { throw Refusal(404, 10_004) }
  }

  private func channel(_ id: String) throws -> Channel {
    guard let channel = channels.first(where: { $0.id == id }) else { throw Refusal(404, 10_003) }
    guard !channel.isHidden else { throw Refusal(403, 50_001) }
    return channel
  }

  private func message(_ id: String, in channel: Channel) throws -> Posted {
    guard let post = posted.first(where: { String($0.id) == id && $0.channel == channel.id }) else {
      throw Refusal(404, 10_008)
    }
    return post
  }

  private func guilds(_ request: FakeRequest) -> JSON {
    let after = request.query["after"].flatMap(Int64.init) ?? 0
    return (Int64(Self.guild) ?? 0) > after ? [guildJSON] : []
  }

  /// Newest first; `after` gives the oldest that follow.
  private func history(_ channel: Channel, _ request: FakeRequest) throws -> JSON {
    let limit = request.query["limit"].map { Int($0) ?? 0 } ?? 50
    guard (1...100).contains(limit) else { throw Refusal(400, 50_035) }
    guard channel.type != 15 else { throw Refusal(400, 50_024) }
    var all = posted.filter { $0.channel == channel.id }
    if let after = request.query["after"] {
      guard let id = Int64(after) else { throw Refusal(400, 50_035) }
      all = Array(all.filter { $0.id > id }.prefix(limit))
    } else {
      if let before = request.query["before"].flatMap(Int64.init) {
        all.removeAll { $0.id >= before }
      }
      all = Array(all.suffix(limit))
    }
    return .array(all.reversed().map { json($0) })
  }

  // MARK: - Writing

  private struct Written {
    var content: String
    var pings: [String]
  }

  private func checked(_ body: JSON, silently replied: String? = nil) throws -> Written {
    let content = (body["content"].string ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    guard !content.isEmpty else { throw Refusal(400, 50_006) }
    guard content.unicodeScalars.count <= 2000 else {
      throw Refusal(400, 50_035, errors: ["content": ["_errors": []]])
    }
    let allowed = body["allowed_mentions"]
    let (parse, users) = (allowed["parse"].array, allowed["users"].array)
    if parse?.contains("users") == true, users?.isEmpty == false {
      throw Refusal(400, 50_035, errors: ["allowed_mentions": ["_errors": []]])
    }
    let reads = DiscordReading(content)
    // Without it everything rings.
    let isFree = allowed.object == nil
    var pings = reads.users.filter { user in
      isFree || parse?.contains("users") == true || users?.contains(.string(user)) == true
    }
    if reads.ringsForAll, isFree || parse?.contains("everyone") == true { pings.append("*") }
    if let replied, allowed["replied_user"].bool ?? isFree { pings.append(replied) }
    return Written(content: content, pings: pings)
  }

  private mutating func post(
    _ request: FakeRequest, _ channel: Channel, _ me: String, _ now: Instant
  ) throws -> JSON {
    guard let body = request.json, body.object != nil,
      request.headers["content-type"]?.hasPrefix("application/json") == true
    else { throw Refusal(400, 50_109) }
    guard !channel.isLocked else { throw Refusal(400, 50_083) }
    guard channel.type != 15 else { throw Refusal(400, 50_024) }
    let nonce = body["nonce"].string
    guard nonce?.unicodeScalars.count ?? 0 <= 25 else {
      throw Refusal(400, 50_035, errors: ["nonce": ["_errors": []]])
    }
    let reference = body["message_reference"]["message_id"].string
    let replied = posted.first { String($0.id) == reference && $0.channel == channel.id }
    if reference != nil, replied == nil,
      body["message_reference"]["fail_if_not_exists"].bool != false
    {
      throw Refusal(400, 50_035, errors: ["message_reference": ["_errors": []]])
    }
    let written = try checked(body, silently: replied?.author)
    if let nonce, body["enforce_nonce"].bool == true,
      let known = nonces[Nonce(author: me, nonce: nonce)],
      now.seconds(since: known.at) < Self.nonceSeconds,
      let post = posted.first(where: { $0.id == known.message })
    {
      return json(post, nonce: nonce)
    }
    let post = add(written.content, by: me, in: channel.id, now: now) {
      $0.type = replied == nil ? 0 : 19
      $0.reference = replied.map { String($0.id) }
      $0.flags = body["flags"].integer ?? 0
      $0.pings = written.pings
    }
    if let nonce { nonces[Nonce(author: me, nonce: nonce)] = (post.id, now) }
    if me == Self.bell { note(post, channel, .message) }
    return json(post, nonce: nonce)
  }

  private mutating func patch(
    _ request: FakeRequest, _ id: String, _ channel: Channel, _ me: String
  ) throws -> JSON {
    let old = try message(id, in: channel)
    guard old.author == me else { throw Refusal(403, 50_005) }
    let written = try checked(request.json ?? .null)
    guard let place = posted.firstIndex(where: { $0.id == old.id }) else {
      throw Refusal(404, 10_008)
    }
    posted[place].content = written.content
    posted[place].isEdited = true
    posted[place].pings = written.pings
    if me == Self.bell { note(posted[place], channel, .edit) }
    return json(posted[place])
  }

  private mutating func note(
    _ post: Posted, _ channel: Channel, _ kind: Delivered.Kind, text: String? = nil
  ) {
    let isDirect = channel.person != nil
    delivered.append(
      Delivered(
        kind, id: "\(channel.id):\(post.id)", room: isDirect ? nil : channel.parent ?? channel.id,
        person: channel.person, text: text ?? DiscordReading(post.content).plain,
        under: text == nil
          ? channel.type == 11 ? channel.id : post.reference : "\(channel.id):\(post.id)",
        pings: text == nil ? post.pings : []))
  }
}
