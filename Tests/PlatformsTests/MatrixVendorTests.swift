import Crew
import Foundation
import Platforms
import Testing

private typealias Desk = MatrixDesk

/// The examples of the Matrix specification itself, from the folder in `CREWBELL_VENDOR_DATA`.
@Suite struct `Matrix specification examples` {
  private static let folder = ProcessInfo.processInfo.environment["CREWBELL_VENDOR_DATA"].map {
    URL(fileURLWithPath: $0).appendingPathComponent("payloads/matrix")
  }

  private func examples() throws -> [URL] {
    guard let folder = Self.folder else { return [] }
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `every example is taken as an event and as an answer without harm`() throws {
    let files = try examples()
    #expect(files.count > 50)
    var texts: [String] = []
    for file in files {
      let json = String(decoding: try Data(contentsOf: file), as: UTF8.self)
      #expect(JSON(text: json) != nil, "\(file.lastPathComponent)")
      let desk = try Desk.started()
      let messages = try desk.hear(json, Desk.text("$ok", "after"))
      #expect(messages.last?.line == "ana: after", "\(file.lastPathComponent)")
      if messages.first?.kind == .text { texts.append(file.lastPathComponent) }
      for status in [200, 400, 403, 500] { _ = try? desk.take(json, status: status) }
      _ = desk.matrix.delivery(
        of: HTTPResponse(status: 200, body: Data(json.utf8)), progress: nil)
    }
    #expect(texts.contains("event_m.room.message_m.text.json"))
    #expect(texts.contains("event_m.room.message_m.notice.json"))
  }

  @Test(.enabled(if: folder != nil, "did not run: CREWBELL_VENDOR_DATA is not set"))
  func `the example of a whole sync is read`() throws {
    let file = try #require(
      try examples().first { $0.lastPathComponent.hasPrefix("sync_get_sync") })
    let desk = try Desk.started()
    try desk.take(String(decoding: Data(contentsOf: file), as: UTF8.self))
    #expect(desk.path.contains("/messages?dir=b"))
    let told = try desk.take(#"{"chunk":[]}"#).messages
    #expect(told.contains { $0.kind == .text })
  }
}
