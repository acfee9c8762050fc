import Curl
import Foundation
import Outside
import Platforms
import Testing

@Suite struct LimitTests {
  private let curl: Curl

  init() throws { curl = try Curl() }

  @Test func `an answer may be as long as allowed and not a byte longer`() async throws {
    let server = try politeServer("12345")
    defer { server.stop() }
    let fits = HTTPRequest(.get, server.url, responseBytesMax: 5)
    #expect(try await curl.perform(fits).body.count == 5)
    let request = HTTPRequest(.get, server.url, responseBytesMax: 4)
    let failure = await failure(of: request, on: curl)
    #expect(failure?.kind == .tooLarge)
    #expect(failure?.nothingSent == false)
  }

  @Test func `an endless body is cut`() async throws {
    let server = try TestServer { peer in
      peer.readRequest()
      peer.write("HTTP/1.1 200 OK\r\n\r\n")
      let piece = Data(repeating: 120, count: 10_000)
      while peer.write(piece) {}
    }
    defer { server.stop() }
    let request = HTTPRequest(.get, server.url, responseBytesMax: 100_000)
    #expect(await failure(of: request, on: curl)?.kind == .tooLarge)
  }

  @Test(arguments: ["X-Flood: 0123456789\r\n", "X", "HTTP/1.1 100 Continue\r\n\r\n"])
  func `an endless row of headers is cut`(_ piece: String) async throws {
    let server = try TestServer { peer in
      peer.readRequest()
      peer.write("HTTP/1.1 \(piece.hasPrefix("H") ? 100 : 200) OK\r\n")
      if piece.hasPrefix("H") { peer.write("\r\n") }
      let pieces = String(repeating: piece, count: 500)
      while peer.write(pieces) {}
    }
    defer { server.stop() }
    let kind = await failure(of: HTTPRequest(.get, server.url), on: curl)?.kind
    // A single line without an end never reaches the counter; libcurl gives it up by itself.
    #expect(kind == (piece == "X" ? .interrupted : .tooLarge))
  }

  /// Ten million zeros, compressed by gzip.
  private func bomb() throws -> Data {
    try Program.run(["sh", "-c", "head -c 10000000 /dev/zero | gzip -9"]).output
  }

  @Test func `a compressed body that nobody asked for stays compressed`() async throws {
    let bomb = try bomb()
    let server = try TestServer { peer in
      peer.readRequest()
      peer.write(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n")
      peer.write(bomb)
    }
    defer { server.stop() }
    #expect(try await curl.perform(HTTPRequest(.get, server.url)).body == bomb)
    let head = try #require(server.deliveries.first?.head)
    #expect(!head.lowercased().contains("accept-encoding"))
  }

  @Test func `a compressed transfer that nobody asked for stays compressed`() async throws {
    let bomb = try bomb()
    let server = try TestServer { peer in
      peer.readRequest()
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n")
      peer.write("\(String(bomb.count, radix: 16))\r\n")
      peer.write(bomb)
      peer.write("\r\n0\r\n\r\n")
    }
    defer { server.stop() }
    #expect(try await curl.perform(HTTPRequest(.get, server.url)).body == bomb)
  }
}
