import Crew
import Foundation
import Sandbox
import Testing

@testable import Daemon

/// A reminder of the real program, whose minute comes while it is killed before and after the slot
/// is stored.
@Suite struct CrashReminderTests {
  /// Zones without summer time, by their hours from UTC.
  private static let zones: [Int64: String] = [
    -10: "Pacific/Honolulu", -7: "America/Phoenix", -5: "America/Bogota", -3: "America/Sao_Paulo",
    0: "UTC", 3: "Africa/Nairobi", 5: "Asia/Karachi", 7: "Asia/Bangkok", 9: "Asia/Tokyo",
    11: "Pacific/Noumea",
  ]

  @Test func `killed around its slot, a reminder is said once`() async throws {
    let scene = try await CrashScene()
    try await scene.begin()
    // Where it is about noon, so that no working hours and no end of a day are near.
    let now = SystemClock().now().seconds
    let place = try #require(
      Self.zones.first { (10..<16).contains((now / 3600 + $0.key + 24) % 24) })
    try scene.daemon.start()
    await scene.sandbox.write("/team tz \(place.value)", as: 101, in: scene.group)
    // Ten seconds are left for what comes before the minute.
    let due = ((now + 10) / 60 + 1) * 60 + place.key * 3600
    let time = "\(due / 3600 % 24):\(due / 60 % 60 < 10 ? "0" : "")\(due / 60 % 60)"
    await scene.sandbox.write("/checkin schedule daily \(time) mon-sun", as: 101, in: scene.group)
    try await wait(seconds: 10, for: "the schedule; see \(scene.daemon.folder.path)/log") {
      await scene.sandbox.delivered.contains { $0.text.contains("checkin questions") }
    }
    scene.daemon.kill()
    // The minute comes; then it is due at once in each life, until its slot is stored.
    let isRung = try await scene.life("before-slots", seconds: 80) { _ in }
    #expect(isRung, "the minute never came; see \(scene.daemon.folder.path)/log")
    for _ in 1...4 { #expect(try await scene.life("before-slots") { _ in }) }
    #expect(try await scene.life("after-slots") { _ in })
    let reckoning = try await scene.reckon()
    #expect(reckoning.isClean, "\(reckoning)")
    let asked = await scene.sandbox.delivered.count { $0.text.hasPrefix("daily check-in for") }
    #expect(asked == 1)
    await scene.end()
  }
}
