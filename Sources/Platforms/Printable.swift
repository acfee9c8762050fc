import Foundation

/// Text without what has no place in one.
enum Printable {
  /// Without control characters other than the line feed (NUL, carriage return, escape …).
  static func text(_ words: String) -> String {
    // Hardly any text has one: those above ASCII begin with C2.
    guard words.holds(dropped) || words.holds(0xC2) else { return words }
    // Bytes, because thousands of scalars are slow. In UTF-8 a sign of ASCII stands for nothing
    // else, and neither does C2 with what follows it.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.utf8.count)
    for byte in Array(words.utf8) {
      if bytes.last == 0xC2, (0x80...0x9F).contains(byte) {
        bytes.removeLast()
      } else if !dropped.contains(byte) {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let dropped = Signs.control.removing(UInt8(ascii: "\n"))

  /// With a line feed for each end of a line, be it of Windows or of old.
  static func lineFeeds(_ words: String) -> String {
    guard words.holds(UInt8(ascii: "\r")) else { return words }
    // Bytes, not characters: what is left of `\r\r\n` would be one of them again.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.utf8.count)
    var isAfterReturn = false
    for byte in Array(words.utf8) {
      let isReturn = byte == UInt8(ascii: "\r")
      if isReturn || byte != UInt8(ascii: "\n") || !isAfterReturn {
        bytes.append(isReturn ? UInt8(ascii: "\n") : byte)
      }
      isAfterReturn = isReturn
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The lines of what has no other ends of lines.
  static func lines(_ words: String) -> [String] {
    var lines: [String] = []
    var words = words
    // Bytes as they lie in memory, because a string's own places are slow and so are slices.
    words.withUTF8 { bytes in
      var rest = bytes
      while let start = rest.baseAddress,
        let end = memchr(start, CInt(UInt8(ascii: "\n")), rest.count)
      {
        let count = UnsafeRawPointer(end) - UnsafeRawPointer(start)
        lines.append(
          String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        rest = UnsafeBufferPointer(start: start + count + 1, count: rest.count - count - 1)
      }
      lines.append(String(decoding: rest, as: UTF8.self))
    }
    return lines
  }

  /// Without NUL, which PostgreSQL's text does not take.
  static func withoutNUL(_ words: some StringProtocol) -> String {
    // Hardly any text has one.
    guard words.holds(0) else { return String(words) }
    return String(String.UnicodeScalarView(words.unicodeScalars.filter { $0 != "\0" }))
  }

  /// In one line.
  static func line(_ words: String) -> String {
    let words = text(words)
    guard words.holds(UInt8(ascii: "\n")) || words.holds(0xE2) else { return words }
    // Of the ends of lines these are left; they are characters of their own wherever they stand.
    return words.unicodeScalars.split { "\n\u{2028}\u{2029}".unicodeScalars.contains($0) }
      .map { String($0) }.joined(separator: " ")
  }

  /// What begins a mention or a link on more than one platform. Made once, because a text may have
  /// thousands of lines, and each is escaped for itself.
  static let atOrAngle: Signs = "<@"

  /// With a zero-width space behind every such character, so that it is shown and means nothing:
  /// for markup that has no way to escape.
  static func inert(_ words: String, behind signs: Signs) -> String {
    let words = withoutZeroWidthSpace(words)
    guard words.holds(signs) else { return words }
    // The bytes of a sign of ASCII stand for nothing else in UTF-8.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.utf8.count * 2)
    for byte in Array(words.utf8) {
      bytes.append(byte)
      if signs.contains(byte) { bytes += zeroWidthSpace }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let zeroWidthSpace = Array("\u{200B}".utf8)

  /// As most lines are; what is put behind a sign counts as such.
  static func isSeenAtBothEnds(_ line: String) -> Bool {
    guard let first = line.utf8.first, let last = line.utf8.last, first.isSeen else { return false }
    return last.isSeen
      || last == zeroWidthSpace[2] && line.utf8.suffix(3).elementsEqual(zeroWidthSpace)
  }

  private static func withoutZeroWidthSpace(_ words: String) -> String {
    // Hardly any text has one.
    guard words.holds(zeroWidthSpace[0]) else { return words }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.utf8.count)
    for byte in Array(words.utf8) {
      bytes.append(byte)
      if byte == zeroWidthSpace[2], bytes.suffix(3).elementsEqual(zeroWidthSpace) {
        bytes.removeLast(3)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Bold in Markdown that knows no other way to say where bold begins and ends. The marks stand
  /// in one line, and between them and the words a space of no width: beside white space or a sign
  /// they would mark nothing, beside a star something else.
  /// - Parameters:
  ///   - words: escaped already.
  ///   - text: what they are put behind.
  static func starred(_ words: String, behind text: String) -> String {
    var marked = ""
    for (number, line) in lines(words).enumerated() {
      if number > 0 { marked += "\n" }
      guard !isBlank(line) else {
        marked += line
        continue
      }
      if number == 0, text.utf8.last == UInt8(ascii: "*") { marked += "\u{200B}" }
      marked += "**\u{200B}"
      marked += line
      marked += "\u{200B}**"
    }
    return marked
  }

  private static func isBlank(_ line: String) -> Bool {
    // Hardly any line has none of these.
    if line.utf8.contains(where: \.isSeen) { return false }
    return line.unicodeScalars.allSatisfy { $0.properties.isWhitespace || $0 == "\u{200B}" }
  }

  /// With something else for each of these signs. Bytes, not characters: a sign with a combining
  /// accent behind it is another character, and still the sign to whoever parses it.
  static func replacing(
    _ words: String, _ signs: Signs, with other: (Unicode.Scalar) -> String
  ) -> String {
    // Most words hold none.
    guard words.holds(signs) else { return words }
    // Made once for each sign, of which a text may hold thousands.
    var others: [(sign: UInt8, written: [UInt8])] = []
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.utf8.count * 2)
    for byte in Array(words.utf8) {
      guard signs.contains(byte) else {
        bytes.append(byte)
        continue
      }
      if let known = others.first(where: { $0.sign == byte }) {
        bytes += known.written
      } else {
        let written = Array(other(Unicode.Scalar(byte)).utf8)
        others.append((byte, written))
        bytes += written
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The first line of a text, at most so many characters: the subject of a mail, the title of a
  /// card.
  static func title(_ text: String, charactersMax: Int) -> String {
    // One more than fits tells that it does not; a look at every character of a long text is slow.
    let first = text.drop(while: \.isNewline).prefix(charactersMax + 1).prefix { !$0.isNewline }
    guard !first.isEmpty else { return "Crewbell" }
    return first.count <= charactersMax ? String(first) : first.prefix(charactersMax - 1) + "…"
  }
}

extension UInt8 {
  /// A sign of ASCII that is no space and no control character.
  fileprivate var isSeen: Bool { (0x21...0x7E).contains(self) }
}
