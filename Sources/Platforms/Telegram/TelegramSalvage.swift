import Foundation

/// Cuts a body that does not parse into the elements of its `result`. A scanner of bytes, linear,
/// without recursion: nothing that arrives can make it slow or deep.
enum Salvage {
  /// Nil where there is no whole array called `result` at the top.
  static func elements(ofResultIn bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
    var scan = Scanner(bytes[...])
    guard scan.find(key: "result"), scan.take(UInt8(ascii: "[")) else { return nil }
    var elements: [ArraySlice<UInt8>] = []
    while let element = scan.value() {
      if !element.isEmpty { elements.append(element) }
      if scan.take(UInt8(ascii: ",")) { continue }
      return scan.take(UInt8(ascii: "]")) && scan.close() ? elements : nil
    }
    return nil
  }

  static func updateID(in element: ArraySlice<UInt8>) -> Int64? {
    var scan = Scanner(element)
    guard scan.find(key: "update_id"), let value = scan.value() else { return nil }
    return Int64(String(decoding: value, as: UTF8.self))
  }

  private struct Scanner {
    var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func skipSpace() {
      rest = rest.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    }

    mutating func take(_ byte: UInt8) -> Bool {
      skipSpace()
      guard rest.first == byte else { return false }
      rest = rest.dropFirst()
      return true
    }

    /// Stands after the colon of that key of the object that begins here.
    mutating func find(key: String) -> Bool {
      guard take(UInt8(ascii: "{")) else { return false }
      while let name = value() {
        guard take(UInt8(ascii: ":")) else { return false }
        if name.dropFirst().dropLast().elementsEqual(key.utf8) { return true }
        guard value() != nil, take(UInt8(ascii: ",")) else { return false }
      }
      return false
    }

    /// Whether the object that stands open ends as it should.
    mutating func close() -> Bool {
      while take(UInt8(ascii: ",")) {
        guard value() != nil, take(UInt8(ascii: ":")), value() != nil else { return false }
      }
      return take(UInt8(ascii: "}"))
    }

    /// What stands before the next comma, colon or closing bracket of this level; nil where the
    /// bytes end first.
    mutating func value() -> ArraySlice<UInt8>? {
      skipSpace()
      var depth = 0
      var isInString = false
      var isEscaped = false
      for index in rest.indices {
        let byte = rest[index]
        if isInString {
          if !isEscaped, byte == UInt8(ascii: "\"") { isInString = false }
          isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
          continue
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: ":"):
          let isClosing = byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
          if depth == 0 { return cut(to: index) }
          if isClosing { depth -= 1 }
        default: break
        }
      }
      return nil
    }

    private mutating func cut(to end: Int) -> ArraySlice<UInt8> {
      var value = rest[..<end]
      rest = rest[end...]
      while let last = value.last, last == 0x20 || last == 0x0A || last == 0x0D || last == 0x09 {
        value = value.dropLast()
      }
      return value
    }
  }
}
