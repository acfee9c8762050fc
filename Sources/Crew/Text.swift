/// What is done to every text from a chat before anybody looks at it.
enum Text {
  /// A message longer than this is refused with a line (bytes of UTF-8).
  static let messageBytesMax = 4096

  /// Without what could break a line, a log or a reading direction: control characters other than
  /// a line feed, and the bidirectional controls.
  static func clean(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 0x0A }) { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0A: result.append(scalar)
      case 0x09: result.append(" ")
      case 0..<0x20, 0x7F..<0xA0: continue
      case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF: continue
      case 0x2028, 0x2029: result.append("\n")
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Between isolates (U+2068, U+2069) where it holds letters that are written from right to left:
  /// else they would turn round what stands beside them, a number or somebody else's name.
  static func isolated(_ text: String) -> String {
    // Plain letters, of one byte each, are none of them.
    guard text.utf8.contains(where: { $0 >= 0x80 }),
      text.unicodeScalars.contains(where: isRightToLeft)
    else { return text }
    return "\u{2068}" + text + "\u{2069}"
  }

  /// Hebrew to Arabic Extended, their presentation forms, and the scripts of the second plane that
  /// run that way (Unicode Bidirectional Algorithm, classes R and AL by block).
  private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFE, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
    default: false
    }
  }

  /// As keywords, ids and numbers are compared: lower case, full-width forms as ordinary ones.
  static func folded(_ text: some StringProtocol) -> String {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x3000: result.append(" ")
      case 0x3002: result.append(".")
      case 0xFF01...0xFF5E:
        result.append(Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar)
      default: result.append(scalar)
      }
    }
    return String(result).lowercased()
  }

  /// At most `limit` characters, with an ellipsis where something is missing.
  static func shortened(_ text: String, to limit: Int) -> String {
    text.utf8.count <= limit || text.count <= limit ? text : text.prefix(limit - 1) + "…"
  }

  static func isCJK(_ scalar: Unicode.Scalar) -> Bool {
    (0x2E80...0x9FFF).contains(scalar.value) || (0xF900...0xFAFF).contains(scalar.value)
      || (0x20000...0x3FFFF).contains(scalar.value)
  }
}
