import Crew
import Foundation

/// Discord's application commands over HTTP
/// (https://discord.com/developers/docs/interactions/receiving-and-responding).
public struct DiscordSlash: SlashCommands {
  let discord: Discord
  private let publicKey: [UInt8]

  /// "Interaction tokens are valid for 15 minutes"; a minute is left as a margin.
  static let lifeSeconds: Int64 = 14 * 60
  /// Only the one who asked sees it (resources/message, "Message Flags").
  static let ephemeral: Int64 = 1 << 6

  /// - Parameter publicKey: the application's, in hex; nil where it is none.
  public init?(_ discord: Discord, publicKey: String) {
    guard let bytes = Signature.bytes(ofHex: publicKey), bytes.count == 32 else { return nil }
    self.discord = discord
    self.publicKey = bytes
  }

  // MARK: - Calls

  public func hear(_ call: InboundCall, after cursor: Cursor?, now: Instant) -> Heard {
    if let refusal = refusal(of: call, now) { return refusal }
    let json = JSON(call.body) ?? .null
    if json["type"].integer == 1 { return .answer(.json(["type": 1])) }
    // Of the commands only those that are typed.
    guard json["type"].integer == 2, json["data"]["type"].integer ?? 1 == 1,
      let id = json["id"].string, Discord.isID(id),
      let channel = json["channel_id"].string, Discord.isID(channel)
    else { return .refused(status: 400, "it is no slash command") }
    let user = json["member"]["user"] == .null ? json["user"] : json["member"]["user"]
    guard let person = user["id"].string, Discord.isID(person) else {
      return .refused(status: 400, "it names nobody")
    }
    let memory = Discord.Memory(cursor)
    guard let me = memory.me else { return .early }
    let account = discord.settings.account
    let (room, thread) = place(channel, json["channel"], memory)
    var message = Message(
      id: "slash:" + id, room: Room(account: account, id: room),
      isDirect: json["guild_id"].string == nil,
      sender: Identity(account: account, user: person), senderName: name(of: json, user),
      senderKind: user["bot"].bool == true ? .bot : .person, thread: thread, sentAt: now)
    let written = Discord.Written(
      [
        "id": .string(id), "type": 0, "author": user,
        "content": .string(Self.words(json["data"]["options"])),
        "mentions": .array((json["data"]["resolved"]["users"].object ?? [:]).map(\.value)),
      ], in: channel)
    message.speak(
      json["data"]["name"].string ?? "",
      written.map { Discord.Body($0, me: me, account: account).pieces } ?? [])
    return .command(
      SlashCommand(
        message: message, way: Credential(token: Self.way(json)),
        until: now.adding(seconds: Self.lifeSeconds)))
  }

  /// Nil where Discord has signed it, and lately. It calls with wrong signatures on purpose, and
  /// takes the address away from whoever does not answer them with 401.
  private func refusal(of call: InboundCall, _ now: Instant) -> Heard? {
    guard let stamp = call.header("x-signature-timestamp"),
      let given = call.header("x-signature-ed25519")
    else { return .refused(status: 401, "a header of the signature is missing or stands twice") }
    guard Signature.time(stamp, now: now) != nil else {
      return .refused(status: 401, "its time is more than five minutes off")
    }
    guard let bytes = Signature.bytes(ofHex: given), bytes.count == 64,
      Signature.isEd25519(bytes, of: Data(stamp.utf8) + call.body, by: publicKey)
    else { return .refused(status: 401, "its signature is wrong") }
    return nil
  }

  /// A thread stands in its channel (types 10 to 12; resources/channel, "Channel Types").
  private func place(
    _ channel: String, _ json: JSON, _ memory: Discord.Memory
  ) -> (room: String, thread: String?) {
    let known = memory.room(of: channel)
    if known != channel { return (known, channel) }
    guard let type = json["type"].integer, (10...12).contains(type),
      let parent = json["parent_id"].string, Discord.isID(parent)
    else { return (channel, nil) }
    return (parent, channel)
  }

  private func name(of json: JSON, _ user: JSON) -> String {
    if let nick = json["member"]["nick"].string, !nick.isEmpty { return String(nick.prefix(100)) }
    return Discord.name(of: user)
  }

  /// What was typed into the options, in their order; subcommands by name.
  private static func words(_ options: JSON) -> String {
    (options.array ?? []).prefix(25).flatMap { option -> [String] in
      switch option["type"].integer {
      case 1, 2: [option["name"].string ?? "", words(option["options"])]
      default: [option["value"].string ?? option["value"].integer.map(String.init) ?? ""]
      }
    }.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The application and the token of the interaction.
  private static func way(_ json: JSON) -> String {
    guard let application = json["application_id"].string, Discord.isID(application),
      let token = json["token"].string, (1...1024).contains(token.utf8.count),
      token.utf8.allSatisfy({
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
          || [0x2D, 0x2E, 0x5F, 0x3D].contains($0)
      })
    else { return "" }
    return application + "/" + token
  }

  // MARK: - Answers

  public func answer(_ reply: SlashReply) -> HTTPResponse {
    switch reply {
    // "crewbell is thinking", until the first answer takes its place.
    case .taken: .json(["type": 5, "data": ["flags": .integer(Self.ephemeral)]])
    case .told(let words):
      .json([
        "type": 4,
        "data": [
          "content": .string(words), "flags": .integer(Self.ephemeral),
          "allowed_mentions": ["parse": []],
        ],
      ])
    }
  }

  /// The first answer is the text of what was promised, and that can be set any number of times;
  /// each further one is a message of its own.
  public func whisper(_ post: Post, by way: Credential, number: Int) -> HTTPRequest {
    let parts = way.token.split(separator: "/").map(String.init)
    let path = ["webhooks"] + parts
    var body = discord.content(post)
    var request: HTTPRequest
    if number == 0 {
      request = discord.call(
        .patch, path + ["messages", "@original"], body: .object(body),
        with: Credential(token: ""))
    } else {
      body["flags"] = .integer(Self.ephemeral | Discord.noEmbeds)
      request = discord.call(.post, path, body: .object(body), with: Credential(token: ""))
      request.isRepeatable = false
    }
    // The token in the address is all there is to show.
    request.headers["Authorization"] = nil
    return request
  }

  public func whispered(_ response: HTTPResponse) -> Whispered {
    switch response.status {
    case 429: .retry(afterSeconds: Discord.wait(in: response))
    case 200...299:
      JSON(response.body)?["id"].string.map { .sent(id: $0) } ?? .unknown
    case 408, 409, 425, 500...: .unknown
    default: .closed
    }
  }

  /// Makes `/crewbell` known, or says it anew: a command of that name is replaced
  /// (interactions/application-commands, "Create Global Application Command").
  public func register(with credential: Credential) -> [HTTPRequest] {
    // The first part of a token is the bot's number, which is the application's too.
    let first = credential.token.split(separator: ".").first.map(String.init) ?? ""
    let padded = first + String(repeating: "=", count: (4 - first.utf8.count % 4) % 4)
    guard let bytes = Data(base64Encoded: padded),
      let id = String(data: bytes, encoding: .utf8), Discord.isID(id)
    else { return [] }
    return [
      discord.call(
        .post, ["applications", id, "commands"],
        body: [
          "name": "crewbell", "type": 1,
          "description": "Ask Crewbell, and only you see the answer",
          "options": [
            [
              "type": 3, "name": "command", "required": false,
              "description": "task add renew cert due fri",
            ]
          ],
        ], with: credential)
    ]
  }
}
