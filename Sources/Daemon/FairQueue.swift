import Crew
import Ledger

/// Who is answered next. Usually that is the order of arrival; where one person fills the queue,
/// everybody takes turns, so that a flood costs its sender time and nobody else. What one person
/// wrote stays in its order, and nothing passes an update that changes who is in a room.
struct FairQueue {
  /// How far it looks ahead of a flood. Most of a flood is refused by its sender's limit, which
  /// costs little, so a batch may be as long.
  static let lookahead = 1024
  /// Batches taken as they come after a look that found nobody else.
  static let restBatches = 8

  private var rest = 0

  /// The next updates, the first to be answered first.
  /// - Parameter batch: how many are taken where nobody floods.
  mutating func next(_ batch: Int, from ledger: any Ledger) async throws -> [Waiting] {
    let first = try await ledger.waiting(limit: batch)
    guard first.count == batch, Self.isFlooded(first) else {
      rest = 0
      return first
    }
    guard rest == 0 else {
      rest -= 1
      return first
    }
    let turns = Self.turns(try await ledger.waiting(limit: Self.lookahead))
    guard turns.hasOthers else {
      rest = Self.restBatches
      return first
    }
    return turns.updates
  }

  /// More than half is one person's.
  static func isFlooded(_ updates: [Waiting]) -> Bool {
    var counts: [Identity: Int] = [:]
    for update in updates { counts[update.message.sender, default: 0] += 1 }
    return (counts.values.max() ?? 0) > updates.count / 2
  }

  /// Everybody's first, then everybody's second, and so on; persons in the order of arrival.
  static func turns(_ updates: [Waiting]) -> (updates: [Waiting], hasOthers: Bool) {
    let talk = updates.prefix { $0.message.isTalk }
    guard talk.count > 1 else { return (updates, true) }
    var order: [Identity] = []
    var lines: [Identity: [Waiting]] = [:]
    for update in talk {
      let sender = update.message.sender
      if lines[sender] == nil { order.append(sender) }
      lines[sender, default: []].append(update)
    }
    var taken: [Waiting] = []
    taken.reserveCapacity(talk.count)
    var round = 0
    while taken.count < talk.count {
      for sender in order {
        if let line = lines[sender], round < line.count { taken.append(line[round]) }
      }
      round += 1
    }
    return (taken, order.count > 1)
  }
}

extension Message {
  /// It changes neither a room nor who is in it.
  fileprivate var isTalk: Bool {
    switch kind {
    case .text, .edit, .ignored: true
    default: false
    }
  }
}
