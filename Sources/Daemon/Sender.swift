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
  var gate = Gate()
  var points = CrashPoints()
  /// Opens the ways on which only one person sees an answer; nil where none is ever given.
  var seal: Seal?

  /// The most steps that one post may take (Matrix: look up the direct room, open it, note it,
  /// send).
  static let stepsMax = 8
  /// A server's wish to wait is heeded up to an hour.
  static let wishSecondsMax = 3600.0

  func deliver(_ claimed: Claimed) async throws {
    try await ledger.settle(await carryAll(claimed), now: clock.now())
  }

  func carry(_ claimed: Claimed) async -> Settlement {
    var claimed = claimed
    // An emoji cannot tell of a lost post.
    if case .reaction = claimed.post.kind, !claimed.undisclosed.isEmpty {
      claimed.post.kind = .message
    }
    guard let account = accounts[claimed.target.account] else {
      return givenUp(claimed, "no such account any more")
    }
    if let way = claimed.post.ephemeral {
      guard claimed.progress == Self.directly else { return await whisper(claimed, way, account) }
      claimed.progress = nil
    }
    let doubt = doubt(claimed, account)
    if let settled = beforeSending(claimed, account, doubt) { return settled }
    do {
      let credential = try await credentials.credential(for: account)
      let post = try await prepared(claimed, account)
      if doubt == .look { return await look(claimed, post, account, credential) }
      return await steps(claimed, post, account, credential)
    } catch {
      gate.sent(account.name, isAnswered: false, now: clock.now())
      return .again(at: later(claimed))
    }
  }

  /// What a post that may have left already asks for.
  private enum Doubt: Equatable {
    /// Sending it does no harm: nothing has left, or the platform takes it once.
    case none
    /// Its copy may still be on the way: wait until then before it is looked for.
    case wait(until: Instant)
    case look
    case disclose
  }

  private func doubt(_ claimed: Claimed, _ account: Account) -> Doubt {
    guard let first = claimed.firstSentAt else { return .none }
    let ageSeconds = clock.now().seconds(since: first)
    switch account.platform.abilities.resend {
    case .sameKey(let seconds): return ageSeconds < Int64(seconds) ? .none : .disclose
    case .sameID(let seconds):
      return ageSeconds < Int64(seconds) && !account.isStrict ? .none : .disclose
    case .never: return isRepeatable(claimed, account) ? .none : .disclose
    case .readBack(let afterSeconds, let sameKeySeconds):
      if isRepeatable(claimed, account) { return .none }
      // A clock that was set back since tells neither whether the key is still known nor from when
      // on to look.
      if ageSeconds < 0 { return .disclose }
      if ageSeconds < Int64(sameKeySeconds) { return .none }
      if account.isStrict { return .disclose }
      return ageSeconds < Int64(afterSeconds)
        ? .wait(until: first.adding(seconds: Int64(afterSeconds))) : .look
    }
  }

  /// What can be said without sending anything.
  private func beforeSending(_ claimed: Claimed, _ account: Account, _ doubt: Doubt)
    -> Settlement?
  {
    switch doubt {
    case .disclose: return .doubtful("its fate was never learned")
    case .wait(let until): return .resend(at: until)
    case .none where claimed.firstSentAt == nil && isTooOld(claimed):
      return .dead("too old to be worth sending")
    case .none, .look: break
    }
    let now = clock.now()
    let waitSeconds = buckets.wait(for: claimed.target, account.platform.abilities, now: now)
    if waitSeconds > 0 {
      return .again(at: Instant(milliseconds: now.milliseconds + Int64(waitSeconds * 1000) + 1))
    }
    return nil
  }

  func isTooOld(_ claimed: Claimed) -> Bool {
    clock.now().seconds(since: claimed.createdAt) > lifeSeconds(claimed.kind)
  }

  /// A reply 1 h, a reminder 6 h, a digest a day: later it only adds noise.
  private func lifeSeconds(_ kind: Draft.Class) -> Int64 {
    switch kind {
    case .reply: 3600
    case .reminder: 6 * 3600
    case .digest: 24 * 3600
    }
  }

  /// Whether the very call that would be made may be made twice. A message's first step may often
  /// be (open the direct chat), but it is the last one that is in doubt.
  private func isRepeatable(_ claimed: Claimed, _ account: Account) -> Bool {
    if case .message = claimed.post.kind { return false }
    return account.platform.request(
      for: claimed.post, to: claimed.target, key: key(claimed), progress: claimed.progress,
      with: account.credential
    ).isRepeatable
  }

  private func key(_ claimed: Claimed) -> String { "c\(ledger.opening.instance).\(claimed.id)" }

  /// The post with what is only known now: the message it stands under, and what must be disclosed.
  func prepared(_ claimed: Claimed, _ account: Account) async throws -> Post {
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
      points.pass(.beforeSend)
      do {
        let response = try await perform(request)
        points.pass(.afterSend)
        delivery = account.platform.delivery(of: response, progress: progress)
        let isAnswered = response.status < 500 && response.status != 401
        gate.sent(account.name, isAnswered: isAnswered, now: clock.now())
        learn(response, delivery, account)
      } catch {
        gate.sent(account.name, isAnswered: false, now: clock.now())
        delivery = error.nothingSent ? .retry(afterSeconds: nil) : .unknown
      }
      switch delivery {
      case .sent(let id): return .sent(id: id)
      case .next(let step):
        progress = step
        points.pass(.betweenSteps)
      case .moved(let id):
        guard case .room(let room) = target else { return givenUp(claimed, "moved") }
        target = .room(Room(account: room.account, id: id))
        try? await ledger.moveRoom(room, to: id)
      case .retry(let wish): return .again(at: later(claimed, wish: wish))
      case .held(let why, let seconds):
        log.error(
          "an account cannot post; trying on",
          metadata: ["account": "\(claimed.target.account)", "why": "\(why)"])
        return .again(at: later(claimed, wish: seconds))
      case .refused(let why): return refused(claimed, why)
      case .tokenExpired:
        await credentials.forget(account.name)
        return .again(at: later(claimed))
      case .unknown: return unknown(claimed, request, account)
      }
    }
    return givenUp(claimed, "too many steps")
  }

  /// Nothing of a claimed post leaves before its claim is on the platter.
  func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
    try await network.perform(request) { [ledger] in ledger.flush() }
  }

  /// What an answer tells of how fast the account may go on.
  private func learn(_ response: HTTPResponse, _ delivery: Delivery, _ account: Account) {
    let abilities = account.platform.abilities
    if response.status == 429, case .retry(let wish) = delivery {
      let milliseconds = Int64(min(max(wish ?? 1, 1), Self.wishSecondsMax) * 1000)
      let until = Instant(milliseconds: clock.now().milliseconds + milliseconds)
      buckets.refused(account.name, abilities, until: until)
    } else if case .sent = delivery {
      buckets.taken(account.name, abilities)
    }
  }

  private func refused(_ claimed: Claimed, _ why: String) -> Settlement {
    log.warning(
      "a post was refused", metadata: ["account": "\(claimed.target.account)", "why": "\(why)"])
    if case .direct(let identity) = claimed.target { cannotReach(identity) }
    return givenUp(claimed, why)
  }

  /// What is refused now may have been taken the first time, when no answer came.
  private func givenUp(_ claimed: Claimed, _ why: String) -> Settlement {
    claimed.firstSentAt == nil ? .dead(why) : .doubtful(why)
  }

  private func unknown(
    _ claimed: Claimed, _ request: HTTPRequest, _ account: Account
  ) -> Settlement {
    let now = clock.now()
    let first = claimed.firstSentAt ?? now
    let ageSeconds = now.seconds(since: first)
    switch account.platform.abilities.resend {
    case .sameKey(let seconds) where ageSeconds < Int64(seconds),
      .readBack(_, let seconds) where ageSeconds < Int64(seconds):
      return .resend(at: later(claimed))
    case .sameID(let seconds) where ageSeconds < Int64(seconds) && !account.isStrict:
      return .resend(at: later(claimed))
    case .never where request.isRepeatable, .readBack where request.isRepeatable:
      return .resend(at: later(claimed))
    case .readBack(let seconds, _) where !account.isStrict:
      return .resend(at: max(now, first.adding(seconds: Int64(seconds))))
    case .sameKey, .sameID, .never, .readBack: return .doubtful("no answer came")
    }
  }

  /// Looks for a post of unknown fate where it would be.
  private func look(
    _ claimed: Claimed, _ post: Post, _ account: Account, _ credential: Credential
  ) async -> Settlement {
    var step: Platforms.Progress?
    for _ in 0..<Self.stepsMax {
      guard let since = claimed.firstSentAt,
        let request = account.platform.lookup(
          for: post, to: claimed.target, key: key(claimed), sending: claimed.progress,
          since: since, step: step, with: credential)
      else { return .doubtful("nothing tells whether it arrived") }
      guard let response = try? await network.perform(request) else { break }
      switch account.platform.finding(
        in: response, for: post, key: key(claimed), since: since, step: step)
      {
      case .found(let id): return await found(id, claimed)
      case .absent:
        return isTooOld(claimed)
          ? .dead("too old to be worth sending") : .absent(at: clock.now())
      case .next(let next): step = next
      case .unknown: return unanswered(claimed)
      }
    }
    return unanswered(claimed)
  }

  /// Some platforms are asked for the words, and another post may have the same.
  private func found(_ id: String, _ claimed: Claimed) async -> Settlement {
    guard !id.isEmpty else { return .sent(id: id) }
    guard let isAnothers = try? await ledger.isAnothers(id, than: claimed.id) else {
      return unanswered(claimed)
    }
    return isAnothers ? .doubtful("only another with the same words is there") : .sent(id: id)
  }

  /// Asked for as long as the post would be worth sending.
  private func unanswered(_ claimed: Claimed) -> Settlement {
    isTooOld(claimed) ? .doubtful("its fate was never learned") : .resend(at: later(claimed))
  }

  func later(_ claimed: Claimed, wish: Double? = nil) -> Instant {
    let own = Backoff.seconds(failures: max(1, claimed.attempt), chance)
    // The platform's own wish, and up to a tenth more so that many do not come back at once.
    let seconds =
      wish.map { min(max($0, 1), Self.wishSecondsMax) * (1 + chance.fraction() / 10) } ?? own
    return Instant(milliseconds: clock.now().milliseconds + Int64(seconds * 1000))
  }
}
