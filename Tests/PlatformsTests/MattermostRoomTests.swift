import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = MattermostDesk
private let start = Desk.start

@Suite struct `Mattermost, channels` {
  private static func den(_ last: Int64, count: Int64 = 3) -> JSON {
    Desk.channel("den", last: last, count: count, type: "P", created: start - 999_000)
  }

  private func add(_ at: Int64, by user: String = "ana", name: String = "add2") -> JSON {
    Desk.post(
      name, "added", by: user, at: at, in: "den", type: "system_add_to_channel",
      props: ["addedUserId": .string(Desk.bell)])
  }

  @Test func `a channel we are added to is read from there on`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(), Self.den(start + 200)])
    let page = [
      Desk.post("old", "!task add old", at: start + 50, in: "den"), add(start + 100),
      Desk.post("new", "!task add new", by: "ben", at: start + 200, in: "den"),
    ]
    let told = try desk.hear(page)
    #expect(told.map(\.kind) == [.invited] && told[0].id == Desk.id("add2"))
    #expect(desk.path.contains("after=\(Desk.id("add2"))"))
    #expect(try desk.hear([page[2]]).map(\.told) == ["ben: !task add new"])
  }

  @Test func `who added us is looked for some pages back`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(), Self.den(start + 20_000)])
    let many = (0..<60).map {
      Desk.post("p\($0)x", "x", at: start + 10_000 + Int64($0), in: "den")
    }
    try desk.take(Desk.page(many))
    #expect(desk.path.hasSuffix("\(Desk.id("den"))/posts?page=1&per_page=60"))
    #expect(try desk.hear([add(start + 100)]).map(\.kind) == [.invited])
  }

  /// Nobody is added to the channel that everybody of a team is in.
  @Test func `where nobody added us a mention by somebody allowed does`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(), Self.den(start)])
    try desk.take(
      Desk.page([Desk.post("old", "@crewbell !task add old", at: start, in: "den")]))
    #expect(desk.path.hasSuffix("/channels"))
    try desk.take([Desk.channel(), Self.den(start + 3, count: 6)])
    let told = try desk.hear([
      Desk.post("a", "!task add a", at: start + 1, in: "den"),
      Desk.post("b", "@crewbell hello", by: "ben", at: start + 2, in: "den"),
      Desk.post("c", "@crewbell hello", at: start + 3, in: "den"),
    ])
    #expect(
      told.map(\.told) == [
        "ana: !task add a", "ben invited", "ben: hello", "ana invited", "ana: hello",
      ])
    try desk.take([Desk.channel(), Self.den(start + 4, count: 7)])
    let later = try desk.hear([Desk.post("d", "@crewbell again", at: start + 4, in: "den")])
    #expect(later.map(\.told) == ["ana: again"])
  }

  @Test func `a channel that is gone from three lists is lost, from one it is not`() throws {
    let desk = try Desk.begun()
    #expect(try desk.take([]).isEmpty)
    #expect(try desk.take([Desk.channel()]).isEmpty)
    #expect(try desk.take([]).isEmpty && desk.take([]).isEmpty)
    #expect(try desk.take([]).map(\.kind) == [.removed])
    #expect(try desk.take([]).isEmpty)
  }

  @Test func `what was said while we were out is not carried out`() throws {
    let desk = try Desk.begun()
    for _ in 0..<3 { try desk.take([]) }
    try desk.take([Desk.channel(last: start + 300)])
    let page = [
      Desk.post("x", "!task add while out", at: start + 100),
      Desk.added(at: start + 200, name: "again"), Desk.post("y", "!task add y", at: start + 300),
    ]
    #expect(try desk.hear(page).map(\.kind) == [.invited])
    #expect(desk.path.contains("after=\(Desk.id("again"))"))
    #expect(try desk.hear([page[2]]).map(\.told) == ["ana: !task add y"])
  }

  @Test func `a channel that was never left is read on where it was`() throws {
    let desk = try Desk.begun()
    for _ in 0..<3 { try desk.take([]) }
    try desk.take([Desk.channel(last: start + 100)])
    let told = try desk.hear([
      Desk.added(at: start - 60_000), Desk.post("x", "!task add x", at: start + 100),
    ])
    #expect(told.map(\.kind) == [.invited] && told[0].id.hasPrefix("back/"))
    let after = try desk.hear([Desk.post("x", "!task add x", at: start + 100)])
    #expect(after.map(\.told) == ["ana: !task add x"])
  }

  @Test func `a channel that may not be read does not stop the others`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(last: start + 1), Self.den(start)])
    try desk.take(["id": "api.context.permissions.app_error", "status_code": 403], status: 403)
    #expect(desk.complaints.count == 1 && desk.path.contains(Desk.id("den")))
  }

  @Test func `one odd post hides no other`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(last: start + 3)])
    let good = Desk.post("good", "good", at: start + 3)
    let id = Desk.id("good")
    let told = try desk.take([
      "order": [7, "missing", .string(Desk.id("odd")), .string(id)],
      "posts": .object([Desk.id("odd"): ["id": 1, "message": ["x"]], id: good]),
    ])
    #expect(told.map(\.told) == ["ana: good"])
    #expect(desk.complaints.count == 2)
  }

  @Test func `people who cannot be looked up go by their ids`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(last: start + 1)])
    let page = Desk.page([Desk.post("a", "hi @zoe", by: "ben", at: start + 1)])
    try desk.take(page)
    for _ in 0..<2 {
      try desk.take(["id": "api.context.permissions.app_error"], status: 403)
    }
    #expect(try desk.take(page).map(\.told) == ["ben: hi @zoe"])
  }

  @Test func `somebody of another server is a ghost`() throws {
    let desk = try Desk.begun()
    try desk.take([Desk.channel(last: start + 1)])
    let page = Desk.page([Desk.post("a", "hi", by: "zoe", at: start + 1)])
    try desk.take(page)
    try desk.take([["id": .string(Desk.id("zoe")), "username": "zoe:there", "remote_id": "r"]])
    #expect(try desk.take(page).map(\.senderKind) == [.ghost])
  }
}

@Suite struct `Mattermost, the promises of every platform` {
  @Test func `are kept`() throws {
    let whoami: JSON = ["id": .string(Desk.bell), "username": "crewbell"]
    let asked = Desk()
    try asked.take(whoami)
    let listed = Desk()
    try listed.take(whoami)
    try listed.take([Desk.channel()])
    let wondering = Desk()
    try wondering.take(whoami)
    try wondering.take([Desk.channel()])
    try wondering.take(Desk.page([Desk.added(at: start - 1)]))
    #expect(wondering.path == "users/ids")
    let begun = try Desk.begun()
    PlatformChecks(
      platform: Desk.mattermost, canary: Desk.token,
      cursors: [nil, asked.cursor, listed.cursor, wondering.cursor, begun.cursor],
      answers: [
        begun.response(whoami), begun.response([Desk.channel()]),
        begun.response(Desk.page([Desk.added(at: start - 1)])),
        begun.response([Desk.user("ana")]), begun.response([Desk.channel(last: start + 1)]),
      ], credential: Desk.credential
    ).run()
  }

  private func failure(_ response: HTTPResponse) throws -> PollFailure? {
    let cursor = try Desk.begun().cursor
    do {
      _ = try Desk.mattermost.read(response, after: cursor)
      return nil
    } catch { return error }
  }

  @Test func `a wrong token is refused with what to do`() throws {
    let response = HTTPResponse.init(
      status: 401, body: Data(#"{"id":"api.context.session_expired.app_error"}"#.utf8))
    guard case .refused(let why) = try failure(response) else {
      Issue.record("not refused")
      return
    }
    #expect(why.contains("token_file") && why.contains("session_expired"))
  }

  @Test(arguments: [
    (["retry-after": "7"], 7.0), (["x-ratelimit-reset": "3"], 3.0), ([:], 5.0),
    (["x-ratelimit-reset": "1766000000"], 5.0), (["retry-after": "soon"], 5.0),
    (["retry-after": "1000000000"], 3600.0), (["retry-after": "-1"], 5.0),
  ])
  func `too many calls wait as long as the server says`(
    _ headers: [String: String], _ seconds: Double
  ) throws {
    let response = HTTPResponse(
      status: 429, headers: headers, body: Data("limit exceeded".utf8))
    guard case .retry(let wish, _) = try failure(response) else {
      Issue.record("no retry")
      return
    }
    #expect(wish == seconds)
    #expect(Desk.mattermost.delivery(of: response, progress: nil) == .retry(afterSeconds: seconds))
  }
}
