/// Managers whose digest goes to an e-mail address: whose address it is, shown by a code that was
/// sent there. The address never stands in a shared room, nor in `audit`.
public struct DigestMail: Codable, Sendable, Equatable {
  /// How long a code is good for, and how many may be asked for in an hour.
  static let codeMinutes: Int64 = 10
  static let asksMax = 3

  private struct Ask: Codable, Equatable {
    var person: Person
    var mailbox: Identity
    var code: String
    var until: Instant
    var at: Instant
  }

  private struct Choice: Codable, Equatable {
    var person: Person
    var mailbox: Identity
  }

  private var asks: [Ask] = []
  private var chosen: [Choice] = []

  func mailbox(of person: Person) -> Identity? { chosen.first { $0.person == person }?.mailbox }

  /// Whose digests go to that address.
  func owners(of mailbox: Identity) -> [Person] {
    chosen.filter { $0.mailbox == mailbox }.map(\.person)
  }

  func asksWithinHour(of person: Person, _ now: Instant) -> Int {
    asks.count { $0.person == person && now.seconds(since: $0.at) < 3600 }
  }

  /// The address that the code was sent to, if it was sent to this person in time and is the last.
  func shown(_ code: String, by person: Person, _ now: Instant) -> Identity? {
    guard let last = asks.last(where: { $0.person == person }), last.code == code, now < last.until
    else { return nil }
    return last.mailbox
  }

  mutating func apply(_ event: Digest.Event, at: Instant) {
    switch event {
    case .mailboxAsked(let person, let mailbox, let code, let until):
      asks.removeAll { at.seconds(since: $0.at) >= 3600 }
      asks.append(Ask(person: person, mailbox: mailbox, code: code, until: until, at: at))
    case .mailboxChosen(let person, let mailbox):
      chosen.removeAll { $0.person == person }
      if let mailbox {
        chosen.append(Choice(person: person, mailbox: mailbox))
        // A code counts once.
        for index in asks.indices where asks[index].person == person { asks[index].until = at }
      }
    case .chosen, .dailyChosen: break
    }
  }
}

extension Digest {
  public func mailbox(of person: Person) -> Identity? { mail.mailbox(of: person) }
  public func owners(of mailbox: Identity) -> [Person] { mail.owners(of: mailbox) }
}

extension Call {
  /// `digest to ana@example.org`, `digest to chat`.
  func digestTo(_ arguments: Arguments) throws(Refusal) -> Decision {
    let word = arguments.firstWord
    if ["chat", "here", "聊天", "这里"].contains(word) { return digestToChat() }
    if let own = sender.identities.first(where: { Text.folded($0.account) == word }) {
      return try digestTo(own)
    }
    guard word.contains("@") else {
      throw Refusal(
        Phrase(
          "digest.own.unknown", "I don't know you on {account}: be the same person there first.",
          ["account": .text(Text.shortened(arguments.firstWord, to: 30))]),
        example: "link")
    }
    guard !places.recipients.isEmpty else {
      throw Refusal(Phrase("digest.mail.none", "I send no mail: whoever runs me can set it up."))
    }
    guard message.isDirect else {
      throw Refusal(
        Phrase(
          "digest.mail.room", "An address is nobody else's business: tell me in a chat alone."),
        reason: "denied")
    }
    guard let text = arguments.first?.text, let mailbox = places.mailbox(text) else {
      throw wrong(
        Phrase("digest.mail.wrong", "I may not write to that address. Which other one?"))
    }
    guard team.digest.mail.asksWithinHour(of: sender.id, now.instant) < DigestMail.asksMax else {
      throw Refusal(
        Phrase("digest.mail.often", "I have sent enough codes for now. Try again in an hour."))
    }
    let code = Linking.code(chance)
    let until = now.instant.adding(seconds: DigestMail.codeMinutes * 60)
    let letter = Phrase(
      "digest.mail.letter",
      "{name} wants the digest of {team} sent here.\n"
        + "If that is you, write to me in the chat within {minutes} minutes:\n"
        + "`digest code {code}`\nIf not, nothing more will come.",
      [
        "name": .text(sender.name), "team": .text(team.settings.name), "code": .text(code),
        "minutes": .number(Int(DigestMail.codeMinutes)),
      ])
    return Decision(
      [.digest(.mailboxAsked(sender.id, mailbox, code: code, until: until))],
      say: [
        .reply(
          Phrase(
            "digest.mail.asked", "I sent a code to {address}. Show it to me: `digest code …`",
            ["address": .text(mailbox.user)])),
        .mail(mailbox, letter),
      ])
  }

  /// `digest to telegram`: to oneself, on another platform.
  private func digestTo(_ own: Identity) throws(Refusal) -> Decision {
    guard sender.reachable.contains(own.account) else {
      throw Refusal(
        Phrase(
          "digest.own.closed", "Write to me alone on {account} first.",
          ["account": .text(own.account)]))
    }
    return chose(
      own,
      Phrase(
        "digest.own", "✓ Your digests come on {account}.  Back: `digest to chat`",
        ["account": .text(own.account)]))
  }

  /// `digest code abcdefgh`.
  func digestCode(_ arguments: Arguments) throws(Refusal) -> Decision {
    guard
      let mailbox = team.digest.mail.shown(arguments.firstWord, by: sender.id, now.instant)
    else {
      throw Refusal(
        Phrase("digest.mail.code", "That code is not the one I sent last, or it has run out."))
    }
    return chose(
      mailbox,
      Phrase("digest.mail.on", "✓ Your digests go to your mail.  Back: `digest to chat`"))
  }

  private func digestToChat() -> Decision {
    chose(nil, Phrase("digest.mail.off", "✓ Your digests come in the chat."))
  }

  private func chose(_ mailbox: Identity?, _ line: Phrase) -> Decision {
    let former = team.digest.mailbox(of: sender.id)
    // `me/`: what somebody chose for themselves stands in nobody's `audit`.
    return Decision(
      [.digest(.mailboxChosen(sender.id, mailbox))], say: [.reply(line)],
      undo: Undoable(
        "me/\(sender.id.number)/digest", [.digest(.mailboxChosen(sender.id, former))]))
  }
}

extension Team {
  /// What follows when a mail server would not take mail for an address: its digests come in the
  /// chat again, and their reader is told.
  public func mailRefused(
    _ mailbox: Identity, words: Words
  ) -> [(event: Event, post: Outgoing?)] {
    digest.owners(of: mailbox).map { person in
      let phrase = Phrase(
        "digest.mail.refused",
        "Mail to you was refused, so your digests come in the chat again. Now: `digest`")
      let post = directTarget(person).map {
        Outgoing($0, Post(text: speaker(words, for: person).say(phrase)), .reminder)
      }
      return (.digest(.mailboxChosen(person, nil)), post)
    }
  }
}
