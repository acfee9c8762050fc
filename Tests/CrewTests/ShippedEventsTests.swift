import Crew
import Foundation
import Testing

/// Events once written are a promise for years. `ShippedEvents.jsonl` holds one of every sort that
/// was ever shipped, as it was written then; `UPDATE=1` adds new sorts and never touches a line.
@Suite struct ShippedEventsTests {
  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "ShippedEvents.jsonl")

  private static func lines() throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// `tasks.added` for an event of that sort.
  private static func sort(of line: String) throws -> String {
    let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
    let feature = try #require((value as? [String: Any])?.first)
    let inner = (feature.value as? [String: Any])?["_0"] as? [String: Any]
    return "\(feature.key).\(inner?.keys.first ?? "?")"
  }

  private static func line(_ event: Event) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(event), as: UTF8.self)
  }

  @Test func `every sort of event ever shipped is still read, and still written the same`() throws {
    if ProcessInfo.processInfo.environment["UPDATE"] != nil { try Self.addNewSorts() }
    for line in try Self.lines() {
      let event = try JSONDecoder().decode(Event.self, from: Data(line.utf8))
      let again = try JSONDecoder().decode(
        Event.self, from: Data(try Self.line(event).utf8))
      #expect(again == event)
      var team = Team(id: "t")
      team.apply(event, at: Instant(milliseconds: 0))
    }
  }

  @Test func `no sort of event that a week brings is missing from the file`() throws {
    let known = Set(try Self.lines().map(Self.sort))
    let seen = Set(try Self.week().map { try Self.sort(of: Self.line($0)) })
    #expect(
      seen.subtracting(known).sorted() == [], "run UPDATE=1 swift test --filter ShippedEvents")
  }

  private static func addNewSorts() throws {
    var lines = (try? Self.lines()) ?? []
    var known = Set(try lines.map(sort))
    for event in week() {
      let line = try line(event)
      if known.insert(try sort(of: line)).inserted { lines.append(line) }
    }
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
  }

  /// Much of what can be typed, and a week of what follows.
  private static func week() -> [Event] {
    var stage = Stage(zone: "Europe/Berlin")
    stage.places = Places(recipients: ["mail": ["*@example.org"]])
    _ = stage.play(script)
    _ = stage.play("dora invites\nana → bell: team room")
    // The code is chance's.
    let code = stage.transcript.last?.suffix(8) ?? ""
    _ = stage.play("dora: !team join \(code)\nana: !member manager @dora\ndora: !team leave")
    return stage.entries.map(\.event)
  }

  private static let script = """
    ana: !team name Desk
    ana: !team tz Europe/Berlin
    ana: !team lang en
    ana: !team hours 09:00-18:00
    ana: !team workdays mon-fri
    ana: !policy kudos.top on
    ana: !member manager @ben
    ana: !member unmanager @ben
    ben → bell: lang zh
    ben: !lang en
    ben: !tz Asia/Shanghai
    ben: !quiet 20:00-08:00
    ben: !workdays sun-thu
    ben: !nudge light
    ben → bell: link
    ana: !calendar holiday 2026-12-25 Christmas
    ana: !calendar remove 2026-12-25
    ben: !away 2026-12-01 - 2026-12-03 cover @ana
    ben: !back
    ana: !checkin schedule daily 09:30
    ana: !checkin questions daily Done? | Next?
    ana: !checkin optional @ben
    ana: !role define duty Answers the phone
    ana: !role min duty 2
    ben: !claim duty
    ben: !hand duty @ana
    ana: !accept duty
    ana: !cover duty until fri
    ana: !release duty
    ana: !task add one due fri
    ana: !task add two @ben
    ben: !take 1
    ana: !give 1 @ben
    ben: !due 1 2026-12-02
    ben: !task edit 1 other words
    ben: !snooze 1 2d
    ben: !drop 1 no time
    ben: !done 2
    ben: !reopen 2
    ana: !goal add first goal by eom @ben
    ben: !goal g1 40% pilot
    ana: !goal kr g1 CSAT 4.1->4.6
    ana: !goal g1 kr1=4.3
    ben: !confidence g1 amber waits
    ana: !goal owner g1 @ana
    ana: !task goal 2 g1
    ana: @ben++ for it #customer
    ana: !undo
    ana: @ben++ for it again #customer
    ana: !block waiting for a key @ben
    ana: !unblock b1
    ana: !digest on
    ana: !digest daily on
    ana → bell: digest to an@example.org
    ana → bell: digest to chat
    ana: !task add three
    ana: !give 3 @ben
    ben: !take 3
    ana: !task add four
    ana: !drop 4 a duplicate
    ana: !undo
    ana: !task add five
    ana: !undo
    ana: !goal add second goal
    ana: !undo
    ana: !goal due g1 2026-12-20
    ana: !role define duty Answers the phone and the door
    ana: !claim duty
    ana: !hand duty @ben
    ben: !decline duty
    ana: !role review duty
    ana: !cover duty @ben until fri
    ana: !cover duty off
    ana: !rotate duty every 2 weeks @ana @ben
    ana: !block another thing
    ana: !undo
    at tue 10:00
    ana: !checkin shipped it; blocked: a key
    ben: !checkin edit nothing
    ana: !checkin skip train
    ana: !checkin for tomorrow more
    at mon 10:00
    ana: !goal close g1 done
    ana: !role drop duty
    ana: !checkin schedule daily off
    ana: !member remove @ben
    ana: !member back @ben
    """
}
