import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Platforms
import Sandbox

/// A socket of 127.0.0.1 before a fake chat.
final class FakeServer: Sendable {
  private let answer: @Sendable (FakeRequest) async -> Platforms.HTTPResponse
  private let running = LocalServer()

  init(_ answer: @escaping @Sendable (FakeRequest) async -> Platforms.HTTPResponse) {
    self.answer = answer
  }

  /// - Returns: the base URL.
  func start() async throws -> String {
    let port = try await running.start { [answer] request in
      guard let buffer = try? await request.body.collect(upTo: 16 << 20) else {
        return Response(status: .contentTooLarge)
      }
      return Self.wire(await answer(Self.call(request, Data(buffer.readableBytesView))))
    }
    return "http://127.0.0.1:\(port)"
  }

  func stop() async { await running.end() }

  private static func call(_ request: Request, _ body: Data) -> FakeRequest {
    let headers = Dictionary(
      request.headers.map { ($0.name.canonicalName, $0.value) },
      uniquingKeysWith: { "\($0), \($1)" })
    return FakeRequest(
      method: request.method.rawValue, url: request.uri.string, headers: headers, body: body)
  }

  private static func wire(_ response: Platforms.HTTPResponse) -> Response {
    var headers = HTTPFields()
    for (name, value) in response.headers {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    return Response(
      status: .init(code: response.status), headers: headers,
      body: .init(byteBuffer: ByteBuffer(bytes: response.body)))
  }
}
