import Crew
import Platforms

extension MattermostFake {
  func json(_ user: User) -> JSON {
    [
      "id": .string(user.id), "create_at": .integer(Self.createdAt), "update_at": 0,
      "delete_at": 0, "username": .string(user.username), "first_name": .string(user.first),
      "last_name": "", "nickname": "", "email": "", "auth_service": "", "roles": "system_user",
      "locale": "en", "is_bot": .bool(user.isBot),
    ]
  }

  func json(_ channel: Channel) -> JSON {
    let own = posts.filter { $0.channel == channel.id }
    return [
      "id": .string(channel.id), "create_at": .integer(channel.createdAt), "update_at": 0,
      "delete_at": 0, "team_id": .string(channel.type == "D" ? "" : Self.team),
      "type": .string(channel.type),
      "display_name": .string(channel.type == "D" ? "" : channel.name),
      "name": .string(channel.name), "header": "", "purpose": "",
      "last_post_at": .integer(own.last?.createdAt ?? 0),
      "total_msg_count": .integer(Int64(own.count { $0.type.isEmpty })), "extra_update_at": 0,
      "creator_id": .string(channel.type == "D" ? "" : Self.ana),
    ]
  }

  func json(_ post: Post) -> JSON {
    [
      "id": .string(post.id), "create_at": .integer(post.createdAt),
      "update_at": .integer(post.updatedAt), "edit_at": .integer(post.editedAt),
      "delete_at": .integer(post.deletedAt), "is_pinned": false, "user_id": .string(post.user),
      "channel_id": .string(post.channel), "root_id": .string(post.root), "original_id": "",
      "message": .string(post.message), "type": .string(post.type), "props": .object(post.props),
      "hashtags": "", "pending_post_id": "", "reply_count": 0, "last_reply_at": 0,
      "metadata": [:],
    ]
  }

  func json(_ reaction: (post: String, user: String, emoji: String), _ now: Instant) -> JSON {
    [
      "user_id": .string(reaction.user), "post_id": .string(reaction.post),
      "emoji_name": .string(reaction.emoji), "create_at": .integer(now.milliseconds),
    ]
  }

  /// Newest first; the heads of threads come along without standing in the order.
  func list(_ page: [Post]) -> JSON {
    var told: [String: JSON] = [:]
    for post in page { told[post.id] = json(post) }
    for root in page.map(\.root) where !root.isEmpty && told[root] == nil {
      if let head = posts.first(where: { $0.id == root }) { told[root] = json(head) }
    }
    return [
      "order": .array(page.map { .string($0.id) }), "posts": .object(told), "next_post_id": "",
      "prev_post_id": "", "has_next": false,
    ]
  }
}

/// What a reader sees of a message, and whom it pings: written against the Markdown of the clients,
/// not against our encoder.
struct MattermostReader {
  var text = ""
  var pings: [String] = []

  init(_ message: String, names: [String]) {
    var rest = Substring(message)
    var isInCode = false
    while let character = rest.first {
      if rest.hasPrefix("```") {
        isInCode.toggle()
        rest.removeFirst(3)
      } else if character == "`" {
        isInCode.toggle()
        rest.removeFirst()
      } else if isInCode {
        text.append(rest.removeFirst())
      } else if character == "\\", let next = rest.dropFirst().first,
        "\\`*_{}[]()#+-.!|~>".contains(next)
      {
        text.append(next)
        rest.removeFirst(2)
      } else if rest.hasPrefix("**") {
        rest.removeFirst(2)
      } else if character == "@" {
        let name = rest.dropFirst().prefix {
          $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0))
        }
        if ["all", "channel", "here"].contains(name) || names.contains(String(name)) {
          pings.append(String(name))
        }
        text.append(rest.removeFirst())
      } else {
        text.append(rest.removeFirst())
      }
    }
    text = text.replacing("\u{200B}", with: "")
  }
}
