// The shapes of the Bot API, as far as they matter here. Every field is read on its own: one of an
// odd shape is as good as missing, and nothing but an id is required.
extension Telegram {
  /// Without this nothing can be made of a value. Names of fields only: the words of a chat stay
  /// out of the log.
  struct Misshapen: Error {
    var why: String

    static func missing(_ field: String) -> Misshapen { .init(why: "\(field) is missing") }
    static func odd(_ field: String) -> Misshapen { .init(why: "\(field) is of another shape") }
  }

  struct User: Equatable {
    var id: Int64
    var isBot: Bool
    var name: String
    var username: String?

    init(_ json: JSON) throws(Misshapen) {
      id = try json.id("id")
      isBot = json["is_bot"].bool ?? false
      username = json["username"].string
      name = ["first_name", "last_name"].compactMap { json[$0].string }
        .filter { !$0.isEmpty }.joined(separator: " ")
    }
  }

  struct Chat: Equatable {
    var id: Int64
    /// `private`, `group`, `supergroup` or `channel`.
    var type: String
    var title: String?

    init(_ json: JSON) throws(Misshapen) {
      id = try json.id("id")
      type = json["type"].string ?? ""
      title = json["title"].string
    }

    var isPrivate: Bool { type == "private" }
    var isGroup: Bool { type == "group" || type == "supergroup" }
  }

  struct Entity: Equatable {
    var type: String
    /// In UTF-16 code units.
    var offset: Int
    var length: Int
    /// For `text_mention` only.
    var user: User?

    init?(_ json: JSON) {
      guard let type = json["type"].string, let offset = json["offset"].integer,
        let length = json["length"].integer
      else { return nil }
      (self.type, self.offset, self.length) = (type, Int(offset), Int(length))
      user = try? User(json["user"])
    }
  }

  /// A chat message or a service message.
  struct Content {
    struct Reply {
      var id: Int64
      var from: User?
      /// The service message that opened a topic: every message of the topic "replies" to it.
      var opensTopic: Bool

      init(_ json: JSON) throws(Misshapen) {
        id = try json.id("message_id")
        from = try? User(json["from"])
        opensTopic = json.holds("forum_topic_created")
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

    init(_ json: JSON) throws(Misshapen) {
      id = try json.id("message_id")
      chat = try Chat(json.member("chat"))
      date = json["date"].integer ?? 0
      editDate = json["edit_date"].integer
      from = try? User(json["from"])
      senderChat = try? Chat(json["sender_chat"])
      text = json["text"].string ?? json["caption"].string
      entities =
        json[json.holds("text") ? "entities" : "caption_entities"].array?
        .compactMap(Entity.init) ?? []
      topic = json["is_topic_message"].bool == true ? json["message_thread_id"].integer : nil
      replyTo = try? Reply(json["reply_to_message"])
      borrowed =
        json.holds("forward_origin") ? "forwarded" : json.holds("via_bot") ? "sent via a bot" : nil
      joined = json["new_chat_members"].array?.compactMap { try? User($0) } ?? []
      left = try? User(json["left_chat_member"])
      movedTo = json["migrate_to_chat_id"].integer
    }
  }

  /// `my_chat_member`: somebody changed what the bot is in a chat.
  struct Standing {
    struct Member {
      var isIn: Bool

      init(_ json: JSON) throws(Misshapen) {
        guard let status = json["status"].string else { throw .odd("status") }
        isIn =
          switch status {
          case "left", "kicked": false
          case "restricted": json["is_member"].bool ?? false
          default: true
          }
      }
    }

    var chat: Chat
    var from: User
    var date: Int64
    var before: Member
    var after: Member

    init(_ json: JSON) throws(Misshapen) {
      chat = try Chat(json.member("chat"))
      from = try User(json.member("from"))
      date = json["date"].integer ?? 0
      before = try Member(json.member("old_chat_member"))
      after = try Member(json.member("new_chat_member"))
    }
  }
}

extension JSON {
  fileprivate func holds(_ key: String) -> Bool { object?[key] != nil }

  fileprivate func id(_ key: String) throws(Telegram.Misshapen) -> Int64 {
    guard let value = object?[key] else { throw .missing(key) }
    guard let id = value.integer else { throw .odd(key) }
    return id
  }

  fileprivate func member(_ key: String) throws(Telegram.Misshapen) -> JSON {
    guard let value = object?[key] else { throw .missing(key) }
    guard value.object != nil else { throw .odd(key) }
    return value
  }
}
