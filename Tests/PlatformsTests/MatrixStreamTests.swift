import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = MatrixDesk

@Suite struct `Matrix stream` {
  @Test func `it asks who it is, then for a baseline, then for news`() throws {
    let desk = Desk()
    #expect(desk.path == "/account/whoami")
    #expect(desk.asked.headers["Authorization"] == "Bearer canary-TOKEN")
    try desk.take(#"{"user_id":"@bell:hs.example"}"#)
    #expect(desk.path == "/profile/%40bell%3Ahs.example/displayname")
    try desk.take(#"{"errcode":"M_NOT_FOUND","error":"no name"}"#, status: 404)
    #expect(desk.path.hasPrefix("/sync?"))
    #expect(!desk.path.contains("since="))
    #expect(desk.path.contains("timeout=0"))
    try desk.take(Desk.sync("s 1/2"))
    #expect(desk.path.contains("&since=s%201%2F2"))
    #expect(desk.path.contains("timeout=30000"))
    #expect(desk.asked.timeoutSeconds == 45)
  }

  @Test func `history from before the baseline is never read as commands`() throws {
    let desk = Desk()
    try desk.take(#"{"user_id":"@bell:hs.example"}"#)
    try desk.take(#"{"displayname":"Bell"}"#)
    let old = Desk.timeline([Desk.text("$1", "!done 1")], limited: true)
    let intake = try desk.take(Desk.sync("s1", join: [Desk.room: old]))
    #expect(intake.messages.isEmpty)
    #expect(desk.path.hasPrefix("/sync?"))
  }

  @Test func `a new start is never answered with what the server kept of the last one`() throws {
    let desk = Desk()
    let now = ["date": "Mon, 23 Nov 2026 09:00:07 GMT"]
    try desk.take(#"{"user_id":"@bell:hs.example"}"#, headers: now)
    try desk.take(#"{"displayname":"Bell"}"#, headers: now)
    #expect(desk.path.contains("timeout=407") && !desk.path.contains("since="))
  }

  @Test func `a token of somebody else is refused`() {
    let desk = Desk(user: "@bell:hs.example")
    #expect(throws: PollFailure.self) { try desk.take(#"{"user_id":"@eve:hs.example"}"#) }
    #expect(desk.cursor == nil)
  }

  @Test(arguments: [
    "", "team:hs.example", "#team:hs.example", "!" + String(repeating: "a", count: 255),
  ])
  func `what stands under a name that no room can have is no room`(name: String) throws {
    let desk = try Desk.started()
    let timeline = Desk.timeline([Desk.text("$5", "!done 5")])
    #expect(try desk.take(Desk.sync("s2", join: [name: timeline])).messages == [])
    #expect(try desk.take(Desk.sync("s3", join: [Desk.room: timeline])).messages.count == 1)
  }

  @Test func `a limited timeline is filled before it is told, and in order`() throws {
    let desk = try Desk.started()
    let other = Desk.timeline([Desk.text("$o", "elsewhere", from: "@ben:hs.example")])
    let sync = Desk.sync(
      "s2",
      join: [
        Desk.room: Desk.timeline([Desk.text("$5", "five"), Desk.text("$6", "six")], limited: true),
        "!other:hs.example": other,
      ])
    #expect(try desk.take(sync).messages.map(\.line) == ["ben: elsewhere"])
    #expect(desk.path.hasPrefix("/rooms/%21team%3Ahs.example/messages?dir=b&from=p1&limit=50"))
    #expect(desk.path.contains("&to=s1"))
    let page = #"{"chunk":[\#(Desk.text("$4", "four")),\#(Desk.text("$3", "three"))],"end":"p2"}"#
    #expect(try desk.take(page).messages.isEmpty)
    #expect(desk.path.contains("from=p2"))
    #expect(try desk.take(#"{"chunk":[],"end":"p3"}"#).messages.isEmpty)
    let last = try desk.take(#"{"chunk":[\#(Desk.text("$2", "two"))]}"#)
    #expect(last.messages.map(\.id) == ["$2", "$3", "$4", "$5", "$6"])
    #expect(desk.path.contains("since=s2"))
  }

  @Test func `a gap ends at the last known event, even when the server gives more`() throws {
    let desk = try Desk.started()
    _ = try desk.hear(Desk.text("$5", "five"), limited: true)
    let page = [Desk.text("$4", "four"), Desk.text("$old", "!kudos"), Desk.text("$0", "!done")]
    let intake = try desk.take(#"{"chunk":[\#(page.joined(separator: ","))],"end":"p2"}"#)
    #expect(intake.messages.map(\.id) == ["$4", "$5"])
  }

  @Test func `a thousand events are read back, older ones are told as a gap`() throws {
    let desk = try Desk.started()
    _ = try desk.hear(Desk.text("$top", "top"), limited: true)
    var pages = 0
    var told: [Message] = []
    while told.isEmpty, pages < 100 {
      let chunk = (0..<50).map { Desk.text("$\(pages)-\($0)", "x") }.joined(separator: ",")
      told = try desk.take(#"{"chunk":[\#(chunk)],"end":"q\#(pages)"}"#).messages
      pages += 1
    }
    #expect(pages == 20)
    #expect(told.first?.kind == .gap)
    #expect(told.count == 1002)
    #expect(told.last?.id == "$top")
  }

  @Test func `a day is read back, older ones are told as a gap`() throws {
    let desk = try Desk.started()
    _ = try desk.hear(Desk.text("$top", "top"), limited: true)
    let old = Desk.text("$4", "!done 4", at: 1_766_000_000_000 - 25 * 3_600_000)
    let intake = try desk.take(#"{"chunk":[\#(old)],"end":"p2"}"#)
    #expect(intake.messages.map(\.kind) == [.gap, .text])
  }

  @Test func `one event with a forged time does not end the search`() throws {
    let desk = try Desk.started()
    _ = try desk.hear(Desk.text("$top", "top"), limited: true)
    let chunk = [Desk.text("$4", "four", at: 0), Desk.text("$3", "three")]
    let intake = try desk.take(#"{"chunk":[\#(chunk.joined(separator: ","))]}"#)
    #expect(intake.messages.map(\.id) == ["$3", "$4", "$top"])
  }

  @Test func `a gap that the server will not fill is told, and the stream goes on`() throws {
    let desk = try Desk.started()
    _ = try desk.hear(Desk.text("$5", "five"), limited: true)
    let intake = try desk.take(#"{"errcode":"M_FORBIDDEN","error":"no"}"#, status: 403)
    #expect(intake.messages.map(\.kind) == [.gap, .text])
    #expect(desk.path.contains("since=s2"))
  }

  @Test func `a gap survives an outage and eight failures of its own`() throws {
    let desk = try Desk.started()
    _ = try desk.hear(Desk.text("$5", "five"), limited: true)
    let before = desk.cursor
    #expect(throws: PollFailure.self) { try desk.take("<html>", status: 502) }
    #expect(throws: PollFailure.self) {
      try desk.take(#"{"errcode":"M_LIMIT_EXCEEDED"}"#, status: 429)
    }
    #expect(desk.cursor == before)
    for _ in 0..<8 {
      let intake = try desk.take(#"{"errcode":"M_UNKNOWN"}"#, status: 500)
      #expect(intake.messages.isEmpty && intake.waitSeconds >= 1)
    }
    let last = try desk.take(#"{"errcode":"M_UNKNOWN"}"#, status: 500)
    #expect(last.messages.map(\.kind) == [.gap, .text])
  }

  @Test func `a refused token starts anew and fills each room from its last event`() throws {
    let desk = try Desk.started()
    _ = try desk.hear(Desk.text("$7", "seven"))
    let refused = try desk.take(
      #"{"errcode":"M_UNKNOWN","error":"Invalid stream token"}"#, status: 400)
    #expect(refused.messages.isEmpty && refused.complaints.count == 1)
    #expect(!desk.path.contains("since=") && desk.path.hasPrefix("/sync?"))
    let data = Desk.timeline([Desk.text("$9", "nine")], limited: true, prev: "n1")
    #expect(try desk.take(Desk.sync("n9", join: [Desk.room: data])).messages.isEmpty)
    #expect(desk.path.contains("/messages?dir=b&from=n1"))
    #expect(!desk.path.contains("&to="))
    let page = [Desk.text("$8", "eight"), Desk.text("$7", "seven"), Desk.text("$6", "six")]
    let intake = try desk.take(#"{"chunk":[\#(page.joined(separator: ","))],"end":"n2"}"#)
    #expect(intake.messages.map(\.id) == ["$8", "$9"])
    #expect(desk.path.contains("since=n9"))
  }

  @Test func `a room that is gone after a refused token counts as left`() throws {
    let desk = try Desk.started()
    try desk.take(#"{"errcode":"M_INVALID_PARAM"}"#, status: 400)
    #expect(try desk.take(Desk.sync("n1")).messages.map(\.kind) == [.removed])
  }

  @Test func `JSON of somebody else is no sync`() throws {
    let desk = try Desk.started()
    let before = desk.cursor
    for json in ["{}", #"{"wifi":"login"}"#, #"{"next_batch":7}"#, #"{"next_batch":""}"#] {
      #expect(throws: PollFailure.self) { try desk.take(json) }
    }
    #expect(desk.cursor == before)
  }

  @Test func `a cursor that cannot be read starts with a baseline and says so`() throws {
    let desk = Desk()
    desk.cursor = "{nonsense"
    #expect(desk.path == "/account/whoami")
    let intake = try desk.take(#"{"user_id":"@bell:hs.example"}"#)
    #expect(intake.complaints.count == 1)
  }

  @Test func `every platform's promises hold`() throws {
    let desk = Desk()
    var cursors: [Cursor?] = []
    var answers: [HTTPResponse] = []
    for json in [
      #"{"user_id":"@bell:hs.example"}"#, #"{"displayname":"Bell"}"#, Desk.sync("s1"),
      Desk.sync("s2", invite: ["!a:hs.example": Desk.invitation(by: "@ana:hs.example")]), "{}",
      Desk.sync(
        "s3",
        join: [Desk.room: Desk.timeline([Desk.text("$1", "hello")], limited: true)]),
      #"{"chunk":[],"end":"p2"}"#,
    ] {
      cursors.append(desk.cursor)
      answers.append(HTTPResponse(status: 200, body: Data(json.utf8)))
      try desk.take(json)
    }
    PlatformChecks(
      platform: desk.matrix, canary: Desk.canary, cursors: cursors, answers: answers,
      credential: Desk.credential
    ).run()
  }
}

/// Numbers that look like chance and are the same on each run (SplitMix64).
private struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite struct `Matrix under damage` {
  @Test func `no damaged answer does harm`() throws {
    let desk = try Desk.started()
    let events = [
      Desk.text(
        "$1", "Bell: @ben:hs.example", #","formatted_body":"<a href='matrix:u/b:c'>B</a>""#),
      Desk.member("$2", "@ben:hs.example", "join", was: "invite"), Desk.named,
      Desk.event("$3", "m.room.tombstone", content: #"{"replacement_room":"!n:h"}"#),
    ]
    let sync = Desk.sync(
      "s2", join: [Desk.room: Desk.timeline(events, limited: true)],
      invite: ["!i:hs.example": Desk.invitation(by: "@ana:hs.example", direct: true)])
    var random = Seeded(state: 1)
    let pieces = ["null", "{}", "[]", "-1", "1e999", "\"\\ud800\"", "\u{0}", "\"", "}", ",", "9"]
    for _ in 0..<2000 {
      var bytes = Array(sync.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let start = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, start + Int.random(in: 0...12, using: &random))
        let piece = pieces.randomElement(using: &random) ?? ""
        bytes.replaceSubrange(start..<end, with: Array(piece.utf8))
      }
      let response = HTTPResponse(status: 200, body: Data(bytes))
      guard let intake = try? desk.matrix.read(response, after: desk.cursor) else { continue }
      // Whatever was made of it, the next question can be asked and its answer read.
      _ = desk.matrix.poll(after: intake.cursor, with: Desk.credential)
      _ = try? desk.matrix.read(response, after: intake.cursor)
    }
  }
}
