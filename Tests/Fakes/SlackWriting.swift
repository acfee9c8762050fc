import Crew
import Foundation
import Platforms

// What is written: messages, edits, reactions.
extension SlackFake {
  /// A message as it is seen; its plain text is for notifications where blocks are given.
  func checked(_ arguments: Arguments) throws -> (text: String, blocks: JSON?) {
    let text = arguments["text"]
    let blocks = arguments.json("blocks")
    guard !text.isEmpty || blocks != nil else { throw Refusal(error: "no_text") }
    guard text.count <= 40_000 else { throw Refusal(error: "msg_too_long") }
    for block in blocks?.array ?? [] {
      guard block["type"].string == "rich_text", let elements = block["elements"].array,
        !elements.isEmpty, elements.allSatisfy(Self.isElement)
      else { throw Refusal(error: "invalid_blocks") }
    }
    return (text, blocks)
  }

  private static func isElement(_ element: JSON) -> Bool {
    let inside = element["elements"].array ?? []
    let isKnown =
      element["type"].string == "rich_text_section"
      || element["type"].string == "rich_text_preformatted"
    return isKnown && !inside.isEmpty
      && inside.allSatisfy { part in
        switch part["type"].string {
        case "text": part["text"].string?.isEmpty == false
        case "user": part["user_id"].string != nil
        default: false
        }
      }
  }

  mutating func post(
    _ arguments: Arguments, _ me: String, _ now: Instant
  ) throws -> [String: JSON] {
    let channel = try channel(arguments, me)
    let (text, blocks) = try checked(arguments)
    let thread = arguments["thread_ts"]
    if !thread.isEmpty {
      guard let root = posted.first(where: { $0.channel == channel.id && $0.ts == thread }),
        root.thread == nil
      else { throw Refusal(error: "thread_not_found") }
    }
    let post = add(text, by: me, in: channel.id, now: now) {
      $0.thread = thread.isEmpty ? nil : thread
      $0.blocks = blocks
      $0.metadata = arguments.json("metadata")
      if me == Self.bell { $0.bot = Self.bot }
    }
    if me == Self.bell { note(post, channel, .message) }
    return [
      "channel": .string(channel.id), "ts": .string(post.ts),
      "message": json(post, isWhole: true),
    ]
  }

  mutating func update(
    _ arguments: Arguments, _ me: String, _ now: Instant
  ) throws -> [String: JSON] {
    let channel = try channel(arguments, me)
    let ts = try arguments.needed("ts")
    let (text, blocks) = try checked(arguments)
    guard let place = posted.firstIndex(where: { $0.channel == channel.id && $0.ts == ts }) else {
      throw Refusal(error: "message_not_found")
    }
    guard posted[place].user == me else { throw Refusal(error: "cant_update_message") }
    posted[place].text = text
    posted[place].blocks = blocks
    posted[place].isEdited = true
    note(posted[place], channel, .edit)
    return [
      "channel": .string(channel.id), "ts": .string(ts), "text": .string(text),
      "message": ["text": .string(text)],
    ]
  }

  mutating func react(_ arguments: Arguments, _ me: String) throws -> [String: JSON] {
    let channel = try channel(arguments, me)
    let (ts, name) = (try arguments.needed("timestamp"), try arguments.needed("name"))
    guard let post = posted.first(where: { $0.channel == channel.id && $0.ts == ts }) else {
      throw Refusal(error: "message_not_found")
    }
    guard name.allSatisfy({ $0.isASCII && !$0.isWhitespace && $0 != ":" }) else {
      throw Refusal(error: "invalid_name")
    }
    let reaction = (channel: channel.id, ts: ts, user: me, name: name)
    guard !reactions.contains(where: { $0 == reaction }) else {
      throw Refusal(error: "already_reacted")
    }
    reactions.append(reaction)
    note(post, channel, .reaction, text: name)
    return [:]
  }

  mutating func note(
    _ post: Posted, _ channel: Channel, _ kind: Delivered.Kind, text: String? = nil,
    only person: String? = nil
  ) {
    var shown = ""
    var pings: [String] = []
    for element in post.blocks?[0]["elements"].array ?? [] {
      for part in element["elements"].array ?? [] {
        shown += part["text"].string ?? ""
        if let user = part["user_id"].string {
          pings.append(user)
          shown += "@" + (Self.names[user] ?? user)
        }
      }
      shown += "\n"
    }
    delivered.append(
      Delivered(
        kind, id: "\(channel.id):\(post.ts)", room: channel.person == nil ? channel.id : nil,
        person: person ?? channel.person, text: text ?? (post.blocks == nil ? post.text : shown),
        under: text == nil ? post.thread : post.ts, pings: text == nil ? pings : []))
  }
}

extension JSON {
  fileprivate subscript(index: Int) -> JSON {
    guard let array, array.indices.contains(index) else { return .null }
    return array[index]
  }
}
