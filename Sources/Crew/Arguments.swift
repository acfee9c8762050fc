/// A word of a message, or a person mentioned in it.
public struct Token: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case word
    case mention(Identity)
  }

  public var kind: Kind
  /// As written; a mention reads as `@name`.
  public var text: String
  /// The white space that stood before it.
  public var gap: String

  /// As keywords are compared: lower case, full-width forms as ordinary ones.
  public var folded: String { kind == .word ? Text.folded(text) : "" }
}

/// What stands behind a command, taken word by word.
public struct Arguments: Sendable, Equatable {
  public private(set) var tokens: [Token]

  public init(_ tokens: [Token]) { self.tokens = tokens }

  /// Splits pieces at white space (the full-width space too).
  public init(pieces: [Piece]) {
    tokens = []
    var gap = ""
    for piece in pieces {
      switch piece {
      case .mention(let identity, let shown):
        let name = Text.clean(shown)
        tokens.append(
          Token(
            kind: .mention(identity), text: name.hasPrefix("@") ? name : "@" + name, gap: gap))
        gap = ""
      case .text(let text): split(Text.clean(text), &gap)
      }
    }
  }

  private mutating func split(_ text: String, _ gap: inout String) {
    // Plain letters are a byte each; anything else is first taken apart into characters.
    let isPlain = text.utf8.allSatisfy { $0 < 0x80 }
    func first(from start: String.Index, isSpace: Bool) -> String.Index {
      let found =
        isPlain
        ? text.utf8[start...].firstIndex { Character.isSpace($0) == isSpace }
        : text[start...].firstIndex { $0.isSpace == isSpace }
      return found ?? text.endIndex
    }
    var start = text.startIndex
    while start < text.endIndex {
      let word = first(from: start, isSpace: false)
      gap += text[start..<word]
      guard word < text.endIndex else { return }
      start = first(from: word, isSpace: true)
      tokens.append(Token(kind: .word, text: String(text[word..<start]), gap: gap))
      gap = ""
    }
  }

  public var isEmpty: Bool { tokens.isEmpty }
  public var count: Int { tokens.count }
  public var first: Token? { tokens.first }
  /// The first word as keywords are compared, or nothing.
  public var firstWord: String { tokens.first?.folded ?? "" }
  public var foldedWords: [String] { tokens.map(\.folded) }

  /// All that is left, as it was written.
  public var text: String {
    var result = ""
    for (number, token) in tokens.enumerated() {
      result += number == 0 ? token.text : token.gap + token.text
    }
    return result
  }

  /// What is left, line by line, without empty lines.
  public var lines: [String] {
    text.split(separator: "\n").map { String($0.trimmed) }.filter { !$0.isEmpty }
  }

  @discardableResult
  public mutating func take() -> Token? { tokens.isEmpty ? nil : tokens.removeFirst() }

  public mutating func drop(_ count: Int) { tokens.removeFirst(min(count, tokens.count)) }

  /// Takes the first word if it is one of these.
  public mutating func take(anyOf words: String...) -> Bool {
    guard let first = tokens.first, words.contains(first.folded) else { return false }
    tokens.removeFirst()
    return true
  }

  /// Takes `#41`, `41` or, with a letter, `g3`.
  public mutating func takeNumber(letter: Character? = nil) -> Int? {
    guard let number = tokens.first.flatMap({ Self.number($0.folded, letter: letter) }) else {
      return nil
    }
    tokens.removeFirst()
    return number
  }

  static func number(_ word: String, letter: Character?) -> Int? {
    var digits = word[...]
    if let letter {
      guard digits.first == letter else { return nil }
      digits = digits.dropFirst()
    } else if digits.first == "#" {
      digits = digits.dropFirst()
    }
    guard (1...9).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return Int(digits)
  }

  /// Everything before the first token that satisfies `isEnd`, and the rest from there on.
  public func split(before isEnd: (Token) -> Bool) -> (head: Arguments, tail: Arguments) {
    let end = tokens.firstIndex(where: isEnd) ?? tokens.endIndex
    return (Arguments(Array(tokens[..<end])), Arguments(Array(tokens[end...])))
  }
}

extension StringProtocol {
  /// Without white space at either end.
  var trimmed: SubSequence {
    guard let start = firstIndex(where: { !$0.isSpace }),
      let end = lastIndex(where: { !$0.isSpace })
    else { return self[endIndex..<endIndex] }
    return self[start...end]
  }
}

extension Character {
  /// As `isWhitespace`, which looks into Unicode's tables for a plain letter too.
  var isSpace: Bool { asciiValue.map(Self.isSpace) ?? isWhitespace }

  static func isSpace(_ ascii: UInt8) -> Bool {
    ascii == 0x20 || (0x09...0x0D).contains(ascii)
  }
}
