import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// What the vendor itself says of its API, from the folder in `CREWBELL_VENDOR_DATA`.
@Suite struct `Slack, as its vendor describes it` {
  private static let platform = Slack(.init(account: "slack", invitersAllowed: ["*"]))
  private func talk() throws -> VendorTalk<SlackFake> {
    var talk = try VendorTalk(Self.platform, SlackFake(), Credential(token: SlackFake.token))
    try talk.poll(6)
    let (room, ana) = (talk.chat.room, talk.chat.people[0])
    let asked = talk.chat.write("!kudos <@U0BEN> for it", by: ana, in: room, now: talk.now)
    _ = talk.chat.write("mine", by: ana, in: nil, now: talk.now)
    _ = talk.chat.writeAsBot("I too", in: room, now: talk.now)
    try talk.poll(8)
    _ = talk.chat.write("!done 1", by: "U0BEN", under: asked, now: talk.now)
    try talk.poll(8)
    let identity = Identity(account: "slack", user: ana)
    let desk = Target.room(Room(account: "slack", id: room))
    let text = Markup([
      .person(name: "Ana", identities: [identity], pings: true), .strong(" has "),
      .command("task add"), .table("1  2"),
    ])
    talk.say(Post(text: text, thread: asked), to: desk)
    talk.say(Post(text: "psst"), to: .direct(identity))
    talk.say(Post(kind: .reaction("✅", on: asked), text: ""), to: desk)
    talk.say(Post(kind: .reaction("✅", on: asked), text: ""), to: desk)
    talk.say(Post(kind: .edit(of: talk.chat.delivered[0].id), text: "new"), to: desk)
    #expect(talk.chat.delivered.count == 4)
    #expect(talk.look(for: Post(text: "never said"), in: desk) == .absent)
    let nowhere = Target.room(Room(account: "slack", id: "C0NOWHERE9"))
    #expect(talk.say(Post(text: "x"), to: nowhere) != .unknown)
    return talk
  }

  @Test(.enabled(if: VendorData.folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls and the answers of our fake fit its description`() async throws {
    let talk = try talk()
    let said = try await VendorData.hold(
      talk.calls, by: "slack_description.py", "slack/slack_web_openapi_v2-trimmed.json")
    #expect(
      talk.paths == [
        "auth.test", "users.conversations", "users.info", "conversations.history",
        "conversations.replies", "conversations.open", "chat.postMessage", "chat.update",
        "reactions.add",
      ])
    #expect(said.last == "\(talk.calls.count) calls, 0 do not fit", "\(said.all)")
  }

  @Test(.enabled(if: VendorData.folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `an event's message is read as the history has it`() throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: try #require(VendorData.folder).appending(path: "payloads/slack"),
      includingPropertiesForKeys: nil)
    var talk = try VendorTalk(Self.platform, SlackFake(), Credential(token: SlackFake.token))
    var cursors: [Cursor?] = []
    for _ in 0..<6 {
      try talk.poll()
      cursors.append(talk.cursor)
    }
    var read = 0
    for file in files {
      let json = try #require(JSON(try Data(contentsOf: file)), "\(file.lastPathComponent)")
      let message = json["event"] == .null ? json : json["event"]
      let history: JSON = ["ok": true, "messages": [message]]
      let response = HTTPResponse(status: 200, body: history.data)
      read += cursors.count { (try? Self.platform.read(response, after: $0)) != nil }
    }
    #expect(read > files.count)
  }
}
