import Crew
import Dispatch
import Foundation
import Logging
import Synchronization

/// Where log lines go: a descriptor, written by a queue of its own. A reader that stands still
/// (a stopped journal, a full pipe) costs lines, which are counted, and never the daemon's time.
public final class LogOutput: Sendable {
  public enum Style: Sendable {
    /// `<6>` before the line, which journald takes as its priority (sd-daemon(3)); it knows the
    /// time itself.
    case journal
    /// The time in the line, for a terminal or a file.
    case plain
  }

  private struct State {
    var level: Logger.Level
    var waitingBytes = 0
    var dropped = 0
  }

  let style: Style
  let redactor: Redactor
  private let descriptor: Int32
  private let waitingBytesMax: Int
  private let now: @Sendable () -> Instant
  private let state: Mutex<State>
  private let queue = DispatchQueue(label: "log")

  /// - Parameters:
  ///   - now: the clock for lines that carry their time.
  ///   - waitingBytesMax: what may wait for the reader before lines are dropped.
  public init(
    descriptor: Int32 = STDERR_FILENO, style: Style, level: Logger.Level = .info,
    redactor: Redactor, waitingBytesMax: Int = 1024 * 1024, now: @escaping @Sendable () -> Instant
  ) {
    self.descriptor = descriptor
    self.style = style
    self.redactor = redactor
    self.waitingBytesMax = waitingBytesMax
    self.now = now
    state = Mutex(State(level: level))
    // A reader that has gone must not take the daemon with it.
    signal(SIGPIPE, SIG_IGN)
  }

  /// The style that fits: `$JOURNAL_STREAM` names the device and inode of the journal's end
  /// (systemd.exec(5)), and is inherited by processes whose stderr has long been something else.
  public static func style(environment: [String: String], descriptor: Int32 = STDERR_FILENO)
    -> Style
  {
    var about = stat()
    guard let stream = environment["JOURNAL_STREAM"], fstat(descriptor, &about) == 0 else {
      return .plain
    }
    return stream == "\(about.st_dev):\(about.st_ino)" ? .journal : .plain
  }

  /// The level of every logger that was not given one of its own; a reload changes it.
  public var level: Logger.Level {
    get { state.withLock { $0.level } }
    set { state.withLock { $0.level = newValue } }
  }

  /// A factory for `LoggingSystem.bootstrap`.
  public func handler(_ label: String) -> any LogHandler { Logs(label: label, output: self) }

  /// Waits until everything is written, `seconds` at most. True if it is.
  @discardableResult
  public func flush(atMostSeconds seconds: Double) -> Bool {
    let done = DispatchSemaphore(value: 0)
    queue.async { done.signal() }
    return done.wait(timeout: .now() + seconds) == .success
  }

  /// Never waits.
  func write(_ fields: LogFields) {
    let line = lines(fields)
    let isTaken = state.withLock { state in
      guard state.waitingBytes + line.count <= waitingBytesMax else {
        state.dropped += 1
        return false
      }
      state.waitingBytes += line.count
      return true
    }
    if isTaken { queue.async { self.put(line) } }
  }

  private func lines(_ fields: LogFields) -> [UInt8] {
    switch style {
    case .journal: Array("<\(fields.level.priority)>\(fields.json(at: nil))\n".utf8)
    case .plain: Array("\(fields.json(at: now()))\n".utf8)
    }
  }

  private func put(_ line: [UInt8]) {
    push(line)
    let dropped = state.withLock { state in
      state.waitingBytes -= line.count
      defer { state.dropped = 0 }
      return state.dropped
    }
    guard dropped > 0 else { return }
    push(
      lines(
        LogFields(
          level: .warning, label: "log", message: "log lines were dropped: nobody read them",
          more: [("count", .text(String(dropped)))])))
  }

  /// Writes all of it, waiting for the reader. What cannot be written at all is given up.
  private func push(_ line: [UInt8]) {
    var rest = line[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        // Somebody else made the descriptor non-blocking; `poll` waits in its stead.
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&wait, 1, 1000)
      } else if errno != EINTR {
        return
      }
    }
  }
}

extension Logger.Level {
  /// syslog(3).
  var priority: Int {
    switch self {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
