import Crew

extension Slack.Reading {
  typealias Channel = Slack.Channel

  // MARK: - The list

  mutating func takeList(_ channels: [JSON], next: String) {
    for json in channels {
      guard let id = json["id"].string, Slack.isID(id) else {
        complaints.append("a channel without an id")
        continue
      }
      guard json["is_archived"].bool != true else { continue }
      memory.listed.append(id)
      let name = String((json["name"].string ?? "").prefix(100))
      if memory.channels[id] != nil {
        if memory.channels[id]?.name != name { memory.channels[id]?.name = name }
        continue
      }
      let kind: Channel.Kind =
        json["is_im"].bool == true ? .direct : json["is_mpim"].bool == true ? .group : .room
      var channel = Channel(kind: kind)
      channel.name = kind == .room ? name : ""
      channel.isOurs = kind == .direct
      channel.isNew = memory.bornAt != nil
      // A new one is read first.
      channel.readAt = -1
      channel.busyAt = memory.bornAt == nil ? channel.busyAt : memory.clock
      memory.channels[id] = channel
    }
    guard next.isEmpty else {
      memory.listPage = next
      return
    }
    let listed = Set(memory.listed)
    for id in memory.channels.keys.sorted() where !listed.contains(id) { removed(from: id) }
    memory.listed = []
    memory.listPage = nil
    memory.turns = 0
    if memory.bornAt == nil { memory.bornAt = now ?? 0 }
  }

  private mutating func removed(from id: String) {
    // An empty list is more likely a slip of the server than the loss of all channels at once.
    guard !memory.listed.isEmpty || memory.channels.count == 1,
      let channel = memory.channels.removeValue(forKey: id)
    else { return }
    memory.threads.removeAll { $0.channel == id }
    messages.append(
      Message(
        id: "removed/\(id)/\(channel.high?.text ?? "")/\(memory.clock)",
        room: Room(account: settings.account, id: id), isDirect: channel.kind == .direct,
        sender: Identity(account: settings.account, user: me), senderKind: .bot, kind: .removed))
  }

  // MARK: - Pages of a channel

  mutating func takeHistory(_ id: String, page: String, _ list: [JSON], next: String) {
    guard var channel = memory.channels[id] else {
      memory.walk = nil
      return
    }
    let posts = written(list, in: id)
    guard channel.high != nil else { return begin(id, posts, next: next) }
    var known = channel.high ?? Slack.Time(microseconds: 0)
    // At the end of a walk: all before its edge is read, and what was written meanwhile has moved
    // the page. What fell out of it stands on no page of that walk, so another one begins.
    if memory.walk?.pages == [""], let edge = memory.walk?.edge { known = max(known, edge) }
    let reaches = next.isEmpty || (posts.first.map { $0.time <= known } ?? true)
    if var walk = memory.walk, walk.channel == id, walk.pages.count > 1 {
      if walk.isBack, !reaches, walk.pages.count < Slack.Walk.pagesMax {
        walk.pages.append(next)
        memory.walk = walk
        return
      }
      if walk.isBack, !reaches { messages.append(gap(id, channel)) }
      guard hear(posts, &channel) else { return }
      advance(&channel, posts)
      memory.channels[id] = channel
      memory.nobody = []
      walk.isBack = false
      walk.pages.removeLast()
      memory.walk = walk
      return
    }
    if !reaches {
      memory.walk = Slack.Walk(channel: id, pages: ["", next], edge: posts.first?.time)
      return
    }
    guard hear(posts, &channel) else { return }
    memory.walk = nil
    memory.channels[id] = channel
    end(id, posts)
  }

  /// The turn of this channel is over.
  private mutating func end(_ id: String, _ posts: [Slack.Written]) {
    guard var channel = memory.channels[id] else { return }
    advance(&channel, posts)
    channel.readAt = memory.clock + 1
    memory.channels[id] = channel
    memory.nobody = []
    finishTurn()
  }

  private func advance(_ channel: inout Channel, _ posts: [Slack.Written]) {
    guard let last = posts.last, last.time > (channel.high ?? last.time) else { return }
    channel.high = last.time
    channel.busyAt = memory.clock
  }

  mutating func finishTurn() {
    memory.clock += 1
    memory.turns += 1
    if memory.turns >= Slack.Memory.turnsMax { memory.listPage = "" }
  }

  private func gap(_ id: String, _ channel: Channel) -> Message {
    Message(
      id: "gap/\(id)/\(channel.high?.text ?? "")", room: Room(account: settings.account, id: id),
      isDirect: channel.kind == .direct,
      sender: Identity(account: settings.account, user: me), senderKind: .bot, kind: .gap,
      roomName: channel.name.isEmpty ? nil : channel.name)
  }

  /// The first page: what stands there is history, unless we were brought in since the first list.
  private mutating func begin(_ id: String, _ posts: [Slack.Written], next: String) {
    guard var channel = memory.channels[id] else { return }
    let entry = posts.last { $0.isEntry(of: me) }
    if let inviter = entry?.inviter, !isKnown([inviter]) { return }
    let born = Slack.Time(microseconds: (memory.bornAt ?? 0) * 1_000_000)
    var last = posts.last?.time ?? Slack.Time(microseconds: 0)
    if channel.isNew, let entry, entry.time > born {
      last = entry.time
    } else if channel.isNew, channel.kind != .room {
      // Nobody is added to these: what was written there since our first list is for us.
      last = min(last, born)
    }
    (channel.high, channel.floor) = (last, last)
    for post in posts where post.replies > 0 { channel.threads[post.ts] = post.latestReply }
    if let entry, let inviter = entry.inviter {
      channel.isOurs = isAllowed(inviter)
      messages.append(invitation(into: id, channel, by: inviter, id: "\(id):\(entry.ts)", entry))
    }
    memory.channels[id] = channel
    // What came behind the entry is read as any other page.
    if posts.contains(where: { $0.time > last }) {
      takeHistory(id, page: "", posts.map(\.json), next: next)
    } else {
      end(id, [])
    }
  }

  /// The place that was asked from is none any more: Slack's cursors are good for a while only, and
  /// ours outlive a stop. What is behind it is found again from the start.
  /// - Returns: false where the question named no such place.
  mutating func leavePage() -> Bool {
    switch memory.step {
    case .list(let page) where !page.isEmpty:
      memory.listPage = ""
      memory.listed = []
    case .history(let id, let page) where !page.isEmpty:
      memory.walk = nil
      end(id, [])
    case .thread(var thread) where !thread.page.isEmpty:
      memory.threads.removeFirst()
      thread.page = ""
      thread.after = memory.channels[thread.channel]?.threads[thread.root]?.text ?? thread.after
      memory.threads.append(thread)
    default: return false
    }
    complaints.append("Slack no longer takes the cursor of a page: its list is read anew")
    return true
  }

  func isAllowed(_ user: String) -> Bool {
    settings.invitersAllowed.allows(user)
  }

  // MARK: - Threads

  /// Replies do not stand in the history, but their heads tell when the newest came.
  mutating func noteThreads(_ posts: [Slack.Written], _ channel: inout Channel) {
    for post in posts where post.replies > 0 {
      guard let newest = post.latestReply else { continue }
      let known = channel.threads[post.ts] ?? max(channel.floor, post.time)
      guard newest > known,
        !memory.threads.contains(where: { $0.channel == post.channel && $0.root == post.ts })
      else { continue }
      memory.threads.append(
        Slack.ThreadRead(channel: post.channel, root: post.ts, after: known.text))
    }
  }

  mutating func takeReplies(_ thread: Slack.ThreadRead, _ list: [JSON], next: String) {
    guard var channel = memory.channels[thread.channel] else {
      memory.threads.removeFirst()
      return
    }
    let after = Slack.Time(thread.after) ?? channel.floor
    // The head comes along with every page.
    let replies = written(list, in: thread.channel).filter {
      $0.ts != thread.root && $0.time > after
    }
    guard say(replies, &channel) else { return }
    memory.nobody = []
    memory.threads.removeFirst()
    if let last = replies.last {
      channel.threads[thread.root] = last.time
      channel.busyAt = memory.clock
    } else if next.isEmpty {
      // The newest reply was deleted.
      channel.threads[thread.root] = Slack.Time(microseconds: after.microseconds + 1)
    }
    if channel.threads.count > Channel.threadsMax,
      let oldest = channel.threads.keys.min(by: { $0 < $1 })
    {
      channel.threads[oldest] = nil
    }
    memory.channels[thread.channel] = channel
    if !next.isEmpty, next != thread.page {
      var more = thread
      more.page = next
      memory.threads.append(more)
    }
  }
}
