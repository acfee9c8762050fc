import Crew
import Foundation
import Testing

@testable import Ledger

/// What is written by hand is what Foundation's encoder writes, and reads as what it was.
@Suite struct WrittenTests {
  /// Every sort of letter that JSON treats in its own way, and some that it does not.
  private static let letters =
    (0..<0x20).map { Character(Unicode.Scalar(UInt8($0))) }
    + ["\"", "\\", "/", "\u{7F}", "a", "é", "e\u{301}", "任", "👩‍👩‍👧", "\u{2028}", "\u{FFFD}", "<"]

  private var random = Numbers(seed: 27)

  /// A generator that gives the same for the same seed.
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }

  private mutating func text() -> String {
    String((0..<Int.random(in: 0...6, using: &random)).map { _ in one(Self.letters) })
  }

  private mutating func one<T>(_ values: [T]) -> T {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  private mutating func maybe<T>(_ value: T) -> T? { Bool.random(using: &random) ? value : nil }
  private mutating func flag() -> Bool { Bool.random(using: &random) }
  private mutating func identity() -> Identity { Identity(account: text(), user: text()) }

  private mutating func instant() -> Instant {
    Instant(milliseconds: one([0, -1, 1_700_000_000_123, .max, .min]))
  }

  private mutating func ephemeral() -> Ephemeral {
    Ephemeral(sealed: text(), until: instant(), number: one([0, 4]))
  }

  private mutating func markup(depth: Int = 0) -> Markup {
    Markup((0..<Int.random(in: 0...4, using: &random)).map { _ in node(depth: depth) })
  }

  private mutating func node(depth: Int) -> Markup.Node {
    switch Int.random(in: depth > 3 ? 1...6 : 0...6, using: &random) {
    case 0: .strong(markup(depth: depth + 1))
    case 1: .text(text())
    case 2: .command(text())
    case 3: .person(name: text(), identities: [identity()], pings: flag())
    case 4: .table(text())
    case 5: .moment(words: text(), at: instant(), offsetSeconds: one([0, -3600, 20_700]))
    default: .lineBreak
    }
  }

  private mutating func message() -> Message {
    var message = Message(
      id: text(), room: Room(account: text(), id: text()), isDirect: flag(), sender: identity(),
      senderName: text(),
      senderKind: one([.person, .bot, .ghost, .bridged, .anonymous]),
      kind: one([
        .text, .edit(of: text()), .invited, .joined, .left, .removed, .moved(to: text()),
        .unreadable, .gap, .ignored(text()),
      ]),
      body: [.text(text()), .mention(identity(), shown: text())].shuffled(using: &random),
      mentionsBot: flag(), thread: maybe(text()), replyTo: maybe(text()), roomName: maybe(text()),
      sentAt: instant())
    message.ephemeral = maybe(ephemeral())
    return message
  }

  private mutating func post() -> Post {
    var post = Post(
      kind: one([.message, .reaction(text(), on: text()), .edit(of: text())]), text: markup(),
      inReplyTo: maybe(text()), thread: maybe(text()), underPost: maybe(text()),
      seenBy: maybe(identity()), isSilent: flag())
    post.ephemeral = maybe(ephemeral())
    return post
  }

  @Test mutating func `what is written by hand is what the encoder writes`() throws {
    for _ in 0..<2000 {
      try expectSame(message())
      try expectSame(post())
      try expectSame(one([Target.room(Room(account: text(), id: text())), .direct(identity())]))
      try expectSame([text(), text()])
    }
  }

  @Test func `every event is written as the encoder writes it, whatever stands in it`() throws {
    let inventor = try Inventor(seed: 27)
    var sorts: Set<String> = []
    for _ in 0..<6000 {
      let event = try inventor.value(Event.self)
      let written = JSONWriter.text(event)
      try #require(written == (try Self.foundations(event)))
      #expect(try Coding.value(written, place: "here") == event)
      sorts.insert(written.split(separator: "\"").prefix(6).joined())
    }
    // One of a hundred and four would be missing once in e^40 times.
    #expect(sorts.count == 104, "\(sorts.count) sorts of events: all that there are?")
  }

  private static func foundations(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  private func expectSame<T: Written & Codable & Equatable>(_ value: T) throws {
    let written = JSONWriter.text(value)
    #expect(written == (try Self.foundations(value)))
    #expect(try Coding.value(written, place: "here") == value)
  }
}
