import Crew
import Foundation
import Hostile
import Platforms
import Testing

private typealias Desk = MatrixDesk

/// Every call that we make, held against the specification's own description.
@Suite struct MatrixCallTests {
  private static let folder = ProcessInfo.processInfo.environment["CREWBELL_VENDOR_DATA"].map {
    URL(filePath: $0).appending(path: "specs/matrix/api/client-server")
  }
  private static let ana = Identity(account: "matrix", user: "@ana:hs.example")

  /// What the homeserver says to a call, by where it goes.
  private func answer(_ path: String) -> String {
    let answers = [
      "account/whoami": #"{"user_id":"@bell:hs.example","device_id":"CREWBELL"}"#,
      "/displayname": #"{"displayname":"Bell"}"#,
      "/messages": #"{"chunk":[]}"#,
      "/members": #"{"chunk":[]}"#,
      "/join/": #"{"room_id":"!new:hs.example"}"#,
      "/createRoom": #"{"room_id":"!d:hs.example"}"#,
      "m.room.create": #"{"predecessor":{"room_id":"\#(Desk.room)"}}"#,
      "/send/": #"{"event_id":"$sent"}"#,
    ]
    return answers.first { path.contains($0.key) }?.value ?? "{}"
  }

  /// A team's room with a gap, a direct invitation, a stranger's, and a room that moves.
  private func polled() throws -> [HTTPRequest] {
    let stone = Desk.event(
      "$t", "m.room.tombstone", content: #"{"body":"moved","replacement_room":"!new:hs.example"}"#,
      #","state_key":"""#)
    var syncs = [
      Desk.sync("s1", join: [Desk.room: Desk.before]),
      Desk.sync(
        "s2", join: [Desk.room: Desk.timeline([Desk.text("$a", "hi")], limited: true)],
        invite: [
          "!d:hs.example": Desk.invitation(by: "@ana:hs.example", direct: true),
          "!x:hs.example": Desk.invitation(by: "@eve:elsewhere.example"),
        ]),
      Desk.sync("s3", join: [Desk.room: Desk.timeline([stone])]),
    ]
    let desk = Desk()
    var calls: [HTTPRequest] = []
    for _ in 0..<40 {
      let call = desk.asked
      calls.append(call)
      let isSync = call.url.contains("/sync?")
      if isSync, syncs.isEmpty { break }
      try desk.take(isSync ? syncs.removeFirst() : answer(call.url))
    }
    return calls
  }

  private func posted() -> [HTTPRequest] {
    let matrix = Desk().matrix
    let room = Target.room(Room(account: "matrix", id: Desk.room))
    let text = Markup([
      .person(name: "Ana", identities: [Self.ana], pings: true), .strong(" has "),
      .command("task add"), .table("1  2"),
    ])
    let posts = [
      Post(text: text), Post(text: text, inReplyTo: "$a", thread: "$root"),
      Post(text: text, inReplyTo: "$a"), Post(kind: .edit(of: "$sent"), text: "new"),
      Post(kind: .reaction("✅", on: "$a"), text: ""),
    ]
    var calls = posts.map {
      matrix.request(for: $0, to: room, key: "k-1", progress: nil, with: Desk.credential)
    }
    var progress: Platforms.Progress?
    for _ in 0..<12 {
      let call = matrix.request(
        for: Post(text: "psst"), to: .direct(Self.ana), key: "k-2", progress: progress,
        with: Desk.credential)
      calls.append(call)
      let said = HTTPResponse(status: 200, body: Data(answer(call.url).utf8))
      guard case .next(let next) = matrix.delivery(of: said, progress: progress) else { break }
      progress = next
    }
    return calls
  }

  private func line(_ call: HTTPRequest) throws -> String {
    let url = try #require(URLComponents(string: call.url))
    let query = (url.queryItems ?? []).map { ($0.name, JSON.string($0.value ?? "")) }
    let line: JSON = [
      "method": .string(call.method.rawValue), "path": .string(url.percentEncodedPath),
      "query": .object(Dictionary(query) { $1 }), "body": call.body.flatMap(JSON.init) ?? .null,
    ]
    return line.text
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `our calls fit the specification`() async throws {
    let login = try #require(
      Desk(user: "bell", password: "pw").matrix.credentialRequest(now: Instant(seconds: 0)))
    let calls = try [login] + polled() + posted()
    let folder = try #require(Self.folder).path()
    let lines = try calls.map(line)
    let said = try await apart {
      try HostileTests.python("matrix_description.py", [folder], lines)
    }.split(separator: "\n")
    #expect(said.last == "\(calls.count) calls, 0 do not fit", "\(said)")
    #expect(
      said.dropLast().last.map { Set($0.split(separator: " ")) } == [
        "createRoom", "getAccountData", "getProfileField", "getRoomEvents", "getRoomStateWithKey",
        "getTokenOwner", "joinRoom", "leaveRoom", "login", "sendMessage", "setAccountData", "sync",
      ])
  }
}
