import Curl
import Foundation
import Platforms
import Testing

@Suite struct AnswerTests {
  private let curl: Curl

  init() throws { curl = try Curl() }

  @Test func `an answer brings status, headers in lower case and body`() async throws {
    let server = try TestServer { peer in
      peer.readRequest()
      peer.write("HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n")
      peer.answer("hello", headers: ["X-Two: a", "Retry-After:  7 ", "x-two: b", "X-None:"])
    }
    defer { server.stop() }
    let response = try await curl.perform(HTTPRequest(.get, server.url + "/a?b=c"))
    #expect(response.status == 200)
    #expect(response.body == Data("hello".utf8))
    #expect(
      response.headers
        == ["x-two": "a, b", "retry-after": "7", "x-none": "", "content-length": "5"])
    #expect(server.deliveries.map(\.line) == ["GET /a?b=c HTTP/1.1"])
  }

  @Test(arguments: [204, 301, 401, 404, 409, 429, 500, 503])
  func `every status is a response and no redirect is followed`(_ status: Int) async throws {
    let server = try TestServer { peer in
      while peer.readRequest() != nil {
        peer.write("HTTP/1.1 \(status) X\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")
      }
    }
    defer { server.stop() }
    let response = try await curl.perform(HTTPRequest(.get, server.url))
    #expect(response.status == status)
    #expect(server.deliveries.count == 1)
  }

  @Test func `a request leaves when it is released, and not before or without`() async throws {
    let server = try politeServer()
    defer { server.stop() }
    let request = HTTPRequest(.post, server.url, isRepeatable: false)
    let failure = await #expect(throws: NetworkFailure.self) {
      try await curl.perform(request) { false }
    }
    #expect(failure?.kind == .cancelled && failure?.nothingSent == true)
    #expect(server.deliveries.isEmpty)
    let response = try await curl.perform(request) { server.deliveries.isEmpty }
    #expect(response.status == 200)
    #expect(server.deliveries.count == 1)
  }

  @Test(arguments: [HTTPRequest.Method.post, .put], [0, 5, 300_000])
  func `method, headers and body arrive as given`(
    _ method: HTTPRequest.Method, _ bytes: Int
  ) async throws {
    let server = try politeServer()
    defer { server.stop() }
    let body = Data((0..<bytes).map { UInt8(truncatingIfNeeded: $0) })
    let headers = ["Authorization": "Bearer t", "X-Blank": "", "X-Word": "naïve; \"q\""]
    let request = HTTPRequest(method, server.url + "/p", headers: headers, body: body)
    let response = try await curl.perform(request)
    #expect(response.body == Data("well".utf8))
    let delivery = try #require(server.deliveries.first)
    #expect(delivery.body == body)
    let lines = delivery.head.components(separatedBy: "\r\n")
    #expect(lines.first == "\(method.rawValue) /p HTTP/1.1")
    #expect(
      Set(lines.dropFirst()) == [
        "Host: 127.0.0.1:\(server.port)", "User-Agent: crewbell", "Accept: */*",
        "Authorization: Bearer t", "X-Blank:", "X-Word: naïve; \"q\"", "Content-Length: \(bytes)",
      ])
  }

  /// How long a connection lay idle is what this is about, so time has to pass.
  /// On a busy machine it may lie idle for longer, so what may be repeated goes first and at once.
  @Test func `a call that must not be repeated takes no connection that lay idle`() async throws {
    let server = try politeServer()
    defer { server.stop() }
    for isRepeatable in [true, true, false] {
      if !isRepeatable { try await Task.sleep(for: .milliseconds(2100)) }
      let request = HTTPRequest(.post, server.url, body: Data("x".utf8), isRepeatable: isRepeatable)
      _ = try await curl.perform(request)
    }
    let connections = server.deliveries.map(\.connection)
    #expect(connections.count == 3)
    #expect(connections[2] != connections[1])
  }

  @Test func `a host that never shakes hands delays no other`() async throws {
    let silent = try TestServer { $0.waitForClose() }
    let server = try politeServer()
    defer {
      silent.stop()
      server.stop()
    }
    try await withThrowingTaskGroup(of: NetworkFailure?.self) { group in
      for _ in 0..<100 {
        group.addTask { [curl] in
          let url = "https://127.0.0.1:\(silent.port)"
          return await failure(of: HTTPRequest(.get, url, timeoutSeconds: 2), on: curl)
        }
      }
      try await wait(for: "the first handshakes") { silent.connections >= 64 }
      let response = try await curl.perform(HTTPRequest(.get, server.url))
      #expect(response.body == Data("well".utf8))
      for try await failure in group {
        #expect(failure?.kind == .timeout)
        #expect(failure?.nothingSent == true)
      }
    }
  }

  @Test func `a thousand idle polls wait at once and all are answered`() async throws {
    let peers = Shelf<Peer>()
    let server = try TestServer(keepsConnections: true) { peer in
      peer.readRequest()
      peers.add(peer)
    }
    defer { server.stop() }
    let answers = try await withThrowingTaskGroup(of: String.self) { group in
      for number in 0..<1000 {
        group.addTask { [curl] in
          let request = HTTPRequest(.get, server.url + "/\(number)", timeoutSeconds: 300)
          return String(decoding: try await curl.perform(request).body, as: UTF8.self)
        }
      }
      try await wait(for: "a thousand polls") { peers.all.count == 1000 }
      #expect(server.connections == 1000)
      for (number, peer) in peers.all.enumerated() { peer.answer("\(number)") }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(answers.count == 1000)
  }
}
