import Crew
import Daemon
import Foundation
import Ledger
import Platforms
import Synchronization

/// The process is dead: whatever it does after that reaches nobody.
struct Crash: Error {}

/// Everything outside the daemon, as the ports it is given: time, chance and the network.
final class World: Network, Daemon.Clock, Chance {
  private let state: Mutex<Realm>
  private let sleepers = Mutex(Sleepers())

  init(_ realm: Realm) { state = Mutex(realm) }

  func with<Value: Sendable, Failure: Error>(
    _ body: (inout Realm) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try state.withLock { realm throws(Failure) in try body(&realm) }
  }

  func now() -> Instant { state.withLock { $0.now } }
  func next() -> UInt64 { state.withLock { $0.daemonDice.next() } }

  // MARK: Waiting

  /// Between two looks at the clock the daemon waits this long at most. Nothing but a look happens
  /// then, so nobody stays for it; see `Sleeper.isIdle`.
  static let tickSeconds = 7200.0
  /// How long the chat lets a question for news wait.
  static let holdSeconds = 50.0

  struct Sleeper {
    var id: Int
    var wakeAt: Instant
    /// Wakes only to look around: the keeper at the next minute, the sender after a tick, a
    /// question for news that has waited long enough.
    var isIdle: Bool
    /// The account whose news end the wait.
    var account: String?
    var continuation: UnsafeContinuation<Void, Never>
  }

  private struct Sleepers {
    var lastID = 0
    var isDead = false
    var list: [Sleeper] = []
  }

  func sleep(seconds: Double) async throws {
    let now = with { ($0.time, $0.now) }
    let wake = now.1.milliseconds + Int64(min(seconds, 1e9) * 1000)
    // The keeper's own words: a little after the minute begins.
    let isIdle = seconds == Self.tickSeconds || wake % 60_000 == 5
    await rest(Int64(min(seconds, 1e9) * 1000), isIdle: isIdle)
    try Task.checkCancellation()
  }

  private func rest(_ milliseconds: Int64, isIdle: Bool, account: String? = nil) async {
    let id = sleepers.withLock { sleepers in
      sleepers.lastID += 1
      return sleepers.lastID
    }
    let wakeAt = with { $0.time.adding(milliseconds: milliseconds) }
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isOver = sleepers.withLock { sleepers in
          if sleepers.isDead || Task.isCancelled { return true }
          sleepers.list.append(
            Sleeper(
              id: id, wakeAt: wakeAt, isIdle: isIdle, account: account,
              continuation: continuation))
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      wake { $0.id == id }
    }
  }

  private func wake(_ isMeant: (Sleeper) -> Bool) {
    let woken = sleepers.withLock { sleepers in
      let woken = sleepers.list.filter(isMeant)
      if !woken.isEmpty { sleepers.list.removeAll(where: isMeant) }
      return woken
    }
    for sleeper in woken { sleeper.continuation.resume() }
  }

  /// Wakes whose time has come, and who waits for news that are there.
  func wakeDue() {
    let (time, news) = with { realm in
      realm.deliverLate()
      let news = realm.news
      realm.news = []
      return (realm.time, news)
    }
    wake { $0.wakeAt <= time || ($0.account.map(news.contains) ?? false) }
  }

  /// When the next of those wakes who has something to do.
  func nextWake(withIdle: Bool = false) -> Instant? {
    sleepers.withLock { $0.list.filter { withIdle || !$0.isIdle }.map(\.wakeAt).min() }
  }

  var sleeperCount: Int { sleepers.withLock(\.list.count) }

  /// From now on nobody of this process waits for anything.
  func dead(_ isDead: Bool) {
    with { $0.isDead = isDead }
    sleepers.withLock { $0.isDead = isDead }
    if isDead { wake { _ in true } }
  }

  // MARK: The network

  func perform(_ request: HTTPRequest) async throws(NetworkFailure) -> HTTPResponse {
    await Task.yield()
    let sentAt = with { $0.time }
    let call = try with { realm throws(NetworkFailure) in try realm.begin(request) }
    if call.travelMilliseconds > 0 {
      await rest(call.travelMilliseconds, isIdle: false)
    }
    var response = try with { realm throws(NetworkFailure) in
      try realm.arrive(request, call, at: sentAt.adding(milliseconds: call.travelMilliseconds))
    }
    if response == nil, let server = with({ $0.server(of: request)?.account }) {
      await rest(Int64(Self.holdSeconds * 1000), isIdle: true, account: server)
      response = try with { realm throws(NetworkFailure) in
        try realm.arrive(request, call, at: realm.time, isLast: true)
      }
    }
    if call.travelMilliseconds > 0 {
      await rest(call.travelMilliseconds, isIdle: false)
    }
    guard !Task.isCancelled, let response else {
      throw NetworkFailure(.cancelled, nothingSent: false, "cancelled")
    }
    return response
  }
}

extension Instant {
  func adding(milliseconds more: Int64) -> Instant {
    Instant(milliseconds: milliseconds + more)
  }
}
