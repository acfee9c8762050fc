import Curl
import Foundation
import Platforms
import Testing

/// A call that is expected to bring no answer, and whose failure must not tell the secret that its
/// path and a header hold.
func failure(
  of request: HTTPRequest, on curl: Curl, sourceLocation: SourceLocation = #_sourceLocation
) async -> NetworkFailure? {
  var secret = request
  secret.url += "/bot123:hush/sendMessage"
  secret.headers["X-Token"] = "hush"
  do {
    let response = try await curl.perform(secret)
    Issue.record("answered with \(response.status)", sourceLocation: sourceLocation)
    return nil
  } catch {
    #expect(!"\(error)".contains("hush"), sourceLocation: sourceLocation)
    #expect(!"\(error)".contains("bot123"), sourceLocation: sourceLocation)
    return error
  }
}

@Suite struct FailureTests {
  private let curl: Curl

  init() throws { curl = try Curl() }

  @Test func `a refused connection sent nothing`() async throws {
    let server = try politeServer()
    server.stop()
    let failure = await failure(of: HTTPRequest(.post, server.url), on: curl)
    #expect(failure?.kind == .connect)
    #expect(failure?.nothingSent == true)
    #expect(failure?.description.contains("Connection refused (POST 127.0.0.1)") == true)
  }

  @Test func `an unknown name sent nothing`() async throws {
    // libcurl answers names below .onion itself, so this asks no name server.
    let failure = await failure(of: HTTPRequest(.post, "http://crewbell.onion"), on: curl)
    #expect(failure?.kind == .resolve)
    #expect(failure?.nothingSent == true)
  }

  @Test func `a reset after the request was read may have been heard`() async throws {
    let server = try TestServer { peer in
      peer.readRequest()
      peer.reset()
    }
    defer { server.stop() }
    let request = HTTPRequest(.post, server.url, body: Data("x".utf8), isRepeatable: false)
    let failure = await failure(of: request, on: curl)
    #expect(failure?.kind == .interrupted)
    #expect(failure?.nothingSent == false)
    #expect(server.deliveries.count == 1)
  }

  @Test func `an answer cut anywhere is no answer`() async throws {
    let whole = Array("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell".utf8)
    let server = try TestServer { peer in
      guard let request = peer.readRequest() else { return }
      let count = request.line.split(separator: "/").dropFirst().first.flatMap { Int($0) } ?? 0
      peer.write(Data(whole[..<count]))
    }
    defer { server.stop() }
    for count in 0..<whole.count {
      let request = HTTPRequest(.get, server.url + "/\(count)", isRepeatable: false)
      let failure = await failure(of: request, on: curl)
      #expect(failure?.kind == .interrupted, "cut after \(count)")
      #expect(failure?.nothingSent == false)
    }
    #expect(server.deliveries.count == whole.count)
  }

  @Test func `the deadline ends a call that is never answered`() async throws {
    let server = try TestServer { peer in
      peer.readRequest()
      peer.waitForClose()
    }
    defer { server.stop() }
    let request = HTTPRequest(.get, server.url, timeoutSeconds: 0.2)
    let failure = await failure(of: request, on: curl)
    #expect(failure?.kind == .timeout)
    #expect(failure?.nothingSent == false)
  }

  @Test func `the deadline ends an answer that comes byte by byte`() async throws {
    let server = try TestServer { peer in
      peer.readRequest()
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
      while peer.write("x") { usleep(10_000) }
    }
    defer { server.stop() }
    let request = HTTPRequest(.get, server.url, timeoutSeconds: 0.3)
    #expect(await failure(of: request, on: curl)?.kind == .timeout)
  }

  @Test func `a server that never shakes hands costs the connect timeout and hears nothing`()
    async throws
  {
    let server = try TestServer { $0.waitForClose() }
    defer { server.stop() }
    var configuration = Curl.Configuration()
    configuration.connectTimeoutSeconds = 0.2
    let curl = try Curl(configuration)
    // The call itself may take longer than this test: only the connect timeout can end it.
    let request = HTTPRequest(.post, "https://127.0.0.1:\(server.port)", timeoutSeconds: 600)
    let call = Task { await failure(of: request, on: curl) }
    let alarm = Task {
      try await Task.sleep(for: .seconds(60))
      call.cancel()
    }
    let ended = await call.value
    alarm.cancel()
    #expect(ended?.kind == .timeout)
    #expect(ended?.nothingSent == true)
  }

  @Test func `what is not HTTP is no answer`() async throws {
    let server = try TestServer { peer in
      peer.readRequest()
      peer.write("220 mail ready\r\n\r\n")
    }
    defer { server.stop() }
    #expect(await failure(of: HTTPRequest(.get, server.url), on: curl)?.kind == .interrupted)
  }

  @Test(arguments: [
    "file:///etc/passwd", "ftp://127.0.0.1", "gopher://127.0.0.1", "127.0.0.1", "http://",
    "http://user:word@127.0.0.1", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y",
    "http://127.0.0.1:999999",
  ])
  func `a URL that is not plain http is refused`(_ url: String) async throws {
    let failure = await failure(of: HTTPRequest(.get, url), on: curl)
    #expect(failure?.kind == .badRequest)
    #expect(failure?.nothingSent == true)
  }

  @Test(arguments: [
    ("X-Text", "a\r\nX-Admin: 1"), ("X-Text", "a\nb"), ("X-Text", "a\0b"), ("X Text", "a"),
    ("X-Text:", "a"), ("", "a"), ("Content-Length", "5"), ("Transfer-Encoding", "chunked"),
  ])
  func `a header that would change the request is refused unsent`(
    _ name: String, _ value: String
  ) async throws {
    let server = try politeServer()
    defer { server.stop() }
    let request = HTTPRequest(.post, server.url, headers: [name: value], body: Data("x".utf8))
    let failure = await failure(of: request, on: curl)
    #expect(failure?.kind == .badRequest)
    #expect(failure?.nothingSent == true)
    #expect(server.connections == 0)
  }

  @Test(arguments: [0, -1, .nan, .infinity])
  func `a call without a deadline is refused`(_ seconds: Double) async throws {
    let request = HTTPRequest(.get, "http://127.0.0.1:1", timeoutSeconds: seconds)
    #expect(await failure(of: request, on: curl)?.kind == .badRequest)
  }
}
