import Crew
import Foundation

extension Telegram {
  /// Our id of a message: its number is counted in each chat anew.
  struct MessageID: CustomStringConvertible {
    var chat: Int64
    var message: Int64

    init(chat: Int64, message: Int64) {
      self.chat = chat
      self.message = message
    }

    /// Also reads the ids of service messages, which end in `/user`.
    init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let chat = Int64(parts[0]),
        let message = Int64(parts[1].prefix { $0 != "/" })
      else { return nil }
      self.init(chat: chat, message: message)
    }

    var description: String { "\(chat):\(message)" }
  }

  struct Outgoing: Encodable {
    struct Entity: Encodable, Equatable {
      struct User: Encodable, Equatable {
        var id: Int64
        var isBot = false
        var firstName: String
      }
      var type: String
      var offset: Int
      var length: Int
      var user: User?
    }
    struct Reply: Encodable {
      var messageId: Int64
      var allowSendingWithoutReply = true
    }
    struct Preview: Encodable { var isDisabled = true }

    var chatId: String
    var messageId: Int64?
    var text: String
    var entities: [Entity]
    var linkPreviewOptions = Preview()
    var messageThreadId: Int64?
    var replyParameters: Reply?
    var disableNotification: Bool?
  }

  private struct Reacting: Encodable {
    struct Reaction: Encodable {
      var type = "emoji"
      var emoji: String
    }
    var chatId: String
    var messageId: Int64
    var reaction: [Reaction]
  }

  /// A direct chat's id is the person's own; it works once they have written to the bot.
  public func request(
    for post: Post, to target: Target, key: String, progress: Progress?,
    with credential: Credential
  ) -> HTTPRequest {
    let chat =
      switch target {
      case .room(let room): room.id
      case .direct(let identity): identity.user
      }
    switch post.kind {
    case .message: return call("sendMessage", outgoing(post, chat), isRepeatable: false)
    case .edit(let id):
      var edit = outgoing(post, chat)
      edit.messageId = reachable(id, in: chat)
      edit.replyParameters = nil
      edit.messageThreadId = nil
      edit.disableNotification = nil
      return call("editMessageText", edit)
    case .reaction(let emoji, let id):
      let reaction = Reacting(
        chatId: chat, messageId: reachable(id, in: chat),
        reaction: [.init(emoji: Self.reaction(for: emoji))])
      return call("setMessageReaction", reaction)
    }
  }

  /// A topic stands in `message_thread_id`. A thread that is the id of a message is not known to
  /// Telegram: there the post answers that message.
  private func outgoing(_ post: Post, _ chat: String) -> Outgoing {
    let text = Encoding(post.text, account: settings.account).cut(to: Self.lengthMax)
    let answered = post.inReplyTo ?? post.thread.flatMap { $0.contains(":") ? $0 : nil }
    let reply = answered.flatMap { MessageID($0) }.flatMap { id in
      String(id.chat) == chat ? Outgoing.Reply(messageId: id.message) : nil
    }
    return Outgoing(
      chatId: chat, text: text.text, entities: text.entities,
      messageThreadId: post.thread.flatMap { Int64($0) }, replyParameters: reply,
      disableNotification: post.isSilent ? true : nil)
  }

  /// The number of a message in that chat. A message of another chat (of the group before it
  /// became a supergroup, say) is asked for as 0, which the server refuses for good: the same
  /// number may be somebody else's message here.
  private func reachable(_ id: String, in chat: String) -> Int64 {
    guard let id = MessageID(id), String(id.chat) == chat else { return 0 }
    return id.message
  }

  /// The emoji that anybody may react with (ReactionTypeEmoji); ✅ is not among them.
  static func reaction(for emoji: String) -> String {
    let plain = String(emoji.unicodeScalars.filter { $0.value != 0xFE0F }.map(Character.init))
    if free.contains(plain) { return plain }
    return ["✅": "👍", "✓": "👍", "✔": "👍", "❌": "👎", "⭐": "🏆"][plain] ?? "👀"
  }

  private static let free: Set<String> = [
    "❤", "👍", "👎", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬", "😢", "🎉", "🤩", "🤮", "💩",
    "🙏", "👌", "🕊", "🤡", "🥱", "🥴", "😍", "🐳", "🌚", "🌭", "💯", "🤣", "⚡", "🍌", "🏆", "💔",
    "🤨", "😐", "🍓", "🍾", "💋", "😴", "😭", "🤓", "👻", "👀", "🎃", "🙈", "😇", "😨", "🤝", "✍",
    "🤗", "🫡", "🎅", "🎄", "☃", "💅", "🤪", "🗿", "🆒", "💘", "🙉", "🦄", "😘", "💊", "🙊", "😎",
    "👾", "😡",
  ]
}
