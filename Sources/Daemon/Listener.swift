import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Platforms
import Synchronization

/// A port of this machine before an `Ear`: one call a connection. TLS, and whoever is not a
/// platform, are the proxy's.
///
/// On NIO itself: a server over `NIOAsyncChannel` traps ("Deinited NIOAsyncWriter without calling
/// finish()") where it is stopped while somebody connects.
struct Listener: Sendable {
  /// Where more come, whoever has been there longest without being answered is shown out.
  static let connectionsMax = 256
  /// From the connection to its answer. A platform waits three seconds.
  static let callSeconds: Int64 = 5

  let ear: Ear
  let port: Int
  /// Told of the port once it can be called.
  var opened: @Sendable (Int) -> Void = { _ in }

  /// Runs until it is cancelled; calls that came in before are answered.
  /// - Throws: where the port cannot be had.
  func run() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
      try await serve(on: group)
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
    try? await group.shutdownGracefully()
  }

  private func serve(on group: MultiThreadedEventLoopGroup) async throws {
    let (calls, arrived) = AsyncStream.makeStream(
      of: Call.self, bufferingPolicy: .bufferingOldest(Self.connectionsMax))
    let visitors = Visitors()
    let server = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        visitors.enter(channel)
        return channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.configureHTTPServerPipeline()
          try pipeline.addHandler(CallHandler(arrived))
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    server.closeFuture.whenComplete { _ in arrived.finish() }
    opened(server.localAddress?.port ?? port)
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { tasks in
        for await call in calls {
          tasks.addTask { call.respond(await ear.answer(call.path, call.call)) }
        }
      }
    } onCancel: {
      server.close(promise: nil)
    }
    try? await server.close()
  }
}

/// A whole call and the way back.
private struct Call: Sendable {
  var path: String
  var call: InboundCall
  var respond: @Sendable (HTTPResponse) -> Void
}

/// The connections there are, the longest first.
private final class Visitors: Sendable {
  private let channels = Mutex<[any Channel]>([])

  func enter(_ channel: any Channel) {
    let last = channels.withLock { channels in
      channels.append(channel)
      return channels.count > Listener.connectionsMax ? channels.removeFirst() : nil
    }
    last?.close(promise: nil)
    channel.closeFuture.whenComplete { _ in
      self.channels.withLock { channels in channels.removeAll { $0 === channel } }
    }
  }
}

/// Puts one call together, hands it on, and ends the connection with its answer.
private final class CallHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let arrived: AsyncStream<Call>.Continuation
  private var head: HTTPRequestHead?
  private var body = Data()
  private var isOver = false
  private var end: Scheduled<Void>?

  init(_ arrived: AsyncStream<Call>.Continuation) { self.arrived = arrived }

  /// However slowly it drips in, and whatever the ledger does.
  func handlerAdded(context: ChannelHandlerContext) {
    let channel = context.channel
    end = context.eventLoop.scheduleTask(in: .seconds(Listener.callSeconds)) {
      channel.close(promise: nil)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { end?.cancel() }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body(let bytes):
      guard body.count + bytes.readableBytes <= InboundCall.bodyBytesMax else {
        return answer(Ear.plain(413, "Too large."), context)
      }
      body += bytes.readableBytesView
    case .end: handOver(context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func handOver(_ context: ChannelHandlerContext) {
    guard let head else { return context.close(promise: nil) }
    isOver = true
    let here = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let loop = context.eventLoop
    let call = Call(
      path: String(head.uri.prefix { $0 != "?" }),
      call: InboundCall(
        method: head.method.rawValue, headers: head.headers.map { ($0.name, $0.value) },
        body: body)
    ) { response in
      loop.execute {
        let (handler, context) = here.value
        handler.answer(response, context)
      }
    }
    body = Data()
    if case .enqueued = arrived.yield(call) { return }
    answer(Ear.plain(503, "Too many calls."), context)
  }

  private func answer(_ response: HTTPResponse, _ context: ChannelHandlerContext) {
    isOver = true
    guard context.channel.isActive else { return }
    var headers = HTTPHeaders(response.headers.map { ($0.key, $0.value) })
    headers.add(name: "content-length", value: String(response.body.count))
    headers.add(name: "cache-control", value: "no-store")
    headers.add(name: "connection", value: "close")
    let head = HTTPResponseHead(
      version: .http1_1, status: .init(statusCode: response.status), headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    let bytes = context.channel.allocator.buffer(bytes: response.body)
    context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      channel.close(promise: nil)
    }
  }
}
