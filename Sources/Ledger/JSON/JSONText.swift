/// JSON as it was read, cut into its values, each with where it stands.
final class JSONText {
  enum Kind: UInt8 { case null, no, yes, number, plain, escaped, list, object }

  struct Token {
    var kind: Kind
    /// Of a text what stands between the quotes.
    var range: Range<Int>
    /// The token behind the value. The members of an object lie between, each key before its
    /// value, and the items of a list.
    var end = 0
  }

  /// What is written as a backslash and a letter; the slash is only read so.
  static let escapes: [(letter: UInt8, byte: UInt8)] = [
    (UInt8(ascii: "\""), UInt8(ascii: "\"")), (UInt8(ascii: "\\"), UInt8(ascii: "\\")),
    (UInt8(ascii: "b"), 0x08), (UInt8(ascii: "f"), 0x0C), (UInt8(ascii: "n"), 0x0A),
    (UInt8(ascii: "r"), 0x0D), (UInt8(ascii: "t"), 0x09), (UInt8(ascii: "/"), UInt8(ascii: "/")),
  ]

  // Neither changes any more: looking at them needs no check that nobody else writes.
  let tokens: [Token]
  private let bytes: [UInt8]

  init(_ text: String) throws(JSONTextFault) {
    var cutter = JSONTextCutter(text)
    tokens = try cutter.document()
    bytes = cutter.bytes
  }

  /// The digits of a number; nil if it is none.
  func number(_ at: Int) -> String? {
    tokens[at].kind == .number ? String(decoding: bytes[tokens[at].range], as: UTF8.self) : nil
  }

  /// Nil if it is no text.
  func string(_ at: Int) -> String? {
    let token = tokens[at]
    switch token.kind {
    case .plain: return String(decoding: bytes[token.range], as: UTF8.self)
    case .escaped: return unescaped(token.range)
    default: return nil
    }
  }

  func isKey(_ key: String, _ at: Int) -> Bool {
    let token = tokens[at]
    guard token.kind == .plain else { return string(at) == key }
    return token.range.count == key.utf8.count && bytes[token.range].elementsEqual(key.utf8)
  }

  private func unescaped(_ range: Range<Int>) -> String {
    var text = ""
    // Half of a pair waits here for the other half.
    var units: [UInt16] = []
    var rest = bytes[range]
    while !rest.isEmpty {
      let plain = rest.prefix { $0 != UInt8(ascii: "\\") }
      if !plain.isEmpty {
        text += String(decoding: units, as: UTF16.self) + String(decoding: plain, as: UTF8.self)
        units = []
        rest = rest.dropFirst(plain.count)
      } else if let unit = Self.unit(rest.dropFirst(2).prefix(4)), rest.dropFirst().first == Self.u
      {
        units.append(unit)
        rest = rest.dropFirst(6)
      } else {
        let letter = rest.dropFirst().first
        units += Self.escapes.filter { $0.letter == letter }.map { UInt16($0.byte) }
        rest = rest.dropFirst(2)
      }
    }
    return text + String(decoding: units, as: UTF16.self)
  }

  private static let u = UInt8(ascii: "u")

  /// Four hexadecimal digits.
  static func unit(_ digits: ArraySlice<UInt8>) -> UInt16? {
    var unit: UInt16 = 0
    for digit in digits {
      guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
      unit = unit << 4 | UInt16(value)
    }
    return digits.count == 4 ? unit : nil
  }
}
