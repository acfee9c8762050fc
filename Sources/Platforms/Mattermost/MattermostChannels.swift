import Crew

extension Mattermost.Reading {
  typealias Channel = Mattermost.Channel
  typealias Errand = Mattermost.Errand

  /// The list of all channels that the bot is in, whatever the team.
  mutating func takeChannels(_ list: [JSON]) {
    var present: Set<String> = []
    let isBaseline = memory.bornAt == nil
    for json in list {
      guard let id = json["id"].string, Mattermost.isID(id) else {
        complaints.append("a channel without an id")
        continue
      }
      guard (json["delete_at"].integer ?? 0) == 0 else { continue }
      present.insert(id)
      take(id, json, isBaseline: isBaseline)
    }
    if isBaseline {
      let newest = list.compactMap { $0["last_post_at"].integer }.max() ?? 0
      memory.bornAt = now.map { $0 * 1000 } ?? newest
    }
    for id in memory.channels.keys.sorted() where !present.contains(id) { missed(id) }
  }

  private mutating func take(_ id: String, _ json: JSON, isBaseline: Bool) {
    let last = max(0, json["last_post_at"].integer ?? 0)
    let type = json["type"].string ?? ""
    var errand = Errand(
      kind: .changes, channel: id, name: String((json["display_name"].string ?? "").prefix(100)),
      lastPostAt: last, count: json["total_msg_count"].integer ?? 0)
    if let known = memory.channels[id] {
      let wasGone = known.absences >= Channel.absencesMax
      if known.absences > 0 { memory.channels[id]?.absences = 0 }
      if wasGone {
        errand.kind = .enter(isNew: true)
      } else if let anchor = known.anchor {
        errand.kind = .follow(anchor: anchor)
      }
      guard wasGone || last > known.movedAt || errand.count != known.count else { return }
      return memory.errands.append(errand)
    }
    let created = json["create_at"].integer ?? 0
    // A minute, because the two times need not come from one machine.
    let isNew = !isBaseline && created >= (memory.bornAt ?? 0) - 60_000
    var channel = Channel(type: type, high: last)
    channel.isOurs = type == "D"
    if isNew, type == "D" || type == "G" {
      // Nobody is added to these: all that stands there was written to us.
      channel.high = created
      memory.channels[id] = channel
      return memory.errands.append(errand)
    }
    channel.movedAt = last
    channel.count = errand.count
    if isBaseline { channel.floor = last } else { channel.high = 0 }
    memory.channels[id] = channel
    guard last > 0 || type == "O" || type == "P" else { return }
    errand.kind = .enter(isNew: !isBaseline)
    memory.errands.append(errand)
  }

  /// What was read there stays known: the bot may come back, and no history may be carried out.
  private mutating func missed(_ id: String) {
    guard let channel = memory.channels[id], channel.absences < Channel.absencesMax else { return }
    memory.channels[id]?.absences += 1
    guard channel.absences + 1 == Channel.absencesMax else { return }
    messages.append(
      Message(
        id: "removed/\(id)/\(channel.high)", room: Room(account: settings.account, id: id),
        isDirect: channel.type == "D", sender: Identity(account: settings.account, user: me),
        senderKind: .bot, kind: .removed))
  }

  /// It could not be read, now or ever: the next post there is the next chance.
  mutating func abandon(_ errand: Errand) {
    memory.errands.removeFirst()
    memory.closePage()
    memory.channels[errand.channel]?.movedAt = errand.lastPostAt
    memory.channels[errand.channel]?.count = errand.count
  }

  // MARK: - Pages

  mutating func takePage(_ errand: Errand, _ order: [JSON], _ posts: JSON) {
    var page: [Mattermost.ChannelPost] = []
    for id in order.compactMap(\.string) {
      if let post = Mattermost.ChannelPost(posts[id]), post.channel == errand.channel {
        page.append(post)
      } else {
        complaints.append("a post that cannot be read in \(errand.channel)")
      }
    }
    page.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    guard var channel = memory.channels[errand.channel] else {
      memory.errands.removeFirst()
      return
    }
    if case .enter(let isNew) = errand.kind {
      return enter(errand, page, isFull: order.count >= Mattermost.pageSize, isNew: isNew)
    }
    let fresh = page.filter { $0.createdAt > channel.floor && $0.user != me && !$0.isDeleted }
    guard isKnown(everybodyIn: fresh) else {
      complaints = []
      return
    }
    if errand.kind == .changes, order.count >= Mattermost.changesMax {
      messages.append(gap(errand, channel))
    }
    for post in fresh { hear(post, errand.name, &channel) }
    memory.channels[errand.channel] = channel
    memory.closePage()
    goOn(errand, page, count: order.count)
  }

  private func gap(_ errand: Errand, _ channel: Channel) -> Message {
    Message(
      id: "gap/\(errand.channel)/\(channel.high)",
      room: Room(account: settings.account, id: errand.channel), isDirect: channel.type == "D",
      sender: Identity(account: settings.account, user: me), senderKind: .bot, kind: .gap,
      roomName: errand.name)
  }

  /// After a page: another one, another way of reading, or the end of this errand.
  private mutating func goOn(_ errand: Errand, _ page: [Mattermost.ChannelPost], count: Int) {
    memory.errands.removeFirst()
    guard var channel = memory.channels[errand.channel] else { return }
    let before = channel.high
    channel.high = max(channel.high, page.last?.createdAt ?? 0)
    let old = page.last { $0.createdAt <= channel.high - Mattermost.overlapMilliseconds }
    var next = errand
    next.anchor = old?.id ?? errand.anchor
    defer { memory.channels[errand.channel] = channel }
    if case .follow = errand.kind {
      if count >= Mattermost.pageSize {
        next.page += 1
        // To the end of the queue, so that one full channel does not hold up the others.
        return memory.errands.append(next)
      }
      if count == 0, errand.page == 0 {
        // Where the anchor itself is erased the server says nothing at all.
        next.kind = .changes
        return memory.errands.append(next)
      }
    }
    if errand.kind == .changes {
      // Among what was changed lately are old posts too: none of them may be what is read after.
      let first = page.first { $0.createdAt >= before - Mattermost.overlapMilliseconds }
      channel.anchor = first?.id ?? channel.anchor
    } else {
      channel.anchor = next.anchor ?? channel.anchor
    }
    let isBehind = channel.high < errand.lastPostAt && channel.misses < Channel.missesMax
    channel.misses = isBehind ? channel.misses + 1 : 0
    if !isBehind { channel.count = errand.count }
    channel.movedAt = isBehind ? channel.movedAt : max(channel.high, errand.lastPostAt)
  }

  /// Looks for who brought us in, from the newest page back.
  private mutating func enter(
    _ errand: Errand, _ page: [Mattermost.ChannelPost], isFull: Bool, isNew: Bool
  ) {
    let added = page.last { $0.type == "system_add_to_channel" && $0.addedUser == me }
    if let added {
      guard isKnown(everybodyIn: [added]) else { return }
      return entered(errand, page, added, isNew: isNew)
    }
    var next = errand
    memory.errands.removeFirst()
    next.anchor = errand.anchor ?? start(of: page, errand)
    let isRoom = ["O", "P"].contains(memory.channels[errand.channel]?.type)
    guard isRoom, isFull, errand.page + 1 < Self.pagesBackMax else {
      // Nobody did (the channel everybody of a team is in): whoever may, brings us in by a mention.
      memory.channels[errand.channel]?.anchor = next.anchor
      memory.channels[errand.channel]?.floor = errand.lastPostAt
      memory.channels[errand.channel]?.high = errand.lastPostAt
      return
    }
    next.page += 1
    memory.errands.append(next)
  }

  private static let pagesBackMax = 5

  /// The post that stands last in the history: what came after the list was made is not history.
  private func start(of page: [Mattermost.ChannelPost], _ errand: Errand) -> String? {
    (page.last { $0.createdAt <= errand.lastPostAt } ?? page.first)?.id
  }

  private mutating func entered(
    _ errand: Errand, _ page: [Mattermost.ChannelPost], _ added: Mattermost.ChannelPost, isNew: Bool
  ) {
    memory.errands.removeFirst()
    memory.closePage()
    guard var channel = memory.channels[errand.channel] else { return }
    channel.isOurs = isAllowed(added.user)
    let isOld = isNew && added.createdAt <= channel.high
    // Missing from a list for a while and never out: told anew, because its end was told too.
    let id = isOld ? "back/\(errand.channel)/\(errand.lastPostAt)" : added.id
    messages.append(invitation(by: added, errand.name, id: id))
    if isNew, !isOld {
      channel.anchor = added.id
      channel.high = added.createdAt
      channel.floor = added.createdAt
    } else if channel.anchor == nil {
      channel.anchor = errand.anchor ?? start(of: page, errand)
    }
    if isNew, let anchor = channel.anchor {
      memory.errands.append(
        Errand(
          kind: .follow(anchor: anchor), channel: errand.channel, name: errand.name,
          lastPostAt: errand.lastPostAt, count: errand.count))
    }
    memory.channels[errand.channel] = channel
  }

  func isAllowed(_ user: String) -> Bool {
    settings.invitersAllowed.allows(user)
  }
}
