import Crew
import Ledger

// The end: no faults any more, so whatever waits gets done, and what was lost is told.
extension Simulation {
  mutating func calmDown() throws {
    world.with { realm in
      realm.callsInAll = realm.calls
      realm.badness = 0
      realm.doom = nil
      realm.errorSeconds = 0
      for late in realm.late { realm.time = max(realm.time, late.at) }
      for chat in realm.servers.indices { realm.servers[chat].closed = [] }
    }
    downUntil = time
    for round in 0..<12 {
      flush(all: round == 0 && !plan.isCalm)
      for _ in 0..<200 {
        try moment()
        if hasFailed { return }
        guard let wake = world.nextWake(), wake < time.adding(hours: 2) else { break }
        world.with { $0.time = max($0.time, wake) }
      }
      if round > 0, remaining() == nil { break }
      pass(1800)
    }
    try checkEnd()
  }

  /// Each room, and each person or those who are owed a word, are given a reason to hear from us.
  private func flush(all: Bool) {
    world.with { realm in
      let owed = realm.witness.owed
      for chat in realm.servers.indices {
        realm.letIn(chat)
        realm.say("/task 0", "ana", in: chat, .any)
        let (account, isStrict) = (realm.servers[chat].account, realm.servers[chat].isStrict)
        for who in realm.servers[chat].people + (isStrict ? [] : ["cleo"]) {
          let isOwed = owed.contains { $0.isPlace(of: who, account) }
          guard all || isOwed || isStrict else { continue }
          realm.direct("help", who, in: chat, who == "cleo" ? .nothing : .any)
          if who != "cleo" { realm.say("/kudos mine", who, in: chat, .any) }
        }
        let lair = Target.room(Room(account: account, id: "lair"))
        guard !isStrict, all || owed.contains(lair) else { continue }
        realm.post("", "cleo", .person, .invited, in: chat, room: "lair", .nothing)
      }
    }
  }

  private func remaining() -> String? {
    world.with { realm in
      let gone = Set(
        realm.witness.teams.sorted.flatMap { team in
          team.members.list.filter { !$0.isHere }.flatMap(\.identities)
        })
      return realm.witness.undone { target in
        if case .direct(let identity) = target { return gone.contains(identity) }
        return false
      }
    }
  }

  private mutating func checkEnd() throws {
    if let left = remaining() { return fail(left) }
    let memory = memory
    let counts = try stage.value { try await memory.counts() }
    if counts.waiting + counts.queued + counts.sending + counts.unknown > 0 {
      fail("left undone: \(counts)")
    }
    let (hasGone, hasGap, kept, last) = world.with { realm in
      (
        !realm.witness.gone.isEmpty, realm.witness.hasGap, realm.witness.teams,
        realm.witness.lastNumber
      )
    }
    if hasGone, !hasGap { fail("messages were lost, and nobody was told of a gap") }
    let (teams, number) = try stage.value {
      var teams = Teams(words: Self.words)
      let all = try await memory.events(after: 0, limit: .max)
      for one in all { teams.apply(one.entry.event, to: one.entry.team, at: one.entry.at) }
      return (teams, Int64(all.count))
    }
    if let difference = Self.difference(teams, kept) {
      fail("the events give another team: \(difference)")
    }
    if number != last { fail("the ledger has \(number) events, and \(last) were stored") }
  }
}

extension Target {
  /// Whether that is where somebody reads alone, in whichever way it was found.
  fileprivate func isPlace(of user: String, _ account: String) -> Bool {
    switch self {
    case .direct(let identity): identity == Identity(account: account, user: user)
    case .room(let room): room == Room(account: account, id: "dm-\(user)")
    }
  }
}
