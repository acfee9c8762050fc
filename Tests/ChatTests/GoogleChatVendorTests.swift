import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// What the vendor itself says of its two APIs, from the folder in `CREWBELL_VENDOR_DATA`.
@Suite struct `Google Chat, as its vendor describes it` {
  private static let kind = PlatformKind.googleChat
  private static let platform = kind.make(`Google Chat as the daemon meets it`.settings())

  private func talk() throws -> VendorTalk<GoogleChatFake> {
    var talk = try VendorTalk(Self.platform, GoogleChatFake())
    try talk.poll(3)
    let (room, ana) = (Room(account: "googlechat", id: talk.chat.room), talk.chat.people[0])
    let asked = talk.chat.write("/kudos @Ben for it", by: ana, in: room.id, now: talk.now)
    talk.chat.write("mine", by: ana, in: nil, now: talk.now)
    try talk.poll(3)
    let identity = Identity(account: "googlechat", user: ana)
    let text = Markup([.person(name: "Ana", identities: [identity], pings: true)])
    talk.say(Post(text: text, inReplyTo: asked), to: .room(room))
    talk.say(Post(text: "psst", seenBy: identity), to: .room(room))
    talk.say(Post(text: "psst", isSilent: true), to: .direct(identity))
    talk.say(Post(text: "x"), to: .direct(Identity(account: "googlechat", user: "1")))
    talk.say(Post(kind: .edit(of: talk.chat.delivered[0].id), text: "new"), to: .room(room))
    #expect(talk.chat.delivered.map(\.kind) == [.message, .message, .message, .edit])
    #expect(talk.chat.delivered[0].pings == [ana])
    #expect(talk.messages.contains { $0.isDirect })
    return talk
  }

  @Test(.enabled(if: VendorData.folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls and the answers of our fake fit its descriptions`() async throws {
    let talk = try talk()
    // The login is none of these APIs'.
    let calls = Array(talk.calls.dropFirst())
    let said = try await VendorData.hold(
      calls, by: "google_description.py", "googlechat/chat.v1-trimmed.json",
      "googlechat/pubsub.v1-pull-trimmed.json")
    let words = "\(calls.count) calls, 4 events, 0 do not fit"
    #expect(said.last == words, "\(said.all)")
    #expect(talk.statuses == [200, 404])
  }

  @Test(.enabled(if: VendorData.folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `what its examples say is read`() throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: try #require(VendorData.folder).appending(path: "payloads/googlechat"),
      includingPropertiesForKeys: nil)
    let pulled = try files.map { JSON(try Data(contentsOf: $0)) ?? .null }
      .filter { $0["receivedMessages"].array != nil }
    #expect(!pulled.isEmpty)
    for json in pulled {
      let old = #"{"acks":[],"spaces":[],"startedAt":1,"version":1}"#
      let intake = try Self.platform.read(HTTPResponse(status: 200, body: json.data), after: old)
      #expect(intake.complaints == [])
      #expect(intake.messages.map(\.kind) == [.invited, .text])
      #expect(intake.messages.last?.body == [.text("/checkin done")])
      #expect(intake.messages.last?.sentAt == Instant(milliseconds: 1_767_261_600_123))
    }
  }
}
