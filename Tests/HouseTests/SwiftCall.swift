/// A call in a source file, as far as its string literals go.
struct SwiftCall {
  struct Argument {
    var label = ""
    /// Literals of the argument itself, not of calls inside it; those joined by `+` as one.
    var literals: [String] = []
    /// What the argument begins with, where the rest is put together while running.
    var prefix: String?
  }

  let name: String
  let line: Int
  let arguments: [Argument]

  /// Every call that has a literal among its first arguments.
  static func all(in file: SwiftFile) -> [SwiftCall] {
    let text = Array(file.text.utf8)
    let code = Array(file.code.utf8)
    var calls: [SwiftCall] = []
    var line = 1
    for at in code.indices {
      if code[at] == UInt8(ascii: "\n") { line += 1 }
      guard code[at] == UInt8(ascii: "("), let name = name(before: at, code) else { continue }
      var reader = Reader(text: text, code: code, at: at + 1)
      let arguments = reader.read()
      if !arguments.allSatisfy({ $0.literals.isEmpty && $0.prefix == nil }) {
        calls.append(SwiftCall(name: name, line: line, arguments: arguments))
      }
    }
    return calls
  }

  private static func name(before at: Int, _ code: [UInt8]) -> String? {
    var start = at
    while start > 0, isLetter(code[start - 1]) { start -= 1 }
    return start == at ? nil : String(decoding: code[start..<at], as: UTF8.self)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
  }

  private struct Reader {
    let text: [UInt8]
    let code: [UInt8]
    var at: Int
    var depth = 0
    var isJoined = false
    var word: [UInt8] = []
    var argument = Argument()
    var arguments: [Argument] = []

    mutating func read() -> [Argument] {
      while at < code.count, depth >= 0 {
        step()
        at += 1
      }
      arguments.append(argument)
      return arguments
    }

    private mutating func step() {
      switch code[at] {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        // `"n" + (…)`: what stands there is only known while running.
        if depth == 0, isJoined { argument.prefix = argument.literals.popLast() }
        depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      case _ where depth > 0: skipLiteral()
      case UInt8(ascii: "+"): isJoined = true
      case UInt8(ascii: ","):
        arguments.append(argument)
        (argument, isJoined, word) = (Argument(), false, [])
      case UInt8(ascii: ":"):
        if argument.literals.isEmpty, argument.label.isEmpty {
          argument.label = String(decoding: word, as: UTF8.self)
        }
        word = []
      case UInt8(ascii: " ") where text[at] == UInt8(ascii: "\""): literal()
      case UInt8(ascii: "?"), UInt8(ascii: " "), UInt8(ascii: "\n"): break
      default: word.append(code[at])
      }
    }

    private mutating func skipLiteral() {
      if code[at] == UInt8(ascii: " "), text[at] == UInt8(ascii: "\"") { at = end() }
    }

    private mutating func literal() {
      let end = end()
      let raw = text[at + 1..<end]
      at = end
      let words = Self.unescaped(raw)
      if let open = words.firstRange(of: "\\(") {
        if argument.prefix == nil, argument.literals.isEmpty {
          argument.prefix = String(words[..<open.lowerBound])
        }
      } else if isJoined, let last = argument.literals.popLast() {
        argument.literals.append(last + words)
      } else {
        argument.literals.append(words)
      }
      isJoined = false
    }

    /// The closing quotation mark of the literal that opens here.
    private func end() -> Int {
      var end = at + 1
      while end < text.count - 1, text[end] != UInt8(ascii: "\"") {
        end += text[end] == UInt8(ascii: "\\") ? 2 : 1
      }
      return end
    }

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
      String(decoding: bytes, as: UTF8.self).replacing("\\\"", with: "\"")
        .replacing("\\n", with: "\n").replacing("\\\\", with: "\\")
    }
  }
}
