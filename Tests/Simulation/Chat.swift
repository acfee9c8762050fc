import Crew
import Foundation
import Ledger
import Platforms

/// One account's side of the virtual chat: what people wrote, and what the bot really put there.
struct Chat: ChatServer {
  struct Update: Sendable {
    var letter: Letter
    var at: Instant
  }

  /// What the chat keeps of its stream, and of its history.
  static let keepSeconds: Int64 = 7 * 86_400
  /// How long it knows a key; see `Wire.takesOnce`.
  static let keySeconds: Int64 = 72 * 3600
  static let pageMax = 20

  let account: String
  let resend: Resend
  let platform: any Platform
  private(set) var updates: [Update] = []
  /// The furthest place that an answer has named: what lies before is in its order for ever.
  private var handedOut = 0
  private var lastID = 0
  private var shownCount = 0
  private var keys: [String: (id: String, at: Instant)] = [:]
  private var marks: Set<String> = []
  /// The room of the team, and where its former ids lead.
  private(set) var room = "desk"
  private var moved: [String: String] = [:]
  var isBotIn = true
  var closed: Set<String> = []

  init(account: String, resend: Resend) {
    (self.account, self.resend) = (account, resend)
    platform = Wire(account: account, resend: resend)
  }

  // MARK: People

  var credential: Credential { Credential(token: Simulation.token) }
  var inviters: [String] { ["ana"] }
  var people: [String] { People.members }
  func user(_ who: String) -> String { who }
  var isStrict: Bool { false }

  mutating func write(_ letter: Letter, at: Instant, back: Int) -> String {
    var letter = letter
    lastID += 1
    letter.id = "\(account.prefix(1))\(lastID)"
    append(letter, at: at, back: back)
    return letter.id
  }

  private mutating func append(_ letter: Letter, at: Instant, back: Int) {
    // A room's move is told before what is written at its new place.
    let move = updates.lastIndex(where: \.letter.isMove)
    let place = max(handedOut, updates.count - back, (move ?? -1) + 1)
    updates.insert(Update(letter: letter, at: at), at: place)
  }

  mutating func moveRoom() -> (old: String, new: String) {
    let old = room
    room = "desk\(moved.count + 1)"
    moved[old] = room
    for (former, target) in moved where target == old { moved[former] = room }
    return (old, room)
  }

  // MARK: The stream

  func serves(_ request: HTTPRequest) -> Bool { request.url.hasPrefix("http://\(account)/") }

  mutating func serve(
    _ request: HTTPRequest, _ mood: ServerMood, now: Instant, isKnown: (String) -> Bool
  ) -> Served {
    guard request.method == .get else {
      let (response, shown) = accept(
        String(decoding: request.body ?? Data(), as: UTF8.self), now: now)
      return Served(response: response, shown: shown.map { [$0] } ?? [])
    }
    let cursor = request.url.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
    if request.url.contains("/find?") { return Served(response: find(cursor)) }
    if cursor == "history" {
      let (response, lost) = history(now, isKnown)
      return Served(response: response, lost: lost)
    }
    return Served(response: stream(after: Int(cursor), mood, now: now))
  }

  private mutating func stream(
    after cursor: Int?, _ mood: ServerMood, now: Instant
  ) -> HTTPResponse? {
    guard let place = cursor, place <= updates.count else {
      return page([], next: updates.count)
    }
    let isOld = place < updates.count && now.seconds(since: updates[place].at) > Self.keepSeconds
    if mood.forgets || isOld { return HTTPResponse(status: 410) }
    let end = max(place, min(place + Self.pageMax, updates.count) - mood.heldBack)
    if end == place, mood.repeats == 0, mood.mayWait { return nil }
    // Nothing is repeated that the chat itself does not have any more.
    let repeated = updates[max(0, place - mood.repeats)..<place].filter {
      now.seconds(since: $0.at) <= Self.keepSeconds
    }
    return page((repeated + updates[place..<end]).map(\.letter), next: end)
  }

  /// All that is kept, and a word about a gap where something is gone that nobody has read.
  private mutating func history(
    _ now: Instant, _ isKnown: (String) -> Bool
  ) -> (HTTPResponse, lost: [String]) {
    let first =
      updates.firstIndex { now.seconds(since: $0.at) <= Self.keepSeconds } ?? updates.count
    let old = updates[..<first].map(\.letter).filter { !isKnown($0.id) }
    // What a room is called now can be asked at any time.
    let moves = old.filter(\.isMove)
    let lost = old.filter { !$0.isMove }.map(\.id)
    var letters = moves + updates[first...].map(\.letter)
    if let last = lost.last, !isKnown("gap-\(last)") {
      // It is told in the room as it is called now, so behind every word of how it came to that.
      let place = letters.lastIndex(where: \.isMove).map { $0 + 1 } ?? 0
      letters.insert(
        Letter(
          id: "gap-\(last)", room: room, isDirect: false, user: "chat", sender: .bot, kind: .gap,
          sentAt: now, text: ""), at: place)
    }
    return (page(letters, next: updates.count), lost)
  }

  private mutating func page(_ letters: [Letter], next: Int) -> HTTPResponse {
    handedOut = max(handedOut, next)
    let records = letters.map(\.record) + ["next \(next)"]
    return HTTPResponse(
      status: 200, body: Data(records.joined(separator: String(Wire.record)).utf8))
  }

  // MARK: Posts

  private mutating func accept(_ body: String, now: Instant) -> (HTTPResponse, Shown?) {
    let fields = body.split(separator: Wire.field, omittingEmptySubsequences: false).map(
      String.init)
    guard fields.count == 6 else { return (HTTPResponse(status: 400), nil) }
    let place = fields[1] == "room" ? fields[2] : "dm-\(fields[2])"
    if let new = moved[place] { return (HTTPResponse(status: 301, body: Data(new.utf8)), nil) }
    if (place == room && !isBotIn) || closed.contains(place) {
      return (HTTPResponse(status: 403), nil)
    }
    let shown = Shown(
      key: fields[0], place: place, isReaction: fields[3] == "reaction", replyTo: fields[4],
      text: fields[5])
    if shown.isReaction {
      let isNew = marks.insert("\(place) \(fields[4]) \(fields[5])").inserted
      return (ok("mark"), isNew ? shown : nil)
    }
    if case .sameKey = resend, let known = keys[shown.key],
      now.seconds(since: known.at) < Self.keySeconds
    {
      return (ok(known.id), nil)
    }
    shownCount += 1
    let id = "p\(shownCount)"
    keys[shown.key] = (id, now)
    return (ok(id), shown)
  }

  /// Looks through two pages, the newer one first.
  private func find(_ query: Substring) -> HTTPResponse {
    let parts = query.split(separator: "&")
    let id = parts.first.flatMap { keys[String($0)]?.id }
    let answer = parts.last == "0" ? "more 1" : id.map { "id \($0)" } ?? "absent"
    return HTTPResponse(status: 200, body: Data(answer.utf8))
  }

  private func ok(_ id: String) -> HTTPResponse {
    HTTPResponse(status: 200, body: Data("id \(id)".utf8))
  }
}
