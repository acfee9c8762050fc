import Crew
import Foundation
import Platforms

/// Holds a fake chat: serves it on a free port of 127.0.0.1 to a vendor's SDK or a daemon process,
/// and to a daemon in this process without a socket.
public actor FakeHost: Network {
  /// What befalls a call instead of a good answer.
  public enum Fault: Sendable {
    /// Answered like that; nothing is done.
    case answer(HTTPResponse)
    /// Carried out, and then answered like that: its sender cannot know.
    case lost(HTTPResponse)
    /// Never arrives, and its sender knows.
    case refused
    /// Carried out, and no answer comes. Over a socket: 502.
    case cut
  }

  private struct Planned {
    var fault: Fault
    var times: Int
    var applies: @Sendable (FakeRequest) -> Bool
  }

  private var chat: any FakeChat
  private let now: @Sendable () -> Instant
  private var faults: [Planned] = []
  private var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
  private var tickets = 0
  private var server: FakeServer?
  private var isClosing = false
  /// Every call that arrived, in order.
  public private(set) var requests: [FakeRequest] = []

  public init(_ chat: any FakeChat, now: @escaping @Sendable () -> Instant) {
    self.chat = chat
    self.now = now
  }

  /// Looks at the chat, or does something in it as a person would.
  public func with<T: Sendable>(_ act: @Sendable (inout any FakeChat, Instant) -> T) -> T {
    defer { changed() }
    return act(&chat, now())
  }

  public var delivered: [Delivered] { chat.delivered }

  /// The next calls that `applies` is true of fail.
  public func plan(
    _ fault: Fault, times: Int = 1,
    where applies: @escaping @Sendable (FakeRequest) -> Bool = { _ in true }
  ) {
    faults.append(Planned(fault: fault, times: times, applies: applies))
  }

  public func clearFaults() { faults = [] }

  // MARK: - Calls

  public func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
    let call = FakeRequest(request)
    switch fault(of: call) {
    case .refused?: throw NetworkFailure(.connect, nothingSent: true, "connection refused")
    case .cut?:
      _ = await answer(call)
      throw NetworkFailure(.interrupted, nothingSent: false, "the connection was cut")
    case .answer(let response)?: return response
    case .lost(let response)?:
      _ = await answer(call)
      return response
    case nil:
      let response = await answer(call)
      if Task.isCancelled {
        throw NetworkFailure(.cancelled, nothingSent: false, "cancelled")
      }
      guard response.body.count <= request.responseBytesMax else {
        throw NetworkFailure(.tooLarge, nothingSent: false, "the answer is too large")
      }
      return response
    }
  }

  private func fault(of call: FakeRequest) -> Fault? {
    requests.append(call)
    guard let place = faults.firstIndex(where: { $0.times > 0 && $0.applies(call) }) else {
      return nil
    }
    faults[place].times -= 1
    return faults[place].fault
  }

  private func answer(_ call: FakeRequest) async -> HTTPResponse {
    let start = ContinuousClock.now
    while true {
      switch chat.answer(call, now: now()) {
      case .now(let response):
        changed()
        return response
      case .hold(let seconds, let response):
        let left = .seconds(seconds) - (ContinuousClock.now - start)
        if left <= .zero || isClosing || Task.isCancelled { return response }
        await change(within: left)
      }
    }
  }

  /// Returns when something has changed, the time is over, or the task is cancelled.
  private func change(within time: Duration) async {
    tickets += 1
    let ticket = tickets
    let alarm = Task {
      try? await Task.sleep(for: time)
      self.wake(ticket)
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled { continuation.resume() } else { waiting[ticket] = continuation }
      }
    } onCancel: {
      Task { await self.wake(ticket) }
    }
    alarm.cancel()
  }

  private func wake(_ ticket: Int) { waiting.removeValue(forKey: ticket)?.resume() }

  private func changed() {
    let all = waiting
    waiting = [:]
    for (_, continuation) in all { continuation.resume() }
  }

  // MARK: - Server

  /// - Returns: the base URL.
  public func start() async throws -> String {
    let server = FakeServer { await self.serve($0) }
    self.server = server
    return try await server.start()
  }

  /// Answers what waits, closes all connections and returns when nothing listens any more.
  public func stop() async {
    isClosing = true
    changed()
    await server?.stop()
    server = nil
  }

  /// What a socket gets: the end of a connection without an answer is a 502 there.
  private func serve(_ call: FakeRequest) async -> HTTPResponse {
    switch fault(of: call) {
    case .refused?: return HTTPResponse(status: 503)
    case .cut?:
      _ = await answer(call)
      return HTTPResponse(status: 502)
    case .answer(let response)?: return response
    case .lost(let response)?:
      _ = await answer(call)
      return response
    case nil: return await answer(call)
    }
  }
}
