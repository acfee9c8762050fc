// The fair call: whom a task that nobody has would suit.
extension Team {
  /// The line to the room about a task without an owner.
  /// - Parameter nth: how often the room was asked before; each time somebody else is named.
  /// - Parameter called: how often each was named in this round already.
  func call(
    for item: Tasks.Item, days: Int, nth: Int, on day: Day, _ called: inout [Person: Int]
  ) -> Phrase {
    var values: [String: Phrase.Value] = [
      "id": .number(item.id), "text": .text(Text.shortened(item.text, to: 80)),
      "days": .phrase(
        Phrase.counted(
          "tasks.unowned.days", max(1, days), one: "1 working day", many: "{count} working days")),
    ]
    let role = role(fitting: item.text)
    let holders = role.map { candidates(onDuty($0, on: day), item, day, called) } ?? []
    if let role, !holders.isEmpty {
      values["role"] = .text(role.name)
      let holder = holders[nth % holders.count]
      called[holder, default: 0] += 1
      values["person"] = .person(holder)
      return Phrase(
        "tasks.unowned.role",
        "#{id} {text} has had no owner for {days}. It fits {role} ({person}).  "
          + "`take {id}` or `drop {id} why`",
        values)
    }
    let free = candidates(members.present.map(\.id), item, day, called)
    guard !free.isEmpty else {
      return Phrase(
        "tasks.unowned.nobody", "#{id} {text} has had no owner for {days}.  `take {id}`", values)
    }
    let isFreest = nth == 0 && called.isEmpty
    let person = free[nth % free.count]
    called[person, default: 0] += 1
    values["person"] = .person(person)
    if isFreest {
      return Phrase(
        "tasks.unowned",
        "#{id} {text} has had no owner for {days}. {person} has the least open work.  "
          + "`take {id}` or `drop {id} why`",
        values)
    }
    return Phrase(
      "tasks.unowned.next",
      "#{id} {text} has had no owner for {days}. {person} has little open work.  "
        + "`take {id}` or `drop {id} why`",
      values)
  }

  /// Those of `people` who work that day and have not handed it back, the least busy first.
  private func candidates(
    _ people: [Person], _ item: Tasks.Item, _ day: Day, _ called: [Person: Int]
  ) -> [Person] {
    people.filter { person in
      members[person]?.isHere == true && isWorkday(day, for: person)
        && person != item.handedBackBy
    }.map { person -> (count: Int, adder: Int, person: Person) in
      // Whoever wrote it down would have taken it: of two with as much to do, the other.
      (tasks.openCount(of: person) + (called[person] ?? 0), person == item.addedBy ? 1 : 0, person)
    }.sorted(by: <).map(\.person)
  }

  /// The role whose name, or whose responsibility, shares the most words with `text`.
  func role(fitting text: String) -> Role? {
    let words = Self.terms(of: text)
    let scored = roles.list.map { role -> (role: Role, score: Int) in
      let named = Self.terms(of: role.name).intersection(words).count
      let meant = Self.terms(of: role.responsibility).intersection(words).count
      return (role, 10 * named + meant)
    }
    return scored.filter { $0.score > 0 }.max {
      ($0.score, $1.role.name) < ($1.score, $0.role.name)
    }?
    .role
  }

  /// Words of four letters or more, and pairs of Chinese characters, which are written in a row.
  private static func terms(of text: String) -> Set<String> {
    var terms: Set<String> = []
    var word = ""
    var before: Character?
    for character in Text.folded(text) + " " {
      let isChinese = character.unicodeScalars.first.map(Text.isCJK) ?? false
      if isChinese {
        if let before { terms.insert(String([before, character])) }
        before = character
      } else {
        before = nil
      }
      if !isChinese, character.isLetter || character.isNumber {
        word.append(character)
      } else {
        if word.count >= 4 { terms.insert(word) }
        word = ""
      }
    }
    return terms
  }
}
