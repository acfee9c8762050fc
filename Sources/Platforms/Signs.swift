import Foundation

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
