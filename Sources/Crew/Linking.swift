/// One person on several platforms: a code that the bot tells them on one is typed on another.
enum Linking {
  static let minutes: Int64 = 10
  static let codeLength = 8
  /// Without letters that are taken for others.
  private static let letters = Array("abcdefghjkmnpqrstuvwxyz")

  /// 23^8 codes: guessing one within its ten minutes is hopeless.
  static func code(_ chance: UInt64) -> String {
    // Spread over all bits first (the mixing step of SplitMix64), whatever chance was handed in.
    var bits = chance &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    bits ^= bits >> 31
    var code = ""
    for _ in 0..<codeLength {
      code.append(letters[Int(bits % UInt64(letters.count))])
      bits /= UInt64(letters.count)
    }
    return code
  }
}

extension Teams {
  /// What follows if the message shows a code that somebody was told in time; nil if it does not.
  func link(_ message: Message, _ now: Now) -> Answer? {
    // Codes are rare, and every message comes through here.
    guard list.values.contains(where: { $0.members.hasOffer(at: now.instant) }),
      let code = linkingCode(message)
    else { return nil }
    var answer = Answer()
    var named: (person: Person, team: Team)?
    for team in sorted {
      guard let person = team.members.offer(code, at: now.instant),
        team.members[person]?.isHere == true
      else { continue }
      let former = team.members.member(message.sender)
      // Somebody who was taken out does not come back as somebody else.
      if former?.id == person || former?.isRemoved == true { continue }
      answer.events += team.merging(message.sender, former, into: person, now)
        .map { .init(team: team.id, event: $0) }
      named = named ?? (person, team)
    }
    guard let (person, team) = named else { return nil }
    let text = team.speaker(words, for: person).say(
      Phrase(
        "link.done", "✓ You are {name} of {team} here too.",
        ["name": .person(person), "team": .text(team.settings.name)]))
    answer.posts = [reply(text, to: message)]
    return answer
  }

  /// The code in `link abcdefgh`, in any language and with any prefix.
  private func linkingCode(_ message: Message) -> String? {
    var tokens = Arguments(pieces: message.body).tokens
    guard let first = tokens.first, first.kind == .word, let code = tokens.last?.folded,
      code.utf8.count == Linking.codeLength
    else { return nil }
    if let mark = first.folded.first, mark == "/" || mark == "!" {
      tokens[0].text = String(first.text.dropFirst())
    } else if !message.isDirect, !message.mentionsBot {
      return nil
    }
    guard case .command("link", let taken) = words.find(tokens.map(\.folded)),
      tokens.count == taken + 1
    else { return nil }
    return code
  }
}

extension Team {
  /// `identity` becomes `person`. What a former member of that identity held goes along, if they
  /// have no other.
  fileprivate func merging(
    _ identity: Identity, _ former: Member?, into person: Person, _ now: Now
  ) -> [Event] {
    var events: [Event] = [
      .members(.linked(person, identity, former: former?.id)),
      .members(.reachable(person, account: identity.account)),
    ]
    guard let former, former.identities == [identity] else { return events }
    events.append(.tasks(.merged(former.id, into: person)))
    if former.isManager { events.append(.members(.madeManager(person))) }
    return events
  }
}
