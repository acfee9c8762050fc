import Crew
import Foundation
import Ledger
import Logging
import Platforms
import Synchronization
import Testing

@testable import Daemon

/// Slash commands without a vendor: the body is the message's id.
private struct PlainSlash: SlashCommands {
  func hear(_ call: InboundCall, after cursor: Cursor?, now: Instant) -> Heard {
    guard cursor != nil else { return .early }
    guard let id = String(data: call.body, encoding: .utf8), !id.isEmpty else {
      return .refused(status: 401, "no id")
    }
    let message = Message(
      id: id, room: Room(account: "plain", id: "desk"),
      sender: Identity(account: "plain", user: "ana"), body: [.text("help")], sentAt: now)
    return .command(
      SlashCommand(
        message: message, way: Credential(token: "way-CANARY"), until: now.adding(seconds: 60)))
  }

  func answer(_ reply: SlashReply) -> HTTPResponse {
    switch reply {
    case .taken: HTTPResponse(status: 200)
    case .told(let words): HTTPResponse(status: 200, body: Data(words.utf8))
    }
  }

  func whisper(_ post: Post, by way: Credential, number: Int) -> HTTPRequest {
    HTTPRequest(.post, "http://plain/whisper")
  }

  func whispered(_ response: HTTPResponse) -> Whispered { .sent(id: "") }
}

@Suite struct EarTests {
  private let world = World()

  private func ear(_ ledger: any Ledger, _ lines: LogLines? = nil) throws -> Ear {
    var account = Account(name: "plain", platform: Plain(), credential: Credential(token: ""))
    account.slash = PlainSlash()
    let log = Logger(label: "ear") { _ in
      if let lines { lines.handler } else { SwiftLogNoOpLogHandler() }
    }
    return Ear(
      accounts: [account], ledger: ledger, clock: world,
      seal: try #require(Seal(key: Data(repeating: 1, count: Seal.keyBytes))),
      speaker: .alone(try LanguageFiles.load(beside: nil), language: "en"), log: log,
      disk: DiskHealth(log: log, notify: nil))
  }

  private func call(_ ear: Ear, _ id: String) async -> String {
    let response = await ear.answer(
      "/plain", InboundCall(method: "POST", headers: [], body: Data(id.utf8)))
    return "\(response.status) \(String(decoding: response.body, as: UTF8.self))"
  }

  private func begun() async throws -> MemoryLedger {
    let ledger = MemoryLedger(instance: "i1")
    _ = try await ledger.ingest([], account: "plain", from: nil, to: "1", now: world.now())
    return ledger
  }

  @Test func `what is taken is in the inbox, once, with a way that nobody can read`() async throws {
    let ledger = try await begun()
    let ear = try ear(ledger)
    #expect(await call(ear, "a") == "200 ")
    #expect(await call(ear, "a") == "200 ")
    #expect(await call(ear, "b") == "200 ")
    let waiting = try await ledger.waiting(limit: 10)
    #expect(waiting.map(\.message.id) == ["a", "b"])
    let way = try #require(waiting[0].message.ephemeral)
    #expect(!"\(waiting)".contains("CANARY"))
    #expect(ear.seal.open(way.sealed, for: "plain") == Credential(token: "way-CANARY"))
    #expect(try await ledger.cursor(of: "plain") == "1")
  }

  @Test func `what only one person sees leaves only when its claim is on the platter`()
    async throws
  {
    let ledger = try await begun()
    let ear = try ear(ledger)
    _ = await call(ear, "a")
    let way = try #require(try await ledger.waiting(limit: 1).first?.message.ephemeral)
    var post = Post(text: Markup("well"))
    post.ephemeral = way
    let claimed = Claimed(
      id: 1, key: "k", target: .room(World.room), kind: .reply, post: post, progress: nil,
      attempt: 1, createdAt: world.now(), firstSentAt: nil, undisclosed: [])
    for isSynced in [false, true] {
      var bench = try await Bench(
        world, FailingLedger(ledger, failing: isSynced ? "" : "flush"), slash: PlainSlash())
      bench.sender.seal = ear.seal
      let settlement = await bench.sender.carry(claimed)
      #expect((settlement == .sent(id: "")) == isSynced)
      #expect(world.requests == (isSynced ? 1 : 0))
    }
  }

  @Test func `who calls before the first poll is told to try again`() async throws {
    let ear = try ear(MemoryLedger(instance: "i1"))
    #expect(await call(ear, "a").hasPrefix("200 I have only just come here: nothing was done."))
  }

  @Test func `what cannot be stored is told in words, and nothing is stored`() async throws {
    let ledger = try await begun()
    for call in ["ingest", "cursor"] {
      let ear = try ear(FailingLedger(ledger, failing: call))
      #expect(
        await self.call(ear, "a")
          == "200 I could not store that: nothing was done. Try again in a minute.")
      #expect(!ear.fault.isSet)
    }
    #expect(try await ledger.waiting(limit: 10).isEmpty)
  }

  @Test func `a sync that fails ends the daemon, and nobody is told that it counts`() async throws {
    let ear = try ear(FailingLedger(try await begun(), failing: "sync"))
    #expect(await call(ear, "a").hasPrefix("200 My disk failed: I cannot tell"))
    // Where nothing is noted, waiting for it would be for ever.
    try #require(ear.fault.isSet)
    await #expect(throws: LedgerFault.self) { try await ear.fault.wait() }
  }

  /// A poll moves the stream on just before a call is stored, so many times.
  private func overtaken(_ ledger: MemoryLedger, times: Int) -> FailingLedger {
    let left = Mutex(times)
    return FailingLedger(ledger) { [world] from in
      left.withLock { $0 -= 1 }
      guard left.withLock({ $0 >= 0 }), let from, let number = Int(from) else { return }
      _ = try await ledger.ingest(
        [], account: "plain", from: from, to: String(number + 1), now: world.now())
    }
  }

  @Test func `a poll that came between is seen, and the call is stored at where it led`()
    async throws
  {
    for between in [1, Ear.triesMax - 1] {
      let ledger = try await begun()
      let ear = try ear(overtaken(ledger, times: between))
      #expect(await call(ear, "a") == "200 ")
      #expect(!ear.fault.isSet)
      #expect(try await ledger.waiting(limit: 10).map(\.message.id) == ["a"])
      // Where the polls led, and not back to where the call began.
      #expect(try await ledger.cursor(of: "plain") == String(1 + between))
    }
  }

  @Test func `where polls come between each time, it is told in words, and nothing is stored`()
    async throws
  {
    let ledger = try await begun()
    let ear = try ear(overtaken(ledger, times: .max))
    #expect(await call(ear, "a").hasPrefix("200 I could not store that: nothing was done."))
    #expect(!ear.fault.isSet)
    #expect(try await ledger.waiting(limit: 10).isEmpty)
    #expect(try await ledger.cursor(of: "plain") == String(1 + Ear.triesMax))
  }

  @Test func `what came by both ways, in either order, is there once`() async throws {
    let ledger = try await begun()
    let ear = try ear(ledger)
    func poll(_ id: String, from: String, to: String) async throws -> Int {
      let message = Message(
        id: id, room: Room(account: "plain", id: "desk"),
        sender: Identity(account: "plain", user: "ana"), body: [.text("help")],
        sentAt: world.now())
      return try await ledger.ingest(
        [Arrival(message)], account: "plain", from: from, to: to, now: world.now())
    }
    #expect(try await poll("a", from: "1", to: "2") == 1)
    #expect(await call(ear, "a") == "200 ")
    #expect(await call(ear, "b") == "200 ")
    #expect(try await poll("b", from: "2", to: "3") == 0)
    #expect(try await ledger.waiting(limit: 10).map(\.message.id) == ["a", "b"])
    #expect(try await ledger.cursor(of: "plain") == "3")
  }

  @Test func `calls and polls at once: each is stored once, and the stream goes on`() async throws {
    let ledger = try await begun()
    let ear = try ear(ledger)
    let isDone = Latch()
    // As long as there are calls.
    let polling = Task { [world] in
      var number = 1
      while !isDone.isSet {
        _ = try await ledger.ingest(
          [], account: "plain", from: String(number), to: String(number + 1), now: world.now())
        number += 1
        await Task.yield()
      }
      return number
    }
    let answers = await withTaskGroup(of: String.self) { group in
      for number in 1...200 { group.addTask { await call(ear, "s\(number)") } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    isDone.set()
    let last = try await polling.value
    let stored = try await ledger.waiting(limit: 1000).map(\.message.id)
    #expect(Set(stored).count == stored.count && stored.count == answers.count { $0 == "200 " })
    #expect(!ear.fault.isSet)
    #expect(try await ledger.cursor(of: "plain") == String(last))
  }

  @Test func `once an hour and at the end the log says what came in`() async throws {
    let lines = LogLines()
    let ledger = try await begun()
    let ear = try ear(ledger, lines)
    for id in ["a", "a", "b", "", ""] { _ = await call(ear, id) }
    let slow = try self.ear(FailingLedger(ledger, failing: "ingest"), lines)
    _ = await call(slow, "c")
    #expect(lines.all[0] == "warning a call was refused account=plain refused=1 why=no id")
    world.pass(3600)
    ear.tally.tell(world.now())
    ear.tally.tell(world.now(), isLast: true)
    slow.tally.tell(world.now(), isLast: true)
    #expect(
      lines.all.filter { $0.hasPrefix("info") } == [
        "info calls heard account=plain known=1 mean_ms=0 most_ms=0 refused=[no id: 2] taken=2",
        "info calls heard account=plain told_unstored=1",
      ])
  }

  @Test func `how long a platform waited is the mean and the most`() {
    let lines = LogLines()
    let tally = EarTally(Logger(label: "ear") { _ in lines.handler }, now: world.now())
    func note(_ fate: HeardFate, _ milliseconds: Int64) {
      let end = Instant(milliseconds: world.now().milliseconds + milliseconds)
      tally.note(fate, "plain", from: world.now(), to: end)
    }
    for milliseconds: Int64 in [10, 20, 90] { note(.taken, milliseconds) }
    // What was not stored says nothing of how long storing takes.
    note(.greeted, 5000)
    note(.taken, -7)
    tally.tell(world.now(), isLast: true)
    #expect(
      lines.all == ["info calls heard account=plain greeted=1 mean_ms=30 most_ms=90 taken=4"])
  }

  @Test func `the key is made once, for its owner alone, and a wrong one is told of`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let sealed = try SealKey.load(in: folder.path, chance: SystemChance())
      .close(Credential(token: "x"), for: "a")
    let again = try SealKey.load(in: folder.path, chance: SystemChance())
    #expect(again.open(sealed, for: "a") == Credential(token: "x"))
    let file = SealKey.file(in: folder.path)
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
    #expect((mode as? NSNumber)?.intValue == 0o600)
    for wrong in [Data(), Data(count: 31), Data(count: 33)] {
      try wrong.write(to: URL(filePath: file))
      #expect(throws: SmallFile.Problem.self) {
        try SealKey.load(in: folder.path, chance: SystemChance())
      }
    }
  }
}
