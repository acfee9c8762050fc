import Crew
import Foundation

/// How one kind of markup writes the tree; what somebody wrote goes through `escape`, always.
struct MarkupStyle: Sendable {
  /// Of one line or many, since to put many together is slow.
  var escape: @Sendable (String) -> String
  /// Of what is written already, without a block in it.
  var strong: @Sendable (String) -> String = { $0 }
  var command: @Sendable (String) -> String
  var table: @Sendable (String) -> String
  var lineBreak = "\n"
  /// How somebody is pinged; nil for a place that nobody can answer in, where nobody is, and for
  /// whoever cannot be.
  var person: (@Sendable ([Identity]) -> String?)?

  func text(_ markup: Markup) -> String { markup.nodes.map(text).joined() }

  private func text(_ node: Markup.Node) -> String {
    switch node {
    case .text(let words), .moment(let words, _, _): lines(words)
    case .strong(let inner):
      inner.boldRuns.map { $0.table == nil ? strong(text($0)) : text($0) }.joined()
    case .command(let words): command(Printable.line(words))
    case .table(let words): table(Printable.text(words))
    case .person(let name, let identities, let pings):
      (pings ? person?(identities) : nil) ?? lines(name)
    case .lineBreak: lineBreak
    }
  }

  private func lines(_ words: String) -> String {
    let text = escape(Printable.text(words))
    return lineBreak == "\n" ? text : Printable.replacing(text, "\n") { _ in lineBreak }
  }

  /// Marks around the words of each line, since none reaches over its end and none counts beside
  /// white space.
  static func eachLine(_ mark: String) -> @Sendable (String) -> String {
    { text in
      var marked = ""
      for (number, line) in Printable.lines(text).enumerated() {
        if number > 0 { marked += "\n" }
        marked += marking(line, mark)
      }
      return marked
    }
  }

  private static func marking(_ line: String, _ mark: String) -> String {
    if Printable.isSeenAtBothEnds(line) { return mark + line + mark }
    let head = line.prefix { $0.isWhitespace }
    let tail = line.dropFirst(head.count)
    guard let end = tail.lastIndex(where: { !$0.isWhitespace }), !tail.allSatisfy(\.isBlank)
    else { return line }
    return head + mark + tail[...end] + mark + tail[tail.index(after: end)...]
  }

  /// Nothing but words.
  static let plain = MarkupStyle(escape: { $0 }, command: { $0 }, table: { $0 })
}

extension Markup {
  /// Whom of an account this pings: their ids, each once.
  func pinged(in account: String) -> [String] {
    var ids: [String] = []
    for node in nodes {
      switch node {
      case .person(_, let identities, true):
        let id = identities.sorted().first { $0.account == account }?.user
        if let id, !ids.contains(id) { ids.append(id) }
      case .strong(let inner): ids += inner.pinged(in: account).filter { !ids.contains($0) }
      default: break
      }
    }
    return ids
  }
}

extension Character {
  /// Nothing that marks could go around.
  fileprivate var isBlank: Bool {
    unicodeScalars.allSatisfy { $0.properties.isWhitespace || $0 == "\u{200B}" }
  }
}

/// A set of ASCII signs as 128 bits, because a list of them would be made anew for each line of a
/// text.
struct Signs: ExpressibleByStringLiteral {
  private var bits: UInt128 = 0

  init(stringLiteral signs: String) { self.init(signs.utf8) }

  init(_ signs: some Sequence<UInt8>) {
    for sign in signs {
      assert(sign < 128, "only ASCII: \(sign)")
      bits |= 1 << sign
    }
  }

  func removing(_ sign: UInt8) -> Signs {
    var signs = self
    signs.bits &= ~(1 << sign)
    return signs
  }

  /// What no text needs; a line feed and a tab are among them.
  static let control = Signs(Array(0..<0x20) + [0x7F])

  func contains(_ byte: UInt8) -> Bool { byte < 128 && bits &>> UInt128(byte) & 1 == 1 }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII && contains(UInt8(truncatingIfNeeded: scalar.value))
  }
}

extension UInt8 {
  /// A sign of ASCII that is no space and no control character.
  fileprivate var isSeen: Bool { (0x21...0x7E).contains(self) }
}

extension String {
  /// Counted by their bytes, because a string's own places are slow; eight at once, because a cut
  /// counts many times.
  var codePoints: Int {
    var text = self
    return text.withUTF8 { bytes in
      let bytes = UnsafeRawBufferPointer(bytes)
      let end = bytes.count & ~7
      var others = bytes[end...].count { !$0.beginsCodePoint }
      for place in stride(from: 0, to: end, by: 8) {
        let eight = bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
        others += (eight >> 7 & ~eight >> 6 & 0x0101_0101_0101_0101).nonzeroBitCount
      }
      return bytes.count - others
    }
  }
}

extension UInt8 {
  /// In UTF-8 all bytes of a code point but its first are of the form 10xxxxxx.
  var beginsCodePoint: Bool { self & 0xC0 != 0x80 }
}

extension StringProtocol {
  /// Most texts hold none of what they are looked through for, so a look is to be quick.
  func holds(_ byte: UInt8) -> Bool {
    utf8.withContiguousStorageIfAvailable { bytes in
      guard let start = bytes.baseAddress else { return false }
      return memchr(start, CInt(byte), bytes.count) != nil
    } ?? utf8.contains(byte)
  }

  func holds(_ signs: Signs) -> Bool {
    utf8.withContiguousStorageIfAvailable { bytes in
      bytes.contains { signs.contains($0) }
    } ?? utf8.contains { signs.contains($0) }
  }
}

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
    var isAfterStar = text.utf8.last == UInt8(ascii: "*")
    for (number, line) in lines(words).enumerated() {
      if number > 0 { marked += "\n" }
      let isBlank = isBlank(line)
      if !isBlank { marked += isAfterStar ? "\u{200B}**\u{200B}" : "**\u{200B}" }
      marked += line
      if !isBlank { marked += "\u{200B}**" }
      isAfterStar = !isBlank || isAfterStar && marked.isEmpty
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

extension Abilities {
  /// What is sent of a tree: at most `limit` of it, or `lengthMax`, counted as it is written.
  func fitting(_ markup: Markup, to limit: Int? = nil, _ write: (Markup) -> String) -> String {
    markup.written(to: limit ?? lengthMax, as: write, by: length(of:))
  }
}
