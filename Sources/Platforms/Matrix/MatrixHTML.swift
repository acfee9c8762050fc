import Foundation

/// A link to a person in a formatted body: the id, and the words that stand for it.
struct HTMLMention: Equatable {
  var user: String
  var shown: String
}

/// Finds the links to persons in the HTML of a formatted body, in one pass over its bytes. Nothing
/// else of the HTML is ever read.
struct HTMLMentions {
  private let bytes: [UInt8]
  private var position = 0

  private init(_ html: String) { bytes = Array(html.utf8) }

  static func list(in html: String) -> [HTMLMention] {
    var scanner = HTMLMentions(html)
    var mentions: [HTMLMention] = []
    scanner.skipReply()
    while mentions.count < Matrix.Body.mentionsMax, scanner.skip(past: "<a ") {
      guard let tag = scanner.take(until: ">"), let inner = scanner.take(until: "</a>") else {
        break
      }
      guard inner.count <= 1024, let user = user(inTag: tag) else { continue }
      mentions.append(HTMLMention(user: user, shown: unescape(withoutTags(inner))))
    }
    return mentions
  }

  private func find(_ word: StaticString) -> Int? {
    word.withUTF8Buffer { word in
      var start = position
      while start + word.count <= bytes.count {
        if bytes[start] == word[0], bytes[start..<(start + word.count)].elementsEqual(word) {
          return start
        }
        start += 1
      }
      return nil
    }
  }

  private mutating func skip(past word: StaticString) -> Bool { take(until: word) != nil }

  /// What stands before `word`; goes on behind it.
  private mutating func take(until word: StaticString) -> ArraySlice<UInt8>? {
    guard let found = find(word) else { return nil }
    let taken = bytes[position..<found]
    position = found + word.utf8CodeUnitCount
    return taken
  }

  /// What a rich reply quotes is not said by its sender.
  private mutating func skipReply() {
    guard find("<mx-reply>") == 0 else { return }
    _ = skip(past: "</mx-reply>")
  }

  private static func user(inTag tag: ArraySlice<UInt8>) -> String? {
    guard tag.count <= 2048 else { return nil }
    let tag = String(decoding: tag, as: UTF8.self)
    guard let start = tag.range(of: "href=") else { return nil }
    let quoted = tag[start.upperBound...]
    guard let quote = quoted.first, quote == "\"" || quote == "'" else { return nil }
    let link = unescape(String(quoted.dropFirst().prefix { $0 != quote }))
    var user: String
    if link.hasPrefix("https://matrix.to/#/") {
      user = String(link.dropFirst("https://matrix.to/#/".count))
    } else if link.hasPrefix("matrix:u/") {
      user = "@" + link.dropFirst("matrix:u/".count)
    } else {
      return nil
    }
    user = String(user.prefix { $0 != "?" && $0 != "/" }).removingPercentEncoding ?? ""
    return user.hasPrefix("@") && user.contains(":") && user.utf8.count <= 255 ? user : nil
  }

  private static func withoutTags(_ html: ArraySlice<UInt8>) -> String {
    var text: [UInt8] = []
    var isInTag = false
    for byte in html {
      switch byte {
      case UInt8(ascii: "<"): isInTag = true
      case UInt8(ascii: ">") where isInTag: isInTag = false
      default: if !isInTag { text.append(byte) }
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func unescape(_ text: String) -> String {
    guard text.contains("&") else { return text }
    var plain = text
    // The ampersand comes last, or `&amp;lt;` would become a bracket.
    for (entity, character) in [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"),
      ("&nbsp;", "\u{A0}"), ("&amp;", "&"),
    ] { plain = plain.replacingOccurrences(of: entity, with: character) }
    return plain
  }
}
