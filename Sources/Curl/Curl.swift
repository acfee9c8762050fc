import Foundation
import Platforms
import Synchronization

/// The network of the daemon: libcurl behind one thread, whatever the number of calls.
///
/// A waiting call costs a socket and, measured over thousands of idle polls, 18 KiB without and
/// 66 KiB with TLS, and no thread. What no setting turns off: certificates are verified, redirects
/// are not followed, the environment is not asked for a proxy, compressed bodies are not asked for
/// nor decoded, and every call has a deadline and a limit on the bytes it may bring.
public final class Curl: Network {
  public struct Configuration: Sendable, Equatable {
    /// The PEM file of the authorities that may vouch for a server. No other place is asked.
    public var caFile = "/etc/ssl/certs/ca-certificates.crt"
    /// `http://host:port`, `https://…` or `socks5h://…`; nil connects directly. The variables
    /// `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` are never read.
    public var proxy: String?
    /// Any other scheme fails with `.badRequest`. libcurl alone would also speak `file` and `smb`.
    public var allowedSchemes: Set<String> = ["http", "https"]
    /// Name look-up, TCP and TLS together.
    public var connectTimeoutSeconds = 10.0
    public var userAgent = "crewbell"

    public init() {}

    public init(
      caFile: String, proxy: String? = nil, allowedSchemes: Set<String> = ["http", "https"]
    ) {
      self.caFile = caFile
      self.proxy = proxy
      self.allowedSchemes = allowedSchemes
    }
  }

  private let configuration: Configuration
  private let inbox: Inbox

  /// Starts the thread, has the process ignore SIGPIPE (OpenSSL writes to sockets that the other
  /// side may have closed) and raises its soft limit of open files to the hard one.
  ///
  /// - Throws: `NetworkFailure` when the system has no descriptor or no thread left.
  public init(_ configuration: Configuration = Configuration()) throws(NetworkFailure) {
    self.configuration = configuration
    inbox = try Engine.start(configuration)
  }

  deinit { _ = inbox.send(.stop(nil)) }

  /// Runs tasks on the thread that carries out the calls. For those that keep it for milliseconds
  /// at most: while one of them runs, nothing is sent or read, and the deadlines of calls go on.
  public var executor: any TaskExecutor { inbox }

  /// Carries out one call. An answer of any status, 4xx and 5xx included, is a response.
  ///
  /// - Throws: `NetworkFailure` when no whole answer came: `.cancelled` soon after the task was
  ///   cancelled or after `shutdown()`, `.timeout` at `timeoutSeconds`, `.tooLarge` beyond
  ///   `responseBytesMax` or 64 KiB of headers, `.badRequest` before anything is sent.
  public func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
    try await perform(request) { true }
  }

  /// - Parameter release: called on the thread of `executor`.
  public func perform(
    _ request: HTTPRequest, release: @escaping @Sendable () -> Bool
  ) async throws(NetworkFailure) -> HTTPResponse {
    let host = try check(request, allowedSchemes: configuration.allowedSchemes)
    let call = Call(request, host: host, release: release)
    let outcome: Outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if !inbox.send(.start(call, continuation)) { continuation.resume(returning: stopped) }
      }
    } onCancel: {
      // The flag comes first: a cancellation that overtakes the start is seen by the start.
      call.isCancelled.store(true, ordering: .releasing)
      _ = inbox.send(.cancel(call))
    }
    return try outcome.get()
  }

  /// Fails every call under way with `.cancelled`, closes every connection and ends the thread.
  /// Calls made later fail with `.cancelled` too.
  public func shutdown() async {
    await withCheckedContinuation { continuation in
      if !inbox.send(.stop(continuation)) { continuation.resume() }
    }
  }
}

typealias Outcome = Result<HTTPResponse, NetworkFailure>

let stopped = Outcome.failure(
  NetworkFailure(.cancelled, nothingSent: true, "the network is shut down"))

/// One call on its way to the engine. Its identity is its name there.
final class Call: Sendable {
  let request: HTTPRequest
  /// Host and port as the URL has them; calls to one host stand in one line.
  let host: String
  /// On the monotonic clock.
  let dueNanoseconds: UInt64
  let isCancelled = Atomic<Bool>(false)
  /// Whether its first byte may leave.
  let release: @Sendable () -> Bool

  init(_ request: HTTPRequest, host: String, release: @escaping @Sendable () -> Bool) {
    self.request = request
    self.host = host
    self.release = release
    // A day is longer than any poll; the limit keeps the sum from overflowing.
    dueNanoseconds = monotonicNanoseconds() + UInt64(min(request.timeoutSeconds, 86_400) * 1e9)
  }
}

func monotonicNanoseconds() -> UInt64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}
