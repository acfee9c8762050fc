import Crew
import Foundation
import Ledger
import Logging
import Platforms
import Synchronization

/// Takes what platforms call us with. A command is answered only when it is on the disk, like an
/// update that was polled: from then on it is one, with the platform's own id, the same inbox and
/// the same promises.
struct Ear: Sendable {
  /// How often a cursor that moved meanwhile is read again.
  static let triesMax = 16

  let accounts: [String: Account]
  let ledger: any Ledger
  let clock: any Clock
  let seal: Seal
  let speaker: Speaker
  let log: Logger
  let disk: DiskHealth
  /// Called as soon as a command is stored: it is answered while its sync is waited for.
  var arrived: @Sendable () -> Void = {}
  /// Learns of a ledger that cannot be trusted any more, which ends the daemon.
  let fault = Latched()
  private let refusals = Refusals()

  init(
    accounts: [Account], ledger: any Ledger, clock: any Clock, seal: Seal, speaker: Speaker,
    log: Logger, disk: DiskHealth
  ) {
    self.accounts = Dictionary(
      accounts.filter { $0.slash != nil }.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    self.ledger = ledger
    self.clock = clock
    self.seal = seal
    self.speaker = speaker
    self.log = log
    self.disk = disk
  }

  /// What `doctor` looks for behind the proxy.
  static let greeting = "Crewbell listens here."

  /// - Parameter path: `/slack` for the account of that name.
  func answer(_ path: String, _ call: InboundCall) async -> HTTPResponse {
    guard let account = accounts[String(path.dropFirst())], let slash = account.slash else {
      return Self.plain(404, "Nothing is here.")
    }
    if call.method == "GET" { return Self.plain(200, Self.greeting) }
    guard call.method == "POST" else { return Self.plain(405, "Only POST.") }
    do {
      let cursor = try await ledger.cursor(of: account.name)
      switch slash.hear(call, after: cursor, now: clock.now()) {
      case .command(let command): return try await take(command, account, slash, cursor)
      case .answer(let response): return response
      case .early: return slash.answer(.told(say(Self.early)))
      case .refused(let status, let why):
        tell(account.name, why)
        return Self.plain(status, "Not accepted.")
      }
    } catch {
      return unstored(error, account, slash)
    }
  }

  private func take(
    _ command: SlashCommand, _ account: Account, _ slash: any SlashCommands, _ cursor: Cursor?
  ) async throws -> HTTPResponse {
    var message = command.message
    message.ephemeral = Ephemeral(
      sealed: seal.close(command.way, for: account.name), until: command.until)
    guard try await store(message, of: account.name, at: cursor) else {
      return slash.answer(.told(say(Self.unstored)))
    }
    do {
      try await ledger.sync()
    } catch {
      // It may count or not; whoever runs on would not know either.
      fault.set(error)
      return slash.answer(.told(say(Self.unsure)))
    }
    disk.took("listener")
    return slash.answer(.taken)
  }

  /// The stream of the account stays where it is: this came beside it.
  /// - Returns: false where the stream moved on each time, and nothing is stored.
  private func store(_ message: Message, of account: String, at cursor: Cursor?) async throws
    -> Bool
  {
    var cursor = cursor
    for _ in 0..<Self.triesMax {
      guard let here = cursor else { return false }
      do {
        let new = try await ledger.ingest(
          [Arrival(message)], account: account, from: here, to: here, now: clock.now())
        guard new > 0 else { return true }
        arrived()
        return true
      } catch LedgerFault.overtaken {
        cursor = try await ledger.cursor(of: account)
      }
    }
    return false
  }

  /// The person learns it at once, in words; the platform would show a number.
  private func unstored(
    _ error: any Error, _ account: Account, _ slash: any SlashCommands
  ) -> HTTPResponse {
    if let known = error as? LedgerFault, case .disk(let why) = known {
      disk.refused("listener", why)
      return slash.answer(.told(say(Self.unstored)))
    }
    fault.set(error)
    return slash.answer(.told(say(Self.unsure)))
  }

  private static let early = Phrase(
    "slash.early", "I have only just come here: nothing was done. Try again in a minute.")
  private static let unstored = Phrase(
    "slash.unstored", "I could not store that: nothing was done. Try again in a minute.")
  private static let unsure = Phrase(
    "slash.unsure", "My disk failed: I cannot tell whether that counts. Look before you repeat it.")

  private func say(_ phrase: Phrase) -> String { speaker.say(phrase).plain(prefix: "/crewbell ") }

  /// One line a minute and account: who knows the address could fill the log.
  private func tell(_ account: String, _ why: String) {
    guard let count = refusals.note(account, at: clock.now()) else { return }
    log.warning(
      "a call was refused",
      metadata: ["account": "\(account)", "why": "\(why)", "refused": "\(count)"])
  }

  static func plain(_ status: Int, _ words: String) -> HTTPResponse {
    HTTPResponse(
      status: status, headers: ["content-type": "text/plain; charset=utf-8"],
      body: Data((words + "\n").utf8))
  }
}

/// An error that is waited for.
final class Latched: Sendable {
  private let latch = Latch()
  private let error = Mutex<(any Error)?>(nil)

  var isSet: Bool { latch.isSet }

  func set(_ error: any Error) {
    self.error.withLock { if $0 == nil { $0 = error } }
    latch.set()
  }

  /// Throws it when it comes; returns when the task is cancelled.
  func wait() async throws {
    await latch.wait()
    if let error = error.withLock({ $0 }) { throw error }
  }
}

/// How many calls were refused since one was last told of.
private final class Refusals: Sendable {
  private let told = Mutex<[String: (at: Instant, since: Int)]>([:])

  /// - Returns: how many there were, once a minute; nil in between.
  func note(_ account: String, at now: Instant) -> Int? {
    told.withLock { told in
      guard let last = told[account] else {
        told[account] = (now, 0)
        return 1
      }
      let count = last.since + 1
      let isTime = abs(now.seconds(since: last.at)) >= 60
      told[account] = isTime ? (now, 0) : (last.at, count)
      return isTime ? count : nil
    }
  }
}
