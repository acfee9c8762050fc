/// Just enough of Swift's grammar to tell code from comments and strings.
enum SwiftText {
  /// Comments and strings blanked out; what stands in `\(…)` is code.
  static func code(of text: String) -> String {
    var scanner = Scanner(text)
    return scanner.run()
  }

  private struct Scanner {
    let source: [UInt8]
    var made: [UInt8] = []
    var at = 0
    /// For each string that is being interpolated: its marks and how deep in parentheses we are.
    var open: [(hashes: Int, quotes: Int, depth: Int)] = []

    init(_ text: String) { source = Array(text.utf8) }

    func begins(_ word: String, at index: Int) -> Bool {
      let word = Array(word.utf8)
      return index + word.count <= source.count && source[index..<index + word.count] == word[...]
    }

    mutating func keep() {
      made.append(source[at])
      at += 1
    }

    mutating func blank(_ count: Int = 1) {
      for _ in 0..<count where at < source.count {
        made.append(source[at] == UInt8(ascii: "\n") ? source[at] : UInt8(ascii: " "))
        at += 1
      }
    }

    mutating func run() -> String {
      while at < source.count { step() }
      return String(decoding: made, as: UTF8.self)
    }

    private mutating func step() {
      if begins("//", at: at) {
        while at < source.count, source[at] != UInt8(ascii: "\n") { blank() }
      } else if begins("/*", at: at) {
        comment()
      } else if let mark = quoteMark() {
        blank(mark.hashes + mark.quotes)
        string(mark.hashes, mark.quotes)
      } else if let top = open.last, source[at] == UInt8(ascii: ")"), top.depth == 0 {
        open.removeLast()
        blank()
        string(top.hashes, top.quotes)
      } else {
        if !open.isEmpty {
          if source[at] == UInt8(ascii: "(") { open[open.count - 1].depth += 1 }
          if source[at] == UInt8(ascii: ")") { open[open.count - 1].depth -= 1 }
        }
        keep()
      }
    }

    private mutating func comment() {
      var depth = 0
      repeat {
        if begins("/*", at: at) {
          depth += 1
          blank(2)
        } else if begins("*/", at: at) {
          depth -= 1
          blank(2)
        } else {
          blank()
        }
      } while depth > 0 && at < source.count
    }

    /// A string's opening here: its `#`s, and one or three quotation marks.
    private func quoteMark() -> (hashes: Int, quotes: Int)? {
      var hashes = 0
      while begins("#", at: at + hashes) { hashes += 1 }
      guard begins("\"", at: at + hashes) else { return nil }
      return (hashes, begins("\"\"\"", at: at + hashes) ? 3 : 1)
    }

    /// From behind the opening, or behind an interpolation, to the end or the next interpolation.
    private mutating func string(_ hashes: Int, _ quotes: Int) {
      let escape = "\\" + String(repeating: "#", count: hashes)
      let close = String(repeating: "\"", count: quotes) + escape.dropFirst()
      while at < source.count {
        if begins(close, at: at) { return blank(close.utf8.count) }
        if begins(escape + "(", at: at) {
          open.append((hashes, quotes, 0))
          return blank(escape.utf8.count + 1)
        }
        blank(begins(escape, at: at) ? escape.utf8.count + 1 : 1)
      }
    }
  }

  /// A pair of braces in bare code.
  struct Block {
    var line: Int
    var lines: Int
    /// What stands before the opening brace since the last brace or empty line.
    var header: String

    /// True for what holds declarations and not statements.
    var isType: Bool {
      let words = header.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
      return words.contains {
        ["struct", "class", "enum", "extension", "protocol", "actor"].contains($0)
      }
    }
  }

  static func blocks(in code: String) -> [Block] {
    var found: [Block] = []
    var open: [(line: Int, header: [UInt8])] = []
    var header: [UInt8] = []
    var line = 1
    for byte in code.utf8 {
      switch byte {
      case UInt8(ascii: "{"):
        open.append((line, header))
        header = []
      case UInt8(ascii: "}"):
        header = []
        guard let start = open.popLast() else { continue }
        let words = String(decoding: start.header, as: UTF8.self)
        found.append(Block(line: start.line, lines: line - start.line + 1, header: words))
      case UInt8(ascii: "\n"):
        line += 1
        header = header.last == byte ? [] : header + [byte]
      default:
        if byte != UInt8(ascii: " ") || header.last != UInt8(ascii: "\n") { header.append(byte) }
      }
    }
    return found
  }
}
