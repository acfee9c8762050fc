import Crew
import Curl
import Fakes
import Foundation
import Platforms
import Testing

@testable import Daemon

@Suite(.serialized) struct `Slash commands of Mattermost` {
  static let settings: AccountSettings = {
    var settings = MattermostTests.settings
    settings.secrets["slash_token_file"] = Credential(
      token: "otherotherotherotherother0 " + MattermostFake.slashToken)
    return settings
  }()

  static func give(
    _ chat: inout any FakeChat, _ text: String, _ person: Int, _ room: String?, _ now: Instant
  ) -> FakeCall {
    guard var server = chat as? MattermostFake else { return FakeCall() }
    defer { chat = server }
    return server.slash(text, by: server.people[person], in: room, now: now)
  }

  @Test func `they keep what is promised on every platform`() async throws {
    try await SlashContract(
      kind: .mattermost, settings: Self.settings, chat: { MattermostFake() }, slash: Self.give,
      isAnswer: { $0.path.first == "hooks" },
      closed: .json(400, ["id": "app.command_webhook.try_use.invalid"]),
      elsewhere: "elsewhereelsewhereelsewher",
      forged: { call in
        let body = String(decoding: call.body, as: UTF8.self)
        let token = "token=" + MattermostFake.slashToken
        let bodies = [
          body.replacing(token, with: "token=slashslashslashslashslash1"),
          body.replacing(token, with: "token="), body.replacing("&" + token, with: ""),
          body + "&" + token, "",
        ]
        return bodies.map { FakeCall(headers: call.headers, body: Data($0.utf8)) }
      }
    ).run()
  }
}
