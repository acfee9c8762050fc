import Crew
import Fakes
import Foundation
import Platforms
import Testing

/// What the vendor itself says of its API, from the folder in `CREWBELL_VENDOR_DATA`, and the
/// platform on the fake by itself, on a clock of its own.
@Suite struct `Discord, as its vendor describes it` {
  private static let platform = Discord(.init(account: "discord", invitersAllowed: ["*"]))
  /// Turn after turn, on time, as the poller does it.
  private struct Turns {
    var talk: VendorTalk<DiscordFake>
    /// The turn in which each message was told.
    var toldAt: [String: Instant] = [:]

    init(_ chat: DiscordFake = DiscordFake()) throws {
      talk = try VendorTalk(platform, chat, Credential(token: DiscordFake.token))
    }

    mutating func poll(_ times: Int) {
      for _ in 0..<times {
        let begin = talk.now
        var wait = 1.0
        do {
          let intake = try talk.poll()
          for message in intake.messages { toldAt[message.id] = begin }
          wait = intake.waitSeconds
        } catch PollFailure.retry(let wish, _) { wait = wish ?? 1 } catch {}
        // A call takes a little itself.
        talk.now = Instant(milliseconds: begin.milliseconds + Int64(wait * 1000) + 20)
      }
    }
  }

  private func talk() throws -> VendorTalk<DiscordFake> {
    var turns = try Turns()
    turns.poll(6)
    let (room, ana) = (
      Room(account: "discord", id: turns.talk.chat.room), turns.talk.chat.people[0]
    )
    turns.talk.chat.welcome(now: turns.talk.now)
    let asked = turns.talk.chat.write(
      "!kudos <@\(DiscordFake.ben)> for it", by: ana, in: room.id, now: turns.talk.now)
    turns.talk.chat.thread(under: asked, now: turns.talk.now)
    turns.talk.chat.write("!task", by: ana, in: DiscordFake.hiddenRoom, now: turns.talk.now)
    turns.poll(40)
    turns.talk.chat.write("mine", by: ana, in: nil, now: turns.talk.now)
    turns.poll(20)
    let identity = Identity(account: "discord", user: ana)
    let text = Markup([.person(name: "Ana", identities: [identity], pings: true)])
    turns.talk.say(Post(text: text, inReplyTo: asked), to: .room(room))
    turns.talk.say(Post(text: "psst", isSilent: true), to: .direct(identity))
    turns.talk.say(Post(kind: .reaction("✅", on: asked), text: ""), to: .room(room))
    turns.talk.say(
      Post(kind: .edit(of: turns.talk.chat.delivered[0].id), text: "new"), to: .room(room))
    #expect(turns.talk.chat.delivered.map(\.kind) == [.message, .message, .reaction, .edit])
    #expect(turns.talk.chat.delivered[0].pings == [ana])
    #expect(turns.talk.messages.contains { $0.isDirect })
    return turns.talk
  }

  @Test(.enabled(if: VendorData.folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls and the answers of our fake fit its description`() async throws {
    let talk = try talk()
    let said = try await VendorData.hold(
      talk.calls, by: "discord_description.py", "discord/openapi-trimmed.json")
    #expect(talk.paths.isSuperset(of: ["@me", "guilds", "channels", "active", "messages"]))
    #expect(talk.statuses == [200, 204, 403])
    #expect(said.last == "\(talk.calls.count) calls, 0 do not fit", "\(said.all)")
  }

  // MARK: - Turns

  /// Thirty busy channels, one of them flooded: no call too many, and nobody waits long.
  @Test func `many channels are read fairly and within their limits`() throws {
    var turns = try Turns(DiscordFake(isLimited: true, others: 30))
    turns.poll(8)
    let rooms = [turns.talk.chat.room] + turns.talk.chat.otherRooms
    for room in rooms {
      turns.talk.chat.write(
        "<@\(DiscordFake.bell)>", by: DiscordFake.ana, in: room, now: turns.talk.now)
    }
    turns.poll(120)
    #expect(Set(turns.talk.messages.filter { $0.kind == .invited }.map(\.room.id)) == Set(rooms))
    var writtenAt: [String: Instant] = [:]
    for round in 0..<60 {
      for number in 0..<20 {
        turns.talk.chat.write(
          "flood \(number)", by: DiscordFake.ben, in: rooms[0], now: turns.talk.now)
      }
      let room = rooms[1 + round * 7 % 30]
      let id = turns.talk.chat.write(
        "!task \(round)", by: DiscordFake.ana, in: room, now: turns.talk.now)
      writtenAt[id] = turns.talk.now
      turns.poll(5)
    }
    let lastWritten = turns.talk.chat.write(
      "last", by: DiscordFake.ana, in: rooms[0], now: turns.talk.now)
    turns.poll(300)
    let refused = turns.talk.chat.refusedCalls
    #expect(refused.ofBucket == 0 && refused.ofAll == 0, "\(refused)")
    #expect(turns.toldAt[lastWritten] != nil)
    let waits = writtenAt.map { id, at in
      (turns.toldAt[id]?.milliseconds ?? .max) - at.milliseconds
    }.sorted()
    #expect(waits.count == 60)
    #expect((waits.last ?? .max) < 60_000, "the longest wait was \(waits.last ?? 0) ms")
    let told = turns.talk.messages.filter { $0.kind == .text }
    #expect(Set(told.map(\.id)).count == told.count, "told twice")
    #expect(told.count { $0.room.id == rooms[0] } == 1202)
  }

  @Test func `a quiet server is asked once a second and a word is heard within seconds`() throws {
    var turns = try Turns(DiscordFake(isLimited: true, others: 30))
    turns.poll(8)
    turns.talk.chat.welcome(now: turns.talk.now)
    turns.poll(30)
    let (begin, count) = (turns.talk.now, turns.talk.calls.count)
    turns.poll(600)
    let seconds = turns.talk.now.seconds(since: begin)
    #expect(Int64(turns.talk.calls.count - count) <= seconds + 60, "\(seconds)")
    for _ in 0..<20 {
      let id = turns.talk.chat.write(
        "!task", by: DiscordFake.ana, in: turns.talk.chat.room, now: turns.talk.now)
      let at = turns.talk.now
      turns.poll(37)
      let wait = (turns.toldAt[id]?.milliseconds ?? .max) - at.milliseconds
      #expect(wait < 10_000, "\(wait)")
    }
    #expect(turns.talk.chat.refusedCalls.ofBucket == 0)
  }
}
