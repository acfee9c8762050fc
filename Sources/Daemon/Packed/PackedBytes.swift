/// What a snapshot lies on the disk as: a few bytes a value, and the names of a type's fields once
/// instead of at each value. Reading it takes a tenth of what the same state takes as JSON, and a
/// start with a million events behind it is mostly that.
///
/// A snapshot is never the only copy of anything, so this form owes nothing to the future: another
/// `version` or a wrong sum is refused, and the events have everything.
///
/// Laid out as: `magic`, the sum of all that follows (8 bytes), the shapes (how many, and of each
/// how many keys and the keys), one value. A value is a `Tag` and what that tag says; numbers are
/// varints, a length stands before whatever has one, so that any value can be passed over unread.
enum Packed {
  /// `CBS` and the version of the layout. JSON, the former form, begins with `[`.
  static let magic: [UInt8] = [0x43, 0x42, 0x53, 1]
  static let sumBytes = 8

  enum Tag: UInt8 {
    case null, no, yes, integer, double, text
    /// Length in bytes, how many, values.
    case list
    /// Length in bytes, number of the shape, values in the order of its keys.
    case keyed
  }

  enum Fault: Error, Equatable {
    /// It is no snapshot in this form, or was changed since it was written.
    case damaged
    /// It holds something other than what was asked for.
    case mismatch
    case missing(key: String)
    /// No snapshot can hold this number.
    case tooLarge
  }

  /// Finds what a disk does to bytes: any changed, moved or missing word gives another sum. It is
  /// no proof against somebody who means harm, who could as well write a whole snapshot.
  static func sum(_ bytes: some Collection<UInt8>) -> UInt64 {
    var sum = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
    var word: UInt64 = 0
    var filled = 0
    func take() {
      sum = (sum ^ word) &* 0xD6E8_FEB8_6659_FD93
      sum ^= sum >> 32
    }
    for byte in bytes {
      word |= UInt64(byte) << UInt64(filled)
      filled += 8
      if filled == 64 {
        take()
        (word, filled) = (0, 0)
      }
    }
    take()
    return sum
  }
}

extension [UInt8] {
  mutating func append(_ tag: Packed.Tag) { append(tag.rawValue) }

  /// Seven bits a byte, the lowest first.
  mutating func append(varint value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  mutating func append(length: Int) { append(varint: UInt64(length)) }

  mutating func append(text: String) {
    append(length: text.utf8.count)
    append(contentsOf: text.utf8)
  }
}

/// What is stored as one value, without containers.
protocol PackedValue: Codable {
  func pack(into bytes: inout [UInt8]) throws(Packed.Fault)
  /// - Parameter at: where it begins, and then where what is behind it does.
  static func unpack(_ reader: PackedReader, _ at: inout Int) throws(Packed.Fault) -> Self
}

extension PackedValue {
  static func unpack(_ reader: PackedReader, _ at: Int) throws(Packed.Fault) -> Self {
    var at = at
    return try unpack(reader, &at)
  }
}

extension Bool: PackedValue {
  func pack(into bytes: inout [UInt8]) { bytes.append(self ? Packed.Tag.yes : .no) }

  static func unpack(_ reader: PackedReader, _ at: inout Int) throws(Packed.Fault) -> Bool {
    let tag = try reader.tag(at)
    guard tag == .yes || tag == .no else { throw .mismatch }
    at += 1
    return tag == .yes
  }
}

extension String: PackedValue {
  func pack(into bytes: inout [UInt8]) {
    bytes.append(Packed.Tag.text)
    bytes.append(text: self)
  }

  static func unpack(_ reader: PackedReader, _ at: inout Int) throws(Packed.Fault) -> String {
    guard try reader.tag(at) == .text else { throw .mismatch }
    at += 1
    return try reader.text(&at)
  }
}

extension PackedValue where Self: FixedWidthInteger {
  func pack(into bytes: inout [UInt8]) throws(Packed.Fault) {
    guard let value = Int64(exactly: self) else { throw .tooLarge }
    bytes.append(Packed.Tag.integer)
    // Small negative numbers are short too.
    bytes.append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  static func unpack(_ reader: PackedReader, _ at: inout Int) throws(Packed.Fault) -> Self {
    guard try reader.tag(at) == .integer else { throw .mismatch }
    at += 1
    let bits = try reader.varint(&at)
    let value = Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)
    guard let number = Self(exactly: value) else { throw .mismatch }
    return number
  }
}

extension Int: PackedValue {}
extension Int8: PackedValue {}
extension Int16: PackedValue {}
extension Int32: PackedValue {}
extension Int64: PackedValue {}
extension UInt: PackedValue {}
extension UInt8: PackedValue {}
extension UInt16: PackedValue {}
extension UInt32: PackedValue {}
extension UInt64: PackedValue {}

extension Double: PackedValue {
  func pack(into bytes: inout [UInt8]) {
    bytes.append(Packed.Tag.double)
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: bitPattern >> (8 * shift))) }
  }

  static func unpack(_ reader: PackedReader, _ at: inout Int) throws(Packed.Fault) -> Double {
    guard try reader.tag(at) == .double else { throw .mismatch }
    defer { at += 9 }
    return Double(bitPattern: try reader.word(at + 1))
  }
}

extension Float: PackedValue {
  func pack(into bytes: inout [UInt8]) { Double(self).pack(into: &bytes) }

  static func unpack(_ reader: PackedReader, _ at: inout Int) throws(Packed.Fault) -> Float {
    Float(try Double.unpack(reader, &at))
  }
}
