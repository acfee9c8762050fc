import Crew
import Foundation

extension Matrix {
  /// The plain body of a message as pieces. The formatted body is read for one thing only: which
  /// user id stands behind a name in the plain one.
  struct Body {
    private(set) var pieces: [Piece] = []
    private(set) var mentionsBot = false

    private let account: String
    private let me: String
    private let bytes: [UInt8]
    private var position = 0
    private var text: [UInt8] = []

    static let mentionsMax = 50
    static let shownBytesMax = 100

    init(_ content: JSON, account: String, me: String, name: String, isReply: Bool) {
      self.account = account
      self.me = me
      let body = content["body"].string ?? ""
      bytes = Array((isReply ? Body.withoutFallback(body) : body).utf8)
      let users = content["m.mentions"]["user_ids"].array?.compactMap(\.string) ?? []
      takeAddress(name: name, isNamed: users.contains(me))
      takeMentions(HTMLMentions.list(in: content["formatted_body"].string ?? ""))
      takePlain(until: bytes.count)
      flush()
    }

    /// A rich reply quotes what it answers: lines that begin with `> `, then an empty one.
    private static func withoutFallback(_ body: String) -> String {
      guard body.hasPrefix("> <") || body.hasPrefix("> * <") else { return body }
      var rest = Substring(body)
      while rest.hasPrefix(">") {
        guard let end = rest.firstIndex(where: \.isNewline) else { return "" }
        rest = rest[rest.index(after: end)...]
      }
      return String(rest.first?.isNewline == true ? rest.dropFirst() : rest)
    }

    /// `crewbell: done 3` speaks to the bot. Without the colon it must be named as mentioned too,
    /// or any sentence about the bot would be one to it.
    private mutating func takeAddress(name: String, isNamed: Bool) {
      var start = 0
      while start < bytes.count, bytes[start] == 0x20 || bytes[start] == 0x0A { start += 1 }
      let localpart = Matrix.localpart(of: me)
      for address in [me, "@" + localpart, localpart, "@" + name, name] {
        guard address.utf8.count > 1, address != "@",
          let end = end(ofAddress: Array(address.utf8), at: start)
        else { continue }
        let next = end < bytes.count ? bytes[end] : 0x20
        let isColon = next == UInt8(ascii: ":") || next == UInt8(ascii: ",")
        guard isColon || (isNamed && Body.isSpace(next)) else { continue }
        mentionsBot = true
        position = isColon ? end + 1 : end
        skipSpace()
        return
      }
    }

    /// Upper and lower case of ASCII letters count as one.
    private func end(ofAddress address: [UInt8], at start: Int) -> Int? {
      guard start + address.count <= bytes.count else { return nil }
      for (offset, byte) in address.enumerated()
      where Body.lower(bytes[start + offset]) != Body.lower(byte) { return nil }
      return start + address.count
    }

    private mutating func takeMentions(_ mentions: [HTMLMention]) {
      var misses = 0
      for mention in mentions.prefix(Self.mentionsMax) where misses < 3 {
        let shown = Array(mention.shown.utf8)
        guard !shown.isEmpty, shown.count <= Self.shownBytesMax, let found = find(shown) else {
          misses += 1
          continue
        }
        takePlain(until: found.lowerBound)
        take(mention.user, shown: mention.shown)
        position = found.upperBound
        if mention.user == me { skipAddressEnd() }
      }
    }

    /// The name in the body, with the `@` or the Markdown link that some clients put around it.
    private func find(_ shown: [UInt8]) -> Range<Int>? {
      var start = position
      while start + shown.count <= bytes.count {
        let end = start + shown.count
        if bytes[start] == shown[0], bytes[start..<end].elementsEqual(shown),
          start == position || !Body.isWord(bytes[start - 1]) || !Body.isWord(shown[0]),
          end == bytes.count || !Body.isWord(bytes[end]) || !Body.isWord(bytes[end - 1])
        {
          return widened(start..<end)
        }
        start += 1
      }
      return nil
    }

    private func widened(_ range: Range<Int>) -> Range<Int> {
      let before = range.lowerBound - 1
      guard before >= position else { return range }
      if bytes[before] == UInt8(ascii: "@") { return before..<range.upperBound }
      let link = Array("](https://matrix.to/#/".utf8)
      guard bytes[before] == UInt8(ascii: "["),
        bytes[range.upperBound...].starts(with: link),
        let close = bytes[range.upperBound...].firstIndex(of: UInt8(ascii: ")"))
      else { return range }
      return before..<(close + 1)
    }

    /// Plain text, in which `@ana:example.org` is a mention as well.
    private mutating func takePlain(until end: Int) {
      while position < end {
        let byte = bytes[position]
        if byte == UInt8(ascii: "@"), position == 0 || !Body.isWord(bytes[position - 1]),
          let close = Matrix.userID(in: bytes, at: position, limit: end, home: me)
        {
          let user = String(decoding: bytes[position..<close], as: UTF8.self)
          take(user, shown: user)
          position = close
          if user == me { skipAddressEnd() }
        } else {
          text.append(byte)
          position += 1
        }
      }
    }

    private mutating func take(_ user: String, shown: String) {
      if user == me {
        mentionsBot = true
        return
      }
      flush()
      pieces.append(.mention(Identity(account: account, user: user), shown: shown))
    }

    private mutating func flush() {
      if !text.isEmpty { pieces.append(.text(String(decoding: text, as: UTF8.self))) }
      text = []
    }

    /// After our own name, where nothing stands before it: the colon and the space go too.
    private mutating func skipAddressEnd() {
      guard pieces.isEmpty, text.allSatisfy(Body.isSpace) else { return }
      text = []
      if position < bytes.count,
        bytes[position] == UInt8(ascii: ":") || bytes[position] == UInt8(ascii: ",")
      {
        position += 1
      }
      skipSpace()
    }

    private mutating func skipSpace() {
      while position < bytes.count, Body.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A }

    /// A letter of another script is no part of a word here: Chinese has no spaces around a name.
    private static func isWord(_ byte: UInt8) -> Bool { Matrix.isLetterOrDigit(byte) }

    private static func lower(_ byte: UInt8) -> UInt8 {
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
    }
  }

  static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// Where the user id that begins at `start` ends, nil where none does. `@ana:tomorrow` is none:
  /// a server has a dot or a port, or is the bot's own.
  static func userID(in bytes: [UInt8], at start: Int, limit: Int, home: String) -> Int? {
    var end = start + 1
    while end < limit, isLetterOrDigit(bytes[end]) || "._=/+-".utf8.contains(bytes[end]) {
      end += 1
    }
    guard end > start + 1, end < limit, bytes[end] == UInt8(ascii: ":") else { return nil }
    let server = end + 1
    end = server
    while end < limit, isLetterOrDigit(bytes[end]) || ".-".utf8.contains(bytes[end]) { end += 1 }
    var port = end + 1
    if end < limit, bytes[end] == UInt8(ascii: ":") {
      while port < limit, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[port]) {
        port += 1
      }
      if port > end + 1 { return port - start <= 255 && end > server ? port : nil }
    }
    while end > server, ".-".utf8.contains(bytes[end - 1]) { end -= 1 }
    guard end > server, end - start <= 255 else { return nil }
    let name = bytes[server..<end]
    let isServer =
      name.contains(UInt8(ascii: ".")) || name.elementsEqual("localhost".utf8)
      || name.elementsEqual(Matrix.server(of: home).utf8)
    return isServer ? end : nil
  }
}
