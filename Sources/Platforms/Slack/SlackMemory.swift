import Crew
import Foundation

extension Slack {
  /// What the cursor holds: how far each channel and each thread was read, whose turn is next, and
  /// who is who. No text of a chat ever stands in it.
  struct Memory: StoredMemory {
    var version = 1
    /// The bot's own user and bot ids, once `auth.test` has told them.
    var me: String?
    var bot = ""
    var team = ""
    /// The server's clock at the first list of channels, in seconds. Nil before it.
    var bornAt: Int64?
    var channels: [String: Channel] = [:]
    /// The page of the list that is being read; nil while none is.
    var listPage: String? = ""
    /// Channels that the list in hand has told of.
    var listed: [String] = []
    /// Turns since the last list.
    var turns = 0
    /// Counts turns, so that the channel that waits longest is known.
    var clock = 0
    /// Who reads the pages of one channel, from the newest back.
    var walk: Walk?
    var threads: [ThreadRead] = []
    var people: [Person] = []
    var wanted: [String] = []
    var nobody: [String] = []

    static let peopleMax = 128
    /// A new channel is seen after so many turns at the latest.
    static let turnsMax = 16

    enum Step {
      case whoami
      case list(page: String)
      case person(String)
      case history(channel: String, page: String)
      case thread(ThreadRead)
    }

    /// What is asked next; `read` takes the answer by the same rule.
    var step: Step {
      guard me != nil else { return .whoami }
      if let id = wanted.first { return .person(id) }
      if let listPage { return .list(page: listPage) }
      if let walk { return .history(channel: walk.channel, page: walk.pages.last ?? "") }
      if let thread = threads.first { return .thread(thread) }
      guard let channel = next else { return .list(page: "") }
      return .history(channel: channel, page: "")
    }

    /// Every second turn belongs to the channels where something was written lately, if there are
    /// such; among them, and among the others, to the one that has waited longest.
    var next: String? {
      let busy = channels.filter { clock - $0.value.busyAt < Self.busyTurns }
      let hot = clock.isMultiple(of: 2) && !busy.isEmpty ? busy : channels
      return hot.min { ($0.value.readAt, $0.key) < ($1.value.readAt, $1.key) }?.key
    }

    /// About ten minutes of turns.
    static let busyTurns = 480

    func person(_ id: String) -> Person? { people.last { $0.id == id } }

    mutating func learn(_ person: Person) {
      people.removeAll { $0.id == person.id }
      people.append(person)
      if people.count > Self.peopleMax { people.removeFirst(people.count - Self.peopleMax) }
    }
  }

  struct Channel: Codable, Equatable {
    enum Kind: String, Codable { case room, direct, group }
    var kind: Kind
    var name = ""
    /// The newest message read. Nil before the first page: what is there then is history.
    var high: Time?
    /// What was written then or earlier is history.
    var floor = Time(microseconds: 0)
    /// Appeared after the first list: what was written since we were brought in is for us.
    var isNew = false
    /// Somebody who may has brought the bot in, or none is needed.
    var isOurs = false
    /// The turn in which it was read, and in which something new was there.
    var readAt = 0
    var busyAt = -1000
    /// Heads of threads to their newest reply that was read.
    var threads: [String: Time] = [:]

    static let threadsMax = 60
  }

  /// Pages behind the newest one: first only their cursors are collected, back to what is known,
  /// and then they are read in the order of time. A cursor is a place in time, so these pages stay
  /// what they are while people go on writing.
  struct Walk: Codable, Equatable {
    var channel: String
    /// The cursors of the pages; the empty one is the newest page, which is read last.
    var pages: [String]
    /// The oldest message that stood on the newest page: the other pages end before it.
    var edge: Time?
    var isBack = true
    static let pagesMax = 60
  }

  struct ThreadRead: Codable, Equatable {
    var channel: String
    var root: String
    var after: String
    var page = ""
  }

  struct Person: Codable, Equatable {
    var id: String
    /// For show.
    var name: String
    var kind: SenderKind
    /// By the server's clock, in seconds.
    var at: Int64?

    func isFresh(_ now: Int64?) -> Bool {
      guard let at, let now else { return true }
      return now - at < 3600
    }
  }
}
