import Curl
import Foundation
import Outside
import Platforms

/// A real Matrix homeserver for the whole test run: one process on a free port of 127.0.0.1 with a
/// database in a temporary folder, no federation, and rate limits that only a test lowers.
struct Synapse: Sendable {
  static let serverName = "hs.test"
  /// Started by the first test that asks; it ends with this process.
  static let shared = Task { try await Synapse.start() }

  let url: String
  let network: Curl
  let adminToken: String

  struct Fault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  private static func start() async throws -> Synapse {
    let python = Python.interpreter
    guard FileManager.default.isExecutableFile(atPath: python.path) else {
      throw Fault("there is no Synapse in .cache/venv: run `make setup`")
    }
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("crewbell-synapse-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let port = try freePort()
    let url = "http://127.0.0.1:\(port)"
    try write(configuration(port: port, folder: folder), to: folder, "homeserver.yaml")
    try write(logging(folder: folder), to: folder, "log.yaml")
    try write("ed25519 a_test \(randomKey())\n", to: folder, "signing.key")
    let server = try Child(python, ["-c", guardian, folder.path])
    let network = try Curl()
    try await wait(seconds: 120, for: "Synapse to start, see \(folder.path)/server.log") {
      guard server.isRunning else { throw Fault("Synapse ended: \(tail(of: folder))") }
      let versions = HTTPRequest(.get, url + "/_matrix/client/versions", timeoutSeconds: 5)
      return (try? await network.perform(versions))?.status == 200
    }
    let register = try Child(
      python,
      [
        "-m", "synapse._scripts.register_new_matrix_user", "-c",
        folder.appendingPathComponent("homeserver.yaml").path, "-u", "admin", "-p", "admin", "-a",
        url,
      ])
    try await wait(seconds: 60, for: "the administrator's account") { !register.isRunning }
    let admin = try await Account.login("admin", password: "admin", url: url, network: network)
    return Synapse(url: url, network: network, adminToken: admin.token)
  }

  /// Runs the homeserver and ends it, folder and all, when our end of its standard input closes: so
  /// it ends with the test run, however that ends.
  private static let guardian = """
    import os, shutil, sys, threading
    folder = sys.argv[1]
    def watch():
        sys.stdin.buffer.read()
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)
    threading.Thread(target=watch, daemon=True).start()
    sys.argv = ["homeserver", "-c", folder + "/homeserver.yaml"]
    from synapse.app.homeserver import main
    main()
    """

  private static func configuration(port: UInt16, folder: URL) -> String {
    let limits = [
      "rc_message", "rc_registration", "rc_admin_redaction", "rc_joins_per_room",
      "rc_room_creation", "rc_profile",
    ].map { "\($0): {per_second: 10000, burst_count: 10000}" }
    let nested = [
      "rc_login": ["address", "account", "failed_attempts"], "rc_joins": ["local", "remote"],
      "rc_invites": ["per_room", "per_user", "per_issuer"],
    ].sorted { $0.key < $1.key }.flatMap { name, parts in
      [name + ":"] + parts.map { "  \($0): {per_second: 10000, burst_count: 10000}" }
    }
    return """
      server_name: "\(serverName)"
      listeners:
        - port: \(port)
          bind_addresses: ["127.0.0.1"]
          type: http
          tls: false
          resources: [{names: [client]}]
      database: {name: sqlite3, args: {database: "\(folder.path)/homeserver.db"}}
      log_config: "\(folder.path)/log.yaml"
      media_store_path: "\(folder.path)/media"
      signing_key_path: "\(folder.path)/signing.key"
      pid_file: "\(folder.path)/homeserver.pid"
      registration_shared_secret: "for tests only"
      macaroon_secret_key: "for tests only"
      form_secret: "for tests only"
      trusted_key_servers: []
      federation_domain_whitelist: []
      report_stats: false
      bcrypt_rounds: 4
      presence: {enabled: false}

      """ + (limits + nested).joined(separator: "\n") + "\n"
  }

  private static func logging(folder: URL) -> String {
    """
    version: 1
    formatters: {plain: {format: "%(levelname)s %(name)s %(message)s"}}
    handlers:
      file: {class: logging.FileHandler, formatter: plain, filename: "\(folder.path)/server.log"}
    root: {level: WARNING, handlers: [file]}

    """
  }

  private static func write(_ text: String, to folder: URL, _ name: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  private static func randomKey() -> String {
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
    return Data(bytes).base64EncodedString().replacingOccurrences(of: "=", with: "")
  }

  private static func tail(of folder: URL) -> String {
    let log = (try? Data(contentsOf: folder.appendingPathComponent("server.log"))) ?? Data()
    return String(decoding: log.suffix(2000), as: UTF8.self)
  }
}

extension Synapse {
  /// A user with this name; the token is a fresh one.
  func account(_ name: String, displayName: String? = nil) async throws -> Account {
    let user = "@\(name):\(Self.serverName)"
    try await admin(
      .put, "v2/users/\(user)",
      ["password": "secret", "displayname": .string(displayName ?? name)])
    return try await Account.login(name, password: "secret", url: url, network: network)
  }

  /// From now on this user may send so much and no more.
  func limit(_ user: String, perSecond: Int64, burst: Int64) async throws {
    try await admin(
      .post, "v1/users/\(user)/override_ratelimit",
      ["messages_per_second": .integer(perSecond), "burst_count": .integer(burst)])
  }

  private func admin(_ method: HTTPRequest.Method, _ path: String, _ body: JSON) async throws {
    let response = try await network.perform(
      HTTPRequest(
        method, url + "/_synapse/admin/" + path,
        headers: ["Authorization": "Bearer " + adminToken, "Content-Type": "application/json"],
        body: body.data))
    guard response.status == 200 || response.status == 201 else {
      throw Fault("\(path): \(response.status) \(String(decoding: response.body, as: UTF8.self))")
    }
  }
}

/// Asks again and again until `condition` holds.
/// - Parameter seconds: what a machine with nothing else to do may take; one that builds beside, or
///   runs all tests at once, may take four times as long.
func wait(
  seconds: Double, for what: String, until condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(4 * seconds)
  while try await !condition() {
    guard ContinuousClock.now < end else { throw Synapse.Fault("waited \(seconds) s for \(what)") }
    try await Task.sleep(for: .milliseconds(50))
  }
}
