import Crew
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Platforms
import ServiceLifecycle

/// A port of this machine before an `Ear`. TLS, and whoever is not a platform, are the proxy's.
struct Listener: Sendable {
  /// Whoever has the port may hold so many connections; others wait in the kernel's queue.
  static let connectionsMax = 512
  /// A connection that says nothing is closed after this, and one whose head does not come.
  static let idleSeconds: Int64 = 3
  /// From the head of a call to its answer. A platform waits three seconds.
  static let callSeconds: Int64 = 5

  let ear: Ear
  let port: Int
  /// Told of the port once it can be called.
  var opened: @Sendable (Int) -> Void = { _ in }

  /// Runs until it is cancelled, and then until what is being answered has its answer.
  /// - Throws: where the port cannot be had.
  func run() async throws {
    var logger = Logger(label: "listener")
    // What is wrong with a call is told by the ear, without a byte of it.
    logger.logLevel = .critical
    let application = Application(
      responder: CallbackResponder<BasicRequestContext> { request, _ in await answer(request) },
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [CallDeadline()], idleTimeout: .seconds(Self.idleSeconds))),
      configuration: .init(
        address: .hostname("127.0.0.1", port: port), serverName: nil,
        availableConnectionsDelegate: .maximum(Self.connectionsMax, logger: logger)),
      onServerRunning: { channel in
        if let port = channel.localAddress?.port { opened(port) }
      }, logger: logger)
    // No child of this task: SwiftNIO ends the process where a task is cancelled that has a
    // connection yet to take ("Deinited NIOAsyncWriter without calling finish()").
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: application)], logger: logger))
    let task = Task { try await group.run() }
    try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      Task { await group.triggerGracefulShutdown() }
    }
  }

  private func answer(_ request: Request) async -> Response {
    let path = request.uri.path
    guard let body = await body(of: request) else {
      return Self.wire(Ear.plain(413, "Too large."), closes: true)
    }
    let headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
    let call = InboundCall(method: request.method.rawValue, headers: headers, body: body)
    return Self.wire(await ear.answer(path, call), closes: false)
  }

  /// Nil for what is longer than any command.
  private func body(of request: Request) async -> Data? {
    guard let buffer = try? await request.body.collect(upTo: InboundCall.bodyBytesMax) else {
      return nil
    }
    return Data(buffer.readableBytesView)
  }

  private static func wire(_ answer: Platforms.HTTPResponse, closes: Bool) -> Response {
    var headers: HTTPFields = [.cacheControl: "no-store"]
    for (name, value) in answer.headers {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    if closes { headers[.connection] = "close" }
    return Response(
      status: .init(code: answer.status), headers: headers,
      body: .init(byteBuffer: ByteBuffer(bytes: answer.body)))
  }
}

/// Ends a connection whose call drips in: each drop is a sign of life, so the idle time alone would
/// let it live for days.
private final class CallDeadline: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = Any
  typealias InboundOut = Any
  typealias OutboundIn = Any
  typealias OutboundOut = Any

  private var end: Scheduled<Void>?

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if end == nil {
      let channel = context.channel
      end = context.eventLoop.scheduleTask(in: .seconds(Listener.callSeconds)) {
        channel.close(promise: nil)
      }
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    end?.cancel()
    end = nil
    context.write(data, promise: promise)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end?.cancel() }
}
