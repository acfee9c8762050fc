import Crew

struct MemoryOutbox: Sendable {
  private var rows: [Int64: OutboxRow] = [:]
  /// Every key ever taken; nil where the post itself is no longer kept.
  private var ids: [String: Int64?] = [:]
  private var lastID: Int64 = 0
  /// The active posts of a target; the first is the only one that may be claimed.
  private var lanes: [Target: [Int64]] = [:]
  /// Given up or doubtful, and not told of yet.
  private var owed: [Target: [Int64]] = [:]
  /// What a claimed post tells of.
  private var telling: [Int64: [Int64]] = [:]
  private var counts: [Fate.State: Int] = [:]

  func count(_ state: Fate.State) -> Int { counts[state, default: 0] }

  mutating func add(_ draft: Draft, now: Instant) {
    guard ids[draft.key] == nil else { return }
    lastID += 1
    ids[draft.key] = .some(lastID)
    rows[lastID] = OutboxRow(id: lastID, draft: draft, createdAt: now)
    lanes[draft.target, default: []].append(lastID)
    counts[.queued, default: 0] += 1
  }

  mutating func claim(accounts: Set<String>, limit: Int, epoch: Int64, now: Instant) -> [Claimed] {
    let heads = lanes.compactMap { target, lane in
      accounts.contains(target.account) ? lane.first.flatMap { rows[$0] } : nil
    }
    let claimable = heads.filter { $0.fate.isClaimable(at: now) }
      .sorted { ($0.fate.rank, $0.id) < ($1.fate.rank, $1.id) }
    return claimable.prefix(max(limit, 0)).map { row in
      change(row.id) { $0.claim(epoch: epoch, now: now) }
      let told = owed[row.draft.target] ?? []
      telling[row.id] = told.isEmpty ? nil : told
      return (rows[row.id] ?? row).claimed(undisclosed: told.compactMap(undisclosed))
    }
  }

  mutating func claimBehind(_ post: Int64, limit: Int, epoch: Int64, now: Instant) -> [Claimed] {
    guard let head = rows[post], head.fate.state == .sending else { return [] }
    let behind = (lanes[head.draft.target] ?? []).filter { id in
      guard id > post, let fate = rows[id]?.fate else { return false }
      return fate.state == .queued && fate.firstSentAt == nil
    }
    return behind.prefix(max(limit, 0)).compactMap { id in
      change(id) { $0.claim(epoch: epoch, now: now) }
      return rows[id]?.claimed(undisclosed: [])
    }
  }

  private func undisclosed(_ id: Int64) -> Undisclosed? {
    rows[id].map {
      Undisclosed(
        id: id, kind: $0.draft.kind, createdAt: $0.createdAt, isDoubtful: $0.fate.state == .doubtful
      )
    }
  }

  mutating func settle(_ settlements: [(id: Int64, Settlement)], epoch: Int64, now: Instant)
    throws(LedgerFault)
  {
    var settled: [Int64: Fate] = [:]
    for (id, settlement) in settlements {
      var fate = settled[id] ?? rows[id]?.fate ?? Fate()
      try fate.settle(settlement, id: id, epoch: epoch, now: now)
      settled[id] = fate
    }
    for (id, _) in settlements {
      if let fate = settled[id] { change(id) { $0 = fate } }
      place(id)
    }
  }

  /// Puts a post that was settled where its fate belongs.
  private mutating func place(_ id: Int64) {
    guard let row = rows[id] else { return }
    let target = row.draft.target
    let told = telling.removeValue(forKey: id) ?? []
    if row.fate.state.isActive {
      if let lane = lanes[target], lane.count > 1, rank(lane[1]) < rank(lane[0]) {
        sortLane(target)
      }
      return
    }
    lanes[target]?.removeAll { $0 == id }
    if lanes[target]?.isEmpty == true { lanes[target] = nil }
    if row.fate.state == .sent {
      owed[target]?.removeAll { told.contains($0) }
    } else {
      owed[target, default: []].append(id)
      owed[target]?.sort()
    }
    if owed[target]?.isEmpty == true { owed[target] = nil }
  }

  /// A post under way first, then by age. Only lanes that became one are ever out of order.
  private mutating func sortLane(_ target: Target) {
    guard let lane = lanes[target], lane.count > 1 else { return }
    lanes[target] = lane.sorted { rank($0) < rank($1) }
  }

  private func rank(_ id: Int64) -> (Int, Int64) {
    (rows[id]?.fate.state == .sending ? 0 : 1, id)
  }

  private mutating func change(_ id: Int64, _ body: (inout Fate) -> Void) {
    guard var row = rows[id] else { return }
    counts[row.fate.state, default: 0] -= 1
    body(&row.fate)
    counts[row.fate.state, default: 0] += 1
    rows[id] = row
  }

  func sentID(ofKey key: String) -> String? {
    guard case .some(.some(let id)) = ids[key], let fate = rows[id]?.fate, fate.state == .sent
    else { return nil }
    return fate.remoteID
  }

  func isAnothers(_ sentID: String, than post: Int64) -> Bool {
    let near = post - OutboxRow.neighboursMax...post + OutboxRow.neighboursMax
    return near.contains { id in
      guard id != post, let row = rows[id], row.fate.remoteID == sentID else { return false }
      return row.draft.target.account == rows[post]?.draft.target.account
    }
  }

  func nextSendAt() -> Instant? {
    lanes.values.compactMap { $0.first.flatMap { rows[$0]?.fate } }
      .filter { $0.state != .sending }.map(\.notBefore).min()
  }

  mutating func moveRoom(_ room: Room, to id: String) {
    let old = Target.room(room)
    guard let new = old.moved(from: room, to: id), new != old else { return }
    let lane = lanes.removeValue(forKey: old) ?? []
    let debts = owed.removeValue(forKey: old) ?? []
    for id in lane + debts { rows[id]?.draft.target = new }
    if !lane.isEmpty {
      lanes[new, default: []] += lane
      sortLane(new)
    }
    if !debts.isEmpty { owed[new] = ((owed[new] ?? []) + debts).sorted() }
  }

  mutating func orphanClaims() {
    for id in lanes.values.joined() where rows[id]?.fate.state == .sending {
      change(id) { $0.orphan() }
    }
    telling = [:]
    for target in lanes.keys { sortLane(target) }
  }

  mutating func prune(_ keeping: Keeping) {
    let kept = Set(owed.values.joined())
    for (id, row) in rows {
      guard let settledAt = row.fate.settledAt, settledAt < keeping.posts, !kept.contains(id)
      else { continue }
      counts[row.fate.state, default: 0] -= 1
      ids[row.draft.key] = .some(nil)
      rows[id] = nil
    }
  }
}
