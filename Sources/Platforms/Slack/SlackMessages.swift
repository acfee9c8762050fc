import Crew

extension Slack {
  /// A message as far as it matters here.
  struct Written {
    var json: JSON
    var channel: String
    var ts: String
    var time: Time
    var user: String
    var subtype: String
    var text: String
    var thread: String?
    var isEdited: Bool
    var bot: String?
    var inviter: String?
    var replies: Int64
    var latestReply: Time?

    init?(_ json: JSON, in channel: String) {
      guard json["type"].string == "message", let ts = json["ts"].string, let time = Time(ts)
      else { return nil }
      (self.json, self.channel, self.ts, self.time) = (json, channel, ts, time)
      user = json["user"].string.flatMap { Slack.isID($0) ? $0 : nil } ?? ""
      subtype = String((json["subtype"].string ?? "").prefix(64))
      text = json["text"].string ?? ""
      let root = json["thread_ts"].string
      thread = root.flatMap { $0 != ts && Time($0) != nil ? $0 : nil }
      isEdited = json["edited"].object != nil
      bot = json["bot_id"].string
      inviter = json["inviter"].string.flatMap { Slack.isID($0) ? $0 : nil }
      replies = json["reply_count"].integer ?? 0
      latestReply = Time(json["latest_reply"].string)
    }

    func isEntry(of me: String) -> Bool {
      ["channel_join", "group_join"].contains(subtype) && user == me
    }
  }
}

extension Slack.Reading {
  /// In the order of time. An odd one is a complaint and hides no other.
  mutating func written(_ list: [JSON], in channel: String) -> [Slack.Written] {
    var posts: [Slack.Written] = []
    for json in list {
      if let post = Slack.Written(json, in: channel) {
        posts.append(post)
      } else {
        complaints.append("a message that cannot be read in \(channel)")
      }
    }
    return posts.sorted { ($0.time, $0.ts) < ($1.time, $1.ts) }
  }

  /// True where all these people are known; else they are asked for first.
  mutating func isKnown(_ people: [String]) -> Bool {
    var wanted: [String] = []
    for id in people where id != me && Slack.isID(id) && !wanted.contains(id) {
      guard !memory.nobody.contains(id), memory.person(id)?.isFresh(now) != true else { continue }
      wanted.append(id)
    }
    memory.wanted = wanted
    if !wanted.isEmpty { complaints = [] }
    return wanted.isEmpty
  }

  /// What is new of a page, and which threads have something new.
  mutating func hear(_ posts: [Slack.Written], _ channel: inout Slack.Channel) -> Bool {
    let high = channel.high ?? channel.floor
    // A little is read twice: a message can show up late.
    let from = max(channel.floor, Slack.Time(microseconds: high.microseconds - 5_000_000))
    guard say(posts.filter { $0.time > from }, &channel) else { return false }
    noteThreads(posts, &channel)
    return true
  }

  /// False where somebody must be asked for first.
  mutating func say(_ posts: [Slack.Written], _ channel: inout Slack.Channel) -> Bool {
    let others = posts.filter { $0.user != me && ($0.bot == nil || $0.bot != memory.bot) }
    let people = others.filter { $0.bot == nil && !$0.user.isEmpty }.map(\.user)
    guard isKnown(people) else { return false }
    for post in others { say(post, &channel) }
    return true
  }

  private mutating func say(_ post: Slack.Written, _ channel: inout Slack.Channel) {
    let person = memory.person(post.user)
    var message = Message(
      id: "\(post.channel):\(post.ts)", room: Room(account: settings.account, id: post.channel),
      isDirect: channel.kind == .direct,
      sender: Identity(account: settings.account, user: post.user),
      senderName: person?.name ?? "", senderKind: post.bot != nil ? .bot : person?.kind ?? .person,
      kind: .ignored(post.subtype), thread: post.thread,
      replyTo: post.thread.map { "\(post.channel):\($0)" },
      roomName: channel.name.isEmpty ? nil : channel.name, sentAt: post.time.instant)
    switch post.subtype {
    case "", "thread_broadcast", "file_share", "bot_message":
      let body = Slack.Body(post.text, memory, account: settings.account)
      message.body = body.pieces
      message.mentionsBot = body.mentionsBot
      message.kind = post.isEdited ? .edit(of: message.id) : .text
    case "channel_join", "group_join": message.kind = .joined
    case "channel_leave", "group_leave": message.kind = .left
    default: break
    }
    if post.user.isEmpty {
      message.senderKind = .bot
      if message.kind == .joined || message.kind == .left { return }
    }
    if message.kind == .text, message.mentionsBot, message.senderKind == .person, !channel.isOurs {
      messages.append(
        invitation(into: post.channel, channel, by: post.user, id: "invited/\(message.id)", post))
      channel.isOurs = isAllowed(post.user)
    }
    messages.append(message)
  }

  /// Somebody brought the bot into the channel.
  func invitation(
    into id: String, _ channel: Slack.Channel, by user: String, id message: String,
    _ post: Slack.Written
  ) -> Message {
    let person = memory.person(user)
    return Message(
      id: message, room: Room(account: settings.account, id: id),
      sender: Identity(account: settings.account, user: user), senderName: person?.name ?? "",
      senderKind: person?.kind ?? .person, kind: .invited,
      roomName: channel.name.isEmpty ? nil : channel.name, sentAt: post.time.instant)
  }
}

extension Slack {
  /// What a text says once its `<…>` are read and its three entities taken back.
  struct Body: Equatable {
    private var said = MessageBody()
    var pieces: [Piece] { said.pieces }
    var mentionsBot: Bool { said.mentionsBot }

    init(_ text: String, _ memory: Memory, account: String) {
      var rest = text[...]
      while let open = rest.firstIndex(of: "<") {
        said.add(Body.plain(rest[..<open]))
        guard let close = rest[open...].firstIndex(of: ">") else {
          said.add(Body.plain(rest[open...]))
          rest = ""
          break
        }
        take(rest[rest.index(after: open)..<close], memory, account)
        rest = rest[rest.index(after: close)...]
      }
      said.add(Body.plain(rest))
      said.end()
    }

    private mutating func take(_ inside: Substring, _ memory: Memory, _ account: String) {
      let parts = inside.split(separator: "|", maxSplits: 1)
      let what = parts.first ?? ""
      let label = parts.count > 1 ? Body.plain(parts[1]) : nil
      switch what.first {
      case "@":
        let id = String(what.dropFirst())
        if id == memory.me {
          said.mentionBot()
        } else if Slack.isID(id) {
          let name = memory.person(id)?.name ?? label ?? id
          let shown = name.hasPrefix("@") ? name : "@" + name
          said.mention(Identity(account: account, user: id), shown: shown)
        }
      case "#": said.add("#" + (label ?? String(what.dropFirst())))
      case "!": said.add(label ?? "@" + what.dropFirst().prefix { $0 != "^" })
      default:
        // An address is shown as it was typed, without the scheme or the mail's; another label
        // would hide where it leads.
        let address = Body.plain(what)
        if let label, address.hasSuffix(label) { said.add(label) } else { said.add(address) }
      }
    }

    /// Exactly these three are written as entities.
    private static func plain(_ text: Substring) -> String {
      String(text).replacing("&lt;", with: "<").replacing("&gt;", with: ">")
        .replacing("&amp;", with: "&")
    }

  }
}
