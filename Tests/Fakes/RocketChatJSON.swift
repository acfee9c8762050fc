import Crew
import Foundation
import Platforms

extension RocketChatFake {
  static func text(_ milliseconds: Int64) -> JSON {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    return .string(Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(style))
  }

  static func time(_ text: String) -> Int64? {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    return (try? Date(text, strategy: style)).map {
      Int64(($0.timeIntervalSince1970 * 1000).rounded())
    }
  }

  /// - Parameter isWhole: of oneself more is told.
  func json(_ user: User, isWhole: Bool) -> [String: JSON] {
    var told: [String: JSON] = [
      "_id": .string(user.id), "username": .string(user.username), "name": .string(user.name),
      "status": "online", "utcOffset": 0, "active": true,
    ]
    if isWhole {
      told["roles"] = .array(user.roles.map(JSON.string))
    } else {
      told["type"] = .string(user.type)
      told["canViewAllInfo"] = false
    }
    return told
  }

  func json(_ place: Place) -> JSON {
    var told: [String: JSON] = [
      "_id": .string(place.id), "t": .string(place.type), "ts": Self.text(place.createdAt),
      "_updatedAt": Self.text(place.updatedAt), "msgs": .integer(place.count),
      "usersCount": .integer(Int64(place.members.count)),
    ]
    if place.lastAt > 0 { told["lm"] = Self.text(place.lastAt) }
    if place.type == "d" {
      told["uids"] = .array(place.members.map(JSON.string))
      let names = users.filter { place.members.contains($0.id) }.map { JSON.string($0.username) }
      told["usernames"] = .array(names)
    } else {
      told["name"] = .string(place.name)
      told["fname"] = .string(place.name)
      told["u"] = .object(author(place.creator))
    }
    return .object(told)
  }

  private func author(_ id: String) -> [String: JSON] {
    guard let user = users.first(where: { $0.id == id }) else { return [:] }
    return [
      "_id": .string(id), "username": .string(user.username), "name": .string(user.name),
    ]
  }

  func json(_ post: Post) -> JSON {
    var told: [String: JSON] = [
      "_id": .string(post.id), "rid": .string(post.room), "msg": .string(post.text),
      "ts": Self.text(post.at), "_updatedAt": Self.text(post.updatedAt),
      "u": .object(author(post.user)), "urls": [], "channels": [],
      "mentions": .array(
        mentioned(in: post.text).map { user in
          [
            "_id": .string(user.id), "username": .string(user.username), "type": "user",
            "name": .string(user.name),
          ]
        }),
    ]
    if !post.type.isEmpty {
      told["t"] = .string(post.type)
      told["groupable"] = false
    }
    if let thread = post.thread { told["tmid"] = .string(thread) }
    if let at = post.editedAt {
      told["editedAt"] = Self.text(at)
      told["editedBy"] = .object(author(post.user))
    }
    if !post.reactions.isEmpty {
      told["reactions"] = .object(
        post.reactions.mapValues { ["usernames": .array($0.map(JSON.string))] })
    }
    return .object(told)
  }

  /// Whom the server finds in a text (`MentionsParser`): a name behind white space, and no code.
  func mentioned(in text: String) -> [User] {
    var found: [User] = []
    var isBehindSpace = true
    var rest = Substring(text)
    while let character = rest.popFirst() {
      if character == "@", isBehindSpace {
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
        if let user = users.first(where: { $0.username == name }) { found.append(user) }
        if ["all", "here"].contains(name) {
          found.append(User(id: String(name), username: String(name), name: "", token: ""))
        }
      }
      isBehindSpace = character.isWhitespace || character == ">"
    }
    return found
  }

  /// What a reader sees: without marks and spaces of no width.
  static func shown(_ text: String) -> String {
    var shown = ""
    var rest = Substring(text)
    while let character = rest.popFirst() {
      if character == "\\", let next = rest.first, "*_~`#.".contains(next) {
        shown.append(next)
        rest.removeFirst()
      } else if !"*`\u{200B}".contains(character) {
        shown.append(character)
      }
    }
    return shown
  }
}
