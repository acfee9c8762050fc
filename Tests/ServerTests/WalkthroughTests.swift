import Crew
import Foundation
import Outside
import Platforms
import Testing

@testable import Daemon

/// Three people on a real homeserver, from the invitation to the digest. What they read is kept in
/// `docs/walkthrough.md`; `UPDATE=1` writes it anew.
@Suite struct WalkthroughTests {
  @Test func `a team on Matrix, from the invitation to the digest`() async throws {
    var story = try await Story.begin()
    for line in Self.script.split(separator: "\n") { try await story.play(String(line)) }
    try await story.town.end()
    let page = Self.head + story.lines.joined(separator: "\n") + "\n```\n"
    let file = projectRoot.appending(path: "docs/walkthrough.md")
    if ProcessInfo.processInfo.environment["UPDATE"] != nil {
      try Data(page.utf8).write(to: file)
    }
    let kept = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    #expect(kept == page, "run `UPDATE=1 swift test --filter WalkthroughTests` and read the change")
  }

  static let head = """
    # A week with Crewbell

    Ana, Ben and Li Wei share a room on a Matrix homeserver. This page is made by a test that plays
    the story on a real Synapse; `→` marks a message to one person alone, `⤷` one in a thread, and
    an emoji alone is a reaction. The bot is `bell`.

    ```

    """

  static let script = """
    # Monday 2026-11-23 09:00. Ana invites the bot into the team's room.
    ana: !help
    ana: !role define billing Invoices, refunds and questions about them
    ben: !claim billing
    ana: !task add renew the TLS certificate due fri
    ana: !task add answer the refund backlog
    li: !语言 zh
    li: !接 1
    ana: !goal add first reply under two hours by 2026-12-18 @li
    ana: !checkin schedule weekly 09:30 tue
    @ tue 09:30
    # Tuesday 09:30: the check-in opens.
    ben: !checkin fixed the invoice export; today: SLA report; blocked: VPN key from ops
    li: !签到 证书续期进行中
    @ tue 16:00
    @ tue 17:00
    # Tuesday 17:00: it closes.
    @ wed 10:00
    # Wednesday: a task has had no owner since Monday.
    ben: !take 2
    ben: !take 99
    li: !完成 1
    ana: @li++ for the certificate #customer
    ana: !undo
    ana: @li++ for renewing the certificate before anyone noticed #customer
    @ mon 09:00
    # The next Monday: the digest.
    ana: !why
    """
}

/// The story as it goes: who said what, and what came back.
struct Story {
  let town: Town
  let room: String
  let bot: String
  let people: [(name: String, account: Account)]
  var lines: [String] = []
  private var seen: Set<String> = []
  private let zone = "Europe/Berlin"

  static func begin() async throws -> Story {
    let synapse = try await Synapse.shared.value
    let suffix = String(UUID().uuidString.prefix(6)).lowercased()
    let bot = try await synapse.account("bell-\(suffix)", displayName: "bell")
    var people: [(name: String, account: Account)] = []
    for name in ["ana", "ben", "li"] {
      people.append((name, try await synapse.account("\(name)-\(suffix)", displayName: name)))
    }
    let zones = FoundationZones()
    let start = Now(Instant(milliseconds: 0), zones: zones)
      .instant(of: Day("2026-11-23") ?? Day(number: 0), .nine, in: "Europe/Berlin")
    let town = try await Town(
      synapse, bot: bot, invite: [people[0].account.user], zone: "Europe/Berlin", at: start)
    let ana = people[0].account
    let room = try await ana.createRoom(
      "Service Desk", inviting: people.dropFirst().map(\.account.user))
    for (_, account) in people.dropFirst() { try await account.join(room) }
    var story = Story(town: town, room: room, bot: bot.user, people: people)
    try await story.settle()
    try await ana.invite(bot.user, to: room)
    try await wait(seconds: 30, for: "the greeting") {
      try await ana.timeline(of: room).contains {
        $0["sender"].string == bot.user && $0["type"].string == "m.room.message"
      }
    }
    try await story.settle()
    return story
  }

  private init(
    town: Town, room: String, bot: String, people: [(name: String, account: Account)]
  ) {
    self.town = town
    self.room = room
    self.bot = bot
    self.people = people
  }

  mutating func play(_ line: String) async throws {
    if line.hasPrefix("@ ") {
      try await turn(line.dropFirst(2).split(separator: " ").map(String.init))
    } else if line.hasPrefix("#") {
      lines += lines.isEmpty ? [line] : ["", line]
      return try await settle()
    } else {
      try await say(line)
    }
    try await settle()
  }

  private mutating func say(_ line: String) async throws {
    let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
    guard let person = people.first(where: { $0.name == parts[0] }) else { return }
    let text = parts[1].trimmingCharacters(in: .whitespaces)
    let event = try await person.account.say(
      mentioning(text).body, in: room, more: mentioning(text).more)
    seen.insert(event)
    lines.append(line)
    guard text.hasPrefix("!") || text.contains("++") else { return }
    let (town, bot, room) = (town, bot, room)
    try await wait(seconds: 30, for: "an answer to “\(line)”") {
      let events = try await person.account.timeline(of: room)
      let isAnswered = events.contains { Self.isAnswer($0, to: event, from: bot) }
      let isQuiet = try await town.isQuiet()
      return isQuiet && isAnswered
    }
  }

  private static func isAnswer(_ event: JSON, to id: String, from bot: String) -> Bool {
    let relation = event["content"]["m.relates_to"]
    return event["sender"].string == bot
      && (relation["event_id"].string == id
        || relation["m.in_reply_to"]["event_id"].string == id)
  }

  /// `@li` as a client sends it: the name in the text, the id in the mentions.
  private func mentioning(_ text: String) -> (body: String, more: [String: JSON]) {
    var body = text
    var html = text
    var ids: [JSON] = []
    for (name, account) in people where text.contains("@" + name) {
      body = body.replacingOccurrences(of: "@" + name, with: name)
      html = html.replacingOccurrences(
        of: "@" + name, with: "<a href=\"https://matrix.to/#/\(account.user)\">\(name)</a>")
      ids.append(.string(account.user))
    }
    guard !ids.isEmpty else { return (text, [:]) }
    return (
      body,
      [
        "format": "org.matrix.custom.html", "formatted_body": .string(html),
        "m.mentions": ["user_ids": .array(ids)],
      ]
    )
  }

  private mutating func turn(_ words: [String]) async throws {
    let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    let now = Now(town.clock.now(), zones: FoundationZones())
    var day = now.today(in: zone)
    let wanted = (names.firstIndex(of: words[0]) ?? 0) + 1
    while day.weekday.rawValue != wanted || (words[0] == "mon" && day == now.today(in: zone)) {
      day = day.adding(days: 1)
    }
    let time = TimeOfDay(words[1]) ?? .nine
    try await town.turn(to: now.instant(of: day, time, in: zone))
  }

  /// Writes down what the bot has said since.
  private mutating func settle() async throws {
    for event in try await people[0].account.timeline(of: room) { note(event, to: nil) }
    for (name, account) in people {
      for invitation in try await account.invitations() { try await account.join(invitation) }
      let joined = try await account.call(.get, "joined_rooms")["joined_rooms"].array ?? []
      for direct in joined.compactMap(\.string) where direct != room {
        for event in try await account.timeline(of: direct) { note(event, to: name) }
      }
    }
  }

  private mutating func note(_ event: JSON, to name: String?) {
    guard event["sender"].string == bot, let id = event["event_id"].string,
      seen.insert(id).inserted
    else { return }
    let content = event["content"]
    let relation = content["m.relates_to"]
    switch event["type"].string {
    case "m.reaction": lines.append("bell: \(relation["key"].string ?? "?")")
    case "m.room.message":
      let mark =
        name.map { "bell → \($0): " }
        ?? (relation["rel_type"].string == "m.thread" ? "bell ⤷ " : "bell: ")
      let body = (content["body"].string ?? "").replacingOccurrences(of: "\n", with: "\n      ")
      lines.append(mark + body)
    default: break
    }
  }
}
