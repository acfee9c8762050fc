import CCurl
import Foundation
import Platforms
import Synchronization

/// The thread that owns libcurl. Every handle is made, used and freed on it, so nothing here is
/// Sendable and nothing is locked; the inbox is the only door.
final class Engine {
  private let inbox: Inbox
  private let configuration: Curl.Configuration
  private let poller: Poller
  private let multi: UnsafeMutableRawPointer
  private var transfers: [ObjectIdentifier: Transfer] = [:]
  /// Finished ones, freed when nothing else is to be done: whoever waits for one goes first.
  private var spent: [Transfer] = []
  private var lobby = Lobby<Guest>()
  /// Hosts where a place to connect has become free.
  private var freed: Set<String> = []
  /// When libcurl wants to be called for its timers, on the monotonic clock.
  private var timerNanoseconds: UInt64?
  private var stops: [CheckedContinuation<Void, Never>?] = []

  private struct Guest {
    var call: Call
    var continuation: CheckedContinuation<Outcome, Never>
  }

  private init(_ configuration: Curl.Configuration, _ inbox: Inbox) throws(NetworkFailure) {
    self.configuration = configuration
    self.inbox = inbox
    poller = try Poller()
    guard let multi = curl_multi_init() else { throw systemFailure("curl_multi_init", ENOMEM) }
    self.multi = multi
    guard poller.watch(inbox.wakeFileDescriptor, read: true, write: false) else {
      throw systemFailure("epoll_ctl")
    }
  }

  deinit {
    // Freeing the connections would call back into an object that is going away.
    crewbell_multi_set_socket(multi, nil, nil)
    crewbell_multi_set_timer(multi, nil, nil)
    curl_multi_cleanup(multi)
  }

  /// Gives the inbox of a new engine, whose thread runs until it is told to stop.
  static func start(_ configuration: Curl.Configuration) throws(NetworkFailure) -> Inbox {
    guard isProcessReady else { throw systemFailure("curl_global_init", ENOMEM) }
    let inbox = try Inbox()
    let engine = try Engine(configuration, inbox)
    engine.listen()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    // As much as any thread that runs tasks has.
    pthread_attr_setstacksize(&attributes, 8 << 20)
    var thread = pthread_t()
    // The thread takes over this reference; no other is left once this function returns.
    let owner = Unmanaged.passRetained(engine)
    let code = pthread_create(&thread, &attributes, { Engine.live($0) }, owner.toOpaque())
    guard code == 0 else {
      owner.release()
      throw systemFailure("pthread_create", code)
    }
    return inbox
  }

  /// The whole life of the thread. Who waits for its end hears of it when all is freed.
  private static func live(_ owner: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    var engine = owner.map { Unmanaged<Engine>.fromOpaque($0).takeRetainedValue() }
    let stops = engine?.run() ?? []
    engine = nil
    for stop in stops { stop?.resume() }
    return nil
  }
}

/// Done once, before any handle exists.
private let isProcessReady: Bool = {
  signal(SIGPIPE, SIG_IGN)
  var limit = rlimit()
  if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
    limit.rlim_cur = limit.rlim_max
    _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
  return crewbell_global_init() == CURLE_OK
}()

// MARK: - The loop

extension Engine {
  private func run() -> [CheckedContinuation<Void, Never>?] {
    while stops.isEmpty {
      spent.removeAll(keepingCapacity: true)
      let ready = poller.wait(milliseconds: inbox.restIfIdle() ? pauseMilliseconds() : 0)
      inbox.markAwake()
      for event in ready { serve(event) }
      carryOn()
      for job in inbox.takeJobs() {
        inbox.run(job)
        // What it asks for is begun before the next one runs.
        carryOn()
      }
    }
    end()
    return stops
  }

  /// Everything that can be done without waiting, but for jobs.
  private func carryOn() {
    for command in inbox.takeCommands() { obey(command) }
    // Nothing is begun any more; `end` answers those that wait.
    guard stops.isEmpty else { return }
    admit()
    if let due = timerNanoseconds, due <= monotonicNanoseconds() {
      timerNanoseconds = nil
      var running: Int32 = 0
      crewbell_multi_timeout(multi, &running)
    }
    finishTransfers()
    dismissLateGuests()
    admit()
  }

  private func serve(_ event: Poller.Ready) {
    if event.socket == inbox.wakeFileDescriptor { return inbox.clearWake() }
    var mask: Int32 = 0
    if event.isReadable { mask |= CURL_CSELECT_IN }
    if event.isWritable { mask |= CURL_CSELECT_OUT }
    if event.isBroken { mask |= CURL_CSELECT_ERR }
    var running: Int32 = 0
    curl_multi_socket_action(multi, event.socket, mask, &running)
  }

  /// Rounded up, so that a timer is due when the wait ends.
  private func pauseMilliseconds() -> Int32 {
    if !freed.isEmpty { return 0 }
    // Guests are looked over ten times a second for deadlines that have passed.
    let pauseMax: UInt64? = lobby.isEmpty ? nil : 100
    guard let due = timerNanoseconds else { return pauseMax.map { Int32($0) } ?? -1 }
    let now = monotonicNanoseconds()
    let left = due > now ? (due - now + 999_999) / 1_000_000 : 0
    return Int32(min(left, pauseMax ?? 60_000))
  }

  private func obey(_ command: Command) {
    switch command {
    case .start(let call, let continuation):
      guard !call.isCancelled.load(ordering: .acquiring) else {
        return continuation.resume(returning: cancelledInLine(call))
      }
      lobby.enter(
        Guest(call: call, continuation: continuation), id: ObjectIdentifier(call),
        host: call.host, isUrgent: !call.request.isRepeatable)
      freed.insert(call.host)
    case .cancel(let call):
      cancel(call)
    case .stop(let continuation):
      stops.append(continuation)
    }
  }

  private func cancel(_ call: Call) {
    if let guest = lobby.remove(ObjectIdentifier(call)) {
      guest.continuation.resume(returning: cancelledInLine(call))
    } else if let transfer = transfers[ObjectIdentifier(call)] {
      finish(transfer, .failure(transfer.cancellation()))
    }
  }

  private func cancelledInLine(_ call: Call) -> Outcome {
    .failure(NetworkFailure(.cancelled, nothingSent: true, "cancelled (\(call.request))"))
  }

  private func dismissLateGuests() {
    if lobby.isEmpty { return }
    let now = monotonicNanoseconds()
    for guest in lobby.guests where guest.call.dueNanoseconds <= now {
      _ = lobby.remove(ObjectIdentifier(guest.call))
      let text = "Timeout was reached before a connection was tried (\(guest.call.request))"
      guest.continuation.resume(
        returning: .failure(NetworkFailure(.timeout, nothingSent: true, text)))
    }
  }
}

// MARK: - Transfers

extension Engine {
  private func admit() {
    let hosts = freed
    freed = []
    for host in hosts {
      while let guest = lobby.next(at: host) { begin(guest) }
    }
  }

  private func begin(_ guest: Guest) {
    let call = guest.call
    let transfer = Transfer(call, guest.continuation) { [unowned self] in freePlace(call.host) }
    guard let transfer else {
      freePlace(call.host)
      let failure = systemFailure("curl_easy_init", ENOMEM)
      return guest.continuation.resume(returning: .failure(failure))
    }
    transfers[ObjectIdentifier(call)] = transfer
    do {
      try transfer.prepare(configuration)
    } catch {
      return finish(transfer, transfer.outcome(error.code))
    }
    guard call.release() else { return finish(transfer, .failure(.notReleased(call.request))) }
    if curl_multi_add_handle(multi, transfer.easy) != CURLM_OK {
      finish(transfer, transfer.outcome(CURLE_FAILED_INIT))
    }
  }

  private func finishTransfers() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      // The message lives only as long as its handle, so its result is read first.
      let result = message.pointee.data.result
      guard message.pointee.msg == CURLMSG_DONE,
        let transfer = Transfer.of(message.pointee.easy_handle)
      else { continue }
      finish(transfer, transfer.outcome(result))
    }
  }

  private func finish(_ transfer: Transfer, _ outcome: Outcome) {
    curl_multi_remove_handle(multi, transfer.easy)
    if !transfer.isRequestBegun { freePlace(transfer.call.host) }
    transfers[ObjectIdentifier(transfer.call)] = nil
    spent.append(transfer)
    transfer.continuation.resume(returning: outcome)
  }

  private func freePlace(_ host: String) {
    lobby.leave(host)
    freed.insert(host)
  }

  private func end() {
    defer { spent = [] }
    for transfer in Array(transfers.values) {
      finish(transfer, .failure(transfer.cancellation()))
    }
    for guest in lobby.guests { guest.continuation.resume(returning: stopped) }
    for command in inbox.seal() {
      switch command {
      case .start(_, let continuation): continuation.resume(returning: stopped)
      case .cancel: break
      case .stop(let continuation): stops.append(continuation)
      }
    }
  }
}

// MARK: - What libcurl calls

extension Engine {
  /// The callbacks only note what libcurl wants: calling it from inside them is forbidden.
  private func listen() {
    // Unretained is enough: the multi handle is freed by this object's deinit.
    let owner = Unmanaged.passUnretained(self).toOpaque()
    crewbell_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
    crewbell_multi_set_socket(
      multi, { _, socket, what, owner, _ in Engine.owning(owner)?.watch(socket, what) ?? 0 }, owner)
    crewbell_multi_set_timer(
      multi, { _, milliseconds, owner in Engine.owning(owner)?.setTimer(milliseconds) ?? 0 }, owner)
  }

  /// The engine behind a callback; it outlives the multi handle.
  private static func owning(_ owner: UnsafeMutableRawPointer?) -> Engine? {
    owner.map { Unmanaged<Engine>.fromOpaque($0).takeUnretainedValue() }
  }

  private func watch(_ socket: Int32, _ what: Int32) -> Int32 {
    if what == CURL_POLL_REMOVE {
      poller.forget(socket)
    } else {
      poller.watch(
        socket, read: what & CURL_POLL_IN != 0, write: what & CURL_POLL_OUT != 0)
    }
    return 0
  }

  private func setTimer(_ milliseconds: Int) -> Int32 {
    timerNanoseconds =
      milliseconds < 0 ? nil : monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
    return 0
  }
}
