import Fakes
import Foundation
import Hostile
import Ledger
import Testing

/// `kill -9` and a spoiled network on every platform that is pulled: the real program, the
/// platform's own strict fake, and the fake's own record of what was delivered. The same on a real
/// homeserver is in `MatrixProgramTests` and `MatrixFaultTests`.
@Suite(.serialized) struct ChatCrashTests {
  /// `make crash` asks for more.
  static let cycles =
    Int(ProcessInfo.processInfo.environment["CYCLES"] ?? "").map { max(3, $0 / 20) } ?? 3

  @Test(arguments: FakePlatform.all)
  func `killed in the middle of a burst, no command is lost or done twice, and no post made twice`(
    platform: FakePlatform
  ) async throws {
    let desk = try await ChatDesk(platform)
    var chance = CrashTests.Chance()
    try await desk.begin()
    for cycle in 1...Self.cycles {
      let before = await desk.host.requests.count
      for number in 1...4 { await desk.write("c\(cycle)n\(number)") }
      desk.daemon.isCalm = cycle % 2 == 0
      try desk.daemon.start()
      try await wait(seconds: 60, for: "a call of \(platform)") {
        await desk.host.requests.count > before
      }
      // Not waiting for luck: when the kill falls is what is being varied.
      try await Task.sleep(for: .milliseconds(.random(in: 0...900, using: &chance)))
      desk.daemon.kill()
    }
    // Where the cursor is stored and what came under it not yet, and where a post has arrived and
    // nobody knows it. No kill by chance falls there in so few.
    try await desk.die(at: .midIngest)
    try await desk.die(at: .afterSend)
    // No server but those that keep a key for an hour knows that post's any more.
    desk.clock.turn(seconds: 600)
    let reckoning = try await desk.reckon()
    CrashTests.report("\(Self.cycles + 2) deaths on \(platform), \(chance): \(reckoning)")
    #expect(reckoning.isClean, "\(platform), \(chance): \(reckoning)")
    // Where the platform takes a key once, or a post can be found, none stays in doubt.
    #expect(desk.discloses || reckoning.disclosed == 0, "\(platform), \(chance): \(reckoning)")
    await desk.end()
  }

  private static let faults: [FaultProxy.Fault] = [
    .cutAnswer(after: 0), .cutAnswer(after: 40), .resetAnswer(after: 20), .halfClose(after: 60),
    .cutRequest(after: 100), .delay(milliseconds: 50),
    .answer("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
  ]
  private static let hotel = FaultProxy.Fault.answer(
    "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\n<html></html")

  @Test(arguments: FakePlatform.all)
  func `whatever befalls its calls, every command is done once and no post made twice`(
    platform: FakePlatform
  ) async throws {
    let desk = try await ChatDesk(platform)
    try await desk.begin()
    try await desk.suffer(posts: Self.faults, polls: Self.faults + [Self.hotel])
    let reckoning = try await desk.reckon()
    #expect(reckoning.isClean, "\(platform): \(reckoning)")
    #expect(desk.discloses || reckoning.disclosed == 0, "\(platform): \(reckoning)")
    await desk.end()
  }
}
