import Crew
import Foundation

/// An HTTP call that a platform makes to us, as it came. The body is not touched before its
/// signature has been checked.
public struct InboundCall: Sendable, CustomStringConvertible {
  /// A command has some kilobytes at the most (Discord: options of 6000 characters).
  public static let bodyBytesMax = 64 * 1024

  public var method: String
  public var body: Data
  /// Names in lower case, in the order in which they came; one name may stand there twice.
  private let headers: [(name: String, value: String)]

  public init(method: String, headers: [(name: String, value: String)], body: Data) {
    self.method = method
    self.headers = headers.map { ($0.name.lowercased(), $0.value) }
    self.body = body
  }

  /// Nil where it is missing, and where it stands twice: a proxy and we might each read another.
  public func header(_ name: String) -> String? {
    let found = headers.filter { $0.name == name }
    return found.count == 1 ? found[0].value : nil
  }

  /// It may carry a token.
  public var description: String { "\(method), \(body.count) bytes" }
}

/// What a call turns out to be.
public enum Heard: Sendable, Equatable {
  /// Somebody gave a command, and the platform itself says so.
  case command(SlashCommand)
  /// Nothing for us to do but to answer like this (Discord's PING).
  case answer(HTTPResponse)
  /// From somebody we know, and too early: nothing was ever read of this account, so nobody is
  /// known. The person is told to try again.
  case early
  /// Not taken; why is for the log and holds nothing of what was shown.
  case refused(status: Int, String)
}

/// A native slash command as the platform handed it over.
public struct SlashCommand: Sendable, Equatable {
  /// Its id is the platform's own for this one call, so a repeated one is known.
  public var message: Message
  /// Where its answer goes; empty where the platform named no place that can be used.
  public var way: Credential
  /// From then on the way is not tried.
  public var until: Instant

  public init(message: Message, way: Credential, until: Instant) {
    self.message = message
    self.way = way
    self.until = until
  }
}

/// What the platform is answered at once.
public enum SlashReply: Sendable, Equatable {
  /// It is stored; the answer follows.
  case taken
  /// A sentence for the person alone: nothing was stored.
  case told(String)
}

/// What became of an answer that only one person sees.
public enum Whispered: Sendable, Equatable {
  case sent(id: String)
  /// Not taken, certainly, and this way is closed: it goes to the person's direct chat.
  case closed
  /// Not taken, certainly; the platform's own wish in seconds.
  case retry(afterSeconds: Double)
  /// It may have been shown.
  case unknown
}

/// The slash commands of one account: pure functions over values like a `Platform`, for calls that
/// come to us instead of from us.
public protocol SlashCommands: Sendable {
  /// Who calls and what for. The signature comes first; nothing is believed before it.
  /// - Parameter cursor: where the account's stream stands, which knows who is who.
  func hear(_ call: InboundCall, after cursor: Cursor?, now: Instant) -> Heard

  /// The answer to the call itself. Errors too are answered in words that the person can read:
  /// platforms show of a status only its number.
  func answer(_ reply: SlashReply) -> HTTPResponse

  /// The request that shows a post to whoever gave the command, and to nobody else. One that is
  /// repeatable shows it once, however often it is made.
  /// - Parameters:
  ///   - way: as `hear` gave it; never empty.
  ///   - number: which answer over this way it is, from 0.
  func whisper(_ post: Post, by way: Credential, number: Int) -> HTTPRequest
  func whispered(_ response: HTTPResponse) -> Whispered

  /// Requests that make the command known where the platform wants to be told of it by us; each may
  /// be made at every start.
  func register(with credential: Credential) -> [HTTPRequest]
}

extension SlashCommands {
  public func register(with credential: Credential) -> [HTTPRequest] { [] }
}

extension PlatformKind {
  /// How a kind's accounts take native slash commands.
  public struct Slash: Sendable {
    /// The key of the config without which an account has none.
    public var key: String
    /// Nil where `key` is not set.
    public var make: @Sendable (AccountSettings) -> (any SlashCommands)?
    /// What an operator does for it, in order; Markdown. `{address}` is where the platform calls.
    public var steps: [String]

    public init(
      key: String, steps: [String],
      make: @escaping @Sendable (AccountSettings) -> (any SlashCommands)?
    ) {
      self.key = key
      self.steps = steps
      self.make = make
    }
  }
}

extension Message {
  /// What somebody wrote behind a slash command of ours. `/crewbell task add x` and a command
  /// registered under its own name, `/task add x`, say the same; nothing at all asks for help.
  mutating func speak(_ command: String, _ pieces: [Piece]) {
    let name = command.drop { $0 == "/" }.lowercased()
    let isOurs = name.isEmpty || ["crewbell", "bell"].contains(name)
    body = isOurs ? pieces : [.text("/" + name + " ")] + pieces
    if isOurs, pieces.isEmpty { body = [.text("help")] }
    mentionsBot = true
  }
}
