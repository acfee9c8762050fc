import Crew
import Foundation

extension GoogleChat {
  /// Something that happened, in either of the two forms in which Chat tells it: an interaction
  /// event, or, for an app that is a Workspace add-on, an event object.
  struct Event {
    enum Kind { case message, added, removed, other(String) }

    var kind: Kind
    var user: JSON
    var space: JSON
    var message: JSON
    var time: String?

    init(_ json: JSON) {
      let chat = json["chat"]
      guard chat.object != nil else {
        (user, space, message) = (json["user"], json["space"], json["message"])
        time = json["eventTime"].string
        switch json["type"].string {
        case "MESSAGE": kind = .message
        case "ADDED_TO_SPACE": kind = .added
        case "REMOVED_FROM_SPACE": kind = .removed
        case let type: kind = .other(type ?? "no type")
        }
        return
      }
      let payloads: [(String, Kind)] = [
        ("messagePayload", .message), ("appCommandPayload", .message),
        ("addedToSpacePayload", .added), ("removedFromSpacePayload", .removed),
      ]
      let found = payloads.first { chat[$0.0].object != nil }
      let payload = chat[found?.0 ?? ""]
      kind = found?.1 ?? .other("no message")
      (user, space, message) = (chat["user"], payload["space"], payload["message"])
      time = chat["eventTime"].string
    }

    /// Alone with one person. `type` is what `spaceType` was called before.
    var isDirect: Bool {
      if space["singleUserBotDm"].bool == true { return true }
      if let type = space["type"].string, type != "TYPE_UNSPECIFIED" { return type == "DM" }
      return space["spaceType"] == "DIRECT_MESSAGE"
    }

    /// Whether a message can be answered beneath itself.
    var isThreaded: Bool {
      !isDirect && space["spaceThreadingState"] != "UNTHREADED_MESSAGES"
    }

    /// For show.
    static func name(_ json: JSON) -> String {
      Printable.withoutNUL((json["displayName"].string ?? "").prefix(200))
    }
  }

  /// A time as Google writes it (RFC 3339, in UTC), in milliseconds since 1970.
  static func milliseconds(of text: String?) -> Int64? {
    guard let text, text.hasSuffix("Z") else { return nil }
    let parts = text.dropLast().split(separator: "T", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let date = parts[0].split(separator: "-").compactMap { Int($0) }
    let halves = parts[1].split(separator: ".", maxSplits: 1)
    let clock = (halves.first ?? "").split(separator: ":").compactMap { Int64($0) }
    guard date.count == 3, clock.count == 3, (1970...9999).contains(date[0]),
      let day = Day(year: date[0], month: date[1], day: date[2]), (0..<24).contains(clock[0]),
      (0..<60).contains(clock[1]), (0...60).contains(clock[2])
    else { return nil }
    let digits = halves.count == 2 ? halves[1].prefix(3) : "0"
    guard let fraction = Int64(digits), (0..<1000).contains(fraction) else { return nil }
    let scale: Int64 = [1: 100, 2: 10, 3: 1][digits.count] ?? 1
    let seconds = Int64(day.number) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    return seconds * 1000 + fraction * scale
  }
}

extension GoogleChat.Reading {
  private typealias Event = GoogleChat.Event
  private typealias MessageID = GoogleChat.MessageID

  /// An event as it came.
  struct Told {
    fileprivate var event: GoogleChat.Event
    fileprivate var space: String
    fileprivate var user: String
    /// When it was published, and when it happened, in milliseconds.
    fileprivate var publishedAt: Int64
    fileprivate var at: Int64
    fileprivate var id: String
  }

  /// In the order in which it happened, each once: a subscription gives things out in any, and
  /// again.
  mutating func take(_ envelopes: [JSON]) {
    let told = envelopes.compactMap { open($0) }.enumerated()
      .sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
    for (_, event) in told { take(event) }
    var seen: Set<String> = []
    messages = messages.filter { seen.insert($0.id).inserted }
  }

  private mutating func open(_ envelope: JSON) -> Told? {
    guard let data = envelope["data"].string.flatMap({ Data(base64Encoded: $0) }),
      let json = JSON(data), json.object != nil
    else {
      complaints.append("a message of the subscription is no event of Chat")
      return nil
    }
    let event = Event(json)
    let published = envelope["publishTime"].string ?? event.time
    let time = event.time ?? published
    guard let space = GoogleChat.last(of: event.space["name"].string, ["spaces"]),
      let user = person(event.user), let at = GoogleChat.milliseconds(of: time)
    else {
      complaints.append("an event of Chat names no space, no person or no time")
      return nil
    }
    return Told(
      event: event, space: space, user: user,
      publishedAt: GoogleChat.milliseconds(of: published) ?? 0,
      at: GoogleChat.milliseconds(of: event.message["createTime"].string) ?? at,
      id: "\(space)/\(time ?? "")")
  }

  private mutating func take(_ told: Told) {
    let (event, space) = (told.event, told.space)
    var base = Message(
      id: told.id,
      room: Room(account: settings.account, id: space), isDirect: event.isDirect,
      sender: Identity(account: settings.account, user: told.user),
      senderName: Event.name(event.user), senderKind: kind(of: event.user),
      roomName: event.isDirect ? nil : Event.name(event.space),
      sentAt: Instant(milliseconds: told.at))
    if base.roomName?.isEmpty == true { base.roomName = nil }
    // Whoever brought the bot in did so before the daemon first looked, mostly.
    let isHistory = told.publishedAt < (memory.startedAt ?? 0)
    switch event.kind {
    case .added:
      added(base, event)
      if event.message.object != nil { written(base, event, isHistory: isHistory) }
    case .removed:
      base.id += "/removed"
      base.kind = .removed
      memory.spaces.removeAll { $0 == space }
      messages.append(base)
    case .message: written(base, event, isHistory: isHistory)
    case .other(let type):
      base.id += "/other"
      base.kind = .ignored(String(type.prefix(40)))
      messages.append(base)
    }
  }

  private func person(_ user: JSON) -> String? {
    GoogleChat.last(of: user["name"].string, ["users"]).flatMap {
      GoogleChat.isUser($0) ? $0 : nil
    }
  }

  private func kind(of user: JSON) -> SenderKind {
    if user["isAnonymous"].bool == true { return .anonymous }
    return user["type"] == "BOT" ? .bot : .person
  }

  private mutating func added(_ base: Message, _ event: Event) {
    var message = base
    message.id += "/added"
    message.kind = .invited
    if !event.isDirect, isAllowed(message.sender.user) { memory.enter(message.room.id) }
    if event.isDirect {
      // Opening a chat with the bot is a question what it is. Where an administrator did it for
      // everybody, nobody has asked.
      let isAsked = event.space["adminInstalled"].bool != true
      message.kind = isAsked ? .text : .ignored("opened by an administrator")
      message.body = isAsked ? [.text("/start")] : []
    }
    messages.append(message)
  }

  private mutating func written(_ base: Message, _ event: Event, isHistory: Bool) {
    let json = event.message
    guard let id = MessageID(json, isThreaded: event.isThreaded), id.space == base.room.id else {
      return complaints.append("a message of Chat has no name")
    }
    // In an add-on's form the sender stands beside the message only.
    let sender = json["sender"].object == nil ? event.user : json["sender"]
    guard let user = person(sender) else {
      return complaints.append("a message of Chat has no sender")
    }
    var message = base
    message.id = id.text
    message.sender = Identity(account: settings.account, user: user)
    message.senderName = Event.name(sender)
    message.senderKind = kind(of: sender)
    if let at = GoogleChat.milliseconds(of: json["createTime"].string) {
      message.sentAt = Instant(milliseconds: at)
    }
    if json["threadReply"].bool == true {
      message.thread =
        id.thread
        ?? GoogleChat.last(of: json["thread"]["name"].string, ["spaces", "threads"])
    }
    let body = GoogleChat.Body(json, account: settings.account)
    message.mentionsBot = body.mentionsBot
    if isHistory {
      message.kind = .ignored("before first contact")
    } else if json["text"].string?.isEmpty ?? true {
      message.kind = .ignored("no text")
    } else {
      message.body = body.pieces
      invite(by: message)
    }
    messages.append(message)
  }

  /// Added before the subscription was there, or by somebody who may not: then the bot begins when
  /// somebody who may writes to it there.
  private mutating func invite(by message: Message) {
    guard !message.isDirect, message.senderKind == .person, isAllowed(message.sender.user),
      !memory.spaces.contains(message.room.id)
    else { return }
    memory.enter(message.room.id)
    var invitation = message
    invitation.id += "/invited"
    (invitation.kind, invitation.body) = (.invited, [])
    (invitation.thread, invitation.mentionsBot) = (nil, false)
    messages.append(invitation)
  }
}
