import Crew

/// One kind of platform: what an operator writes in the config about an account there, and how
/// that becomes the `Platform`. The config reader, `doctor` and `docs/platforms.md` go by it, so a
/// new platform is its own folder and one name in `all`.
public struct PlatformKind: Sendable, Equatable {
  /// As it stands after `platform:` in the config.
  public var name: String
  /// As its vendor writes it.
  public var title: String
  public var keys: [Key]
  public var secrets: [SecretKeys]
  /// Who may bring the bot into a room: the form of an entry of `invite`, nil where nobody invites.
  public var invite: Key?
  /// Two accounts with the same mark are one bot and would take each other's messages.
  public var mark: @Sendable (AccountSettings) -> String
  /// What stands in the log at the start and in `check-config`: who, where; no secret.
  public var summary: @Sendable (AccountSettings) -> String
  public var make: @Sendable (AccountSettings) -> any Platform
  /// What an operator does there, in order, before the first start; Markdown, a sentence or two
  /// each.
  public var steps: [String]
  /// What the bot can and cannot do there that people should know, a sentence each.
  public var remarks: [String]
  /// Settings of nobody, from which the documents are made.
  public var sample: AccountSettings

  /// What is wrong with the settings as a whole, in one line with what to write; nil if nothing is.
  public var fault: @Sendable (AccountSettings) -> String? = { _ in nil }
  /// For a kind that only posts: the ids of the places that a team's posts are copied to
  /// (`posts_for` says whose, `what` says which). Nil for a chat.
  public var places: (@Sendable (AccountSettings) -> [String])?
  /// How its accounts take native slash commands; nil where they cannot.
  public var slash: Slash?

  /// A key of an account in the config.
  public struct Key: Sendable {
    public enum Shape: Sendable {
      /// An https address without a path after it; `standard` where none is given.
      case server(standard: String?)
      case text
      case list
      case flag
    }

    public var name: String
    public var shape: Shape
    public var isNeeded: Bool
    /// A right value as it stands in YAML.
    public var example: String
    /// What is wrong with a value and what to write, in one line; nil if nothing is.
    public var fault: @Sendable (String) -> String?

    public init(
      _ name: String, _ shape: Shape, isNeeded: Bool = true, example: String,
      fault: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
      self.name = name
      self.shape = shape
      self.isNeeded = isNeeded
      self.example = example
      self.fault = fault
    }
  }

  /// Keys that name the file of one secret; exactly one of them is written.
  public struct SecretKeys: Sendable {
    public var names: [String]
    public var isNeeded: Bool
    /// What is wrong with the secret that stands in the file, without a byte of it.
    public var fault: @Sendable (String) -> String?
    /// Whether a value that should be a file's name looks like the secret itself.
    public var isSecretItself: @Sendable (String) -> Bool
    /// True where the file is a document of several lines.
    public var isDocument: Bool

    public init(
      _ names: [String], isNeeded: Bool = true,
      isSecretItself: @escaping @Sendable (String) -> Bool = { _ in false },
      isDocument: Bool = false,
      fault: @escaping @Sendable (String) -> String? = { _ in nil }
    ) {
      self.names = names
      self.isNeeded = isNeeded
      self.isSecretItself = isSecretItself
      self.isDocument = isDocument
      self.fault = fault
    }
  }

  public init(
    name: String, title: String, keys: [Key], secrets: [SecretKeys], invite: Key?,
    sample: AccountSettings, steps: [String], remarks: [String],
    mark: @escaping @Sendable (AccountSettings) -> String,
    summary: @escaping @Sendable (AccountSettings) -> String,
    make: @escaping @Sendable (AccountSettings) -> any Platform
  ) {
    self.name = name
    self.title = title
    self.keys = keys
    self.secrets = secrets
    self.invite = invite
    self.sample = sample
    self.steps = steps
    self.remarks = remarks
    self.mark = mark
    self.summary = summary
    self.make = make
  }

  /// The same kind with slash commands.
  func with(_ slash: Slash, keys: [Key] = [], secret: SecretKeys? = nil) -> Self {
    var kind = self
    kind.slash = slash
    kind.keys += keys
    kind.secrets += secret.map { [$0] } ?? []
    return kind
  }

  public static func == (one: Self, other: Self) -> Bool { one.name == other.name }
}

/// What the config says of one account, read and checked.
public struct AccountSettings: Sendable, Equatable {
  /// The name of the account: part of every identity and room that is stored.
  public var account: String
  public var texts: [String: String]
  public var lists: [String: [String]]
  public var flags: Set<String>
  /// By the key that named the file.
  public var secrets: [String: Credential]
  /// Who may bring the bot into a room.
  public var invite: [String]

  public init(
    account: String, texts: [String: String] = [:], lists: [String: [String]] = [:],
    flags: Set<String> = [], secrets: [String: Credential] = [:], invite: [String] = []
  ) {
    self.account = account
    self.texts = texts
    self.lists = lists
    self.flags = flags
    self.secrets = secrets
    self.invite = invite
  }

  /// What the key says; empty where it is not written.
  public subscript(_ key: String) -> String { texts[key] ?? "" }
  public func list(_ key: String) -> [String] { lists[key] ?? [] }
}

extension [String] {
  /// Whether the entries of `invite` let somebody bring the bot into a room: by the whole id, or
  /// everybody.
  func allows(_ user: String) -> Bool { contains { $0 == "*" || $0 == user } }
}
