import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = ZulipDesk

/// The examples of Zulip's own API description, from the folder in `CREWBELL_VENDOR_DATA`.
@Suite struct `Zulip's examples` {
  private static let folder = ProcessInfo.processInfo.environment["CREWBELL_VENDOR_DATA"].map {
    URL(fileURLWithPath: $0).appendingPathComponent("payloads/zulip")
  }

  private func examples() throws -> [(name: String, json: String)] {
    guard let folder = Self.folder else { return [] }
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return try files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.map {
      ($0.lastPathComponent, String(decoding: try Data(contentsOf: $0), as: UTF8.self))
    }
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `every example is taken as an answer and as an event without harm`() throws {
    let examples = try examples()
    #expect(examples.count > 50)
    for (name, json) in examples {
      let desk = try Desk.started()
      try desk.hear(Desk.event(0, Desk.message(101, "known")))
      if name.hasPrefix("event_") {
        let messages = try desk.hear(json, Desk.event(90, Desk.message(102, "after")))
        #expect(messages.last?.spoken == "after", "\(name)")
      }
      for status in [200, 400, 401, 429, 500] {
        for desk in [Desk(), try Desk.started()] { _ = try? desk.take(json, status: status) }
        _ = desk.zulip.delivery(
          of: HTTPResponse(status: status, body: Data(json.utf8)), progress: nil)
      }
    }
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `its events, its send and its limit are understood`() throws {
    let all = Dictionary(uniqueKeysWithValues: try examples().map { ($0.name, $0.json) })
    let desk = try Desk.started()
    let intake = try desk.take(try #require(all["get__events__response_200_1.json"]))
    // A message without the number of its channel and one without ourselves: both by a bot.
    #expect(intake.messages.isEmpty && desk.path == "users/13215")
    let sent = try #require(all["post__messages__response_200_1.json"])
    guard
      case .sent(let id) = desk.zulip.delivery(
        of: HTTPResponse(status: 200, body: Data(sent.utf8)), progress: nil), !id.isEmpty
    else {
      Issue.record("the example of a sent message is not one")
      return
    }
    let limit = try #require(all["schema_RateLimitedError.json"])
    guard
      case .retry(let seconds?) = desk.zulip.delivery(
        of: HTTPResponse(status: 429, body: Data(limit.utf8)), progress: nil), seconds > 28
    else {
      Issue.record("the example of a limit is not one")
      return
    }
  }
}
