import Foundation
import HTTPTypes
import Hummingbird

/// Answers one request: the Bot API under `/bot<token>/`, the page's calls under `/api/`, and the
/// page itself.
struct Server: Sendable {
  let world: World
  let token: String
  /// Names that a browser may know this server by. Another name comes from a page elsewhere that
  /// was made to point here (DNS rebinding).
  static let hosts: Set<String> = ["127.0.0.1", "localhost", "[::1]"]
  static let bodyBytesMax = 1 << 20

  func answer(_ request: Request) async -> Response {
    let path = request.uri.path
    if path.hasPrefix("/bot") { return await botCall(request) }
    let host = request.head.authority ?? ""
    guard Self.hosts.contains(String(host.prefix(upTo: Self.portStart(host)))) else {
      return Self.text(.misdirectedRequest, "This server is for this machine alone.")
    }
    if path.hasPrefix("/api/") { return await pageCall(request) }
    return request.method == .get ? Self.file(path) : Self.text(.methodNotAllowed, "Only GET.")
  }

  private static func portStart(_ host: String) -> String.Index {
    host.hasSuffix("]") ? host.endIndex : host.lastIndex(of: ":") ?? host.endIndex
  }

  // MARK: - Bot API

  private func botCall(_ request: Request) async -> Response {
    let parts = request.uri.path.dropFirst(4)
      .split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let given = parts[0].removingPercentEncoding,
      request.method == .get || request.method == .post
    else { return Self.refusal(APIError(404, "Not Found")) }
    guard given == token else {
      let isLikeOne = given.prefix { $0 != ":" }.allSatisfy(\.isNumber) && given.contains(":")
      return Self.refusal(
        isLikeOne ? APIError(401, "Unauthorized") : APIError(404, "Not Found"))
    }
    return await befallen(String(parts[1]), request)
  }

  private func befallen(_ method: String, _ request: Request) async -> Response {
    switch await world.fault(of: method) {
    case .tooMany(let seconds)?:
      let error = APIError(
        429, "Too Many Requests: retry after \(seconds)", ["retry_after": Int64(seconds)])
      return Self.refusal(error)
    case .broken(let status)?: return Self.text(.init(code: status), "<html>broken</html>")
    case .error(let code, let words)?: return Self.refusal(APIError(code, words))
    case .lostAnswer(let status)?:
      _ = await performed(method, request)
      return Self.text(.init(code: status), "<html>lost</html>")
    case nil: return await performed(method, request)
    }
  }

  private func performed(_ method: String, _ request: Request) async -> Response {
    guard let body = await Self.body(of: request) else {
      return Self.refusal(APIError(413, "Request Entity Too Large"))
    }
    do {
      let arguments = try Arguments(
        query: request.uri.query, contentType: request.headers[.contentType] ?? "", body: body)
      let result = try await world.call(method, arguments)
      return Self.json(.ok, .object(["ok": true, "result": result]))
    } catch let error as APIError {
      return Self.refusal(error)
    } catch {
      return Self.refusal(APIError(500, "Internal Server Error"))
    }
  }

  private static func refusal(_ error: APIError) -> Response {
    var response = json(.init(code: error.code), error.json)
    if let seconds = error.parameters["retry_after"] {
      response.headers[.retryAfter] = String(seconds)
    }
    return response
  }

  // MARK: - Page

  /// A write must say that it is JSON: another site's form cannot, without being asked about first.
  private func pageCall(_ request: Request) async -> Response {
    let name = String(request.uri.path.dropFirst("/api/".count))
    if name == "state", request.method == .get { return await state(request) }
    guard request.method == .post,
      request.headers[.contentType]?.hasPrefix("application/json") == true,
      let body = await Self.body(of: request), let arguments = JSON(parsing: body),
      let result = await world.pageCall(name, arguments)
    else { return Self.json(.badRequest, .object(["error": "not a call of this page"])) }
    return Self.json(.ok, result)
  }

  /// Waits for something newer than `after`, at most `wait` seconds.
  private func state(_ request: Request) async -> Response {
    let known = request.uri.queryParameters.get("after", as: Int.self) ?? -1
    let seconds = request.uri.queryParameters.get("wait", as: Int.self) ?? 0
    await world.waitForChange(after: known, seconds: min(seconds, 50))
    return Self.json(.ok, await world.pageState(after: known))
  }

  private static func file(_ path: String) -> Response {
    let files: [String: (type: String, bytes: [UInt8])] = [
      "/": ("text/html; charset=utf-8", PackageResources.index_html),
      "/app.css": ("text/css; charset=utf-8", PackageResources.app_css),
      "/words.js": ("text/javascript; charset=utf-8", PackageResources.words_js),
      "/app.js": ("text/javascript; charset=utf-8", PackageResources.app_js),
      "/icon.svg": ("image/svg+xml", PackageResources.icon_svg),
    ]
    guard let file = files[path] else { return text(.notFound, "Nothing is here.") }
    return response(.ok, file.type, ByteBuffer(bytes: file.bytes))
  }

  // MARK: - Answers

  private static func body(of request: Request) async -> Data? {
    guard let buffer = try? await request.body.collect(upTo: bodyBytesMax) else { return nil }
    return Data(buffer.readableBytesView)
  }

  private static func json(_ status: HTTPResponse.Status, _ value: JSON) -> Response {
    response(status, "application/json", ByteBuffer(bytes: value.data))
  }

  private static func text(_ status: HTTPResponse.Status, _ words: String) -> Response {
    response(status, "text/plain; charset=utf-8", ByteBuffer(string: words))
  }

  /// The page loads from here alone, runs no inline script and is shown in no frame.
  private static let headers: HTTPFields = {
    let policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
      + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    var headers: HTTPFields = [.cacheControl: "no-store"]
    for (name, value) in [
      ("content-security-policy", policy), ("x-content-type-options", "nosniff"),
      ("referrer-policy", "no-referrer"),
    ] {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    return headers
  }()

  private static func response(
    _ status: HTTPResponse.Status, _ type: String, _ body: ByteBuffer
  ) -> Response {
    var headers = headers
    headers[.contentType] = type
    return Response(status: status, headers: headers, body: .init(byteBuffer: body))
  }
}
