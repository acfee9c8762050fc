import Crew
import Foundation

extension Mattermost {
  /// What the cursor holds: how far each channel was read, what is to be read next, and who is who.
  /// Nothing of it changes while nobody writes.
  struct Memory: StoredMemory {
    var version = 1
    /// Our own user id and name, once `users/me` has told them.
    var me: String?
    var username = ""
    /// The server's clock at the first list of channels, in milliseconds. Nil before it.
    var bornAt: Int64?
    var channels: [String: Channel] = [:]
    /// Channels that are being read, in turn.
    var errands: [Errand] = []
    /// Who wrote lately, and everybody that the page in hand speaks of.
    var people: [Person] = []
    /// Whom the page in hand speaks of and who is not known: asked for, then the page is read
    /// again. So no text of a chat ever stands in the cursor.
    var wantedIDs: [String] = []
    var wantedNames: [String] = []
    /// Asked for on behalf of the page in hand, and nobody.
    var nobody: [String] = []

    /// So many stay once a page has been told.
    static let peopleMax = 128

    enum Step {
      case whoami
      case people([String])
      case names([String])
      case read(Errand)
      case list
    }

    /// What is asked next; `read` takes the answer by the same rule.
    var step: Step {
      guard me != nil else { return .whoami }
      if !wantedIDs.isEmpty { return .people(wantedIDs) }
      if !wantedNames.isEmpty { return .names(wantedNames) }
      return errands.first.map { .read($0) } ?? .list
    }

    func person(_ id: String) -> Person? { people.last { $0.id == id } }
    func person(named name: String) -> Person? { people.last { $0.username == name } }

    /// A name can go to somebody else, so whoever has this one now is its only owner. Nobody is
    /// forgotten before the page is told: it would be asked about for ever.
    mutating func learn(_ person: Person) {
      people.removeAll { $0.id == person.id || $0.username == person.username }
      people.append(person)
    }

    /// The page in hand is told, or cannot be.
    mutating func closePage() {
      nobody = []
      if people.count > Self.peopleMax { people.removeFirst(people.count - Self.peopleMax) }
    }
  }

  struct Channel: Codable, Equatable {
    /// `O` open, `P` private, `D` direct, `G` a group of people without a name.
    var type: String
    /// The `last_post_at` up to which it was read.
    var movedAt: Int64 = 0
    /// The `total_msg_count` of then: two posts may share their millisecond.
    var count: Int64 = 0
    /// The newest `create_at` seen.
    var high: Int64
    /// What was created then or earlier is history.
    var floor: Int64 = 0
    /// A post older than the newest by the overlap: what comes after it is read. Nil while none is
    /// known.
    var anchor: String?
    /// Somebody who may has brought the bot in, or none is needed.
    var isOurs = false
    /// How often the list told of a post that could not be read (a replica behind, a deleted one).
    var misses = 0
    /// In how many lists one after the other it was missing: one alone may be the server's slip.
    var absences = 0

    static let missesMax = 5
    static let absencesMax = 3
  }

  struct Errand: Codable, Equatable {
    enum Kind: Codable, Equatable {
      /// Who brought us in, from the newest page back. `isNew`: what was written since is for us.
      case enter(isNew: Bool)
      /// Page by page what was created after this post.
      case follow(anchor: String)
      /// What was changed lately, where no post is known or the known one is gone.
      case changes
    }

    var kind: Kind
    var channel: String
    /// For show, as the list gave it.
    var name: String
    /// The list's `last_post_at`.
    var lastPostAt: Int64
    var count: Int64
    var page = 0
    /// The newest post that may become the channel's anchor.
    var anchor: String?
  }

  typealias Person = KnownPerson
}
