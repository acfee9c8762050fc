import Crew
import Daemon
import Foundation
import Ledger

/// A team of three in one room, made as people make it: by what they write.
struct Town {
  static let account = "desk"
  static let room = Room(account: account, id: "1")
  static let start = Instant(seconds: 1_795_420_800)  // Monday 2026-11-23 08:00 UTC
  static let admission = Admission(inviters: [account: ["*"]], zone: "UTC", language: "en")
  static let people = ["ana", "ben", "cleo"]

  let zones = FoundationZones()
  var teams = Teams(words: Words())

  static func message(_ number: Int, _ text: String, _ kind: Message.Kind = .text) -> Message {
    let who = people[number % people.count]
    return Message(
      id: "m\(number)", room: room, sender: Identity(account: account, user: who),
      senderName: who, kind: kind, body: [.text(text)], roomName: "Desk", sentAt: start)
  }

  /// What a day's commands look like; every one changes something.
  static func command(_ number: Int) -> Message {
    message(number, "/task add renew the certificate of shop \(number)")
  }

  mutating func hear(_ message: Message) -> Answer {
    let answer = teams.answer(
      message, now: Now(Self.start, zones: zones), handled: Self.start,
      admission: Self.admission, chance: UInt64(message.id.hashValue.magnitude))
    for happening in answer.events {
      teams.apply(happening.event, to: happening.team, at: Self.start)
    }
    return answer
  }

  static func founded() -> Town {
    var town = Town()
    _ = town.hear(message(0, "", .invited))
    return town
  }
}

/// A folder that goes when the measuring is over.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
  let folder = FileManager.default.currentDirectoryPath + "/.bench-\(UUID().uuidString)"
  try FileManager.default.createDirectory(
    atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}
