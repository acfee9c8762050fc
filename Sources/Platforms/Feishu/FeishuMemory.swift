import Crew

extension Feishu {
  /// What the cursor holds: what is asked next, and how far each chat was read. Every time in it is
  /// the server's. No text of a chat ever stands in it.
  struct Memory: StoredMemory {
    var version = 1
    var errand = Errand.whoami
    /// The bot's own open id, once `bot/v3/info` has told it.
    var me: String?
    /// When the last whole list of groups was read, in seconds; nil before the first.
    var listedAt: Int64?
    /// What was written then or earlier is history, in milliseconds.
    var bornAt: Int64?
    /// Groups that the list in hand has told of.
    var listed: [String] = []
    /// Groups and direct chats by their id.
    var places: [String: Place] = [:]
    /// People whose direct chat is opened next, and those with whom it cannot be.
    var wanted: [String] = []
    var silent: [String] = []
    /// Counts turns, so that what waits longest is known.
    var clock = 0

    static let directsMax = 100
    static let wantedMax = 200
    /// In seconds: how often the list of groups is read, how long a chat counts as busy, how long
    /// one that is closed to us is left alone.
    static let listSeconds: Int64 = 10
    static let busySeconds: Int64 = 600
    static let closedSeconds: Int64 = 900
    /// Every fourth turn may open a direct chat.
    static let openTurns = 4

    /// Decides what is asked next.
    /// - Parameter now: by the server's clock, in seconds.
    /// - Returns: in how many seconds.
    mutating func choose(now: Int64?) -> Double {
      clock += 1
      guard me != nil else {
        errand = .whoami
        return 0
      }
      let isDue = listedAt.map { (now ?? 0) - $0 >= Self.listSeconds } ?? true
      if isDue {
        errand = .chats(page: nil)
        return listedAt == nil ? 0 : pause
      }
      if clock.isMultiple(of: Self.openTurns), let person = wanted.first {
        errand = .open(person: person)
        return Self.quickSeconds
      }
      guard let (id, place) = turn(now: now) else {
        errand = .chats(page: nil)
        return Double(Self.listSeconds)
      }
      errand = .messages(in: id)
      return place.page == nil ? pause : Self.quickSeconds
    }

    static let quickSeconds = 0.1

    /// All within five seconds, and never more than five calls a second; a thousand a minute are
    /// allowed.
    private var pause: Double { min(max(5 / Double(max(places.count, 1)), 0.2), 1) }

    /// Who has waited longest; every second turn belongs to where something was written lately.
    private func turn(now: Int64?) -> (String, Place)? {
      let now = now ?? 0
      let open = places.filter { $0.value.closedAt.map { now - $0 >= Self.closedSeconds } ?? true }
      let busy = open.filter { place in
        place.value.page != nil
          || place.value.busyAt.map { now - $0 < Self.busySeconds } == true
      }
      let turns = clock.isMultiple(of: 2) && !busy.isEmpty ? busy : open
      return turns.min { ($0.value.readAt, $0.key) < ($1.value.readAt, $1.key) }
        .map { ($0.key, $0.value) }
    }
  }

  /// One call of the inbound stream.
  enum Errand: Codable, Equatable {
    case whoami
    case chats(page: String?)
    case open(person: String)
    case messages(in: String)
  }

  /// A group or a direct chat.
  struct Place: Codable, Equatable {
    /// The person of a direct chat; nil for a group.
    var person: String?
    /// The newest `create_time` that was read, in milliseconds.
    var high: Int64
    /// What was written then or earlier is history.
    var floor: Int64
    /// Those of the last seconds that were read.
    var recent: [String] = []
    /// Where the next page begins, while the last one was not the end.
    var page: String?
    /// The newest one on the pages before the last.
    var pending: Int64?
    /// For show.
    var name: String?
    /// Somebody who may has brought the bot in, or none is needed.
    var isOurs = false
    /// The turn in which it was read; when something new was there, when it was closed to us.
    var readAt = 0
    var busyAt: Int64?
    var closedAt: Int64?
    /// In how many whole lists one after the other it was missing.
    var absences = 0

    static let absencesMax = 2
  }
}
