import Crew

extension RocketChat {
  /// What the cursor holds: how far each room was read, what is to be read next, and who is a
  /// person. Every time in it is the server's. No text of a chat ever stands in it.
  struct Memory: StoredMemory {
    var version = 1
    /// Our own name, once `me` has told it.
    var username: String?
    /// The newest change of a room that a list has told of, in milliseconds. Nil before the first.
    var since: Int64?
    /// When all rooms were listed, in seconds.
    var wholeAt: Int64?
    var rooms: [String: Place] = [:]
    /// Rooms that are being read, in turn.
    var errands: [Errand] = []
    /// Pages read since the last list.
    var pages = 0
    /// A list comes next, although there is something to be read.
    var isListing = false
    /// The next list is one of all rooms.
    var isWhole = true
    /// Who wrote lately.
    var people: [Person] = []
    /// Whom the page in hand speaks of and who is not known, by id or `@name`: asked for, then the
    /// page is read again.
    var wanted: [String] = []
    /// Asked for on behalf of the page in hand, and nobody.
    var nobody: [String] = []
    /// Until when a call may not be made, by the server's limiter, in milliseconds.
    var rests: [String: Int64] = [:]

    static let peopleMax = 128
    /// So many pages, and then a list: a flood in some rooms hides no other.
    static let pagesMax = 10

    enum Step {
      case whoami
      case person(String)
      case list(since: Int64?)
      case read(Errand)

      /// What stands in the address, by which the server's limiter counts.
      var path: String {
        switch self {
        case .whoami: "me"
        case .person: "users.info"
        case .list: "rooms.get"
        case .read: "chat.syncMessages"
        }
      }
    }

    /// What is asked next; `read` takes the answer by the same rule.
    var step: Step {
      guard username != nil else { return .whoami }
      if let person = wanted.first { return .person(person) }
      if !isListing, let errand = errands.first { return .read(errand) }
      return .list(since: isWhole ? nil : since.map { $0 - RocketChat.overlapMilliseconds })
    }

    func person(_ asked: String) -> Person? {
      people.last { $0.id == asked || "@" + $0.username == asked }
    }

    /// A name can go to somebody else, so whoever has this one now is its only owner.
    mutating func learn(_ person: Person) {
      people.removeAll { $0.id == person.id || $0.username == person.username }
      people.append(person)
      if people.count > Self.peopleMax { people.removeFirst(people.count - Self.peopleMax) }
    }

    /// Decides what is asked next.
    /// - Parameters:
    ///   - now: by the server's clock, in milliseconds.
    ///   - pause: between two lists, in seconds.
    /// - Returns: in how many seconds.
    mutating func choose(now: Int64?, pause: Double) -> Double {
      rests = rests.filter { $0.value > now ?? 0 }
      isWhole = wholeAt.map { (now ?? 0) / 1000 - $0 >= RocketChat.wholeListSeconds } ?? true
      isListing = false
      guard username != nil, wanted.isEmpty, !errands.isEmpty else {
        let own = rest(of: step.path, now)
        if case .list = step { return max(pause, own) }
        return own
      }
      let wait = rest(of: step.path, now)
      let list = rest(of: "rooms.get", now)
      isListing = pages >= Self.pagesMax && list == 0 || wait > max(pause, list)
      guard isListing else { return wait }
      return pages >= Self.pagesMax ? 0 : max(pause, list)
    }

    private func rest(of path: String, _ now: Int64?) -> Double {
      guard let now, let end = rests[path] else { return 0 }
      return Double(min(max(0, end - now), 3_600_000)) / 1000
    }
  }

  /// A room as the server calls all of them: a channel, a group of people, a direct chat.
  struct Place: Codable, Equatable {
    enum Kind: String, Codable {
      /// Channels, open to all or to those who were asked in.
      case room
      /// Two people.
      case direct
      /// A direct chat of more than two: nobody is added to it later.
      case group
    }

    var kind: Kind
    /// The room's `_updatedAt` and `msgs` up to which it was read.
    var movedAt: Int64 = 0
    var count: Int64 = 0
    /// The newest `_updatedAt` of a message that was read.
    var high: Int64
    /// The newest `ts`.
    var last: Int64 = 0
    /// What was written then or earlier is history, or told.
    var floor: Int64
    /// Somebody who may has brought the bot in, or none is needed.
    var isOurs = false
    /// Told already that it is encrypted.
    var isUnreadable = false
    /// How often the list told of a message that could not be read.
    var misses = 0
    /// In how many whole lists one after the other it was missing.
    var absences = 0

    static let missesMax = 3
    static let absencesMax = 2
    /// A message can be stored after one that was written later, by so much at most: the server
    /// takes a sender's own time for ten seconds (`methods/sendMessage.ts`).
    static let lateMilliseconds: Int64 = 60_000
  }

  struct Errand: Codable, Equatable {
    enum Kind: Codable, Equatable {
      /// Who brought us in, among what was changed last.
      case enter
      /// What was changed after this time; nil is where the room was read up to.
      case read(from: Int64?)
    }

    var kind: Kind
    var room: String
    /// For show, as the list gave it.
    var name: String
    /// The list's `_updatedAt`, `lm` and `msgs`.
    var movedAt: Int64
    var lastAt: Int64
    var count: Int64
    /// Who made the room, where that is who brought us in unless somebody has added us.
    var creator: String?
    var createdAt: Int64 = 0
  }

  typealias Person = KnownPerson
}
