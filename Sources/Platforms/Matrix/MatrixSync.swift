import Crew
import Foundation

extension Matrix {
  /// Ten events a room and answer: more are a gap, which is filled in pages. So a flood in some
  /// rooms cannot make the answer longer than we take.
  static let timelineMax: Int64 = 10
  static let syncBytesMax = 8 * 1024 * 1024

  private static let types: JSON = [
    "m.room.message", "m.room.encrypted", "m.room.encryption", "m.room.member", "m.room.name",
    "m.room.tombstone",
  ]

  /// What pages of `/messages` are asked for; the names of the senders come along.
  static let eventFilter: JSON = [
    "types": types, "lazy_load_members": true, "include_redundant_members": true,
  ]

  private static func syncFilter(limit: Int64) -> JSON {
    [
      "presence": ["types": []],
      "account_data": ["types": ["m.direct"]],
      "room": [
        "timeline": ["limit": .integer(limit), "types": types],
        "state": [
          "types": ["m.room.name", "m.room.encryption", "m.room.member", "m.room.tombstone"],
          "lazy_load_members": true, "include_redundant_members": true,
        ],
        "ephemeral": ["types": []],
        "account_data": ["types": []],
      ],
    ]
  }

  /// The long poll. The client waits 15 seconds longer than the server may.
  func sync(_ memory: Memory, with credential: Credential) -> HTTPRequest {
    let timeout = memory.syncTimeoutMilliseconds
    // A baseline asks for one event: only to know where each room stands.
    let isBaseline = memory.since == nil && !memory.isRecovering
    var query = [
      ("filter", Self.syncFilter(limit: isBaseline ? 1 : Self.timelineMax).text),
      ("set_presence", "offline"), ("timeout", String(timeout)),
    ]
    if let since = memory.since { query.append(("since", since)) }
    var request = call(.get, ["sync"], query: query, with: credential)
    // A baseline has no long poll, but much to collect.
    request.timeoutSeconds = memory.since == nil ? 120 : Double(timeout / 1000) + 15
    request.responseBytesMax = Self.syncBytesMax
    return request
  }
}

extension Matrix.Reading {
  mutating func takeSync(_ answer: JSON, next: String) {
    for event in answer["account_data"]["events"].array ?? [] where event["type"] == "m.direct" {
      let rooms = Matrix.lists(in: event["content"]).values.joined()
      memory.direct = Array(Set(rooms)).sorted()
    }
    let rooms = answer["rooms"]
    let joined = Self.rooms(rooms["join"])
    for (room, data) in joined { takeJoined(room, data) }
    for (room, data) in Self.rooms(rooms["leave"]) { takeLeft(room, data, next: next) }
    if memory.isRecovering {
      let present = Set(joined.map(\.key))
      for room in memory.rooms.keys.sorted() where !present.contains(room) {
        removed(from: room, id: "removed/\(room)/\(next)")
      }
    }
    for (room, data) in Self.rooms(rooms["invite"]) { takeInvite(room, data, token: next) }
    memory.since = next
    memory.isRecovering = false
  }

  /// In the order of their ids, which begin with `!` and have at most 255 bytes (appendices, "Room
  /// IDs"). What stands under another name is no room.
  private static func rooms(_ json: JSON) -> [(key: String, value: JSON)] {
    (json.object ?? [:]).filter { $0.key.hasPrefix("!") && $0.key.utf8.count <= 255 }
      .sorted { $0.key < $1.key }
  }

  private var isBaseline: Bool { memory.since == nil && !memory.isRecovering }

  private mutating func takeJoined(_ room: String, _ data: JSON) {
    let before = memory.rooms[room]
    // While we recover, a room of which no event is known starts anew: its history is not ours.
    let startsAnew = isBaseline || (memory.isRecovering && before != nil && before?.last == nil)
    var known = before ?? Matrix.KnownRoom()
    known.joined = data["summary"]["m.joined_member_count"].integer ?? known.joined
    known.invited = data["summary"]["m.invited_member_count"].integer ?? known.invited
    memory.rooms[room] = known
    let state = data["state"]["events"].array ?? []
    for event in state { takeState(event, in: room) }
    let timeline = data["timeline"]
    let events = timeline["events"].array ?? []
    if startsAnew {
      for event in events { takeState(event, in: room) }
      memory.rooms[room]?.mark(events.last)
      if !isBaseline { gap(in: room, token: timeline["prev_batch"].string ?? room) }
      return
    }
    takeTimeline(timeline, in: room, names: Matrix.names(in: state + events), before: before)
    for event in events where event["type"] == "m.room.name" || event["type"] == "m.room.member" {
      takeState(event, in: room)
    }
  }

  /// Turns a timeline into messages, or, where something is missing before it, into a gap to fill.
  private mutating func takeTimeline(
    _ timeline: JSON, in room: String, names: [String: String], before: Matrix.KnownRoom?
  ) {
    let events = timeline["events"].array ?? []
    var fill = Matrix.Fill(
      room: room, from: timeline["prev_batch"].string ?? "",
      to: memory.isRecovering ? nil : memory.since, stop: before?.last, stopAt: before?.lastAt,
      isNew: before?.last == nil, held: [],
      newestAt: events.last?["origin_server_ts"].integer ?? 0)
    let isWhole = take(Array(events.reversed()), names: names, into: &fill)
    memory.rooms[room]?.mark(events.last)
    let isLimited = timeline["limited"].bool == true || memory.isRecovering
    if isWhole || !isLimited {
      messages += fill.held.reversed()
    } else if fill.from.isEmpty {
      gap(in: room, token: memory.since ?? "")
      messages += fill.held.reversed()
    } else {
      memory.fills.append(fill)
    }
  }

  private mutating func takeLeft(_ room: String, _ data: JSON, next: String) {
    // An invitation that was taken back or refused: nothing to do for it any more.
    memory.errands.removeAll { $0.kind.isInvite(to: room) }
    guard let before = memory.rooms[room], !isBaseline else { return }
    let events = data["timeline"]["events"].array ?? []
    let state = data["state"]["events"].array ?? []
    takeTimeline(
      data["timeline"], in: room, names: Matrix.names(in: state + events), before: before)
    let isTold = events.contains { Matrix.isOwnLeave($0, me: me) }
    if isTold {
      memory.rooms[room] = nil
    } else {
      removed(from: room, id: "removed/\(room)/\(next)")
    }
  }

  mutating func removed(from room: String, id: String) {
    let message = Message(
      id: id, room: Room(account: settings.account, id: room),
      sender: Identity(account: settings.account, user: me), senderKind: .bot, kind: .removed)
    memory.rooms[room] = nil
    if let index = memory.fills.firstIndex(where: { $0.room == room }) {
      memory.fills[index].held.insert(message, at: 0)
    } else {
      messages.append(message)
    }
  }

  /// State that stands before the timeline: only what changes how we see the room.
  private mutating func takeState(_ event: JSON, in room: String) {
    switch event["type"].string {
    case "m.room.name":
      memory.rooms[room]?.name = event["content"]["name"].string.map { String($0.prefix(100)) }
    case "m.room.encryption":
      if let message = message(from: event, in: room, names: [:]) { messages.append(message) }
    case "m.room.member" where event["state_key"].string == me:
      if event["content"]["is_direct"].bool == true
        || event["unsigned"]["prev_content"]["is_direct"].bool == true
      {
        memory.rooms[room]?.isDirect = true
      }
      if let name = event["content"]["displayname"].string { memory.name = name }
    case "m.room.tombstone" where !isBaseline:
      follow(event, in: room, names: [:])
    default: break
    }
  }

  mutating func gap(in room: String, token: String) {
    messages.append(gapMessage(in: room, token: token))
  }

  func gapMessage(in room: String, token: String) -> Message {
    Message(
      id: "gap/\(room)/\(token)", room: Room(account: settings.account, id: room),
      sender: Identity(account: settings.account, user: me), senderKind: .bot, kind: .gap,
      roomName: memory.rooms[room]?.name)
  }
}

extension Matrix.KnownRoom {
  /// Remembers the newest event, so that a new start knows where to go on.
  mutating func mark(_ event: JSON?) {
    guard let id = event?["event_id"].string, !id.isEmpty else { return }
    last = id
    lastAt = event?["origin_server_ts"].integer
  }
}

extension Matrix {
  /// The display names that member events tell, by user id.
  static func names(in events: [JSON]) -> [String: String] {
    var names: [String: String] = [:]
    for event in events where event["type"] == "m.room.member" {
      guard let user = event["state_key"].string, let name = event["content"]["displayname"].string
      else { continue }
      names[user] = String(name.prefix(100))
    }
    return names
  }

  static func isOwnLeave(_ event: JSON, me: String) -> Bool {
    guard event["type"] == "m.room.member", event["state_key"].string == me else { return false }
    return event["content"]["membership"] == "leave" || event["content"]["membership"] == "ban"
  }

  /// The content of `m.direct`, without what is not a list of rooms.
  static func lists(in content: JSON) -> [String: [String]] {
    (content.object ?? [:]).compactMapValues { $0.array?.compactMap(\.string) }
  }
}
