import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = RocketChatDesk

@Suite struct `Rocket.Chat, rooms` {
  private func den(_ moved: Int, count: Int = 3, created: Int = 0) -> JSON {
    Desk.room("den", moved: moved, count: count, type: "p", created: created, creator: "ana1")
  }

  @Test func `a room we are added to is read from there on`() throws {
    let desk = try Desk.begun()
    try desk.take(Desk.rooms(Desk.room(moved: 300_000, count: 9)))
    _ = try desk.hear([])
    for _ in 0..<3 { try desk.take(Desk.rooms()) }
    try desk.take(Desk.rooms(den(400_000)))
    let told = try desk.hear([
      Desk.post("old", "!task add old", at: 350_000, in: "den"),
      Desk.post("add", "crewbell", at: 390_000, in: "den", type: "au"),
      Desk.post("new", "!task add new", by: "ben", at: 400_000, in: "den"),
    ])
    #expect(told.map(\.said) == ["ana1 invited", "ben1: !task add new"])
  }

  @Test func `whoever made a room with the bot in it has invited it`() throws {
    let desk = try Desk.begun()
    try desk.take(Desk.rooms(den(400_000, created: 390_000)))
    let told = try desk.hear([Desk.post("a", "!task add a", by: "ben", at: 400_000, in: "den")])
    #expect(told.map(\.said) == ["ana1 invited", "ben1: !task add a"])
    #expect(told[0].id == "created/den")
  }

  @Test func `where nobody added us a mention by somebody allowed does`() throws {
    let desk = try Desk.begun()
    let hall = Desk.room("hall", moved: 400_000, count: 5)
    try desk.take(Desk.rooms(hall))
    let bell = Desk.mentions([(Desk.bell, "crewbell")])
    let told = try desk.hear([
      Desk.post("a", "!task add a", at: 400_001, in: "hall"),
      Desk.post("b", "@crewbell hello", by: "ben", at: 400_002, in: "hall", more: bell),
      Desk.post("c", "@crewbell hello", at: 400_003, in: "hall", more: bell),
      Desk.post("d", "!task add d", by: "ben", at: 400_004, in: "hall"),
    ])
    #expect(
      told.map(\.said) == [
        "ben1 invited", "ben1: hello", "ana1 invited", "ana1: hello", "ben1: !task add d",
      ])
  }

  @Test func `a direct chat needs nobody's leave, and a bare word is for us`() throws {
    let desk = try Desk.begun()
    try desk.take(
      Desk.rooms(Desk.room("dm", moved: 5000, type: "d", created: 4000, people: 2)))
    let told = try desk.hear([Desk.post("a", "mine", by: "ben", at: 4001, in: "dm")])
    #expect(told.map(\.said) == ["ben1: mine"] && told[0].isDirect && told[0].roomName == nil)
  }

  @Test func `several people's direct chat is a room, and begins with a mention`() throws {
    let desk = try Desk.begun()
    try desk.take(
      Desk.rooms(Desk.room("dms", moved: 5000, type: "d", created: 4000, people: 3)))
    let told = try desk.hear([
      Desk.post("a", "mine", at: 4001, in: "dms"),
      Desk.post(
        "b", "@crewbell hi", at: 4002, in: "dms", more: Desk.mentions([(Desk.bell, "crewbell")])),
    ])
    #expect(told.map(\.said) == ["ana1 invited", "ana1: hi"] && !told[1].isDirect)
  }

  @Test func `being taken out is told, and what is written afterwards is not for us`() throws {
    let desk = try Desk.begun()
    try desk.move(9000, count: 5)
    let told = try desk.hear([
      Desk.post("a", "crewbell", at: 1000, type: "ru"),
      Desk.post("b", "!task add while out", at: 2000),
      Desk.post("c", "crewbell", at: 3000, type: "au"),
      Desk.post("d", "!task add d", at: 4000),
    ])
    #expect(told.map(\.said) == ["ana1 removed", "ana1 invited", "ana1: !task add d"])
  }

  @Test func `a room that is gone from two whole lists is lost, from one it is not`() throws {
    let desk = try Desk.begun()
    desk.now += 301
    try desk.take(Desk.rooms())
    #expect(desk.path == "rooms.get")
    #expect(try desk.take(Desk.rooms()).isEmpty)
    desk.now += 301
    try desk.take(Desk.rooms())
    #expect(desk.path == "rooms.get")
    #expect(try desk.take(Desk.rooms()).map(\.kind) == [.removed])
  }

  @Test func `who came and who went is told by id`() throws {
    let desk = try Desk.begun()
    try desk.move(9000, count: 5)
    let told = try desk.hear([
      Desk.post("a", "ben", at: 1000, type: "au"), Desk.post("b", "ben", at: 2000, type: "ru"),
      Desk.post("c", "", by: "ben", at: 3000, type: "uj"),
      Desk.post("d", "", by: "ben", at: 4000, type: "ul"),
      Desk.post("e", "nobody", at: 5000, type: "au"),
    ])
    #expect(told.map(\.said) == ["ben1 joined", "ben1 left", "ben1 joined", "ben1 left"])
  }

  @Test func `a room that cannot be read holds up no other`() throws {
    let desk = try Desk.begun()
    try desk.take(
      Desk.rooms(Desk.room(moved: 9000, count: 2), den(9000, created: 8000)))
    try desk.take(["success": false, "errorType": "error-not-allowed"], status: 400)
    #expect(desk.complaints.first?.contains("error-not-allowed") == true)
    #expect(desk.path.contains("roomId=den"))
  }

  /// The list of rooms and the list of messages need not come from one copy of the database.
  @Test func `what the list tells and the room lacks is asked for again`() throws {
    let desk = try Desk.begun()
    try desk.take(Desk.rooms(Desk.room(moved: 9000, lm: 8000, count: 2)))
    _ = try desk.hear([])
    try desk.take(Desk.rooms(Desk.room(moved: 9000, lm: 8000, count: 2)))
    #expect(try desk.hear([Desk.post("a", "late", at: 8000)]).map(\.said) == ["ana1: late"])
    try desk.take(Desk.rooms(Desk.room(moved: 9000, lm: 8000, count: 2)))
    #expect(desk.path.hasPrefix("rooms.get"))
  }
}
