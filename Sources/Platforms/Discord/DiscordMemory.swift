import Crew
import Foundation

extension Discord {
  /// What the cursor holds: what is asked next, how far each channel was read, and which limits
  /// are used up. No text of a chat ever stands in it.
  struct Memory: Codable, Equatable {
    var version = 1
    var errand = Errand.whoami
    /// The bot's own user id, once `users/@me` has told it.
    var me: String?
    /// The server's clock when all lists had been read for the first time, in milliseconds.
    var bornAt: Int64?
    /// Counts turns, so that what waits longest is known.
    var clock = 0
    var guilds: [String: Guild] = [:]
    /// Guilds that the list in hand has told of.
    var listed: [String] = []
    /// The turn of the last whole list of guilds, and the server's clock then.
    var guildsAt = 0
    var guildsTime: Int64?
    /// Channels, threads and direct chats by their id.
    var places: [String: Place] = [:]
    /// People whose direct chat is opened next, and those with whom it cannot be.
    var wanted: [String] = []
    var silent: [String] = []
    var openedAt = 0
    var limits = Limits()
    /// Told already that messages come without their words.
    var isBlind = false

    static let directsMax = 100
    static let wantedMax = 200

    init() {}

    /// A cursor that cannot be read counts as none: a new baseline.
    init(_ cursor: Cursor?) {
      let data = Data((cursor ?? "").utf8)
      self = (try? JSONDecoder().decode(Memory.self, from: data)) ?? Memory()
    }

    var cursor: Cursor {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      // Strings, numbers and lists always encode.
      return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Where a message of a place belongs: a thread stands in its channel.
    func room(of id: String) -> String {
      guard let place = places[id], place.kind == .thread else { return id }
      return place.of
    }

    func isOurs(_ id: String) -> Bool {
      guard let place = places[id] else { return false }
      return place.kind == .direct || places[room(of: id)]?.isOurs == true
    }
  }

  /// One call of the inbound stream.
  enum Errand: Codable, Equatable {
    case whoami
    case guilds(after: Snowflake)
    case channels(guild: String)
    case threads(guild: String)
    case open(person: String)
    case messages(in: String, after: Snowflake)
  }

  struct Guild: Codable, Equatable {
    /// The server's clock when it was certainly not among ours yet, in milliseconds; nil where it
    /// was there at the first list: then what stands there is history.
    var since: Int64?
    /// The turn of the last list, and the server's clock then.
    var channelsAt = 0
    var channelsTime: Int64?
    var threadsAt = 0
    var threadsTime: Int64?
    /// In how many lists one after the other it was missing.
    var absences = 0

    /// An outage takes a guild off the list for a while.
    static let absencesMax = 3
  }

  /// A channel, a thread or a direct chat. There may be hundreds, so what is seldom set is nil.
  struct Place: Codable, Equatable {
    enum Kind: String, Codable { case room = "r", thread = "t", direct = "d" }

    var kind: Kind
    /// The guild of a channel, the channel of a thread, the person of a direct chat.
    var of: String
    /// The newest message read.
    var high: Snowflake
    /// What was written then or earlier is history.
    var floor: Snowflake?
    /// The newest message by the last list, where it is newer than what was read.
    var told: Snowflake?
    /// Such a one that could not be found: deleted, or hidden from us.
    var passed: Snowflake?
    /// Those of the last seconds that were read.
    var recent: [Snowflake]?
    /// For show.
    var name: String?
    /// Somebody who may has brought the bot in.
    var isOurs: Bool?
    /// The last page was full.
    var isPaging: Bool?
    /// The turn in which it was read, something new was there, it was closed to us.
    var readAt: Int?
    var busyAt: Int?
    var closedAt: Int?
    var misses: Int?
    var absences: Int?

    /// A message can show up after one with a higher id.
    static let overlapMilliseconds: Int64 = 5000
    static let absencesMax = 2
    /// A page that says nothing may be a slip.
    static let missesMax = 2

    /// What the next page is asked to follow.
    var after: Snowflake {
      if isPaging == true { return high }
      let early = high.earlier(milliseconds: Self.overlapMilliseconds)
      return max(early, floor ?? early)
    }

    var isWaiting: Bool { isPaging == true || told != nil }
  }
}
