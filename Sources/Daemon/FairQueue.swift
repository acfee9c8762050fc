import Crew
import Ledger

/// Who is answered next. Usually that is the order of arrival; where one person fills the queue,
/// everybody takes turns, so that a flood costs its sender time and nobody else. What one person
/// wrote stays in its order, and nothing passes an update that changes who is in a room.
enum FairQueue {
  /// How many are looked at. Most of a flood is refused by its sender's limit, which costs little.
  static let lookMax = 1024
  /// So few cost nobody any time, whoever wrote them.
  static let fewMax = Keeper.batchMax

  /// The next updates, the first to be answered first, and whether more may wait.
  static func look(at ledger: any Ledger) async throws -> (updates: [Waiting], hasMore: Bool) {
    let all = try await ledger.waiting(limit: lookMax)
    let next = untilMove(all.count > fewMax && isFlooded(all) ? turns(all) : all)
    return (next, next.count < all.count || all.count == lookMax)
  }

  /// Up to the first that moves a room: what waits for the room goes with it before more is said
  /// there.
  private static func untilMove(_ updates: [Waiting]) -> [Waiting] {
    guard let move = updates.firstIndex(where: { $0.message.isMove }) else { return updates }
    return Array(updates[...move])
  }

  /// More than half is one person's.
  static func isFlooded(_ updates: [Waiting]) -> Bool {
    var counts: [Identity: Int] = [:]
    for update in updates { counts[update.message.sender, default: 0] += 1 }
    return (counts.values.max() ?? 0) > updates.count / 2
  }

  /// Everybody's first, then everybody's second, and so on; persons in the order of arrival. Where
  /// one is first that changes a room, the first few as they are.
  static func turns(_ updates: [Waiting]) -> [Waiting] {
    let talk = updates.prefix { $0.message.isTalk }
    guard talk.count > 1 else { return Array(updates.prefix(fewMax)) }
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
    return taken
  }
}

extension Message {
  fileprivate var isMove: Bool { if case .moved = kind { true } else { false } }

  /// It changes neither a room nor who is in it.
  fileprivate var isTalk: Bool {
    switch kind {
    case .text, .edit, .ignored: true
    default: false
    }
  }
}
