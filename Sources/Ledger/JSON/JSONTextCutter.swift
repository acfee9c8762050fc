/// Goes through JSON once, each byte a fixed number of times, and says where its values stand.
struct JSONTextCutter {
  let bytes: [UInt8]
  private var tokens: [JSONText.Token] = []
  private var position = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
    tokens.reserveCapacity(bytes.count / 8 + 1)
  }

  mutating func document() throws(JSONTextFault) -> [JSONText.Token] {
    try cut(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw damaged }
    return tokens
  }

  private var damaged: JSONTextFault { .damaged(at: position) }
  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func cut(depth: Int) throws(JSONTextFault) {
    guard depth < JSONTextOutput.depthMax else { throw .tooDeep }
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): try container(.object, until: UInt8(ascii: "}"), depth: depth)
    case UInt8(ascii: "["): try container(.list, until: UInt8(ascii: "]"), depth: depth)
    case UInt8(ascii: "\""): try cutText()
    case UInt8(ascii: "t"): try cutWord("true", .yes)
    case UInt8(ascii: "f"): try cutWord("false", .no)
    case UInt8(ascii: "n"): try cutWord("null", .null)
    default: try cutNumber()
    }
  }

  private mutating func container(_ kind: JSONText.Kind, until last: UInt8, depth: Int)
    throws(JSONTextFault)
  {
    let place = tokens.count
    tokens.append(JSONText.Token(kind: kind, range: position..<position))
    position += 1
    skipSpace()
    if current == last {
      position += 1
    } else {
      repeat {
        if kind == .object {
          skipSpace()
          try cutText()
          guard take(UInt8(ascii: ":")) else { throw damaged }
        }
        try cut(depth: depth + 1)
      } while take(UInt8(ascii: ","))
      guard take(last) else { throw damaged }
    }
    tokens[place].end = tokens.count
  }

  private mutating func add(_ kind: JSONText.Kind, _ range: Range<Int>) {
    tokens.append(JSONText.Token(kind: kind, range: range, end: tokens.count + 1))
  }

  private mutating func cutText() throws(JSONTextFault) {
    guard current == UInt8(ascii: "\"") else { throw damaged }
    position += 1
    let start = position
    var kind = JSONText.Kind.plain
    while let byte = current, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw damaged }
      position += 1
      if byte == UInt8(ascii: "\\") {
        kind = .escaped
        try cutEscape()
      }
    }
    guard position < bytes.count else { throw damaged }
    add(kind, start..<position)
    position += 1
  }

  private mutating func cutEscape() throws(JSONTextFault) {
    if skip(UInt8(ascii: "u")) {
      guard JSONText.unit(bytes[position...].prefix(4)) != nil else { throw damaged }
      position += 4
    } else {
      guard JSONText.escapes.contains(where: { $0.letter == current }) else { throw damaged }
      position += 1
    }
  }

  private mutating func cutWord(_ word: String, _ kind: JSONText.Kind) throws(JSONTextFault) {
    guard bytes[position...].starts(with: word.utf8) else { throw damaged }
    add(kind, position..<position + word.utf8.count)
    position += word.utf8.count
  }

  private mutating func cutNumber() throws(JSONTextFault) {
    let start = position
    _ = skip(UInt8(ascii: "-"))
    if !skip(UInt8(ascii: "0")) { try skipDigits() }
    if skip(UInt8(ascii: ".")) { try skipDigits() }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      _ = skip(UInt8(ascii: "+")) || skip(UInt8(ascii: "-"))
      try skipDigits()
    }
    add(.number, start..<position)
  }

  private mutating func skipDigits() throws(JSONTextFault) {
    let start = position
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      position += 1
    }
    guard position > start else { throw damaged }
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    return skip(byte)
  }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }
}
