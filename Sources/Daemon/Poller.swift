import Crew
import Foundation
import Ledger
import Logging
import Platforms

/// Reads one account's stream: ask, store, and only then ask for what follows, because that is what
/// tells the platform that the former has arrived.
struct Poller {
  /// A refused account is tried again after this long; no token heals by itself.
  static let refusedSeconds = 900.0

  let account: Account
  let ledger: any Ledger
  let network: any Network
  let clock: any Clock
  let chance: any Chance
  let credentials: Credentials
  let log: Logger
  var points = CrashPoints()
  /// Learns whether the platform answers, so that posts are held back while it does not.
  var gate = Gate()
  /// Called as soon as the ledger has updates: they are answered before their sync is asked for,
  /// and the commit of the answer stores them.
  var arrived: @Sendable () -> Void = {}
  /// True where an update may be answered before it is stored, see `Calm`.
  var isCalm: @Sendable () -> Bool = { false }
  private var backoff = Backoff()
  private var isDown = false

  init(
    account: Account, ledger: any Ledger, network: any Network, clock: any Clock,
    chance: any Chance, credentials: Credentials, log: Logger
  ) {
    self.account = account
    self.ledger = ledger
    self.network = network
    self.clock = clock
    self.chance = chance
    self.credentials = credentials
    self.log = log
  }

  struct Turn {
    /// How many updates were new.
    var arrived: Int
    /// How soon the next turn may be.
    var waitSeconds: Double
  }

  /// One request and what came of it. Throws only what the ledger throws.
  mutating func turn() async throws -> Turn {
    do {
      let credential = try await credentials.credential(for: account)
      let cursor = try await ledger.cursor(of: account.name)
      let response = try await network.perform(
        account.platform.poll(after: cursor, with: credential))
      let intake = try account.platform.read(response, after: cursor)
      points.pass(.afterPoll)
      for complaint in intake.complaints {
        log.warning("an update could not be read", metadata: ["why": "\(complaint)"])
      }
      let arrived = try await ledger.ingest(
        intake.messages.map(Arrival.init), account: account.name, from: cursor,
        to: intake.cursor, now: clock.now(), mayWait: isCalm())
      if arrived > 0 {
        points.pass(.afterIngest)
        self.arrived()
        // The keeper first.
        await Task.yield()
      }
      up()
      // The next request tells the platform that these have arrived.
      if intake.cursor != cursor {
        try await ledger.sync()
        // An answer that shared the sync goes before the next question.
        await Task.yield()
      }
      return Turn(arrived: arrived, waitSeconds: intake.waitSeconds)
    } catch let failure as PollFailure {
      return Turn(arrived: 0, waitSeconds: try await wait(after: failure))
    } catch let failure as NetworkFailure {
      guard failure.kind != .cancelled else { return Turn(arrived: 0, waitSeconds: 0) }
      return Turn(arrived: 0, waitSeconds: down(failure.description, wish: nil))
    }
  }

  private mutating func wait(after failure: PollFailure) async throws -> Double {
    switch failure {
    case .retry(let wish, let why): return down(why, wish: wish)
    case .tokenExpired(let why):
      await credentials.forget(account.name)
      return down(why, wish: nil)
    case .refused(let why):
      _ = down(why, wish: nil)
      return Self.refusedSeconds
    }
  }

  /// One line when it goes, none while it is gone. The platform's wish is kept, between 1 s and
  /// 1 h.
  private mutating func down(_ why: String, wish: Double?) -> Double {
    if !isDown {
      log.warning("the platform does not answer; trying on", metadata: ["why": "\(why)"])
    }
    isDown = true
    gate.polled(account.name, isAnswered: false)
    let own = backoff.failed(chance)
    return wish.map { min(max($0, 1), 3600) } ?? own
  }

  /// One line when it comes back.
  private mutating func up() {
    if isDown { log.notice("the platform answers again") }
    isDown = false
    gate.polled(account.name, isAnswered: true)
    backoff.succeeded()
  }
}
