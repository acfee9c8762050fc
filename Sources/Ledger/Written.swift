import Crew

/// What each command stores, written without Foundation's encoder: that took longer than to decide
/// about the command. Byte for byte the same, as a test shows, because equal values must be equal
/// bytes whichever of the two wrote them, in a file of any age.
protocol Written {
  func write(to json: inout JSONWriter)
}

/// JSON with the members of objects in the order in which they are told: sorted, as the encoder
/// sorts them.
struct JSONWriter {
  private var bytes: [UInt8] = []

  static func text(_ value: some Written) -> String {
    var json = JSONWriter()
    value.write(to: &json)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  mutating func object(_ members: (inout JSONWriter) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    members(&self)
    bytes.append(UInt8(ascii: "}"))
  }

  mutating func member(_ name: StaticString, _ value: some Written) {
    key(name)
    value.write(to: &self)
  }

  /// Nothing is written for nil.
  mutating func member(_ name: StaticString, _ value: (some Written)?) {
    if let value { member(name, value) }
  }

  /// A case of an enum, as `Codable` has it: its name, and what it carries.
  mutating func enumCase(_ name: StaticString, _ carried: (inout JSONWriter) -> Void = { _ in }) {
    object { json in
      json.key(name)
      json.object(carried)
    }
  }

  private mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func separate() {
    guard let last = bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") else {
      return
    }
    bytes.append(UInt8(ascii: ","))
  }

  mutating func list(_ values: [some Written]) {
    bytes.append(UInt8(ascii: "["))
    for value in values {
      separate()
      value.write(to: &self)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  mutating func plain(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func quoted(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): escaped(byte)
      case 0x08: escaped(UInt8(ascii: "b"))
      case 0x09: escaped(UInt8(ascii: "t"))
      case 0x0A: escaped(UInt8(ascii: "n"))
      case 0x0C: escaped(UInt8(ascii: "f"))
      case 0x0D: escaped(UInt8(ascii: "r"))
      case ..<0x20:
        let digits = String(byte, radix: 16)
        plain((digits.utf8.count == 1 ? "\\u000" : "\\u00") + digits)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func escaped(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    bytes.append(byte)
  }
}

extension String: Written {
  func write(to json: inout JSONWriter) { json.quoted(self) }
}

extension Bool: Written {
  func write(to json: inout JSONWriter) { json.plain(self ? "true" : "false") }
}

extension Int: Written {
  func write(to json: inout JSONWriter) { json.plain(String(self)) }
}

extension Array: Written where Element: Written {
  func write(to json: inout JSONWriter) { json.list(self) }
}

extension Instant: Written {
  func write(to json: inout JSONWriter) { json.plain(String(milliseconds)) }
}

extension Identity: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("account", account)
      json.member("user", user)
    }
  }
}

extension Room: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("account", account)
      json.member("id", id)
    }
  }
}

extension Target: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .room(let room): json.enumCase("room") { $0.member("_0", room) }
    case .direct(let identity): json.enumCase("direct") { $0.member("_0", identity) }
    }
  }
}

extension Ephemeral: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("number", number)
      json.member("sealed", sealed)
      json.member("until", until)
    }
  }
}

extension Piece: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .text(let text): json.enumCase("text") { $0.member("_0", text) }
    case .mention(let identity, let shown):
      json.enumCase("mention") { json in
        json.member("_0", identity)
        json.member("shown", shown)
      }
    }
  }
}

extension Message: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("body", body)
      json.member("ephemeral", ephemeral)
      json.member("id", id)
      json.member("isDirect", isDirect)
      json.member("kind", kind)
      json.member("mentionsBot", mentionsBot)
      json.member("replyTo", replyTo)
      json.member("room", room)
      json.member("roomName", roomName)
      json.member("sender", sender)
      json.member("senderKind", senderKind.rawValue)
      json.member("senderName", senderName)
      json.member("sentAt", sentAt)
      json.member("thread", thread)
    }
  }
}

extension Message.Kind: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .text: json.enumCase("text")
    case .edit(let original): json.enumCase("edit") { $0.member("of", original) }
    case .invited: json.enumCase("invited")
    case .joined: json.enumCase("joined")
    case .left: json.enumCase("left")
    case .removed: json.enumCase("removed")
    case .moved(let id): json.enumCase("moved") { $0.member("to", id) }
    case .unreadable: json.enumCase("unreadable")
    case .gap: json.enumCase("gap")
    case .ignored(let why): json.enumCase("ignored") { $0.member("_0", why) }
    }
  }
}

extension Post: Written {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("ephemeral", ephemeral)
      json.member("inReplyTo", inReplyTo)
      json.member("isSilent", isSilent)
      json.member("kind", kind)
      json.member("seenBy", seenBy)
      json.member("text", text)
      json.member("thread", thread)
      json.member("underPost", underPost)
    }
  }
}

extension Post.Kind: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .message: json.enumCase("message")
    case .reaction(let emoji, let id):
      json.enumCase("reaction") { json in
        json.member("_0", emoji)
        json.member("on", id)
      }
    case .edit(let id): json.enumCase("edit") { $0.member("of", id) }
    }
  }
}

extension Markup: Written {
  func write(to json: inout JSONWriter) { json.object { $0.member("nodes", nodes) } }
}

extension Markup.Node: Written {
  func write(to json: inout JSONWriter) {
    switch self {
    case .text(let text): json.enumCase("text") { $0.member("_0", text) }
    case .strong(let inner): json.enumCase("strong") { $0.member("_0", inner) }
    case .command(let words): json.enumCase("command") { $0.member("_0", words) }
    case .person(let name, let identities, let pings):
      json.enumCase("person") { json in
        json.member("identities", identities)
        json.member("name", name)
        json.member("pings", pings)
      }
    case .table(let text): json.enumCase("table") { $0.member("_0", text) }
    case .moment(let words, let at, let offsetSeconds):
      json.enumCase("moment") { json in
        json.member("at", at)
        json.member("offsetSeconds", offsetSeconds)
        json.member("words", words)
      }
    case .lineBreak: json.enumCase("lineBreak")
    }
  }
}
