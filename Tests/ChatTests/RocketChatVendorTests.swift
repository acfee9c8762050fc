import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// What the vendor itself says of its API, from the folder in `CREWBELL_VENDOR_DATA`.
@Suite struct `Rocket.Chat, as its vendor describes it` {
  private static let platform = RocketChat(
    .init(
      account: "rc", server: "https://chat.example.org", user: RocketChatFake.bell,
      invitersAllowed: ["*"]))
  private func talk() throws -> VendorTalk<RocketChatFake> {
    var talk = try VendorTalk(
      Self.platform, RocketChatFake(), Credential(token: RocketChatFake.botToken))
    try talk.poll(6)
    let (room, ana) = (talk.chat.room, talk.chat.people[0])
    let asked = talk.chat.write("!kudos @ben for it", by: ana, in: room, now: talk.now)
    talk.chat.write("mine", by: ana, in: nil, now: talk.now)
    try talk.poll(8)
    let identity = Identity(account: "rc", user: ana)
    let here = Target.room(Room(account: "rc", id: room))
    let text = Markup([.person(name: "Ana", identities: [identity], pings: true)])
    talk.say(Post(text: text, thread: asked), to: here, key: "k1")
    // A second time: it is there already.
    talk.say(Post(text: text, thread: asked), to: here, key: "k1")
    talk.say(Post(text: "psst"), to: .direct(identity), key: "k2")
    talk.say(Post(kind: .reaction("✅", on: asked), text: ""), to: here, key: "k3")
    let own = talk.chat.delivered[0].id
    talk.say(Post(kind: .edit(of: own), text: "new"), to: here, key: "k4")
    #expect(talk.chat.delivered.count == 4)
    return talk
  }

  @Test(.enabled(if: VendorData.folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls and the answers of our fake fit its description`() async throws {
    let talk = try talk()
    let said = try await VendorData.hold(
      talk.calls, by: "rocketchat_description.py", "rocketchat")
    #expect(
      talk.paths.isSuperset(of: [
        "me", "rooms.get", "chat.syncMessages", "users.info", "chat.sendMessage", "chat.update",
        "chat.getMessage", "chat.react", "dm.create",
      ]))
    #expect(said.last == "\(talk.calls.count) calls, 0 do not fit", "\(said.all)")
  }
}
