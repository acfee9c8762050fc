import Crew
import Daemon
import Foundation
import Platforms

/// A function that meets what comes from outside, fed with any bytes. libFuzzer drives them
/// (`make fuzz`); the corpus that it left goes through them in the ordinary tests as well.
public struct FuzzTarget: Sendable, CustomStringConvertible {
  public let name: String
  /// Inputs to begin with, beside the corpus.
  public var seeds: [[UInt8]] = []
  /// - Throws: `Harm` where a promise is broken. A trap is found by whoever runs it.
  public let run: @Sendable ([UInt8]) throws -> Void

  public var description: String { name }

  public static let all =
    [
      // `Teams.answer` on a message, what follows from it, and the encoders on what it says.
      FuzzTarget(name: "command", run: CommandFuzz.run),
      // Dates, ranges of days and durations in plain words.
      FuzzTarget(name: "dates", run: DatesFuzz.run),
      // Our own reader of JSON, against Foundation's.
      FuzzTarget(name: "json", run: JSONFuzz.run),
      // The config file.
      FuzzTarget(name: "config", run: ConfigFuzz.run),
      // Any tree of text through each encoder, read back by the platform's own rules.
      FuzzTarget(name: "encoders", run: EncoderFuzz.run),
    ]
    // What platforms call us with: native slash commands.
    + [FuzzTarget(name: "hear", seeds: HearFuzz.seeds, run: HearFuzz.run)]
    // What only posts: the answers to its posts.
    + [FuzzTarget(name: "places", run: PlatformFuzz.places)]
    // The answers of each platform to polls, posts, look-ups and logins, in every state.
    + PlatformFuzz.reading.map { kind in
      let fuzz = PlatformFuzz(kind)
      return FuzzTarget(name: kind.name, seeds: fuzz.seeds, run: fuzz.run)
    }
}

/// Bytes taken from the front, as a source of choices.
struct Choices {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isEmpty: Bool { rest.isEmpty }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  mutating func text(_ count: Int) -> String {
    let taken = rest.prefix(count)
    rest = rest.dropFirst(count)
    return String(decoding: taken, as: UTF8.self)
  }

  /// Less than `count`, spread evenly over all inputs (FNV-1a).
  static func share(of bytes: [UInt8], in count: UInt64) -> UInt64 {
    let hash = bytes.reduce(14_695_981_039_346_656_037) {
      ($0 ^ UInt64($1)) &* 1_099_511_628_211
    }
    return (hash >> 32) % count
  }

  /// All that is left.
  var text: String { String(decoding: rest, as: UTF8.self) }
}

/// Berlin and Auckland without a table of zones: summer from April to October, or the other way.
struct FewZones: Zones {
  func offsetSeconds(of zone: String, at instant: Instant) -> Int? {
    let month = Day(number: Int(instant.seconds / 86_400)).month
    let isSummer = (4...10).contains(month)
    switch zone {
    case "UTC": return 0
    case "Europe/Berlin": return isSummer ? 7200 : 3600
    case "Pacific/Auckland": return isSummer ? 43_200 : 46_800
    default: return nil
    }
  }

  func named(_ text: String) -> String? {
    switch text.lowercased() {
    case "utc": "UTC"
    case "berlin", "europe/berlin": "Europe/Berlin"
    case "auckland", "pacific/auckland": "Pacific/Auckland"
    default: nil
    }
  }
}

enum DatesFuzz {
  static func run(_ bytes: [UInt8]) throws {
    var choices = Choices(bytes)
    let flags = choices.byte()
    let day = Int64(choices.byte()) * 3 + 20_600
    let now = Now(Instant(seconds: day * 86_400 + Int64(flags) * 337), zones: FewZones())
    let zone = ["UTC", "Europe/Berlin", "Pacific/Auckland"][Int(flags % 3)]
    let words = Arguments(pieces: [.text(choices.text)]).foldedWords
    if let found = Meter.product({ try? When.read(words, now: now, zone: zone) }) {
      try check(found.count, of: words)
      let instant = found.when.instant(now, in: zone)
      let local = now.local(instant, in: zone)
      let (year, month, day) = (local.day.year, local.day.month, local.day.day)
      guard Day(year: year, month: month, day: day) == local.day else {
        throw Harm("\(year)-\(month)-\(day) is no day")
      }
      _ = found.when.isPast(now, in: zone)
      _ = Speaker.alone(Words(), language: "en")
        .say(found.when.phrase(now, in: zone))
    }
    if let found = Meter.product({ try? When.range(words, now: now, zone: zone) }) {
      try check(found.count, of: words)
      guard found.from <= found.to else { throw Harm("\(found.from) is after \(found.to)") }
    }
  }

  private static func check(_ count: Int, of words: [String]) throws {
    guard (1...max(1, words.count)).contains(count) else {
      throw Harm("took \(count) of \(words.count) words")
    }
  }
}

enum JSONFuzz {
  static func run(_ bytes: [UInt8]) throws {
    let data = Data(bytes)
    let ours = Meter.product { JSON(data) }
    if let ours {
      let again = JSON(ours.data)
      guard again == ours else { throw Harm("reads itself as \(again?.text ?? "nothing")") }
    }
    // Foundation guesses UTF-16, and drops U+FEFF wherever it begins to read a piece of a string;
    // it is asked only where it cannot.
    guard bytes.count < 512, !bytes.contains(0), data.range(of: Data([0xEF, 0xBB, 0xBF])) == nil
    else { return }
    let options: JSONSerialization.ReadingOptions = .fragmentsAllowed
    let theirs = try? JSONSerialization.jsonObject(with: data, options: options)
    // What only one of us takes is left to each: it forgives commas, we forgive half surrogates.
    if let ours, let theirs { try compare(ours, theirs) }
  }
}

extension JSONFuzz {
  private static func compare(_ ours: JSON, _ theirs: Any) throws {
    switch ours {
    case .object(let members):
      guard let theirs = theirs as? [String: Any], Set(theirs.keys) == Set(members.keys) else {
        throw Harm("an object is another: \(ours.text)")
      }
      for (key, value) in members {
        if let other = theirs[key] { try compare(value, other) }
      }
    case .array(let values):
      guard let theirs = theirs as? [Any], theirs.count == values.count else {
        throw Harm("an array is another: \(ours.text)")
      }
      for (value, other) in zip(values, theirs) { try compare(value, other) }
    case .string(let text):
      guard theirs as? String == text else { throw Harm("a string is another: \(ours.text)") }
    case .integer(let number):
      guard (theirs as? NSNumber)?.int64Value == number else {
        throw Harm("a number is another: \(ours.text)")
      }
    case .null, .bool, .double: break
    }
  }
}

enum ConfigFuzz {
  private static let surroundings = Config.Surroundings(
    environment: [:], zones: FewZones(), languages: ["en", "zh"])

  static func run(_ bytes: [UInt8]) throws {
    let text = String(decoding: bytes, as: UTF8.self)
    do {
      let config = try Meter.product {
        () throws(FileFaults) in
        try Config.read(text, file: "/nowhere/crewbell.yaml", surroundings)
      }
      _ = config.summary
      _ = config.admission
    } catch {
      guard !error.list.isEmpty else { throw Harm("refused without a reason") }
      for fault in error.list {
        let line = "\(fault)"
        let isSafe = !line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        guard line.hasPrefix("/nowhere/crewbell.yaml"), isSafe else {
          throw Harm("a fault that is no line: \(line.debugDescription)")
        }
      }
    }
  }
}
