import Crew
import Foundation
import Platforms

extension DiscordFake {
  func userJSON(_ id: String) -> [String: JSON] {
    var user: [String: JSON] = [
      "id": .string(id), "username": .string((Self.names[id] ?? id).lowercased()),
      "global_name": .string(Self.names[id] ?? id), "discriminator": "0", "avatar": .null,
      "public_flags": 0, "flags": 0, "primary_guild": .null,
    ]
    if id == Self.bell || id == Self.robot { user["bot"] = true }
    return user
  }

  func ownJSON(_ id: String) -> JSON {
    var user = userJSON(id)
    user["mfa_enabled"] = false
    user["locale"] = "en-US"
    return .object(user)
  }

  func applicationJSON(_ me: String) -> JSON {
    [
      "id": .string(me), "name": "crewbell", "icon": .null, "description": "", "bot_public": false,
      "bot_require_code_grant": false, "verify_key": "0", "flags": 0, "team": .null,
      "owner": .object(userJSON(Self.ana)), "summary": "", "rpc_origins": [],
    ]
  }

  var guildJSON: JSON {
    [
      "id": .string(Self.guild), "name": "the server", "icon": .null, "banner": .null,
      "owner": false, "permissions": "0", "features": [],
    ]
  }

  func channelJSON(_ channel: Channel) -> JSON {
    let last = posted.last { $0.channel == channel.id }?.id
    var json: [String: JSON] = [
      "id": .string(channel.id), "type": .integer(channel.type), "flags": 0,
      "last_message_id": last.map { .string(String($0)) } ?? .null,
    ]
    if let person = channel.person {
      json["recipients"] = [.object(userJSON(person))]
      return .object(json)
    }
    json["guild_id"] = .string(Self.guild)
    json["name"] = .string(channel.name)
    json["parent_id"] = channel.parent.map(JSON.string) ?? .null
    guard channel.type == 11 else {
      json["position"] = 0
      json["permission_overwrites"] = []
      return .object(json)
    }
    json["owner_id"] = .string(Self.ana)
    json["message_count"] = 1
    json["member_count"] = 1
    json["total_message_sent"] = 1
    json["thread_metadata"] = [
      "archived": .bool(channel.isArchived), "auto_archive_duration": 1440,
      "locked": .bool(channel.isLocked), "archive_timestamp": "2026-11-23T09:00:00.000000+00:00",
    ]
    return .object(json)
  }

  /// - Parameter nonce: only the answer to the call that wrote it has one.
  func json(_ post: Posted, nonce: String? = nil) -> JSON {
    let users = DiscordReading(post.content).users
    let mentions = post.author == Self.bell ? users.filter(post.pings.contains) : users
    let isHidden =
      isBlind && post.author != Self.bell && !users.contains(Self.bell)
      && channels.first { $0.id == post.channel }?.person == nil
    let at = Self.timestamp(post.id)
    var json: [String: JSON] = [
      "id": .string(String(post.id)), "channel_id": .string(post.channel),
      "type": .integer(post.type), "content": .string(isHidden ? "" : post.content),
      "author": .object(userJSON(post.author)), "timestamp": .string(at),
      "edited_timestamp": post.isEdited ? .string(at) : .null,
      "mentions": .array(mentions.map { .object(userJSON($0)) }), "mention_roles": [],
      "mention_everyone": .bool(post.pings.contains("*")), "attachments": [], "embeds": [],
      "components": [], "flags": .integer(post.flags), "pinned": false, "tts": false,
    ]
    if let reference = post.reference {
      json["message_reference"] = [
        "type": 0, "channel_id": .string(post.channel), "message_id": .string(reference),
      ]
    }
    if let nonce { json["nonce"] = .string(nonce) }
    return .object(json)
  }

  private static func timestamp(_ id: Int64) -> String {
    let milliseconds = (id >> 22) + 1_420_070_400_000
    let formatter = ISO8601DateFormatter()
    let text = formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds / 1000)))
    let rest = String(1000 + milliseconds % 1000).dropFirst()
    return text.dropLast() + ".\(rest)000+00:00"
  }
}

/// A text of Discord's Markdown as a reader sees it, and whom the server finds in it. Written from
/// its documents (reference, "Message Formatting") and not from our encoder.
struct DiscordReading {
  var plain = ""
  var users: [String] = []
  var ringsForAll = false

  init(_ content: String) {
    // The server finds mentions wherever they stand.
    for match in content.matches(of: /<@!?([0-9]+)>/.matchingSemantics(.unicodeScalar))
    where !users.contains(String(match.1)) {
      users.append(String(match.1))
    }
    ringsForAll = content.contains("@everyone") || content.contains("@here")
    var rest = content[...]
    var isCode = false
    while let first = rest.first {
      if rest.hasPrefix("```") {
        isCode.toggle()
        rest = rest.dropFirst(3)
      } else if isCode {
        plain.append(first)
        rest = rest.dropFirst()
      } else if first == "\\", let next = rest.dropFirst().first {
        plain.append(next)
        rest = rest.dropFirst(2)
      } else if let match = rest.prefixMatch(of: /<@!?([0-9]+)>/) {
        plain += "@" + (DiscordFake.names[String(match.1)] ?? "?")
        rest = rest[match.range.upperBound...]
      } else if let match = rest.prefixMatch(of: /<(https?:[^ >]+)>/) {
        plain += match.1
        rest = rest[match.range.upperBound...]
      } else if rest.hasPrefix("**") {
        rest = rest.dropFirst(2)
      } else if first == "`" {
        rest = rest.dropFirst()
      } else {
        plain.append(first)
        rest = rest.dropFirst()
      }
    }
    plain = plain.replacing("\u{200B}", with: "")
  }
}
