import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Platforms
import Sandbox
import ServiceLifecycle

/// A socket of 127.0.0.1 before a fake chat.
final class FakeServer: Sendable {
  private let answer: @Sendable (FakeRequest) async -> Platforms.HTTPResponse
  private let running = Running()

  init(_ answer: @escaping @Sendable (FakeRequest) async -> Platforms.HTTPResponse) {
    self.answer = answer
  }

  /// - Returns: the base URL.
  func start() async throws -> String {
    let (ports, found) = AsyncThrowingStream.makeStream(of: Int.self)
    var logger = Logger(label: "fake")
    logger.logLevel = .critical
    let application = Application(
      responder: CallbackResponder<BasicRequestContext> { [answer] request, _ in
        guard let buffer = try? await request.body.collect(upTo: 16 << 20) else {
          return Response(status: .contentTooLarge)
        }
        return Self.wire(await answer(Self.call(request, Data(buffer.readableBytesView))))
      },
      configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in
        if let port = channel.localAddress?.port { found.yield(port) }
      }, logger: logger)
    let group = ServiceGroup.ending(application, logger)
    await running.begin(
      group,
      Task {
        do {
          try await group.run()
          found.finish()
        } catch { found.finish(throwing: error) }
      })
    for try await port in ports { return "http://127.0.0.1:\(port)" }
    throw NetworkFailure(.connect, nothingSent: true, "the fake cannot listen")
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

  private actor Running {
    private var group: ServiceGroup?
    private var task: Task<Void, Never>?

    func begin(_ group: ServiceGroup, _ task: Task<Void, Never>) {
      (self.group, self.task) = (group, task)
    }

    func end() async {
      await group?.triggerGracefulShutdown()
      await task?.value
      (group, task) = (nil, nil)
    }
  }
}
