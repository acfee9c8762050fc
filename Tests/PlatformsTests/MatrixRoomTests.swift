import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = MatrixDesk

@Suite struct `Matrix rooms` {
  private let new = "!new:hs.example"

  private func invited(by inviter: String, direct: Bool = false) throws -> MatrixDesk {
    let desk = try Desk.started()
    let sync = Desk.sync("s2", invite: [new: Desk.invitation(by: inviter, direct: direct)])
    #expect(try desk.take(sync).messages.isEmpty)
    return desk
  }

  @Test func `an allowed inviter is followed into the room, and named`() throws {
    for inviter in ["@ana:hs.example", "@dora:friends.example"] {
      let desk = try invited(by: inviter)
      #expect(desk.asked.method == .post)
      #expect(desk.path.hasPrefix("/join/%21new%3Ahs.example?via="))
      let intake = try desk.take(#"{"room_id":"!new:hs.example"}"#)
      let message = try #require(intake.messages.first)
      #expect(message.kind == .invited)
      #expect(message.sender == Identity(account: "matrix", user: inviter))
      #expect(message.roomName == "New room")
      #expect(message.room.id == new)
      #expect(desk.path.contains("since=s2"))
    }
  }

  @Test(arguments: ["@cleo:hs.example", "@ana:evil.example", "@x:friends.example.evil"])
  func `a stranger's invitation is refused, and nothing is said`(inviter: String) throws {
    let desk = try invited(by: inviter)
    #expect(desk.path == "/rooms/%21new%3Ahs.example/leave")
    #expect(try desk.take("{}").messages.isEmpty)
    #expect(desk.path.contains("since=s2"))
  }

  @Test func `ten thousand invitations of a stranger leave a small cursor`() throws {
    let desk = try Desk.started()
    var invitations: [String: String] = [:]
    for number in 0..<10_000 {
      invitations["!\(number):evil.example"] = Desk.invitation(by: "@eve:evil.example")
    }
    try desk.take(Desk.sync("s2", invite: invitations))
    #expect(try #require(desk.cursor).utf8.count < 20_000)
  }

  @Test func `a join that is limited waits beside the stream`() throws {
    let desk = try invited(by: "@ana:hs.example")
    let now = ["date": "Mon, 23 Nov 2026 09:00:00 GMT", "retry-after": "20"]
    let intake = try desk.take(#"{"errcode":"M_LIMIT_EXCEEDED"}"#, status: 429, headers: now)
    #expect(intake.waitSeconds == 0)
    #expect(desk.path.contains("/sync?") && desk.path.contains("timeout=20000"))
    let early = ["date": "Mon, 23 Nov 2026 09:00:15 GMT"]
    try desk.take(Desk.sync("s3"), headers: early)
    #expect(desk.path.contains("/sync?") && desk.path.contains("timeout=5000"))
    try desk.take(Desk.sync("s4"), headers: ["date": "Mon, 23 Nov 2026 09:00:20 GMT"])
    #expect(desk.path.hasPrefix("/join/"))
    #expect(try desk.take("{}").messages.map(\.kind) == [.invited])
  }

  @Test func `a join that fails for ever is given up`() throws {
    let desk = try invited(by: "@ana:hs.example")
    var rounds = 0
    while desk.path.hasPrefix("/join/"), rounds < 100 {
      try desk.take(#"{"errcode":"M_UNKNOWN"}"#, status: 502)
      rounds += 1
    }
    #expect(rounds == 12)
    let refused = try invited(by: "@ana:hs.example")
    let intake = try refused.take(#"{"errcode":"M_FORBIDDEN"}"#, status: 403)
    #expect(intake.messages.isEmpty && intake.complaints.count == 1)
    #expect(refused.path.hasPrefix("/sync?"))
  }

  @Test func `in a room we come into, what was said before is not ours`() throws {
    let desk = try invited(by: "@ana:hs.example")
    try desk.take("{}")
    let events = [
      Desk.text("$1", "!role grant @cleo:hs.example manager"),
      Desk.member("$2", "@bell:hs.example", "join", was: "invite", name: "Bell"),
      Desk.text("$3", "!help"),
    ]
    let sync = Desk.sync("s3", join: [new: Desk.timeline(events, limited: true)])
    #expect(try desk.take(sync).messages.map(\.id) == ["$3"])
    #expect(desk.path.contains("since=s3"))
  }

  @Test func `where our own join is further back, the gap is filled up to it`() throws {
    let desk = try invited(by: "@ana:hs.example")
    try desk.take("{}")
    let sync = Desk.sync("s3", join: [new: Desk.timeline([Desk.text("$9", "nine")], limited: true)])
    #expect(try desk.take(sync).messages.isEmpty)
    let page = [
      Desk.text("$8", "eight"),
      Desk.member("$7", "@bell:hs.example", "join", was: "join", name: "Bell 2"),
      Desk.member("$2", "@bell:hs.example", "join", was: "invite"), Desk.text("$1", "!done 1"),
    ]
    let intake = try desk.take(#"{"chunk":[\#(page.joined(separator: ","))],"end":"e"}"#)
    #expect(intake.messages.filter { $0.kind == .text }.map(\.id) == ["$8", "$9"])
  }

  @Test func `a direct invitation is remembered and listed`() throws {
    let desk = try invited(by: "@ana:hs.example", direct: true)
    #expect(try desk.take("{}").messages.first?.isDirect == true)
    #expect(desk.path == "/user/%40bell%3Ahs.example/account_data/m.direct")
    #expect(desk.asked.method == .get)
    try desk.take(#"{"@ben:hs.example":["!b:hs.example"],"odd":7}"#)
    #expect(desk.asked.method == .put)
    #expect(
      desk.asked.json == [
        "@ben:hs.example": ["!b:hs.example"], "@ana:hs.example": ["!new:hs.example"],
      ])
    try desk.take("{}")
    let events = [
      Desk.member("$1", "@bell:hs.example", "join", was: "invite"), Desk.text("$2", "help"),
    ]
    let intake = try desk.take(Desk.sync("s3", join: [new: Desk.timeline(events)]))
    #expect(intake.messages.last?.isDirect == true)
  }

  @Test func `a third person in it ends a direct room`() throws {
    let desk = try Desk.started()
    let listed = #"{"type":"m.direct","content":{"@ana:hs.example":["!d:hs.example"]}}"#
    let two =
      #"{"summary":{"m.joined_member_count":2},"timeline":{"events":[\#(Desk.text("$1", "a"))]}}"#
    let first = try desk.take(Desk.sync("s2", join: ["!d:hs.example": two], account: listed))
    #expect(first.messages.map(\.isDirect) == [true])
    let three = two.replacingOccurrences(of: "count\":2", with: "count\":3")
      .replacingOccurrences(of: "$1", with: "$2")
    let second = try desk.take(Desk.sync("s3", join: ["!d:hs.example": three]))
    #expect(second.messages.map(\.isDirect) == [false])
  }

  @Test func `people come and go, the bot is removed`() throws {
    let desk = try Desk.started()
    let messages = try desk.hear(
      Desk.member("$1", "@ben:hs.example", "join", was: "invite"),
      Desk.member("$2", "@ben:hs.example", "join", was: "join", name: "Benny"),
      Desk.member("$3", "@ben:hs.example", "leave", was: "join", by: "@ana:hs.example"),
      Desk.member("$4", "@dora:hs.example", "leave", was: "invite"),
      Desk.member("$5", "@dora:hs.example", "ban", was: "join", by: "@ana:hs.example"))
    let ignored = Message.Kind.ignored("m.room.member")
    #expect(messages.map(\.kind) == [.joined, ignored, .left, ignored, .left])
    #expect(messages[2].sender.user == "@ben:hs.example")
    let kicked = Desk.timeline([
      Desk.text("$6", "bye"),
      Desk.member("$7", "@bell:hs.example", "leave", was: "join", by: "@ana:hs.example"),
    ])
    let intake = try desk.take(Desk.sync("s3", leave: [Desk.room: kicked]))
    #expect(intake.messages.map(\.kind) == [.text, .removed])
  }

  @Test func `an encrypted room is named once`() throws {
    let desk = try Desk.started()
    let on = Desk.event(
      "$1", "m.room.encryption", content: #"{"algorithm":"m.megolm.v1.aes-sha2"}"#,
      #","state_key":"""#)
    let secret = Desk.event("$2", "m.room.encrypted", content: #"{"ciphertext":"xyz"}"#)
    #expect(try desk.hear(on, secret).map(\.kind) == [.unreadable, .ignored("m.room.encrypted")])
    let again = Desk.event("$3", "m.room.encrypted", content: "{}")
    #expect(try desk.hear(again).map(\.kind) == [.ignored("m.room.encrypted")])
  }

  private func upgraded() throws -> MatrixDesk {
    let desk = try Desk.started()
    let stone = Desk.event(
      "$t", "m.room.tombstone", content: #"{"body":"moved","replacement_room":"!new:hs.example"}"#,
      #","state_key":"""#)
    #expect(try desk.hear(stone).map(\.kind) == [.ignored("m.room.tombstone")])
    #expect(desk.path.hasPrefix("/join/%21new%3Ahs.example"))
    return desk
  }

  @Test func `an upgraded room is followed`() throws {
    let desk = try upgraded()
    try desk.take("{}")
    #expect(desk.path == "/rooms/%21new%3Ahs.example/state/m.room.create")
    let intake = try desk.take(#"{"predecessor":{"room_id":"!team:hs.example"}}"#)
    #expect(intake.messages.map(\.kind) == [.moved(to: new)])
    #expect(intake.messages.first?.room.id == Desk.room)
  }

  @Test func `an upgrade that needs an invitation is followed when it comes, from whomever`() throws
  {
    let desk = try upgraded()
    try desk.take(#"{"errcode":"M_FORBIDDEN"}"#, status: 403)
    try desk.take(Desk.sync("s3", invite: [new: Desk.invitation(by: "@cleo:hs.example")]))
    #expect(desk.path.hasPrefix("/join/"))
    try desk.take("{}")
    let intake = try desk.take(#"{"predecessor":{"room_id":"!team:hs.example"}}"#)
    #expect(intake.messages.map(\.kind) == [.moved(to: new)])
  }

  @Test func `a tombstone that points at somebody else's room moves nothing`() throws {
    let desk = try upgraded()
    try desk.take("{}")
    let intake = try desk.take(#"{"predecessor":{"room_id":"!victim:hs.example"}}"#)
    #expect(intake.messages.isEmpty && intake.complaints.count == 1)
    #expect(desk.path == "/rooms/%21new%3Ahs.example/leave")
  }
}
