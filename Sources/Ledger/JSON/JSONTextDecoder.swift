/// Anything that is `Decodable`, from JSON; the other half of `JSONTextEncoder`.
struct JSONTextDecoder: Decoder {
  fileprivate let text: JSONText
  fileprivate let at: Int
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func decode<T: Decodable>(_: T.Type, from text: String) throws -> T {
    try JSONTextDecoder(text: JSONText(text), at: 0).value()
  }

  fileprivate func value<T: Decodable>() throws -> T { try T(from: self) }

  func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(try Keyed(text, at))
  }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try Listed(text, at) }
  func singleValueContainer() -> any SingleValueDecodingContainer { Single(text: text, at: at) }
}

/// An object. It has few members, so each is looked for from the first one on.
private struct Keyed<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let text: JSONText
  private let object: Int

  init(_ text: JSONText, _ at: Int) throws {
    guard text.tokens[at].kind == .object else { throw JSONTextFault.mismatch("object") }
    (self.text, object) = (text, at)
  }

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] {
    var keys: [Key] = []
    forEach { place in
      if let key = text.string(place).flatMap({ Key(stringValue: $0) }) {
        keys.append(key)
      }
      return true
    }
    return keys
  }

  /// Goes through the keys for as long as that is wanted.
  private func forEach(_ body: (_ key: Int) -> Bool) {
    var key = object + 1
    while key < text.tokens[object].end, body(key) { key = text.tokens[key + 1].end }
  }

  /// Where the value of that key stands; nil if there is none.
  private func place(_ name: String) -> Int? {
    var found: Int?
    forEach { key in
      if text.isKey(name, key) { found = key + 1 }
      return found == nil
    }
    return found
  }

  private func place(of key: Key) throws -> Int {
    guard let place = place(key.stringValue) else {
      throw JSONTextFault.missing(key: key.stringValue)
    }
    return place
  }

  private func decoder(_ place: Int) -> JSONTextDecoder { JSONTextDecoder(text: text, at: place) }

  private func presentPlace(_ key: Key) -> Int? {
    place(key.stringValue).flatMap { text.tokens[$0].kind == .null ? nil : $0 }
  }

  func contains(_ key: Key) -> Bool { place(key.stringValue) != nil }
  func decodeNil(forKey key: Key) throws -> Bool {
    text.tokens[try place(of: key)].kind == .null
  }
  func decode<T: JSONTextValue>(_: T.Type, forKey key: Key) throws -> T {
    try T.read(text, try place(of: key))
  }
  func decode<T: Decodable>(_: T.Type, forKey key: Key) throws -> T {
    try decoder(try place(of: key)).value()
  }
  func decodeIfPresent<T: JSONTextValue>(_: T.Type, forKey key: Key) throws -> T? {
    try presentPlace(key).map { try T.read(text, $0) }
  }
  func decodeIfPresent<T: Decodable>(_: T.Type, forKey key: Key) throws -> T? {
    try presentPlace(key).map { try decoder($0).value() }
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    KeyedDecodingContainer(try JSONTextKeyed(text, try place(of: key)))
  }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try Listed(text, try place(of: key))
  }
  func superDecoder() throws -> any Decoder {
    guard let place = place("super") else { throw JSONTextFault.missing(key: "super") }
    return decoder(place)
  }
  func superDecoder(forKey key: Key) throws -> any Decoder { decoder(try place(of: key)) }
}

/// Within `Keyed` its own name means one of the same keys.
private typealias JSONTextKeyed = Keyed

private struct Listed: UnkeyedDecodingContainer {
  private let text: JSONText
  private let end: Int
  private var at: Int
  private(set) var currentIndex = 0

  init(_ text: JSONText, _ at: Int) throws {
    guard text.tokens[at].kind == .list else { throw JSONTextFault.mismatch("list") }
    (self.text, end, self.at) = (text, text.tokens[at].end, at + 1)
  }

  var codingPath: [any CodingKey] { [] }
  var count: Int? {
    var (count, place) = (currentIndex, at)
    while place < end {
      place = text.tokens[place].end
      count += 1
    }
    return count
  }
  var isAtEnd: Bool { at >= end }

  /// The next value, read by `body`; it stays the next one if that fails.
  private mutating func next<T>(_ body: (JSONTextDecoder) throws -> T) throws -> T {
    guard !isAtEnd else { throw JSONTextFault.missing(key: "\(currentIndex)") }
    let value = try body(JSONTextDecoder(text: text, at: at))
    at = text.tokens[at].end
    currentIndex += 1
    return value
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, text.tokens[at].kind == .null else { return false }
    return try next { _ in true }
  }
  mutating func decode<T: JSONTextValue>(_: T.Type) throws -> T {
    try next { try T.read($0.text, $0.at) }
  }
  mutating func decode<T: Decodable>(_: T.Type) throws -> T { try next { try $0.value() } }
  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    try next { KeyedDecodingContainer(try Keyed($0.text, $0.at)) }
  }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try next { try Listed($0.text, $0.at) }
  }
  mutating func superDecoder() throws -> any Decoder { try next { $0 } }
}

private struct Single: SingleValueDecodingContainer {
  let text: JSONText
  let at: Int
  var codingPath: [any CodingKey] { [] }

  func decodeNil() -> Bool { text.tokens[at].kind == .null }
  func decode<T: JSONTextValue>(_: T.Type) throws -> T { try T.read(text, at) }
  func decode<T: Decodable>(_: T.Type) throws -> T {
    try JSONTextDecoder(text: text, at: at).value()
  }
}
