import Curl
import Foundation
import Outside
import Platforms
import Testing

@Suite struct TLSTests {
  private func check(
    _ certificate: String, options: [String] = [], caFile: String? = nil
  ) async throws -> (failure: NetworkFailure?, report: TLSServer.Report) {
    let certificates = try Certificates.shared.get()
    let server = try TLSServer(certificate, certificates, options: options)
    defer { server.stop() }
    let curl = try Curl(Curl.Configuration(caFile: caFile ?? certificates.path("ca.pem")))
    let request = HTTPRequest(
      .post, "https://127.0.0.1:\(server.port)/bot123:hush/sendMessage",
      headers: ["Authorization": "Bearer hush"], body: Data("hush".utf8), isRepeatable: false)
    var failure: NetworkFailure?
    do {
      let response = try await curl.perform(request)
      #expect(response.body == Data("well".utf8))
    } catch {
      failure = error
      #expect(!"\(error)".contains("hush"))
    }
    try await wait(for: "the server's report") { server.report != nil }
    return (failure, try #require(server.report))
  }

  @Test func `a server that our authority vouches for hears the whole request`() async throws {
    let (failure, report) = try await check("good")
    #expect(failure == nil)
    #expect(report.text.contains("POST /bot123:hush/sendMessage HTTP/1.1"))
    #expect(report.text.hasSuffix("hush"))
  }

  @Test(arguments: [
    ("expired", "has expired"), ("selfsigned", "self-signed"), ("wronghost", "another host"),
    ("stranger", "issuer is not known"),
  ])
  func `no byte leaves to a server with a bad certificate`(
    _ certificate: String, _ reason: String
  ) async throws {
    let (failure, report) = try await check(certificate)
    #expect(failure?.kind == .tls)
    #expect(failure?.nothingSent == true)
    #expect(failure?.description.contains(reason) == true, "\(String(describing: failure))")
    // The name is compared after the handshake and before the request.
    #expect(report == TLSServer.Report(isShaken: certificate == "wronghost", text: ""))
  }

  /// Debian's OpenSSL settings refuse it as well, so this holds even where they do not apply.
  @Test func `TLS 1.1 is too old`() async throws {
    let (failure, report) = try await check("good", options: ["old"])
    #expect(failure?.kind == .tls)
    #expect(failure?.nothingSent == true)
    #expect(!report.isShaken)
  }

  @Test func `a missing file of authorities lets nobody through`() async throws {
    let (failure, report) = try await check("good", caFile: "/nonexistent.pem")
    #expect(failure?.kind == .tls)
    #expect(failure?.nothingSent == true)
    #expect(!report.isShaken)
  }

  @Test func `the system's authorities do not know ours`() async throws {
    let system = Curl.Configuration().caFile
    try #require(FileManager.default.fileExists(atPath: system))
    let (failure, report) = try await check("good", caFile: system)
    #expect(failure?.kind == .tls)
    #expect(report.text.isEmpty)
  }
}
