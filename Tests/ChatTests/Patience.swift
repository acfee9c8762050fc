/// When a wait has been long enough: after a minute in which the daemon was let in often. Beside
/// tests that hold all threads for long, the minute alone says nothing.
struct Patience {
  private let deadline = ContinuousClock.now + .seconds(60)
  private var looks = 0

  mutating func isOver() -> Bool {
    looks += 1
    return looks > 1000 && ContinuousClock.now > deadline
  }
}
