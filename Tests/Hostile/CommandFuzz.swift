import Crew
import Daemon
import Platforms

/// A team with something of everything, and one message to it made of bytes.
enum CommandFuzz {
  static let room = Room(account: "matrix", id: "!team:hs.example")
  private static let start = Instant(seconds: 1_795_420_800)  // Monday 2026-11-23 08:00 UTC
  private static let admission = Admission(
    inviters: ["matrix": ["@ana:hs.example"]], zone: "Europe/Berlin", language: "en")

  private static let script = [
    "!task add renew cert due fri", "!task add backup @ben due tomorrow 15:00", "!take 1",
    "!goal add ship 2.0 due 2026-12-31", "!goal g1 40%", "!role define release weekly @ana @ben",
    "!claim release", "!checkin schedule daily 09:30", "!checkin did: x; next: y; blocked by db",
    "!kudos @ben thanks", "!away 1 dec - 3 dec", "!tz Auckland", "!lang zh", "!lang en",
    "!calendar holiday 2026-12-25 Xmas", "!policy kudos.top on",
  ]

  private static let teams: Teams = {
    var teams = Teams(words: (try? LanguageFiles.load(beside: nil)) ?? Words())
    hear(message("ana", [], kind: .invited, id: 0), &teams)
    hear(message("ben", [], kind: .joined, id: 1), &teams)
    for (number, line) in script.enumerated() {
      hear(message("ana", pieces(line), id: number + 2), &teams)
    }
    hear(message("ben", [.text("help")], isDirect: true, id: 90), &teams)
    return teams
  }()

  private static func hear(_ message: Message, _ teams: inout Teams) {
    let answer = teams.answer(
      message, now: Now(start, zones: FewZones()), handled: start, admission: admission, chance: 7)
    for happening in answer.events { teams.apply(happening.event, to: happening.team, at: start) }
  }

  private static func message(
    _ who: String, _ body: [Piece], kind: Message.Kind = .text, isDirect: Bool = false, id: Int
  ) -> Message {
    Message(
      id: "$m\(id)",
      room: isDirect ? Room(account: "matrix", id: "!direct-\(who):hs.example") : room,
      isDirect: isDirect, sender: Identity(account: "matrix", user: "@\(who):hs.example"),
      senderName: who, kind: kind, body: body, roomName: "Desk", sentAt: start)
  }

  /// `@ana` and `@ben` are mentions, as a platform makes them.
  private static func pieces(_ text: String) -> [Piece] {
    var pieces: [Piece] = []
    var plain = ""
    var rest = text[...]
    while let first = rest.first {
      if let name = ["ana", "ben"].first(where: { rest.hasPrefix("@" + $0) }) {
        if !plain.isEmpty { pieces.append(.text(plain)) }
        plain = ""
        let identity = Identity(account: "matrix", user: "@\(name):hs.example")
        pieces.append(.mention(identity, shown: name))
        rest = rest.dropFirst(name.count + 1)
      } else {
        plain.append(first)
        rest = rest.dropFirst()
      }
    }
    return plain.isEmpty ? pieces : pieces + [.text(plain)]
  }

  static func run(_ bytes: [UInt8]) throws {
    var choices = Choices(bytes)
    let flags = choices.byte()
    var message = message(
      flags & 1 == 0 ? "ana" : "ben", [], isDirect: flags & 2 != 0, id: 100)
    message.mentionsBot = flags & 4 != 0
    if flags & 8 != 0 { message.thread = "$t" }
    if flags & 16 != 0 { message.senderName = choices.text(Int(choices.byte() % 64)) }
    let now = start.adding(seconds: Int64(choices.byte()) * 5000)
    message.body = pieces(choices.text)
    var teams = teams
    let answer = Meter.product {
      let answer = teams.answer(
        message, now: Now(now, zones: FewZones()), handled: now, admission: admission, chance: 11)
      for happening in answer.events { teams.apply(happening.event, to: happening.team, at: now) }
      return answer
    }
    guard answer.posts.count <= 24, answer.events.count <= 200 else {
      throw Harm("\(answer.posts.count) posts, \(answer.events.count) events")
    }
    // The readers and the bell cost much more than the answer: theirs is every eighth input. Which,
    // the fuzzer cannot choose, or it would soon bring no other.
    let share = Choices.share(of: bytes, in: 8)
    if share == 0 { for post in answer.posts { try check(post.post.text, bytes) } }
    if !answer.events.isEmpty, share == 1 { try ring(teams, now, bytes) }
  }

  private static func check(_ text: Markup, _ bytes: [UInt8]) throws {
    for checks in EncoderChecks.some(for: bytes) {
      if let harm = checks.harms(of: text).first { throw Harm("\(checks.account): \(harm)") }
    }
  }

  /// What was just stored is there when the bell rings: a trap then would come at every start.
  private static func ring(_ teams: Teams, _ now: Instant, _ bytes: [UInt8]) throws {
    for days in [1, 4] {
      let later = Now(now.adding(hours: Int64(days) * 24 + 1), zones: FewZones())
      for team in teams.sorted {
        for due in Meter.product({ team.due(later, words: teams.words) }) {
          if let post = due.post { try check(post.post.text, bytes) }
        }
      }
    }
  }
}
