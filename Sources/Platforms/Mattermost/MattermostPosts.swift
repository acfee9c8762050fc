import Crew

extension Mattermost {
  /// A post as far as it matters here.
  struct ChannelPost: Equatable {
    var id: String
    var channel: String
    var user: String
    /// Empty for what a person wrote, `system_…` for what happened.
    var type: String
    var message: String
    /// The head of the thread it stands in; nil where it is one itself.
    var root: String?
    var createdAt: Int64
    var isEdited: Bool
    var isDeleted: Bool
    /// Written by a bot, a webhook or a plugin.
    var isAutomatic: Bool
    /// Whom a system post says was added or taken out.
    var addedUser: String?
    var removedUser: String?

    /// Nil where an id is missing or odd.
    init?(_ json: JSON) {
      guard let id = json["id"].string, Mattermost.isID(id),
        let channel = json["channel_id"].string, Mattermost.isID(channel),
        let user = json["user_id"].string, Mattermost.isID(user),
        let createdAt = json["create_at"].integer
      else { return nil }
      (self.id, self.channel, self.user) = (id, channel, user)
      // Kept between 1970 and the year 9999, so that nobody's arithmetic overflows.
      self.createdAt = min(max(createdAt, 0), 253_402_300_799_999)
      type = String((json["type"].string ?? "").prefix(64))
      message = json["message"].string ?? ""
      root = json["root_id"].string.flatMap { Mattermost.isID($0) ? $0 : nil }
      isEdited = (json["edit_at"].integer ?? 0) > 0
      isDeleted = (json["delete_at"].integer ?? 0) > 0
      let props = json["props"]
      isAutomatic = ["from_webhook", "from_bot", "from_plugin"].contains {
        props[$0].string == "true" || props[$0].bool == true
      }
      addedUser = props["addedUserId"].string
      removedUser = props["removedUserId"].string
    }

    /// Whose name is needed to tell of it.
    var subject: String? {
      switch type {
      case "", "system_join_channel", "system_leave_channel": user
      // Both are needed: who was brought in, and, where that is the bot, by whom.
      case "system_add_to_channel": addedUser
      case "system_remove_from_channel": removedUser
      default: nil
      }
    }
  }
}

extension Mattermost.Reading {
  /// True where the senders, and those spoken of, are known; else they are asked for first.
  mutating func isKnown(everybodyIn posts: [Mattermost.ChannelPost]) -> Bool {
    let nobody = Set(memory.nobody)
    var ids: [String] = []
    var isAsked: Set<String> = []
    for post in posts {
      for id in [post.subject, post.addedUser == me ? post.user : nil].compactMap({ $0 }) {
        guard Mattermost.isID(id), id != me, !nobody.contains(id),
          memory.person(id)?.isFresh(now, asName: false) != true, isAsked.insert(id).inserted
        else { continue }
        ids.append(id)
      }
    }
    let names = names(in: posts).filter {
      !nobody.contains($0) && memory.person(named: $0)?.isFresh(now, asName: true) != true
    }
    memory.wantedIDs = ids
    memory.wantedNames = Array(names.prefix(Self.namesAtOnce))
    return ids.isEmpty && names.isEmpty
  }

  /// Whom the posts may speak of, the same each time that the page is read. The first of every post
  /// comes before the second of any, so that nobody's long list takes the place of other people's
  /// short ones; what finds no place stays words.
  private func names(in posts: [Mattermost.ChannelPost]) -> [String] {
    let lists = posts.filter { $0.type.isEmpty }
      .map { Mattermost.mentions(in: $0.message).prefix(Mattermost.mentionsMax) }
    var names: [String] = []
    var isKnown: Set<String> = [memory.username]
    for place in 0..<Mattermost.mentionsMax {
      for list in lists where place < list.count {
        for name in list[place].candidates
        where names.count < Self.namesMax && isKnown.insert(name).inserted {
          names.append(name)
        }
      }
    }
    return names
  }

  /// In one question, and for one page.
  private static let namesAtOnce = 64
  private static let namesMax = 256

  /// One post in our words.
  mutating func hear(
    _ post: Mattermost.ChannelPost, _ roomName: String, _ channel: inout Mattermost.Channel
  ) {
    var message = self.message(post, by: post.user, roomName, channel)
    switch post.type {
    case "": takeText(post, into: &message)
    case "system_join_channel": message.kind = .joined
    case "system_leave_channel": message.kind = .left
    case "system_add_to_channel":
      guard let user = post.addedUser, user != me, Mattermost.isID(user) else { return }
      message = self.message(post, by: user, roomName, channel)
      message.kind = .joined
    case "system_remove_from_channel":
      guard let user = post.removedUser, user != me, Mattermost.isID(user) else { return }
      message = self.message(post, by: user, roomName, channel)
      message.kind = .left
    default: return
    }
    if message.kind == .text, message.mentionsBot, message.senderKind == .person, !channel.isOurs {
      messages.append(invitation(by: post, roomName, id: "invited/\(post.id)"))
      channel.isOurs = isAllowed(post.user)
    }
    messages.append(message)
  }

  private func message(
    _ post: Mattermost.ChannelPost, by user: String, _ roomName: String,
    _ channel: Mattermost.Channel
  ) -> Message {
    let person = memory.person(user)
    return Message(
      id: post.id, room: Room(account: settings.account, id: post.channel),
      isDirect: channel.type == "D", sender: Identity(account: settings.account, user: user),
      senderName: person?.name ?? "",
      senderKind: post.isAutomatic ? .bot : person?.kind ?? .person, thread: post.root,
      replyTo: post.root, roomName: channel.type == "D" || roomName.isEmpty ? nil : roomName,
      sentAt: Instant(milliseconds: post.createdAt))
  }

  /// Somebody brought the bot into the channel.
  func invitation(by post: Mattermost.ChannelPost, _ roomName: String, id: String) -> Message {
    let person = memory.person(post.user)
    return Message(
      id: id, room: Room(account: settings.account, id: post.channel),
      sender: Identity(account: settings.account, user: post.user),
      senderName: person?.name ?? "", senderKind: person?.kind ?? .person, kind: .invited,
      roomName: roomName.isEmpty ? nil : roomName, sentAt: Instant(milliseconds: post.createdAt))
  }

  /// What was changed before we first saw it may never have been what it says now.
  private func takeText(_ post: Mattermost.ChannelPost, into message: inout Message) {
    let body = Mattermost.Body(post.message, memory, account: settings.account)
    message.body = body.pieces
    message.mentionsBot = body.mentionsBot
    message.kind = post.isEdited ? .edit(of: post.id) : .text
  }
}

extension Mattermost {
  /// `@name` somewhere in a text.
  struct Mention {
    var range: Range<String.Index>
    /// Names that may be meant, longest first: `ana.` may be `ana` at the end of a sentence.
    var candidates: [String]
  }

  /// So many of one post are looked up; the bot's own name counts wherever it stands.
  static let mentionsMax = 20

  /// The server knows no mentions as such; this is how its clients find them.
  static func mentions(in text: String) -> [Mention] {
    var mentions: [Mention] = []
    var at = text.startIndex
    var isInWord = false
    while at < text.endIndex {
      let character = text[at]
      let next = text.index(after: at)
      if character == "@", !isInWord {
        let name = text[next...].prefix { isNamePart($0) }
        let candidates = candidates(of: name)
        if !candidates.isEmpty {
          mentions.append(Mention(range: at..<name.endIndex, candidates: candidates))
          at = name.endIndex
          continue
        }
      }
      isInWord = isNamePart(character)
      at = next
    }
    return mentions
  }

  private static func candidates(of name: Substring) -> [String] {
    var rest = name.lowercased()
    var candidates: [String] = []
    while !rest.isEmpty, candidates.count < 4 {
      if rest.utf8.count <= 64, !["all", "channel", "here"].contains(rest) {
        candidates.append(rest)
      }
      guard let last = rest.last, ".-_".contains(last) else { break }
      rest.removeLast()
    }
    return candidates
  }

  private static func isNamePart(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
  }

  /// What a text says once its mentions are read.
  struct Body: Equatable {
    private var said = MessageBody()
    var pieces: [Piece] { said.pieces }
    var mentionsBot: Bool { said.mentionsBot }

    init(_ text: String, _ memory: Memory, account: String) {
      var at = text.startIndex
      for (place, mention) in Mattermost.mentions(in: text).enumerated() {
        let isLookedUp = place < Mattermost.mentionsMax
        guard
          let name = mention.candidates.first(where: {
            $0 == memory.username || (isLookedUp && memory.person(named: $0) != nil)
          })
        else { continue }
        said.add(text[at..<mention.range.lowerBound])
        // What was cut off the name stands in the sentence.
        let end = text.index(mention.range.lowerBound, offsetBy: name.count + 1)
        let shown = String(text[mention.range.lowerBound..<end])
        if name == memory.username {
          said.mentionBot()
        } else if let person = memory.person(named: name) {
          said.mention(Identity(account: account, user: person.id), shown: shown)
        }
        at = end
      }
      said.add(text[at...])
      said.end()
    }

  }
}
