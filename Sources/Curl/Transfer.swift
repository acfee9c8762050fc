import CCurl
import Foundation
import Platforms

/// One call inside libcurl. It is made, used and freed on the engine's thread alone, which is why
/// it may hold C pointers without being Sendable.
final class Transfer {
  let call: Call
  let continuation: CheckedContinuation<Outcome, Never>
  let easy: UnsafeMutableRawPointer
  /// True from the moment libcurl has a connection and turns to the request. While it is false, no
  /// byte of the request can have left.
  private(set) var isRequestBegun = false
  private(set) var isTooLarge = false
  /// The name led to an address that this call may not go to.
  private(set) var isAddressRefused = false
  private var publicOnly = false
  var mail = MailProgress()
  private var headers = ResponseHeaders()
  private var body = Data()
  private var lines: UnsafeMutablePointer<curl_slist>?
  private let onRequestBegun: () -> Void

  /// Nil when there is no memory for a handle.
  init?(
    _ call: Call, _ continuation: CheckedContinuation<Outcome, Never>,
    onRequestBegun: @escaping () -> Void
  ) {
    guard let easy = curl_easy_init() else { return nil }
    self.easy = easy
    self.call = call
    self.continuation = continuation
    self.onRequestBegun = onRequestBegun
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(lines)
    curl_slist_free_all(mail.recipients)
  }

  /// The transfer that libcurl finished; the engine keeps it alive until then.
  static func of(_ easy: UnsafeMutableRawPointer?) -> Transfer? {
    var owner: UnsafeMutableRawPointer?
    crewbell_get_private(easy, &owner)
    return owner.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// What is to be said once libcurl is done.
  func outcome(_ code: CURLcode) -> Outcome {
    var status = 0
    crewbell_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    if call.request.mail != nil, let reply = reply(code, status) { return .success(reply) }
    guard code == CURLE_OK else { return .failure(failure(code)) }
    // libcurl takes a connection that ends among the headers for their end, and then the answer
    // has no body that anybody could miss.
    guard headers.isComplete else {
      let text = "the answer was cut among its headers (\(call.request))"
      return .failure(NetworkFailure(.interrupted, nothingSent: false, text))
    }
    return .success(HTTPResponse(status: status, headers: headers.values, body: body))
  }
}

// MARK: - Settings

/// libcurl refused a setting. The call fails: it is never made with less than was asked for.
struct SettingRefused: Error { var code: CURLcode }

extension Transfer {
  /// A request that must not be repeated takes a connection only while it is this fresh: no server
  /// gives one up so soon, and one that it has just given up costs a post of unknown fate. libcurl
  /// counts whole seconds, so this is less than two.
  private static let warmSeconds = 1

  func prepare(_ configuration: Curl.Configuration) throws(SettingRefused) {
    let owner = Unmanaged.passUnretained(self).toOpaque()
    try set(CURLOPT_PRIVATE, pointer: owner)
    try prepareSafety(configuration)
    try prepareConnection(configuration)
    try prepareSocket(owner, configuration)
    try prepareRequest(configuration)
    try prepareCallbacks(owner)
  }

  private func prepareSafety(_ configuration: Curl.Configuration) throws(SettingRefused) {
    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    try set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    // Debian's libcurl also reads every file of /etc/ssl/certs: measured 872 KiB and 43 ms for
    // each connection, against 74 KiB and 1.3 ms with the one file alone.
    try set(CURLOPT_CAPATH, text: nil)
    try set(CURLOPT_CAINFO, text: configuration.caFile)
    try set(CURLOPT_PROXY_CAPATH, text: nil)
    try set(CURLOPT_PROXY_CAINFO, text: configuration.caFile)
    let schemes = (call.request.mail == nil ? configuration.allowedSchemes : mailSchemes).sorted()
      .joined(separator: ",")
    try set(CURLOPT_PROTOCOLS_STR, text: schemes)
    // TLS or nothing, for SMTP too: `TRY` would go on in the clear where STARTTLS is stripped.
    try set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
    // An empty text, unlike nil, keeps libcurl from reading the environment.
    try set(CURLOPT_PROXY, text: configuration.proxy ?? "")
    try set(CURLOPT_NOPROXY, text: "")
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    try set(CURLOPT_HTTP_CONTENT_DECODING, 0)
    try set(CURLOPT_NOSIGNAL, 1)
  }

  private func prepareConnection(_ configuration: Curl.Configuration) throws(SettingRefused) {
    let now = monotonicNanoseconds()
    let left = call.dueNanoseconds > now ? (call.dueNanoseconds - now) / 1_000_000 : 0
    try set(CURLOPT_TIMEOUT_MS, max(1, Int(left)))
    try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(configuration.connectTimeoutSeconds * 1000)))
    // Without it, giving up on a name waits for its look-up, and every other call waits with it.
    // The look-up's thread is left to end by itself and frees what it holds.
    try set(CURLOPT_QUICK_EXIT, 1)
    // One connection, one call: a connection that dies takes one poll with it, and libcurl 7.88's
    // HTTP/2 reserves megabytes of window for each connection.
    try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    // The smallest that still reads a poll's answer in few steps; libcurl's own is 16 KiB.
    try set(CURLOPT_BUFFERSIZE, 4096)
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    try set(CURLOPT_TCP_KEEPIDLE, 45)
    try set(CURLOPT_TCP_KEEPINTVL, 15)
    // Idle connections are dropped before the usual server drops them (nginx: 75 s), and none
    // outlives a change of the host's address by more than ten minutes.
    try set(CURLOPT_MAXAGE_CONN, call.request.isRepeatable ? 50 : Self.warmSeconds)
    try set(CURLOPT_MAXLIFETIME_CONN, 600)
    // A handle lives for one call, so a TLS session kept in it would serve nobody.
    try set(CURLOPT_SSL_SESSIONID_CACHE, 0)
  }

  private func prepareRequest(_ configuration: Curl.Configuration) throws(SettingRefused) {
    let request = call.request
    try set(CURLOPT_URL, text: request.url)
    if let mail = request.mail { return try prepare(mail, request.body ?? Data()) }
    try set(CURLOPT_USERAGENT, text: configuration.userAgent)
    if request.method != .get || request.body != nil {
      try set(body: request.body ?? Data())
      try set(CURLOPT_CUSTOMREQUEST, text: request.method.rawValue)
    }
    var names: Set<String> = []
    for (name, value) in request.headers.sorted(by: { $0.key < $1.key }) {
      names.insert(name.lowercased())
      // libcurl writes a header without a value only for a semicolon; a colon would remove it.
      let isBlank = value.allSatisfy { $0 == " " || $0 == "\t" }
      try add(line: isBlank ? "\(name);" : "\(name): \(value)")
    }
    // `Expect: 100-continue` would wait a second for servers that do not know it.
    try add(line: "Expect:")
    if !names.contains("content-type") { try add(line: "Content-Type:") }
    crewbell_set_list(easy, CURLOPT_HTTPHEADER, lines)
  }

  private func set(body: Data) throws(SettingRefused) {
    try check(
      crewbell_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
    if body.isEmpty {
      try set(CURLOPT_COPYPOSTFIELDS, text: "")
    } else {
      let code = body.withUnsafeBytes {
        crewbell_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
      }
      try check(code)
    }
  }

  private func add(line: String) throws(SettingRefused) {
    guard let longer = curl_slist_append(lines, line) else {
      throw SettingRefused(code: CURLE_OUT_OF_MEMORY)
    }
    lines = longer
  }

  func set(_ option: CURLoption, _ value: Int) throws(SettingRefused) {
    try check(crewbell_set_long(easy, option, value))
  }

  func set(_ option: CURLoption, text: String?) throws(SettingRefused) {
    try check(crewbell_set_text(easy, option, text))
  }

  func set(
    _ option: CURLoption, pointer: UnsafeMutableRawPointer
  ) throws(SettingRefused) {
    try check(crewbell_set_pointer(easy, option, pointer))
  }

  func check(_ code: CURLcode) throws(SettingRefused) {
    if code != CURLE_OK { throw SettingRefused(code: code) }
  }
}

// MARK: - What libcurl calls

extension Transfer {
  private func prepareCallbacks(_ owner: UnsafeMutableRawPointer) throws(SettingRefused) {
    try set(CURLOPT_WRITEDATA, pointer: owner)
    try set(CURLOPT_HEADERDATA, pointer: owner)
    try set(CURLOPT_PREREQDATA, pointer: owner)
    try check(
      crewbell_set_writer(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, owner in
        Transfer.owning(owner)?.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
          ?? 0
      })
    try check(
      crewbell_set_writer(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, owner in
        Transfer.owning(owner)?.receive(
          header: UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
      })
    try check(
      crewbell_set_prereq(easy) { owner, _, _, _, _ in
        Transfer.owning(owner)?.mayBeginRequest() == true
          ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
      })
  }

  /// libcurl leaves its sockets open to programs that the process starts; they would inherit the
  /// connection and keep it open after its end.
  private func prepareSocket(
    _ owner: UnsafeMutableRawPointer, _ configuration: Curl.Configuration
  ) throws(SettingRefused) {
    try set(CURLOPT_OPENSOCKETDATA, pointer: owner)
    // A proxy that the operator chose may stand anywhere; where it connects to is its own affair.
    let isChecked = call.request.isPublicOnly && configuration.proxy == nil
    publicOnly = isChecked
    try check(
      crewbell_set_opener(easy) { owner, _, place in
        guard let place else { return -1 }
        let address = place.pointee
        if let transfer = Transfer.owning(owner), transfer.publicOnly,
          !PublicAddress.isPublic(place)
        {
          transfer.isAddressRefused = true
          return -1
        }
        let kind = address.socktype | Int32(SOCK_CLOEXEC.rawValue)
        return socket(address.family, kind, address.protocol)
      })
  }

  static func owning(_ owner: UnsafeMutableRawPointer?) -> Transfer? {
    owner.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  /// libcurl sends a request again by itself when a reused connection dies before the answer
  /// (curl/curl issue 18417). The second time is refused where the first may have arrived.
  private func mayBeginRequest() -> Bool {
    guard !isRequestBegun else { return call.request.isRepeatable }
    isRequestBegun = true
    onRequestBegun()
    return true
  }

  /// Counted here, where the bytes arrive decoded: libcurl's MAXFILESIZE counts them before.
  private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard body.count + bytes.count <= call.request.responseBytesMax else {
      isTooLarge = true
      return 0
    }
    body.append(contentsOf: bytes)
    return bytes.count
  }

  private func receive(header line: UnsafeRawBufferPointer) -> Int {
    if call.request.mail != nil { mail.hear(line) }
    guard headers.add(line) else {
      isTooLarge = true
      return 0
    }
    return line.count
  }
}
