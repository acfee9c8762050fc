import Crew
import Foundation
import Ledger
import Logging
import Testing

@testable import Daemon

/// What a start reads instead of all events: in its own form, in the one before, and damaged.
@Suite struct SnapshotTests {
  private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
  private let now = Now(Instant(seconds: 1_795_420_800), zones: FoundationZones())

  private func sample() -> Teams { Sample.team(words: Words(), now: now) }

  /// The form that snapshots had before.
  private func json(_ teams: Teams) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return Array(try encoder.encode(teams.sorted))
  }

  /// A ledger of one event, whose newest snapshot that is.
  private func ledger(_ body: [UInt8]) async throws -> MemoryLedger {
    let ledger = MemoryLedger()
    let founded = Event.team(
      .founded(name: "From its events", room: Sample.room, zone: "UTC", language: "en"))
    _ = try await ledger.record(
      [Ruling(cause: .own("test"), entries: [Entry(team: "t", at: now.instant, event: founded)])],
      now: now.instant)
    try await ledger.saveSnapshot(number: 1, body: body)
    return ledger
  }

  @Test func `a snapshot gives the team back`() throws {
    let teams = sample()
    let body = try History.encode(teams)
    #expect(try History.decode(body, words: teams.words) == teams)
  }

  @Test func `a snapshot of the former form is read`() async throws {
    let teams = sample()
    let ledger = try await ledger(try json(teams))
    let loaded = try await History.load(from: ledger, words: teams.words, log: log).0
    #expect(loaded == teams)
  }

  @Test func `no damage is read as a snapshot`() throws {
    let body = try History.encode(sample())
    for place in stride(from: 0, to: body.count, by: 5) {
      var damaged = body
      damaged[place] ^= 1 << UInt8(place % 8)
      #expect(throws: (any Error).self) { try History.decode(damaged, words: Words()) }
    }
    for length in stride(from: 0, to: body.count, by: 97) {
      #expect(throws: (any Error).self) {
        try History.decode(Array(body[..<length]), words: Words())
      }
    }
    var moved = body
    moved.swapAt(body.count / 2, body.count / 2 + 1)
    #expect(moved == body || (try? History.decode(moved, words: Words())) == nil)
  }

  @Test func `a damaged snapshot is made good from the events`() async throws {
    var body = try History.encode(sample())
    body[body.count / 2] ^= 1
    let ledger = try await ledger(body)
    let loaded = try await History.load(from: ledger, words: Words(), log: log).0
    #expect(loaded.list["t"]?.settings.name == "From its events")
  }

  /// What `crewbell replay` finds: the snapshot says something else than the events.
  @Test func `a snapshot that its events do not add up to is found, and one that is theirs is not`()
    async throws
  {
    let lies = try await ledger(try History.encode(sample()))
    let found = try await Proof.make(from: lies, words: Words(), log: log)
    #expect(found.events == 1 && found.unequal.contains("t"), "\(found)")
    let (rebuilt, _) = try await History.replay(lies, from: (Teams(words: Words()), 0), log: log)
    let honest = try await ledger(try History.encode(rebuilt))
    let proof = try await Proof.make(from: honest, words: Words(), log: log)
    #expect(proof == Proof(events: 1, teams: 1, unequal: []))
  }

  /// Whatever bytes stand behind the right sum, reading them ends with an error or a value.
  @Test func `nothing in a snapshot can crash the daemon`() throws {
    let body = try History.encode(sample())
    let begin = Packed.magic.count + Packed.sumBytes
    var state: UInt64 = 7
    func roll(_ sides: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % sides
    }
    var refused = 0
    for _ in 0..<1500 {
      var content = Array(body[begin...])
      for _ in 0...roll(3) { content[roll(content.count)] = UInt8(roll(256)) }
      if roll(4) == 0 { content.removeLast(roll(content.count - 1)) }
      let sum = Packed.sum(content)
      let whole =
        Packed.magic + (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) } + content
      if (try? History.decode(whole, words: Words())) == nil { refused += 1 }
    }
    #expect(refused > 100)
  }
}

/// Whatever `Codable` can say comes back the same.
@Suite struct PackedTests {
  private struct Everything: Codable, Equatable {
    enum Kind: Codable, Equatable {
      case plain
      case pair(Int, text: String)
      indirect case nested(Kind)
    }
    enum Word: String, Codable { case one, two }

    var numbers = [0, 1, -1, 127, 128, -64, Int.max, Int.min]
    var small: Int8 = -128
    var large: UInt64 = 1 << 62
    var flag = true
    var real = 0.1
    var single: Float = -2.5
    var text = "naïve 你好 \0 👩‍👩‍👧"
    var none: Int?
    var some: String? = ""
    var gaps: [Int?] = [nil, 3, nil]
    var kinds: [Kind] = [.plain, .pair(7, text: "x"), .nested(.nested(.plain))]
    var words = [Word.two, .one]
    var byNumber = [5: ["a"], -3: []]
    var byText = ["": 1, "k": 2]
    var empty: [String: Kind] = [:]
  }

  @Test func `everything comes back as it was`() throws {
    let before = Everything()
    let after = try PackedDecoder.decode(
      Everything.self, from: try PackedEncoder.encode(before))
    #expect(after == before)
    for number in [Int.max, Int.min, 0] {
      let listed = try PackedEncoder.encode(["k": [number, 1]])
      #expect(try PackedDecoder.decode([String: [Int]].self, from: listed) == ["k": [number, 1]])
      let bytes = try PackedEncoder.encode([number])
      #expect(try PackedDecoder.decode([Int].self, from: bytes) == [number])
    }
    let texts = try PackedEncoder.encode(["k": ["a", "", "\u{0}é"]])
    #expect(
      try PackedDecoder.decode([String: [String]].self, from: texts) == ["k": ["a", "", "\u{0}é"]])
    #expect(throws: Packed.Fault.mismatch) {
      try PackedDecoder.decode([String: [Int]].self, from: texts)
    }
    #expect(throws: Packed.Fault.tooLarge) { try PackedEncoder.encode([UInt64.max]) }
  }

  /// The last of them has a shape whose number is larger than what follows it.
  @Test func `there may be many shapes`() throws {
    let objects = (0..<400).map { ["key \($0)": $0] }
    let bytes = try PackedEncoder.encode(objects)
    #expect(try PackedDecoder.decode([[String: Int]].self, from: bytes) == objects)
  }

  private struct Old: Codable {
    var gone = [1, 2]
    var first = "a"
    var second: Int? = 2
  }

  private struct New: Codable, Equatable {
    var second: Int?
    var first: String
    var added: String?
  }

  @Test func `fields are known by their names`() throws {
    let bytes = try PackedEncoder.encode([Old(), Old(second: nil)])
    #expect(
      try PackedDecoder.decode([New].self, from: bytes)
        == [New(second: 2, first: "a"), New(second: nil, first: "a")])
    #expect(throws: Packed.Fault.missing(key: "numbers")) {
      try PackedDecoder.decode([Everything].self, from: bytes)
    }
    #expect(throws: Packed.Fault.mismatch) {
      try PackedDecoder.decode([[String: Int]].self, from: bytes)
    }
  }
}
