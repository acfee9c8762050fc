/// What each command stores, written without Foundation's encoder: that took longer than to decide
/// about the command. Byte for byte the same, as a test shows, because equal values must be equal
/// bytes whichever of the two wrote them, in a file of any age.
protocol Written {
  func write(to json: inout JSONWriter)
  /// True for nil, which no member is written for.
  var isNothing: Bool { get }
}

extension Written {
  var isNothing: Bool { false }
}

extension Optional: Written where Wrapped: Written {
  var isNothing: Bool { if case .none = self { true } else { false } }
  func write(to json: inout JSONWriter) { self?.write(to: &json) }
}

/// An enum, written as `Codable` has it: a case's name, and what the case carries.
protocol WrittenCase: Written {
  var caseName: StaticString { get }
  func writeCarried(to json: inout JSONWriter)
}

extension WrittenCase {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.key(caseName)
      json.object { writeCarried(to: &$0) }
    }
  }
}

/// JSON with the members of objects in the order in which they are told: sorted, as the encoder
/// sorts them.
struct JSONWriter {
  private var bytes: [UInt8] = []

  static func text(_ value: some Written) -> String {
    var json = JSONWriter()
    json.bytes.reserveCapacity(512)
    value.write(to: &json)
    return String(decoding: json.bytes, as: UTF8.self)
  }

  @inline(__always)
  mutating func object(_ members: (inout JSONWriter) -> Void) {
    bytes.append(UInt8(ascii: "{"))
    members(&self)
    bytes.append(UInt8(ascii: "}"))
  }

  /// Nothing is written for nil.
  mutating func member(_ name: StaticString, _ value: some Written) {
    if value.isNothing { return }
    key(name)
    value.write(to: &self)
  }

  fileprivate mutating func key(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func separate() {
    guard let last = bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") else {
      return
    }
    bytes.append(UInt8(ascii: ","))
  }

  mutating func list(_ values: [some Written]) {
    bytes.append(UInt8(ascii: "["))
    for value in values {
      separate()
      value.write(to: &self)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  mutating func plain(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func quoted(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { letters in
      // What needs no change goes in one piece.
      var done = 0
      for (place, byte) in letters.enumerated() where Self.isEscaped(byte) {
        bytes.append(contentsOf: letters[done..<place])
        escape(byte)
        done = place + 1
      }
      bytes.append(contentsOf: letters[done...])
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func escape(_ byte: UInt8) {
    switch byte {
    case 0x08: escaped(UInt8(ascii: "b"))
    case 0x09: escaped(UInt8(ascii: "t"))
    case 0x0A: escaped(UInt8(ascii: "n"))
    case 0x0C: escaped(UInt8(ascii: "f"))
    case 0x0D: escaped(UInt8(ascii: "r"))
    case ..<0x20:
      let digits = String(byte, radix: 16)
      plain((digits.utf8.count == 1 ? "\\u000" : "\\u00") + digits)
    default: escaped(byte)
    }
  }

  private mutating func escaped(_ byte: UInt8) {
    bytes.append(UInt8(ascii: "\\"))
    bytes.append(byte)
  }
}

extension String: Written {
  func write(to json: inout JSONWriter) { json.quoted(self) }
}

extension Bool: Written {
  func write(to json: inout JSONWriter) { json.plain(self ? "true" : "false") }
}

extension Int: Written {
  func write(to json: inout JSONWriter) { json.plain(String(self)) }
}

extension Written where Self: RawRepresentable, RawValue: Written {
  func write(to json: inout JSONWriter) { rawValue.write(to: &json) }
}

extension Array: Written where Element: Written {
  func write(to json: inout JSONWriter) { json.list(self) }
}
