/// What can be taken back: the newest changes, each with the events that undo it.
public struct Changes: Codable, Sendable, Equatable {
  public indirect enum Event: Codable, Sendable, Equatable {
    case made(id: Int, by: Person, subject: String, label: String, undo: [Crew.Event])
    case undone(id: Int)
  }

  public struct Change: Codable, Sendable, Equatable {
    public let id: Int
    public let by: Person
    public let at: Instant
    /// What was changed, e.g. `task/41`.
    public let subject: String
    /// The command as it was typed, shortened.
    public let label: String
    public let undo: [Crew.Event]
  }

  /// How long a change can be taken back.
  public static let undoSeconds: Int64 = 600

  /// One line of `audit`.
  public struct Entry: Codable, Sendable, Equatable {
    public let id: Int
    public let by: Person
    public let at: Instant
    public let subject: String
    public let label: String
    public internal(set) var isUndone = false
  }

  /// How many changes `audit` remembers.
  static let logMax = 1000

  private var list: [Change] = []
  /// The newest last.
  public private(set) var log: [Entry] = []
  private var lastID = 0

  var nextID: Int { lastID + 1 }

  /// The newest change of that person that is young enough.
  func last(by person: Person, now: Instant) -> Change? {
    list.last { $0.by == person && now.seconds(since: $0.at) <= Self.undoSeconds }
  }

  /// Who changed the same subject after this change.
  func changedSince(_ change: Change) -> Person? {
    list.first { $0.id > change.id && $0.subject == change.subject && $0.by != change.by }?.by
  }

  mutating func apply(_ event: Event, at: Instant) {
    switch event {
    case .made(let id, let by, let subject, let label, let undo):
      // What is too old is not found any more; it is swept seldom, because a flood is long.
      if list.count.isMultiple(of: 64) {
        list.removeAll { at.seconds(since: $0.at) > Self.undoSeconds }
      }
      list.append(
        Change(id: id, by: by, at: at, subject: subject, label: label, undo: undo))
      lastID = id
      log.append(Entry(id: id, by: by, at: at, subject: subject, label: label))
      if log.count > Self.logMax { log.removeFirst(log.count - Self.logMax * 9 / 10) }
    case .undone(let id):
      list.removeAll { $0.id == id }
      if let index = log.lastIndex(where: { $0.id == id }) { log[index].isUndone = true }
    }
  }
}
