/// Any `Encodable` as JSON with sorted keys, so that the same value is always the same bytes.
///
/// Byte for byte what Foundation's `JSONEncoder` writes when asked for sorted keys and plain
/// slashes: ledgers have been written by that one, and a post is found by the text of its target.
/// But it writes at once what that one first builds a tree of, and what a command costs is mostly
/// the writing of its event and its answer.
struct JSONTextEncoder: Encoder {
  fileprivate let page: Page
  /// How many objects and lists are open around the value.
  fileprivate let depth: Int
  // Computed, because what is larger than three words is put on the heap for each value.
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func encode(_ value: some Encodable) throws -> String {
    let page = Page()
    try page.write(value, depth: 0)
    return try page.output.text()
  }

  func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(Keyed(page: page, place: page.output.open(.object, depth: depth)))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    Listed(page: page, place: page.output.open(.list, depth: depth))
  }
  func singleValueContainer() -> any SingleValueEncodingContainer {
    Single(page: page, depth: depth)
  }
}

/// What all containers of one value write to.
private final class Page {
  var output = JSONTextOutput()

  func write(_ value: some Encodable, depth: Int) throws {
    guard depth < JSONTextOutput.depthMax else { throw JSONTextFault.tooDeep }
    let start = output.bytes.count
    try value.encode(to: JSONTextEncoder(page: self, depth: depth))
    output.end(depth: depth, start: start)
  }
}

private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let page: Page
  let place: JSONTextOutput.Place
  var codingPath: [any CodingKey] { [] }

  func encodeNil(forKey key: Key) { page.output.addNull(in: place, key: key.stringValue) }
  func encode<T: JSONTextValue>(_ value: T, forKey key: Key) throws {
    try page.output.add(value, in: place, key: key.stringValue)
  }
  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    page.output.next(in: place, key: key.stringValue)
    try page.write(value, depth: place.depth + 1)
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    encoder(key.stringValue).container(keyedBy: Nested.self)
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(key.stringValue).unkeyedContainer()
  }
  func superEncoder() -> any Encoder { encoder("super") }
  func superEncoder(forKey key: Key) -> any Encoder { encoder(key.stringValue) }

  private func encoder(_ key: String) -> JSONTextEncoder {
    page.output.next(in: place, key: key)
    return JSONTextEncoder(page: page, depth: place.depth + 1)
  }
}

private struct Listed: UnkeyedEncodingContainer {
  let page: Page
  let place: JSONTextOutput.Place
  var codingPath: [any CodingKey] { [] }
  var count: Int { page.output.count(in: place) }

  func encodeNil() { page.output.addNull(in: place, key: nil) }
  func encode<T: JSONTextValue>(_ value: T) throws {
    try page.output.add(value, in: place, key: nil)
  }
  func encode<T: Encodable>(_ value: T) throws {
    page.output.next(in: place, key: nil)
    try page.write(value, depth: place.depth + 1)
  }
  func nestedContainer<Nested: CodingKey>(
    keyedBy: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    encoder.container(keyedBy: Nested.self)
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.unkeyedContainer() }
  func superEncoder() -> any Encoder { encoder }

  private var encoder: JSONTextEncoder {
    page.output.next(in: place, key: nil)
    return JSONTextEncoder(page: page, depth: place.depth + 1)
  }
}

private struct Single: SingleValueEncodingContainer {
  let page: Page
  let depth: Int
  var codingPath: [any CodingKey] { [] }

  func encodeNil() { page.output.addNull() }
  func encode<T: JSONTextValue>(_ value: T) throws { try page.output.add(value) }
  func encode<T: Encodable>(_ value: T) throws { try page.write(value, depth: depth) }
}
