import Crew
import Crypto
import Foundation

/// How values become the text of a column: JSON with sorted keys, so that the same value is always
/// the same bytes (the hash chain and the lookup by target rest on it).
enum Coding {
  private static let decoder = JSONDecoder()

  /// - Parameter place: what the text was stored as, for the fault.
  static func value<T: Decodable>(_ text: String, place: String) throws(LedgerFault) -> T {
    do {
      return try decoder.decode(T.self, from: Data(text.utf8))
    } catch {
      throw .corrupt("\(place) holds no \(T.self) that this program knows: \(error)")
    }
  }

  /// SQLite and PostgreSQL end a text at NUL; no platform means anything by one, so it is shown.
  static func stored(_ text: String) -> String {
    guard text.utf8.withContiguousStorageIfAvailable({ $0.contains(0) }) ?? text.utf8.contains(0)
    else { return text }
    return String(text.map { $0 == "\0" ? "\u{2400}" : $0 })
  }
}

/// An event as it lies in a table, link of a chain: each hash covers the one before it, so that a
/// row that was changed, added or taken out later is found.
struct Link: Sendable {
  var number: Int64
  /// What it was decided about: an update (`u:17`), slots (`s:`) or nothing from outside (`o:`).
  var cause: String
  /// Its place among the events of its cause, from 0.
  var ord: Int
  var team: String
  var at: Instant
  var type: String
  var body: String

  init(
    number: Int64, cause: String, ord: Int, team: String, at: Instant, type: String, body: String
  ) {
    self.number = number
    self.cause = cause
    self.ord = ord
    self.team = team
    self.at = at
    self.type = type
    self.body = body
  }

  /// What the first link of every chain stands on.
  static let root = [UInt8](repeating: 0, count: SHA256.byteCount)

  /// SHA-256 over the hash before and every field, each text with its length in front, so that no
  /// two rows read the same.
  func hash(after previous: [UInt8]) -> [UInt8] {
    let texts = [cause, team, type, body]
    var bytes = previous
    // In one piece: each call of the hash costs as much as a hundred bytes.
    bytes.reserveCapacity(texts.reduce(bytes.count + 64) { $0 + $1.utf8.count })
    for number in [number, Int64(ord), at.milliseconds] { Self.add(number, to: &bytes) }
    for text in texts {
      Self.add(Int64(text.utf8.count), to: &bytes)
      bytes.append(contentsOf: text.utf8)
    }
    return Array(SHA256.hash(data: bytes))
  }

  private static func add(_ number: Int64, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
  }
}

/// A ruling made ready outside of the transaction: everything is text already.
struct Prepared: Sendable {
  struct Event: Sendable {
    var team: String
    var at: Instant
    var type: String
    var body: String
  }

  struct DraftRow: Sendable {
    var draft: Draft
    var target: String
    var post: String
  }

  var cause: Ruling.Cause
  var events: [Event]
  var drafts: [DraftRow]

  init(_ ruling: Ruling) {
    cause = ruling.cause
    events = ruling.entries.map { entry in
      let body = JSONWriter.text(entry.event)
      return Event(
        team: Coding.stored(entry.team), at: entry.at, type: Self.type(ofJSON: body), body: body)
    }
    drafts = ruling.drafts.map { draft in
      DraftRow(
        draft: draft, target: JSONWriter.text(draft.target), post: JSONWriter.text(draft.post))
    }
  }

  /// Unique for ever. An update is answered once, so its number is enough; the others may come back
  /// after their keeping time, so they carry the number of their first event.
  func causeText(first: Int64) -> String {
    switch cause {
    case .update(let number, _): "u:\(number)"
    case .slots(let keys): Coding.stored("s:\(keys.first ?? "")@\(first)")
    case .own(let word): Coding.stored("o:\(word)@\(first)")
    }
  }

  /// The name of an enum's case is the first key of its JSON.
  private static func type(ofJSON body: String) -> String {
    let parts = body.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
    return parts.count == 3 ? String(parts[1]) : ""
  }
}
