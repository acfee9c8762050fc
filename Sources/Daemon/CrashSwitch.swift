import Foundation
import Ledger
import Synchronization

/// Ends this process at the k-th passing of a named point, as a test asks for it:
/// `CREWBELL_CRASH_AT=after-send:3`, or `after-suspect:1:trap` for a crash that leaves a mark.
///
/// It is in every build, so that what is tested is what is installed. The variable alone does
/// nothing: the state folder must hold a file named `crash-points`, which the daemon never makes.
/// Whoever can put it there can remove the ledger itself, so nobody gains a power by it, and a
/// variable that was left behind in some environment harms nobody.
enum CrashSwitch {
  static let variable = "CREWBELL_CRASH_AT"
  /// Set to 1, every run is calm from its beginning, see `Calm`: so a test that kills many can kill
  /// each while it has something that is not stored. Needs the same permission.
  static let calmVariable = "CREWBELL_CALM"
  static let permission = "crash-points"

  struct Order: Equatable {
    var point: CrashPoint
    /// Which passing of the point, from 1.
    var occurrence: Int
    var signal = SIGKILL

    /// Nil for what is none.
    init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard (1...3).contains(parts.count), let point = CrashPoint(rawValue: parts[0]) else {
        return nil
      }
      self.point = point
      occurrence = 1
      if parts.count > 1 {
        guard let number = Int(parts[1]), number > 0 else { return nil }
        occurrence = number
      }
      if parts.count > 2 {
        guard parts[2] == "trap" else { return nil }
        signal = SIGILL
      }
    }
  }

  /// What the environment orders, if the state folder permits it.
  /// - Throws: where it orders what there is not, so that no test passes for a misspelt point.
  static func order(environment: [String: String], state: String) throws(FileFaults) -> Order? {
    guard let text = environment[variable],
      FileManager.default.fileExists(atPath: state + "/" + permission)
    else { return nil }
    if let order = Order(text) { return order }
    let names = CrashPoint.allCases.map(\.rawValue).joined(separator: ", ")
    throw FileFaults([
      FileFault(
        file: variable, "`\(text)` is no crash point: write `<name>:<number>`, with one of \(names)"
      )
    ])
  }

  static func isCalm(environment: [String: String], state: String) -> Bool {
    environment[calmVariable] == "1"
      && FileManager.default.fileExists(atPath: state + "/" + permission)
  }

  static func points(_ order: Order?) -> CrashPoints {
    guard let order else { return CrashPoints() }
    let passed = Passed()
    return CrashPoints { point in
      guard point == order.point, passed.next() == order.occurrence else { return }
      // Nothing is flushed, closed or told: as if somebody else had ended the process. A trap
      // takes the way of a real one, by the handler that leaves the mark.
      if order.signal == SIGKILL { kill(getpid(), SIGKILL) } else { raise(order.signal) }
    }
  }

  private final class Passed: Sendable {
    private let number = Atomic(0)
    func next() -> Int { number.add(1, ordering: .relaxed).newValue }
  }
}
