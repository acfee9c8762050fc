import Crew
import Foundation
import Testing

@testable import Platforms

@Suite struct `Mattermost, slash commands` {
  private typealias Desk = MattermostDesk
  private let now = Instant(seconds: 1_766_000_000)
  private let slash = MattermostSlash(
    MattermostDesk.mattermost,
    tokens: Credential(token: MattermostDesk.id("one") + " " + MattermostDesk.id("two")))

  private func cursor() throws -> Cursor? {
    let response = HTTPResponse(
      status: 200, body: JSON.object(["id": .string(Desk.bell), "username": "crewbell"]).data)
    return try Desk.mattermost.read(response, after: nil).cursor
  }

  private func fields(_ change: [String: String] = [:]) -> [(String, String)] {
    [
      "token": Desk.id("two"), "channel_id": Desk.room, "channel_name": "desk",
      "command": "/crewbell", "text": "mine", "trigger_id": "a:b=", "user_id": Desk.ana,
      "user_name": "ana",
      "response_url": "https://other.example/hooks/commands/" + Desk.id("hook"),
    ].merging(change) { $1 }.sorted { $0.key < $1.key }
  }

  private func hear(_ fields: [(String, String)]) throws -> Heard {
    let call = InboundCall(method: "POST", headers: [], body: SlashSigner.form(fields))
    return slash.hear(call, after: try cursor(), now: now)
  }

  private func command(_ fields: [(String, String)]) throws -> SlashCommand? {
    if case .command(let command) = try hear(fields) { command } else { nil }
  }

  @Test func `who shows a token of the command is heard, and nobody else`() throws {
    #expect(try command(fields()) != nil && command(fields(["token": Desk.id("one")])) != nil)
    let one = Desk.id("one")
    for token in ["", "x", one.uppercased(), String(one.dropLast()), one + "0", one + " "] {
      guard case .refused(401, _) = try hear(fields(["token": token])) else {
        Issue.record("\(token) was taken")
        continue
      }
    }
    guard case .refused(401, _) = try hear(fields() + [("token", one)]) else {
      Issue.record("two tokens were taken")
      return
    }
    let none = MattermostSlash(Desk.mattermost, tokens: Credential(token: ""))
    let call = InboundCall(
      method: "POST", headers: [], body: SlashSigner.form(fields(["token": ""])))
    guard case .refused(401, _) = none.hear(call, after: try cursor(), now: now) else {
      Issue.record("an empty token was taken")
      return
    }
  }

  @Test func `what was typed is read as a message would be`() throws {
    let asked =
      fields(["text": "kudos @ben for it"])
      + [("user_mentions", "ben"), ("user_mentions_ids", Desk.ben)]
    let read = try #require(try command(asked)).message
    #expect(
      read.body == [
        .text("kudos "), .mention(Identity(account: "mm", user: Desk.ben), shown: "@ben"),
        .text(" for it"),
      ])
    #expect(read.room == Room(account: "mm", id: Desk.room) && !read.isDirect && read.mentionsBot)
    let pair = Desk.ana + "__" + Desk.ben
    #expect(try command(fields(["channel_name": pair]))?.message.isDirect == true)
    #expect(try command(fields(["channel_name": "a__b"]))?.message.isDirect == false)
    #expect(try command(fields(["root_id": Desk.id("root")]))?.message.thread == Desk.id("root"))
    let first = try command(fields())?.message.id
    #expect(try command(fields(["text": "other"]))?.message.id == first)
    #expect(try command(fields(["trigger_id": "c"]))?.message.id != first)
    for field in ["channel_id", "user_id", "trigger_id"] {
      guard case .refused(400, _) = try hear(fields([field: ""])) else {
        Issue.record("without \(field) it was taken")
        continue
      }
    }
    let call = InboundCall(method: "POST", headers: [], body: SlashSigner.form(fields()))
    #expect(slash.hear(call, after: nil, now: now) == .early)
    // It tells no time, so its id alone says that it came before.
    guard
      case .command(let later) = slash.hear(
        call, after: try cursor(), now: now.adding(seconds: 86_400))
    else {
      Issue.record("a day later it was refused")
      return
    }
    #expect(later.message.id == first)
  }

  @Test func `an answer goes to the server of the config alone, for one person`() throws {
    let way = try #require(try command(fields())).way
    let request = slash.whisper(Post(text: "a @all"), by: way, number: 0)
    #expect(request.url == "https://chat.example.org/hooks/commands/" + Desk.id("hook"))
    #expect(!request.isRepeatable && request.headers["Authorization"] == nil)
    let json = JSON(request.body ?? Data()) ?? .null
    #expect(json["response_type"].string == "ephemeral" && json["skip_slack_parsing"].bool == true)
    #expect(json["text"].string?.contains("@all") == false)
    for url in ["", "https://evil.example/", "/hooks/commands/../../x", "/hooks/commands/x"] {
      #expect(try command(fields(["response_url": url]))?.way == Credential(token: ""))
    }
    #expect(JSON(slash.answer(.taken).body)?["text"].string == "")
    #expect(JSON(slash.answer(.told("why")).body)?["text"].string == "why")
    #expect(slash.whispered(HTTPResponse(status: 200)) == .sent(id: ""))
    #expect(slash.whispered(HTTPResponse(status: 404)) == .closed)
    #expect(slash.whispered(HTTPResponse(status: 400)) == .closed)
    #expect(slash.whispered(HTTPResponse(status: 502)) == .unknown)
  }
}
