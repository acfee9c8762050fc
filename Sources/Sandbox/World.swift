import Foundation

/// Everything that is in the sandbox, in memory: chats, the bot's queue of updates, its menu.
actor World {
  let bot: Bot
  let people: [Person]
  let clock: SandboxClock
  var chats: [Chat] = []
  var delivered: [Delivered] = []
  /// Counts every change that a page can show.
  var revision = 0

  /// Updates that the bot has not confirmed yet, and the id of the next one.
  var queue: [(id: Int64, update: JSON)] = []
  var nextUpdate: Int64
  /// Nil stands for Telegram's default. Sticky from call to call, as Telegram's is.
  var allowedUpdates: Set<String>?
  var webhook = ""
  /// By language; the empty one is for everybody.
  var menus: [String: [MenuEntry]] = [:]
  var faults: [Fault] = []

  var waiting: [Int: Waiter] = [:]
  /// Wakes those whose time is over; it may wake too early, never too late.
  var sleeper: (end: ContinuousClock.Instant, task: Task<Void, Never>)?
  var waitCount = 0
  var isClosed = false
  private var turned: (@Sendable () -> Void)?

  struct MenuEntry: Sendable, Equatable {
    var command: String
    var description: String
  }

  struct Waiter {
    var kind: Wait
    var end: ContinuousClock.Instant
    var wake: CheckedContinuation<Wake, Never>
  }

  enum Wait: Equatable { case poll, page }
  enum Wake { case news, timeout, replaced, closing }

  static let groupID: Int64 = -1_001_000_000_001

  init(bot: Bot, people: [Person], groupTitle: String, clock: SandboxClock, random: UInt64) {
    self.bot = bot
    self.people = people
    self.clock = clock
    // Telegram begins at a random number; ours fits its 32 bits with room for years.
    nextUpdate = Int64(random % 1_000_000_000) + 1
    chats = [
      Chat(
        id: Self.groupID, kind: .group(title: groupTitle), members: people.map(\.id),
        botIsIn: true)
    ]
    chats += people.map {
      Chat(id: $0.id, kind: .direct($0), members: [$0.id], botIsIn: false)
    }
  }

  /// The first person made the group, added the bot, then the others.
  func open() {
    guard let owner = people.first, let group = chats.first else { return }
    enqueue("my_chat_member", standing(of: group, by: owner, from: "left", to: "member"))
    post(.joined([bot.id]), in: 0, by: owner.id)
    let others = people.dropFirst().map(\.id)
    if !others.isEmpty { post(.joined(others), in: 0, by: owner.id) }
  }

  func onTurn(_ turned: @escaping @Sendable () -> Void) { self.turned = turned }

  func turn(_ turn: Turn) {
    clock.turn(turn)
    changed()
    turned?()
  }

  func turn(to milliseconds: Int64) {
    clock.turn(to: milliseconds)
    changed()
    turned?()
  }

  var seconds: Int64 { clock.milliseconds / 1000 }

  func person(_ id: Int64) -> Person? { people.first { $0.id == id } }
  func index(of chat: Int64) -> Int? { chats.firstIndex { $0.id == chat } }

  func changed() {
    revision += 1
    wake(.page, .news)
  }

  // MARK: - What people do

  /// - Returns: the id of the message; nil where that person cannot write there.
  @discardableResult
  func write(_ text: String, as person: Int64, in chat: Int64, replyTo: Int64? = nil) -> Int64? {
    guard let place = index(of: chat), chats[place].members.contains(person),
      chats[place].movedTo == nil, (1...4096).contains(text.utf16.count)
    else { return nil }
    if case .direct = chats[place].kind { chats[place].botIsIn = true }
    let message = ChatMessage(
      id: nextID(place), from: person, text: text,
      entities: EntityFinder.find(in: text, among: []), date: seconds,
      replyTo: replyTo.flatMap { chats[place].message($0)?.id }, revision: revision + 1)
    chats[place].messages.append(message)
    if chats[place].botIsIn { enqueue("message", json(message, place)) }
    changed()
    return message.id
  }

  func edit(_ id: Int64, to text: String, as person: Int64, in chat: Int64) -> Bool {
    guard let place = index(of: chat), (1...4096).contains(text.utf16.count),
      let number = chats[place].messages.firstIndex(where: { $0.id == id && $0.from == person }),
      chats[place].messages[number].service == nil
    else { return false }
    chats[place].messages[number].text = text
    chats[place].messages[number].entities = EntityFinder.find(in: text, among: [])
    chats[place].messages[number].editDate = seconds
    chats[place].messages[number].revision = revision + 1
    enqueue("edited_message", json(chats[place].messages[number], place))
    changed()
    return true
  }

  /// Shuts the bot out of a direct chat, or lets it in again.
  func block(_ isBlocked: Bool, by person: Int64) {
    guard let place = index(of: person), let who = self.person(person) else { return }
    chats[place].isBlocked = isBlocked
    let (old, new) = isBlocked ? ("member", "kicked") : ("kicked", "member")
    enqueue("my_chat_member", standing(of: chats[place], by: who, from: old, to: new))
  }

  /// Takes the bot out of the group, or puts it back.
  func setBotInGroup(_ isIn: Bool, by person: Int64) {
    guard let place = groupPlace, let who = self.person(person) else { return }
    chats[place].botIsIn = isIn
    let (old, new) = isIn ? ("left", "member") : ("member", "left")
    enqueue("my_chat_member", standing(of: chats[place], by: who, from: old, to: new))
  }

  /// The group goes on under another id, its messages numbered anew.
  func upgradeGroup() -> Int64 {
    guard let old = groupPlace, let owner = people.first else { return 0 }
    var new = chats[old]
    new.id = chats[old].id - 1
    new.messages = []
    chats[old].movedTo = new.id
    var moved = json(blank(old, from: owner.id), old)
    if case .object(var fields) = moved {
      fields["migrate_to_chat_id"] = .int(new.id)
      moved = .object(fields)
    }
    enqueue("message", moved)
    chats.append(new)
    post(.moved(from: chats[old].id), in: chats.count - 1, by: owner.id)
    return new.id
  }

  private var groupPlace: Int? {
    chats.firstIndex {
      if case .group = $0.kind { $0.movedTo == nil } else { false }
    }
  }

  private func blank(_ place: Int, from: Int64) -> ChatMessage {
    ChatMessage(id: nextID(place), from: from, text: "", date: seconds, revision: revision + 1)
  }

  private func post(_ service: ChatMessage.Service, in place: Int, by person: Int64) {
    var message = blank(place, from: person)
    message.service = service
    chats[place].messages.append(message)
    enqueue("message", json(message, place))
    changed()
  }

  func nextID(_ place: Int) -> Int64 { (chats[place].messages.last?.id ?? 0) + 1 }
}
