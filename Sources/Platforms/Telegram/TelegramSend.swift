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

  /// What stands in a text that goes out.
  struct Mark: Equatable {
    struct User: Equatable {
      var id: Int64
      var name: String

      var json: JSON {
        ["id": .integer(id), "is_bot": false, "first_name": .string(name)]
      }
    }

    var type: String
    var offset: Int
    var length: Int
    var user: User?

    var json: JSON {
      .fields([
        "type": .string(type), "offset": .integer(Int64(offset)),
        "length": .integer(Int64(length)), "user": user?.json,
      ])
    }
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
    case .message:
      let words = words(of: post)
      return call(
        "sendMessage",
        [
          "chat_id": .string(chat), "text": words.text, "entities": words.entities,
          "link_preview_options": Self.noPreview,
          "message_thread_id": post.thread.flatMap { Int64($0) }.map(JSON.integer),
          "reply_parameters": reply(of: post, in: chat),
          "disable_notification": post.isSilent ? true : nil,
        ], isRepeatable: false)
    case .edit(let id):
      let words = words(of: post)
      return call(
        "editMessageText",
        [
          "chat_id": .string(chat), "message_id": .integer(reachable(id, in: chat)),
          "text": words.text, "entities": words.entities,
          "link_preview_options": Self.noPreview,
        ])
    case .reaction(let emoji, let id):
      return call(
        "setMessageReaction",
        [
          "chat_id": .string(chat), "message_id": .integer(reachable(id, in: chat)),
          "reaction": [["type": "emoji", "emoji": .string(Self.reaction(for: emoji))]],
        ])
    }
  }

  private func words(of post: Post) -> (text: JSON, entities: JSON) {
    let words = Encoding(post.text, account: settings.account).cut(to: Self.lengthMax)
    return (.string(words.text), .array(words.entities.map(\.json)))
  }

  private static let noPreview: JSON = ["is_disabled": true]

  /// A topic stands in `message_thread_id`. A thread that is the id of a message is not known to
  /// Telegram: there the post answers that message.
  private func reply(of post: Post, in chat: String) -> JSON? {
    let answered = post.inReplyTo ?? post.thread.flatMap { $0.contains(":") ? $0 : nil }
    guard let id = answered.flatMap({ MessageID($0) }), String(id.chat) == chat else { return nil }
    return ["message_id": .integer(id.message), "allow_sending_without_reply": true]
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
