import Crew
import Foundation
import Synchronization
import Testing

@testable import Ledger

@Suite(.serialized) struct DurabilityTests {
  /// The child writes down each thing only after the ledger has said that it is stored.
  @Test(arguments: 1...8)
  func `a process killed amid its commits loses none that it was told of`(round: Int) async throws {
    try await withFolder { folder in
      let path = folder.appending(path: "crewbell.db").path
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = path as String, round = round as Int] in
        try await live(path, until: round * 7)
      }
      let told = Told(path)
      #expect(told.received > 0)
      let ledger = try await open(path)
      #expect(try await ledger.verifyChain() >= told.recorded)
      #expect(Int64(try await ledger.cursor(of: "matrix") ?? "0") ?? 0 >= told.received)
      let claims = try await ledger.claimAll(now: at(9))
      #expect(claims.filter { $0.firstSentAt != nil }.count == ledger.opening.unknown)
      for key in 1...max(told.settled, 1) where told.settled > 0 {
        #expect(try await ledger.sentID(ofKey: "\(key)") == "$\(key)")
      }
      if told.claimed > told.settled {
        let sent = try await ledger.sentID(ofKey: "\(told.claimed)") != nil
        #expect(sent || ledger.opening.unknown == 1, "a claim was forgotten")
      }
      await ledger.close()
    }
  }

  @Test(.enabled(if: geteuid() == 0, "needs to mount a small tmpfs"))
  func `a full disk stores nothing, and with room again it goes on`() async throws {
    try await withFolder { folder in
      try #require(
        try run("/bin/mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.path) == 0)
      defer { _ = try? run("/bin/umount", "-l", folder.path) }
      let ledger = try await open(folder.appending(path: "crewbell.db").path)
      let filler = folder.appending(path: "filler").path
      try await survive(ledger) {
        try run("/bin/sh", "-c", "cat /dev/zero > '\(filler)' 2> /dev/null")
      } end: {
        try FileManager.default.removeItem(atPath: filler)
      }
      await ledger.close()
    }
  }

  @Test func `a full database stores nothing, and with room again it goes on`() async throws {
    try await Bench.with(.sqlite) { bench in
      let ledger = try #require(bench.ledger as? SQLiteLedger)
      try await survive(ledger) {
        try await ledger.read { _ = try $0.number("PRAGMA max_page_count = 1") }
      } end: {
        try await ledger.read { _ = try $0.number("PRAGMA max_page_count = 1000000") }
      }
    }
  }

  private func survive(
    _ ledger: SQLiteLedger, begin: () async throws -> Void, end: () async throws -> Void
  ) async throws {
    try await fill(ledger, days: 3)
    try await begin()
    let long = said("long", String(repeating: "long ", count: 40_000))
    for _ in 1...3 {
      #expect(await fault { try await ledger.receive(long) }?.sort == .disk)
    }
    #expect(try await ledger.cursor(of: "matrix") == "+++")
    #expect(try await ledger.waiting(limit: 9).isEmpty)
    try await end()
    #expect(try await ledger.receive(long) == 1)
    #expect(try await ledger.waiting(limit: 9).map(\.message) == [long.message])
    #expect(try await ledger.verifyChain() == 3)
  }
}

/// What a child was told: one line of a file for each thing, written past the cache of the process.
private struct Told {
  var received: Int64 = 0
  var recorded: Int64 = 0
  var claimed: Int64 = 0
  var settled: Int64 = 0

  init(_ path: String) {
    let text = (try? String(contentsOfFile: path + ".told", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 2, let number = Int64(words[1]) else { continue }
      switch words[0] {
      case "received": received = number
      case "recorded": recorded = number
      case "claimed": claimed = number
      default: settled = number
      }
    }
  }
}

/// The child: works, and is killed by a thread of its own in the middle of whatever it does soon
/// after it has told so many things.
private func live(_ path: String, until things: Int) async throws {
  let ledger = try await open(path)
  let file = creat(path + ".told", 0o600)
  let told = Teller(file: file)
  Thread.detachNewThread {
    while told.count.load(ordering: .relaxed) < things { usleep(20) }
    usleep(UInt32(things * 11))
    kill(getpid(), SIGKILL)
  }
  for number in 1... {
    _ = try await ledger.ingest(
      [said("\(number)")], account: "matrix", from: number == 1 ? nil : "\(number - 1)",
      to: "\(number)", now: at(0))
    told.tell("received", number)
    let waiting = try await ledger.waiting(limit: 1)
    let ruling = Ruling(
      cause: .update(waiting[0].number, .done), entries: [entry("\(number)")],
      drafts: [draft("\(number)")])
    _ = try await ledger.record([ruling], now: at(0))
    told.tell("recorded", number)
    let claimed = try await ledger.claimAll(now: at(1))
    told.tell("claimed", number)
    try await ledger.settle(claimed.first, .sent(id: "$\(number)"))
    told.tell("settled", number)
  }
}

private final class Teller: Sendable {
  private let file: Int32
  let count = Atomic<Int>(0)

  init(file: Int32) { self.file = file }

  func tell(_ word: String, _ number: Int) {
    let line = Array("\(word) \(number)\n".utf8)
    _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    count.add(1, ordering: .relaxed)
  }
}
