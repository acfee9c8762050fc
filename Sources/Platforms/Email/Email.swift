import Crew
import Foundation

/// Mail through somebody's SMTP server: digests to the managers who chose it, and copies of posts
/// to addresses that the operator named. Nothing is read.
public struct Email: Platform {
  public struct Settings: Sendable, Equatable {
    public var account: String
    /// `smtp://mail.example.org:587` (STARTTLS, required) or `smtps://mail.example.org:465`.
    public var server: String
    /// The bare address that mail comes from.
    public var from: String
    public var user: String?
    public var password: Credential
    /// `mailto:` or `https://`, for the button that mail programs show.
    public var unsubscribe: String?

    public init(
      account: String, server: String, from: String, user: String? = nil,
      password: Credential = Credential(token: ""), unsubscribe: String? = nil
    ) {
      self.account = account
      self.server = server
      self.from = from
      self.user = user
      self.password = password
      self.unsubscribe = unsubscribe
    }
  }

  let settings: Settings

  public init(_ settings: Settings) { self.settings = settings }

  public var abilities: Abilities {
    var abilities = Abilities(
      threads: false, reactions: false, edits: false, directNeedsContact: false,
      // A copy with the same Message-ID does no harm; a lost digest does.
      resend: .sameID(forSeconds: 4 * 3600),
      // Far below what any server takes (RFC 5321 asks for 64 KB), far above any digest.
      lengthMax: 100_000, lengthUnit: .bytes, roomRate: .init(perSecond: 1, burst: 10),
      accountRate: .init(perSecond: 1, burst: 20), prefix: "!")
    abilities.reads = false
    return abilities
  }

  /// A mail is dated.
  public func ownCredential(now: Instant) -> Credential? {
    Credential(token: String(now.seconds))
  }

  private var domain: String { MailAddress(settings.from)?.domain ?? "localhost" }

  public func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    let address =
      switch target {
      case .room(let room): room.id
      case .direct(let identity): identity.user
      }
    let text = MarkupStyle.plain.text(post.text)
    let message = EmailMessage(
      from: settings.from, to: address, subject: Printable.title(text, charactersMax: 120),
      sentAt: Int64(credential.token) ?? 0, id: "\(key)@\(domain)",
      unsubscribe: settings.unsubscribe, text: text, html: Self.html(post.text))
    return call([address], message.data)
  }

  private func call(_ recipients: [String], _ text: Data?) -> HTTPRequest {
    // The path is the name that we greet the server with.
    var request = HTTPRequest(
      .post, "\(settings.server)/\(domain)", body: text, timeoutSeconds: 60, isRepeatable: false)
    request.mail = Mail(
      from: settings.from, recipients: recipients, user: settings.user,
      password: settings.password)
    return request
  }

  /// 2xx is taken, 4xx is not yet, 5xx is never (RFC 5321, 4.2.1).
  public func delivery(of response: HTTPResponse, progress: Progress?) -> Delivery {
    switch response.status {
    case 200..<300: .sent(id: "")
    case 400..<500: .retry(afterSeconds: nil)
    case 500..<600 where response.headers["smtp-stage"] == "session":
      .held(session(response), afterSeconds: 900)
    case 500..<600: .refused("the mail server refused it: \(told(response))")
    default: .unknown
    }
  }

  private func session(_ response: HTTPResponse) -> String {
    let said = told(response)
    return [530, 534, 535].contains(response.status)
      ? "the mail server does not accept `user` with what stands in `password_file` (\(said))"
      : "the mail server would not begin: \(said)"
  }

  /// The server's own words, short, and without the password in them.
  private func told(_ response: HTTPResponse) -> String {
    let words = Printable.line(String(decoding: response.body.prefix(300), as: UTF8.self))
    let said = words.isEmpty ? "code \(response.status)" : words
    let password = settings.password.token
    return password.isEmpty ? said : said.replacing(password, with: "***")
  }

  // MARK: Whether it works

  public func poll(after cursor: Cursor?, with credential: Credential) -> HTTPRequest {
    call([], nil)
  }

  public func read(_ response: HTTPResponse, after cursor: Cursor?) throws(PollFailure) -> Intake {
    switch response.status {
    case 200..<300: return Intake(cursor: "")
    case 500..<600: throw .refused(session(response))
    default:
      throw .retry(afterSeconds: nil, "the mail server does not take mail now: \(told(response))")
    }
  }

  // MARK: HTML

  static func html(_ markup: Markup) -> String {
    let style = MarkupStyle(
      escape: escape, strong: { "<strong>\($0)</strong>" },
      command: { "<code>\(escape($0))</code>" }, table: { "<pre>\(escape($0))</pre>" },
      lineBreak: "<br>\n")
    return
      "<!DOCTYPE html>\n<html><body style=\"font-family: sans-serif\">\n\(style.text(markup))\n"
      + "</body></html>\n"
  }

  private static let signs: Signs = "&<>\"'"

  static func escape(_ words: String) -> String {
    Printable.replacing(words, signs) { "&#\($0.value);" }
  }
}
