/// The bytes of a snapshot, whole by their sum. Nothing in them can make a read trap: each one is
/// held against the end.
final class PackedReader: Sendable {
  private let bytes: [UInt8]
  private let shapes: [[String]]
  /// Where the one value begins.
  let root: Int

  init(_ bytes: [UInt8]) throws(Packed.Fault) {
    let begin = Packed.magic.count + Packed.sumBytes
    guard bytes.count > begin, bytes.starts(with: Packed.magic),
      try Self.word(bytes, Packed.magic.count) == Packed.sum(bytes[begin...])
    else { throw .damaged }
    var at = begin
    var shapes: [[String]] = []
    for _ in 0..<(try Self.length(bytes, &at)) {
      var keys: [String] = []
      for _ in 0..<(try Self.length(bytes, &at)) { keys.append(try Self.text(bytes, &at)) }
      shapes.append(keys)
    }
    self.bytes = bytes
    self.shapes = shapes
    root = at
  }

  func tag(_ at: Int) throws(Packed.Fault) -> Packed.Tag {
    guard at < bytes.count, let tag = Packed.Tag(rawValue: bytes[at]) else { throw .damaged }
    return tag
  }

  func varint(_ at: inout Int) throws(Packed.Fault) -> UInt64 { try Self.varint(bytes, &at) }
  func text(_ at: inout Int) throws(Packed.Fault) -> String { try Self.text(bytes, &at) }
  func length(_ at: inout Int) throws(Packed.Fault) -> Int { try Self.length(bytes, &at) }
  func word(_ at: Int) throws(Packed.Fault) -> UInt64 { try Self.word(bytes, at) }

  /// The keys of the object that stands there, and where the first of its values begins.
  func object(_ at: Int) throws(Packed.Fault) -> (keys: [String], first: Int) {
    guard try tag(at) == .keyed else { throw .mismatch }
    var at = at + 1
    _ = try length(&at)
    let shape = try varint(&at)
    guard shape < UInt64(shapes.count) else { throw .damaged }
    return (shapes[Int(shape)], at)
  }

  /// How many values the list that stands there has, and where the first of them begins.
  func list(_ at: Int) throws(Packed.Fault) -> (count: Int, first: Int) {
    guard try tag(at) == .list else { throw .mismatch }
    var at = at + 1
    _ = try length(&at)
    return (try length(&at), at)
  }

  /// The whole list that stands there.
  func values<Value: PackedValue>(_ at: Int, _: Value.Type) throws(Packed.Fault) -> [Value] {
    var (count, at) = try list(at)
    var values: [Value] = []
    values.reserveCapacity(count)
    while count > 0 {
      values.append(try Value.unpack(self, &at))
      count -= 1
    }
    return values
  }

  /// The whole object of numbers that stands there.
  func numbers(_ at: Int) throws(Packed.Fault) -> [String: Int] {
    var (keys, at) = try object(at)
    var numbers = [String: Int](minimumCapacity: keys.count)
    for key in keys { numbers[key] = try Int.unpack(self, &at) }
    return numbers
  }

  /// Where the value behind this one begins.
  func end(of at: Int) throws(Packed.Fault) -> Int {
    var next = at + 1
    switch try tag(at) {
    case .null, .no, .yes: break
    case .integer: _ = try varint(&next)
    case .double: next += 8
    case .text, .list, .keyed:
      let length = try length(&next)
      next += length
    }
    return next
  }

  private static func varint(_ bytes: [UInt8], _ at: inout Int) throws(Packed.Fault) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while at < bytes.count, shift < 64 {
      let byte = bytes[at]
      at += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw .damaged
  }

  /// No more than there are bytes, whatever it counts: everything has one at least.
  private static func length(_ bytes: [UInt8], _ at: inout Int) throws(Packed.Fault) -> Int {
    let value = try varint(bytes, &at)
    guard value <= UInt64(bytes.count - at) else { throw .damaged }
    return Int(value)
  }

  private static func text(_ bytes: [UInt8], _ at: inout Int) throws(Packed.Fault) -> String {
    let length = try length(bytes, &at)
    defer { at += length }
    return String(decoding: bytes[at..<at + length], as: UTF8.self)
  }

  private static func word(_ bytes: [UInt8], _ at: Int) throws(Packed.Fault) -> UInt64 {
    guard bytes.count - at >= 8 else { throw .damaged }
    return (0..<8).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
  }
}
