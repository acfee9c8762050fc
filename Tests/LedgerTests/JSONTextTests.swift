import Crew
import Foundation
import Testing

@testable import Ledger

/// Ledgers were written by Foundation's `JSONEncoder`, so it is the measure for every byte.
@Suite struct JSONTextTests {
  private static let encoder: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }()

  private func same<Value: Codable & Equatable>(_ value: Value) throws {
    let text = String(decoding: try Self.encoder.encode(value), as: UTF8.self)
    #expect(try JSONTextEncoder.encode(value) == text)
    #expect(try JSONTextDecoder.decode(Value.self, from: text) == value)
  }

  private static func shippedEvents() throws -> [String] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let file = folder.appending(path: "CrewTests/ShippedEvents.jsonl")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test func `every kind of event is written as Foundation writes it`() throws {
    let lines = try Self.shippedEvents()
    #expect(lines.count > 80)
    for line in lines {
      let event = try JSONDecoder().decode(Event.self, from: Data(line.utf8))
      #expect(try JSONTextEncoder.encode(event) == line)
      #expect(try JSONTextDecoder.decode(Event.self, from: line) == event)
    }
  }

  @Test func `messages, posts and targets are written as Foundation writes them`() throws {
    let (room, ana) = (Room(account: "desk", id: "!a/b:c"), Identity(account: "desk", user: "ana"))
    var message = Message(
      id: "m1", room: room, isDirect: true, sender: ana, senderName: "Ana \"A\" \\ 安娜",
      senderKind: .bridged, kind: .edit(of: "m0"),
      body: [.text("a\u{0}\n\t\u{1F}é"), .mention(ana, shown: "@ana")], mentionsBot: true,
      thread: "t", replyTo: "r", roomName: "", sentAt: Instant(milliseconds: -1))
    try same(message)
    message.kind = .text
    message.thread = nil
    try same(message)
    try same(Target.room(room))
    try same(Target.direct(ana))
    let markup = Markup([
      .text("x"), .lineBreak, .strong(Markup([.command("undo"), .table("a  b")])),
      .person(name: "Ana", identities: [ana, ana], pings: true),
    ])
    try same(Post(kind: .reaction("👍", on: "m1"), text: markup, seenBy: ana, isSilent: true))
    try same(Post(text: Markup([])))
  }

  @Test func `every character is written as Foundation writes it`() throws {
    for code in 0...0x3000 as ClosedRange<UInt32> {
      guard let scalar = Unicode.Scalar(code) else { continue }
      try same(String(Character(scalar)))
    }
    try same("e\u{301} \u{2028} 😀 \u{FFFD} \u{10FFFF} </script>")
    try same(["": 1, "/": 2, "\u{0}": 3, "\"\\": 4, "é": 5, "e": 6, "Z": 7, "a10": 8, "a2": 9])
  }

  @Test func `numbers are written as Foundation writes them`() throws {
    try same([Int64.min, -1, 0, 1, .max])
    try same([UInt64.max])
    try same([Int8.min])
    try same([0, -0.5, 1, 1e20, 1e-7, .pi, .greatestFiniteMagnitude, .leastNonzeroMagnitude])
    try same([Float(0.1), 3])
    try same([true, false])
    try same([Int?.none, 1])
    // Keys that are numbers become texts; any others stand in a list with their values.
    try same([20: "b", 3: "a", -1: "c"])
    try same([Room(account: "desk", id: "1"): [Person(1): Day(number: 20_000)]])
    try same([[Int]: Int?]())
    #expect(throws: JSONTextFault.notANumber) { try JSONTextEncoder.encode(Double.nan) }
    for text in ["128", "1.5", "1e1", "\"1\"", "null", "{}"] {
      #expect(throws: JSONTextFault.self) { try JSONTextDecoder.decode(Int8.self, from: text) }
    }
  }

  @Test func `any tree of values is written as Foundation writes it`() throws {
    var chance = SystemRandomNumberGenerator()
    for _ in 0..<500 { try same(Tree.any(depth: 5, &chance)) }
  }

  @Test func `other ways to write JSON are read too`() throws {
    let text = " { \"b\" : [ ] ,\r\n\t\"\\u0061\":[ 1 , 2 ] } "
    #expect(
      try JSONTextDecoder.decode([String: [Int]].self, from: text) == ["a": [1, 2], "b": []])
    let texts = "[\"\\ud83d\\ude00\\u00e9\\/\\b\\f\\n\\r\\t\\\"\\\\\"]"
    #expect(
      try JSONTextDecoder.decode([String].self, from: texts) == ["😀é/\u{8}\u{C}\n\r\t\"\\"])
  }

  /// A damaged byte may make another value, but none where Foundation sees no JSON.
  @Test func `what is no JSON is refused`() throws {
    for line in try Self.shippedEvents() + ["[1,-0.5e+3,null,true,\"\\u00e9\\n\"]"] {
      let bytes = Array(line.utf8)
      for place in bytes.indices {
        #expect(throws: JSONTextFault.self) {
          try JSONText(String(decoding: bytes[..<place], as: UTF8.self))
        }
        for other in [0x00, 0x22, 0x2C, 0x30, 0x5C, 0x5D, 0x7B, 0x7D] as [UInt8] {
          var changed = bytes
          changed[place] = other
          guard (try? JSONText(String(decoding: changed, as: UTF8.self))) != nil else { continue }
          let isJSON = try? JSONSerialization.jsonObject(
            with: Data(changed), options: .fragmentsAllowed)
          let event = try? JSONTextDecoder.decode(
            Event.self, from: String(decoding: changed, as: UTF8.self))
          #expect(isJSON != nil || event == nil)
        }
      }
    }
  }

  @Test func `depth has an end`() throws {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSONTextFault.tooDeep) { try JSONText(text) }
    var tree = Tree.null
    for _ in 0..<600 { tree = .list([tree]) }
    let deep = tree
    #expect(throws: JSONTextFault.tooDeep) { try JSONTextEncoder.encode(deep) }
  }

  @Test func `a container that was left behind is not written to`() throws {
    #expect(throws: JSONTextFault.order) { try JSONTextEncoder.encode(Late()) }
    #expect(try JSONTextEncoder.encode(Nested()) == #"{"a":{"c":1},"b":[[],{}],"super":2}"#)
  }
}

/// Everything JSON can hold.
private indirect enum Tree: Codable, Equatable {
  case null
  case number(Int)
  case double(Double)
  case text(String)
  case flag(Bool)
  case list([Tree])
  case object([String: Tree])
  case pair(first: Tree, Tree?)

  static func any(depth: Int, _ chance: inout SystemRandomNumberGenerator) -> Tree {
    func word(_ chance: inout SystemRandomNumberGenerator) -> String {
      let letters = Array("abcAB_19é\"\\\n")
      return String(
        (0..<Int.random(in: 0...4, using: &chance)).map { _ in
          letters[.random(in: letters.indices, using: &chance)]
        })
    }
    switch Int.random(in: 0...(depth > 0 ? 7 : 4), using: &chance) {
    case 0: return .null
    case 1: return .number(.random(in: .min ... .max, using: &chance))
    case 2: return .double(.random(in: -1e6...1e6, using: &chance))
    case 3: return .text(word(&chance))
    case 4: return .flag(.random(using: &chance))
    case 5: return .list((0..<3).map { _ in any(depth: depth - 1, &chance) })
    case 6:
      let members = (0..<5).map { _ in (word(&chance), any(depth: depth - 1, &chance)) }
      return .object(Dictionary(members) { $1 })
    default: return .pair(first: any(depth: depth - 1, &chance), .some(.null))
    }
  }
}

/// Writes to a container after the one around it has gone on.
private struct Late: Encodable {
  enum Keys: CodingKey { case a, b }

  func encode(to encoder: any Encoder) throws {
    var outer = encoder.container(keyedBy: Keys.self)
    var inner = outer.nestedContainer(keyedBy: Keys.self, forKey: .a)
    try outer.encode(1, forKey: .b)
    try inner.encode(2, forKey: .a)
  }
}

/// Every way to ask for a container.
private struct Nested: Encodable {
  enum Keys: CodingKey { case a, b, c }
  struct Empty: Encodable {
    func encode(to encoder: any Encoder) throws {}
  }

  func encode(to encoder: any Encoder) throws {
    var outer = encoder.container(keyedBy: Keys.self)
    var list = outer.nestedUnkeyedContainer(forKey: .b)
    _ = list.nestedUnkeyedContainer()
    try list.encode(Empty())
    var inner = outer.nestedContainer(keyedBy: Keys.self, forKey: .a)
    try inner.encode(1, forKey: .c)
    try 2.encode(to: outer.superEncoder())
  }
}
