/// Who writes: the bot account that saw them, and the platform's own immutable user id.
/// A display name is never part of it, so renaming oneself changes nothing.
public struct Identity: Codable, Sendable, Hashable, Comparable {
  /// The name of the bot account in the config file, e.g. `matrix`.
  public let account: String
  /// The platform's own user id, e.g. `@ana:example.org` or `4711`.
  public let user: String

  public init(account: String, user: String) {
    self.account = account
    self.user = user
  }

  public static func < (a: Identity, b: Identity) -> Bool {
    (a.account, a.user) < (b.account, b.user)
  }
}

/// A room (channel, group, direct chat) as one bot account sees it.
public struct Room: Codable, Sendable, Hashable, Comparable {
  public let account: String
  /// The platform's own room id. Telegram topics are threads of one room.
  public let id: String

  public init(account: String, id: String) {
    self.account = account
    self.id = id
  }

  public static func < (a: Room, b: Room) -> Bool { (a.account, a.id) < (b.account, b.id) }
}

/// What sort of account wrote a message. Only a person's words are commands.
public enum SenderKind: String, Codable, Sendable {
  case person
  /// Another bot, or a message that says of itself that it is automatic (Matrix `m.notice`).
  case bot
  /// An account that a bridge made for somebody elsewhere.
  case ghost
  /// Such an account of a bridge that the operator trusts: somebody elsewhere, for whom the bridge
  /// vouches. May do what a member may, and never what a manager may.
  case bridged
  /// Somebody the platform hides (Telegram's anonymous group admin).
  case anonymous
}

/// A piece of what was written: words, or a mention that the platform resolved to an id.
public enum Piece: Codable, Sendable, Equatable {
  case text(String)
  case mention(Identity, shown: String)
}

/// Something that a platform told us, in our own words.
public struct Message: Codable, Sendable, Equatable {
  public enum Kind: Codable, Sendable, Equatable {
    /// Somebody wrote; the pieces are in `body`.
    case text
    /// Somebody changed what they wrote. Recorded, never executed.
    case edit(of: String)
    /// Somebody (`sender`) asks the bot into `room`, or has added it there.
    case invited
    /// `sender` came into `room`.
    case joined
    /// `sender` left `room`, or was removed from it.
    case left
    /// The bot itself is no longer in `room`.
    case removed
    /// `room` goes on under another id (Telegram supergroup, Matrix room upgrade).
    case moved(to: String)
    /// `room` is encrypted and the bot cannot read it.
    case unreadable
    /// History of `room` may be missing (offline longer than the platform keeps it).
    case gap
    /// Anything else: kept as seen, so that it is not looked at twice.
    case ignored(String)
  }

  /// The platform's own id; with the account it is the inbox key, so it must be stable and unique.
  public var id: String
  public var room: Room
  /// A direct chat with the bot: no prefix is needed, and an unknown word gets an answer.
  public var isDirect: Bool
  public var sender: Identity
  /// For show only.
  public var senderName: String
  public var senderKind: SenderKind
  public var kind: Kind
  public var body: [Piece]
  /// The bot itself was mentioned; the mention is not among the pieces any more.
  public var mentionsBot: Bool
  /// The thread (Matrix thread root, Telegram topic, Zulip topic) it stands in.
  public var thread: String?
  public var replyTo: String?
  /// The room's name where the platform said it, for show only.
  public var roomName: String?
  /// The platform's clock; never used for order.
  public var sentAt: Instant
  /// Set for a native slash command, which nobody else sees: how to answer so that nobody else sees
  /// that either.
  public var ephemeral: Ephemeral?

  public init(
    id: String, room: Room, isDirect: Bool = false, sender: Identity, senderName: String = "",
    senderKind: SenderKind = .person, kind: Kind = .text, body: [Piece] = [],
    mentionsBot: Bool = false, thread: String? = nil, replyTo: String? = nil,
    roomName: String? = nil, sentAt: Instant = Instant(milliseconds: 0)
  ) {
    self.id = id
    self.room = room
    self.isDirect = isDirect
    self.sender = sender
    self.senderName = senderName
    self.senderKind = senderKind
    self.kind = kind
    self.body = body
    self.mentionsBot = mentionsBot
    self.thread = thread
    self.replyTo = replyTo
    self.roomName = roomName
    self.sentAt = sentAt
  }
}

/// Where a post goes.
public enum Target: Codable, Sendable, Hashable {
  case room(Room)
  /// To one person alone; the platform finds or opens the direct chat.
  case direct(Identity)

  public var account: String {
    switch self {
    case .room(let room): room.account
    case .direct(let identity): identity.account
    }
  }
}

/// Something to be said on a platform.
public struct Post: Codable, Sendable, Equatable {
  public enum Kind: Codable, Sendable, Equatable {
    case message
    /// An emoji put on the message with this platform id. Platforms without reactions say `text`.
    case reaction(String, on: String)
    /// Replaces the text of our own message with this platform id.
    case edit(of: String)
  }

  public var kind: Kind
  public var text: Markup
  /// The platform's id of the message that this answers.
  public var inReplyTo: String?
  /// The thread to stand in; nil means the room itself.
  public var thread: String?
  /// The key of an earlier post of ours whose thread this belongs to, where `thread` is not known
  /// yet: the sender puts in the id that the platform gave to that post.
  public var underPost: String?
  /// Goes by this way while it lives, and then to the target.
  public var ephemeral: Ephemeral?
  /// Whom it is for alone, though it goes to a room: shown to nobody else where the platform can do
  /// that (Google Chat), and to all where it cannot.
  public var seenBy: Identity?
  /// Makes phones ring. Answers do; a summary in the middle of the day does not.
  public var isSilent: Bool

  public init(
    kind: Kind = .message, text: Markup, inReplyTo: String? = nil, thread: String? = nil,
    underPost: String? = nil, seenBy: Identity? = nil, isSilent: Bool = false
  ) {
    self.kind = kind
    self.text = text
    self.inReplyTo = inReplyTo
    self.thread = thread
    self.underPost = underPost
    self.seenBy = seenBy
    self.isSilent = isSilent
  }
}
