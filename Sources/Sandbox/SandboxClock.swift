import Foundation
import Synchronization

/// How far the page has turned the clock.
public enum Turn: String, Sendable, CaseIterable {
  case hour, morning, monday
}

/// The real clock and how far it was turned ahead. Only ever forward.
final class SandboxClock: Sendable {
  private let real: @Sendable () -> Int64
  private let zone: TimeZone
  let zoneName: String
  private let ahead = Mutex<Int64>(0)

  /// - Parameters:
  ///   - real: milliseconds since 1970.
  ///   - zoneName: as it was asked for; Foundation calls `UTC` by another name.
  init(real: @escaping @Sendable () -> Int64, zone: TimeZone, zoneName: String) {
    self.real = real
    self.zone = zone
    self.zoneName = zoneName
  }

  var milliseconds: Int64 { real() + ahead.withLock { $0 } }
  var isTurned: Bool { ahead.withLock { $0 > 0 } }

  func turn(_ turn: Turn) {
    let now = real()
    ahead.withLock { ahead in ahead = Self.time(turn, after: now + ahead, zone) - now }
  }

  func turn(to milliseconds: Int64) {
    let now = real()
    ahead.withLock { ahead in ahead = max(ahead, milliseconds - now) }
  }

  /// Morning is the next 09:00 there, Monday the next Monday's; a morning that a clock change
  /// skips is the first moment after it.
  static func time(_ turn: Turn, after now: Int64, _ zone: TimeZone) -> Int64 {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let date = Date(timeIntervalSince1970: Double(now) / 1000)
    var wanted = DateComponents(hour: 9, minute: 0, second: 0)
    switch turn {
    case .hour: return now + 3_600_000
    case .morning: break
    case .monday: wanted.weekday = 2
    }
    let next = calendar.nextDate(after: date, matching: wanted, matchingPolicy: .nextTime)
    return next.map { Int64($0.timeIntervalSince1970 * 1000) } ?? now + 3_600_000
  }
}
