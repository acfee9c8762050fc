import Curl
import Foundation
import Platforms
import Testing

@Suite struct ProxyTests {
  @Test func `the environment's proxy is not asked`() async throws {
    // A process of its own: the environment belongs to all tests of this one.
    await #expect(processExitsWith: .success) {
      let proxy = try politeServer("proxy")
      let server = try politeServer("server")
      for name in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        setenv(name, proxy.url, 1)
      }
      let response = try await Curl().perform(HTTPRequest(.get, server.url))
      #expect(response.body == Data("server".utf8))
      #expect(proxy.connections == 0)
    }
  }

  @Test func `a configured proxy is asked, whatever the environment excepts`() async throws {
    await #expect(processExitsWith: .success) {
      let proxy = try politeServer("proxy")
      setenv("no_proxy", "*", 1)
      var configuration = Curl.Configuration()
      configuration.proxy = proxy.url
      let response = try await Curl(configuration).perform(
        HTTPRequest(.get, "http://chat.example/x"))
      #expect(response.body == Data("proxy".utf8))
      #expect(proxy.deliveries.map(\.line) == ["GET http://chat.example/x HTTP/1.1"])
    }
  }

  @Test func `a proxy that refuses the tunnel gives no proof`() async throws {
    let proxy = try TestServer { peer in
      while peer.readRequest() != nil { peer.answer(status: 403) }
    }
    defer { proxy.stop() }
    var configuration = Curl.Configuration()
    configuration.proxy = proxy.url
    let curl = try Curl(configuration)
    let failure = await failure(of: HTTPRequest(.post, "https://chat.example"), on: curl)
    #expect(failure?.nothingSent == false)
    #expect(proxy.deliveries.map(\.line) == ["CONNECT chat.example:443 HTTP/1.1"])
  }
}
