/// Anything that is `Codable`, as packed bytes.
struct PackedEncoder: Encoder {
  fileprivate let node: Node
  let codingPath: [any CodingKey] = []
  let userInfo: [CodingUserInfoKey: Any] = [:]

  static func encode(_ value: some Encodable) throws -> [UInt8] {
    let shapes = Shapes()
    let node = Node(shapes)
    try value.encode(to: PackedEncoder(node: node))
    // The shapes are known when all is written, and stand before it.
    var content: [UInt8] = []
    node.write(to: &content)
    var body: [UInt8] = []
    body.append(length: shapes.list.count)
    for keys in shapes.list {
      body.append(length: keys.count)
      for key in keys { body.append(text: key) }
    }
    body += content
    let sum = Packed.sum(body)
    return Packed.magic + (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) } + body
  }

  func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
    KeyedEncodingContainer(node.keyed(Key.self))
  }
  func unkeyedContainer() -> any UnkeyedEncodingContainer { node.list() }
  func singleValueContainer() -> any SingleValueEncodingContainer { Single(node: node) }
}

/// Which keys objects have, each list once.
private final class Shapes {
  private var numbers: [[String]: Int] = [:]
  private(set) var list: [[String]] = []

  func number(of keys: [String]) -> Int {
    if let known = numbers[keys] { return known }
    numbers[keys] = list.count
    list.append(keys)
    return list.count - 1
  }
}

/// A value in the making. A container that was handed out may be written to until the whole is
/// done, so it is put in its place only then.
private final class Node {
  private enum Kind { case value, list, keyed }

  let shapes: Shapes
  private var kind = Kind.value
  private var keys: [String] = []
  fileprivate private(set) var count = 0
  private var bytes: [UInt8] = []
  /// Containers that were handed out, and where in `bytes` each belongs.
  private var open: [(place: Int, node: Node)] = []

  init(_ shapes: Shapes) { self.shapes = shapes }

  func keyed<Key: CodingKey>(_: Key.Type) -> Keyed<Key> {
    kind = .keyed
    return Keyed(node: self)
  }

  func list() -> Listed {
    kind = .list
    return Listed(node: self)
  }

  func note(_ key: String) { keys.append(key) }

  func add(_ value: some PackedValue) throws {
    count += 1
    try value.pack(into: &bytes)
  }

  func add(_ value: some Encodable) throws {
    count += 1
    let child = Node(shapes)
    try value.encode(to: PackedEncoder(node: child))
    child.write(to: &bytes)
  }

  func addNull() {
    count += 1
    bytes.append(Packed.Tag.null)
  }

  func addOpen() -> Node {
    count += 1
    let child = Node(shapes)
    open.append((bytes.count, child))
    return child
  }

  func write(to output: inout [UInt8]) {
    let content = whole()
    switch kind {
    case .value:
      if content.isEmpty { output.append(Packed.Tag.null) }
    case .list:
      var head: [UInt8] = []
      head.append(length: count)
      output.append(Packed.Tag.list)
      output.append(length: head.count + content.count)
      output += head
    case .keyed:
      var head: [UInt8] = []
      head.append(length: shapes.number(of: keys))
      output.append(Packed.Tag.keyed)
      output.append(length: head.count + content.count)
      output += head
    }
    output += content
  }

  private func whole() -> [UInt8] {
    guard !open.isEmpty else { return bytes }
    var whole: [UInt8] = []
    var done = 0
    for (place, node) in open {
      whole += bytes[done..<place]
      node.write(to: &whole)
      done = place
    }
    return whole + bytes[done...]
  }
}

private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: Node
  let codingPath: [any CodingKey] = []

  private func under(_ key: some CodingKey) -> Node {
    node.note(key.stringValue)
    return node
  }

  func encodeNil(forKey key: Key) { under(key).addNull() }
  func encode<T: PackedValue>(_ value: T, forKey key: Key) throws { try under(key).add(value) }
  func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try under(key).add(value) }
  func nestedContainer<Nested: CodingKey>(
    keyedBy: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    KeyedEncodingContainer(under(key).addOpen().keyed(Nested.self))
  }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    under(key).addOpen().list()
  }
  func superEncoder() -> any Encoder {
    node.note("super")
    return PackedEncoder(node: node.addOpen())
  }
  func superEncoder(forKey key: Key) -> any Encoder { PackedEncoder(node: under(key).addOpen()) }
}

private struct Listed: UnkeyedEncodingContainer {
  let node: Node
  let codingPath: [any CodingKey] = []
  var count: Int { node.count }

  func encodeNil() { node.addNull() }
  func encode<T: PackedValue>(_ value: T) throws { try node.add(value) }
  func encode<T: Encodable>(_ value: T) throws { try node.add(value) }
  func nestedContainer<Nested: CodingKey>(
    keyedBy: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    KeyedEncodingContainer(node.addOpen().keyed(Nested.self))
  }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { node.addOpen().list() }
  func superEncoder() -> any Encoder { PackedEncoder(node: node.addOpen()) }
}

private struct Single: SingleValueEncodingContainer {
  let node: Node
  let codingPath: [any CodingKey] = []

  func encodeNil() { node.addNull() }
  func encode<T: PackedValue>(_ value: T) throws { try node.add(value) }
  func encode<T: Encodable>(_ value: T) throws { try value.encode(to: PackedEncoder(node: node)) }
}
