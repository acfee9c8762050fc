import Foundation

// The shapes of the Bot API, as far as they matter here. Every field is read on its own: one of an
// odd shape is as good as missing, and nothing but an id is required.
extension Telegram {
  struct User: Decodable, Equatable {
    var id: Int64
    var isBot: Bool
    var name: String
    var username: String?

    enum Key: String, CodingKey {
      case id, username
      case isBot = "is_bot"
      case first = "first_name"
      case last = "last_name"
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      id = try fields.decode(Int64.self, forKey: .id)
      isBot = fields.lenient(Bool.self, .isBot) ?? false
      username = fields.lenient(String.self, .username)
      name = [Key.first, .last].compactMap { fields.lenient(String.self, $0) }
        .filter { !$0.isEmpty }.joined(separator: " ")
    }
  }

  struct Chat: Decodable, Equatable {
    var id: Int64
    /// `private`, `group`, `supergroup` or `channel`.
    var type: String
    var title: String?

    enum Key: String, CodingKey { case id, type, title }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      id = try fields.decode(Int64.self, forKey: .id)
      type = fields.lenient(String.self, .type) ?? ""
      title = fields.lenient(String.self, .title)
    }

    var isPrivate: Bool { type == "private" }
    var isGroup: Bool { type == "group" || type == "supergroup" }
  }

  struct Entity: Decodable, Equatable {
    var type: String
    /// In UTF-16 code units.
    var offset: Int
    var length: Int
    /// For `text_mention` only.
    var user: User?

    enum Key: String, CodingKey { case type, offset, length, user }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      type = try fields.decode(String.self, forKey: .type)
      offset = try fields.decode(Int.self, forKey: .offset)
      length = try fields.decode(Int.self, forKey: .length)
      user = fields.lenient(User.self, .user)
    }
  }

  /// A chat message or a service message.
  struct Content: Decodable {
    struct Reply: Decodable {
      var id: Int64
      var from: User?
      /// The service message that opened a topic: every message of the topic "replies" to it.
      var opensTopic: Bool

      enum Key: String, CodingKey {
        case from
        case id = "message_id"
        case topic = "forum_topic_created"
      }

      init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        id = try fields.decode(Int64.self, forKey: .id)
        from = fields.lenient(User.self, .from)
        opensTopic = fields.contains(.topic)
      }
    }

    var id: Int64
    var chat: Chat
    var date: Int64
    var editDate: Int64?
    var from: User?
    var senderChat: Chat?
    var text: String?
    var entities: [Entity]
    var topic: Int64?
    var replyTo: Reply?
    /// Why these are not the sender's own words; nil where they are.
    var borrowed: String?
    var joined: [User]
    var left: User?
    var movedTo: Int64?

    enum Key: String, CodingKey {
      case chat, date, from, text, entities, caption
      case id = "message_id"
      case editDate = "edit_date"
      case senderChat = "sender_chat"
      case captionEntities = "caption_entities"
      case thread = "message_thread_id"
      case isTopic = "is_topic_message"
      case replyTo = "reply_to_message"
      case viaBot = "via_bot"
      case forward = "forward_origin"
      case joined = "new_chat_members"
      case left = "left_chat_member"
      case movedTo = "migrate_to_chat_id"
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      id = try fields.decode(Int64.self, forKey: .id)
      chat = try fields.decode(Chat.self, forKey: .chat)
      date = fields.lenient(Int64.self, .date) ?? 0
      editDate = fields.lenient(Int64.self, .editDate)
      from = fields.lenient(User.self, .from)
      senderChat = fields.lenient(Chat.self, .senderChat)
      text = fields.lenient(String.self, .text) ?? fields.lenient(String.self, .caption)
      entities = fields.list(Entity.self, fields.contains(.text) ? .entities : .captionEntities)
      let isTopic = fields.lenient(Bool.self, .isTopic) ?? false
      topic = isTopic ? fields.lenient(Int64.self, .thread) : nil
      replyTo = fields.lenient(Reply.self, .replyTo)
      borrowed =
        fields.contains(.forward) ? "forwarded" : fields.contains(.viaBot) ? "sent via a bot" : nil
      joined = fields.list(User.self, .joined)
      left = fields.lenient(User.self, .left)
      movedTo = fields.lenient(Int64.self, .movedTo)
    }
  }

  /// `my_chat_member`: somebody changed what the bot is in a chat.
  struct Standing: Decodable {
    struct Member: Decodable {
      var isIn: Bool

      enum Key: String, CodingKey {
        case status
        case isMember = "is_member"
      }

      init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        switch try fields.decode(String.self, forKey: .status) {
        case "left", "kicked": isIn = false
        case "restricted": isIn = fields.lenient(Bool.self, .isMember) ?? false
        default: isIn = true
        }
      }
    }

    var chat: Chat
    var from: User
    var date: Int64
    var before: Member
    var after: Member

    enum Key: String, CodingKey {
      case chat, from, date
      case before = "old_chat_member"
      case after = "new_chat_member"
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: Key.self)
      chat = try fields.decode(Chat.self, forKey: .chat)
      from = try fields.decode(User.self, forKey: .from)
      date = fields.lenient(Int64.self, .date) ?? 0
      before = try fields.decode(Member.self, forKey: .before)
      after = try fields.decode(Member.self, forKey: .after)
    }
  }
}

/// A value of which only the rest matters when it cannot be read.
struct Lenient<Value: Decodable>: Decodable {
  var value: Value?
  init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

extension KeyedDecodingContainer {
  /// Nil for a field that is missing, null or of another shape.
  fileprivate func lenient<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
    try? decode(type, forKey: key)
  }

  /// The readable elements.
  fileprivate func list<Value: Decodable>(_ type: Value.Type, _ key: Key) -> [Value] {
    (lenient([Lenient<Value>].self, key) ?? []).compactMap(\.value)
  }
}
