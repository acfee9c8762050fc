import Curl
import Foundation
import Platforms
import Testing

@Suite struct ResendTests {
  /// Greets a GET, and hangs up on the first POST after it was read whole.
  private func rudeServer() throws -> TestServer {
    try TestServer { peer in
      while let request = peer.readRequest() {
        let posts = peer.server.deliveries.filter { $0.line.hasPrefix("POST") }.count
        if request.line.hasPrefix("POST"), posts == 1 { return }
        peer.answer("well")
      }
    }
  }

  private func post(isRepeatable: Bool) async throws -> (server: TestServer, outcome: String) {
    let server = try rudeServer()
    defer { server.stop() }
    let curl = try Curl()
    _ = try await curl.perform(HTTPRequest(.get, server.url))
    let request = HTTPRequest(
      .post, server.url, body: Data("kudos".utf8), isRepeatable: isRepeatable)
    do {
      return (server, "\(try await curl.perform(request).status)")
    } catch {
      #expect(!error.nothingSent)
      return (server, "\(error.kind)")
    }
  }

  @Test func `a call that must not be repeated is delivered once`() async throws {
    let (server, outcome) = try await post(isRepeatable: false)
    #expect(outcome == "interrupted")
    #expect(server.deliveries.map(\.line) == ["GET / HTTP/1.1", "POST / HTTP/1.1"])
  }

  /// The danger itself: without the safeguard libcurl says it twice and reports success. On a
  /// machine so busy that the connection is not used again there is no danger to see, hence more
  /// than one try.
  @Test func `libcurl repeats a call by itself on a connection used before`() async throws {
    for _ in 1...10 {
      let (server, outcome) = try await post(isRepeatable: true)
      let posts = server.deliveries.filter { $0.line.hasPrefix("POST") }.count
      if outcome == "200", posts == 2 { return }
    }
    Issue.record("libcurl did not repeat the call: is the safeguard still needed?")
  }
}
