import Crew
import Foundation
import Sandbox
import Testing

@testable import Daemon
@testable import Ledger

/// The power goes in the middle of the work. What anybody was told is on the disk that is left.
///
/// The writer stands on a disk of its own and is stopped; the image of that disk is copied as it
/// is; the writer is killed, and life goes on with the copy. Pages that only the kernel's memory
/// held are gone, as they are when a plug is pulled.
@Suite(
  .serialized, .enabled(if: LoopDisk.mayRun, LoopDisk.needs))
struct PowerCutTests {
  /// `make powercut CYCLES=200` for a long run.
  static let cycles = Int(ProcessInfo.processInfo.environment["POWERCUT_CYCLES"] ?? "") ?? 7

  @Test func `what the daemon answered survives a power cut, and nothing is done twice`()
    async throws
  {
    let sandbox = try Sandbox(
      token: "1:power", realNow: { SystemClock().milliseconds }, random: 5)
    let daemon = try DaemonProcess(telegramPort: try await sandbox.start(), token: "1:power")
    let state = daemon.folder.appending(path: "state")
    var disk = try LoopDisk(
      image: daemon.folder.appending(path: "disk"), on: state, megabytes: 64)
    try daemon.permitCrashes()
    try daemon.start()
    try await sandbox.firstAnswer()

    var written: [String] = []
    var (acknowledged, lost) = (0, 0)
    for cycle in 1...Self.cycles {
      for number in 1...10 {
        written.append("c\(cycle)n\(number)")
        await sandbox.write(
          "/task add \(written[written.count - 1])", as: [101, 102, 103][number % 3],
          in: sandbox.group)
      }
      // Not waiting for luck: when the power goes is what is being varied.
      try await Task.sleep(for: .milliseconds((cycle * 137) % 700))
      try await freeze(try #require(daemon.pid))
      let next = try disk.cut(as: "disk\(cycle)")
      let told = await sandbox.answered(written)
      daemon.kill()
      disk.detach()
      try FileManager.default.removeItem(at: disk.image)
      disk = next
      try disk.attach()
      let kept = Set(try await daemon.titles())
      #expect(told.subtracting(kept) == [], "cycle \(cycle): answered, and lost with the power")
      lost += told.subtracting(kept).count
      acknowledged += told.count
      daemon.isCalm = cycle % 2 == 0
      try daemon.start()
    }
    try await daemon.settle(sandbox, written)
    print(
      "power cuts: \(Self.cycles), answers looked for after one: \(acknowledged), lost: \(lost)")
    try await daemon.expectOnce(sandbox, written)
    await sandbox.stop()
    disk.detach()
  }

  @Test func `what the ledger said is stored survives a power cut`() async throws {
    var (told, lost) = (0, 0)
    for cycle in 1...Self.cycles {
      let end = try await Self.cutLedger(
        isLax: false, things: 20 + cycle * 53 % 400, megabytes: Self.megabytes(cycle))
      #expect(end.lost == nil, "cycle \(cycle)")
      if end.lost != nil { lost += 1 }
      told += end.told
    }
    #expect(told > 0)
    print("power cuts: \(Self.cycles), commits looked for: \(told), with commits lost: \(lost)")
  }

  /// The method must be able to fail: told of before they are synced, it does.
  @Test func `what is told before it is synced is lost in a power cut`() async throws {
    var lost = 0
    var cycle = 0
    while cycle < 20, lost == 0 || Self.cycles > 20 {
      cycle += 1
      let end = try await Self.cutLedger(
        isLax: true, things: 20 + cycle * 53 % 400, megabytes: Self.megabytes(cycle))
      if end.lost != nil { lost += 1 }
    }
    #expect(lost > 0, "this method would not notice a loss")
    print("power cuts of commits told before their sync: \(cycle), with commits lost: \(lost)")
  }

  /// On the large disk the log has its full length from the start, on the small one it grows.
  private static func megabytes(_ cycle: Int) -> Int { cycle % 2 == 0 ? 64 : 16 }

  /// One life of a ledger, from its making to the cut.
  /// - Returns: how many commits it had told of, and what of that is missing.
  private static func cutLedger(isLax: Bool, things: Int, megabytes: Int) async throws -> (
    told: Int, lost: String?
  ) {
    let root = FileManager.default.temporaryDirectory.appending(
      path: "powercut-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: root) }
    let disk = try LoopDisk(
      image: root.appending(path: "disk"), on: root.appending(path: "state"),
      megabytes: megabytes)
    defer { disk.detach() }
    let path = disk.folder.appending(path: "crewbell.db").path
    let log = root.appending(path: "told").path
    async let cut = pull(disk, log: log, things: things)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, log = log as String, isLax = isLax as Bool] in
      try await CutLedger.live(path, log: log, isLax: isLax)
    }
    let left = try await cut
    disk.detach()
    try left.attach()
    defer { left.detach() }
    return try await CutLedger.examine(path, log: log)
  }

  /// Waits until the child has told enough, and pulls the plug.
  private static func pull(_ disk: LoopDisk, log: String, things: Int) async throws -> LoopDisk {
    var told: [Substring] = []
    try await wait(seconds: 120, for: "the child to work; see \(log)") {
      told = ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n")
      return told.count > things
    }
    let pid = try #require(told.first.flatMap { Int32($0) })
    try await freeze(pid)
    let left = try disk.cut(as: "left")
    kill(pid, SIGKILL)
    return left
  }
}

/// The ledger whose power is cut, from inside and afterwards.
enum CutLedger {
  static let room = Room(account: "matrix", id: "!lobby")

  /// More would fill the disk where nobody finds the time to pull the plug.
  private static let numbersMax = 1000

  /// Writes down each thing, on another disk, only after the ledger has said that it is synced.
  /// - Parameter isLax: does not ask whether it is.
  static func live(_ path: String, log: String, isLax: Bool) async throws {
    let ledger = try await SQLiteLedger.open(
      at: path, now: Instant(seconds: 1), allowCreate: false, newInstance: "cut")
    let file = creat(log, 0o600)
    func tell(_ line: String) {
      _ = Array((line + "\n").utf8).withUnsafeBytes {
        write(file, $0.baseAddress, $0.count)
      }
    }
    tell("\(getpid())")
    for number in 1...numbersMax {
      let message = Message(
        id: "\(number)", room: room, sender: Identity(account: "matrix", user: "@ana"),
        kind: .text, body: [.text("/done \(number)")], sentAt: Instant(seconds: 1))
      _ = try await ledger.ingest(
        [Arrival(message)], account: "matrix", from: number == 1 ? nil : "\(number - 1)",
        to: "\(number)", now: Instant(seconds: 1), mayWait: number % 3 == 0)
      if !isLax { try await ledger.sync() }
      tell("received \(number)")
      let waiting = try await ledger.waiting(limit: 1)
      let event = Event.members(.renamed(Person(1), "\(number)"))
      let draft = Draft(
        key: "\(number)", target: .room(room), kind: .reply, post: Post(text: Markup("\(number)")))
      let ruling = Ruling(
        cause: .update(waiting[0].number, .done),
        entries: [Entry(team: "t", at: Instant(seconds: 1), event: event)], drafts: [draft])
      var claimed: [Claimed] = []
      if !isLax, number % 2 == 0 {
        let wish = ClaimWish(accounts: ["matrix"], limit: 9)
        claimed = try await ledger.record([ruling], now: Instant(seconds: 1), claiming: wish)
          .claimed
        if !ledger.flush() { throw LedgerFault.unsynced("the disk failed") }
        tell("recorded \(number)")
      } else {
        _ = try await ledger.record([ruling], now: Instant(seconds: 1))
        if !isLax { try await ledger.sync() }
        tell("recorded \(number)")
        claimed = try await ledger.claim(
          accounts: ["matrix"], limit: 9, now: Instant(seconds: 1))
      }
      tell("claimed \(number)")
      try await ledger.settle([(claimed[0].id, .sent(id: "$\(number)"))], now: Instant(seconds: 2))
      if !isLax { try await ledger.sync() }
      tell("settled \(number)")
    }
    // Whoever pulls the plug ends it.
    while true { try await Task.sleep(for: .seconds(60)) }
  }

  static func examine(_ path: String, log: String) async throws -> (told: Int, lost: String?) {
    var last: [Substring: Int] = [:]
    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    for line in lines.dropFirst() {
      let words = line.split(separator: " ")
      if words.count == 2, let number = Int(words[1]) { last[words[0]] = number }
    }
    let told = lines.count - 1
    do {
      let ledger = try await SQLiteLedger.open(
        at: path, now: Instant(seconds: 9), allowCreate: false, newInstance: "cut")
      let lost = try await missing(in: ledger, last)
      await ledger.close()
      return (told, lost)
    } catch {
      return (told, "\(error)")
    }
  }

  private static func missing(
    in ledger: SQLiteLedger, _ last: [Substring: Int]
  ) async throws -> String? {
    let whole = try await ledger.read { try $0.text("PRAGMA integrity_check") }
    guard whole == "ok" else { return whole }
    let cursor = Int(try await ledger.cursor(of: "matrix") ?? "0") ?? 0
    if cursor < last["received"] ?? 0 { return "the cursor is at \(cursor)" }
    let events = try await ledger.verifyChain()
    if events < last["recorded"] ?? 0 { return "\(events) events" }
    for number in 1...max(1, last["settled"] ?? 1) where last["settled"] != nil {
      let id = try await ledger.sentID(ofKey: "\(number)")
      if id != "$\(number)" { return "post \(number) was forgotten" }
    }
    let claimed = last["claimed"] ?? 0
    if claimed > last["settled"] ?? 0 {
      let isSent = try await ledger.sentID(ofKey: "\(claimed)") != nil
      if !isSent, ledger.opening.unknown != 1 { return "claim \(claimed) was forgotten" }
    }
    return nil
  }
}
