import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = MattermostDesk
private let start = Desk.start

@Suite struct `Mattermost, reading` {
  /// A turn: the list of channels tells that something moved, then the page is read.
  private func turn(
    _ desk: Desk, _ posts: [JSON], last: Int64, count: Int64 = 9
  ) throws -> [String] {
    try desk.take([Desk.channel(last: last, count: count)])
    return try desk.hear(posts).map(\.told)
  }

  @Test func `who we are comes first, then the channels, then who brought us in`() throws {
    let desk = Desk()
    #expect(desk.path == "users/me")
    try desk.take(["id": .string(Desk.bell), "username": "crewbell"])
    #expect(desk.path == "users/\(Desk.bell)/channels")
    try desk.take([Desk.channel()])
    #expect(desk.path == "channels/\(Desk.room)/posts?page=0&per_page=60")
    let told = try desk.hear([
      Desk.added(at: start - 60_000), Desk.post("old", "!task add old", at: start),
    ])
    #expect(told.map(\.kind) == [.invited])
    #expect(told[0].sender.user == Desk.ana && told[0].senderName == "Ana")
    #expect(told[0].roomName == "Room" && !told[0].isDirect)
    #expect(desk.path.hasSuffix("/channels") && desk.waitSeconds == 0)
    try desk.take([Desk.channel()])
    #expect(desk.waitSeconds == 2)
  }

  @Test func `nothing is asked and the cursor stays while nobody writes`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel()])
    let cursor = desk.cursor
    desk.now += 60_000
    try desk.take([Desk.channel()])
    #expect(desk.cursor == cursor && desk.path.hasSuffix("/channels"))
  }

  @Test func `history is not carried out, what follows is`() throws {
    let desk = try Desk.begun()
    let told = try turn(
      desk,
      [
        Desk.post("old", "!task add old", at: start - 30_000),
        Desk.post("new", "!task add new", by: "ben", at: start + 1),
      ], last: start + 1)
    #expect(told == ["ben: !task add new"])
  }

  @Test func `a page is asked for after a post that is older than the overlap`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(last: start + 9000)])
    #expect(desk.path.contains("after=\(Desk.id("last"))&page=0"))
    _ = try desk.hear([
      Desk.post("one", "1", at: start + 1000), Desk.post("two", "2", at: start + 9000),
    ])
    try desk.take([Desk.channel(last: start + 9500)])
    #expect(desk.path.contains("after=\(Desk.id("one"))"))
    // A post that was stored late, with an earlier time than what was read before.
    let told = try desk.hear([
      Desk.post("late", "late", at: start + 5000), Desk.post("two", "2", at: start + 9000),
      Desk.post("three", "3", at: start + 9500),
    ])
    #expect(told.map(\.told) == ["ana: late", "ana: 2", "ana: 3"])
  }

  @Test func `two posts of one millisecond are both read`() throws {
    let desk = try Desk.begun()
    #expect(
      try turn(desk, [Desk.post("one", "1", at: start + 10)], last: start + 10, count: 2)
        == ["ana: 1"])
    #expect(
      try turn(
        desk, [Desk.post("one", "1", at: start + 10), Desk.post("two", "2", at: start + 10)],
        last: start + 10, count: 3) == ["ana: 1", "ana: 2"])
  }

  @Test func `a full page is followed by the next, behind the other channels`() throws {
    let desk = try Desk.begun()
    try desk.take([
      Desk.channel(last: start + 60_000), Desk.channel("den", last: start, created: start + 9),
    ])
    let many = (0..<60).map { number in
      Desk.post("p\(number)x", "\(number)", at: start + 100 + Int64(number))
    }
    #expect(try desk.hear(many).count == 60)
    #expect(desk.path.contains(Desk.id("den")))
    try desk.take(Desk.page([]))
    #expect(desk.path.contains("after=\(Desk.id("last"))&page=1"))
    let rest = try desk.hear([Desk.post("end", "end", at: start + 60_000)])
    #expect(rest.map(\.told) == ["ana: end"])
    #expect(desk.path.hasSuffix("/channels"))
  }

  @Test func `where the anchor is erased, what was changed lately is asked for`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(last: start + 7000)])
    try desk.take(Desk.page([]))
    #expect(desk.path.hasSuffix("posts?since=\(start - 5000)"))
    let told = try desk.hear([
      Desk.post("old", "!task add old", at: start - 30_000, edited: start + 1),
      Desk.post("gone", "", at: start + 2, deleted: start + 3),
      Desk.post("new", "new", at: start + 7000),
    ])
    #expect(told.map(\.told) == ["ana: new"])
    try desk.take([Desk.channel(last: start + 8000)])
    #expect(desk.path.contains("after=\(Desk.id("gone"))"))
  }

  /// A replica can be behind the list: an empty page moves nothing.
  @Test func `a post that the list promises is looked for again, a few times`() throws {
    let desk = try Desk.begun()
    for _ in 0..<3 {
      try desk.take([Desk.channel(last: start + 10)])
      _ = try desk.hear([Desk.post("last", "bye", at: start)])
    }
    #expect(
      try turn(desk, [Desk.post("new", "new", at: start + 10)], last: start + 10) == ["ana: new"])
    for _ in 0..<6 {
      try desk.take([Desk.channel(last: start + 20, count: 10)])
      _ = try desk.hear([Desk.post("new", "new", at: start + 10)])
    }
    try desk.take([Desk.channel(last: start + 20, count: 10)])
    #expect(desk.path.hasSuffix("/channels") && desk.waitSeconds == 2)
  }

  @Test func `edits, bots, webhooks, own and system posts are no commands`() throws {
    let desk = try Desk.begun()
    let told = try turn(
      desk,
      [
        Desk.post("a", "!task add a", at: start + 1, edited: start + 2),
        Desk.post("b", "!task add b", at: start + 3, props: ["from_webhook": "true"]),
        Desk.post("c", "!task add c", by: "robot", at: start + 4),
        Desk.post("d", "!task add d", by: "bell", at: start + 5),
        Desk.post("e", "!task add e", at: start + 6, type: "system_header_change"),
        Desk.post("f", "!task add f", at: start + 7, type: "slack_attachment"),
        Desk.post("g", "!task add g", at: start + 8, type: "me"),
      ], last: start + 8)
    #expect(
      told == ["ana edit(of: \"\(Desk.id("a"))\")", "ana: !task add b", "robot: !task add c"])
  }

  @Test func `a bot is known by its mark and by its account`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(last: start + 2)])
    let told = try desk.hear([
      Desk.post("b", "x", at: start + 1, props: ["from_bot": "true"]),
      Desk.post("c", "x", by: "robot", at: start + 2),
    ])
    #expect(told.map(\.senderKind) == [.bot, .bot])
  }

  @Test func `people come, are brought and leave`() throws {
    let desk = try Desk.begun()
    let told = try turn(
      desk,
      [
        Desk.post("a", "", by: "ben", at: start + 1, type: "system_join_channel"),
        Desk.post(
          "b", "", at: start + 2, type: "system_add_to_channel",
          props: ["addedUserId": .string(Desk.cleo)]),
        Desk.post("c", "", by: "ben", at: start + 3, type: "system_leave_channel"),
        Desk.post(
          "d", "", at: start + 4, type: "system_remove_from_channel",
          props: ["removedUserId": .string(Desk.cleo)]),
      ], last: start + 4)
    #expect(told == ["ben joined", "cleo joined", "ben left", "cleo left"])
  }

  @Test func `a mention is an id, whoever has the name now`() throws {
    let desk = try Desk.begun()
    let told = try turn(
      desk,
      [
        Desk.post("a", "!kudos @ben. @Cleo, @nobody @channel me@ben", at: start + 1),
        Desk.post("b", "@crewbell: help", at: start + 2),
        Desk.post("c", "ask @crewbell", at: start + 3),
      ], last: start + 3)
    #expect(
      told == ["ana: !kudos {ben}. {cleo}, @nobody @channel me@ben", "ana: help", "ana: ask "])
  }

  @Test func `a name that went to somebody else is theirs`() throws {
    let desk = try Desk.begun()
    _ = try turn(desk, [Desk.post("a", "@ben", at: start + 1)], last: start + 1)
    desk.now += 3_000_000
    try desk.take([Desk.channel(last: start + 2, count: 10)])
    let page = [Desk.post("b", "@ben", at: start + 2)]
    try desk.take(Desk.page(page))
    #expect(desk.path == "users/usernames")
    try desk.take([["id": .string(Desk.cleo), "username": "ben", "first_name": "Cleo"]])
    #expect(try desk.take(Desk.page(page)).map(\.told) == ["ana: {cleo}"])
    desk.now += 3_000_000
    try desk.take([Desk.channel(last: start + 3, count: 11)])
    let next = [Desk.post("c", "@ben", at: start + 3)]
    try desk.take(Desk.page(next))
    try desk.introduce(Desk.user("ana"))
    #expect(try desk.take(Desk.page(next)).map(\.told) == ["ana: @ben"])
  }

  @Test func `a thread is its head's id`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(last: start + 1)])
    let told = try desk.hear([Desk.post("a", "x", at: start + 1, root: "last")])
    #expect(told[0].thread == Desk.id("last") && told[0].replyTo == Desk.id("last"))
  }

  @Test func `a direct channel is read from its first word`() throws {
    let desk = try Desk.begun()
    try desk.take([
      Desk.channel(), Desk.channel("dm", last: start + 60, type: "D", created: start + 50),
    ])
    #expect(desk.path.hasSuffix("\(Desk.id("dm"))/posts?since=\(start + 50 - 5000)"))
    let told = try desk.hear([Desk.post("a", "mine", at: start + 60, in: "dm")])
    #expect(told.map(\.told) == ["ana: mine"] && told[0].isDirect && told[0].roomName == nil)
  }
}
