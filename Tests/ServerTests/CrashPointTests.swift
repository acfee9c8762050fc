import Crew
import Foundation
import Ledger
import Platforms
import Sandbox
import Testing

@testable import Daemon

/// The real program with a real file dies at every named point, five times at each: at its first
/// passing, its second and so on, or, where a point is passed once in a life, in five lives in a
/// row. Then nothing is lost, nothing is done or said twice, and what is in doubt is told.
@Suite struct CrashPointTests {
  static let times = 5

  /// Two lanes, so that the machine is used and other suites still get their turn. For work on one
  /// point: `CRASH_POINT=mid-ingest swift test --filter CrashPointTests`.
  private static func lane(_ number: Int) -> [CrashPoint] {
    let only = ProcessInfo.processInfo.environment["CRASH_POINT"]
    return CrashPoint.allCases.enumerated().filter { $0.offset % 2 == number }.map(\.element)
      .filter { only == nil || $0.rawValue == only }
  }

  @Test(.serialized, arguments: lane(0))
  func `killed at a point, nothing is lost or done twice`(_ point: CrashPoint) async throws {
    try await kill(at: point)
  }

  @Test(.serialized, arguments: lane(1))
  func `killed at a point of the other lane, nothing is lost or done twice`(
    _ point: CrashPoint
  ) async throws {
    try await kill(at: point)
  }

  /// What makes the daemon pass a point. A point without a way to it does not compile.
  private func kill(at point: CrashPoint) async throws {
    switch point {
    case .midMigration, .midMarker: try await beforeTheFirstContact(point)
    case .afterLock, .midBegin, .afterBegin, .afterReplay: try await inStarting(point)
    case .afterPoll, .midIngest, .afterIngest, .midAnswer, .beforeRecord, .midRecord, .afterRecord,
      .midClaim, .afterClaim, .beforeSend, .afterSend, .beforeSettle, .midSettle, .afterSettle:
      try await underLoad(point)
    case .afterSuspect: try await amongLeftovers(point)
    case .beforeQuarantine: try await withAPoison(point)
    case .beforeMove, .midMove: try await inMoving(point)
    case .beforeSlots, .afterSlots: try await whenSomebodyIsOutOfReach(point)
    case .whileAnnouncing, .midSnapshot, .afterSnapshot, .atReload: try await inReloading(point)
    case .atStop, .midClose, .afterClose: try await inStopping(point)
    case .midPrune: try await amongOldPosts(point)
    case .afterLogin, .midToken: try await inLoggingIn(point)
    case .betweenSteps: try await onTheWayToADirectRoom(point)
    }
  }

  private func scene(
    _ point: CrashPoint, begins: Bool = true, directs: [Int64] = [],
    _ body: (CrashScene) async throws -> Void
  ) async throws {
    let scene = try await CrashScene()
    do {
      if begins { try await scene.begin() }
      try await body(scene)
      let reckoning = try await scene.reckon(directs: directs)
      #expect(reckoning.isClean, "\(point.rawValue): \(reckoning); see \(scene.daemon.folder.path)")
      #expect(try await scene.daemon.end() == 0)
      if reckoning.isClean { scene.daemon.remove() }
    } catch {
      await scene.end()
      throw error
    }
    await scene.end()
  }

  private func expectDeath(
    _ scene: CrashScene, _ order: String, signal: Int32 = SIGKILL,
    _ stimulus: (Int) async throws -> Void = { _ in }
  ) async throws {
    let isDead = try await scene.life(order, signal: signal, stimulus)
    try #require(isDead, "\(order) was never passed; see \(scene.daemon.folder.path)/log")
  }

  private func underLoad(_ point: CrashPoint) async throws {
    try await scene(point) { scene in
      for time in 1...Self.times {
        try await expectDeath(scene, "\(point.rawValue):\(time)") { round in
          if round <= 300 { await scene.write("\(point.rawValue).\(time).\(round)") }
        }
      }
    }
  }

  private func inStarting(_ point: CrashPoint) async throws {
    try await scene(point) { scene in
      for time in 1...Self.times {
        for number in 1...3 { await scene.write("\(point.rawValue).\(time).\(number)") }
        // A life in between, so that there are claims and updates of a dead process to look at.
        if time > 1 { try await expectDeath(scene, "after-claim:2") }
        scene.daemon.isCalm = time % 2 == 0
        try await expectDeath(scene, point.rawValue)
      }
    }
  }

  /// Every statement of the schema once: the file has the old schema or the new one.
  private func beforeTheFirstContact(_ point: CrashPoint) async throws {
    var passed = 0
    for time in 1...200 {
      let scene = try await CrashScene()
      try scene.daemon.start(crashingAt: "\(point.rawValue):\(time)")
      try await wait(seconds: 40, for: "its death or a first answer") {
        guard scene.daemon.isRunning else { return true }
        await scene.sandbox.write("/kudos mine", as: 101, in: scene.sandbox.group)
        return await scene.sandbox.delivered.contains { $0.text.hasPrefix("None yet") }
      }
      let isDead = scene.daemon.deathSignal == SIGKILL
      if isDead, time == 1 || time % 5 == 0 {
        try await scene.begin()
        #expect(try await scene.reckon().isClean, "\(point.rawValue):\(time)")
      } else if isDead {
        #expect(try await scene.daemon.counts()?.events == 0)
      }
      await scene.end()
      scene.daemon.remove()
      guard isDead else { break }
      passed = time
    }
    #expect(passed >= 1)
  }

  private func amongLeftovers(_ point: CrashPoint) async throws {
    try await scene(point) { scene in
      for time in 1...Self.times {
        try await leave(Self.times, waitingIn: scene, "\(point.rawValue).\(time)")
        try await expectDeath(scene, "\(point.rawValue):\(time)")
      }
    }
  }

  /// What is stored may be answered before the poller hears that it is: then it dies too late.
  private func leave(_ count: Int, waitingIn scene: CrashScene, _ name: String) async throws {
    for round in 1...20 {
      for number in 1...count { await scene.write("\(name).\(round).\(number)") }
      try await expectDeath(scene, "after-ingest")
      if try await scene.daemon.counts()?.waiting ?? 0 >= count { return }
    }
    Issue.record("whatever was stored was answered at once; see \(scene.daemon.folder.path)")
  }

  /// Two crashes of its own set an update aside, five kills before that is stored change nothing,
  /// and the updates behind it are done.
  private func withAPoison(_ point: CrashPoint) async throws {
    try await scene(point) { scene in
      await scene.sandbox.write("/task add the-poison", as: 101, in: scene.group)
      for number in 1...3 { await scene.write("\(point.rawValue).\(number)") }
      try await expectDeath(scene, "before-record")
      for _ in 1...2 { try await expectDeath(scene, "after-suspect:1:trap", signal: SIGILL) }
      for _ in 1...Self.times { try await expectDeath(scene, point.rawValue) }
      try scene.daemon.start()
      try await wait(seconds: 60, for: "the rest to be done") {
        try await scene.daemon.titles().count == 3
      }
      #expect(try await scene.daemon.counts()?.quarantined == 1)
      #expect(try await !scene.daemon.titles().contains("the-poison"))
      scene.daemon.kill()
    }
  }

  private func inMoving(_ point: CrashPoint) async throws {
    try await scene(point) { scene in
      for time in 1...Self.times {
        for number in 1...3 { await scene.write("\(point.rawValue).\(time).\(number)") }
        try await expectDeath(scene, "after-ingest")
        scene.group = await scene.sandbox.upgradeGroup()
        // At the start it follows every room that has moved before.
        try await expectDeath(scene, "\(point.rawValue):\(time)")
      }
    }
  }

  /// Somebody whom the platform does not let us write to is noted, and asked for in the room.
  private func whenSomebodyIsOutOfReach(_ point: CrashPoint) async throws {
    try await scene(point, directs: [102]) { scene in
      let sandbox = scene.sandbox
      for time in 1...Self.times {
        await scene.write("\(point.rawValue).\(time)")
        try await expectDeath(scene, "\(point.rawValue):\(time)") { round in
          guard round % 100 == 1 else { return }
          await sandbox.write("/kudos mine", as: 102, in: 102)
          try await Task.sleep(for: .milliseconds(150))
          await sandbox.inject(
            Fault(
              .error(code: 403, description: "Forbidden: bot was blocked by the user"),
              method: "sendMessage"))
          await sandbox.write("/link", as: 102, in: scene.group)
        }
      }
    }
  }

  private func inReloading(_ point: CrashPoint) async throws {
    try await scene(point) { scene in
      for time in 1...Self.times {
        let title = "\(point.rawValue).\(time)"
        await scene.write(title)
        try await expectDeath(scene, "\(point.rawValue):\(time)") { round in
          guard round % 10 == 0, await scene.isAnswered(title) else { return }
          scene.daemon.signal(SIGHUP)
        }
      }
    }
  }

  private func inStopping(_ point: CrashPoint) async throws {
    try await scene(point) { scene in
      for time in 1...Self.times {
        let title = "\(point.rawValue).\(time)"
        await scene.write(title)
        var isTold = false
        try await expectDeath(scene, point.rawValue) { round in
          guard !isTold, await scene.isAnswered(title) else { return }
          for number in 1...3 { await scene.write("\(title).\(number)") }
          scene.daemon.signal(SIGTERM)
          isTold = true
        }
      }
    }
  }

  /// Posts of a hundred days ago are no longer kept, but their keys are.
  private func amongOldPosts(_ point: CrashPoint) async throws {
    try await scene(point, begins: false) { scene in
      let path = scene.daemon.folder.appending(path: "state/crewbell.db").path
      let now = SystemClock().now()
      let ago = now.adding(hours: -100 * 24)
      func draft(_ number: Int) -> Draft {
        Draft(
          key: "old\(number)",
          target: .room(Room(account: "desk", id: "room\(number)")), kind: .reply,
          post: Post(text: "old"))
      }
      let old = try await SQLiteLedger.open(
        at: path, now: ago, allowCreate: true, newInstance: "old")
      _ = try await old.record(
        [Ruling(cause: .own("test"), drafts: (1...30).map(draft))], now: ago)
      let claimed = try await old.claim(accounts: ["desk"], limit: 100, now: ago)
      try await old.settle(claimed.map { ($0.id, .sent(id: "1")) }, now: ago)
      await old.close()
      for _ in 1...Self.times { try await expectDeath(scene, point.rawValue) }
      try await scene.begin()
      let ledger = try await SQLiteLedger.open(
        at: path, now: now, allowCreate: false, newInstance: "old")
      _ = try await ledger.record(
        [Ruling(cause: .own("test"), drafts: (1...30).map(draft))], now: now)
      #expect(try await ledger.counts().queued == 0)
      await ledger.close()
    }
  }
}

// MARK: - Points that only Matrix has

extension CrashPointTests {
  /// A token that was earned and not kept is earned again; one that was half kept is not used.
  private func inLoggingIn(_ point: CrashPoint) async throws {
    let desk = try await MatrixDesk.prepared()
    try desk.daemon.permitCrashes()
    for _ in 1...Self.times {
      try desk.daemon.start(crashingAt: point.rawValue)
      try await wait(seconds: 40, for: "its death") { !desk.daemon.isRunning }
      #expect(desk.daemon.deathSignal == SIGKILL)
    }
    try desk.daemon.start()
    try await desk.greeted()
    try await desk.ana.say("!task add \(point.rawValue)", in: desk.room)
    try await wait(seconds: 60, for: "an answer; see \(desk.daemon.folder.path)/log") {
      try await desk.words().contains { $0.contains(" \(point.rawValue) ") }
    }
    #expect(!desk.daemon.log.contains("does not answer"))
    #expect(try await desk.daemon.end() == 0)
    desk.daemon.remove()
  }

  /// A direct room is asked for, opened, listed, and then written to. Whatever step is the last,
  /// the post arrives once.
  private func onTheWayToADirectRoom(_ point: CrashPoint) async throws {
    let desk = try await MatrixDesk.prepared()
    try desk.daemon.permitCrashes()
    try desk.daemon.start()
    try await desk.greeted()
    desk.daemon.kill()
    try await desk.ana.say("!link", in: desk.room)
    for time in 1...Self.times {
      try desk.daemon.start(crashingAt: "\(point.rawValue):\(time)")
      try await wait(seconds: 40, for: "its death") { !desk.daemon.isRunning }
      #expect(desk.daemon.deathSignal == SIGKILL)
    }
    try desk.daemon.start()
    try await wait(seconds: 60, for: "the code; see \(desk.daemon.folder.path)/log") {
      guard try await desk.daemon.isQuiet() else { return false }
      return try await !desk.ana.invitations().isEmpty
    }
    var words: [String] = []
    for room in try await desk.ana.invitations() {
      try await desk.ana.join(room)
      words += try await desk.words(in: room)
    }
    #expect(words.count == 1, "\(words)")
    #expect(try await desk.daemon.end() == 0)
    desk.daemon.remove()
  }
}
