import Logging
import Synchronization

/// What is logged at warning or above, a line each.
final class Complaints: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  func logger(_ label: String) -> Logger {
    Logger(label: label) { _ in Handler { [self] line in lines.withLock { $0.append(line) } } }
  }

  private struct Handler: LogHandler {
    let hear: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    init(_ hear: @escaping @Sendable (String) -> Void) { self.hear = hear }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { hear("\(event.message) \(event.metadata ?? [:])") }
  }
}
