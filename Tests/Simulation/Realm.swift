import Crew
import Foundation
import Ledger
import Platforms

/// The state of everything outside the daemon, and what befalls each call.
struct Realm: Sendable {
  /// What time it really is.
  var time: Instant
  /// How wrong the daemon's clock is.
  var errorSeconds: Int64 = 0
  var daemonDice: Dice
  var faultDice: Dice
  /// Which snapshots are read.
  var snapshotDice: Dice
  var allowed: Set<Fault>
  /// One call in so many goes wrong; 0 for none.
  var badness = 0
  var servers: [any ChatServer]
  var witness: Witness
  var trace = Trace()
  /// Rises with whatever the daemon does that somebody else can notice.
  var activity = 0
  /// Accounts on which something was written since this was last looked at.
  var news: Set<String> = []
  /// Requests that nobody waits for any more, still on their way.
  var late: [(at: Instant, request: HTTPRequest)] = []
  /// The process has died and does not know it yet.
  var isDead = false
  /// Until when the disk is full: what stores is refused, what reads is not.
  private var fullUntil: Instant?
  /// The calls so far, and the one that goes wrong whatever the weather (torture).
  var calls = (network: 0, disk: 0)
  var doom: Doom?
  /// The calls until it was calm.
  var callsInAll = (network: 0, disk: 0)

  init(seed: UInt64, time: Instant, allowed: Set<Fault>, servers: [any ChatServer]) {
    self.time = time
    self.allowed = allowed
    self.servers = servers
    daemonDice = Dice(seed, stream: 1)
    faultDice = Dice(seed, stream: 2)
    snapshotDice = Dice(seed, stream: 6)
    witness = Witness()
  }

  var now: Instant { time.adding(seconds: errorSeconds) }

  /// Whether a fault strikes. It is rolled for in any case, so that another set of faults meets the
  /// same chance.
  mutating func strikes(_ fault: Fault, rarer: Int = 1) -> Bool {
    guard badness > 0 else { return false }
    let isHit = faultDice.isOne(in: badness * rarer)
    guard isHit, allowed.contains(fault) else { return false }
    witness.count(fault)
    return true
  }

  private mutating func isDoomed(_ fault: Fault, _ place: Doom.Place, after: Bool = false) -> Bool {
    guard let doom, doom.place == place, doom.fault == fault, doom.isAfter == after,
      doom.call == (place == .network ? calls.network : calls.disk)
    else { return false }
    witness.count(fault)
    return true
  }

  func server(of request: HTTPRequest) -> (any ChatServer)? { servers.first { $0.serves(request) } }

  // MARK: The network

  /// What is decided about a call before it is made.
  struct Call: Sendable {
    var travelMilliseconds: Int64 = 0
    var isAnswerLost = false
    var isGarbage = false
    var isCrash = false
    /// Instead of the work, or after it.
    var status: (response: HTTPResponse, isBefore: Bool)?
  }

  private func lost(_ why: String) -> NetworkFailure {
    NetworkFailure(.interrupted, nothingSent: false, why)
  }

  mutating func begin(_ request: HTTPRequest) throws(NetworkFailure) -> Call {
    guard !isDead else { throw lost("dead") }
    calls.network += 1
    trace.add(Int64(request.url.utf8.count &+ (request.body?.count ?? 0) &* 1000))
    trace.note(time, "\(request.url) \(String(decoding: request.body ?? Data(), as: UTF8.self))")
    if request.method != .get { activity += 1 }
    if strikes(.crash, rarer: 20) || isDoomed(.crash, .network) {
      isDead = true
      throw lost("dead")
    }
    if strikes(.refused) || isDoomed(.refused, .network) {
      activity += 1
      throw NetworkFailure(.connect, nothingSent: true, "refused")
    }
    if strikes(.dropped) || isDoomed(.dropped, .network) {
      activity += 1
      throw lost("timeout")
    }
    if strikes(.late) || isDoomed(.late, .network) {
      activity += 1
      let minutes = faultDice.from(1, to: Self.lateMinutesMax)
      let at =
        isStrict
        ? time.adding(seconds: minutes % Self.lateSecondsMax) : time.adding(minutes: minutes)
      if request.method != .get { late.append((at, request)) }
      throw lost("timeout")
    }
    var call = Call()
    if strikes(.slow) { call.travelMilliseconds = faultDice.from(1, to: 12_000) }
    call.isCrash = strikes(.crash, rarer: 20) || isDoomed(.crash, .network, after: true)
    call.isAnswerLost = strikes(.answerLost) || isDoomed(.answerLost, .network)
    call.isGarbage = strikes(.garbage) || isDoomed(.garbage, .network)
    if strikes(.status) || isDoomed(.status, .network) { call.status = statusFault() }
    return call
  }

  /// 429 and 401 come instead of the work, a 5xx perhaps after it.
  private mutating func statusFault() -> (response: HTTPResponse, isBefore: Bool) {
    let status = faultDice.pick([429, 429, 401, 500, 502, 503, 504])
    let wish = faultDice.pick(["1", "30", "3600", "1000000000", "-1", "soon"])
    return (
      HTTPResponse(status: status, body: Data(wish.utf8)), status < 500 || faultDice.isOne(in: 2)
    )
  }

  /// The request reaches the server, at a time that may have passed while nobody looked. Nil where
  /// it shall wait for news.
  mutating func arrive(
    _ request: HTTPRequest, _ call: Call, at: Instant, isLast: Bool = false
  ) throws(NetworkFailure) -> HTTPResponse? {
    guard !isDead else { throw lost("dead") }
    if let status = call.status, status.isBefore {
      activity += 1
      return status.response
    }
    guard let response = serve(request, at: at, isLast: isLast) else { return nil }
    if call.isCrash {
      isDead = true
      throw lost("dead")
    }
    if call.isAnswerLost || call.isGarbage || call.status != nil { activity += 1 }
    if call.isAnswerLost { throw lost("reset") }
    if call.isGarbage {
      return HTTPResponse(status: 200, body: Data("<html>Log in</html>".utf8))
    }
    return call.status?.response ?? response
  }

  private mutating func serve(
    _ request: HTTPRequest, at: Instant, isLast: Bool
  ) -> HTTPResponse? {
    guard let index = servers.firstIndex(where: { $0.serves(request) }) else {
      return HTTPResponse(status: 404)
    }
    let account = servers[index].account
    let mood = ServerMood(
      forgets: strikes(.forgotten, rarer: 8), repeats: strikes(.doubled) ? faultDice.below(6) : 0,
      heldBack: strikes(.delayed) ? faultDice.below(4) : 0, mayWait: !isLast)
    let known = witness.known
    let served = servers[index].serve(request, mood, now: at) {
      known.contains("\(account)/\($0)")
    }
    if !served.lost.isEmpty { witness.lost(served.lost.map { "\(account)/\($0)" }) }
    for shown in served.shown { witness.saw(shown, account) }
    return served.response
  }

  static let lateMinutesMax: Int64 = 90
  /// Mattermost knows a key for 30 s, and 15 s of them are used: no copy of a post may be on its
  /// way for longer than the rest. What comes later is the doubt that reading back cannot end.
  static let lateSecondsMax: Int64 = 10

  private var isStrict: Bool { servers.contains { $0.isStrict } }

  /// What arrives when nobody waits for it any more.
  mutating func deliverLate() {
    for (at, request) in late where at <= time { _ = serve(request, at: at, isLast: true) }
    late.removeAll { $0.at <= time }
  }

  // MARK: The disk

  /// On how many calls a crash comes, to one of the network's faults. A few days on a real platform
  /// must see one between any two calls.
  private var diskLives: Int { isStrict ? 6 : 60 }

  /// - Throws: `Crash`, or what a full disk says.
  mutating func beforeDisk(_ name: StaticString) throws {
    guard !isDead else { throw Crash() }
    calls.disk += 1
    trace.add(Int64(name.utf8CodeUnitCount))
    trace.note(time, "disk \(name)")
    if strikes(.crash, rarer: diskLives) || isDoomed(.crash, .disk) {
      isDead = true
      throw Crash()
    }
    if strikes(.disk, rarer: 3) || isDoomed(.disk, .disk) {
      activity += 1
      if faultDice.isOne(in: 4) { fullUntil = time.adding(seconds: faultDice.from(10, to: 7200)) }
      throw full
    }
  }

  private var full: LedgerFault { .disk("no space left") }

  /// What a call is told that would store something now.
  var refusal: LedgerFault? {
    guard badness > 0, let fullUntil, time < fullUntil else { return nil }
    return full
  }

  mutating func afterDisk() throws {
    if strikes(.crash, rarer: diskLives) || isDoomed(.crash, .disk, after: true) {
      isDead = true
      throw Crash()
    }
  }
}

/// The k-th call of a kind, and what happens to it.
package struct Doom: Sendable {
  package enum Place: String, Sendable { case network, disk }
  package var place: Place
  package var call: Int
  package var fault: Fault
  /// For a crash: after the call was carried out, not before.
  package var isAfter = false

  package init(_ place: Place, call: Int, _ fault: Fault, isAfter: Bool = false) {
    (self.place, self.call, self.fault, self.isAfter) = (place, call, fault, isAfter)
  }
}
