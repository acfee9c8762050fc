import Crew
import Crypto
import Foundation
import Platforms

// Interactions over HTTP (discord.com/developers/docs/interactions/receiving-and-responding).
extension DiscordFake {
  /// Whoever has these 32 bytes signs as Discord does for this application.
  public static let seed = Data(repeating: 9, count: 32)

  public static var publicKey: String {
    (try? Curve25519.Signing.PrivateKey(rawRepresentation: seed))
      .map { hex($0.publicKey.rawRepresentation) } ?? ""
  }

  struct Way {
    var channel: String
    var person: String
    var until: Instant
    /// The message that took the place of "is thinking".
    var original: Int64?
    var answers = 0
  }

  /// Somebody gives `/crewbell command:text`, and Discord calls.
  public mutating func slash(
    _ text: String, by person: String, in room: String? = nil, now: Instant
  ) -> FakeCall {
    let channel = room ?? self.room
    lastID = max(lastID + 1, (now.milliseconds - 1_420_070_400_000) << 22)
    let token = "aW50ZXJhY3Rpb24.secret-token_\(ways.count + 1)"
    ways[token] = Way(channel: channel, person: person, until: now.adding(seconds: 900))
    let body: JSON = [
      "id": .string(String(lastID)), "application_id": .string(Self.bell), "type": 2,
      "token": .string(token), "version": 1, "guild_id": .string(Self.guild),
      "channel_id": .string(channel), "channel": ["id": .string(channel), "type": 0],
      "locale": "en-US", "guild_locale": "en-US", "app_permissions": "442368",
      "authorizing_integration_owners": ["0": .string(Self.guild)], "context": 0,
      "entitlements": [],
      "member": [
        "user": .object(userJSON(person)), "nick": .null, "roles": [], "permissions": "0",
        "deaf": false, "mute": false, "joined_at": "2021-02-12T18:25:07.972000+00:00",
      ],
      "data": [
        "id": "866818195033292850", "name": "crewbell", "type": 1,
        "options": [["name": "command", "type": 3, "value": .string(text)]],
      ],
    ]
    return FakeCall(headers: Self.signature(of: body.data, at: now), body: body.data)
  }

  public static func signature(of body: Data, at now: Instant) -> [String: String] {
    let signed = Data(String(now.seconds).utf8) + body
    let signature = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
      .signature(for: signed)
    return [
      "content-type": "application/json", "x-signature-timestamp": String(now.seconds),
      "x-signature-ed25519": hex(signature ?? Data()),
    ]
  }

  private static func hex(_ bytes: Data) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// `/webhooks/{application}/{token}` and the message that was promised.
  mutating func respond(
    _ request: FakeRequest, _ path: [String], _ now: Instant
  ) -> HTTPResponse {
    func refused(_ status: Int, _ code: Int64) -> HTTPResponse {
      .json(status, ["message": "refused", "code": .integer(code)])
    }
    guard path.count >= 3, path[1] == Self.bell, var way = ways[path[2]] else {
      return refused(404, 10_015)
    }
    guard now < way.until else { return refused(401, 50_027) }
    guard request.headers["authorization"] == nil, let json = request.json,
      let content = json["content"].string, (1...2000).contains(content.utf16.count),
      json["allowed_mentions"]["parse"].array == []
    else { return refused(400, 50_035) }
    let isOriginal = Array(path.dropFirst(3)) == ["messages", "@original"]
    switch (request.method, isOriginal, path.count) {
    case ("PATCH", true, _), ("POST", false, 3): break
    default: return refused(404, 0)
    }
    let isNew = !isOriginal || way.original == nil
    if isNew { lastID += 1 }
    let id = isOriginal ? way.original ?? lastID : lastID
    if isOriginal { way.original = id }
    way.answers += 1
    ways[path[2]] = way
    let flags = isOriginal ? 64 : json["flags"].integer ?? 0
    let post = Posted(id: id, channel: way.channel, author: Self.bell, content: content)
    delivered.append(
      Delivered(
        isNew ? .message : .edit, id: "\(way.channel):\(id)", room: way.channel,
        person: flags & 64 == 0 ? nil : way.person, text: DiscordReading(content).plain))
    var answer = self.json(post).object ?? [:]
    answer["flags"] = .integer(flags)
    return .json(200, .object(answer))
  }

  mutating func command(_ request: FakeRequest, _ id: String, _ me: String) throws -> JSON {
    guard me == Self.bell, id == me else { throw Refusal(403, 20_012) }
    guard let json = request.json, let name = json["name"].string,
      (1...32).contains(name.count), name == name.lowercased(),
      (1...100).contains(json["description"].string?.count ?? 0)
    else { throw Refusal(400, 50_035) }
    for option in json["options"].array ?? [] {
      guard (1...11).contains(option["type"].integer ?? 0), option["name"].string != nil,
        (1...100).contains(option["description"].string?.count ?? 0)
      else { throw Refusal(400, 50_035) }
    }
    commands.removeAll { $0 == name }
    commands.append(name)
    return [
      "id": "866818195033292850", "application_id": .string(id), "type": 1, "name": .string(name),
      "description": json["description"], "version": "1", "default_member_permissions": .null,
    ]
  }
}
