import Crew
import Foundation

extension Telegram {
  /// What the cursor holds.
  struct Memory: Equatable {
    struct Seen: Equatable {
      /// In lower case, without the `@`.
      var name: String
      var id: Int64
    }

    /// Ourselves, from getMe.
    var bot: Int64
    var username: String
    /// The first update not yet stored here; nil before any has come. Asking with it tells the
    /// server that all before it arrived, so it moves in the same commit as what it brought.
    var offset: Int64?
    /// True until the queue of before the very first contact is drained.
    var isBaseline = true
    /// The server's clock in seconds at the very first contact.
    var bornAt: Int64?
    /// True once an answer held all that waited: what comes behind it was written since.
    var hasReadAll: Bool?
    /// Who goes by which @name, the newest last: a mention of an @name carries no id.
    var users: [Seen] = []
    /// The groups we are in, so that a gap can be told to each.
    var groups: [Int64] = []
    /// The server's clock in seconds when it last answered, to the nearest `heardGrain`.
    var heardAt: Int64?

    static let usersMax = 500
    static let groupsMax = 500
    /// Seconds. Coarse, so that an idle poll rarely changes what is stored.
    static let heardGrain: Int64 = 600
    /// The server drops updates older than 24 hours.
    static let keptSeconds: Int64 = 24 * 3600

    /// Ids have at most 52 significant bits, so every one is an Int64.
    init(bot: Int64, username: String) {
      self.bot = bot
      self.username = username.lowercased()
    }

    /// Nil for no cursor, or one that cannot be read: both are a first contact.
    init?(_ cursor: Cursor?) {
      guard let json = cursor.flatMap(JSON.init(text:)), let bot = json["bot"].integer,
        let username = json["username"].string, let isBaseline = json["isBaseline"].bool,
        let users = json["users"].array, let groups = json["groups"].array
      else { return nil }
      self.bot = bot
      self.username = username
      self.isBaseline = isBaseline
      self.users = users.compactMap { user in
        guard let name = user["name"].string, let id = user["id"].integer else { return nil }
        return Seen(name: name, id: id)
      }
      self.groups = groups.compactMap(\.integer)
      offset = json["offset"].integer
      bornAt = json["bornAt"].integer
      hasReadAll = json["hasReadAll"].bool
      heardAt = json["heardAt"].integer
    }

    var cursor: Cursor {
      JSON.fields([
        "bot": .integer(bot), "username": .string(username), "isBaseline": .bool(isBaseline),
        "users": .array(users.map { ["name": .string($0.name), "id": .integer($0.id)] }),
        "groups": .array(groups.map(JSON.integer)), "offset": offset.map(JSON.integer),
        "bornAt": bornAt.map(JSON.integer), "hasReadAll": hasReadAll.map(JSON.bool),
        "heardAt": heardAt.map(JSON.integer),
      ]).text
    }

    /// Whether what was written at that second was there before the very first contact. The queue
    /// is not proven drained yet when the first rooms are greeted, and whoever answers that at once
    /// is no history: such words are no older than the contact, and came behind all that waited.
    func isHistory(_ seconds: Int64) -> Bool {
      guard isBaseline, let bornAt else { return isBaseline }
      return hasReadAll == true ? seconds < bornAt : seconds <= bornAt
    }

    func id(named name: some StringProtocol) -> Int64? {
      let name = name.lowercased()
      return users.last { $0.name == name }?.id
    }

    /// An @name can be given up and taken by somebody else: whoever was seen with it last has it,
    /// and nobody has two.
    mutating func remember(_ user: User) {
      guard !user.isBot, user.id != Telegram.anonymousAdmin else { return }
      let name = user.username?.lowercased()
      if let name,
        users.last(where: { $0.name == name || $0.id == user.id })
          == Seen(name: name, id: user.id)
      {
        return
      }
      users.removeAll { $0.id == user.id || $0.name == name }
      if let name { users.append(Seen(name: name, id: user.id)) }
      if users.count > Self.usersMax { users.removeFirst(users.count - Self.usersMax) }
    }

    mutating func enter(_ chat: Int64) {
      guard !groups.contains(chat) else { return }
      groups.append(chat)
      if groups.count > Self.groupsMax { groups.removeFirst(groups.count - Self.groupsMax) }
    }

    mutating func leave(_ chat: Int64) { groups.removeAll { $0 == chat } }

    /// Takes the server's clock and says since when it may have dropped updates.
    mutating func hear(_ seconds: Int64?) -> Int64? {
      guard let seconds else { return nil }
      let last = heardAt
      if last.map({ seconds - $0 >= Self.heardGrain || seconds < $0 }) ?? true {
        heardAt = seconds
      }
      guard let last, seconds - last > Self.keptSeconds else { return nil }
      return last
    }
  }

  /// `GroupAnonymousBot`: the sender that stands for an administrator who hides in a group.
  static let anonymousAdmin: Int64 = 1_087_968_824

  private static let months: [Substring] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Seconds since 1970 of an HTTP date (RFC 9110, `Sun, 06 Nov 1994 08:49:37 GMT`).
  static func seconds(ofHTTPDate text: String) -> Int64? {
    let parts = text.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
    guard parts.count == 6, let day = Int(parts[1]), let year = Int(parts[3]),
      let month = months.firstIndex(of: parts[2]),
      let date = Day(year: year, month: month + 1, day: day)
    else { return nil }
    let clock = parts[4].utf8.split(separator: UInt8(ascii: ":")).compactMap {
      Int64(Substring($0))
    }
    guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]),
      (0...60).contains(clock[2])
    else { return nil }
    return Int64(date.number) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
  }
}
