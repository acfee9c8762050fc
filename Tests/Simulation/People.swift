import Crew
import Ledger

/// Who writes what, and when: members in English and Chinese, a bot, a stranger; sense, nonsense,
/// second thoughts.
struct People: Sendable {
  static let members = ["ana", "ben", "dora", "emil", "小李"]
  private var dice: Dice
  private var wordCount = 0
  /// When somebody writes next, and how much more is written before it is quiet again.
  private(set) var nextAt: Instant
  private var burst = 0
  /// Long silences between bursts.
  let pauseSeconds: Int64
  /// Nobody moves to another zone, so that the check-in's hour is the team's own.
  let staysHome: Bool

  init(seed: UInt64, from time: Instant, pauseSeconds: Int64, staysHome: Bool) {
    dice = Dice(seed, stream: 3)
    nextAt = time
    self.pauseSeconds = pauseSeconds
    self.staysHome = staysHome
  }

  mutating func act(on realm: inout Realm) {
    if burst == 0 { burst = 1 + dice.below(8) }
    burst -= 1
    let pause = burst == 0 ? dice.from(60, to: pauseSeconds * 2) : dice.from(0, to: 240)
    nextAt = realm.time.adding(seconds: pause)
    write(on: &realm)
  }

  private mutating func write(on realm: inout Realm) {
    let chat = dice.below(realm.servers.count)
    guard !realm.servers[chat].isStrict else { return strictly(in: chat, &realm) }
    let who = dice.pick(Self.members)
    switch dice.below(40) {
    case 0: bystander("rob", .bot, in: chat, &realm)
    case 1: bystander("gho", .ghost, in: chat, &realm)
    case 2: edit(who, in: chat, &realm)
    case 3: stranger(in: chat, &realm)
    case 4: forbidden(in: chat, &realm)
    case 5: realm.say(dice.pick(Self.nonsense), who, in: chat, .any)
    case 6: comeAndGo(in: chat, &realm)
    case 7: other(in: chat, &realm)
    case 8: for _ in 0..<40 { command(who, in: chat, &realm) }
    case 9, 10: alone(who, in: chat, &realm)
    case 11...16: task(who, in: chat, &realm)
    case 17...20: realm.say(filled("/done N"), who, in: chat, .any)
    case 21, 22: manage(in: chat, &realm)
    default: command(who, in: chat, &realm)
    }
  }

  /// What two people can do on any platform.
  private mutating func strictly(in chat: Int, _ realm: inout Realm) {
    let who = dice.pick(realm.servers[chat].people)
    switch dice.below(24) {
    case 0: bystander("rob", .bot, in: chat, &realm)
    case 1:
      realm.post("/task add \(newWord())", who, .person, .edit(of: ""), in: chat, .nothing)
    case 2: for _ in 0..<10 { said(dice.pick(Self.nonsense), who, in: chat, &realm) }
    case 3, 4: alone(who, in: chat, &realm)
    case 5...10: task(who, in: chat, &realm)
    case 11...13: said(filled("/done N"), who, in: chat, &realm)
    default: said(filled(everyday(who)), who, in: chat, &realm)
    }
  }

  /// A command; plain words are not heard everywhere.
  private func said(_ text: String, _ who: String, in chat: Int, _ realm: inout Realm) {
    guard text.hasPrefix("/"), text.count > 1 else { return }
    realm.say(text, who, in: chat, .any)
  }

  // MARK: Sorts of messages

  /// A task with a word of its own: applied once, or lost in a way that is told.
  private mutating func task(_ who: String, in chat: Int, _ realm: inout Realm) {
    let word = newWord()
    let forms = [
      "/task add W", "!todo W", "／task add W now", "/任务 添加 W", "！待办 W 尽快", "/task_add W",
    ]
    let text = dice.pick(forms).replacing("W", with: word)
    realm.say(text, who, in: chat, .task(word))
  }

  private mutating func command(_ who: String, in chat: Int, _ realm: inout Realm) {
    realm.say(filled(everyday(who)), who, in: chat, .any)
  }

  /// Ana is always there and stays in the team's zone: the check-in is measured by her.
  private mutating func everyday(_ who: String) -> String {
    let phrase = dice.pick(Phrases.everyday)
    if staysHome, phrase.hasPrefix("/tz") { return "/me" }
    let isKept = ["/away", "/tz", "/请假"].contains { phrase.hasPrefix($0) }
    return who == "ana" && isKept ? "/me" : phrase
  }

  private mutating func manage(in chat: Int, _ realm: inout Realm) {
    realm.say(filled(dice.pick(Phrases.managers)), "ana", in: chat, .any)
  }

  /// Ben manages nothing, ever.
  private mutating func forbidden(in chat: Int, _ realm: inout Realm) {
    realm.say(filled(dice.pick(Phrases.managers)), "ben", in: chat, .arrival)
  }

  private mutating func bystander(
    _ who: String, _ kind: SenderKind, in chat: Int, _ realm: inout Realm
  ) {
    realm.post("/task add \(newWord())", who, kind, .text, in: chat, .nothing)
  }

  private mutating func edit(_ who: String, in chat: Int, _ realm: inout Realm) {
    let kind = Message.Kind.edit(of: "\(realm.servers[chat].account.prefix(1))1")
    realm.post("/task add \(newWord())", who, .person, kind, in: chat, .nothing)
  }

  /// Cleo is in no team.
  private mutating func stranger(in chat: Int, _ realm: inout Realm) {
    switch dice.below(3) {
    case 0: realm.direct("task add \(newWord())", "cleo", in: chat, .nothing)
    case 1: realm.direct("link abcdefgh", "cleo", in: chat, .nothing)
    default:
      realm.post("", "cleo", .person, .invited, in: chat, room: "lair", .nothing)
      realm.post("/task add \(newWord())", "cleo", .person, .text, in: chat, room: "lair", .nothing)
    }
  }

  private mutating func alone(_ who: String, in chat: Int, _ realm: inout Realm) {
    realm.direct(filled(String(everyday(who).dropFirst())), who, in: chat, .any)
  }

  private mutating func comeAndGo(in chat: Int, _ realm: inout Realm) {
    let kind: Message.Kind = dice.isOne(in: 2) ? .left : .joined
    realm.post("", "emil", .person, kind, in: chat, .any)
  }

  /// What befalls a room, and what nobody has to look at.
  private mutating func other(in chat: Int, _ realm: inout Realm) {
    switch dice.below(4) {
    case 0:
      let (old, new) = realm.servers[chat].moveRoom()
      realm.witness.roomWent(realm.servers[chat].account, from: old, to: new)
      realm.post("", "ana", .person, .moved(to: new), in: chat, room: old, .any)
    case 1 where realm.badness > 0 && realm.allowed.contains(.unreachable):
      realm.post("", "ana", .person, .removed, in: chat, .any)
      realm.servers[chat].isBotIn = false
    default: realm.letIn(chat)
    }
  }

  // MARK: Words

  private mutating func newWord() -> String {
    wordCount += 1
    return "qz\(wordCount)x"
  }

  private mutating func filled(_ template: String) -> String {
    template.split(separator: " ", omittingEmptySubsequences: false).map { word in
      switch word {
      case "P": "@" + dice.pick(Self.members)
      case "N": String(1 + dice.below(wordCount + 8))
      case "G": "g\(1 + dice.below(6))"
      case "B": "b\(1 + dice.below(6))"
      case "R": dice.pick(["billing", "duty", "mail", "值班"])
      case "D": dice.pick(Phrases.dates)
      case "Z": dice.pick(Simulation.zones)
      case "W": newWord()
      default: String(word)
      }
    }.joined(separator: " ")
  }

  private static let nonsense = [
    "", "/", "！", "//task", "/task add", "/taks add x", "hello all", "/due 1 31 feb", "++ @ana",
    "/kudos @ana", "/goal g1 1000000%", "/task 99999999999999999999", "@ana++", "/undo undo undo",
    "/checkin", "/role define", "/снова", "/任务", "/zero\u{200B}width", "/team hours 25:00-26:00",
    "/away mon-sun-mon", "/cover duty until yesterday", "/tz Mars/Olympus", "/help task add due",
  ]
}

// Writing.
extension Realm {
  /// In the team's room, if the bot is there to hear it.
  mutating func say(
    _ text: String, _ who: String, in chat: Int, _ expectation: Witness.Expectation
  ) {
    guard servers[chat].isBotIn else { return }
    post(text, who, .person, .text, in: chat, expectation)
  }

  mutating func direct(
    _ text: String, _ who: String, in chat: Int, _ expectation: Witness.Expectation
  ) {
    post(text, who, .person, .text, in: chat, room: "dm-\(who)", expectation)
  }

  mutating func post(
    _ text: String, _ who: String, _ sender: SenderKind, _ kind: Message.Kind, in chat: Int,
    room: String? = nil, _ expectation: Witness.Expectation
  ) {
    let account = servers[chat].account
    let letter = Letter(
      id: "", room: room ?? servers[chat].room, isDirect: room?.hasPrefix("dm-") ?? false,
      user: who, sender: sender, kind: kind, sentAt: time, text: text)
    let back = strikes(.reordered) ? faultDice.below(5) : 0
    let id = servers[chat].write(letter, at: time, back: back)
    let isSure = !servers[chat].isStrict || isHeard(letter, in: chat)
    witness.wrote("\(account)/\(id)", expectation, isMessage: kind == .text, isSure: isSure)
    trace.note(time, "\(who) at \(account), \(letter.room): \(id) \(kind) \(text)")
    news.insert(account)
  }

  /// Whether a real platform certainly tells the bot of it: not of other bots and edits, and not of
  /// a direct chat that it has not found yet.
  private func isHeard(_ letter: Letter, in chat: Int) -> Bool {
    guard letter.kind == .text, letter.sender == .person else { return false }
    let (account, user) = (servers[chat].account, servers[chat].user(letter.user))
    return !letter.isDirect || witness.isOpen(account, user)
  }

  /// The bot is asked back into the team's room.
  mutating func letIn(_ chat: Int) {
    guard !servers[chat].isBotIn else { return }
    servers[chat].isBotIn = true
    post("", "ana", .person, .invited, in: chat, .any)
  }
}
