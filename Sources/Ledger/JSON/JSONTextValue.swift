/// What is one value in JSON, without containers.
protocol JSONTextValue: Codable {
  func write(to bytes: inout [UInt8]) throws(JSONTextFault)
  static func read(_ text: JSONText, _ at: Int) throws(JSONTextFault) -> Self
}

extension Bool: JSONTextValue {
  func write(to bytes: inout [UInt8]) { bytes += (self ? "true" : "false").utf8 }

  static func read(_ text: JSONText, _ at: Int) throws(JSONTextFault) -> Bool {
    switch text.tokens[at].kind {
    case .yes: true
    case .no: false
    default: throw .mismatch("Bool")
    }
  }
}

extension String: JSONTextValue {
  func write(to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    // Nearly every text is written as it is.
    let isPlain = utf8.withContiguousStorageIfAvailable { $0.allSatisfy(Self.isPlain) }
    if isPlain == true {
      bytes.append(contentsOf: utf8)
    } else {
      for byte in utf8 { Self.write(byte, to: &bytes) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private static func write(_ byte: UInt8, to bytes: inout [UInt8]) {
    if isPlain(byte) { return bytes.append(byte) }
    bytes.append(UInt8(ascii: "\\"))
    if let letter = JSONText.escapes.first(where: { $0.byte == byte })?.letter {
      return bytes.append(letter)
    }
    let digits = Array("0123456789abcdef".utf8)
    bytes += "u00".utf8
    bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }

  static func read(_ text: JSONText, _ at: Int) throws(JSONTextFault) -> String {
    guard let string = text.string(at) else { throw .mismatch("String") }
    return string
  }
}

extension JSONTextValue where Self: FixedWidthInteger {
  func write(to bytes: inout [UInt8]) { bytes += String(self).utf8 }

  static func read(_ text: JSONText, _ at: Int) throws(JSONTextFault) -> Self {
    guard let number = text.number(at).flatMap({ Self($0) }) else {
      throw .mismatch("\(Self.self)")
    }
    return number
  }
}

extension Int: JSONTextValue {}
extension Int8: JSONTextValue {}
extension Int16: JSONTextValue {}
extension Int32: JSONTextValue {}
extension Int64: JSONTextValue {}
extension UInt: JSONTextValue {}
extension UInt8: JSONTextValue {}
extension UInt16: JSONTextValue {}
extension UInt32: JSONTextValue {}
extension UInt64: JSONTextValue {}

extension JSONTextValue where Self: LosslessStringConvertible & BinaryFloatingPoint {
  func write(to bytes: inout [UInt8]) throws(JSONTextFault) {
    guard isFinite else { throw .notANumber }
    let digits = description
    bytes += digits.hasSuffix(".0") ? digits.dropLast(2).utf8 : digits[...].utf8
  }

  static func read(_ text: JSONText, _ at: Int) throws(JSONTextFault) -> Self {
    guard let number = text.number(at).flatMap({ Self($0) }), number.isFinite else {
      throw .mismatch("\(Self.self)")
    }
    return number
  }
}

extension Double: JSONTextValue {}
extension Float: JSONTextValue {}
