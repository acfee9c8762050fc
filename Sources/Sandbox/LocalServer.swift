import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// A web server on a port of 127.0.0.1, on one thread of its own.
package actor LocalServer {
  private var group: ServiceGroup?
  private var task: Task<Void, Never>?

  package init() {}

  /// - Parameter port: 0 for any that is free.
  /// - Returns: the port.
  /// - Throws: `Sandbox.Failure.cannotListen`.
  package func start(
    port: Int = 0, _ answer: @escaping @Sendable (Request) async -> Response
  ) async throws -> Int {
    let (ports, found) = AsyncThrowingStream.makeStream(of: Int.self)
    var logger = Logger(label: "server")
    // What cuts the connections at the end is no news; what goes wrong at the start is thrown.
    logger.logLevel = .critical
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let application = Application(
      responder: CallbackResponder<BasicRequestContext> { request, _ in await answer(request) },
      configuration: .init(address: .hostname("127.0.0.1", port: port)),
      onServerRunning: { channel in
        if let port = channel.localAddress?.port { found.yield(port) }
      }, eventLoopGroupProvider: .shared(loops), logger: logger)
    let group = ServiceGroup.ending(application, logger)
    self.group = group
    task = Task {
      do {
        try await withTaskExecutorPreference(LoopExecutor(loops.next())) { try await group.run() }
        found.finish()
      } catch { found.finish(throwing: Sandbox.Failure.cannotListen("\(error)")) }
      try? await loops.shutdownGracefully()
    }
    for try await port in ports { return port }
    throw Sandbox.Failure.cannotListen("it stopped at once")
  }

  /// Closes all connections and returns when nothing listens any more.
  package func end() async {
    await group?.triggerGracefulShutdown()
    await task?.value
    (group, task) = (nil, nil)
  }
}

extension ServiceGroup {
  /// A web server that is ended by `triggerGracefulShutdown`. It is not cancelled while it answers:
  /// SwiftNIO ends the process where a task is cancelled that has a connection yet to take
  /// ("Deinited NIOAsyncWriter without calling finish()").
  fileprivate static func ending(_ server: some Service, _ logger: Logger) -> ServiceGroup {
    var configuration = ServiceGroupConfiguration(
      services: [.init(service: server)], logger: logger)
    // Whoever holds a connection does not hold the end.
    configuration.maximumGracefulShutdownDuration = .seconds(8)
    return ServiceGroup(configuration: configuration)
  }
}
