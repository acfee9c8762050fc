import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// What the vendor itself says of its API, from the folder in `CREWBELL_VENDOR_DATA`.
@Suite struct `Mattermost, as its vendor describes it` {
  private static let platform = Mattermost(
    .init(account: "mm", server: "https://chat.example.org", invitersAllowed: ["*"]))
  private func talk() throws -> VendorTalk<MattermostFake> {
    var talk = try VendorTalk(
      Self.platform, MattermostFake(), Credential(token: MattermostFake.botToken))
    try talk.poll(6)
    let (room, ana) = (talk.chat.room, talk.chat.people[0])
    let asked = talk.chat.write("!kudos @ben for it", by: ana, in: room, now: talk.now)
    talk.chat.write("mine", by: ana, in: nil, now: talk.now)
    try talk.poll(8)
    let identity = Identity(account: "mm", user: ana)
    let text = Markup([.person(name: "Ana", identities: [identity], pings: true)])
    talk.say(Post(text: text, thread: asked), to: .room(Room(account: "mm", id: room)))
    talk.say(Post(text: "psst"), to: .direct(identity))
    talk.say(
      Post(kind: .reaction("✅", on: asked), text: ""), to: .room(Room(account: "mm", id: room)))
    let own = talk.chat.delivered[0].id
    talk.say(
      Post(kind: .edit(of: own), text: "new"), to: .room(Room(account: "mm", id: room)))
    #expect(talk.chat.delivered.count == 4)
    return talk
  }

  @Test(.enabled(if: VendorData.folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls and the answers of our fake fit its description`() async throws {
    let talk = try talk()
    let said = try await VendorData.hold(
      talk.calls, by: "mattermost_description.py", "mattermost/mattermost-openapi-v4-trimmed.yaml")
    #expect(
      talk.paths.isSuperset(of: ["me", "channels", "posts", "ids", "usernames", "direct", "patch"]))
    #expect(said.last == "\(talk.calls.count) calls, 0 do not fit", "\(said.all)")
  }
}
