import Crew
import Foundation
import Ledger
import Logging
import Platforms

/// Brings claimed posts to their platforms and says what became of them.
///
/// Claim (commit) → perform → settle. What certainly did not arrive is tried again; what may have
/// arrived is sent again only where the platform takes our key once; else it is disclosed.
struct Sender: Sendable {
  let accounts: [String: Account]
  let ledger: any Ledger
  let network: any Network
  let clock: any Clock
  let chance: any Chance
  let credentials: Credentials
  let buckets: Buckets
  /// For the line that discloses a lost post.
  let speaker: Speaker
  let log: Logger
  /// Told of people whom a platform does not let us write to.
  let cannotReach: @Sendable (Identity) -> Void

  /// The most steps that one post may take (Matrix: look up the direct room, open it, note it,
  /// send).
  static let stepsMax = 8

  func deliver(_ claimed: Claimed) async throws {
    let settlement = await carry(claimed)
    try await ledger.settle([(claimed.id, settlement)], now: clock.now())
  }

  func carry(_ claimed: Claimed) async -> Settlement {
    var claimed = claimed
    // An emoji cannot tell of a lost post.
    if case .reaction = claimed.post.kind, !claimed.undisclosed.isEmpty {
      claimed.post.kind = .message
    }
    guard let account = accounts[claimed.target.account] else {
      return .dead("no such account any more")
    }
    if let settled = beforeSending(claimed, account) { return settled }
    do {
      let credential = try await credentials.credential(for: account)
      let post = try await prepared(claimed, account)
      return await steps(claimed, post, account, credential)
    } catch {
      return .again(at: later(claimed))
    }
  }

  /// What can be said without sending anything.
  private func beforeSending(_ claimed: Claimed, _ account: Account) -> Settlement? {
    let now = clock.now()
    if let first = claimed.firstSentAt, !mayRepeat(claimed, account, since: first) {
      return .doubtful("its fate was never learned")
    }
    if claimed.firstSentAt == nil, now.seconds(since: claimed.createdAt) > lifeSeconds(claimed.kind)
    {
      return .dead("too old to be worth sending")
    }
    let waitSeconds = buckets.wait(for: claimed.target, account.platform.abilities, now: now)
    if waitSeconds > 0 {
      return .again(at: Instant(milliseconds: now.milliseconds + Int64(waitSeconds * 1000) + 1))
    }
    return nil
  }

  /// A reply 1 h, a reminder 6 h, a digest a day: later it only adds noise.
  private func lifeSeconds(_ kind: Draft.Class) -> Int64 {
    switch kind {
    case .reply: 3600
    case .reminder: 6 * 3600
    case .digest: 24 * 3600
    }
  }

  /// Whether sending again can do no harm: the call itself may be repeated, or the platform takes
  /// our key once and still remembers it.
  private func mayRepeat(_ claimed: Claimed, _ account: Account, since first: Instant) -> Bool {
    switch account.platform.abilities.resend {
    case .sameKey(let seconds): return clock.now().seconds(since: first) < Int64(seconds)
    case .never:
      return account.platform.request(
        for: claimed.post, to: claimed.target, key: key(claimed), progress: claimed.progress,
        with: account.credential
      ).isRepeatable
    }
  }

  private func key(_ claimed: Claimed) -> String { "c\(ledger.opening.instance).\(claimed.id)" }

  /// The post with what is only known now: the message it stands under, and what must be disclosed.
  private func prepared(_ claimed: Claimed, _ account: Account) async throws -> Post {
    var post = claimed.post
    if let under = post.underPost {
      let id = try await ledger.sentID(ofKey: under)
      post.inReplyTo = id
      if account.platform.abilities.threadsUnderMessages { post.thread = id }
    }
    if !claimed.undisclosed.isEmpty {
      post.text = .lines([post.text, speaker.say(disclosure(claimed.undisclosed))])
    }
    return post
  }

  private func disclosure(_ lost: [Undisclosed]) -> Phrase {
    let doubtful = lost.count(where: \.isDoubtful)
    if doubtful == lost.count {
      return .counted(
        "disclose.doubtful", doubtful,
        one: "({count} earlier message of mine could not be confirmed: it may be missing.)",
        many: "({count} earlier messages of mine could not be confirmed: they may be missing.)")
    }
    return .counted(
      "disclose.lost", lost.count,
      one: "({count} earlier message of mine could not be delivered.)",
      many: "({count} earlier messages of mine could not be delivered or confirmed.)")
  }

  private func steps(
    _ claimed: Claimed, _ post: Post, _ account: Account, _ credential: Credential
  ) async -> Settlement {
    var target = claimed.target
    var progress = claimed.progress
    for _ in 0..<Self.stepsMax {
      let request = account.platform.request(
        for: post, to: target, key: key(claimed), progress: progress, with: credential)
      let delivery: Delivery
      do {
        delivery = account.platform.delivery(
          of: try await network.perform(request), progress: progress)
      } catch {
        delivery = error.nothingSent ? .retry(afterSeconds: nil) : .unknown
      }
      switch delivery {
      case .sent(let id): return .sent(id: id)
      case .next(let step): progress = step
      case .moved(let id):
        guard case .room(let room) = target else { return .dead("moved") }
        target = .room(Room(account: room.account, id: id))
        try? await ledger.moveRoom(room, to: id)
      case .retry(let wish): return .again(at: later(claimed, wish: wish))
      case .refused(let why): return refused(claimed, why)
      case .unknown: return unknown(claimed, request, account)
      }
    }
    return .dead("too many steps")
  }

  private func refused(_ claimed: Claimed, _ why: String) -> Settlement {
    log.warning(
      "a post was refused", metadata: ["account": "\(claimed.target.account)", "why": "\(why)"])
    if case .direct(let identity) = claimed.target { cannotReach(identity) }
    return .dead(why)
  }

  private func unknown(
    _ claimed: Claimed, _ request: HTTPRequest, _ account: Account
  ) -> Settlement {
    let first = claimed.firstSentAt ?? clock.now()
    let mayRepeat =
      switch account.platform.abilities.resend {
      case .sameKey(let seconds): clock.now().seconds(since: first) < Int64(seconds)
      case .never: request.isRepeatable
      }
    return mayRepeat ? .resend(at: later(claimed)) : .doubtful("no answer came")
  }

  private func later(_ claimed: Claimed, wish: Double? = nil) -> Instant {
    let own = Backoff.seconds(failures: max(1, claimed.attempt), chance)
    // The platform's own wish, and up to a tenth more so that many do not come back at once.
    let seconds = wish.map { min(max($0, 1), 3600) * (1 + chance.fraction() / 10) } ?? own
    return Instant(milliseconds: clock.now().milliseconds + Int64(seconds * 1000))
  }
}
