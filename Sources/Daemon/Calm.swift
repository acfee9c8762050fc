import Crew

/// Whether updates may be answered before they are stored. What kills the process while it is
/// answered would then be forgotten and come again, each time as if it were new; so a run that
/// follows another stores first, until it has lived for longer than any such circle takes.
struct Calm: Sendable {
  static let seconds: Int64 = 600

  let epoch: Int64
  let startedAt: Instant
  var seconds = Calm.seconds

  func holds(_ now: Instant) -> Bool {
    epoch == 1 || now.seconds(since: startedAt) > seconds
  }
}
