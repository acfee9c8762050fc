import Foundation

/// JSON as it comes from outside. Foundation's readers refuse a whole answer for one lone surrogate
/// or one deep value, so one bad event would hide all others; this one replaces what cannot be
/// text with U+FFFD, puts `null` for what is too deep, and only refuses what is not JSON at all.
public enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  case double(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// Deeper values are read as `null`; no platform goes beyond twenty.
  public static let depthMax = 64

  /// Nil for what is not one whole JSON document.
  public init?(_ data: Data) { self.init(bytes: [UInt8](data)) }

  public init?(text: String) { self.init(bytes: Array(text.utf8)) }

  private init?(bytes: [UInt8]) {
    var reader = JSONReader(bytes: bytes)
    guard let value = reader.document() else { return nil }
    self = value
  }

  /// An object without the members that have no value.
  static func fields(_ members: KeyValuePairs<String, JSON?>) -> JSON {
    .object(Dictionary(members.compactMap { name, value in value.map { (name, $0) } }) { $1 })
  }

  /// The member of an object; `null` where there is none or this is no object.
  public subscript(key: String) -> JSON {
    if case .object(let members) = self { members[key] ?? .null } else { .null }
  }

  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }
  public var object: [String: JSON]? { if case .object(let value) = self { value } else { nil } }

  /// A whole number, also where it was written `3.0`.
  public var integer: Int64? {
    switch self {
    case .integer(let value): value
    case .double(let value): Int64(exactly: value)
    default: nil
    }
  }

  public var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// Members in the order of their names, so that equal values give equal bytes.
  public var data: Data {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return Data(bytes)
  }

  public var text: String { String(decoding: data, as: UTF8.self) }

  private func write(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes += Array("null".utf8)
    case .bool(let value): bytes += Array((value ? "true" : "false").utf8)
    case .integer(let value): bytes += Array(String(value).utf8)
    case .double(let value): bytes += Array((value.isFinite ? String(value) : "null").utf8)
    case .string(let value): JSON.write(value, to: &bytes)
    case .array(let values):
      JSON.write(values, between: ("[", "]"), to: &bytes) { value, bytes in
        value.write(to: &bytes)
      }
    case .object(let members):
      let sorted = members.sorted { $0.key < $1.key }
      JSON.write(sorted, between: ("{", "}"), to: &bytes) { member, bytes in
        JSON.write(member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(to: &bytes)
      }
    }
  }

  private static func write<Item>(
    _ items: [Item], between brackets: (Unicode.Scalar, Unicode.Scalar), to bytes: inout [UInt8],
    each: (Item, inout [UInt8]) -> Void
  ) {
    bytes.append(UInt8(ascii: brackets.0))
    for (number, item) in items.enumerated() {
      if number > 0 { bytes.append(UInt8(ascii: ",")) }
      each(item, &bytes)
    }
    bytes.append(UInt8(ascii: brackets.1))
  }

  /// How many bytes one byte of a string is written as.
  /// - Parameter isQuoted: where all of that is itself a string in other JSON.
  static func bytes(of byte: UInt8, isQuoted: Bool = false) -> Int {
    guard escaped.contains(byte) else { return 1 }
    return switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): isQuoted ? 4 : 2
    case UInt8(ascii: "\n"), UInt8(ascii: "\t"): isQuoted ? 3 : 2
    default: isQuoted ? 7 : 6
    }
  }

  /// The same of a whole string, without the quotes round it.
  static func bytes(of text: String, isQuoted: Bool = false) -> Int {
    Array(text.utf8).reduce(0) { $0 + bytes(of: $1, isQuoted: isQuoted) }
  }

  private static let escaped = Signs(Array(0..<0x20) + Array("\"\\".utf8))

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    func escape(_ sign: UInt8) {
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(sign)
    }
    bytes.append(UInt8(ascii: "\""))
    for byte in Array(text.utf8) {
      guard escaped.contains(byte) else {
        bytes.append(byte)
        continue
      }
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): escape(byte)
      case UInt8(ascii: "\n"): escape(UInt8(ascii: "n"))
      case UInt8(ascii: "\t"): escape(UInt8(ascii: "t"))
      default:
        escape(UInt8(ascii: "u"))
        bytes += [0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static let digits = Array("0123456789abcdef".utf8)
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .string(value) }
  public init(integerLiteral value: Int64) { self = .integer(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(arrayLiteral values: JSON...) { self = .array(values) }
  public init(dictionaryLiteral members: (String, JSON)...) {
    self = .object(Dictionary(members) { _, last in last })
  }
}
