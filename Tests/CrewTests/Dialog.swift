import Crew
import Foundation
import Testing

/// Plays a chat and compares it, line by line, with what is written.
///
///     ana: text               Ana writes in the team's room (she manages the team)
///     ben → bell: text        Ben writes to the bot alone
///     cleo: text              Cleo is a stranger: she writes from a room of her own
///     dora: text              Dora (and Emil) write in the hall, a room on another platform
///     dora invites            Dora brings the bot into the hall
///     emil leaves             Emil goes out of the room
///     bell: text              the bot in the team's room; more lines of it begin with two blanks
///     bell → ana: text        the bot to Ana alone
///     bell @ hook: text       a copy to a place that is only posted to, by its account
///     bell ⤷ text             the bot in the thread under an earlier post of its own
///     at tue 09:30            the clock is turned to the next Tuesday 09:30; the bell rings on
///     at 16:00                the next time it is 16:00
///
/// `@ana`, `@ben`, `@cleo` in a text are real mentions. It is Monday 2026-11-23, 09:00 in Berlin.
func check(
  _ expected: String, zone: String = "Europe/Berlin", places: Places = Places(),
  sourceLocation: SourceLocation = #_sourceLocation
) {
  var stage = Stage(zone: zone)
  stage.places = places
  let actual = stage.play(expected)
  #expect(actual == expected, sourceLocation: sourceLocation)
}

struct FoundationZones: Zones {
  func offsetSeconds(of zone: String, at instant: Instant) -> Int? {
    TimeZone(identifier: zone)?
      .secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds)))
  }

  func named(_ text: String) -> String? {
    let wanted = text.lowercased()
    return TimeZone.knownTimeZoneIdentifiers.first {
      $0.lowercased() == wanted || $0.lowercased().hasSuffix("/" + wanted)
    }
  }
}

/// The languages as they are shipped.
let shippedWords: Words = {
  let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources/Daemon/Languages").standardized
  let files =
    (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil))
    ?? []
  return Words(
    files.filter { $0.pathExtension == "json" }.compactMap {
      try? JSONDecoder().decode(Language.self, from: Data(contentsOf: $0))
    })
}()

struct Stage {
  static let room = Room(account: "chat", id: "desk")
  var teams = Teams(words: shippedWords)
  var now: Instant
  var zones: any Zones = FoundationZones()
  let zone: String
  var messageNumber = 0
  /// Where posts go besides the room.
  var places = Places()
  var transcript: [String] = []
  private var names: [String: String] = [:]
  var entries: [(event: Event, at: Instant)] = []

  init(zone: String) {
    self.zone = zone
    now = Instant(milliseconds: 0)
    let monday = Day("2026-11-23") ?? Day(number: 0)
    now = Now(now, zones: FoundationZones()).instant(of: monday, .nine, in: zone)
    hear(message("ana", [], kind: .invited))
    hear(message("ben", [], kind: .joined))
    // It would stand in every chat that goes on over a Monday; tests of the digest switch it on.
    record(.digest(.chosen(Person(1), .off)), team.id)
    transcript = []
  }

  var team: Team { teams.sorted[0] }
  private var moment: Now { Now(now, zones: zones) }

  mutating func play(_ script: String) -> String {
    for line in script.split(separator: "\n").map(String.init) {
      if line.hasPrefix("bell") || line.hasPrefix("  ") { continue }
      transcript.append(line)
      if line.hasPrefix("at ") {
        turn(to: line.dropFirst(3).split(separator: " ").map(String.init))
      } else if line.hasSuffix(" invites") {
        hear(message(String(line.dropLast(8)), [], kind: .invited))
      } else if line.hasSuffix(" leaves") {
        hear(message(String(line.dropLast(7)), [], kind: .left))
      } else if let (who, text, direct) = parse(line) {
        hear(message(who, pieces(text), direct: direct))
      }
    }
    return transcript.joined(separator: "\n")
  }

  /// One message of Ana's, of whatever sort.
  mutating func write(
    _ text: String, kind: Message.Kind = .text, senderKind: SenderKind = .person
  ) {
    var message = message("ana", pieces(text), kind: kind)
    message.senderKind = senderKind
    hear(message)
  }

  /// From now on this person's display name is another.
  mutating func rename(_ who: String, to name: String) { names[who] = name }

  private func parse(_ line: String) -> (String, String, Bool)? {
    guard let colon = line.firstIndex(of: ":") else { return nil }
    let head = line[..<colon]
    let text = String(line[line.index(after: colon)...].drop { $0 == " " })
      .replacingOccurrences(of: "⏎", with: "\n")
    return (String(head.prefix { $0 != " " }), text, head.hasSuffix("→ bell"))
  }

  private func pieces(_ text: String) -> [Piece] {
    var pieces: [Piece] = []
    var plain = ""
    var rest = text[...]
    while let first = rest.first {
      let name = ["ana", "ben", "cleo", "dora", "emil"].first { rest.hasPrefix("@" + $0) }
      if let name {
        if !plain.isEmpty { pieces.append(.text(plain)) }
        plain = ""
        pieces.append(.mention(Self.identity(name), shown: name))
        rest = rest.dropFirst(name.count + 1)
      } else {
        plain.append(first)
        rest = rest.dropFirst()
      }
    }
    return plain.isEmpty ? pieces : pieces + [.text(plain)]
  }

  private mutating func message(
    _ who: String, _ body: [Piece], kind: Message.Kind = .text, direct: Bool = false
  ) -> Message {
    messageNumber += 1
    let sender = Self.identity(who)
    let room =
      direct
      ? Room(account: sender.account, id: "direct-\(who)")
      : who == "cleo"
        ? Room(account: "chat", id: "elsewhere")
        : sender.account == "chat" ? Self.room : Room(account: sender.account, id: "hall")
    return Message(
      id: "m\(messageNumber)", room: room, isDirect: direct, sender: sender,
      senderName: names[who] ?? who, kind: kind, body: body,
      roomName: room.id == "hall" ? "Hall" : "Desk", sentAt: now)
  }

  private static func identity(_ who: String) -> Identity {
    Identity(account: ["dora", "emil"].contains(who) ? "other" : "chat", user: who)
  }

  private mutating func hear(_ message: Message) {
    let answer = teams.answer(
      message, now: moment, handled: now,
      admission: Admission(
        inviters: ["chat": ["ana"], "other": ["dora"]], zone: zone, language: "en", places: places),
      chance: UInt64(messageNumber) &* 0x9E37_79B9_7F4A_7C15)
    for happening in answer.events { record(happening.event, happening.team) }
    for post in answer.posts { show(post) }
    now = now.adding(seconds: 1)
  }

  private mutating func record(_ event: Event, _ id: String) {
    teams.apply(event, to: id, at: now)
    entries.append((event, now))
  }

  private mutating func turn(to words: [String]) {
    let weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    let time = TimeOfDay(words.last ?? "") ?? .nine
    var day = moment.today(in: zone)
    if let weekday = weekdays.firstIndex(of: words[0]) {
      repeat { day = day.adding(days: 1) } while day.weekday.rawValue != weekday + 1
    } else if let date = Day(words[0]) {
      day = date
    } else if time <= moment.local(in: zone).time {
      day = day.adding(days: 1)
    }
    let target = moment.instant(of: day, time, in: zone)
    while now < target {
      now = min(target, Instant(seconds: (now.seconds / 300 + 1) * 300))
      ring()
    }
  }

  private mutating func ring() {
    for team in teams.sorted {
      for due in team.due(moment, words: teams.words, places: places) {
        for event in due.events { record(event, team.id) }
        if let post = due.post { show(post) }
        for copy in due.copies { show(copy) }
      }
    }
  }

  private mutating func show(_ outgoing: Outgoing) {
    let text: String
    if case .reaction(let emoji, _) = outgoing.post.kind {
      text = emoji
    } else {
      text = outgoing.post.text.plain(prefix: "!")
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: "\n  ")
    switch outgoing.target {
    case .direct(let identity): transcript.append("bell → \(identity.user): \(lines)")
    case .room(let room) where room.id.hasPrefix("direct-"):
      transcript.append("bell → \(room.id.dropFirst(7)): \(lines)")
    case .room(let room) where room.account != "chat":
      transcript.append("bell @ \(room.account): \(lines)")
    case .room where outgoing.post.underPost != nil: transcript.append("bell ⤷ \(lines)")
    case .room: transcript.append("bell: \(lines)")
    }
  }
}
