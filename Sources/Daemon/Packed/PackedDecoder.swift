/// Anything that is `Codable`, from packed bytes.
struct PackedDecoder: Decoder {
  fileprivate let reader: PackedReader
  fileprivate let at: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func decode<T: Decodable>(_: T.Type, from bytes: [UInt8]) throws -> T {
    let reader = try PackedReader(bytes)
    return try T(from: PackedDecoder(reader: reader, at: reader.root))
  }

  func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(try Keyed(reader, at))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try Listed(reader, at) }
  func singleValueContainer() -> any SingleValueDecodingContainer {
    Single(reader: reader, at: at)
  }
}

/// An object. Fields are asked for in the order in which they were written, so the place of the
/// last one found is where the search begins.
private final class Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let reader: PackedReader
  private let keys: [String]
  private let first: Int
  private var index = 0
  private var at: Int

  init(_ reader: PackedReader, _ at: Int) throws {
    self.reader = reader
    (keys, first) = try reader.object(at)
    self.at = first
  }

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { keys.compactMap { Key(stringValue: $0) } }

  /// Where the value of that key stands; nil if there is none.
  private func place(_ name: String) throws -> Int? {
    var found = index
    while found < keys.count, keys[found] != name { found += 1 }
    if found == keys.count {
      guard let earlier = keys[..<index].firstIndex(of: name) else { return nil }
      (found, index, at) = (earlier, 0, first)
    }
    while index < found {
      at = try reader.end(of: at)
      index += 1
    }
    return at
  }

  private func place(of key: some CodingKey) throws -> Int {
    guard let place = try place(key.stringValue) else {
      throw Packed.Fault.missing(key: key.stringValue)
    }
    return place
  }

  private func presentPlace(_ key: Key) throws -> Int? {
    guard let place = try place(key.stringValue), try reader.tag(place) != .null else {
      return nil
    }
    return place
  }

  func contains(_ key: Key) -> Bool { keys.contains(key.stringValue) }
  func decodeNil(forKey key: Key) throws -> Bool { try reader.tag(place(of: key)) == .null }
  func decode<T: PackedValue>(_: T.Type, forKey key: Key) throws -> T {
    try T.unpack(reader, try place(of: key))
  }
  func decode<T: Decodable>(_: T.Type, forKey key: Key) throws -> T {
    let place = try place(of: key)
    // The longest lists are of these, and a value at a time takes ten times as long.
    if T.self == [Int].self, let list = try reader.values(place, Int.self) as? T { return list }
    if T.self == [String].self, let list = try reader.values(place, String.self) as? T {
      return list
    }
    if T.self == [String: Int].self, let numbers = try reader.numbers(place) as? T {
      return numbers
    }
    return try T(from: PackedDecoder(reader: reader, at: place))
  }
  func decodeIfPresent<T: PackedValue>(_: T.Type, forKey key: Key) throws -> T? {
    guard let place = try presentPlace(key) else { return nil }
    return try T.unpack(reader, place)
  }
  func decodeIfPresent<T: Decodable>(_: T.Type, forKey key: Key) throws -> T? {
    guard let place = try presentPlace(key) else { return nil }
    return try T(from: PackedDecoder(reader: reader, at: place))
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    KeyedDecodingContainer(try PackedKeyed(reader, try place(of: key)))
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try Listed(reader, try place(of: key))
  }
  func superDecoder() throws -> any Decoder {
    guard let place = try place("super") else { throw Packed.Fault.missing(key: "super") }
    return PackedDecoder(reader: reader, at: place)
  }
  func superDecoder(forKey key: Key) throws -> any Decoder {
    PackedDecoder(reader: reader, at: try place(of: key))
  }
}

/// Within `Keyed` its own name means one of the same keys.
private typealias PackedKeyed = Keyed

private struct Listed: UnkeyedDecodingContainer {
  private let reader: PackedReader
  private var at: Int
  private let total: Int
  private(set) var currentIndex = 0

  init(_ reader: PackedReader, _ at: Int) throws {
    self.reader = reader
    (total, self.at) = try reader.list(at)
  }

  var codingPath: [any CodingKey] { [] }
  var count: Int? { total }
  var isAtEnd: Bool { currentIndex >= total }

  /// The next value, read by `body`; it stays the next one if that fails.
  private mutating func next<T>(_ body: (Int) throws -> T) throws -> T {
    guard !isAtEnd else { throw Packed.Fault.missing(key: "\(currentIndex)") }
    let value = try body(at)
    at = try reader.end(of: at)
    currentIndex += 1
    return value
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, try reader.tag(at) == .null else { return false }
    return try next { _ in true }
  }
  mutating func decode<T: PackedValue>(_: T.Type) throws -> T {
    try next { [reader] in try T.unpack(reader, $0) }
  }
  mutating func decode<T: Decodable>(_: T.Type) throws -> T {
    try next { [reader] in try T(from: PackedDecoder(reader: reader, at: $0)) }
  }
  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try next { [reader] in KeyedDecodingContainer(try Keyed(reader, $0)) }
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next { [reader] in try Listed(reader, $0) }
  }
  mutating func superDecoder() throws -> any Decoder {
    try next { [reader] in PackedDecoder(reader: reader, at: $0) }
  }
}

private struct Single: SingleValueDecodingContainer {
  let reader: PackedReader
  let at: Int
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { (try? reader.tag(at)) == .null }
  func decode<T: PackedValue>(_: T.Type) throws -> T { try T.unpack(reader, at) }
  func decode<T: Decodable>(_: T.Type) throws -> T {
    try T(from: PackedDecoder(reader: reader, at: at))
  }
}
