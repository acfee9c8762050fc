import Foundation

/// One HTTP call as a value. It may carry a secret (a header, Telegram's path), so its description
/// shows the method and the host alone.
public struct HTTPRequest: Sendable, Equatable, CustomStringConvertible {
  public enum Method: String, Sendable {
    case get = "GET", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE"
  }

  public var method: Method
  public var url: String
  public var headers: [String: String]
  public var body: Data?
  /// The whole call, from name look-up to the last byte.
  public var timeoutSeconds: Double
  /// Counted after decoding; a longer answer fails the call with `.tooLarge`.
  public var responseBytesMax: Int
  /// False for a call that must not reach the server twice: it gets a connection of its own,
  /// because libcurl resends a POST by itself when a reused connection dies.
  public var isRepeatable: Bool
  /// For a call to an SMTP server (`smtp://host:587`, `smtps://host:465`): who writes to whom. The
  /// text is the body, and the status of the answer is the server's last reply code.
  public var mail: Mail?
  /// True for an address that an operator got from elsewhere: the call fails before the first byte
  /// where the name leads to this machine or its own network (RFC 6890).
  public var isPublicOnly = false

  public init(
    _ method: Method, _ url: String, headers: [String: String] = [:], body: Data? = nil,
    timeoutSeconds: Double = 30, responseBytesMax: Int = 256 * 1024, isRepeatable: Bool = true
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeoutSeconds = timeoutSeconds
    self.responseBytesMax = responseBytesMax
    self.isRepeatable = isRepeatable
  }

  public var description: String {
    "\(method.rawValue) \(URL(string: url)?.host() ?? "?")"
  }
}

/// The envelope of a mail. STARTTLS is required of `smtp://`; there is no way without TLS.
public struct Mail: Sendable, Equatable {
  /// Bare addresses, `ana@example.org`.
  public var from: String
  /// None: the server is asked whether it takes the account (`NOOP`), and nothing is sent.
  public var recipients: [String]
  /// Who logs in; nil where nobody does.
  public var user: String?
  public var password: Credential

  public init(
    from: String, recipients: [String], user: String? = nil,
    password: Credential = Credential(token: "")
  ) {
    self.from = from
    self.recipients = recipients
    self.user = user
    self.password = password
  }
}

public struct HTTPResponse: Sendable, Equatable {
  public var status: Int
  /// Names in lower case.
  public var headers: [String: String]
  public var body: Data

  public init(status: Int, headers: [String: String] = [:], body: Data = Data()) {
    self.status = status
    self.headers = headers
    self.body = body
  }
}

/// A call that brought no answer.
public struct NetworkFailure: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    case resolve, connect, tls, timeout, interrupted, tooLarge, cancelled, badRequest
  }

  public var kind: Kind
  /// True only with proof: the failure came before the first byte of the request left. Everything
  /// else may have arrived.
  public var nothingSent: Bool
  /// For the log; holds no URL, no header, no secret.
  public var description: String

  public init(_ kind: Kind, nothingSent: Bool, _ description: String) {
    self.kind = kind
    self.nothingSent = nothingSent
    self.description = description
  }
}

/// Whoever carries requests out: `Curl` in the daemon, a script in tests, the simulator's world.
public protocol Network: Sendable {
  func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse
  /// The same for a request that must not leave before something else is done.
  /// - Parameter release: called when all is ready but for the first byte; where it returns false,
  ///   none leaves, and the call fails as `.cancelled`. It may take as long as a disk does.
  func perform(
    _ request: HTTPRequest, release: @escaping @Sendable () -> Bool
  ) async throws(NetworkFailure) -> HTTPResponse
}

extension Network {
  public func perform(
    _ request: HTTPRequest, release: @escaping @Sendable () -> Bool
  ) async throws(NetworkFailure) -> HTTPResponse {
    guard release() else { throw .notReleased(request) }
    return try await perform(request)
  }
}

extension NetworkFailure {
  public static func notReleased(_ request: HTTPRequest) -> NetworkFailure {
    NetworkFailure(.cancelled, nothingSent: true, "what goes before it failed (\(request))")
  }
}
