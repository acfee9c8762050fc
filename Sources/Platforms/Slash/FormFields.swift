import Foundation

/// The fields of an `application/x-www-form-urlencoded` body, in its order (WHATWG URL, 5.1). What
/// is no UTF-8 becomes U+FFFD.
struct FormFields {
  private let fields: [(name: String, value: String)]

  init(_ body: Data) {
    fields = body.split(separator: UInt8(ascii: "&")).map { field in
      let sign = field.firstIndex(of: UInt8(ascii: "=")) ?? field.endIndex
      return (Self.plain(field[..<sign]), Self.plain(field[sign...].dropFirst()))
    }
  }

  /// The first of that name; empty where there is none.
  subscript(_ name: String) -> String { fields.first { $0.name == name }?.value ?? "" }

  func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

  private static func plain(_ text: Data) -> String {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let pair = Signature.bytes(ofHex: ascii(rest.prefix(2))),
        let decoded = pair.first
      {
        bytes.append(decoded)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func ascii(_ bytes: Data) -> String { String(decoding: bytes, as: UTF8.self) }
}
