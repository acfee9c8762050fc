import Foundation
import Synchronization

/// Tells a crash from a kill. A trap of our own (an overflow, an index), a signal of the watchdog
/// or a bad pointer leaves a mark on the disk on its way out; `kill -9`, a power cut and the end
/// of memory leave none. So an update that crashes the process is set aside after two marks, and
/// one that merely was under way when somebody pulled the plug is not.
enum CrashMark {
  /// Deaths count so many times towards `Keeper.blameMax`, by whether they left a mark.
  static let blameMarked = 4
  static let blameUnmarked = 1

  private static let signals = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]

  /// Reads whether the last run left a mark, removes it, and watches from now on.
  /// - Returns: what the last run's death counts for.
  static func arm(folder: String) -> Int {
    let path = folder + "/crashed"
    var about = stat()
    let isMarked = stat(path, &about) == 0 && about.st_size > 0
    markDescriptor.store(
      open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600), ordering: .releasing)
    for number in signals { signal(number, leaveMark) }
    return isMarked ? blameMarked : blameUnmarked
  }
}

/// A signal handler can capture nothing, so what it needs is global.
private let markDescriptor = Atomic<Int32>(-1)

/// Calls only what signal-safety(7) allows: an atomic load, write, signal, raise.
private let leaveMark: @convention(c) (Int32) -> Void = { number in
  var byte = UInt8(ascii: "!")
  _ = write(markDescriptor.load(ordering: .acquiring), &byte, 1)
  signal(number, SIG_DFL)
  raise(number)
}
