import Crew
import Foundation
import Platforms

extension GoogleChatFake {
  /// `2026-11-23T09:00:00.123456Z`.
  static func time(_ instant: Instant, micros: Int = 0) -> String {
    func padded(_ number: Int64, _ count: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
    let day = Day(number: Int(instant.seconds / 86_400))
    let second = instant.seconds % 86_400
    let fraction = padded((instant.milliseconds % 1000) * 1000 + Int64(micros), 6)
    return padded(Int64(day.year), 4) + "-" + padded(Int64(day.month), 2) + "-"
      + padded(Int64(day.day), 2) + "T" + padded(second / 3600, 2) + ":"
      + padded(second / 60 % 60, 2) + ":" + padded(second % 60, 2) + ".\(fraction)Z"
  }

  func userJSON(_ id: String) -> JSON {
    [
      "name": .string("users/\(id)"), "displayName": .string(Self.names[id] ?? ""),
      "type": .string(id == Self.bell || id == Self.robot ? "BOT" : "HUMAN"),
    ]
  }

  func spaceJSON(_ space: Space) -> JSON {
    guard space.person == nil else {
      return [
        "name": .string("spaces/\(space.id)"), "type": "DM", "spaceType": "DIRECT_MESSAGE",
        "singleUserBotDm": true, "spaceThreadingState": "UNTHREADED_MESSAGES",
      ]
    }
    return [
      "name": .string("spaces/\(space.id)"), "type": "ROOM", "spaceType": "SPACE",
      "displayName": .string(space.name), "spaceThreadingState": "THREADED_MESSAGES",
    ]
  }

  func json(_ message: Written) -> JSON {
    let space = spaces.first { $0.id == message.space }
    var json: [String: JSON] = [
      "name": .string("spaces/\(message.space)/messages/\(message.id)"),
      "sender": userJSON(message.author), "createTime": .string(Self.time(message.at)),
      "text": .string(message.text), "formattedText": .string(message.text),
      "thread": ["name": .string("spaces/\(message.space)/threads/\(message.thread)")],
      "space": space.map(spaceJSON) ?? .null,
    ]
    if message.isReply { json["threadReply"] = true }
    if let id = message.clientID { json["clientAssignedMessageId"] = .string(id) }
    if let viewer = message.viewer { json["privateMessageViewer"] = userJSON(viewer) }
    let (annotations, argument) = annotated(message.text)
    if message.author != Self.bell, !annotations.isEmpty {
      json["annotations"] = .array(annotations)
      json["argumentText"] = .string(argument)
      if let id = annotations.first(where: { $0["type"] == "SLASH_COMMAND" }) {
        json["slashCommand"] = ["commandId": id["slashCommand"]["commandId"]]
      }
    }
    return .object(json)
  }

  /// Where people and the app are mentioned and a registered command stands, in UTF-16 units.
  private func annotated(_ text: String) -> ([JSON], argument: String) {
    var annotations: [JSON] = []
    var argument = text
    for (id, name) in Self.names.sorted(by: { $0.key < $1.key }) {
      for range in text.ranges(of: "@" + name) {
        annotations.append([
          "type": "USER_MENTION", "startIndex": .integer(units(text[..<range.lowerBound])),
          "length": .integer(units(text[range])),
          "userMention": ["user": userJSON(id), "type": "MENTION"],
        ])
      }
      if id == Self.bell { argument = argument.replacing("@" + name, with: "") }
    }
    let first = text.split(separator: " ").first.map(String.init) ?? ""
    if Self.commands.contains(first) {
      argument = String(argument.dropFirst(first.count))
      annotations.append([
        "type": "SLASH_COMMAND", "startIndex": 0, "length": .integer(units(first[...])),
        "slashCommand": [
          "bot": userJSON(Self.bell), "type": "INVOKE", "commandName": .string(first),
          "commandId": .string(String(first.count)),
        ],
      ])
    }
    return (annotations, argument)
  }

  private func units(_ text: Substring) -> Int64 { Int64(text.utf16.count) }

  /// What a reader sees, and whom it rings for.
  static func reading(_ text: String) -> (plain: String, pings: [String]) {
    var plain = String.UnicodeScalarView()
    var pings: [String] = []
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if rest.first == "\u{200B}" {
        plain.append(scalar)
        rest = rest.dropFirst()
      } else if scalar == "<", let end = rest.firstIndex(of: ">"),
        rest[..<end].starts(with: "users/".unicodeScalars)
      {
        let user = String(rest[..<end].dropFirst(6))
        pings.append(user)
        plain.append(contentsOf: ("@" + (names[user] ?? user)).unicodeScalars)
        rest = rest[rest.index(after: end)...]
      } else if !"*`\u{200B}".unicodeScalars.contains(scalar) {
        plain.append(scalar)
      }
    }
    return (String(plain), pings)
  }
}
