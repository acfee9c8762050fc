import Crew
import Foundation

/// Makes up values of any type that can be decoded, by saying yes to whatever it asks for: every
/// case of an enum, every member, there and not there.
final class Inventor {
  private var state: UInt64
  /// What cases are called, as the sources have them.
  private let names: [String]
  fileprivate var depth = 0

  init(seed: UInt64) throws {
    state = seed
    let crew = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/Crew")
    let files = FileManager.default.enumerator(at: crew, includingPropertiesForKeys: nil)
    var names: Set<String> = []
    for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
      let text = try String(contentsOf: file, encoding: .utf8)
      for match in text.matches(of: #/case ([a-z]\w*)/#) { names.insert(String(match.output.1)) }
    }
    self.names = names.sorted()
  }

  func value<T: Decodable>(_ type: T.Type) throws -> T {
    if let known: T = known() { return known }
    depth += 1
    defer { depth -= 1 }
    return try T(from: Whole(inventor: self))
  }

  /// What is not made of anything.
  private func known<T>() -> T? {
    let value: Any? =
      switch T.self {
      case is Day.Type: Day(number: Int(below(60_000)) - 10_000)
      case is TimeOfDay.Type: TimeOfDay(hour: Int(below(24)), minute: Int(below(60)))
      case is Amount.Type: Amount(one(["0", "-4.6", "12.305", "999999999"]))
      case is Weekday.Type: one(Weekday.allCases)
      case is SenderKind.Type: one([SenderKind.person, .bot, .bridged])
      case is Crew.Calendar.Mark.Type: one([Crew.Calendar.Mark.holiday, .workday])
      case is Checkins.Part.Type: one([Checkins.Part.required, .optional, .observer])
      case is Digest.Choice.Type: one([Digest.Choice.on, .off])
      case is Goals.Confidence.Type: one([Goals.Confidence.red, .amber, .green])
      case is Goals.Outcome.Type: one([Goals.Outcome.done, .dropped])
      case is Role.Change.Kind.Type: one([Role.Change.Kind.claimed, .left, .rotated])
      case is Tasks.Item.State.Type: one([Tasks.Item.State.open, .done, .dropped])
      default: nil
      }
    return value as? T
  }

  fileprivate func key<Key: CodingKey>(_ type: Key.Type) -> Key? {
    let keys = names.compactMap { Key(stringValue: $0) }
    return keys.isEmpty ? nil : one(keys)
  }

  fileprivate func below(_ limit: UInt64) -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state >> 33) % limit
  }

  private func one<T>(_ values: [T]) -> T { values[Int(below(UInt64(values.count)))] }
  fileprivate var flag: Bool { below(2) == 0 }
  fileprivate var text: String {
    one(["", "a", "ü\"\\/\n\u{1}", "任务 📌", "plain words of some length"])
  }
  fileprivate var number: Int { one([0, 1, -7, 41, .max, .min]) }
  /// Of a list; the deeper the shorter.
  fileprivate var count: Int { depth > 12 ? 0 : Int(below(3)) }
}

private struct Whole: Decoder, SingleValueDecodingContainer {
  let inventor: Inventor
  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(Named(whole: self))
  }

  func unkeyedContainer() -> any UnkeyedDecodingContainer {
    Listed(whole: self, count: inventor.count)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { inventor.flag }
  func decode(_ type: Bool.Type) -> Bool { inventor.flag }
  func decode(_ type: String.Type) -> String { inventor.text }
  func decode(_ type: Double.Type) throws -> Double { throw Nothing() }
  func decode(_ type: Float.Type) throws -> Float { throw Nothing() }
  func decode<T: FixedWidthInteger & Decodable>(_ type: T.Type) -> T {
    T(truncatingIfNeeded: inventor.number)
  }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try inventor.value(type) }

  /// Nothing that is stored has a fraction.
  struct Nothing: Error {}
}

private struct Named<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let whole: Whole
  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { whole.inventor.key(Key.self).map { [$0] } ?? [] }

  func contains(_ key: Key) -> Bool { whole.inventor.flag }
  func decodeNil(forKey key: Key) -> Bool { false }
  func decode(_ type: Bool.Type, forKey key: Key) -> Bool { whole.decode(type) }
  func decode(_ type: String.Type, forKey key: Key) -> String { whole.decode(type) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try whole.decode(type) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try whole.decode(type) }
  func decode<T: FixedWidthInteger & Decodable>(_ type: T.Type, forKey key: Key) -> T {
    whole.decode(type)
  }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try whole.decode(type) }

  func nestedContainer<Nested>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedDecodingContainer<Nested> { whole.container(keyedBy: type) }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
    whole.unkeyedContainer()
  }

  func superDecoder() -> any Decoder { whole }
  func superDecoder(forKey key: Key) -> any Decoder { whole }
}

private struct Listed: UnkeyedDecodingContainer {
  let whole: Whole
  var count: Int?
  var currentIndex = 0
  var codingPath: [any CodingKey] { [] }
  var isAtEnd: Bool { currentIndex >= count ?? 0 }

  init(whole: Whole, count: Int) {
    self.whole = whole
    self.count = count
  }

  private mutating func step() -> Whole {
    currentIndex += 1
    return whole
  }

  func decodeNil() -> Bool { false }
  mutating func decode(_ type: Bool.Type) -> Bool { step().decode(type) }
  mutating func decode(_ type: String.Type) -> String { step().decode(type) }
  mutating func decode(_ type: Double.Type) throws -> Double { try step().decode(type) }
  mutating func decode(_ type: Float.Type) throws -> Float { try step().decode(type) }
  mutating func decode<T: FixedWidthInteger & Decodable>(_ type: T.Type) -> T {
    step().decode(type)
  }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try step().decode(type) }

  mutating func nestedContainer<Nested>(
    keyedBy type: Nested.Type
  ) -> KeyedDecodingContainer<Nested> { step().container(keyedBy: type) }

  mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer {
    step().unkeyedContainer()
  }

  mutating func superDecoder() -> any Decoder { step() }
}
