import Crew
import Foundation

extension Zulip {
  /// What a message says, read from its Markdown as it was written.
  struct Text: Equatable {
    var pieces: [Piece] = []
    var mentionsBot = false
    /// The message that is quoted at the beginning.
    var replyTo: String?
    /// Somebody is mentioned by a name alone, and whose it is we have not been told.
    var namesSomebody = false

    private let account: String
    private let me: Int64
    private let name: String
    private let names: [String: Int64]
    private var isSpokenTo = false

    /// - Parameter names: whom the names in this very message belong to, as the server says.
    init(_ content: String, account: String, me: Int64, name: String, names: [String: Int64]) {
      self.account = account
      self.me = me
      self.name = name
      self.names = names
      var rest = Printable.withoutNUL(content)[...]
      while let quote = Quote(rest) {
        replyTo = replyTo ?? quote.message
        rest = quote.rest
      }
      read(rest)
      trim()
    }

    /// One pass: everything is copied but `@**…**` and `<time:…>`.
    private mutating func read(_ content: Substring) {
      var words = ""
      var rest = content
      var before: Character = " "
      while let first = rest.first {
        if first == "@", Self.opens(after: before), let mention = Mention(rest) {
          add(words)
          words = ""
          words += add(mention)
          rest = mention.rest
          before = "*"
        } else if first == "<", let (time, after) = Self.time(rest) {
          words += time
          rest = after
          before = ">"
        } else {
          words.append(first)
          before = first
          rest = rest.dropFirst()
        }
      }
      add(words)
    }

    private mutating func add(_ words: String) {
      guard !words.isEmpty else { return }
      if case .text(let before)? = pieces.last {
        pieces[pieces.count - 1] = .text(before + words)
      } else {
        pieces.append(.text(words))
      }
    }

    /// - Returns: what stays words: a mention of everybody, or of somebody whom nobody knows.
    private mutating func add(_ mention: Mention) -> String {
      let isUs = mention.id == me || (mention.id == nil && mention.name == name && !name.isEmpty)
      if isUs, !mention.isSilent {
        if !mentionsBot {
          isSpokenTo = pieces.allSatisfy { piece in
            if case .text(let text) = piece { text.allSatisfy(\.isWhitespace) } else { false }
          }
        }
        mentionsBot = true
        return ""
      }
      let shown = "@" + (mention.name.isEmpty ? String(mention.id ?? 0) : mention.name)
      if let id = mention.id ?? names[mention.name] {
        pieces.append(.mention(Identity(account: account, user: String(id)), shown: shown))
        return ""
      }
      if !Self.everybody.contains(mention.name), names.isEmpty { namesSomebody = true }
      return shown
    }

    static let everybody: Set<String> = ["all", "everyone", "stream", "channel", "topic"]

    /// "@**bot**, do this" says "do this".
    private mutating func trim() {
      guard case .text(let text)? = pieces.first else { return }
      let rest = text.drop { $0.isWhitespace || (isSpokenTo && ",:，：".contains($0)) }
      if rest.isEmpty { pieces.removeFirst() } else { pieces[0] = .text(String(rest)) }
    }

    /// BEFORE_MENTION_ALLOWED_REGEX: a mention stands at the beginning, or behind one of these.
    static func opens(after character: Character) -> Bool {
      character.isWhitespace || "'\"({[/<".contains(character)
    }

    /// `<time:2026-11-27T17:00:00+01:00>`, which clients show in each reader's zone, as its writer
    /// put it: the date and the time.
    private static func time(_ text: Substring) -> (String, Substring)? {
      let prefix = "<time:"
      guard text.hasPrefix(prefix) else { return nil }
      let tail = text.dropFirst(prefix.count)
      guard let end = tail.prefix(40).firstIndex(of: ">") else { return nil }
      let stamp = tail[..<end]
      let parts = stamp.split(separator: "T", maxSplits: 1)
      guard parts.count == 2, parts[0].count == 10, parts[1].count >= 5,
        parts[1].prefix(5).allSatisfy({ $0.isNumber || $0 == ":" })
      else { return nil }
      return ("\(parts[0]) \(parts[1].prefix(5))", tail[tail.index(after: end)...])
    }
  }

  /// `@**Ana**`, `@**Ana|12**`, `@**|12**`, and each with `@_**` for a mention that tells nobody.
  private struct Mention {
    var name: String
    var id: Int64?
    var isSilent: Bool
    var rest: Substring

    init?(_ text: Substring) {
      isSilent = text.hasPrefix("@_**")
      guard isSilent || text.hasPrefix("@**") else { return nil }
      let tail = text.dropFirst(isSilent ? 4 : 3)
      // Full names have at most 100 characters.
      guard let star = tail.prefix(140).firstIndex(of: "*"), star > tail.startIndex,
        tail[star...].hasPrefix("**")
      else { return nil }
      let inner = tail[..<star]
      guard inner.first?.isWhitespace == false, inner.last?.isWhitespace == false else {
        return nil
      }
      name = String(inner)
      if let bar = inner.lastIndex(of: "|"), let number = Int64(inner[inner.index(after: bar)...]) {
        name = String(inner[..<bar])
        id = number
      }
      rest = tail[star...].dropFirst(2)
    }
  }

  /// What "Quote and reply" writes: who said it, with a link, and their words in a fence. They are
  /// not the words of whoever replies.
  private struct Quote {
    var message: String?
    var rest: Substring

    init?(_ text: Substring) {
      guard text.hasPrefix("@_**"), let end = text.firstIndex(of: "\n") else { return nil }
      let head = text[..<end]
      let fence = text[end...].dropFirst().prefix { $0 == "`" }
      guard head.contains("]("), head.hasSuffix(":"), fence.count >= 3,
        text[fence.endIndex...].hasPrefix("quote\n"),
        let close = text[fence.endIndex...].range(of: "\n\(fence)")
      else { return nil }
      let tail = text[close.upperBound...]
      guard tail.isEmpty || tail.first == "\n" else { return nil }
      rest = tail.drop(while: \.isWhitespace)
      if let near = head.range(of: "/near/") {
        message = String(head[near.upperBound...].prefix(while: \.isNumber))
      }
    }
  }

  /// Whom the server's own HTML mentions, by the names in it.
  static func mentions(inHTML html: String) -> [String: Int64] {
    var names: [String: Int64] = [:]
    for part in html.components(separatedBy: "data-user-id=\"").dropFirst() {
      guard let id = Int64(part.prefix(while: \.isNumber)),
        let open = part.firstIndex(of: ">"),
        let close = part[open...].firstIndex(of: "<")
      else { continue }
      let shown = part[part.index(after: open)..<close]
      names[unescaped(shown.hasPrefix("@") ? shown.dropFirst() : shown)] = id
    }
    // Not empty, so that it is not asked for again.
    return names.isEmpty ? ["": 0] : names
  }

  private static func unescaped(_ text: Substring) -> String {
    var plain = String(text)
    // The ampersand comes last, or `&amp;lt;` would become a bracket.
    for (entity, character) in [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"),
    ] { plain = plain.replacingOccurrences(of: entity, with: character) }
    return plain
  }
}
