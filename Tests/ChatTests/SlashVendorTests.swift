import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// What the vendors themselves show of calls and answers, from the folder in
/// `CREWBELL_VENDOR_DATA`. Of what Slack and Mattermost are answered there is no description.
@Suite struct `Native slash commands, as their vendors describe them` {
  private static let folder = VendorData.folder
  private static let now = ChatRun.start

  private static let slack = `Slash commands of Slack`.settings
  private static let mattermost = `Slash commands of Mattermost`.settings
  private static let discord = `Slash commands of Discord`.settings

  private struct Example {
    var name: String
    var json: JSON
  }

  private static func examples(of kind: PlatformKind) throws -> [Example] {
    let files = try FileManager.default.contentsOfDirectory(
      at: try #require(folder).appending(path: "payloads/" + kind.name),
      includingPropertiesForKeys: nil)
    return try files.map { file in
      Example(
        name: file.lastPathComponent,
        json: try #require(JSON(try Data(contentsOf: file)), "\(file.lastPathComponent)"))
    }
  }

  private static func slash(
    _ kind: PlatformKind, _ settings: AccountSettings
  ) throws -> any SlashCommands { try #require(kind.slash?.make(settings)) }

  /// Where the account stands when its platform has said who we are.
  private static func cursor(
    _ kind: PlatformKind, _ settings: AccountSettings, _ me: JSON
  ) throws -> Cursor? {
    try kind.make(settings).read(HTTPResponse(status: 200, body: me.data), after: nil).cursor
  }

  private static func call(_ headers: [String: String], _ body: Data) -> InboundCall {
    InboundCall(method: "POST", headers: headers.map { ($0.key, $0.value) }, body: body)
  }

  /// One line, and nothing of what was shown.
  private static func isClear(_ why: String, _ body: Data) -> Bool {
    let words = String(decoding: body, as: UTF8.self)
    return (10...100).contains(why.count) && !why.contains(where: \.isNewline)
      && !words.contains(why)
  }

  /// - Returns: how many were refused, by status.
  private static func check(
    _ heard: Heard, _ example: Example, _ body: Data, _ counts: inout [Int: Int]
  ) {
    switch heard {
    case .refused(let status, let why):
      counts[status, default: 0] += 1
      #expect(isClear(why, body), "\(example.name): \(why)")
    case .command(let command):
      counts[200, default: 0] += 1
      #expect(command.message.id.hasPrefix("slash:"), "\(example.name)")
    case .answer, .early: counts[0, default: 0] += 1
    }
  }

  /// Slack sends interactions as JSON in the field `payload` of a form, and events as JSON alone.
  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `every example of Slack's is answered or refused in one clear line`() throws {
    let slash = try Self.slash(.slack, Self.slack)
    let me: JSON = ["ok": true, "user_id": "UBELL", "bot_id": "BBELL", "team_id": "T1"]
    let cursor = try Self.cursor(.slack, Self.slack, me)
    let examples = try Self.examples(of: .slack)
    #expect(examples.count >= 40)
    var counts: [Int: Int] = [:]
    for example in examples {
      let form = FakeCall.form([("payload", example.json.text)])
      for body in [example.json.data, form] {
        let signed = Self.call(SlackFake.signature(of: body, at: Self.now), body)
        let heard = slash.hear(signed, after: cursor, now: Self.now)
        Self.check(heard, example, body, &counts)
        if example.json["type"].string == "url_verification", body != form {
          let challenge = Data((example.json["challenge"].string ?? "").utf8)
          #expect(heard == .answer(HTTPResponse(status: 200, body: challenge)))
        }
        let unsigned = slash.hear(Self.call([:], body), after: cursor, now: Self.now)
        if case .refused(401, let why) = unsigned, Self.isClear(why, body) { continue }
        Issue.record("\(example.name) unsigned: \(unsigned)")
      }
    }
    // The challenge alone is answered; none of the examples is a slash command.
    #expect(counts == [0: 1, 400: examples.count * 2 - 1], "\(counts)")
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `every example of Mattermost's is refused in one clear line`() throws {
    let slash = try Self.slash(.mattermost, Self.mattermost)
    let id = "bellbellbellbellbellbellb0"
    let cursor = try Self.cursor(
      .mattermost, Self.mattermost, ["id": .string(id), "username": "crewbell"])
    let examples = try Self.examples(of: .mattermost)
    var counts: [Int: Int] = [:]
    for example in examples {
      // An outgoing webhook has nearly the fields of a command, and another token.
      let fields = (example.json.object ?? [:]).map { name, value in
        (name, value.string ?? value.integer.map(String.init) ?? "")
      }
      let ours = fields.filter { $0.0 != "token" } + [("token", MattermostFake.slashToken)]
      for body in [example.json.data, FakeCall.form(fields), FakeCall.form(ours)] {
        let heard = slash.hear(Self.call([:], body), after: cursor, now: Self.now)
        Self.check(heard, example, body, &counts)
      }
    }
    #expect(examples.count >= 5)
    #expect(counts == [401: examples.count * 2, 400: examples.count], "\(counts)")
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `every example of Discord's is heard or refused in one clear line`() throws {
    let slash = try Self.slash(.discord, Self.discord)
    let me: JSON = ["id": "1001", "username": "crewbell", "bot": true]
    let cursor = try Self.cursor(.discord, Self.discord, me)
    let examples = try Self.examples(of: .discord)
    #expect(examples.count >= 20)
    var counts: [Int: Int] = [:]
    for example in examples {
      for json in [example.json, Self.typed(example.json)] {
        let body = json.data
        let signed = Self.call(DiscordFake.signature(of: body, at: Self.now), body)
        Self.check(slash.hear(signed, after: cursor, now: Self.now), example, body, &counts)
      }
    }
    // Of Discord's two whole interactions one was typed, the other is a menu's; three examples say
    // `"type": 1` and nothing that a PING would not.
    #expect(counts == [0: 6, 200: 3, 400: examples.count * 2 - 9], "\(counts)")
  }

  /// The interaction as it would be had somebody typed our command.
  private static func typed(_ json: JSON) -> JSON {
    guard json["type"].integer == 2, var whole = json.object, var data = json["data"].object else {
      return json
    }
    data["type"] = 1
    data["name"] = "crewbell"
    data["options"] = [["name": "command", "type": 3, "value": "mine"]]
    whole["data"] = .object(data)
    return .object(whole)
  }

  /// What a call is answered with over HTTP is what the callback endpoint takes.
  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `what Discord is answered fits its description`() async throws {
    let slash = try Self.slash(.discord, Self.discord)
    let ping: JSON = ["type": 1]
    let asked = Self.call(DiscordFake.signature(of: ping.data, at: Self.now), ping.data)
    guard case .answer(let pong) = slash.hear(asked, after: nil, now: Self.now) else {
      Issue.record("a PING was refused")
      return
    }
    let answers = [pong, slash.answer(.taken), slash.answer(.told("Try again @everyone"))]
    var calls = answers.map { answer -> JSON in
      [
        "method": "POST", "path": "/interactions/1/tok/callback", "query": [], "status": 204,
        "request": JSON(answer.body) ?? .null, "response": .null,
      ]
    }
    var chat = DiscordFake()
    let given = chat.slash("mine", by: chat.people[0], now: Self.now)
    let cursor = try Self.cursor(
      .discord, Self.discord,
      ["id": .string(DiscordFake.bell), "username": "crewbell", "bot": true])
    let heard = slash.hear(Self.call(given.headers, given.body), after: cursor, now: Self.now)
    guard case .command(let command) = heard else {
      Issue.record("\(heard)")
      return
    }
    let post = Post(text: Markup([.strong("yours"), .lineBreak, .command("mine")]))
    let token = Credential(token: DiscordFake.token)
    let requests =
      [0, 1].map { slash.whisper(post, by: command.way, number: $0) } + slash.register(with: token)
    for request in requests {
      let call = FakeRequest(request)
      guard case .now(let response) = chat.answer(call, now: Self.now) else { continue }
      calls.append([
        "method": .string(call.method),
        "path": .string("/" + call.path.dropFirst(2).joined(separator: "/")),
        "query": .array(call.query.keys.sorted().map(JSON.string)),
        "request": call.json ?? .null, "status": .integer(Int64(response.status)),
        "response": JSON(response.body) ?? .null,
      ])
    }
    let said = try await VendorData.hold(
      calls, by: "discord_description.py", "discord/openapi-trimmed.json")
    #expect(calls.count == 6)
    #expect(said.last == "6 calls, 0 do not fit", "\(said.all)")
  }
}
