import Crew
import Foundation

/// Matrix, client-server API v3 (https://spec.matrix.org/v1.16/client-server-api/): one long poll
/// for all rooms, and sends that the server takes once per transaction id.
public struct Matrix: Platform {
  public struct Settings: Sendable, Equatable {
    /// How the bot proves who it is.
    public enum Login: Sendable, Equatable {
      /// The access token comes with every call as the credential.
      case token
      /// Used once to earn a token; `Settings.user` is then needed.
      case password(Credential)
    }

    /// The account's name in the config file.
    public var account: String
    /// The base URL of the client-server API, e.g. `https://matrix.example.org`.
    public var homeserver: String
    /// The bot's own id or its local part. Where it is a whole id, a token of somebody else is
    /// refused.
    public var user: String?
    /// Transaction ids are known per device, so it never changes.
    public var deviceID: String
    public var login: Login
    /// Who may ask the bot into a room: `@ana:example.org`, or `*:example.org` for all of a server.
    /// Empty: nobody.
    public var invitersAllowed: [String]
    /// Ghosts of bridges whose words count as a person's: `@telegram_*:example.org`.
    public var trustedBridges: [String]

    public init(
      account: String, homeserver: String, user: String? = nil, deviceID: String = "CREWBELL",
      login: Login = .token, invitersAllowed: [String] = [], trustedBridges: [String] = []
    ) {
      self.account = account
      self.homeserver = homeserver
      self.user = user
      self.deviceID = deviceID
      self.login = login
      self.invitersAllowed = invitersAllowed
      self.trustedBridges = trustedBridges
    }
  }

  public let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  public var abilities: Abilities {
    Abilities(
      threads: true, reactions: true, edits: true, directNeedsContact: false,
      // Synapse keeps a transaction id for 24 hours (`event_txn_id_device_id`); four stay in hand.
      resend: .sameKey(forSeconds: 20 * 3600),
      // An event may have 65 536 bytes as canonical JSON; the text stands in it twice.
      lengthMax: 30_000, lengthUnit: .bytes,
      // Every site sets its own (Synapse's `rc_message`: 0.2 a second and 10 at once, most sites
      // raise it for a bot), counted over all rooms of a user, and tells it by 429 alone.
      roomRate: Self.rate, accountRate: Self.rate, prefix: "!", threadsUnderMessages: true)
  }

  private static let rate = Abilities.Rate(perSecond: 5, burst: 10, isOnlyBeginning: true)

  /// Matrix has no menu of commands.
  public func announce(_ commands: [Announcement]) -> [HTTPRequest] { [] }

  public func credentialRequest(now: Instant) -> HTTPRequest? {
    guard case .password(let password) = settings.login else { return nil }
    let body: JSON = [
      "type": "m.login.password",
      "identifier": ["type": "m.id.user", "user": .string(settings.user ?? "")],
      "password": .string(password.token),
      "device_id": .string(settings.deviceID),
      "initial_device_display_name": "Crewbell",
    ]
    return call(.post, ["login"], body: body, with: nil)
  }

  public func credential(from response: HTTPResponse, now: Instant) throws(PollFailure)
    -> Credential
  {
    let answer = JSON(response.body)
    if response.status == 200, let token = answer?["access_token"].string, !token.isEmpty {
      return Credential(token: token)
    }
    if response.status == 403 || response.status == 400, answer?["errcode"].string != nil {
      throw .refused(
        "Matrix does not accept the user and password of account \(settings.account)"
          + code(in: response) + ": correct `user` and `password_file`.")
    }
    throw failure(of: response)
  }

  public func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    let memory = Memory(cursor)
    return switch memory.step {
    case .whoami: call(.get, ["account", "whoami"], with: credential)
    case .profile(let me): call(.get, ["profile", me, "displayname"], with: credential)
    case .fill(let fill): request(for: fill, with: credential)
    case .errand(let index): request(for: memory.errands[index], memory, with: credential)
    case .sync: sync(memory, with: credential)
    }
  }
}

extension Matrix {
  /// One call of the API. Everything that stands in the path is encoded here.
  func call(
    _ method: HTTPRequest.Method, _ path: [String], query: [(String, String)] = [],
    body: JSON? = nil, with credential: Credential?
  ) -> HTTPRequest {
    let base =
      settings.homeserver.hasSuffix("/")
      ? String(settings.homeserver.dropLast()) : settings.homeserver
    var url = base + "/_matrix/client/v3/" + path.map(Percent.encoded).joined(separator: "/")
    if !query.isEmpty {
      url += "?" + query.map { $0 + "=" + Percent.encoded($1) }.joined(separator: "&")
    }
    var headers: [String: String] = [:]
    if let credential { headers["Authorization"] = "Bearer " + credential.token }
    if body != nil { headers["Content-Type"] = "application/json" }
    return HTTPRequest(method, url, headers: headers, body: body?.data)
  }

  /// True for `@ana:example.org` against itself, `*:example.org`, or `@telegram_*:example.org`.
  static func matches(_ user: String, _ patterns: [String]) -> Bool {
    patterns.contains { pattern in
      guard let star = pattern.firstIndex(of: "*") else { return pattern == user }
      let head = pattern[..<star]
      let tail = pattern[pattern.index(after: star)...]
      return user.utf8.count >= head.utf8.count + tail.utf8.count && user.hasPrefix(head)
        && user.hasSuffix(tail)
    }
  }
}
