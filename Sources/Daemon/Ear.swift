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
  /// What the log says of the calls.
  let tally: EarTally

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
    tally = EarTally(log, now: clock.now())
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
    let began = clock.now()
    let (response, fate) = await hear(call, account, slash)
    tally.note(fate, account.name, from: began, to: clock.now())
    return response
  }

  private typealias Outcome = (HTTPResponse, HeardFate)

  private func hear(
    _ call: InboundCall, _ account: Account, _ slash: any SlashCommands
  ) async -> Outcome {
    do {
      let cursor = try await ledger.cursor(of: account.name)
      switch slash.hear(call, after: cursor, now: clock.now()) {
      case .command(let command): return try await take(command, account, slash, cursor)
      case .answer(let response): return (response, .greeted)
      case .early: return tell(Self.early, "early", slash)
      case .refused(let status, let why):
        return (Self.plain(status, "Not accepted."), .refused(why))
      }
    } catch {
      return unstored(error, slash)
    }
  }

  private func take(
    _ command: SlashCommand, _ account: Account, _ slash: any SlashCommands, _ cursor: Cursor?
  ) async throws -> Outcome {
    var message = command.message
    message.ephemeral = Ephemeral(
      sealed: seal.close(command.way, for: account.name), until: command.until)
    guard let new = try await store(message, of: account.name, at: cursor) else {
      return tell(Self.unstored, "unstored", slash)
    }
    do {
      try await ledger.sync()
    } catch {
      // It may count or not; whoever runs on would not know either.
      fault.set(error)
      return tell(Self.unsure, "unsure", slash)
    }
    disk.took("listener")
    return (slash.answer(.taken), new > 0 ? .taken : .known)
  }

  /// The stream of the account stays where it is: this came beside it.
  /// - Returns: how many are new: none for a call that is there already; nil where the stream moved
  ///   on each time, and nothing is stored.
  private func store(_ message: Message, of account: String, at cursor: Cursor?) async throws
    -> Int?
  {
    var cursor = cursor
    for _ in 0..<Self.triesMax {
      guard let here = cursor else { return nil }
      do {
        let new = try await ledger.ingest(
          [Arrival(message)], account: account, from: here, to: here, now: clock.now())
        if new > 0 { arrived() }
        return new
      } catch LedgerFault.overtaken {
        cursor = try await ledger.cursor(of: account)
      }
    }
    return nil
  }

  private func unstored(_ error: any Error, _ slash: any SlashCommands) -> Outcome {
    if let known = error as? LedgerFault, case .disk(let why) = known {
      disk.refused("listener", why)
      return tell(Self.unstored, "unstored", slash)
    }
    fault.set(error)
    return tell(Self.unsure, "unsure", slash)
  }

  /// The person learns it at once, in words; the platform would show a number.
  private func tell(_ phrase: Phrase, _ why: String, _ slash: any SlashCommands) -> Outcome {
    (slash.answer(.told(say(phrase))), .told(why))
  }

  private static let early = Phrase(
    "slash.early", "I have only just come here: nothing was done. Try again in a minute.")
  private static let unstored = Phrase(
    "slash.unstored", "I could not store that: nothing was done. Try again in a minute.")
  private static let unsure = Phrase(
    "slash.unsure", "My disk failed: I cannot tell whether that counts. Look before you repeat it.")

  private func say(_ phrase: Phrase) -> String { speaker.say(phrase).plain(prefix: "/crewbell ") }

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
