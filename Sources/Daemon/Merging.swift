import Crew
import Ledger
import Platforms

// Where a place takes so few posts that the last would come much later, what waits goes as one.
extension Sender {
  /// The most posts that go as one.
  static let mergedMax = 40

  /// Carries a post, and what waits behind it where its place wants that as one. Each keeps a fate
  /// of its own: what becomes of the whole becomes of each.
  func carryAll(_ claimed: Claimed) async -> [(id: Int64, Settlement)] {
    guard let abilities = accounts[claimed.target.account]?.platform.abilities, abilities.merges,
      claimed.firstSentAt == nil, case .message = claimed.post.kind,
      let behind = try? await ledger.claimBehind(
        claimed.id, limit: Self.mergedMax, now: clock.now()),
      !behind.isEmpty
    else { return [(claimed.id, await carry(claimed))] }
    var settlements: [(id: Int64, Settlement)] = []
    var whole = claimed
    var merged: [Claimed] = []
    var isFull = false
    for post in behind {
      let text = Markup.lines([whole.post.text, "", post.post.text])
      // As much room as a single post has; see `Keeper.drafts`.
      isFull =
        isFull || abilities.length(of: text.plain(prefix: "")) > abilities.lengthMax * 3 / 4
      if isTooOld(post) {
        settlements.append((post.id, .dead("too old to be worth sending")))
      } else if isFull {
        settlements.append((post.id, .again(at: clock.now())))
      } else {
        whole.post.text = text
        merged.append(post)
      }
    }
    let fate = await carry(whole)
    settlements.append((claimed.id, fate))
    // A refusal may be about one of them alone: the others are tried without the first.
    let others: Settlement = if case .dead = fate { .again(at: clock.now()) } else { fate }
    return settlements + merged.map { ($0.id, others) }
  }
}
