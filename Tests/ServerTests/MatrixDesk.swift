import Foundation
import Platforms

/// One person and one bot of their own on the homeserver of the tests, and a daemon for the bot
/// with its state in a folder of its own.
struct MatrixDesk {
  let ana: Account
  let bot: Account
  let room: String
  let daemon: DaemonProcess

  /// Everything but the daemon's start.
  static func prepared() async throws -> MatrixDesk {
    let synapse = try await Synapse.shared.value
    let suffix = String(UUID().uuidString.prefix(6)).lowercased()
    let bot = try await synapse.account("bell-\(suffix)", displayName: "bell")
    let ana = try await synapse.account("ana-\(suffix)", displayName: "ana")
    let room = try await ana.createRoom("Desk")
    let daemon = try DaemonProcess(homeserver: synapse.url, user: bot.user, password: "secret")
    return MatrixDesk(ana: ana, bot: bot, room: room, daemon: daemon)
  }

  /// Running, in the room, and done with its greeting.
  static func open() async throws -> MatrixDesk {
    let desk = try await prepared()
    try desk.daemon.start()
    try await desk.greeted()
    return desk
  }

  /// Brings the running bot into the room.
  func greeted() async throws {
    try await ana.invite(bot.user, to: room)
    try await wait(seconds: 120, for: "the greeting; see \(daemon.folder.path)/log") {
      try await !words().isEmpty
    }
  }

  /// All that the bot has said, oldest first.
  func words() async throws -> [String] { try await words(in: room) }

  func words(in room: String) async throws -> [String] {
    try await ana.wholeTimeline(of: room)
      .filter { $0["sender"].string == bot.user && $0["type"].string == "m.room.message" }
      .compactMap { $0["content"]["body"].string }
  }

  func isAnswered(_ title: String) async throws -> Bool {
    try await ana.timeline(of: room).contains {
      $0["sender"].string == bot.user
        && $0["content"]["body"].string?.contains(" \(title) ") == true
    }
  }

  /// Starts the daemon once more, lets everything settle and compares what was written with what is
  /// stored and what stands in the room. Here no answer may stay away: a key is taken once.
  func reckon(_ written: [String]) async throws -> CrashScene.Reckoning {
    try daemon.start()
    try await ana.say("!task add calm", in: room)
    let patience = 240 + Double(written.count) / 5
    try await wait(seconds: patience, for: "the last answer; see \(daemon.folder.path)/log") {
      try await isAnswered("calm")
    }
    try await wait(seconds: 120, for: "quiet; see \(daemon.folder.path)/log") {
      try await daemon.isQuiet()
    }
    let titles = try await daemon.titles().filter { $0 != "calm" }
    var reckoning = CrashScene.Reckoning(commands: written.count)
    reckoning.lost = Set(written).subtracting(titles).count
    reckoning.appliedTwice = titles.count - Set(titles).count
    var answers: [String: Int] = [:]
    for word in try await words().flatMap({ $0.split(separator: " ") }) {
      answers[String(word), default: 0] += 1
    }
    for title in written where answers[title] != 1 {
      if answers[title] == nil {
        reckoning.undisclosed += 1
      } else {
        reckoning.answeredTwice += 1
      }
    }
    reckoning.undisclosed += try await daemon.untoldPosts()
    return reckoning
  }
}

extension Account {
  /// Every event of a room, oldest first.
  func wholeTimeline(of room: String) async throws -> [JSON] {
    var events: [JSON] = []
    var from: String?
    let path = room.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    while true {
      let start = from.map { "&from=\($0)" } ?? ""
      let page = try await call(.get, "rooms/\(path)/messages?dir=b&limit=500\(start)")
      events += page["chunk"].array ?? []
      guard let end = page["end"].string else { return events.reversed() }
      from = end
    }
  }
}
